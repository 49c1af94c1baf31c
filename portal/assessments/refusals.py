"""Why a file is refused: a stable code for programs, and for people what is wrong and what to do."""

WORDS = {
    "EMPTY": "The file has no content. Choose it again and look at its size first.",
    "TYPE_NOT_ALLOWED": "This kind of file is not accepted. Send a PDF, DOCX, XLSX, PPTX, CSV, TXT, JPG, PNG or HEIC.",
    "EXTENSION_MISMATCH": "The end of the file's name does not fit its content. Give it the name it was saved under.",
    "OLD_FORMAT": "This is a file of an old office program. Save it as DOCX, XLSX or PPTX, or print it to a PDF.",
    "MACROS": "The file holds macros, which are small programs. Save it without macros, or print it to a PDF.",
    "ACTIVE_CONTENT": "The file holds a program that runs when it is opened. Print it to a new PDF and send that.",
    "EMBEDDED_FILES": "Another file or program is packed inside this one. Take it out and send it by itself.",
    "ENCRYPTED": "The file is locked with a password, so nobody could read it. Send it without the password.",
    "CORRUPT": "The file is damaged or was cut off. Open it to see whether it is whole, then send it again.",
    "ZIP_BOMB": "The file grows far too large when it is opened. Save it anew, or print it to a PDF.",
    "TOO_MANY_PIXELS": "The picture is too large. Send it with at most 100 million points and 30,000 on a side.",
    "VIRUS": "A virus scanner found something harmful in the file. Look after the device it came from.",
    "TOO_LARGE_TO_SCAN": "The file is larger than the virus scanner of this portal takes. Send a smaller one.",
    "CHANGED": "The file changed on its way to us. Send it again.",
}


class Refused(Exception):
    """A file that is not taken; `code` is one of WORDS."""

    def __init__(self, code: str) -> None:
        super().__init__(WORDS[code])
        self.code = code


def explain(code: str) -> str:
    """What a code means, in plain words."""
    return WORDS[code]
