"""Stored answers, compiled: what an answer comes to is remembered by its text, so that hardly any JSON is read.

Which clauses of conditions an answer meets is a set of bits, so that a condition is a comparison of whole numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from questionnaires import critical, nesting, trace
from questionnaires.answers import Answer, Answers
from questionnaires.applicability import Applicability
from questionnaires.compiled_conditions import Test, compile_clause
from questionnaires.compiled_measures import Amounts, Cell, Measure
from questionnaires.compiling import CompiledTier, Spot, Walk
from questionnaires.definition import Definition
from questionnaires.profile import CriticalRule, Profile
from questionnaires.result import COUNTED, Fired, OpenRule, OpenState

# Texts of one question that are remembered, and the longest such text.
MAX_KEPT = 256
MAX_LENGTH = 200
# What stands between two answers, as PostgreSQL writes JSON and as it is written without spaces.
JOINTS = ('}, "', '},"')
OPEN: frozenset[str] = frozenset({"unanswered", "unknown", "declined"})
NOTHING: Amounts = (0, 0, 0, 0, 0, 0)
_SHARE = '"share":"0"'

# With the number of the rule in the profile, whose order they are told in, and the text of the trace.
Outcome: TypeAlias = tuple[int, Fired | OpenRule, str]


@dataclass(slots=True)
class Known:
    """What an answer to a question comes to, or that there is none, or that it is not asked.

    `bits` are the clauses that hold of it and, above them, those that nobody can decide. The line of a measure in the
    trace is `head`, its share and `tail`, or `head` alone where it does not count.
    """

    at: int
    status: str
    bits: int = 0
    outcomes: tuple[Outcome, ...] = ()
    amounts: Amounts = NOTHING
    weight: int = 0
    head: str = ""
    tail: str = ""


@dataclass(slots=True)
class Place:
    """A question of the tier: its condition as bits, who looks at it, and what it is with no answer or not asked."""

    at: int
    spot: Spot
    measure: Measure | None
    rules: tuple[tuple[int, CriticalRule], ...]
    mask: int | None = None  # the clauses of its condition; None where it is always asked
    is_all: bool = False
    clauses: list[tuple[int, int]] = field(default_factory=list)  # each with the place that it looks at
    looks: list[tuple[int, Test]] = field(default_factory=list)
    kept: int = 0


class StoredTier:
    """A tier without groups, for a profile without levels, capped sums and points that fade."""

    def __init__(
        self, definition: Definition, profile: Profile, compiled: CompiledTier, measures: Sequence[Measure]
    ) -> None:
        self.definition, self._tier = definition, compiled.tier
        self._positions = {spot.question.key: at for at, spot in enumerate(compiled.spots)}
        by_key = {measure.key: measure for measure in measures}
        rules: dict[str, list[tuple[int, CriticalRule]]] = {}
        for number, rule in enumerate(profile.critical):
            rules.setdefault(rule.question, []).append((number, rule))
        self._places = [
            Place(at, spot, by_key.get(spot.question.key), tuple(rules.get(spot.question.key, ())))
            for at, spot in enumerate(compiled.spots)
        ]
        self._count = 0  # of clauses
        for place in self._places:
            self._compile_condition(place)
        self._known: dict[str, Known] = {}
        self._beside = Known(
            len(self._places), "value"
        )  # of a question that nothing hangs on, or that this tier does not ask
        self._plan = [
            (place.mask, place.is_all, self._know(place, None), self._know_closed(place), self._find_way(place), place)
            for place in self._places
        ]

    def _compile_condition(self, place: Place) -> None:
        condition = place.spot.question.enable_when
        if condition is None:
            return
        for clause in condition.clauses:
            looked_at = self._places[self._positions[clause.q]]
            looked_at.looks.append((self._count, compile_clause(self.definition, clause)))
            place.clauses.append((self._count, looked_at.at))
            self._count += 1
        place.mask, place.is_all = _join(bit for bit, _ in place.clauses), bool(condition.all)

    def count_known(self) -> int:
        """How many texts are remembered just now."""
        return len(self._known)

    def read(self, texts: Iterable[str]) -> list[Known | None] | None:
        """What is known of each place of JSON objects of answers; None where that cannot be told answer by answer."""
        given: list[Known | None] = [None] * (len(self._places) + 1)
        find = self._known.get
        for text in texts:
            if text == "{}":
                continue
            if not text.startswith('{"') or not text.endswith("}}"):
                return None
            # However a text is cut: where each piece is one answer, all of them together are that text.
            for piece in text[2:-2].split(JOINTS[0] if JOINTS[0] in text else JOINTS[1]):
                known = find(piece) or self._learn(piece)
                if known is None:
                    return None
                given[known.at] = known
        return given

    def _learn(self, piece: str) -> Known | None:
        try:
            nested = json.loads(f'{{"{piece}}}}}')
        except ValueError:
            return None
        answers = list(nesting.read_nested(self.definition, nested)[0].values())
        if len(nested) != 1 or len(answers) != 1:
            return None
        at = self._positions.get(answers[0].question)
        if at is None:
            return self._beside
        place = self._places[at]
        is_idle = place.measure is None and not place.looks and not place.rules
        known = self._beside if is_idle else self._know(place, answers[0])
        if place.kept < MAX_KEPT and len(piece) <= MAX_LENGTH:
            place.kept += 1
            self._known[piece] = known
        return known

    def _know(self, place: Place, answer: Answer | None) -> Known:
        """What an answer comes to at a place that is asked."""
        item = place.spot.asked
        answers: Answers = {} if answer is None else {item.key: answer}
        values = {key: one.value for key, one in answers.items() if one.state == "value" and one.value is not None}
        applicability = Applicability(self.definition, self._tier, (item,), values, answers)
        status = "unanswered" if answer is None else answer.state
        if status in OPEN:
            bits = _join(self._count + bit for bit, _ in place.looks)
        else:
            bits = _join(bit for bit, test in place.looks if test(values, None))
        outcomes = tuple(
            (number, outcome, dump(trace.write_outcome(outcome)))
            for number, rule in place.rules
            for outcome in critical.judge_item(applicability, rule, item)
        )
        known = Known(place.at, status, bits, outcomes)
        if place.measure is not None:
            cell = place.measure.find_cell(Walk(applicability, (), {}, {}), item.key, date.min)
            _describe(known, place.measure, cell)
        return known

    def _know_closed(self, place: Place) -> Known:
        known = Known(place.at, "disabled", _join(self._count + bit for bit, _ in place.looks))
        if place.measure is not None:
            _describe(known, place.measure, place.measure.by_status["disabled"])
        return known

    def _find_way(self, place: Place) -> int:
        """The bits that may leave open whether a place is asked; none where nothing hangs on that."""
        return (place.mask or 0) << self._count if place.looks or place.rules else 0

    def stand(self, given: Sequence[Known | None]) -> tuple[list[Known], list[Outcome]]:
        """How each place stands, and what the critical rules come to, from what is known of answers."""
        found: list[Known] = []
        outcomes: list[Outcome] = []
        opened: dict[int, Any] = {}  # how those stand that are not asked, and nobody knows whether they should be
        met = 0
        for (mask, is_all, blank, closed, way, place), known in zip(self._plan, given, strict=False):
            if mask is not None and (met & mask != mask if is_all else not met & mask):
                found.append(closed)
                if met & way:
                    state = self._find_open(place, met, given, opened)
                    if state is not None:
                        opened[place.at] = state
                        met |= closed.bits
                        outcomes += self._leave_open(place, state)
                continue
            one = known or blank
            found.append(one)
            if one.bits:
                met |= one.bits
            if one.outcomes:
                outcomes += one.outcomes
        return found, outcomes

    def _find_open(
        self, place: Place, met: int, given: Sequence[Known | None], opened: dict[int, Any]
    ) -> OpenState | None:
        """As gates.judge_place: what decides whether a closed place is asked, where that is open itself."""
        mask, left_open = place.mask or 0, met >> self._count
        if (met | left_open) & mask != mask if place.is_all else not left_open & mask:
            return None
        at = next(at for bit, at in place.clauses if left_open >> bit & 1)
        known = given[at]
        found: Any = opened.get(at) or ("unanswered" if known is None else known.status)
        state: OpenState = found
        return state

    def _leave_open(self, place: Place, state: OpenState) -> Iterator[Outcome]:
        item = place.spot.unasked
        for number, rule in place.rules:
            left = critical.leave_open(rule, item.section.key, item.row_id, state)
            yield number, left, dump(trace.write_outcome(left))


def _describe(known: Known, measure: Measure, cell: Cell) -> None:
    """What a measure adds, and its line."""
    known.amounts, known.weight = cell.amounts, measure.weight
    text = dump(trace.write_line(measure.draw(cell)))
    if cell.status in COUNTED:
        # Keys and statuses stand before it, which hold no quotes.
        before, after = text.split(_SHARE, 1)
        known.head, known.tail = before + _SHARE[:-2], _SHARE[-1] + after
    else:
        known.head = text


def _join(bits: Iterable[int]) -> int:
    return reduce(or_, (1 << bit for bit in bits), 0)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dump(plain: object) -> str:
    """JSON as it is written for others, without spaces."""
    return _ENCODER.encode(plain)
