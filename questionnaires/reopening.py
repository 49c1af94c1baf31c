"""Which places of what was submitted may change again when named answers are asked about, and which stay locked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from questionnaires.answers import AnswerKey, Problem
from questionnaires.definition import Definition, Question, Tier, contains

ANY_ROW = "*"  # no id of a row is spelled so


def find_reopened(
    definition: Definition, tier: Tier, asked: Iterable[AnswerKey], answered: Collection[AnswerKey]
) -> list[str]:
    """The places that were asked about, and those that hang on them and had no answer; sorted, as `is_reopened` reads.

    A question that another answer would newly open must be answered, too; what was answered already stays as it is. A
    group that is asked about is open with all its rows, a question in a group without a row in all of them.
    """
    places = {spell_place(*one) for key, row in asked for one in _list_places(definition, key, row)}
    names = {place.partition("/")[0] for place in places}
    for question in _follow(definition, names):
        if contains(tier, question.tier):
            places |= {spell_place(*one) for one in _list_unanswered(definition, question, answered)}
    return sorted(places)


def spell_place(question: str, row_id: str | None) -> str:
    """A place as one word."""
    return question if row_id is None else f"{question}/{row_id}"


def is_reopened(reopened: Collection[str], question: str, row_id: str | None) -> bool:
    """Whether an answer may change."""
    named = spell_place(question, row_id) in reopened
    return named or (row_id is not None and spell_place(question, ANY_ROW) in reopened)


def find_lock(reopened: Collection[str], question: str, row_id: str | None) -> Problem | None:
    """Why an answer may not change yet; none where it may."""
    if is_reopened(reopened, question, row_id):
        return None
    return Problem(code="answer_waits", question=question, row_id=row_id)


def _list_places(definition: Definition, key: str, row_id: str | None) -> Iterator[AnswerKey]:
    question = definition.questions[key]
    if question.type == "group":
        yield (key, None)
        yield (key, ANY_ROW)
        for child in question.questions:
            yield (child.key, ANY_ROW)
    else:
        yield (key, row_id or (ANY_ROW if key in definition.parents else None))


def _follow(definition: Definition, names: set[str]) -> list[Question]:
    """The questions whose being asked hangs on one of these, or on one that does."""
    known, found = set(names), list[Question]()
    while True:
        added = [
            question
            for question in definition.questions.values()
            if question.key not in known and _names(definition, question) & known
        ]
        if not added:
            return found
        found += added
        known |= {question.key for question in added}


def _names(definition: Definition, question: Question) -> set[str]:
    """What a question's being asked hangs on: its own condition, and its group's."""
    group = definition.parents.get(question.key)
    conditions = [question.enable_when, None if group is None else group.enable_when]
    return {clause.q for condition in conditions if condition is not None for clause in condition.clauses}


def _list_unanswered(
    definition: Definition, question: Question, answered: Collection[AnswerKey]
) -> Iterator[AnswerKey]:
    rows = sorted({row for key, row in answered if row is not None and _is_beside(definition, key, question)})
    if question.type == "group":
        if not rows and (question.key, None) not in answered:
            yield from _list_places(definition, question.key, None)
    elif question.key in definition.parents:
        yield from ((question.key, row) for row in rows if (question.key, row) not in answered)
    elif (question.key, None) not in answered:
        yield (question.key, None)


def _is_beside(definition: Definition, key: str, question: Question) -> bool:
    """Whether an answer stands in the group of the question, or is a row of it."""
    group = question if question.type == "group" else definition.parents.get(question.key)
    parent = definition.parents.get(key)
    return group is not None and group.key in (key, None if parent is None else parent.key)
