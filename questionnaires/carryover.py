"""What becomes of each answer in another version, another period, or another questionnaire that asks the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from questionnaires import answers as given
from questionnaires import difference, submission
from questionnaires.answers import Answer, AnswerKey, Answers, Problem
from questionnaires.definition import NUMBERS, Definition, Question, Tier, Value, contains
from questionnaires.difference import Difference
from questionnaires.profile import Profile

# carried: stands as it is. confirm: stands once its owner has looked at it. blank: is asked anew, the old one shown
# beside it. dropped: stays in the old response only. new: was not asked before.
Fate = Literal["carried", "confirm", "blank", "dropped", "new"]

BLANKS = frozenset({"meaning_raised", "unit_changed"})
ENDS = frozenset({difference.REMOVED, "type_changed"})
NOTED = ("reworded", "question_renamed", "option_added")
# Reasons that are no changes.
ANOTHER_PERIOD, GONE = "another_period", "unknown_question"
FIGURE = "figure_of_period"
# Whether two totals stand on the same footing, or why not. Who reads results knows of one that is `not_scored`.
Footing: TypeAlias = Literal["same", "not_scored", "questions_differ", "scoring_differs"]


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One place: where the answer comes from and goes to, what becomes of it, and why.

    `answer` is what is written to the new response; `old` is the earlier answer. `reasons` are codes of changes, of
    problems of the answer under the new version, or `another_period`, `figure_of_period` and `unknown_question`.
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

    Where it `renews`, the new response is about another period, so that nothing stands unseen, and a figure is asked
    anew.
    """
    return tuple(_Carrying(changed, answers, renews).run())


def is_figure(question: Question, answer: Answer) -> bool:
    """Whether an answer counts or measures something, so that it is true of its own period alone.

    The format does not say of what time a question asks, so every number is taken for a figure: a wrong one stands in
    a result unseen, while what describes a state is confirmed by somebody who knows whether it still holds.
    """
    return question.type in NUMBERS and answer.state == "value"


def match_questions(changed: Difference) -> Mapping[str, str]:
    """The new key of each question of the old version that asks the same, in the same unit and type, in the new one."""
    broken = BLANKS | ENDS
    matched = {}
    for key in changed.new.questions:
        codes = {change.code for change in changed.by_question.get(key, ())}
        parent = changed.new.parents.get(key)
        if parent is not None:
            codes |= {change.code for change in changed.by_question.get(parent.key, ())}
        old = changed.find_old_key(key)
        if old is not None and codes.isdisjoint(broken):
            matched[old] = key
    return matched


def list_answers(carried: tuple[Carried, ...]) -> Answers:
    """What is written to the new response."""
    return given.index_answers(one.answer for one in carried if one.answer is not None)


