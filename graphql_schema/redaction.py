"""Redactions: a buyer asks that something be taken out of a document, and the supplier answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EVIDENCE, RedactionState
from graphql_schema.other_organization import OtherOrganization
from portal import access, errors, reading
from portal.assessments import redactions
from portal.reading.redactions import REDACTION as REDACTION_NOUN
from portal.reading.redactions import REDACTION_TAG, REDACTIONS

REDACTION = nodes.NodeKind(REDACTION_TAG, "RedactionRequest", access.SUPPLIER)


@rules.type(access.SUPPLIER, description="A buyer asks that something be taken out of a document.")
class RedactionRequest(nodes.Node):
    buyer: OtherOrganization | None = rules.field(description="Who asks.")
    evidence_id: strawberry.ID = rules.field(description="The document, in the revision that the buyer may read.")
    reason: str = rules.field(description="What should not be in it, in the buyer's words.")
    state: RedactionState = rules.field(description="Whether it was answered.")
    answer: str | None = rules.field(description="Why it was declined.")
    created_at: datetime = rules.field(description="When it was asked.")
    closed_at: datetime | None = rules.field(description="When it was answered.")


@rules.type(rules.AS_PARENT, description="A page of requests for redaction.")
class RedactionRequestConnection(paging.Connection[RedactionRequest]):
    nodes: list[RedactionRequest] = rules.field(description="The requests of the page, in order.")


@strawberry.input(description="Which document should be redacted, and why.")
class RequestRedactionInput:
    evidence_id: strawberry.ID = strawberry.field(description="The id of a document that is shared with you.")
    reason: str = strawberry.field(description="What should not be in it, 1 to 500 characters; the supplier reads it.")


@rules.type(rules.AS_PARENT, description="The supplier was asked; it gets a letter.")
class RedactionRequested:
    evidence_id: strawberry.ID = rules.field(description="The document.")


@strawberry.input(description="Which request to decline, and why.")
class DeclineRedactionInput:
    request_id: strawberry.ID = strawberry.field(description="The id of an open request.")
    answer: str = strawberry.field(description="Why the document stays as it is, 1 to 500 characters.")


@rules.type(rules.AS_PARENT, description="The buyer sees that it was declined, and why.")
class RedactionDeclined:
    request: RedactionRequest = rules.field(description="The request as it is now.")


@nodes.loads(REDACTION)
async def load_redactions(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, REDACTION_NOUN, wanted)


@strawberry.type
class RedactionQuery:
    @rules.query(access.SUPPLIER, description="What buyers ask to be taken out of documents, the newest first.")
    async def redaction_requests(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        state: Annotated[RedactionState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> RedactionRequestConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, REDACTIONS, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class RedactionMutation:
    @rules.mutation(access.BUYER_EDITOR, description="Ask the supplier to take something out of a document.")
    async def request_redaction(
        self, info: Info, input: Annotated[RequestRedactionInput, strawberry.argument(description="Which and why.")]
    ) -> RedactionRequested:
        wanted = nodes.decode_id(input.evidence_id, EVIDENCE, path=("evidenceId",))
        async with info.context.transaction() as (session, actor):
            await redactions.request_redaction(
                session, actor, supplier_id=wanted.owner, evidence_id=wanted.id, reason=input.reason
            )
        return RedactionRequested(evidence_id=input.evidence_id)

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Say why a document stays as it is. To redact it, send a revision of it with `redacts`.",
    )
    async def decline_redaction(
        self, info: Info, input: Annotated[DeclineRedactionInput, strawberry.argument(description="Which and why.")]
    ) -> RedactionDeclined:
        selected, wanted = selection.read(info), nodes.decode_id(input.request_id, REDACTION, path=("requestId",))
        async with info.context.transaction() as (session, actor):
            if wanted.owner != actor.organization:
                raise errors.NotFound("There is no such request.", path=("requestId",))
            await redactions.decline_redaction(session, actor, request_id=wanted.id, answer=input.answer)

            async def read(part: reading.Selected) -> Any:
                return await reading.read_one(session, actor, REDACTION_NOUN, part, id=wanted.id)

            row: Any = await reading.compose("RedactionDeclined", selected, {"request": read})
            return row  # type: ignore[no-any-return]
