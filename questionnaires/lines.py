"""A line for every measure of a tier, and for every row where it belongs to a group: weight, status, points, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from questionnaires import decay, levels
from questionnaires.answers import Answer
from questionnaires.applicability import Applicability, Item
from questionnaires.definition import Question, Section, contains
from questionnaires.points import NONE, Points, award_points, find_unknown
from questionnaires.profile import Profile
from questionnaires.result import COUNTED, Line, Status


def draw_lines(applicability: Applicability, profile: Profile, day: date) -> tuple[Line, ...]:
    """In document order, with the points of closed levels held back; the share of each in the total is still zero."""
    drawn = _draw_open(applicability, profile, day)
    return levels.close_levels(profile, drawn)


def _draw_open(applicability: Applicability, profile: Profile, day: date) -> Iterator[Line]:
    for section, question, group in applicability.definition.walk():
        if question.key not in profile.questions or not contains(applicability.tier, question.tier):
            continue
        if group is None:
            yield _draw_line(applicability, profile, day, _place(section, question, None), Fraction(1))
        else:
            yield from _draw_rows(applicability, profile, day, _place(section, question, None), group)


def find_status(applicability: Applicability, item: Item) -> Status:
    """How the place of an answer stands in the score."""
    if item.key not in applicability.enabled_keys:
        return "disabled"
    answer = applicability.answers.get(item.key)
    return "unanswered" if answer is None else answer.state


def find_group_status(applicability: Applicability, group: Question) -> Status:
    """How the measures of a group without rows stand: as the group as a whole was answered."""
    place = (group.key, None)
    return judge_group(group, applicability.answers.get(place), enabled=place in applicability.enabled_keys)


def judge_group(group: Question, whole: Answer | None, *, enabled: bool) -> Status:
    """The same, of the answer to the group as a whole."""
    if not enabled:
        return "disabled"
    if whole is not None:
        # An empty list says that there are none: nothing to measure.
        return "disabled" if whole.state == "value" else whole.state
    needed = group.required or (group.repeat is not None and group.repeat.min > 0)
    return "unanswered" if needed else "disabled"


def _place(section: Section, question: Question, row: str | None) -> Item:
    return Item(section, question, row, enabled=True)


def _draw_rows(
    applicability: Applicability, profile: Profile, day: date, whole: Item, group: Question
) -> Iterator[Line]:
    rows = applicability.list_group_rows(group)
    if not rows:
        yield _make_line(applicability, profile, whole, Fraction(1), find_group_status(applicability, group))
        return
    items = [_place(whole.section, whole.question, row) for row in rows]
    standing = sum(find_status(applicability, item) not in ("declined", "disabled") for item in items)
    for item in items:
        yield _draw_line(applicability, profile, day, item, Fraction(1, standing or len(items)))


def _draw_line(applicability: Applicability, profile: Profile, day: date, item: Item, part: Fraction) -> Line:
    status = find_status(applicability, item)
    line = _make_line(applicability, profile, item, part, status)
    if status != "value":
        return line
    points = _award(applicability, profile, item, day)
    return replace(line, points=points.earned, why=points.why)


def _award(applicability: Applicability, profile: Profile, item: Item, day: date) -> Points:
    score = profile.questions[item.question.key]
    points = award_points(score, applicability.values[item.key])
    if score.decay is None:
        return points
    begun = decay.find_begun(applicability, score.decay, item.row_id)
    return decay.fade(points, score.decay, begun, day, lower=profile.is_lower_better)


def _make_line(applicability: Applicability, profile: Profile, item: Item, part: Fraction, status: Status) -> Line:
    score = profile.questions[item.question.key]
    unknown = find_unknown(applicability.definition, profile, item.question) if status in COUNTED else None
    return Line(
        section=item.section.key,
        pillar=item.section.pillar or "",
        question=item.question.key,
        row_id=item.row_id,
        tier=item.question.tier,
        weight=Fraction(score.weight) * part,
        status=status,
        points=unknown,
        share=NONE,
        why={},
        level=score.level,
    )