class _Carrying:
    def __init__(self, changed: Difference, answers: Answers, renews: bool) -> None:
        self.changed = changed
        self.new = changed.new
        self.renews = renews
        self.left = dict(answers)

    def run(self) -> Iterator[Carried]:
        for question in self.new.questions.values():
            old_key = self.changed.find_old_key(question.key)
            earlier = [answer for answer in self.left.values() if answer.question == old_key]
            if self._ends(question):
                earlier = []  # another question under the same key: its answers are left
            for answer in sorted(earlier, key=lambda one: one.row_id or ""):
                del self.left[answer.key]
                yield self._carry(question, answer)
            why_new = self._explain_new(question)
            if not earlier and (question.key not in self.new.parents or why_new):
                yield Carried(fate="new", question=question.key, reasons=why_new)
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
        key = self.changed.forth.get(answer.question)
        if key is not None:
            reasons = tuple(sorted(ENDS & {change.code for change in self.changed.by_question[key]}))
        else:
            reasons = (difference.REMOVED if answer.question in self.changed.old.questions else GONE,)
        return Carried(
            fate="dropped",
            question=key,
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
            fate, reasons = self._judge(codes, question, answer, problem)
        return Carried(
            fate=fate,
            question=question.key,
            row_id=old.row_id,
            old_question=old.question,
            reasons=tuple(reasons),
            old=old,
            answer=None if fate == "blank" else answer,
        )

    def _judge(
        self, codes: tuple[str, ...], question: Question, answer: Answer, problem: Problem | None
    ) -> tuple[Fate, list[str]]:
        """The fate of an answer whose question means the same."""
        if problem is not None and problem.code in UNSAVABLE:
            return "blank", [problem.code]
        noted = [code for code in codes if code in NOTED]
        if self.renews and is_figure(question, answer):
            return "blank", [*noted, FIGURE]
        if problem is not None:
            return "confirm", [*noted, problem.code]
        if self.renews:
            return "confirm", [*noted, ANOTHER_PERIOD]
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


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response to another questionnaire, and whether it is about the same period."""

    definition: Definition
    answers: Answers
    is_same_period: bool


def find_reusable(definition: Definition, responses: Mapping[str, Response]) -> Mapping[AnswerKey, tuple[str, Answer]]:
    """Answers of other questionnaires to the same concepts, by the place they fit, each with the name of its response.

    Only single facts of the same type and unit, outside of groups; of several responses the first one given wins. A
    figure counts for its own period alone: see `find_figures`.
    """
    return _find_by_concept(definition, responses, figures_of_others=False)


def find_figures(definition: Definition, responses: Mapping[str, Response]) -> Mapping[AnswerKey, tuple[str, Answer]]:
    """As `find_reusable` the figures of other periods: to look at, since they are not true of this one."""
    return _find_by_concept(definition, responses, figures_of_others=True)


def _find_by_concept(
    definition: Definition, responses: Mapping[str, Response], *, figures_of_others: bool
) -> Mapping[AnswerKey, tuple[str, Answer]]:
    found: dict[AnswerKey, tuple[str, Answer]] = {}
    for question in definition.questions.values():
        if question.concept is None or question.key in definition.parents or question.type == "group":
            continue
        for name, response in responses.items():
            answer = _find_same(definition, question, response.definition, response.answers)
            if answer is None:
                continue
            if (is_figure(question, answer) and not response.is_same_period) == figures_of_others:
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
            return answer
    return None


def take_comparable(changed: Difference, answers: Answers) -> Answers:
    """The answers of an earlier response that can be set beside those of another period, under the keys of its version.

    A question of a group counts where its group means the same too.
    """
    new = changed.new
    found: dict[AnswerKey, Answer] = {}
    for key in new.questions:
        if _compare_question(changed, key) == "same":
            old_key = changed.find_old_key(key)
            for (_, row), answer in ((place, answer) for place, answer in answers.items() if place[0] == old_key):
                found[(key, row)] = dataclasses.replace(answer, question=key, value=_order_options(new, key, answer))
    return found


def _order_options(definition: Definition, key: str, answer: Answer) -> Value | None:
    """The value with its options in the order of this version: another order is no other answer."""
    question = definition.questions[key]
    if question.type != "multi_choice" or not isinstance(answer.value, tuple):
        return answer.value
    return tuple(option.key for option in definition.options(question) if option.key in answer.value)


def compare_questions(changed: Difference) -> Mapping[str, str]:
    """For each question of the new version, whether two answers can be set side by side: `same` or why not."""
    return {key: _compare_question(changed, key) for key in changed.new.questions}


def _compare_question(changed: Difference, key: str) -> str:
    """`same`, or the first change of the question, or of the group that it is in, that sets answers apart."""
    parent = changed.new.parents.get(key)
    asked = (key,) if parent is None else (key, parent.key)
    codes = [change.code for one in asked for change in changed.by_question.get(one, ())]
    unlike = [code for code in codes if code in BLANKS | ENDS | {"question_added", "option_added", "option_removed"}]
    return unlike[0] if unlike else "same"


def compare_totals(changed: Difference, old: Profile, new: Profile, tier: Tier) -> Footing:
    """Whether totals of two versions at one tier stand on the same footing: `same`, or what makes them differ.

    `questions_differ`: another measure is scored, or one that is not the same. `scoring_differs`: the same measures
    have other points or weights.
    """
    scored = [_list_scored(changed.old, old, tier, changed.forth), _list_scored(changed.new, new, tier, {})]
    reasons = compare_questions(changed)
    moved = {changed.forth.get(key, key): score for key, score in scored[0].items()}
    if moved.keys() != scored[1].keys() or any(reasons[key] != "same" for key in scored[1]):
        return "questions_differ"
    frames = [(profile.pillars, profile.sections, profile.max_na_share) for profile in (old, new)]
    return "same" if moved == scored[1] and frames[0] == frames[1] else "scoring_differs"


def _list_scored(
    definition: Definition, profile: Profile, tier: Tier, forth: Mapping[str, str]
) -> Mapping[str, object]:
    """How each measure of a tier is scored, and where it counts; other questions are named as `forth` has them."""
    return {
        key: (
            difference.rename_keys(score, forth),
            difference.rename_keys(definition.questions[key].enable_when, forth),
            definition.sections_by_question[key].pillar,
        )
        for key, score in profile.questions.items()
        if contains(tier, definition.questions[key].tier)
    }
