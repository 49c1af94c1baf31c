"""Shows how far a long act is on the error output; a line for each step where that is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Steps:
    """A bar for the step that is under way."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.task: TaskID | None = None

    def begin(self, what: str, total: int | None = None) -> None:
        """A new step; the one before it is over."""
        if not self.bar.console.is_terminal:
            self.bar.console.print(f"{what} ...", highlight=False)
        if self.task is not None:
            self.bar.remove_task(self.task)
        self.task = self.bar.add_task(what, total=total)

    def advance(self, parts: int = 1) -> None:
        """Some parts of it are done."""
        if self.task is not None:
            self.bar.advance(self.task, parts)


@contextmanager
def open_steps() -> Iterator[Steps]:
    """Bars that are gone at the end."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Steps(bar)
