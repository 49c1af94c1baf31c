"""(version, profile, tier, answers, day) -> Result: exact fractions throughout, with a line for every measure.

Not applicable, declined and disabled leave numerator and denominator; unknown and unanswered earn nothing and stay.
Coverage counts what was declined as not known.
A measure of a group spreads its weight evenly over its rows that are neither declined nor disabled.
A profile may divide sections into levels (levels.py), let points fade (decay.py), add up instead of averaging, and
demand a least score of each pillar for a band.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from questionnaires import critical, lines
from questionnaires.answers import AnswerKey, Answers
from questionnaires.applicability import Applicability, find_applicable
from questionnaires.definition import Definition, Tier, contains
from questionnaires.points import NONE, round_hundredths
from questionnaires.profile import Band, Profile
from questionnaires.result import (
    COUNTED,
    COVERED,
    BandReason,
    Line,
    PillarScore,
    PillarState,
    Result,
    Shortfall,
    TierScore,
)

Shares = dict[AnswerKey, Fraction]


def score_answers(definition: Definition, profile: Profile, tier: Tier, answers: Answers, day: date) -> Result:
    """Score a submission (or preview a draft) at its tier and, without band, at each lower one."""
    applicability = find_applicable(definition, tier, answers)
    drawn, scored = score_tier(applicability, profile, day)
    ruling = critical.apply_rules(applicability, profile)
    earned, band, reason = grade(profile, scored, ruling)
    lower = [key for key in definition.tier_keys if key != tier and contains(tier, key)]
    return Result(
        questionnaire=definition.key,
        version=definition.version,
        profile=profile.number,
        tier=tier,
        day=day,
        valid_until=day + timedelta(days=profile.validity_days),
        total=scored.total,
        pillars=scored.pillars,
        coverage=scored.coverage,
        rests_on=scored.rests_on,
        earned_band=earned,
        band=band,
        band_reason=reason,
        fired=ruling.fired,
        open_rules=ruling.open_rules,
        lines=drawn,
        lower=tuple(score_tier(find_applicable(definition, key, answers), profile, day)[1] for key in lower),
        shortfalls=tuple(find_shortfalls(profile, scored)),
    )


def score_tier(applicability: Applicability, profile: Profile, day: date) -> tuple[tuple[Line, ...], TierScore]:
    """Lines, pillars, total and coverage at the tier of `applicability`."""
    drawn = lines.draw_lines(applicability, profile, day)
    return weigh_lines(applicability.definition, profile, applicability.tier, drawn)


def weigh_lines(
    definition: Definition, profile: Profile, tier: Tier, drawn: tuple[Line, ...]
) -> tuple[tuple[Line, ...], TierScore]:
    """The lines of a tier with their shares, and what they come to."""
    scored = [
        score_pillar(profile, pillar.key, [line for line in drawn if line.pillar == pillar.key])
        for pillar in definition.pillars
    ]
    rated = sum((pillar.weight for pillar, _ in scored if pillar.score is not None), NONE)
    points = sum((pillar.score * pillar.weight for pillar, _ in scored if pillar.score is not None), NONE)
    shares = {key: share * pillar.weight / rated for pillar, inside in scored for key, share in inside.items()}
    counted = [line for line in drawn if line.status in COUNTED]
    tier_score = TierScore(
        tier=tier,
        total=points / rated if rated else None,
        pillars=tuple(pillar for pillar, _ in scored),
        coverage=_cover(drawn),
        rests_on=len(counted),
    )
    return tuple(replace(line, share=shares.get(line.key, NONE)) for line in drawn), tier_score


def _cover(drawn: Iterable[Line]) -> Fraction:
    """Share of the weight asked for that was answered with a value.

    What was declined costs no points, but nobody knows it: a band, which rests on coverage, cannot be had by declining.
    """
    asked = [line for line in drawn if line.status in COVERED]
    weight = sum((line.weight for line in asked), NONE)
    known = sum((line.weight for line in asked if line.status == "value"), NONE)
    return known / weight if weight else NONE


def score_pillar(profile: Profile, key: str, drawn: list[Line]) -> tuple[PillarScore, Shares]:
    """The pillar and the shares of its counting lines in it; no shares where it is not rated."""
    weight = Fraction(profile.pillars[key])
    standing = [line for line in drawn if line.status in COUNTED or line.status == "not_applicable"]
    counted = [line for line in drawn if line.status in COUNTED]
    spread = _spread(profile, standing)
    na_share = sum((spread[line.key] for line in standing if line.status == "not_applicable"), NONE)
    if na_share * 100 > Fraction(profile.max_na_share):
        return PillarScore(key=key, weight=weight, state="too_much_not_applicable", score=None, na_share=na_share), {}
    if not counted:
        state: PillarState = "nothing_to_score" if drawn else "no_questions"
        return PillarScore(key=key, weight=weight, state=state, score=None, na_share=na_share), {}
    shares = _spread(profile, counted) if profile.capped_sum is None else {line.key: line.weight for line in counted}
    score = sum((shares[line.key] * (line.points or NONE) for line in counted), NONE)
    if profile.capped_sum is None:
        return PillarScore(key=key, weight=weight, state="rated", score=score, na_share=na_share), shares
    capped = min(score, Fraction(profile.capped_sum.cap))
    if capped < score:
        shares = {place: share * capped / score for place, share in shares.items()}
    return PillarScore(key=key, weight=weight, state="rated", score=capped, na_share=na_share, added=score), shares


def _spread(profile: Profile, standing: list[Line]) -> Shares:
    """Shares of 1: by own weight, or first by section and by level where the profile weights those."""
    own: dict[str, Fraction] = {}
    for line in standing:
        own[line.section] = own.get(line.section, NONE) + line.weight
    weights = {key: Fraction(profile.sections[key]) if key in profile.sections else own[key] for key in own}
    whole = sum(weights.values(), NONE)
    if profile.levels:
        inside = _spread_levels(profile, standing)
        return {line.key: weights[line.section] / whole * inside[line.key] for line in standing}
    return {line.key: weights[line.section] / whole * line.weight / own[line.section] for line in standing}


def _spread_levels(profile: Profile, standing: list[Line]) -> Shares:
    """Shares of 1 inside each section: by level, then by own weight; a level where nothing stands is left out."""
    own: dict[tuple[str, str | None], Fraction] = {}
    for line in standing:
        own[line.section, line.level] = own.get((line.section, line.level), NONE) + line.weight
    weights = {level.key: Fraction(level.weight) for level in profile.levels}
    whole: dict[str, Fraction] = {}
    for section, level in own:
        whole[section] = whole.get(section, NONE) + weights[level or ""]
    return {
        line.key: weights[line.level or ""] / whole[line.section] * line.weight / own[line.section, line.level]
        for line in standing
    }


def grade(profile: Profile, scored: TierScore, ruling: critical.Ruling) -> tuple[str | None, str | None, BandReason]:
    """The band that total and coverage reach as stated (rounded), the band after critical rules, and what decided."""
    if scored.total is None:
        return None, None, "not_rated"
    total, coverage = round_hundredths(scored.total), round_hundredths(scored.coverage * 100)
    by_total = [band for band in profile.bands if band.min <= total]
    covered = [band for band in by_total if band.requires_coverage <= coverage]
    short = {shortfall.band for shortfall in find_shortfalls(profile, scored)}
    earned = [band for band in covered if band.key not in short][-1]
    reason: BandReason = "floor" if earned != covered[-1] else "total" if earned == by_total[-1] else "coverage"
    if ruling.open_rules:
        return earned.key, None, "critical_open"
    capped = _cap(profile, earned, ruling)
    if capped != earned:
        return earned.key, capped.key, "critical_rule"
    return earned.key, earned.key, reason


def find_shortfalls(profile: Profile, scored: TierScore) -> Iterator[Shortfall]:
    """The floors that the pillars, as stated (rounded), do not reach, of every band within reach of total and coverage.

    A pillar of which this tier asks nothing is passed over; any other without a score reaches no floor.
    """
    if scored.total is None:
        return
    total, coverage = round_hundredths(scored.total), round_hundredths(scored.coverage * 100)
    pillars = {pillar.key: pillar for pillar in scored.pillars if pillar.state != "no_questions"}
    for band in profile.bands:
        within = band.min <= total and band.requires_coverage <= coverage
        for key, floor in band.floors.items() if within else ():
            score = pillars[key].score if key in pillars else None
            if key in pillars and (score is None or round_hundredths(score) < floor):
                yield Shortfall(band=band.key, pillar=key, floor=Fraction(floor), score=score)


def _cap(profile: Profile, earned: Band, ruling: critical.Ruling) -> Band:
    caps = {fired.cap_band for fired in ruling.fired}
    return min([earned, *(band for band in profile.bands if band.key in caps)], key=lambda band: band.min)
