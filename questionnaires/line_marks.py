"""What a line of a table was handed out with: a short mark in its last cell, by which an untouched line is known."""

from __future__ import annotations

import hashlib

from questionnaires import canonical, filling
from questionnaires.answers import Answer, AnswerKey
from questionnaires.filling import Stamp

PLACE = 8  # hexadecimal digits
# A letter that no number has, or a spreadsheet would save digits such as 12e456 as another number.
BEGIN = "x"


def write_mark(stamp: Stamp, key: AnswerKey, answer: Answer | None) -> str:
    """The mark of an answer, or of none; empty where nobody knows what the table is about."""
    return f"{BEGIN}{_name_place(stamp, key)}{filling.digest_answer(answer)}" if stamp.place else ""


def read_mark(stamp: Stamp, key: AnswerKey, text: str) -> str | None:
    """The digest of the answer that was handed out, empty for none.

    None where the line has no mark, or that of another row or site, from where it was copied.
    """
    begin = f"{BEGIN}{_name_place(stamp, key)}"
    mark = text.strip()
    return mark.removeprefix(begin) if stamp.place and mark.startswith(begin) else None


def _name_place(stamp: Stamp, key: AnswerKey) -> str:
    return hashlib.sha256(canonical.write_canonical([stamp.place, *key])).hexdigest()[:PLACE]
