"""Feedback on a submission: what a buyer says of it and by when, seen by both sides; and what a buyer owes."""

import enum
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, rules, selection
from graphql_schema.context import Info
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.paging import After, Connection, First
from portal import access, reading
from portal.assessments import feedback
from portal.reading.assurance import RESULT_TAG
from portal.reading.feedback import OWN_FEEDBACK
from portal.reading.owed_feedback import OWED_FEEDBACK

RESULT = nodes.NodeKind(RESULT_TAG, "SharedResult", access.BUYER)


@strawberry.enum(description="What a buyer says of a submission.")
class FeedbackState(enum.Enum):
    RECEIVED = strawberry.enum_value("received", description="It has arrived, and is being read.")
    THANKS = strawberry.enum_value("thanks", description="It was read; nothing more is needed for now.")
    QUESTIONS = strawberry.enum_value("questions", description="There are questions, which the text asks.")
    ACCEPTED = strawberry.enum_value("accepted", description="It is enough for what it was asked for.")
    NOT_ACCEPTED = strawberry.enum_value("not_accepted", description="It is not enough; the text says why.")


@rules.type(access.BUYER, description="What your organization said of a submission, or should have said by now.")
class ResultFeedback:
    state: FeedbackState | None = rules.field(description="What it said last; null where it said nothing.")
    text: str | None = rules.field(description="The words with it.")
    received_at: datetime = rules.field(description="Since when it could read the submission.")
    due_at: datetime = rules.field(description="From when it owes feedback, if it has said nothing by then.")
    given_at: datetime | None = rules.field(description="When it said something last.")
    is_owed: bool = rules.field(
        description="Whether it owes feedback: nothing was said by `dueAt`, and the submission counts and is shared."
    )


@rules.type(access.SUPPLIER, description="What a buyer that may read a submission said of it, or should have said.")
class ReceivedFeedback:
    buyer: OtherOrganization | None = rules.field(description="The buyer.")
    state: FeedbackState | None = rules.field(description="What it said last; null where it said nothing.")
    text: str | None = rules.field(description="The words with it.")
    received_at: datetime = rules.field(description="Since when it could read the submission.")
    due_at: datetime = rules.field(description="From when it owes feedback, if it has said nothing by then.")
    given_at: datetime | None = rules.field(description="When it said something last.")
    is_owed: bool = rules.field(
        description="Whether it owes feedback: nothing was said by `dueAt`, and the submission counts and is shared."
    )


@rules.type(access.BUYER, description="A submission that your organization owes feedback on.")
class OwedFeedback:
    result_id: strawberry.ID = rules.field(description="The shared result, for `node` and `giveFeedback`.")
    supplier_id: strawberry.ID | None = rules.field(description="Your record of its supplier.")
    supplier_name: str | None = rules.field(description="How you name the supplier.")
    questionnaire: str | None = rules.field(description="The questionnaire's key.")
    period_start: date | None = rules.field(description="The first day it speaks of.")
    period_end: date | None = rules.field(description="The last day it speaks of.")
    received_at: datetime = rules.field(description="Since when you could read it.")
    due_at: datetime = rules.field(description="Since when feedback is owed.")


@rules.type(rules.AS_PARENT, description="A page of what a buyer owes feedback on.")
class OwedFeedbackConnection(Connection[OwedFeedback]):
    nodes: list[OwedFeedback] = rules.field(description="The submissions of the page, the oldest first.")
    total_count: int = rules.field(description="How many there are; counting stops at 1,000.")


@strawberry.input(description="What to say of which result.")
class GiveFeedbackInput:
    result_id: strawberry.ID = strawberry.field(description="The id of a `SharedResult` that you may read now.")
    state: FeedbackState = strawberry.field(description="What you say.")
    text: str | None = strawberry.field(
        description="Words to the supplier, at most 2,000 characters; QUESTIONS and NOT_ACCEPTED need some.",
        default=None,
    )


@rules.type(rules.AS_PARENT, description="The supplier is told, by letter and on its submission.")
class FeedbackGiven:
    result_id: strawberry.ID = rules.field(description="The result.")
    feedback: ResultFeedback = rules.field(description="What was said.")


@strawberry.type
class FeedbackQuery:
    @rules.query(
        access.BUYER,
        description="What the buyer owes feedback on: submissions that it has been able to read for the days that the "
        "operator has set (30 unless it did), and said nothing of.",
    )
    async def owed_feedback(self, info: Info, first: First = 25, after: After = None) -> OwedFeedbackConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(session, actor, OWED_FEEDBACK, selected)  # type: ignore[no-any-return]


@strawberry.type
class FeedbackMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Say something of a submission that was shared with you; again takes the place of what was said "
        "before, and the supplier gets a letter each time that something is new.",
    )
    async def give_feedback(
        self, info: Info, input: Annotated[GiveFeedbackInput, strawberry.argument(description="What, and of which.")]
    ) -> FeedbackGiven:
        selected, wanted = selection.read(info), nodes.decode_id(input.result_id, RESULT, path=("result_id",))
        async with info.context.transaction() as (session, actor):
            await feedback.give_feedback(
                session,
                actor,
                supplier_id=wanted.owner,
                submission_id=wanted.id,
                state=str(input.state.value),
                words=input.text,
            )

            async def read(part: reading.Selected) -> Any:
                key = {"supplier_id": wanted.owner, "submission_id": wanted.id}
                return await reading.read_one(session, actor, OWN_FEEDBACK, part, **key)

            members = {"result_id": input.result_id, "feedback": read}
            return await reading.compose("FeedbackGiven", selected, members)  # type: ignore[return-value]
