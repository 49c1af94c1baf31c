"""What is wrong with a questionnaire file: each fault names the file, the place and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

MAX_DEPTH = 20
# More than anyone mends at once; without an end, a file made to be wrong everywhere would fill the memory with words.
MAX_FAULTS = 1_000
# A fault may quote what is in the file: names long enough to find the place, messages for a list of what is allowed.
_MAX_NAME = 80
_MAX_MESSAGE = 2_000
Path = tuple[str | int, ...]
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault; `subject` is "responsible-sourcing 2.0.0" or "profile 2 of responsible-sourcing 2.0.0"."""

    subject: str
    where: str
    message: str
    file: str = ""
    line: int | None = None
    severity: Literal["error", "warning"] = "error"
    path: Path = ()

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


def shorten(text: str, most: int = _MAX_NAME) -> str:
    """The beginning of a text that is longer than `most` characters."""
    return text if len(text) <= most else f"{text[:most]}..."


@dataclass(frozen=True)
class Place:
    """Where in a document: the path of keys and indexes, and the words a person knows it by, each shortened."""

    path: Path = ()
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(label) > _MAX_NAME for label in self.labels):
            object.__setattr__(self, "labels", tuple(shorten(label, _MAX_NAME - 3) for label in self.labels))

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
    # Where a stand-in had to take the place of what could not be read, and all that such a place is inside of: a
    # finding about a stand-in would only mislead.
    broken: set[Path] = field(default_factory=set)
    touched: set[Path] = field(default_factory=set)
    # Questions whose type, tier or key is not known for certain, by key: what names them is not judged by them.
    unsure: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        place: Place,
        message: str,
        severity: Literal["error", "warning"] = "error",
        *,
        line: int | None = None,
    ) -> None:
        """Add a fault, in the line of its place unless another is given.

        Past MAX_FAULTS of one severity it is only said that there are more.
        """
        count = self.counts[severity] = self.counts.get(severity, 0) + 1
        if count > MAX_FAULTS + 1:
            return
        if count > MAX_FAULTS:
            place, message = Place(), f"more than {MAX_FAULTS} {severity}s; the others are not listed"
        self.faults.append(
            Fault(
                subject=make_printable(shorten(self.subject, 3 * _MAX_NAME)),
                where=make_printable(place.where),
                message=make_printable(shorten(message, _MAX_MESSAGE)),
                file=self.file,
                line=line or self._find_line(place.path),
                severity=severity,
                path=place.path,
            )
        )

    def add_finding(self, place: Place, message: str, severity: Literal["error", "warning"] = "error") -> None:
        """Add a fault of the lint, unless its place, or a field that it begins with, could not even be read."""
        fields = message.partition(":")[0].split(", ")
        if place.path not in self.broken and not self.is_touched(place, *fields):
            self.add(place, message, severity, line=self.lines.get((*place.path, fields[0])))

    def name(self, subject: str) -> None:
        """Say what the document is, also in the faults that were found before that was known."""
        self.subject = subject
        told = make_printable(shorten(subject, 3 * _MAX_NAME))
        self.faults = [replace(fault, subject=told) for fault in self.faults]

    def break_at(self, place: Place) -> None:
        """Say that what is at this place could not be read."""
        self.broken.add(place.path)
        self.touched.update(place.path[:length] for length in range(len(place.path) + 1))

    def is_touched(self, place: Place, *fields: str) -> bool:
        """Whether something at or below one of the fields of this place could not be read."""
        return any((*place.path, name) in self.touched for name in fields)

    @property
    def is_full(self) -> bool:
        """Whether further errors would not be listed."""
        return self.counts.get("error", 0) > MAX_FAULTS

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]

    def _find_line(self, path: Path) -> int | None:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)
