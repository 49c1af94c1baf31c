"""The scoring profile of a questionnaire version: weights, points, bands and critical rules, with its own number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from questionnaires.definition import KEY, QUESTIONNAIRE_KEY, SHORT_KEY, VERSION, Comparison, Value


@dataclass(frozen=True, kw_only=True)
class ProfileHeader:
    questionnaire: str = field(metadata={"pattern": QUESTIONNAIRE_KEY})
    version: str = field(metadata={"pattern": VERSION})
    number: int
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class PointBand:
    """Values from `start` on (up to the next band) earn these points; below the first band nothing is earned."""

    start: Decimal = field(metadata={"alias": "from"})
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """Linear from 0 points at `start` to 100 at `to`, clamped; start above `to` where less is better."""

    start: Decimal = field(metadata={"alias": "from"})
    to: Decimal


@dataclass(frozen=True, kw_only=True)
class Decay:
    """Points move evenly from those of the answer to `to`, over so many days after what a date question says.

    Without that date the worse of the two counts: nobody gains by leaving it out.
    """

    date: str
    days: int
    to: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class QuestionScore:
    """Weight of a measure inside its section or pillar, and exactly one way from its answer to 0-100 points."""

    weight: Decimal
    level: str | None = None
    decay: Decay | None = None
    points: Mapping[str, Decimal] | None = None
    bands: tuple[PointBand, ...] | None = None
    ramp: Ramp | None = None
    sum: Mapping[str, Decimal] | None = None

    @property
    def ways(self) -> tuple[str, ...]:
        return tuple(name for name in ("points", "bands", "ramp", "sum") if getattr(self, name) is not None)


@dataclass(frozen=True, kw_only=True)
class Band:
    """A grade from `min` total points on; `requires_coverage` is a percentage, `floors` are points of pillars."""

    key: str = field(metadata={"pattern": SHORT_KEY})
    title: str
    min: Decimal
    requires_coverage: Decimal = Decimal(0)
    floors: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CriticalRule:
    """An answer that caps the band whatever the points: named options, or a comparison of a number."""

    key: str = field(metadata={"pattern": KEY})
    question: str
    cap_band: str
    title: str
    explanation: str
    options: tuple[str, ...] = ()
    op: Comparison | None = None
    value: Value | None = None


@dataclass(frozen=True, kw_only=True)
class Level:
    """A part of every section with a weight of its own, closed until each measure below it earns `requires` points.

    What a closed level earned counts nothing, and its weight stays. A level where nothing applies spreads its weight.
    """

    key: str = field(metadata={"pattern": SHORT_KEY})
    weight: Decimal
    requires: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class CappedSum:
    """A pillar is the sum of points times weight, at most `cap`, instead of a weighted mean.

    Where lower is better, what is not known counts as the worst answer does: with the most points of its question.
    """

    cap: Decimal
    better: Literal["higher", "lower"] = "higher"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A whole scoring profile; `max_na_share` is the percentage of a pillar's weight that may be not applicable."""

    format: Literal["scoring-profile/1"]
    profile: ProfileHeader
    validity_days: int
    max_na_share: Decimal
    pillars: Mapping[str, Decimal]
    questions: Mapping[str, QuestionScore]
    bands: tuple[Band, ...]
    sections: Mapping[str, Decimal] = field(default_factory=dict)
    critical: tuple[CriticalRule, ...] = ()
    levels: tuple[Level, ...] = ()
    capped_sum: CappedSum | None = None

    @property
    def number(self) -> int:
        return self.profile.number

    @property
    def is_lower_better(self) -> bool:
        return self.capped_sum is not None and self.capped_sum.better == "lower"

    @property
    def highest(self) -> Decimal:
        """The end of the scale of pillars and total."""
        return Decimal(100) if self.capped_sum is None else self.capped_sum.cap
