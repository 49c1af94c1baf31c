"""What buyers ask a supplier to be shown: seeing what they would get, granting it, or refusing with an offer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.access_request import AccessOffer, AccessRequestFacts, AccessState
from graphql_schema.context import Info, Session
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.share import Share, SharePreviewed, compose_preview, compose_share, read_own
from graphql_schema.submission import SUBMISSION, Submission
from portal import access, reading
from portal.assessments import access_answers
from portal.reading import access_requests as nouns

RECEIVED_ACCESS = nodes.NodeKind(nouns.RECEIVED_TAG, "ReceivedAccessRequest", access.SUPPLIER)


@rules.type(access.SUPPLIER, description="What a buyer asks the organization to be shown.")
class ReceivedAccessRequest(AccessRequestFacts, nodes.Node):
    buyer: OtherOrganization | None = rules.field(description="Who asks.")
    subject_name: str | None = rules.field(description="The site it is about; null for the organization as a whole.")
    submission: Submission | None = rules.field(
        description="The newest submission of its subject; null where there is none, and nothing can be granted."
    )
    share: Share | None = rules.field(description="The share that granted it; null where nothing was granted.")


@rules.type(rules.AS_PARENT, description="A page of received requests for access.")
class ReceivedAccessRequestConnection(paging.Connection[ReceivedAccessRequest]):
    nodes: list[ReceivedAccessRequest] = rules.field(description="The requests of the page, in order.")


@strawberry.input(description="What of a request to grant, never more than it asks; what is null is as it was asked.")
class PreviewAccessInput:
    request_id: strawberry.ID = strawberry.field(description="An open ReceivedAccessRequest.")
    submission_id: strawberry.ID | None = strawberry.field(
        description="Another submission of its subject; null takes the result that the buyer points to while it "
        "counts, or else the newest.",
        default=None,
    )
    sections: list[str] | None = strawberry.field(
        description="Keys of the sections to open, of those that were asked; an empty list opens the summary alone.",
        default=None,
    )
    include_evidence: bool | None = strawberry.field(
        description="Whether to open all its documents, those of sections that are not named too.", default=None
    )
    until: datetime | None = strawberry.field(
        description="Until when; not later than asked, and at most five years. To be named where the asked end "
        "has passed.",
        default=None,
    )
    keep_shared: bool = strawberry.field(
        description="Whether to open as well what the buyer reads in other revisions for the same period, "
        "`sharedBefore` of the preview, so that its latest result does not show less than before.",
        default=False,
    )


@strawberry.input(description="What of a request to grant, never more than it asks; what is null is as it was asked.")
class GrantAccessInput(PreviewAccessInput):
    reason: str | None = strawberry.field(
        description="Why not all of it, at most 1,000 characters; the buyer reads it.", default=None
    )
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters; the same key and input grant once.", default=None
    )


@strawberry.input(description="Which request to refuse, why, and what is offered instead.")
class RefuseAccessInput:
    request_id: strawberry.ID = strawberry.field(description="An open ReceivedAccessRequest.")
    reason: str = strawberry.field(description="Why, 1 to 1,000 characters; the buyer reads it.")
    offer: AccessOffer = strawberry.field(description="What is offered instead.")
    offer_text: str | None = strawberry.field(
        description="More about the offer, at most 1,000 characters; the buyer reads it.", default=None
    )
    offer_from: date | None = strawberry.field(
        description="With LATER, and only with it: the day from which asking again is welcome, in the future.",
        default=None,
    )


@rules.type(rules.AS_PARENT, description="The buyer reads it from now on, and gets a letter.")
class AccessGranted:
    request: ReceivedAccessRequest = rules.field(description="The request as it is now.")
    share: Share = rules.field(description="The share that opens what was granted.")


@rules.type(rules.AS_PARENT, description="The buyer gets a letter with the reason and the offer.")
class AccessRefused:
    request: ReceivedAccessRequest = rules.field(description="The request as it is now.")


def read_grant(input: PreviewAccessInput, actor: access.Actor) -> dict[str, Any]:
    """Which request, and what of it, for the functions that grant."""
    submission = None
    if input.submission_id is not None:
        submission = read_own(input.submission_id, SUBMISSION, actor, "submissionId", "submission")
    return {
        "request_id": read_own(input.request_id, RECEIVED_ACCESS, actor, "requestId", "request"),
        "grant": access_answers.Grant(
            submission_id=submission,
            sections=None if input.sections is None else tuple(input.sections),
            include_evidence=input.include_evidence,
            until=input.until,
            reason=getattr(input, "reason", None),
            keeps_shared=input.keep_shared,
        ),
    }


def reads_received(session: Session, actor: access.Actor, id: Any) -> Any:
    """How a member of a mutation's result reads a request that was received."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.RECEIVED_ACCESS_REQUEST, part, id=id)

    return read


@nodes.loads(RECEIVED_ACCESS)
async def load_received_access(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.RECEIVED_ACCESS_REQUEST, wanted)


@strawberry.type
class ReceivedAccessRequestQuery:
    @rules.query(access.SUPPLIER, description="What buyers ask the organization to be shown, the newest first.")
    async def received_access_requests(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        state: Annotated[AccessState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> ReceivedAccessRequestConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, nouns.RECEIVED_ACCESS_REQUESTS, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class ReceivedAccessRequestMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="See exactly what the buyer would read if a request were granted so; nothing is shared.",
    )
    async def preview_access(
        self, info: Info, input: Annotated[PreviewAccessInput, strawberry.argument(description="What of which.")]
    ) -> SharePreviewed:
        selected = selection.read(info)
        async with (
            info.context.transaction() as (session, actor),
            access_answers.preview_grant(session, actor, **read_grant(input, actor)) as granted,
        ):
            return await compose_preview(session, actor, selected, granted.share_id)

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Grant a request in whole or in part, as a SNAPSHOT share for the purpose that it names; what "
        "comes later is not opened by it. Problems: NOT_OPEN, NOTHING_TO_SHARE, and those of `shareResult`.",
    )
    async def grant_access(
        self, info: Info, input: Annotated[GrantAccessInput, strawberry.argument(description="What of which.")]
    ) -> AccessGranted:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            granted = await access_answers.grant_access(
                session, actor, **read_grant(input, actor), idempotency_key=input.idempotency_key
            )
            request = reads_received(session, actor, granted.request_id)
            return await compose_share(  # type: ignore[no-any-return]
                session, actor, selected, "AccessGranted", granted.share_id, request=request
            )

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Refuse a request, with the reason and what is offered instead. The buyer sees both as what they "
        "are: no score of yours changes or goes missing by it. The same again changes nothing.",
    )
    async def refuse_access(
        self, info: Info, input: Annotated[RefuseAccessInput, strawberry.argument(description="Which and why.")]
    ) -> AccessRefused:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            wanted = read_own(input.request_id, RECEIVED_ACCESS, actor, "requestId", "request")
            await access_answers.refuse_access(
                session,
                actor,
                request_id=wanted,
                reason=input.reason,
                offer=input.offer.value,  # type: ignore[arg-type]  # a text at run time
                offer_text=input.offer_text,
                offer_from=input.offer_from,
            )
            members = {"request": reads_received(session, actor, wanted)}
            return await reading.compose("AccessRefused", selected, members)  # type: ignore[return-value]
