"""Which questions a set of answers opens at a tier: one pass in document order, no expression language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from questionnaires import conditions
from questionnaires.answers import Answer, AnswerKey, Answers, list_rows
from questionnaires.definition import Definition, Question, Section, Tier, Value, contains
from questionnaires.result import OpenState


@dataclass(frozen=True)
class Item:
    """One place for an answer: a question, in a row where it belongs to a group, and whether it is asked now."""

    section: Section
    question: Question
    row_id: str | None
    enabled: bool

    @property
    def key(self) -> AnswerKey:
        return (self.question.key, self.row_id)


@dataclass(frozen=True)
class Applicability:
    """The places of one tier in document order, and the answers that count there."""

    definition: Definition
    tier: Tier
    items: tuple[Item, ...]
    values: Mapping[AnswerKey, Value]
    answers: Answers

    @cached_property
    def enabled(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.enabled)

    @cached_property
    def enabled_keys(self) -> frozenset[AnswerKey]:
        return frozenset(item.key for item in self.enabled)

    @cached_property
    def judged(self) -> dict[AnswerKey, bool | OpenState]:
        """How the gates of the places stand, once somebody asked: it is filled and explained in `gates`."""
        return {}

    @cached_property
    def places(self) -> Mapping[AnswerKey, Item]:
        return {item.key: item for item in self.items}

    @cached_property
    def items_by_question(self) -> Mapping[str, tuple[Item, ...]]:
        """The places of each question, which are several only inside a group."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.question.key, []).append(item)
        return {key: tuple(items) for key, items in found.items()}

    def find_answer(self, item: Item) -> Answer | None:
        """The answer that counts: none where the place is disabled."""
        return self.answers.get(item.key) if item.enabled else None

    def look_up(self, row_id: str | None) -> conditions.Lookup:
        """Values as seen from a row of a group (None: from outside groups)."""
        return lambda key: self.values.get((key, row_id)) if key in self._children else self.values.get((key, None))

    @cached_property
    def _children(self) -> frozenset[str]:
        return frozenset(self.definition.parents)

    def list_group_rows(self, group: Question) -> tuple[str, ...]:
        """Rows that count: none where the group as a whole is not applicable, unknown, declined or disabled."""
        if (group.key, None) not in self.enabled_keys:
            return ()
        return _count_rows(self.definition, group, self.answers)

    def keep_enabled(self) -> Answers:
        """The answers of enabled places alone, as a submission freezes them."""
        rows = {(key, row) for key, row in self.answers if row is not None and self._is_live_row(key, row)}
        return {key: answer for key, answer in self.answers.items() if key in self.enabled_keys or key in rows}

    def _is_live_row(self, key: str, row: str) -> bool:
        question = self.definition.questions.get(key)
        return question is not None and question.type == "group" and row in self.list_group_rows(question)


def find_applicable(definition: Definition, tier: Tier, answers: Answers) -> Applicability:
    """Walk once; the answer of a disabled question counts as absent for everything after it."""
    walk = _Walk(definition, tier, answers)
    items = tuple(walk.run())
    return Applicability(definition, tier, items, walk.values, answers)


def _count_rows(definition: Definition, group: Question, answers: Answers) -> tuple[str, ...]:
    whole = answers.get((group.key, None))
    return list_rows(definition, group, answers) if whole is None or whole.state == "value" else ()


class _Walk:
    def __init__(self, definition: Definition, tier: Tier, answers: Answers) -> None:
        self.definition = definition
        self.tier = tier
        self.answers = answers
        self.values: dict[AnswerKey, Value] = {}

    def run(self) -> Iterator[Item]:
        for section in self.definition.sections:
            for question in section.questions:
                if not contains(self.tier, question.tier):
                    continue
                item = self._visit(section, question, None, open_above=True)
                yield item
                for row in _count_rows(self.definition, question, self.answers) if question.type == "group" else ():
                    yield from self._visit_row(section, question, row, open_above=item.enabled)

    def _visit_row(self, section: Section, group: Question, row: str, *, open_above: bool) -> Iterator[Item]:
        for child in group.questions:
            if contains(self.tier, child.tier):
                yield self._visit(section, child, row, open_above=open_above)

    def _visit(self, section: Section, question: Question, row: str | None, *, open_above: bool) -> Item:
        def look_up(key: str) -> Value | None:
            return self.values.get((key, row if key in self.definition.parents else None))

        enabled = open_above and conditions.holds(self.definition, question.enable_when, look_up)
        answer = self.answers.get((question.key, row))
        if enabled and answer is not None and answer.state == "value" and answer.value is not None:
            self.values[(question.key, row)] = answer.value
        return Item(section, question, row, enabled)
