"""What names, addresses, languages and time zones may look like; all problems of an input are told at once."""

import functools
import re
import unicodedata
import zoneinfo

from portal import errors

NAME_LENGTH = 200
EMAIL_LENGTH = 254
TEXT_LENGTH = 500
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@(?=.{4,189}$)([^\W_]([\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]")
# They turn the letters behind them around, so that a reader sees another name or address than stands there.
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_COUNTRY = re.compile(r"[A-Z]{2}")


@functools.cache
def list_time_zones() -> frozenset[str]:
    """The names of the time zone database."""
    return frozenset(zoneinfo.available_timezones())


def is_locale(text: str) -> bool:
    """Whether a text is a language tag as people and browsers write it."""
    return _LOCALE.fullmatch(text) is not None


def is_control(letter: str) -> bool:
    """Whether a letter is none: a control, half of a pair, one of nobody's, or one that turns text around."""
    return letter in DIRECTION_CONTROLS or unicodedata.category(letter) in ("Cc", "Cs", "Co")


def normalize_email(text: str) -> str:
    """One spelling for each address: mail servers that tell upper from lower case are not met with."""
    return unicodedata.normalize("NFC", text.strip()).lower()


class Reading:
    """Reads the fields of one input and gathers what is wrong; `finish` raises when anything was."""

    def __init__(self) -> None:
        self.problems: list[errors.FieldProblem] = []

    def refuse(self, field: str, code: str, message: str) -> None:
        """Note one problem of a field; a message that begins with its name says it in words."""
        words = field.replace("_", " ") + message.removeprefix(field) if message.startswith(field) else message
        self.problems.append(errors.FieldProblem((field,), code, words))

    def read_name(self, field: str, text: str, *, longest: int = NAME_LENGTH) -> str:
        """A name with single spaces, 1 to `longest` characters, none of them controls."""
        name = " ".join(unicodedata.normalize("NFC", text).split())
        if not 1 <= len(name) <= longest:
            self.refuse(field, "LENGTH", f"{field} must have 1 to {longest} characters; it has {len(name)}.")
        if any(map(is_control, name)):
            self.refuse(field, "CHARACTERS", f"{field} must not hold control characters.")
        return name

    def read_remark(self, field: str, text: str | None, *, needed: bool = False) -> str | None:
        """A free text of at most TEXT_LENGTH characters; an empty one is none."""
        if text is None or not text.strip():
            if needed:
                self.refuse(field, "REQUIRED", f"{field} must be given.")
            return None
        return self.read_name(field, text, longest=TEXT_LENGTH)

    def read_email(self, field: str, text: str) -> str:
        """An e-mail address in its one spelling."""
        email = normalize_email(text)
        if len(email) > EMAIL_LENGTH or _EMAIL.fullmatch(email) is None or ".." in email:
            self.refuse(field, "EMAIL", f'{field} must be an e-mail address like "name@example.com".')
        return email

    def read_locale(self, field: str, text: str) -> str:
        """A BCP 47 language tag of the form language[-Script][-REGION]."""
        if not is_locale(text):
            self.refuse(field, "LOCALE", f'{field} must be a language tag, like "en" or "pt-BR".')
        return text

    def read_time_zone(self, field: str, text: str) -> str:
        """A name of the time zone database."""
        if text not in list_time_zones():
            self.refuse(field, "TIME_ZONE", f'{field} must be a name of the time zone database, like "Asia/Dhaka".')
        return text

    def read_country(self, field: str, text: str | None) -> str | None:
        """A country code of two capital letters; which ones exist is checked where the input comes in."""
        if text is not None and _COUNTRY.fullmatch(text) is None:
            self.refuse(field, "COUNTRY", f'{field} must be an ISO 3166-1 code of two capital letters, like "VN".')
        return text

    def read_choice(self, field: str, text: str, allowed: tuple[str, ...]) -> str:
        """One of a closed set."""
        if text not in allowed:
            self.refuse(field, "CHOICE", f"{field} must be one of: {', '.join(allowed)}.")
        return text

    def finish(self) -> None:
        """Raise InvalidInput with every problem that was noted."""
        if self.problems:
            words = " ".join(problem.message for problem in self.problems)
            raise errors.InvalidInput(words, path=self.problems[0].path, problems=self.problems)
