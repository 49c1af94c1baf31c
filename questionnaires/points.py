"""From one answer to its points: options, numeric bands, linear ramps and capped sums, as exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from questionnaires import canonical
from questionnaires.definition import Definition, Question, Value
from questionnaires.profile import Profile, QuestionScore, Ramp

FULL = Fraction(100)
NONE = Fraction(0)


@dataclass(frozen=True)
class Points:
    """Points from 0 to 100 and why, as plain JSON for the trace."""

    earned: Fraction
    why: Mapping[str, Any]


def award_points(score: QuestionScore, value: Value) -> Points:
    """The points of a value under the one way that the profile gives for its question."""
    if score.points is not None:
        option = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
        return Points(Fraction(score.points[option]), {"option": option})
    if score.sum is not None:
        options = value if isinstance(value, tuple) else (str(value),)
        total = sum((Fraction(score.sum[option]) for option in options), NONE)
        return Points(min(total, FULL), {"options": list(options)})
    number = Decimal(str(value))
    if score.ramp is not None:
        return Points(_climb(score.ramp, Fraction(number)), {"ramp": canonical.write_decimal(number)})
    reached = [band for band in score.bands or () if band.start <= number]
    if not reached:
        return Points(NONE, {"below": canonical.write_decimal(number)})
    return Points(Fraction(reached[-1].points), {"from": canonical.write_decimal(reached[-1].start)})


def _climb(ramp: Ramp, number: Fraction) -> Fraction:
    start, to = Fraction(ramp.start), Fraction(ramp.to)
    return max(NONE, min(FULL, (number - start) / (to - start) * 100))


def find_best(definition: Definition, question: Question, score: QuestionScore) -> Fraction:
    """The most points that the question can earn, at any age of its answer."""
    fresh = _find_most(definition, question, score)
    return fresh if score.decay is None else max(fresh, Fraction(score.decay.to))


def find_least(question: Question, score: QuestionScore) -> Fraction:
    """The fewest points that an answer can earn, at any age of it."""
    if score.points is not None:
        fresh = min(Fraction(points) for points in score.points.values())
    elif score.sum is not None:
        # At least one option is chosen, and no option takes points away.
        fresh = min(Fraction(points) for points in score.sum.values())
    elif score.bands is not None and question.min is not None and question.min >= score.bands[0].start:
        fresh = min(Fraction(band.points) for band in score.bands)
    else:
        fresh = NONE
    return fresh if score.decay is None else min(fresh, Fraction(score.decay.to))


def find_unknown(definition: Definition, profile: Profile, question: Question) -> Fraction:
    """What a measure counts that nobody knows: nothing, or the most where lower is better."""
    if not profile.is_lower_better:
        return NONE
    return find_best(definition, question, profile.questions[question.key])


def _find_most(definition: Definition, question: Question, score: QuestionScore) -> Fraction:
    if score.points is not None:
        return max(Fraction(points) for points in score.points.values())
    if score.bands is not None:
        return max(Fraction(band.points) for band in score.bands)
    if score.sum is None:
        return FULL
    alone = {option.key for option in definition.options(question) if option.exclusive}
    together = sum((Fraction(points) for key, points in score.sum.items() if key not in alone), NONE)
    return min(FULL, max([together, *(Fraction(score.sum.get(key, 0)) for key in alone)]))


def round_hundredths(exact: Fraction) -> Decimal:
    """Half up to two decimals, the one place where figures are rounded."""
    return Decimal(count_hundredths(exact)) / 100


def count_hundredths(exact: Fraction) -> int:
    """Half up to whole hundredths, the form in which scores are stored and sorted; scores are never negative."""
    above, below = exact.as_integer_ratio()
    return (200 * above + below) // (2 * below)
