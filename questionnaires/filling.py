"""What a filled form says: the answer given at each place, what was refused, and the changes that come of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from questionnaires import canonical
from questionnaires.answers import Answer, AnswerKey, Answers, Problem
from questionnaires.definition import Definition, Option, Question, Tier, contains


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What a form was made of: the version by its content hash, and the assessment at a change number."""

    questionnaire: str
    version: str
    content_hash: str
    tier: Tier
    assessment: str = ""
    change_number: int = 0
    locale: str = "en"
    overlay: str = ""  # the content hash of the translation; empty for the source
    place: str = ""  # the subject and period, which a correction shares; empty where the form is of none


@dataclass(frozen=True, kw_only=True)
class Given:
    """What stands at one place of a form: an answer, or none where it was left empty or taken away."""

    key: AnswerKey
    place: str  # "Answers!F14", or "line 12"
    answer: Answer | None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A cell or line that cannot be used, and why; everything else still can."""

    place: str
    problem: Problem


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A form as it came back. `before` has the digest of each answer that the form was handed out with.

    It is None where the form does not say (CSV without marks): then all that is given is meant to stand.
    """

    stamp: Stamp
    given: tuple[Given, ...]
    refused: tuple[Refusal, ...]
    before: Mapping[AnswerKey, str] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)  # the group of each question that is asked in rows


@dataclass(frozen=True, kw_only=True)
class Change:
    """An answer that would become another; `new` is None where it is removed."""

    key: AnswerKey
    place: str
    old: Answer | None
    new: Answer | None


@dataclass
class FilledList:
    """Collects what a form says; the second answer for a place is refused, not taken instead of the first."""

    given: dict[AnswerKey, Given] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)

    def add(self, place: str, found: Answer | Problem | None, key: AnswerKey) -> None:
        if isinstance(found, Problem):
            self.refuse(place, found)
        elif key in self.given:
            first = self.given[key].place
            self.refuse(place, Problem(code="twice", question=key[0], row_id=key[1], parameters={"first": first}))
        else:
            self.given[key] = Given(key=key, place=place, answer=found)

    def refuse(self, place: str, problem: Problem) -> None:
        self.refused.append(Refusal(place=place, problem=problem))


def digest_answer(answer: Answer | None) -> str:
    """A short mark by which equal answers are known; empty for none."""
    if answer is None:
        return ""
    value = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    return hashlib.sha256(canonical.write_canonical([answer.state, value, answer.reason])).hexdigest()[:16]


def find_changes(filled: Filled, current: Answers) -> tuple[Change, ...]:
    """What the form changes of the answers that stand now, in its order.

    A cell that still says what it was handed out with changes nothing, whatever happened elsewhere meanwhile.
    """
    touched = {one.key for one in filled.given if is_touched(filled, one)}
    # A row that was removed elsewhere comes back where something in it was changed here, or that would not be seen.
    filled_in = {one.key for one in filled.given if one.key in touched and one.answer is not None}
    back = {(filled.groups[key], row) for key, row in filled_in if key in filled.groups}
    return tuple(
        Change(key=one.key, place=one.place, old=current.get(one.key), new=one.answer)
        for one in filled.given
        if one.key in touched | back and digest_answer(one.answer) != digest_answer(current.get(one.key))
    )


def is_touched(filled: Filled, one: Given) -> bool:
    """Whether a place says something else than what the form was handed out with."""
    return filled.before is None or digest_answer(one.answer) != filled.before.get(one.key, "")


def name_groups(definition: Definition) -> dict[str, str]:
    return {key: group.key for key, group in definition.parents.items()}


def list_digests(answers: Iterable[Answer]) -> dict[AnswerKey, str]:
    return {answer.key: digest_answer(answer) for answer in answers}


def list_asked(definition: Definition, tier: Tier) -> Iterator[Question]:
    """The questions of a tier outside groups, in order, whatever their conditions say."""
    return (q for section in definition.sections for q in section.questions if contains(tier, q.tier))


def list_children(group: Question, tier: Tier) -> tuple[Question, ...]:
    return tuple(child for child in group.questions if contains(tier, child.tier))


def title_options(definition: Definition, question: Question) -> dict[str, Option]:
    """Options by the title that a list shows; equal titles are told apart by their keys."""
    options = definition.options(question)
    titles = [option.title for option in options]
    return {o.title if titles.count(o.title) == 1 else f"{o.title} ({o.key})": o for o in options}
