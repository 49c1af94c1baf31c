"""Gaps that a supplier declares itself: the plan at an answer, what of it would hold, and what readers see of it."""

import datetime
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.member import MEMBER
from portal import access
from portal.assessments import gaps
from questionnaires.gaps import Plan
from questionnaires.points import round_hundredths


@strawberry.enum(description="Whether the plan of a declared gap counts.")
class GapState(enum.Enum):
    STANDING = strawberry.enum_value("standing", description="It holds today.")
    LAPSED = strawberry.enum_value(
        "lapsed", description="Its last day has passed, and the gap is as open as one without a plan."
    )
    NO_PLAN = strawberry.enum_value("no_plan", description="There is none; one could be declared.")
    OWNER_LEFT = strawberry.enum_value(
        "owner_left", description="Its owner is no member, or none any more: submission wants another one."
    )


@strawberry.input(description="What is done about a gap that this answer declares.")
class GapPlanInput:
    text: str = strawberry.field(description="What is done, 1 to 1,000 characters; who is given the section reads it.")
    due_on: datetime.date = strawberry.field(
        description="Until when: after today. However late that is, the plan holds no longer than the operator lets it,"
        " which is 180 days where nothing else was set: `operatorLimits`. Once it was submitted it can be put off once."
    )
    owner_id: strawberry.ID = strawberry.field(
        description="Who answers for it: one of `members`. Who is given the section reads the name."
    )


@rules.type(rules.AS_PARENT, description="What is done about a gap that an answer declares.")
class GapPlan:
    text: str = rules.field(description="What is done.")
    due_on: datetime.date = rules.field(description="Until when.")
    owner_id: strawberry.ID = rules.field(description="Who answers for it, as one of `members`.")
    since: datetime.date = rules.field(
        description="The day a plan was first made for this answer: it comes along to corrections and other years."
    )
    submitted_due_on: datetime.date | None = rules.field(
        description="The latest day that a submission named; null where it was not submitted yet."
    )
    is_extended: bool = rules.field(description="Whether its day was put off in what was submitted: not again then.")


@rules.type(rules.AS_PARENT, description="A gap that was submitted with a plan: declared, not found by others.")
class DeclaredGap:
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    plan: str = rules.field(description="What is done about it.")
    due_on: datetime.date = rules.field(description="Until when.")
    owner: str = rules.field(description="Who answers for it at the supplier, by the name at submission.")
    since: datetime.date = rules.field(description="The day a plan was first made for it.")
    is_extended: bool = rules.field(description="Whether its day was put off; that is possible once.")
    holds_until: datetime.date = rules.field(
        description="The last day on which it counts as declared with a plan: its own day, or the longest time that the"
        " operator allowed, whichever is sooner."
    )
    is_critical: bool = rules.field(
        description="Whether the answer hit a critical rule: its cap of the band stays, plan or not."
    )
    state: GapState = rules.field(description="STANDING until that day, LAPSED after it.")


@rules.type(access.SUPPLIER, description="A measure that earns less than it could, and what its plan would count for.")
class GapPreview:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    section: str = rules.field(description="Its section.")
    points: Decimal = rules.field(description="What it earns, 0 to 100 points.")
    best: Decimal = rules.field(description="What it could earn.")
    is_critical: bool = rules.field(
        description="Whether the answer hits a critical rule: its cap of the band stays, plan or not."
    )
    plan: GapPlan | None = rules.field(description="The plan at the answer; null where there is none.")
    state: GapState = rules.field(description="What it would count for, submitted today.")
    holds_until: datetime.date | None = rules.field(
        description="The last day on which it would count; null without a plan."
    )


def read_plan(given: GapPlanInput | None) -> Plan | None:
    """A plan in the portal's own words; raises InvalidInput BAD_ID for an owner that is no member's id."""
    if given is None:
        return None
    owner = nodes.decode_id(given.owner_id, MEMBER, path=("plan", "owner_id")).id
    return Plan(text=given.text.strip(), due_on=given.due_on, owner=str(owner))


def make_plan(stored: Mapping[str, Any] | None, owner: UUID) -> GapPlan | None:
    """What an answer of this organization says of its plan; none where there is none, or it was taken out."""
    pledge = gaps.read_pledge(stored)
    plan = None if pledge is None else pledge.plan
    if pledge is None or plan is None:
        return None
    return GapPlan(
        text=plan.text,
        due_on=plan.due_on,
        owner_id=nodes.encode_id(MEMBER, UUID(plan.owner), owner),
        since=pledge.since,
        submitted_due_on=pledge.pledged_due_on,
        is_extended=pledge.extended,
    )


def make_preview(found: gaps.Previewed, owner: UUID) -> GapPreview:
    gap = found.gap
    return GapPreview(
        question=gap.question,
        row_id=gap.row_id,
        section=gap.section,
        points=round_hundredths(gap.points),
        best=round_hundredths(gap.best),
        is_critical=gap.is_critical,
        plan=make_plan(gaps.write_pledge(found.pledge), owner),
        state=GapState(found.state),
        holds_until=found.holds_until,
    )


def make_declared(one: Mapping[str, Any], day: datetime.date) -> DeclaredGap:
    """A gap as it was frozen, and what it counts for on a day."""
    holds_until = datetime.date.fromisoformat(one["holds_until"])
    return DeclaredGap(
        question=one["question"],
        row_id=one["row"],
        plan=one["plan"],
        due_on=datetime.date.fromisoformat(one["due_on"]),
        owner=one["owner"],
        since=datetime.date.fromisoformat(one["since"]),
        is_extended=one["extended"],
        holds_until=holds_until,
        is_critical=one["critical"],
        state=GapState.STANDING if day <= holds_until else GapState.LAPSED,
    )
