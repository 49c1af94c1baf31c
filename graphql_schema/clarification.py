"""Clarification rounds: a reviewer asks about named answers, the supplier replies in words or by a new revision."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import answer, nodes, noun_nodes, paging, rules, selection
from graphql_schema.answer import AnswerResult
from graphql_schema.assessment import Assessment, reads_assessment
from graphql_schema.assurance import ReviewEnd
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EVIDENCE
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.shared_result import RESULT
from portal import access, errors, reading
from portal.assessments import clarifying, replying
from portal.assessments.replying import ItemReply
from portal.reading.assessments import CLARIFICATION_TAG
from portal.reading.reviews import ASKED_CLARIFICATIONS, CLARIFICATIONS
from portal.reading.reviews import CLARIFICATION as CLARIFICATION_NOUN

CLARIFICATION = nodes.NodeKind(CLARIFICATION_TAG, "Clarification", access.ENGAGED)


@strawberry.enum(description="Where a round of clarification stands.")
class ClarificationState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="The supplier has not replied.")
    REPLIED = strawberry.enum_value("replied", description="It replied in words.")
    REVISED = strawberry.enum_value("revised", description="It submitted a new revision.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Whoever asked took it back, or `closedBecause`.")


Only = Annotated[ClarificationState | None, strawberry.argument(description="Only those in this state.")]


@rules.type(rules.AS_PARENT, description="The question on one answer.")
class ClarificationItem:
    section: str = rules.field(description="The key of the section.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null for all rows, and outside groups.")
    evidence_id: strawberry.ID | None = rules.field(description="The document that it is about; null for the answer.")
    text: str = rules.field(description="What is asked.")
    reply: str | None = rules.field(
        description="The reply to this item; null where there is none, or the round is replied to as a whole."
    )
    replied_at: datetime | None = rules.field(description="When it was given.")


@rules.type(access.ENGAGED, description="One round of questions on answers of a submission, and the reply.")
class Clarification(nodes.Node):
    submission_id: strawberry.ID | None = rules.field(description="The submission, for its supplier.")
    result_id: strawberry.ID | None = rules.field(description="The shared result, for whoever asks.")
    supplier: OtherOrganization | None = rules.field(description="Who is asked.")
    asker: OtherOrganization | None = rules.field(description="Who asks.")
    round: int = rules.field(description="Which round of the same asker on the same submission, from 1.")
    message: str | None = rules.field(description="What is said of the whole.")
    items: list[ClarificationItem] = rules.field(description="What is asked, by section.", list_size=5)
    due_on: date = rules.field(description="By when a reply is wished for.")
    state: ClarificationState = rules.field(description="Where it stands.")
    asked_at: datetime = rules.field(description="When it was asked.")
    reply: str | None = rules.field(
        description="The reply in words to the whole; null where there is none, or only `items` have theirs."
    )
    closed_at: datetime | None = rules.field(description="When it was replied to, or withdrawn.")
    closed_because: ReviewEnd | None = rules.field(
        description="Why it is over where neither side ended it; null otherwise."
    )
    draft_id: strawberry.ID | None = rules.field(
        description="The assessment in which the supplier answers, for the supplier alone; null where there is none."
    )
    reply_submission_id: strawberry.ID | None = rules.field(description="The new revision, for its supplier.")
    reply_result_id: strawberry.ID | None = rules.field(
        description="The new revision, where it is shared with whoever asks: by a share that follows, or by a new one."
    )


@rules.type(rules.AS_PARENT, description="A page of clarifications.")
class ClarificationConnection(paging.Connection[Clarification]):
    nodes: list[Clarification] = rules.field(description="The clarifications of the page, in order.")


@strawberry.input(description="The question on one answer.")
class ClarificationItemInput:
    question: str = strawberry.field(description="The key of a question that is answered in a section you may read.")
    row_id: str | None = strawberry.field(default=None, description="The row of a group; null asks about all rows.")
    evidence_id: strawberry.ID | None = strawberry.field(
        default=None, description="A document behind the answer, where the question is about that."
    )
    text: str = strawberry.field(description="What to ask, 1 to 2,000 characters.")


@strawberry.input(description="What to ask about which submission.")
class AskClarificationInput:
    result_id: strawberry.ID = strawberry.field(description="The shared result, in its current revision.")
    items: list[ClarificationItemInput] = strawberry.field(description="1 to 100, each answer once.")
    due_on: date = strawberry.field(description="By when a reply is wished for, from today to a year ahead.")
    message: str | None = strawberry.field(default=None, description="On the whole, up to 2,000 characters.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="8 to 100 characters: the same key again gives the same round, for 30 days."
    )


@strawberry.input(description="Which round to take back.")
class WithdrawClarificationInput:
    clarification_id: strawberry.ID = strawberry.field(description="A round that you asked.")


@strawberry.input(description="The reply to one item.")
class ClarificationItemReplyInput:
    question: str = strawberry.field(description="The key of the question that the item asks about.")
    row_id: str | None = strawberry.field(default=None, description="The item's row of a group, if it names one.")
    text: str = strawberry.field(description="1 to 2,000 characters; it stands once it is given.")


@strawberry.input(description="What to reply: to the round, to items of it, or to both.")
class ReplyToClarificationInput:
    clarification_id: strawberry.ID = strawberry.field(description="An open round.")
    reply: str | None = strawberry.field(
        default=None, description="To the whole, 1 to 2,000 characters; it closes the round."
    )
    items: list[ClarificationItemReplyInput] = strawberry.field(
        default_factory=list,
        description="To items, each once; the others may follow. The last one closes the round, unless a draft is open"
        " for it, which does so when it is submitted.",
    )


@strawberry.input(description="Which round to answer by a new revision.")
class ReviseForClarificationInput:
    clarification_id: strawberry.ID = strawberry.field(description="An open round.")


@rules.type(rules.AS_PARENT, description="The supplier was asked; it gets a letter.")
class ClarificationAsked:
    clarification: Clarification = rules.field(description="The round.")


@rules.type(rules.AS_PARENT, description="The round is taken back.")
class ClarificationWithdrawn:
    clarification: Clarification = rules.field(description="The round as it is now.")


@rules.type(
    rules.AS_PARENT,
    description="The reply stands. Once the round is closed, whoever asked gets a letter; `state` says whether it is.",
)
class ClarificationReplied:
    clarification: Clarification = rules.field(description="The round as it is now.")


@rules.type(rules.AS_PARENT, description="A draft in which only what was asked about may change.")
class ClarificationReopened:
    clarification: Clarification = rules.field(description="The round, which submitting the draft will close.")
    assessment: Assessment = rules.field(
        description="The new draft, with all answers of the submitted one; `reopened` says which may change."
    )
    results: list[AnswerResult] = rules.field(
        description="What became of each write that had waited for a correction and may change here, as"
        " `correctAssessment` tells it; what may not waits on.",
        list_size=5,
    )


def reads_clarification(session: Session, actor: access.Actor, id: UUID) -> Any:
    """How a member of a mutation's result reads a round."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, CLARIFICATION_NOUN, part, id=id)

    return read


