"""What somebody else wrote, as a letter may say it: no address in it can be followed, and it keeps to its line.

`portal.strip_links` in the database does the same for what the API shows.
"""

import re

GONE = "[…]"
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_LETTER = "a-z\u00a1-\u1fff"
_ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*:/+|mailto:|www[.]|(?:[{_LETTER}0-9-]+[.])+[{_LETTER}]{{2,}}(?::[0-9]+)?[/?#])"
    '[^\\s<>"\u3000-\u303f\uff00-\uffef]*',
    re.IGNORECASE,
)
# Mail programs make a link of a bare name like example.com; with a space in it they do not.
_DOT = re.compile(rf"([{_LETTER}0-9])[.](?=[{_LETTER}]{{2}})", re.IGNORECASE)
_WORD = re.compile(r"[\w.+@-]+")


def strip_links(words: str) -> str:
    """The words with […] in place of each address; an address of mail stays, since that is whom to ask."""
    return _WORD.sub(_part_names, strip_addresses(words))


def strip_addresses(words: str) -> str:
    """The words without addresses and hidden signs, and with names like example.com as they are."""
    return _ADDRESS.sub(GONE, _HIDDEN.sub("", words))


def fold(words: str) -> str:
    """The words on one line, so that no line of a letter is theirs."""
    return " ".join(words.split())


def _part_names(found: re.Match[str]) -> str:
    return found[0] if "@" in found[0] else _DOT.sub(r"\1. ", found[0])
