"""Plans for gaps that a supplier declares: how they are kept at an answer, and what is wrong with one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import colleagues
from portal.assessments.writes import Content, Write
from portal.database.tables.limits import GAP_GRACE_DAYS, find_limit
from questionnaires import gaps
from questionnaires.answers import AnswerKey, Problem
from questionnaires.definition import Definition
from questionnaires.gaps import Gap, Plan, Pledge

State = Literal["standing", "lapsed", "no_plan", "owner_left"]
DAYS = ("due_on", "since", "pledged_due_on", "counted_from")


@dataclass(frozen=True, kw_only=True)
class PlanRules:
    """What plans are judged by: the day, the longest time that one holds, in days, and who of the owners is there."""

    day: date
    longest: int
    members: Mapping[str, str]  # names by id


async def load_rules(session: AsyncSession, actor: Actor, owners: Iterable[str]) -> PlanRules:
    """The same for plans of these owners, in two statements."""
    row = (await session.execute(select(func.portal.clock().label("now"), find_limit(GAP_GRACE_DAYS)))).one()
    named = await colleagues.find_members(session, actor, {UUID(one) for one in owners})
    return PlanRules(day=row[0].date(), longest=row[1], members={str(one): name for one, name in named.items()})


def read_pledge(stored: Mapping[str, Any] | None) -> Pledge | None:
    """What an answer keeps of its plan."""
    if stored is None:
        return None
    days = {name: None if stored[name] is None else date.fromisoformat(stored[name]) for name in DAYS}
    due_on, since = days.pop("due_on"), days.pop("since")
    assert since is not None
    plan = None
    if stored["text"] is not None and due_on is not None:
        plan = Plan(text=stored["text"], due_on=due_on, owner=stored["owner"])
    return Pledge(plan=plan, since=since, extended=stored["extended"], **days)


def write_pledge(pledge: Pledge | None) -> dict[str, Any] | None:
    """The same as JSON."""
    if pledge is None:
        return None
    plan = pledge.plan
    return {
        "text": None if plan is None else plan.text,
        "due_on": None if plan is None else plan.due_on.isoformat(),
        "owner": None if plan is None else plan.owner,
        "since": pledge.since.isoformat(),
        "pledged_due_on": pledge.pledged_due_on and pledge.pledged_due_on.isoformat(),
        "counted_from": pledge.counted_from and pledge.counted_from.isoformat(),
        "extended": pledge.extended,
    }


def add_plan(write: Write, content: Content, standing: Mapping[str, Any] | None, rules: PlanRules | None) -> Content:
    """What a write says with the plan that it leaves at the answer.

    A write that says nothing of a plan leaves the one that stands, whatever it says otherwise: forms and older clients
    know of none. What is removed has no plan any more.
    """
    before = read_pledge(standing)
    if content.deleted and before is not None:
        return replace(content, plan=write_pledge(gaps.make_pledge(before, None, before.since)))
    if write.keeps_plan or content.deleted:
        return replace(content, plan=None if standing is None else dict(standing))
    day = date.min if rules is None else rules.day
    return replace(content, plan=write_pledge(gaps.make_pledge(before, write.plan, day)))


def find_warning(definition: Definition, key: AnswerKey, content: Content, rules: PlanRules | None) -> Problem | None:
    """What is wrong with a plan that is kept: what submission would refuse, or a day that has come."""
    pledge = read_pledge(content.plan)
    if rules is None or pledge is None or pledge.plan is None:
        return None
    is_member = pledge.plan.owner in rules.members
    problem = gaps.check_pledge(definition, key, content.state, pledge, is_member=is_member)
    return problem or gaps.check_day(key, pledge.plan, rules.day)


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """A gap of a draft, its plan if it has one, and what that would count for if it were submitted on the day."""

    gap: Gap
    pledge: Pledge | None
    state: State
    holds_until: date | None


def preview_gap(gap: Gap, pledge: Pledge | None, rules: PlanRules | None, day: date) -> Previewed:
    """What a plan would count for; without rules there are no plans."""
    if pledge is None or pledge.plan is None or rules is None:
        return Previewed(gap=gap, pledge=None, state="no_plan", holds_until=None)
    end = pledge.submit(day).find_end(rules.longest)
    state: State = "standing" if end is not None and end >= day else "lapsed"
    if pledge.plan.owner not in rules.members:
        state = "owner_left"
    return Previewed(gap=gap, pledge=pledge, state=state, holds_until=end)
