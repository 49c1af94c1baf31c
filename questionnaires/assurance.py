"""(result's trace, assurance statements, day) -> the shares of points declared, documented, verified and contradicted.

It stands beside the result: total and band never depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from questionnaires.points import NONE
from questionnaires.result import Line, Result

Standing = Literal["declared", "documented", "verified", "contradicted"]
# A contradiction is never outvoted; below it the strongest statement stands.
ORDER: tuple[Standing, ...] = ("declared", "documented", "verified", "contradicted")
WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one reviewer found on one answer (all rows where row_id is None).

    `declared` takes back what the reviewer said before. What rests on documents stands through `valid_until`, which a
    contradiction does not have: it does not lapse by itself.
    """

    reviewer: str
    question: str
    row_id: str | None = None
    level: Standing
    as_of: date
    valid_until: date | None = None

    def covers(self, question: str, row_id: str | None) -> bool:
        """Whether it speaks of this answer."""
        return self.question == question and self.row_id in (None, row_id)

    def tell_level(self, day: date) -> Standing:
        """What it comes to on a day: what has run out is declared again."""
        has_lapsed = self.level != "contradicted" and self.valid_until is not None and self.valid_until < day
        return "declared" if has_lapsed else self.level


@dataclass(frozen=True, kw_only=True)
class Earned:
    """The points of one measure as they entered the total."""

    question: str
    row_id: str | None
    points: Fraction


@dataclass(frozen=True, kw_only=True)
class AnswerStanding:
    """How one answer stands; in conflict where one reviewer contradicts what another one documented or verified."""

    question: str
    row_id: str | None
    standing: Standing
    in_conflict: bool


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """Exact shares of the earned points, which add up to 1, or to 0 where no points were earned.

    `answers` are those that some statement counts for, by question and row.
    """

    day: date
    declared: Fraction
    documented: Fraction
    verified: Fraction
    contradicted: Fraction
    answers: tuple[AnswerStanding, ...] = ()


def list_earned(result: Result) -> list[Earned]:
    """The points of a result's measures."""
    return [_earn(line) for line in result.lines]


def _earn(line: Line) -> Earned:
    return Earned(question=line.question, row_id=line.row_id, points=line.share * (line.points or NONE))


def read_earned(lines: Iterable[Mapping[str, Any]]) -> list[Earned]:
    """The same from the lines of a trace, as they are kept."""
    return [
        Earned(
            question=line["question"],
            row_id=line["row"],
            points=Fraction(line["share"]) * Fraction(line["points"] or 0),
        )
        for line in lines
    ]


def summarize_assurance(result: Result, statements: Iterable[Statement], day: date) -> Assurance:
    """The shares of a result on a day."""
    return summarize_points(list_earned(result), statements, day)


def summarize_points(measures: Sequence[Earned], statements: Iterable[Statement], day: date) -> Assurance:
    """Shares on `day`: a statement counts from its own day on, and what has run out counts as declared again.

    Of several statements by one reviewer on one answer the newest counts: the one of the latest day, of equal days the
    one that comes last.
    """
    known = sorted((one for one in statements if one.as_of <= day), key=lambda one: one.as_of)
    said: dict[str, list[Statement]] = {}
    for one in known:
        said.setdefault(one.question, []).append(one)
    earned: dict[Standing, Fraction] = dict.fromkeys(ORDER, NONE)
    for measure in measures:
        about = said.get(measure.question, ())
        earned[_find_standing(measure.question, measure.row_id, about, day).standing] += measure.points
    whole = sum(earned.values(), NONE)
    shares = {standing: points / whole if whole else NONE for standing, points in earned.items()}
    places = {(one.question, one.row_id) for one in known}
    places |= {(one.question, one.row_id) for one in measures if one.question in said}
    found = [_find_standing(*place, said[place[0]], day) for place in sorted(places, key=_spell_place)]
    return Assurance(day=day, **shares, answers=tuple(one for one in found if _is_told(one, measures)))


def _spell_place(place: tuple[str, str | None]) -> tuple[str, str]:
    return (place[0], place[1] or "")


def _is_told(one: AnswerStanding, measures: Sequence[Earned]) -> bool:
    """A statement on all rows is told row by row where the rows are known."""
    has_rows = any(other.question == one.question and other.row_id is not None for other in measures)
    return one.row_id is not None or not has_rows


def _find_standing(question: str, row_id: str | None, statements: Iterable[Statement], day: date) -> AnswerStanding:
    newest = {one.reviewer: one for one in statements if one.covers(question, row_id)}
    levels = {one.tell_level(day) for one in newest.values()}
    return AnswerStanding(
        question=question,
        row_id=row_id,
        standing=max(levels, key=ORDER.index, default="declared"),
        in_conflict="contradicted" in levels and not levels.isdisjoint({"documented", "verified"}),
    )


def find_turns(statements: Iterable[Statement]) -> list[date]:
    """The days on which the shares can become others: in between they stay as they are."""
    turns: set[date] = set()
    for one in statements:
        turns.add(one.as_of)
        if one.valid_until is not None and one.level != "contradicted":
            turns.add(one.valid_until + timedelta(days=1))
    return sorted(turns)


def state_shares(found: Assurance) -> dict[Standing, int]:
    """The shares in whole hundredths of a percent, which add up to 10000 (or to 0): what is lost by rounding down goes
    to where most was lost, of equals to the weaker standing."""
    exact: dict[Standing, Fraction] = {standing: getattr(found, standing) * WHOLE for standing in ORDER}
    stated = {standing: int(share) for standing, share in exact.items()}
    left = int(sum(exact.values(), NONE)) - sum(stated.values())
    by_loss = sorted(ORDER, key=lambda standing: (stated[standing] - exact[standing], ORDER.index(standing)))
    for standing in by_loss[:left]:
        stated[standing] += 1
    return stated
