"""A long act of which nobody is told how far it is."""


class Quiet:
    """Takes what a line of progress would."""

    def begin(self, what: str, total: int | None = None) -> None:
        pass

    def advance(self, parts: int = 1) -> None:
        pass
