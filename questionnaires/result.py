"""The result of a scored submission: total, pillars, band, coverage, critical rules, and a line for every measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from questionnaires.answers import AnswerKey
from questionnaires.definition import Tier

# Unanswered counts as unknown does: no points, but it stays in the denominator.
Status = Literal["value", "unknown", "unanswered", "not_applicable", "declined", "disabled"]
COUNTED: frozenset[str] = frozenset({"value", "unknown", "unanswered"})
COVERED: frozenset[str] = COUNTED | {"declined"}
PillarState = Literal["rated", "no_questions", "nothing_to_score", "too_much_not_applicable"]
OpenState = Literal["unknown", "declined", "unanswered"]
BandReason = Literal["total", "coverage", "floor", "critical_rule", "critical_open", "not_rated"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measure, in one row: its weight, points (None where it does not count), and its share of the total.

    `level` is that of the measure where the profile has levels; `held` are the points that count nothing because the
    level is closed. Points times share add up to the total.
    """

    section: str
    pillar: str
    question: str
    row_id: str | None
    tier: Tier
    weight: Fraction
    status: Status
    points: Fraction | None
    share: Fraction
    why: Mapping[str, Any]
    level: str | None = None
    held: Fraction | None = None

    @property
    def key(self) -> AnswerKey:
        return (self.question, self.row_id)


@dataclass(frozen=True, kw_only=True)
class PillarScore:
    """`score` is exact and None unless rated; `na_share` is a fraction of 1; `added` is a capped sum before its cap."""

    key: str
    weight: Fraction
    state: PillarState
    score: Fraction | None
    na_share: Fraction
    added: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A critical rule that an answer hit."""

    rule: str
    section: str
    question: str
    row_id: str | None
    cap_band: str


@dataclass(frozen=True, kw_only=True)
class OpenRule:
    """A critical rule that nobody can decide: its question, or what decides whether it is asked, is in this state."""

    rule: str
    section: str
    question: str
    row_id: str | None
    state: OpenState


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """A pillar below the floor of a band that total and coverage reach; `score` is None where it is not rated."""

    band: str
    pillar: str
    floor: Fraction
    score: Fraction | None


@dataclass(frozen=True, kw_only=True)
class TierScore:
    """Total and pillars at one tier; `rests_on` counts the measures that counted, so that its precision shows."""

    tier: Tier
    total: Fraction | None
    pillars: tuple[PillarScore, ...]
    coverage: Fraction
    rests_on: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """Made once at submission and never changed; all figures are exact, and rounded only where they are stated.

    `earned_band` is what total, coverage and the floors of pillars reach; `band` is what is left of it after the
    critical rules.
    """

    questionnaire: str
    version: str
    profile: int
    tier: Tier
    day: date
    valid_until: date
    total: Fraction | None
    pillars: tuple[PillarScore, ...]
    coverage: Fraction
    rests_on: int
    earned_band: str | None
    band: str | None
    band_reason: BandReason
    fired: tuple[Fired, ...]
    open_rules: tuple[OpenRule, ...]
    lines: tuple[Line, ...]
    lower: tuple[TierScore, ...]
    shortfalls: tuple[Shortfall, ...] = ()