def read_own_id(value: strawberry.ID, actor: access.Actor) -> UUID:
    found = nodes.decode_id(value, CLARIFICATION, path=("clarificationId",))
    if found.owner != actor.organization:
        raise errors.NotFound("There is no such clarification.", path=("clarificationId",))
    return found.id


@nodes.loads(CLARIFICATION)
async def load_clarifications(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, CLARIFICATION_NOUN, wanted)


@strawberry.type
class ClarificationQuery:
    @rules.query(access.SUPPLIER, description="What the organization is asked about its answers, the newest first.")
    async def clarifications(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None, state: Only = None
    ) -> ClarificationConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, CLARIFICATIONS, selected)
            return page  # type: ignore[no-any-return]

    @rules.query(
        access.READER,
        description="What the organization asks suppliers about answers that it reads now, the newest first.",
    )
    async def asked_clarifications(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None, state: Only = None
    ) -> ClarificationConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, ASKED_CLARIFICATIONS, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class ClarificationMutation:
    @rules.mutation(
        access.REVIEWER,
        description="Ask a supplier about answers that are shared with you: one round at a time on a submission. It may"
        " reply in words, or open these answers alone and submit a new revision.",
    )
    async def ask_clarification(
        self, info: Info, input: Annotated[AskClarificationInput, strawberry.argument(description="What on which.")]
    ) -> ClarificationAsked:
        selected, wanted = selection.read(info), nodes.decode_id(input.result_id, RESULT, path=("resultId",))
        items = []
        for place, one in enumerate(input.items):
            document = None
            if one.evidence_id is not None:
                found = nodes.decode_id(one.evidence_id, EVIDENCE, path=("items", place, "evidenceId"))
                document = found.id if found.owner == wanted.owner else nodes.NO_OWNER
            items.append(clarifying.Item(question=one.question, row_id=one.row_id, evidence_id=document, text=one.text))
        async with info.context.transaction() as (session, actor):
            made = await clarifying.ask_clarification(
                session,
                actor,
                supplier_id=wanted.owner,
                submission_id=wanted.id,
                items=items,
                due_on=input.due_on,
                message=input.message,
                idempotency_key=input.idempotency_key,
            )
            members = {"clarification": reads_clarification(session, actor, made)}
            row: Any = await reading.compose("ClarificationAsked", selected, members)
            return row  # type: ignore[no-any-return]

    @rules.mutation(access.REVIEWER, description="Take a round back that the supplier has not replied to.")
    async def withdraw_clarification(
        self, info: Info, input: Annotated[WithdrawClarificationInput, strawberry.argument(description="Which one.")]
    ) -> ClarificationWithdrawn:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.clarification_id, CLARIFICATION, path=("clarificationId",))
        async with info.context.transaction() as (session, actor):
            await clarifying.withdraw_clarification(
                session, actor, supplier_id=wanted.owner, clarification_id=wanted.id
            )
            members = {"clarification": reads_clarification(session, actor, wanted.id)}
            row: Any = await reading.compose("ClarificationWithdrawn", selected, members)
            return row  # type: ignore[no-any-return]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Reply in words: to each item by itself, in one call or in several, or to the whole. Whoever asked"
        " reads a reply at once. REPLIED is refused: an item has other words already.",
    )
    async def reply_to_clarification(
        self, info: Info, input: Annotated[ReplyToClarificationInput, strawberry.argument(description="What on which.")]
    ) -> ClarificationReplied:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            wanted = read_own_id(input.clarification_id, actor)
            said = [ItemReply(question=one.question, row_id=one.row_id, text=one.text) for one in input.items]
            await replying.reply_to_clarification(
                session, actor, clarification_id=wanted, reply=input.reply, items=said
            )
            members = {"clarification": reads_clarification(session, actor, wanted)}
            row: Any = await reading.compose("ClarificationReplied", selected, members)
            return row  # type: ignore[no-any-return]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Open what a round asks about, and what hangs on it, in a new draft that carries all else over"
        " locked: a write to a locked answer is PENDING, with ANSWER_WAITS to say why, and waits for the next"
        " correction. A draft that is open for another round opens these answers, too. Submitting it closes the rounds"
        " that it was opened for; discarding it closes those whose items have all had their replies, and leaves the"
        " others open.",
    )
    async def revise_for_clarification(
        self, info: Info, input: Annotated[ReviseForClarificationInput, strawberry.argument(description="Which one.")]
    ) -> ClarificationReopened:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            wanted = read_own_id(input.clarification_id, actor)
            made = await clarifying.revise_for_clarification(session, actor, clarification_id=wanted)
            members = {
                "clarification": reads_clarification(session, actor, wanted),
                "assessment": reads_assessment(session, actor, made.assessment.id),
                "results": await answer.tell_results(info, session, actor, made.definition, made.outcomes),
            }
            row: Any = await reading.compose("ClarificationReopened", selected, members)
            return row  # type: ignore[no-any-return]
