"""Points that move with the age of what an answer tells of: a training fades, and so does an accident."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from questionnaires.answers import AnswerKey
from questionnaires.applicability import Applicability
from questionnaires.points import Points
from questionnaires.profile import Decay


def fade(points: Points, decay: Decay, begun: date | None, day: date, *, lower: bool = False) -> Points:
    """The points on `day`, evenly between those of the answer and those at the end; a date to come has no age.

    Without a date the worse of the two ends counts, which is the higher one where lower is better.
    """
    end = Fraction(decay.to)
    if begun is None:
        worse = max(points.earned, end) if lower else min(points.earned, end)
        return Points(worse, {**points.why, "undated": decay.date, "fresh": str(points.earned)})
    age = max(0, (day - begun).days)
    earned = points.earned + (end - points.earned) * min(age, decay.days) / decay.days
    return Points(earned, {**points.why, "age": str(age), "fresh": str(points.earned)})


def find_begun(applicability: Applicability, decay: Decay, row_id: str | None) -> date | None:
    """The day that the date question says, in the same row where it belongs to a group; None where nobody says."""
    inside = decay.date in applicability.definition.parents
    place: AnswerKey = (decay.date, row_id if inside else None)
    value = applicability.values.get(place)
    return date.fromisoformat(value) if isinstance(value, str) else None
