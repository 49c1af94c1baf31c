"""What a tier asks, whatever the answers: its questions and the minutes that the author gives them."""

from __future__ import annotations

from decimal import Decimal

from questionnaires.definition import Definition, Question, Tier, contains


def list_asked(definition: Definition, tier: Tier) -> list[Question]:
    """The questions of a tier, groups and conditional ones included."""
    return [question for question in definition.questions.values() if contains(tier, question.tier)]


def sum_minutes(definition: Definition, tier: Tier) -> Decimal:
    """Minutes to answer all of them once."""
    return sum((question.minutes for question in list_asked(definition, tier)), Decimal(0))
