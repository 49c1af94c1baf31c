"""A line for every measure of a tier, and for every row where it belongs to a group: weight, status, points, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from questionnaires.applicability import Applicability, Item
from questionnaires.definition import Question, Section, contains
from questionnaires.points import NONE, award_points
from questionnaires.profile import Profile
from questionnaires.result import COUNTED, Line, Status


def draw_lines(applicability: Applicability, profile: Profile) -> Iterator[Line]:
    """In document order; the share of each line in the total is still zero."""
    for section, question, group in applicability.definition.walk():
        if question.key not in profile.questions or not contains(applicability.tier, question.tier):
            continue
        if group is None:
            yield _draw_line(applicability, profile, _place(section, question, None), Fraction(1))
        else:
            yield from _draw_rows(applicability, profile, section, question, group)


def find_status(applicability: Applicability, item: Item) -> Status:
    """How the place of an answer stands in the score."""
    if item.key not in applicability.enabled_keys:
        return "disabled"
    answer = applicability.answers.get(item.key)
    return "unanswered" if answer is None else answer.state


def find_group_status(applicability: Applicability, group: Question) -> Status:
    """How the measures of a group without rows stand: as the group as a whole was answered."""
    if (group.key, None) not in applicability.enabled_keys:
        return "disabled"
    whole = applicability.answers.get((group.key, None))
    if whole is not None:
        # An empty list says that there are none: nothing to measure.
        return "disabled" if whole.state == "value" else whole.state
    needed = group.required or (group.repeat is not None and group.repeat.min > 0)
    return "unanswered" if needed else "disabled"


def _place(section: Section, question: Question, row: str | None) -> Item:
    return Item(section, question, row, enabled=True)


def _draw_rows(
    applicability: Applicability, profile: Profile, section: Section, question: Question, group: Question
) -> Iterator[Line]:
    rows = applicability.list_group_rows(group)
    if not rows:
        yield _make_line(profile, _place(section, question, None), Fraction(1), find_group_status(applicability, group))
        return
    items = [_place(section, question, row) for row in rows]
    standing = sum(find_status(applicability, item) not in ("declined", "disabled") for item in items)
    for item in items:
        yield _draw_line(applicability, profile, item, Fraction(1, standing or len(items)))


def _draw_line(applicability: Applicability, profile: Profile, item: Item, part: Fraction) -> Line:
    status = find_status(applicability, item)
    line = _make_line(profile, item, part, status)
    if status != "value":
        return line
    points = award_points(profile.questions[item.question.key], applicability.values[item.key])
    return replace(line, points=points.earned, why=points.why)


def _make_line(profile: Profile, item: Item, part: Fraction, status: Status) -> Line:
    return Line(
        section=item.section.key,
        pillar=item.section.pillar or "",
        question=item.question.key,
        row_id=item.row_id,
        tier=item.question.tier,
        weight=Fraction(profile.questions[item.question.key].weight) * part,
        status=status,
        points=NONE if status in COUNTED else None,
        share=NONE,
        why={},
    )
