"""Whether an answer lies so far from last year's that its owner is asked about it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from questionnaires.definition import NUMBERS, Jump, Question, Value


def is_jump(jump: Jump, question: Question, now: Value, before: Value) -> bool:
    """Whether the change goes beyond each limit that is given; without one, whether there is any change."""
    if now == before:
        return False
    if question.type == "date":
        days = abs((date.fromisoformat(str(now)) - date.fromisoformat(str(before))).days)
        return jump.amount is None or days > jump.amount
    if question.type not in NUMBERS:
        return True
    # Fractions: a difference of two long numbers would be rounded otherwise.
    return _is_far(jump, Fraction(str(now)), Fraction(str(before)))


def _is_far(jump: Jump, now: Fraction, before: Fraction) -> bool:
    far = jump.amount is None or abs(now - before) > Fraction(jump.amount)
    return far and (jump.factor is None or _is_beyond(Fraction(jump.factor), now, before))


def _is_beyond(factor: Fraction, now: Fraction, before: Fraction) -> bool:
    """From nothing, to nothing, or to the other side of nothing is beyond every factor."""
    if now * before <= 0:
        return True
    smaller, larger = sorted((abs(now), abs(before)))
    return larger > factor * smaller
