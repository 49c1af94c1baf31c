"""What is wrong with a questionnaire file: each fault names the file, the place and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

MAX_DEPTH = 20
Path = tuple[str | int, ...]
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault; `subject` is "responsible-sourcing 2.0.0" or "profile 2 of responsible-sourcing 2.0.0"."""

    subject: str
    where: str
    message: str
    file: str = ""
    line: int | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        where = f"{self.where}: " if self.where else ""
        warning = "warning: " if self.severity == "warning" else ""
        return f"{place}{self.subject}: {where}{warning}{self.message}"


class ReadingError(ValueError):
    """A file or document cannot be used; carries all its faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


def make_printable(text: str) -> str:
    """A message may quote a file: what a terminal would act on, or cannot be written, is spelled out."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


@dataclass(frozen=True)
class Place:
    """Where in a document: the path of keys and indexes, and the words a person knows it by."""

    path: Path = ()
    labels: tuple[str, ...] = ()

    def enter(self, step: str | int, label: str | None = None) -> Place:
        return Place((*self.path, step), self.labels if label is None else (*self.labels, label))

    @property
    def where(self) -> str:
        return ", ".join(self.labels)


@dataclass
class FaultList:
    """Collects faults of one document; `lines` maps paths to line numbers when it came from a file."""

    subject: str
    file: str = ""
    lines: Mapping[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    # Places where a required field had to be replaced by a stand-in: further faults there would only mislead.
    broken: set[str] = field(default_factory=set)

    def add(self, place: Place, message: str, severity: Literal["error", "warning"] = "error") -> None:
        self.faults.append(
            Fault(
                subject=make_printable(self.subject),
                where=make_printable(place.where),
                message=make_printable(message),
                file=self.file,
                line=self._find_line(place.path),
                severity=severity,
            )
        )

    def add_finding(self, place: Place, message: str, severity: Literal["error", "warning"] = "error") -> None:
        """Add a fault of the lint, unless the place could not even be read."""
        if place.where not in self.broken:
            self.add(place, message, severity)

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]

    def _find_line(self, path: Path) -> int | None:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)
