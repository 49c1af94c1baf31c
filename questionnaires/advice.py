"""What would help most: the next measures by gain, worded as their own action with the evidence it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from questionnaires import levels, scoring
from questionnaires.definition import Definition
from questionnaires.points import NONE, find_best, find_least, round_hundredths
from questionnaires.profile import Profile
from questionnaires.result import Line, Result


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing to do; `gain` is in points of the total, were this measure in place everywhere and all else the same.

    Where lower is better it is how much the total would fall.
    """

    question: str
    section: str
    pillar: str
    gain: Decimal
    action: str
    evidence: tuple[str, ...]
    evidence_hint: str


def suggest_measures(result: Result, definition: Definition, profile: Profile, limit: int = 3) -> tuple[Advice, ...]:
    """The measures that would better the total most, in falling order; ties in document order.

    A question whose critical rule is hit or open is left out: harm is to be ended, not improved for points, and the
    result names it by itself. Without a hit it is a measure like any other: a weak age check is worth improving.
    """
    gains = dict(_find_gains(result, definition, profile))
    best = sorted(gains.items(), key=lambda pair: -pair[1])[:limit]
    return tuple(_advise(definition, key, gain) for key, gain in best)


def _find_gains(result: Result, definition: Definition, profile: Profile) -> Iterator[tuple[str, Fraction]]:
    critical = {hit.question for hit in result.fired} | {rule.question for rule in result.open_rules}
    for key in dict.fromkeys(line.question for line in result.lines):
        if key in critical:
            continue
        question, score = definition.questions[key], profile.questions[key]
        best = find_least(question, score) if profile.is_lower_better else find_best(definition, question, score)
        gain = _find_gain(result, profile, key, best)
        if gain > 0:
            yield key, gain


def _find_gain(result: Result, profile: Profile, key: str, best: Fraction) -> Fraction:
    if profile.levels or profile.capped_sum:
        return _rescore(result, profile, key, best)
    lines = [line for line in result.lines if line.question == key and _is_advised(line)]
    return sum((line.share * (best - (line.points or NONE)) for line in lines), NONE)


def _is_advised(line: Line) -> bool:
    return line.status in ("value", "unknown")


def _rescore(result: Result, profile: Profile, key: str, best: Fraction) -> Fraction:
    """The gain where points do not simply add up: a level may open by it or stay closed, a sum may pass its cap."""
    pillar = next(line.pillar for line in result.lines if line.question == key)
    now = next(scored for scored in result.pillars if scored.key == pillar)
    if now.score is None:
        return NONE
    lines = [levels.release(line) for line in result.lines if line.pillar == pillar]
    bettered = [replace(line, points=best) if line.question == key and _is_advised(line) else line for line in lines]
    then, _ = scoring.score_pillar(profile, pillar, list(levels.close_levels(profile, bettered)))
    rated = sum((scored.weight for scored in result.pillars if scored.score is not None), NONE)
    change = ((then.score or NONE) - now.score) * now.weight / rated
    return -change if profile.is_lower_better else change


def _advise(definition: Definition, key: str, gain: Fraction) -> Advice:
    question, section = definition.questions[key], definition.sections_by_question[key]
    return Advice(
        question=key,
        section=section.key,
        pillar=section.pillar or "",
        gain=round_hundredths(gain),
        action=question.action,
        evidence=question.evidence.accept if question.evidence else (),
        evidence_hint=question.evidence.hint if question.evidence else "",
    )
