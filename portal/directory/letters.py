"""How text of any script is folded, so that two spellings of the same thing compare equal."""

from __future__ import annotations

import functools
import unicodedata

# Letters that Unicode does not take apart into a base letter and an accent.
_PLAIN = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ŀ": "l", "ħ": "h", "ŧ": "t"}
)
_ACCENTS = range(0x0300, 0x0370)
# Vowel signs that Arabic and Hebrew writers leave out or put in at will, and the Arabic line stretcher.
_OPTIONAL_MARKS = frozenset(map(chr, [0x0640, *range(0x064B, 0x0653), 0x0670, *range(0x0591, 0x05BE)]))
_FOLDED_SCRIPTS = ("LATIN", "GREEK")
_ROUNDS = 6
_SHORT = 200  # characters of a text that is kept folded for a while: cells of a list come again and again
_NO_WORD = {code: None for code in range(128) if not chr(code).isalnum()}


def fold(text: str) -> str:
    """Text without case, width and accents; spaces and punctuation stay.

    Accents go from Latin and Greek letters only: in other scripts (Japanese, Thai, Hindi, Cyrillic) a mark makes
    another letter. Folding twice gives the same as folding once.
    """
    if text.isascii():
        return text.lower()
    return _fold_short(text) if len(text) <= _SHORT else _fold_all(text)


def compact(text: str) -> str:
    """Folded text with its letters, digits and marks alone: what is left to compare a country or a header by."""
    folded = fold(text)
    if folded.isascii():
        return folded if folded.isalnum() else folded.translate(_NO_WORD)
    return "".join(filter(is_word_character, folded))


def is_word_character(character: str) -> bool:
    """Whether a character belongs to a word: a letter, a digit, or a mark that completes a letter."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def clean(text: str) -> str:
    """One line of text as it is stored: composed, without invisible characters, runs of spaces made one."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return " ".join(composed.split())
    return " ".join("".join(map(_show, composed)).split())


def _show(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\n\r\v\f\x85":
        return " "
    # Joiners shape Persian and Indian words, so they stay; other invisible characters go.
    if category in ("Cc", "Cf", "Cs", "Co") and character not in "\u200c\u200d":
        return ""
    return character


@functools.lru_cache(maxsize=4096)
def _fold_short(text: str) -> str:
    return _fold_all(text)


def _fold_all(text: str) -> str:
    for _ in range(_ROUNDS):
        folded = _fold_once(text)
        if folded == text or folded.isascii():
            return folded.lower() if folded.isascii() else folded
        text = folded
    return text


def _fold_once(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept: list[str] = []
    folds = False
    for character in unicodedata.normalize("NFKD", decomposed):
        if character.isascii():
            kept.append(character)
            folds = True
            continue
        if character in _OPTIONAL_MARKS or unicodedata.category(character) in ("Cf", "Cs"):
            continue
        if ord(character) in _ACCENTS:
            if not folds:
                kept.append(character)
            continue
        if not unicodedata.combining(character):
            folds = _has_folded_script(character)
        kept.append(character)
    return unicodedata.normalize("NFKC", "".join(kept).translate(_PLAIN))


@functools.lru_cache(maxsize=4096)
def _has_folded_script(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith(_FOLDED_SCRIPTS)


_BLANKS = frozenset(
    {
        *("", "-", "--", "---", "–", "—", "?", ".", "/", "n/a", "n.a.", "n/d", "#n/a", "#n/d", "#nv", "(blank)"),
        *("nil", "null", "none", "tbd", "tba", "unknown", "unbekannt", "k.a.", "s/n", "s.d.", "无", "なし"),
    }
)


def is_blank(text: str) -> bool:
    """Whether a cell says nothing: empty, or one of the ways in which people write "not available".

    "NA" alone is not among them: as a country it is Namibia.
    """
    return text.casefold() in _BLANKS
