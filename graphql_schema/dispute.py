"""Disputes: a supplier disputes what a reviewer stated of an answer, both sides comment, the reviewer states anew."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.assurance import DISPUTE, STATEMENT, Dispute, DisputeState
from graphql_schema.context import Info, Session
from graphql_schema.statement import read_documents
from portal import access, errors, reading
from portal.assessments import disputing
from portal.reading.assurance import DISPUTE as DISPUTE_NOUN
from portal.reading.reviews import DISPUTES, RECEIVED_DISPUTES

Only = Annotated[DisputeState | None, strawberry.argument(description="Only those in this state.")]


@rules.type(rules.AS_PARENT, description="A page of disputes.")
class DisputeConnection(paging.Connection[Dispute]):
    nodes: list[Dispute] = rules.field(description="The disputes of the page, in order.")


@strawberry.input(description="Which finding is wrong, and why.")
class OpenDisputeInput:
    statement_id: strawberry.ID = strawberry.field(description="The statement.")
    question: str = strawberry.field(description="The key of the question that the finding is on.")
    row_id: str | None = strawberry.field(default=None, description="Its row, as the finding has it.")
    reason: str = strawberry.field(description="Why, 1 to 2,000 characters; whoever reads the finding reads it.")
    document_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Up to 20 checked documents of your own, which the reviewer may fetch as long as it reads the"
        " section.",
    )


@strawberry.input(description="Which dispute to let go.")
class WithdrawDisputeInput:
    dispute_id: strawberry.ID = strawberry.field(description="An open dispute of your own.")


@strawberry.input(description="What to say to the other side.")
class CommentDisputeInput:
    dispute_id: strawberry.ID = strawberry.field(description="The dispute, in whatever state.")
    comment_id: UUID = strawberry.field(
        description="Chosen by the client, new for each comment; the same again changes nothing, other words under it"
        " are a Conflict COMMENT_ID_REUSED."
    )
    body: str = strawberry.field(description="1 to 2,000 characters; whoever reads the finding reads it.")


@rules.type(rules.AS_PARENT, description="The dispute stands beside the finding; the reviewer gets a letter.")
class DisputeOpened:
    dispute: Dispute = rules.field(description="The dispute.")


@rules.type(rules.AS_PARENT, description="The dispute is let go, and stays visible.")
class DisputeWithdrawn:
    dispute: Dispute = rules.field(description="The dispute as it is now.")


@rules.type(rules.AS_PARENT, description="It was said.")
class DisputeCommented:
    dispute: Dispute = rules.field(description="The dispute as it is now.")


async def compose_dispute(
    session: Session, actor: access.Actor, selected: reading.Selected, result: str, dispute_id: UUID
) -> Any:
    """A result of a mutation with its dispute."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, DISPUTE_NOUN, part, id=dispute_id)

    return await reading.compose(result, selected, {"dispute": read})


@nodes.loads(DISPUTE)
async def load_disputes(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, DISPUTE_NOUN, wanted)


@strawberry.type
class DisputeQuery:
    @rules.query(access.SUPPLIER, description="What the organization disputes, the newest first.")
    async def disputes(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None, state: Only = None
    ) -> DisputeConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, DISPUTES, selected)
            return page  # type: ignore[no-any-return]

    @rules.query(
        access.READER,
        description="What suppliers dispute of the organization's statements, as far as it reads them now; the newest"
        " first.",
    )
    async def received_disputes(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None, state: Only = None
    ) -> DisputeConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, RECEIVED_DISPUTES, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class DisputeMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Dispute what a statement says of an answer. It stays beside the statement for ever, whatever comes"
        " of it.",
    )
    async def open_dispute(
        self, info: Info, input: Annotated[OpenDisputeInput, strawberry.argument(description="What and why.")]
    ) -> DisputeOpened:
        selected, wanted = selection.read(info), nodes.decode_id(input.statement_id, STATEMENT, path=("statementId",))
        async with info.context.transaction() as (session, actor):
            if wanted.owner != actor.organization:
                raise errors.NotFound("There is no such finding.", path=("statementId",))
            made = await disputing.open_dispute(
                session,
                actor,
                statement_id=wanted.id,
                question=input.question,
                row_id=input.row_id,
                reason=input.reason,
                documents=read_documents(input.document_ids, wanted.owner, ("documentIds",)),
            )
            return await compose_dispute(session, actor, selected, "DisputeOpened", made)  # type: ignore[no-any-return]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Let a dispute go.")
    async def withdraw_dispute(
        self, info: Info, input: Annotated[WithdrawDisputeInput, strawberry.argument(description="Which one.")]
    ) -> DisputeWithdrawn:
        selected, wanted = selection.read(info), nodes.decode_id(input.dispute_id, DISPUTE, path=("disputeId",))
        async with info.context.transaction() as (session, actor):
            if wanted.owner != actor.organization:
                raise errors.NotFound("There is no such dispute.", path=("disputeId",))
            await disputing.withdraw_dispute(session, actor, dispute_id=wanted.id)
            row: Any = await compose_dispute(session, actor, selected, "DisputeWithdrawn", wanted.id)
            return row  # type: ignore[no-any-return]

    @rules.mutation(
        access.REVIEW_PARTY, description="Say something to the other side of a dispute, before or after it is decided."
    )
    async def comment_dispute(
        self, info: Info, input: Annotated[CommentDisputeInput, strawberry.argument(description="What on which.")]
    ) -> DisputeCommented:
        selected, wanted = selection.read(info), nodes.decode_id(input.dispute_id, DISPUTE, path=("disputeId",))
        async with info.context.transaction() as (session, actor):
            await disputing.comment_dispute(
                session,
                actor,
                supplier_id=wanted.owner,
                dispute_id=wanted.id,
                comment_id=input.comment_id,
                body=input.body,
            )
            row: Any = await compose_dispute(session, actor, selected, "DisputeCommented", wanted.id)
            return row  # type: ignore[no-any-return]
