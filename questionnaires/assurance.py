"""(result, assurance statements, day) -> the shares of points declared, documented, verified and contradicted.

It stands beside the result: total and band never depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from questionnaires.points import NONE
from questionnaires.result import Line, Result

Level = Literal["documented", "verified", "contradicted"]
Standing = Literal["declared", "documented", "verified", "contradicted"]
# A contradiction is never outvoted; below it the strongest statement stands.
_ORDER: tuple[Standing, ...] = ("declared", "documented", "verified", "contradicted")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one reviewer found on one answer (all rows where row_id is None), valid through `valid_until`."""

    reviewer: str
    question: str
    row_id: str | None = None
    level: Level
    as_of: date
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """Exact shares of the earned points, which add up to 1, or to 0 where no points were earned."""

    day: date
    declared: Fraction
    documented: Fraction
    verified: Fraction
    contradicted: Fraction


def summarize_assurance(result: Result, statements: Iterable[Statement], day: date) -> Assurance:
    """Shares on `day`: a statement counts from its own day on, and what has run out counts as declared again."""
    live = _take_latest([s for s in statements if s.as_of <= day])
    live = [s for s in live if s.valid_until is None or day <= s.valid_until]
    earned: dict[Standing, Fraction] = dict.fromkeys(_ORDER, NONE)
    for line in result.lines:
        earned[_find_standing(line, live)] += line.share * (line.points or NONE)
    whole = sum(earned.values(), NONE)
    shares = {standing: points / whole if whole else NONE for standing, points in earned.items()}
    return Assurance(
        day=day,
        declared=shares["declared"],
        documented=shares["documented"],
        verified=shares["verified"],
        contradicted=shares["contradicted"],
    )


def _take_latest(statements: list[Statement]) -> list[Statement]:
    """Of several statements by one reviewer on one answer the latest stands."""
    ordered = sorted(statements, key=lambda statement: statement.as_of)
    return list({(s.reviewer, s.question, s.row_id): s for s in ordered}.values())


def _find_standing(line: Line, statements: list[Statement]) -> Standing:
    levels: list[Standing] = [
        s.level for s in statements if s.question == line.question and s.row_id in (None, line.row_id)
    ]
    return max(levels, key=_ORDER.index, default="declared")
