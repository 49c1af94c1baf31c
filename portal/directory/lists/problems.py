"""What can be wrong with a supplier list: reasons to refuse the file, and reasons that stand beside a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal import errors


class ListRefused(errors.InvalidInput):
    """The file or the mapping of its columns cannot be used at all; `allowed` says what can."""

    code = "LIST_REFUSED"

    def __init__(self, message: str, *, code: str, allowed: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(f"{message} {allowed}".strip(), code=code, path=path)
        self.reason = message
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about one row: `line` as a person counts it in the file, the column's header, and the value shown.

    `code` is stable; `text` is the sentence for people; `allowed` says what would be accepted.
    """

    line: int
    column: str
    value: str
    code: str
    text: str
    allowed: str = ""


_SHOWN = 80


def shorten(value: str) -> str:
    """A value as a message shows it: printable, and cut to 80 characters."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in value)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
