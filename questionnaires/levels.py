"""Levels of a section: a higher one counts only where each measure below it earns enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from questionnaires.points import NONE
from questionnaires.profile import Level, Profile
from questionnaires.result import COUNTED, Line


def close_levels(profile: Profile, drawn: Iterable[Line]) -> tuple[Line, ...]:
    """The lines with the points of closed levels held back, section by section.

    What does not count (not applicable, declined, disabled) stands in nobody's way.
    """
    lines = tuple(drawn)
    if not profile.levels:
        return lines
    closed = {key: _find_closed(profile, [line for line in lines if line.section == key]) for key in _sections(lines)}
    return tuple(_hold_back(line, closed[line.section]) for line in lines)


def release(line: Line) -> Line:
    """The line as it was before its level was looked at."""
    if line.held is None:
        return line
    why = {key: value for key, value in line.why.items() if key != "closed_by"}
    return replace(line, points=line.held, held=None, why=why)


def _sections(lines: Iterable[Line]) -> set[str]:
    return {line.section for line in lines}


def _find_closed(profile: Profile, inside: list[Line]) -> dict[str, Line]:
    """By level, the first measure below it that earns too little; levels that are open are left out."""
    found = {}
    for rank, level in enumerate(profile.levels):
        below = {lower.key for lower in profile.levels[:rank]}
        short = [line for line in inside if line.level in below and _falls_short(line, level)]
        if short:
            found[level.key] = short[0]
    return found


def _falls_short(line: Line, level: Level) -> bool:
    return line.status in COUNTED and (line.points or NONE) < level.requires


def _hold_back(line: Line, closed: dict[str, Line]) -> Line:
    blocking = closed.get(line.level or "")
    if blocking is None or line.points is None:
        return line
    why = {**line.why, "closed_by": blocking.question}
    return replace(line, points=NONE, held=line.points, why=why)
