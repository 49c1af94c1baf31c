"""What becomes of each answer in another version, another period, or another questionnaire that asks the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from questionnaires import answers as given
from questionnaires import difference, submission
from questionnaires.answers import Answer, AnswerKey, Answers, Problem
from questionnaires.definition import Definition, Question
from questionnaires.difference import Difference

# carried: stands as it is. confirm: stands once its owner has looked at it. blank: is asked anew, the old one shown
# beside it. dropped: stays in the old response only. new: was not asked before.
Fate = Literal["carried", "confirm", "blank", "dropped", "new"]

BLANKS = frozenset({"meaning_raised", "unit_changed"})
ENDS = frozenset({"question_removed", "type_changed"})
NOTED = ("reworded", "question_renamed", "option_added")


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One place: where the answer comes from and goes to, what becomes of it, and why.

    `answer` is what is written to the new response; `old` is the earlier answer. `reasons` are codes of changes, of
    problems of the answer under the new version, or `another_period` and `same_concept`.
    """

    fate: Fate
    question: str | None  # of the new version; None where it is not asked there
    row_id: str | None = None
    old_question: str | None = None
    reasons: tuple[str, ...] = ()
    old: Answer | None = None
    answer: Answer | None = None


def carry_forward(changed: Difference, answers: Answers, *, renews: bool = False) -> tuple[Carried, ...]:
    """The fate of every answer and of every question without one: first the new document in order, then what is left.

    Where it `renews`, the new response is about another period, so that nothing stands unseen.
    """
    return tuple(_Carrying(changed, answers, renews).run())


def list_answers(carried: tuple[Carried, ...]) -> Answers:
    """What is written to the new response."""
    return given.index_answers(one.answer for one in carried if one.answer is not None)


class _Carrying:
    def __init__(self, changed: Difference, answers: Answers, renews: bool) -> None:
        self.changed = changed
        self.new = changed.new
        self.renews = renews
        self.left = dict(answers)
        self.forth = {old: new for new, old in changed.renamed.items()}

    def run(self) -> Iterator[Carried]:
        for question in self.new.questions.values():
            old_key = self.changed.find_old_key(question.key)
            earlier = [answer for answer in self.left.values() if answer.question == old_key]
            if self._ends(question):
                earlier = []  # another question under the same key: its answers are left
            for answer in sorted(earlier, key=lambda one: one.row_id or ""):
                del self.left[answer.key]
                yield self._carry(question, answer)
            if not earlier and question.key not in self.new.parents:
                yield Carried(fate="new", question=question.key, reasons=self._explain_new(question))
        for answer in self.left.values():
            yield self._drop(answer)

    def _codes(self, question: Question) -> tuple[str, ...]:
        codes = [change.code for change in self.changed.by_question.get(question.key, ())]
        parent = self.new.parents.get(question.key)
        if parent is not None:  # rows of another meaning take what is in them along
            codes += [change.code for change in self.changed.by_question.get(parent.key, ()) if change.code in BLANKS]
        return tuple(dict.fromkeys(codes))

    def _ends(self, question: Question) -> bool:
        return not ENDS.isdisjoint(self._codes(question))

    def _explain_new(self, question: Question) -> tuple[str, ...]:
        return tuple(code for code in self._codes(question) if code in ("question_added", "type_changed"))

    def _drop(self, answer: Answer) -> Carried:
        key = self.forth.get(answer.question, answer.question)
        codes = {change.code for change in self.changed.by_question.get(key, ())}
        reasons = tuple(sorted(codes & ENDS)) or ("unknown_question",)
        kept = key if key in self.new.questions else None
        return Carried(
            fate="dropped",
            question=kept,
            row_id=answer.row_id,
            old_question=answer.question,
            reasons=reasons,
            old=answer,
        )

    def _carry(self, question: Question, old: Answer) -> Carried:
        codes = self._codes(question)
        answer = dataclasses.replace(old, question=question.key)
        reasons = [code for code in codes if code in BLANKS]
        fate: Fate = "blank"
        if not reasons:
            problem = check_answer(self.new, question, answer)
            fate, reasons = self._judge(codes, question, problem)
        return Carried(
            fate=fate,
            question=question.key,
            row_id=old.row_id,
            old_question=old.question,
            reasons=tuple(reasons),
            old=old,
            answer=None if fate == "blank" else answer,
        )

    def _judge(self, codes: tuple[str, ...], question: Question, problem: Problem | None) -> tuple[Fate, list[str]]:
        """The fate of an answer whose question means the same."""
        if problem is not None and problem.code in UNSAVABLE:
            return "blank", [problem.code]
        noted = [code for code in codes if code in NOTED]
        if problem is not None:
            return "confirm", [*noted, problem.code]
        if self.renews:
            return "confirm", [*noted, "another_period"]
        return ("confirm" if "option_added" in noted else "carried"), noted


# Answers that the new version would not even keep as a draft.
UNSAVABLE = frozenset(
    {"unknown_option", "not_applicable_not_allowed", "decline_not_allowed", "wrong_type", "not_whole", "row_missing"}
)


def check_answer(definition: Definition, question: Question, answer: Answer) -> Problem | None:
    """What an answer by itself breaks under a version: its state, its value, its limits."""
    kept = given.check_saved(
        definition,
        question.key,
        row_id=answer.row_id,
        state=answer.state,
        value=answer.value,
        reason=answer.reason,
    )
    if isinstance(kept, Problem):
        return kept
    return next(submission.check_limits(definition, question, kept), None)


def find_reusable(
    definition: Definition, responses: Mapping[str, tuple[Definition, Answers]]
) -> Mapping[AnswerKey, tuple[str, Answer]]:
    """Answers of other questionnaires to the same concepts, by place, each with the name of its response.

    Only single facts of the same type and unit, outside of groups; of several responses the first one given wins.
    """
    found: dict[AnswerKey, tuple[str, Answer]] = {}
    for question in definition.questions.values():
        if question.concept is None or question.key in definition.parents or question.type == "group":
            continue
        for name, (other, answers) in responses.items():
            answer = _find_same(definition, question, other, answers)
            if answer is not None:
                found.setdefault((question.key, None), (name, answer))
    return found


def _find_same(definition: Definition, question: Question, other: Definition, answers: Answers) -> Answer | None:
    for asked in other.questions.values():
        same = (asked.concept, asked.type, asked.unit) == (question.concept, question.type, question.unit)
        answer = answers.get((asked.key, None)) if same and asked.key not in other.parents else None
        if answer is None or answer.state != "value":
            continue
        moved = dataclasses.replace(answer, question=question.key)
        if check_answer(definition, question, moved) is None:
            return moved
    return None


def compare_years(old: Definition, new: Definition) -> Mapping[str, str]:
    """For each question of the new version, whether two answers can be set side by side: `same` or why not."""
    changed = difference.compare(old, new)
    return {key: _compare_question(changed, key) for key in new.questions}


def _compare_question(changed: Difference, key: str) -> str:
    codes = [change.code for change in changed.by_question.get(key, ())]
    unlike = [code for code in codes if code in BLANKS | ENDS | {"question_added", "option_added", "option_removed"}]
    return unlike[0] if unlike else "same"
