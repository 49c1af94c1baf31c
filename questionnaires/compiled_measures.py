"""Measures of a tier, compiled: from the answers of a walk to how each measure stands and what it earns.

What an option or a number earns is awarded once by the interpreter (points.py, decay.py) and remembered.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from questionnaires import decay, lines
from questionnaires.answers import AnswerKey
from questionnaires.compiling import Walk
from questionnaires.definition import Definition, Question, Section, Value
from questionnaires.points import FULL, NONE, award_points, find_unknown
from questionnaires.profile import Profile, QuestionScore
from questionnaires.result import COUNTED, Line, Status

# Values of one measure that are remembered; a number may have any of them.
MAX_KEPT = 256
# More parts of a point than this are not looked for: figures are then fractions.
MAX_PARTS = 2**64
USUAL_DECIMALS = 2  # of numbers whose question does not say how many they have

# Whole parts where they fit, and fractions where rows share a weight or points have other parts.
Number: TypeAlias = int | Fraction
# What a measure adds to the sums of its section: weight times points, the weight of what is known, of what counts and
# earns nothing, of what is not applicable, of what was declined; and how many lines count.
Amounts: TypeAlias = tuple[Number, Number, Number, Number, Number, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """Into how many parts a unit of weight and a point are divided, so that sums are whole numbers."""

    weight: int
    point: int


class Cell:
    """How a measure stands with one answer, and what it adds where its weight is not shared with other rows."""

    __slots__ = ("amounts", "is_kept", "points", "status", "why")

    def __init__(
        self, status: Status, points: Fraction | None, why: Mapping[str, Any], weight: int, point: int
    ) -> None:
        self.status, self.points, self.why = status, points, why
        counts = status in COUNTED
        self.amounts: Amounts = (
            simplify((points or NONE) * weight * point) if counts else 0,
            weight if status == "value" else 0,
            weight if counts and status != "value" else 0,
            weight if status == "not_applicable" else 0,
            weight if status == "declined" else 0,
            int(counts),
        )
        self.is_kept = True


@dataclass(frozen=True, slots=True)
class Rows:
    """The cells of a measure inside a group, by row; a group without rows has one cell, of no row."""

    row_ids: tuple[str | None, ...]
    cells: tuple[Cell, ...]

    @property
    def sharing(self) -> int:
        """How many rows share the weight: those that are neither declined nor disabled, or all where each is."""
        if len(self.cells) == 1:
            return 1
        return sum(cell.status not in ("declined", "disabled") for cell in self.cells) or len(self.cells)

    @property
    def amounts(self) -> Amounts:
        """Those of the cells together, of which each has its part of the weight."""
        sharing, columns = self.sharing, list(zip(*(cell.amounts for cell in self.cells), strict=True))
        earned, known, blank, absent, declined = (simplify(sum(column) / Fraction(sharing)) for column in columns[:5])
        return (earned, known, blank, absent, declined, int(sum(columns[5])))


Standing: TypeAlias = Cell | Rows


class Measure:
    """One measure of the tier, at a position among the spots of the tier or inside the group at that position."""

    __slots__ = (
        "_fraction",
        "_kept",
        "_scale",
        "by_status",
        "group",
        "key",
        "place",
        "position",
        "profile",
        "question",
        "section",
        "weight",
    )

    def __init__(
        self, definition: Definition, profile: Profile, question: Question, position: int, scale: Scale
    ) -> None:
        self.key, self.question, self.position = question.key, question, position
        self.place: AnswerKey = (question.key, None)
        self.section: Section = definition.sections_by_question[question.key]
        self.group = definition.parents.get(question.key)
        self.profile, self._scale = profile, scale
        self._fraction = Fraction(profile.questions[question.key].weight)
        self.weight = int(self._fraction * scale.weight)
        unknown = find_unknown(definition, profile, question)
        statuses: tuple[Status, ...] = ("unknown", "unanswered", "not_applicable", "declined", "disabled")
        self.by_status = {
            status: self._make_cell(status, unknown if status in COUNTED else None) for status in statuses
        }
        self._kept: dict[Value, Cell] = {}

    def _make_cell(self, status: Status, points: Fraction | None, why: Mapping[str, Any] | None = None) -> Cell:
        return Cell(status, points, why or {}, self.weight, self._scale.point)

    def find_standing(self, walk: Walk, day: date) -> Standing:
        """How it stands in every row of its group, or by itself."""
        if self.group is not None:
            return self._find_rows(walk, day)
        if not walk.asked[self.position]:
            return self.by_status["disabled"]
        return self.find_cell(walk, self.place, day)

    def find_cell(self, walk: Walk, place: AnswerKey, day: date) -> Cell:
        """The cell of a place that is asked."""
        answer = walk.applicability.answers.get(place)
        if answer is None:
            return self.by_status["unanswered"]
        if answer.state != "value":
            return self.by_status[answer.state]
        value = walk.applicability.values[place]
        return self._kept.get(value) or self._award(walk, value, place[1], day)

    def _award(self, walk: Walk, value: Value, row_id: str | None, day: date) -> Cell:
        score = self.profile.questions[self.key]
        points = award_points(score, value)
        if score.decay is not None:
            begun = decay.find_begun(walk.applicability, score.decay, row_id)
            points = decay.fade(points, score.decay, begun, day, lower=self.profile.is_lower_better)
        cell = self._make_cell("value", points.earned, points.why)
        cell.is_kept = score.decay is None and len(self._kept) < MAX_KEPT
        if cell.is_kept:
            self._kept[value] = cell
        return cell

    def _find_rows(self, walk: Walk, day: date) -> Rows:
        assert self.group is not None
        is_asked, rows = walk.asked[self.position], walk.rows.get(self.group.key, ())
        if not is_asked or not rows:
            whole = walk.applicability.answers.get((self.group.key, None))
            return Rows((None,), (self.by_status[lines.judge_group(self.group, whole, enabled=is_asked)],))
        items = [item for item in walk.inside[self.group.key] if item.question.key == self.key]
        disabled = self.by_status["disabled"]
        cells = tuple(self.find_cell(walk, item.key, day) if item.enabled else disabled for item in items)
        return Rows(tuple(item.row_id for item in items), cells)

    def draw_rows(self, rows: Rows, share: Fraction) -> Iterator[Line]:
        """The lines of the result; `share` is that of one row in the total, where it counts."""
        weight = self._fraction / rows.sharing
        for row_id, cell in zip(rows.row_ids, rows.cells, strict=True):
            yield self._draw(cell, row_id, weight, share)

    def draw(self, cell: Cell, share: Fraction = NONE) -> Line:
        """The line of a measure whose weight is its own."""
        return self._draw(cell, None, self._fraction, share)

    def _draw(self, cell: Cell, row_id: str | None, weight: Fraction, share: Fraction) -> Line:
        return Line(
            section=self.section.key,
            pillar=self.section.pillar or "",
            question=self.key,
            row_id=row_id,
            tier=self.question.tier,
            weight=weight,
            status=cell.status,
            points=cell.points,
            share=share if cell.status in COUNTED else NONE,
            why=cell.why,
            level=self.profile.questions[self.key].level,
        )


def simplify(number: Fraction) -> Number:
    """A whole number where it is one: those add up faster."""
    return number.numerator if number.denominator == 1 else number


def find_scale(definition: Definition, profile: Profile) -> Scale:
    """The fewest parts that all weights are made of, and all points that answers with the usual decimals can earn."""
    weights = [*profile.sections.values(), *(score.weight for score in profile.questions.values())]
    parts = 1
    for key, score in profile.questions.items():
        denominators = (points.denominator for points in _list_points(definition.questions[key], score))
        found = math.lcm(parts, *denominators)
        parts = found if found <= MAX_PARTS else parts
    return Scale(math.lcm(*(Fraction(weight).denominator for weight in weights)), parts)


def _list_points(question: Question, score: QuestionScore) -> Collection[Fraction]:
    """Points of a table, or those from which all others of a ramp come by steps."""
    if score.ramp is not None:
        decimals = (
            0 if question.type == "integer" else USUAL_DECIMALS if question.decimals is None else question.decimals
        )
        slope = FULL / (Fraction(score.ramp.to) - Fraction(score.ramp.start))
        return [slope * Fraction(score.ramp.start), slope / 10**decimals]
    tables = [*(score.points or {}).values(), *(score.sum or {}).values(), *(band.points for band in score.bands or ())]
    return [Fraction(points) for points in tables]
