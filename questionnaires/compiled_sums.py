"""What the measures of a tier come to: sums of whole numbers by section, and from them pillars, total and shares.

Tiers nest, so the sums of one are those of the tier below and what it asks beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Any, TypeAlias

from questionnaires.compiled_measures import Amounts, Measure, Number, Scale
from questionnaires.definition import TIERS, Definition, Tier, contains
from questionnaires.points import NONE
from questionnaires.profile import Profile
from questionnaires.result import PillarScore, PillarState, TierScore

NOTHING: Amounts = (0, 0, 0, 0, 0, 0)
# A share of the total, and a ratio that is not reduced.
Ratio: TypeAlias = tuple[Number, Number]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A tier with its score, and what a part of the weight of a measure is of the total, by section."""

    score: TierScore
    factors: Sequence[Ratio]


@dataclass(frozen=True, slots=True)
class _Bucket:
    """The measures of one section that one tier brings."""

    section: int
    pick: Callable[[Sequence[Amounts]], Sequence[Amounts]]


@dataclass(frozen=True, slots=True)
class _Pillar:
    key: str
    weight: Fraction
    parts: int  # the weight in whole numbers, of which only the proportions matter
    sections: tuple[int, ...]
    tiers: frozenset[Tier]  # those that ask something of it


class Sums:
    """The measures of a tier by what they add up to; it keeps nothing of any answer."""

    def __init__(
        self, definition: Definition, profile: Profile, tier: Tier, measures: Sequence[Measure], scale: Scale
    ) -> None:
        self._profile, self._points = profile, scale.point
        self._most_absent = Fraction(profile.max_na_share)
        wanted = {tier, *definition.tier_keys}
        self.tiers = tuple(known for known in TIERS if known in wanted and contains(tier, known))
        places = {section.key: at for at, section in enumerate(definition.sections)}
        self._count = len(places)
        by_place: dict[tuple[Tier, int], list[int]] = {}
        for at, measure in enumerate(measures):
            lowest = next(known for known in self.tiers if contains(known, measure.question.tier))
            by_place.setdefault((lowest, places[measure.section.key]), []).append(at)
        self._buckets = {
            known: [_Bucket(section, _pick(found)) for (own, section), found in by_place.items() if own == known]
            for known in self.tiers
        }
        self._fixed = [
            int(Fraction(profile.sections[key]) * scale.weight) if key in profile.sections else None for key in places
        ]
        common = math.lcm(*(Fraction(weight).denominator for weight in profile.pillars.values()))
        self._pillars = tuple(
            _Pillar(
                key=pillar.key,
                weight=Fraction(profile.pillars[pillar.key]),
                parts=int(profile.pillars[pillar.key] * common),
                sections=tuple(at for key, at in places.items() if definition.sections[at].pillar == pillar.key),
                tiers=frozenset(
                    known
                    for known in self.tiers
                    for measure in measures
                    if measure.section.pillar == pillar.key and contains(known, measure.question.tier)
                ),
            )
            for pillar in definition.pillars
        )

    def weigh(self, amounts: Sequence[Amounts]) -> dict[Tier, Weighed]:
        """From the amounts of all measures, in their order, to each tier."""
        sums, found = [NOTHING] * self._count, {}
        for tier in self.tiers:
            for bucket in self._buckets[tier]:
                columns: Any = zip(sums[bucket.section], *bucket.pick(amounts), strict=True)
                added: Any = tuple(map(sum, columns))
                sums[bucket.section] = added
            found[tier] = self._weigh(tier, sums)
        return found

    def _weigh(self, tier: Tier, sums: Sequence[Amounts]) -> Weighed:
        factors: list[Ratio] = [(0, 1)] * self._count
        scores: list[PillarScore] = []
        above: Number = 0
        below: Number = 1
        whole = 0
        for pillar in self._pillars:
            score, ratios = self._rate(pillar, tier, sums)
            scores.append(score)
            if score.score is not None:
                whole += pillar.parts
                points, of = score.score.numerator * pillar.parts, score.score.denominator
                above, below = above * of + points * below, below * of
                for at, (part, parts) in ratios.items():
                    factors[at] = (part * pillar.parts, parts)
        known = sum([one[1] for one in sums])
        asked = sum([one[1] + one[2] + one[4] for one in sums])
        tier_score = TierScore(
            tier=tier,
            total=Fraction(above, below * whole) if whole else None,
            pillars=tuple(scores),
            coverage=Fraction(known, asked) if asked else NONE,
            rests_on=sum([one[5] for one in sums]),
        )
        return Weighed(tier_score, [(part, parts * whole) for part, parts in factors])

    def _rate(self, pillar: _Pillar, tier: Tier, sums: Sequence[Amounts]) -> tuple[PillarScore, dict[int, Ratio]]:
        """The pillar, and what a part of the weight of a measure is of it, by section."""
        counting: list[tuple[int, Number, Number]] = []
        whole: Number = 0
        has_absent = False
        for at in pillar.sections:
            _, known, blank, absent, _, _ = sums[at]
            own, fixed = known + blank, self._fixed[at]
            if own:
                weight = own if fixed is None else fixed
                counting.append((at, weight, own))
                whole += weight
            has_absent = has_absent or bool(absent)
        na_share = self._find_absent(pillar, sums) if has_absent else NONE
        state: PillarState = "rated" if counting else "nothing_to_score" if tier in pillar.tiers else "no_questions"
        if has_absent and na_share * 100 > self._most_absent:
            state = "too_much_not_applicable"
        above: Number = 0
        below: Number = 1
        for at, weight, own in counting:
            if weight is own:
                above += sums[at][0] * below
            else:
                above, below = above * own + weight * sums[at][0] * below, below * own
        is_rated = state == "rated"
        score = PillarScore(
            key=pillar.key,
            weight=pillar.weight,
            state=state,
            score=Fraction(above, below * whole * self._points) if is_rated else None,
            na_share=na_share,
        )
        return score, {at: (weight, own * whole) for at, weight, own in counting} if is_rated else {}

    def _find_absent(self, pillar: _Pillar, sums: Sequence[Amounts]) -> Fraction:
        """The share of its weight that is not applicable, of that and what counts."""
        above: Number = 0
        below: Number = 1
        whole: Number = 0
        for at in pillar.sections:
            _, known, blank, absent, _, _ = sums[at]
            standing, fixed = known + blank + absent, self._fixed[at]
            if standing and fixed is None:
                above, whole = above + absent * below, whole + standing
            elif standing and fixed is not None:
                above, below = above * standing + fixed * absent * below, below * standing
                whole += fixed
        return Fraction(above, below * whole)


def _pick(positions: Sequence[int]) -> Callable[[Sequence[Amounts]], Sequence[Amounts]]:
    """The amounts at some positions."""
    if len(positions) == 1:
        (only,) = positions
        return lambda amounts: (amounts[only],)
    return itemgetter(*positions)
