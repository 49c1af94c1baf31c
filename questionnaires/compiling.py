"""A questionnaire at a tier, compiled once: what applies, and the check of a submission, as the interpreter tells them.

The interpreter (applicability.py, submission.py) stays the oracle: whatever is not surely in order goes through it, and
tests hold both equal on generated questionnaires and answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from questionnaires import submission
from questionnaires.answers import AnswerKey, Answers, Problem
from questionnaires.applicability import Applicability, Item
from questionnaires.compiled_conditions import Test, compile_condition
from questionnaires.compiled_values import QuickCheck
from questionnaires.definition import Definition, Question, Section, Tier, Value, contains
from questionnaires.submission import Attachment

RowIds: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A question of the tier outside groups, or inside one: its condition, and its item as asked and as not asked."""

    key: AnswerKey
    section: Section
    question: Question
    test: Test | None
    asked: Item
    unasked: Item
    quick: QuickCheck
    children: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """One pass over a tier: which spots are asked, by their position, and the rows of each group with their items."""

    applicability: Applicability
    asked: tuple[bool, ...]
    rows: dict[str, RowIds]
    inside: dict[str, tuple[Item, ...]]


class CompiledTier:
    """One tier of a questionnaire version; it keeps nothing of any answer, so that it may be used by all."""

    def __init__(self, definition: Definition, tier: Tier) -> None:
        self.definition, self.tier = definition, tier
        self.spots = tuple(
            _compile_spot(definition, tier, section, question)
            for section in definition.sections
            for question in section.questions
            if contains(tier, question.tier)
        )
        self._plan = tuple((spot.key, spot.test, spot.asked, spot.unasked, spot) for spot in self.spots)
        self._groups = {key: group.key for key, group in definition.parents.items()}
        groups = (question for question in definition.questions.values() if question.type == "group")
        self._groups |= {group.key: group.key for group in groups}

    def find_applicable(self, answers: Answers) -> Applicability:
        """What applicability.find_applicable gives."""
        return self.walk(answers).applicability

    def walk(self, answers: Answers) -> Walk:
        """The same, with what checks and scores look at."""
        values: dict[AnswerKey, Value] = {}
        items: list[Item] = []
        flags: list[bool] = []
        inside: dict[str, tuple[Item, ...]] = {}
        rows = self._list_rows(answers) if self._groups else {}
        for key, test, asked, unasked, spot in self._plan:
            flag = test is None or test(values, None)
            flags.append(flag)
            items.append(asked if flag else unasked)
            if flag:
                answer = answers.get(key)
                if answer is not None and answer.state == "value" and answer.value is not None:
                    values[key] = answer.value
            if spot.question.key in rows:
                found = tuple(_walk_rows(spot, rows[spot.question.key], answers, values, is_asked=flag))
                inside[spot.question.key] = found
                items.extend(found)
        applicability = Applicability(self.definition, self.tier, tuple(items), values, answers)
        return Walk(applicability, tuple(flags), rows, inside)

    def check_submission(
        self,
        answers: Answers,
        *,
        day: date,
        attachments: Collection[Attachment] = (),
        staff: int | None = None,
        unconfirmed: Collection[AnswerKey] = (),
    ) -> list[Problem]:
        """What submission.check_submission gives for these answers."""
        walk = self.walk(answers)
        return self.check_walk(walk, day=day, attachments=attachments, staff=staff, unconfirmed=unconfirmed)

    def check_walk(
        self,
        walk: Walk,
        *,
        day: date,
        attachments: Collection[Attachment] = (),
        staff: int | None = None,
        unconfirmed: Collection[AnswerKey] = (),
    ) -> list[Problem]:
        """The same, of answers that were walked already."""
        attached: dict[AnswerKey, list[Attachment]] = {}
        for file in attachments:
            attached.setdefault(file.key, []).append(file)
        problems: list[Problem] = []
        applicability = walk.applicability
        for item in self._find_doubtful(walk, {*attached, *unconfirmed}):
            files = attached.get(item.key, ())
            problems.extend(submission.check_place(applicability, item, day=day, attachments=files, staff=staff))
            if item.key in unconfirmed:
                problems.append(submission.explain_unconfirmed(item))
        return problems

    def _find_doubtful(self, walk: Walk, attached: Collection[AnswerKey]) -> Iterator[Item]:
        """The places that are asked and not surely in order, in document order."""
        answers, values = walk.applicability.answers, walk.applicability.values
        for spot, flag in zip(self.spots, walk.asked, strict=True):
            if not flag:
                continue
            key, quick = spot.key, spot.quick
            answer = answers.get(key)
            if key in attached or not (quick.may_be_missing if answer is None else quick.passes(answer, values, None)):
                yield spot.asked
            if spot.children:
                yield from _find_doubtful_rows(spot, walk, attached)

    def _list_rows(self, answers: Answers) -> dict[str, RowIds]:
        """The rows of each group that has some, sorted, unless the group as a whole is answered otherwise."""
        found: dict[str, set[str]] = {}
        for key, row in answers:
            if row is not None and key in self._groups:
                found.setdefault(self._groups[key], set()).add(row)
        wholes = {group: answers.get((group, None)) for group in found}
        return {
            group: tuple(sorted(found[group]))
            for group, whole in wholes.items()
            if whole is None or whole.state == "value"
        }


def _compile_spot(definition: Definition, tier: Tier, section: Section, question: Question) -> Spot:
    children = [child for child in question.questions if question.type == "group" and contains(tier, child.tier)]
    asked = Item(section, question, None, enabled=True)
    return Spot(
        key=(question.key, None),
        section=section,
        question=question,
        test=compile_condition(definition, question.enable_when),
        asked=asked,
        unasked=Item(section, question, None, enabled=False),
        quick=QuickCheck(definition, tier, asked),
        children=tuple(_compile_spot(definition, tier, section, child) for child in children),
    )


def _walk_rows(
    group: Spot, rows: RowIds, answers: Answers, values: dict[AnswerKey, Value], *, is_asked: bool
) -> Iterator[Item]:
    for row in rows:
        for child in group.children:
            flag = is_asked and (child.test is None or child.test(values, row))
            place = (child.question.key, row)
            answer = answers.get(place) if flag else None
            if answer is not None and answer.state == "value" and answer.value is not None:
                values[place] = answer.value
            yield Item(child.section, child.question, row, flag)


def _find_doubtful_rows(group: Spot, walk: Walk, attached: Collection[AnswerKey]) -> Iterator[Item]:
    quick = {child.question.key: child.quick for child in group.children}
    for item in walk.inside.get(group.question.key, ()):
        if not item.enabled:
            continue
        test, answer = quick[item.question.key], walk.applicability.answers.get(item.key)
        passes = test.may_be_missing if answer is None else test.passes(answer, walk.applicability.values, item.row_id)
        if item.key in attached or not passes:
            yield item
