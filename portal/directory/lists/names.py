"""Company names: the key they are compared by, the looser key that suggests a duplicate, and tokens to search by."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from collections.abc import Iterator
from importlib import resources

from portal.directory import letters

MAXIMUM_TOKENS = 64
_TOKEN_LENGTH = 40
# Brackets and "&" hold words apart that belong apart ("A & B" is not "A B"), so they count in the key;
# names that differ in them alone are suggested as duplicates.
_COUNTED = frozenset("()&")
_PLAIN: dict[int, str | None] = {
    ord(character): None for character in map(chr, range(128)) if unicodedata.category(character)[0] in "CZP"
}
_PLAIN |= {ord("&"): "&"} | dict.fromkeys(map(ord, "([{"), "(") | dict.fromkeys(map(ord, ")]}"), ")")
_OPENING, _CLOSING = "Ps", "Pe"
_MARKS_OF_TRADE = str.maketrans("", "", "®©™℠")
_WORD = re.compile(
    r"&|[^\W_]+(?:[^\W_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3099\u309a])*"
)
_DOTTED = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")
_JOINING = frozenset(("&", "and", "und", "et", "y", "the"))
_SHORT = {"mfg": "manufacturing", "manuf": "manufacturing", "intl": "international", "fty": "factory"}
_SHORT |= {"ind": "industries", "inds": "industries", "industry": "industries", "grp": "group", "tex": "textile"}
_SHORT |= {"textiles": "textile", "garments": "garment", "bros": "brothers", "ent": "enterprise", "trdg": "trading"}
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)


def make_name_key(name: str) -> str:
    """The name without case, width, accents, spaces and punctuation (brackets as "()", and "&", stay).

    Two records of a buyer with the same key and country are the same supplier. A name without a letter or digit
    has the key "". Making the key of a key gives the key.
    """
    folded = letters.fold(name.translate(_MARKS_OF_TRADE))
    key = folded.translate(_PLAIN) if folded.isascii() else "".join(map(_keep, folded))
    return letters.fold(key) if any(map(str.isalnum, key)) else ""


def make_variant_key(name: str) -> str:
    """What is left of a name without its legal form, joining words, brackets and usual abbreviations.

    Names with the same variant key and country may be one supplier; that is for a person to say.
    """
    words = _strip_legal_form(_split_words(name))[0]
    return "".join(_SHORT.get(word, word) for word in words if word not in _JOINING) or make_name_key(name)


def find_legal_form(name: str) -> str | None:
    """The legal form that a name carries ("Ltd", "GmbH", "有限公司"), in one spelling for each, or None."""
    return _strip_legal_form(_split_words(name))[1]


def is_legal_form(text: str) -> bool:
    """Whether a text is a legal form and nothing else ("Ltd.", "S.A. de C.V.")."""
    return " ".join(_split_words(text[:80])) in _index_forms()[0]


def make_name_tokens(name: str) -> tuple[str, ...]:
    """The tokens a name is found by, for a table that is searched by equality or by prefix; at most 64, each once.

    Words are folded as in the key. A run of a script that is written without spaces (Chinese, Japanese, Thai, ...)
    gives every pair of neighboring characters and its last character: 有限公司 -> 有限, 限公, 公司, 司.
    """
    tokens: dict[str, None] = {}
    for word in _split_words(name):
        if word != "&":
            tokens.update(dict.fromkeys(_cut_word(word)))
    return tuple(tokens)[:MAXIMUM_TOKENS]


def make_search_tokens(text: str) -> tuple[str, ...]:
    """The tokens that all have to be found for a search text; each matches as a prefix.

    A single character of a script without spaces is found as the beginning of a pair.
    """
    tokens: dict[str, None] = {}
    for word in _split_words(text):
        pieces = list(_cut_word(word)) if word != "&" else []
        runs = _WITHOUT_SPACES.fullmatch(word)
        tokens.update(dict.fromkeys(pieces[:-1] if runs and len(pieces) > 1 else pieces))
    return tuple(tokens)[:MAXIMUM_TOKENS]


def _keep(character: str) -> str:
    if character.isalnum() or character in _COUNTED:
        return character
    category = unicodedata.category(character)
    if category in (_OPENING, _CLOSING):
        return "(" if category == _OPENING else ")"
    return character if category[0] in "MSN" else ""


def _cut_word(word: str) -> Iterator[str]:
    end = 0
    for run in _WITHOUT_SPACES.finditer(word):
        if run.start() > end:
            yield word[end : run.start()][:_TOKEN_LENGTH]
        text = run[0]
        yield from (text[at : at + 2] for at in range(len(text)))
        end = run.end()
    if end < len(word):
        yield word[end:][:_TOKEN_LENGTH]


def _split_words(name: str) -> list[str]:
    """Folded words; dotted abbreviations and single letters in a row become one ("S. A. de C.V." -> sa de cv)."""
    text = _DOTTED.sub("", letters.fold(name.translate(_MARKS_OF_TRADE))).replace("'", "").replace("’", "")
    words: list[str] = []
    joins = False
    for word in _WORD.findall(text):
        single = len(word) == 1 and word.isalpha() and word.isascii()
        if single and joins:
            words[-1] += word
        else:
            words.append(word)
        joins = single
    return words


def _strip_legal_form(words: list[str]) -> tuple[list[str], str | None]:
    """Takes legal forms off the end and the beginning, the longest first; a name that is nothing else stays."""
    found: str | None = None
    changed = True
    while changed and words:
        changed = False
        for cut in (_cut_end, _cut_start, _cut_characters):
            rest, form = cut(words)
            if form and rest:
                words, found, changed = rest, found or form, True
    return words, found


def _cut_end(words: list[str]) -> tuple[list[str], str | None]:
    forms, longest = _index_forms()
    for count in range(min(longest, len(words) - 1), 0, -1):
        form = forms.get(" ".join(words[-count:]))
        if form:
            return words[:-count], form
    return words, None


def _cut_start(words: list[str]) -> tuple[list[str], str | None]:
    forms, longest = _index_forms()
    for count in range(min(longest, len(words) - 1), 0, -1):
        phrase = " ".join(words[:count])
        # Short Latin forms stand in front in Indonesia, Russia and Vietnam alone: "SA Textiles" is a name.
        if phrase in forms and (
            count > 1 or not phrase.isascii() or phrase in ("pt", "tnhh", "ctcp", "ooo", "uab", "sia")
        ):
            return words[count:], forms[phrase]
    return words, None


def _cut_characters(words: list[str]) -> tuple[list[str], str | None]:
    """Legal forms of scripts without spaces stand inside the last or the first word."""
    last, first = words[-1], words[0]
    for form in _list_inner_forms() if not (last.isascii() and first.isascii()) else ():
        if last.endswith(form) and last != form:
            return [*words[:-1], last.removesuffix(form)], _index_forms()[0][form]
        if first.startswith(form) and first != form:
            return [first.removeprefix(form), *words[1:]], _index_forms()[0][form]
    return words, None


@functools.cache
def _index_forms() -> tuple[dict[str, str], int]:
    text = resources.files("portal.directory.lists").joinpath("data", "legal_forms.csv").read_text(encoding="utf-8")
    forms = {
        " ".join(_split_words(spelling)): row["form"]
        for row in csv.DictReader(text.splitlines())
        for spelling in row["spellings"].split("|")
    }
    return forms, max(phrase.count(" ") + 1 for phrase in forms)


@functools.cache
def _list_inner_forms() -> tuple[str, ...]:
    """Longest first, so that 股份有限公司 goes before 有限公司."""
    inner = [form for form in _index_forms()[0] if len(form) > 1 and not form.isascii() and " " not in form]
    scripts = [form for form in inner if _WITHOUT_SPACES.fullmatch(form) or "\uac00" <= form[0] <= "\ud7a3"]
    return tuple(sorted(scripts, key=len, reverse=True))
