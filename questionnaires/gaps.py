"""Gaps that a firm declares itself, with a plan: what is one, how long its plan holds, and what a plan must say.

A plan changes no points, and lifts no critical rule: it is told beside the score. What it earns is time: until its day,
or until the longest time there is for one, whichever comes sooner. Its day may be put off once after it was submitted.
What is wrong with a plan never keeps its answer from being saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from questionnaires.answers import AnswerKey, Problem
from questionnaires.definition import Definition
from questionnaires.points import find_best, find_least
from questionnaires.profile import Profile
from questionnaires.result import Line, Result

MAX_PLAN = 1_000  # characters
STATES = frozenset({"value", "unknown"})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is done about a gap, until when, and who answers for it: the id of a person of the firm."""

    text: str
    due_on: date
    owner: str


@dataclass(frozen=True, kw_only=True)
class Pledge:
    """A plan with what is remembered of it, also once it was taken out again: then `plan` is none.

    `since` is the day that a plan was first made for the answer, and `pledged_due_on` the latest day that a submission
    named. `counted_from` is the day of the submission that the longest time is counted from: the first one with the
    plan, or the one that put its day off, which is `extended` then.
    """

    plan: Plan | None
    since: date
    pledged_due_on: date | None = None
    counted_from: date | None = None
    extended: bool = False

    @property
    def puts_off(self) -> bool:
        """Whether the plan names a later day than what was submitted."""
        return self.plan is not None and self.pledged_due_on is not None and self.plan.due_on > self.pledged_due_on

    def submit(self, day: date) -> Pledge:
        """As it stands from a submission on `day` on; one without a plan stays as it is."""
        if self.plan is None:
            return self
        is_new = self.pledged_due_on is None or self.puts_off
        return replace(
            self,
            pledged_due_on=max(self.plan.due_on, self.pledged_due_on or self.plan.due_on),
            counted_from=day if is_new else self.counted_from,
            extended=self.extended or self.puts_off,
        )

    def find_end(self, longest: int) -> date | None:
        """The last day on which the plan of what was submitted holds; `longest` is in days."""
        if self.plan is None or self.counted_from is None:
            return None
        return min(self.plan.due_on, self.counted_from + timedelta(days=longest))


def make_pledge(standing: Pledge | None, plan: Plan | None, day: date) -> Pledge | None:
    """What is kept once a plan was given on a day, or taken out; nothing where there never was one."""
    if standing is None:
        return None if plan is None else Pledge(plan=plan, since=day)
    if standing.plan is None and standing.pledged_due_on is None and plan is not None:
        return Pledge(plan=plan, since=day)
    return replace(standing, plan=plan)


def check_pledge(
    definition: Definition, key: AnswerKey, state: str, pledge: Pledge, *, is_member: bool
) -> Problem | None:
    """Why a plan at an answer cannot be submitted: what it is for, what it says, its owner, or put off a second time.

    Saving keeps it all the same. One that is not expected stands in the way of nothing, as it is no part of what is
    submitted.
    """

    def refuse(code: str, **parameters: str) -> Problem:
        return Problem(code=code, question=key[0], row_id=key[1], parameters=parameters)

    plan = pledge.plan
    if plan is None:
        return None
    if not is_plan_expected(definition, key[0], state):
        return refuse("plan_not_expected")
    if not plan.text.strip():
        return refuse("plan_empty")
    if len(plan.text) > MAX_PLAN:
        return refuse("plan_too_long", length=str(len(plan.text)), max=str(MAX_PLAN))
    if not is_member:
        return refuse("plan_owner")
    if pledge.puts_off and pledge.extended:
        return refuse("plan_extended", due_on=str(pledge.pledged_due_on))
    return None


def is_plan_expected(definition: Definition, question: str, state: str) -> bool:
    """Whether an answer is one that can be a gap: of a measure, with a value or with not knowing."""
    asked = definition.questions.get(question)
    return asked is not None and asked.kind == "measure" and state in STATES


def check_day(key: AnswerKey, plan: Plan, day: date) -> Problem | None:
    """That the day of a plan has come, where it has: it may be submitted, and counts for nothing."""
    if day < plan.due_on:
        return None
    days = {"due_on": plan.due_on.isoformat(), "today": day.isoformat()}
    return Problem(code="plan_date", question=key[0], row_id=key[1], parameters=days)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A measure that earns less than it could; `is_critical` where it hit a rule, whose cap of the band stays."""

    section: str
    question: str
    row_id: str | None
    points: Fraction
    best: Fraction
    is_critical: bool

    @property
    def key(self) -> AnswerKey:
        return (self.question, self.row_id)


def find_gaps(result: Result, definition: Definition, profile: Profile) -> Iterator[Gap]:
    """Every measure that was answered, with a value or with not knowing, and does not earn all it could."""
    fired = {(one.question, one.row_id) for one in result.fired}
    for line in result.lines:
        if line.status in STATES and line.points is not None:
            best = _find_aim(definition, profile, line)
            if line.points != best:
                yield Gap(
                    section=line.section,
                    question=line.question,
                    row_id=line.row_id,
                    points=line.points,
                    best=best,
                    is_critical=line.key in fired,
                )


def _find_aim(definition: Definition, profile: Profile, line: Line) -> Fraction:
    question, score = definition.questions[line.question], profile.questions[line.question]
    if profile.is_lower_better:
        return find_least(question, score)
    return find_best(definition, question, score)
