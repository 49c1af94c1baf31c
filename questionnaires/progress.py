"""How far a draft is: answered, required, missing, and the minutes that are left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from questionnaires.answers import AnswerKey
from questionnaires.applicability import Applicability, Item
from questionnaires.submission import is_answered, is_required


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Counts of places that are asked now; `missing` are the required ones without an answer, in document order."""

    asked: int
    answered: int
    required: int
    missing: tuple[AnswerKey, ...]
    minutes: Decimal
    minutes_left: Decimal


def measure_progress(applicability: Applicability) -> Progress:
    """Progress over the whole assessment at its tier."""
    return _measure(applicability, applicability.enabled)


def add_progress(parts: Iterable[Progress]) -> Progress:
    """Several sections as one."""
    listed = list(parts)
    return Progress(
        asked=sum(one.asked for one in listed),
        answered=sum(one.answered for one in listed),
        required=sum(one.required for one in listed),
        missing=tuple(key for one in listed for key in one.missing),
        minutes=sum((one.minutes for one in listed), Decimal(0)),
        minutes_left=sum((one.minutes_left for one in listed), Decimal(0)),
    )


def measure_sections(applicability: Applicability) -> dict[str, Progress]:
    """Progress by section key, in document order, with the sections that ask nothing now at zero."""
    return {
        section.key: _measure(applicability, [i for i in applicability.enabled if i.section.key == section.key])
        for section in applicability.definition.sections
    }


def _measure(applicability: Applicability, items: Iterable[Item]) -> Progress:
    asked = list(items)
    open_items = [item for item in asked if not is_answered(applicability, item)]
    return Progress(
        asked=len(asked),
        answered=len(asked) - len(open_items),
        required=sum(is_required(item) for item in asked),
        missing=tuple(item.key for item in open_items if is_required(item)),
        minutes=sum((item.question.minutes for item in asked), Decimal(0)) + _expect_rows(open_items),
        minutes_left=sum((item.question.minutes for item in open_items), Decimal(0)) + _expect_rows(open_items),
    )


def _expect_rows(open_items: list[Item]) -> Decimal:
    """A group without an answer is expected to take its least number of rows, at least one."""
    groups = [item.question for item in open_items if item.question.type == "group"]
    rows = (
        max(1, group.repeat.min if group.repeat else 1) * sum((c.minutes for c in group.questions), Decimal(0))
        for group in groups
    )
    return sum(rows, Decimal(0))
