"""Critical rules: an answer that admits harm caps the band, never the points; an open one leaves no band."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from questionnaires import conditions, gates
from questionnaires.answers import Answer
from questionnaires.applicability import Applicability, Item
from questionnaires.definition import NUMBERS, Question, contains
from questionnaires.lines import find_group_status
from questionnaires.profile import CriticalRule, Profile
from questionnaires.result import Fired, OpenRule, OpenState


@dataclass(frozen=True)
class Ruling:
    """The rules that fired, and those that stay open because nobody knows."""

    fired: tuple[Fired, ...]
    open_rules: tuple[OpenRule, ...]


def apply_rules(applicability: Applicability, profile: Profile) -> Ruling:
    """All rules on questions of this tier, in the order of the profile."""
    return collect(outcome for rule in profile.critical for outcome in apply_rule(applicability, rule))


def collect(found: Iterable[Fired | OpenRule]) -> Ruling:
    """What rules came to, in their order."""
    outcomes = tuple(found)
    return Ruling(
        tuple(outcome for outcome in outcomes if isinstance(outcome, Fired)),
        tuple(outcome for outcome in outcomes if isinstance(outcome, OpenRule)),
    )


def apply_rule(applicability: Applicability, rule: CriticalRule) -> Iterator[Fired | OpenRule]:
    """What one rule comes to, at each place of its question."""
    question = applicability.definition.questions[rule.question]
    if not contains(applicability.tier, question.tier):
        return
    group = applicability.definition.parents.get(question.key)
    if group is not None and not applicability.list_group_rows(group):
        yield from _apply_without_rows(applicability, rule, group)
        return
    for item in applicability.items_by_question.get(rule.question, ()):
        yield from judge_item(applicability, rule, item)


def judge_item(applicability: Applicability, rule: CriticalRule, item: Item) -> Iterator[Fired | OpenRule]:
    """What a rule comes to at one place."""
    answer = applicability.find_answer(item)
    gate = True if item.enabled else gates.judge_place(applicability, item.key)
    if gate is not True:
        # Not knowing whether it should be asked is not knowing the answer.
        yield from () if gate is False else (leave_open(rule, item.section.key, item.row_id, gate),)
    elif answer is None:
        yield leave_open(rule, item.section.key, item.row_id, "unanswered")
    elif answer.state == "unknown" or answer.state == "declined":
        yield leave_open(rule, item.section.key, item.row_id, answer.state)
    elif _is_hit(rule, item.question, answer):
        yield _fire(rule, item)


def _apply_without_rows(applicability: Applicability, rule: CriticalRule, group: Question) -> Iterator[OpenRule]:
    """A group as a whole left open, or its gate, leaves the rules on its questions open."""
    section = applicability.definition.sections_by_question[group.key].key
    gate = gates.judge_place(applicability, (group.key, None))
    if not isinstance(gate, bool):
        yield leave_open(rule, section, None, gate)
        return
    status = find_group_status(applicability, group)
    if status in ("unknown", "declined", "unanswered"):
        yield leave_open(rule, section, None, status)


def leave_open(rule: CriticalRule, section: str, row_id: str | None, state: OpenState) -> OpenRule:
    """A rule whose question nobody can decide."""
    return OpenRule(rule=rule.key, section=section, question=rule.question, row_id=row_id, state=state)


def _fire(rule: CriticalRule, item: Item) -> Fired:
    return Fired(
        rule=rule.key,
        section=item.section.key,
        question=rule.question,
        row_id=item.row_id,
        cap_band=rule.cap_band,
    )


def _is_hit(rule: CriticalRule, question: Question, answer: Answer) -> bool:
    value = answer.value
    if answer.state != "value" or value is None:
        return False
    if question.type in NUMBERS and rule.op is not None and rule.value is not None:
        return conditions.compare(rule.op, value, rule.value, number=True)
    if isinstance(value, bool):
        return ("true" if value else "false") in rule.options
    return bool(set(value if isinstance(value, tuple) else (value,)) & set(rule.options))
