"""Who is told how far a long act is."""

from typing import Protocol


class Progress(Protocol):
    """Shows the step that is under way."""

    def begin(self, what: str, total: int | None = None) -> None:
        """A new step, with as many parts."""

    def advance(self, parts: int = 1) -> None:
        """Some parts of it are done."""
