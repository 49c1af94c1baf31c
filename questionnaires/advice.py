"""What would help most: the next measures by gain, worded as their own action with the evidence it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from questionnaires.definition import Definition
from questionnaires.points import NONE, find_best, round_hundredths
from questionnaires.profile import Profile
from questionnaires.result import Result


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing to do; `gain` is in points of the total, were the measure in place everywhere."""

    question: str
    section: str
    pillar: str
    gain: Decimal
    action: str
    evidence: tuple[str, ...]
    evidence_hint: str


def suggest_measures(result: Result, definition: Definition, profile: Profile, limit: int = 3) -> tuple[Advice, ...]:
    """The measures that would raise the total most, in falling order; ties in document order.

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
        best = find_best(definition, definition.questions[key], profile.questions[key])
        lines = [line for line in result.lines if line.question == key and line.status in ("value", "unknown")]
        gain = sum((line.share * (best - (line.points or NONE)) for line in lines), NONE)
        if gain > 0:
            yield key, gain


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
