"""Asking to be shown more: a buyer's requests for access, and what suppliers say to them."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.assessment import AssessmentSubject
from graphql_schema.context import Info, Session
from graphql_schema.questionnaire_request import SUPPLIER
from graphql_schema.shared_result import RESULT
from portal import access, errors, reading
from portal.assessments import access_requests
from portal.reading import access_requests as nouns

ACCESS_REQUEST = nodes.NodeKind(nouns.TAG, "AccessRequest", access.BUYER)


@strawberry.enum(description="What became of a request for access.")
class AccessState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="It waits for the supplier.")
    GRANTED = strawberry.enum_value("granted", description="All of it was shared.")
    PARTLY_GRANTED = strawberry.enum_value("partly_granted", description="A part of it was shared; see the reason.")
    REFUSED = strawberry.enum_value(
        "refused", description="Nothing was shared: read the reason and the offer. It says nothing about the score."
    )
    WITHDRAWN = strawberry.enum_value("withdrawn", description="The buyer took it back.")


@strawberry.enum(description="What a supplier that refuses to share offers instead.")
class AccessOffer(enum.Enum):
    NONE = strawberry.enum_value("none", description="Nothing.")
    VISIT = strawberry.enum_value("visit", description="Come and see: the answers can be looked at on site.")
    TALK = strawberry.enum_value("talk", description="Talk to us: somebody explains, or helps with what is needed.")
    LESS = strawberry.enum_value("less", description="Ask for less: other sections, or without documents.")
    LATER = strawberry.enum_value("later", description="Ask again later: from the day that `offerFrom` names.")


@rules.interface(rules.AS_PARENT, description="A request to be shown more, as both sides see it.")
class AccessRequestFacts:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    subject: AssessmentSubject = rules.field(description="Whether it is about the organization or a site.")
    sections: list[str] = rules.field(
        description="Keys of the sections whose answers and trace are asked for; none asks for the summary alone."
    )
    include_evidence: bool = rules.field(description="Whether the documents are asked for.")
    until: datetime | None = rules.field(description="Until when it is needed; null leaves that to the supplier.")
    purpose: str = rules.field(description="What it is needed for; the share that grants it names this purpose.")
    message: str | None = rules.field(description="A word to the supplier.")
    state: AccessState = rules.field(description="What became of it.")
    granted_sections: list[str] = rules.field(description="Keys of the sections that were opened.")
    granted_evidence: bool = rules.field(description="Whether the documents were opened.")
    granted_until: datetime | None = rules.field(description="Until when it was shared; null for no end, or nothing.")
    reason: str | None = rules.field(
        description="Why it was refused, or granted in part only, in the supplier's words."
    )
    offer: AccessOffer | None = rules.field(description="What is offered instead, where it was refused.")
    offer_text: str | None = rules.field(description="More about the offer, in the supplier's words.")
    offer_from: date | None = rules.field(description="From which day asking again is welcome, of LATER.")
    asked_at: datetime = rules.field(description="When it was asked; when it was asked again while it was open.")
    closed_at: datetime | None = rules.field(description="When it was answered or withdrawn.")
    is_readable: bool = rules.field(
        description="Whether what was granted can be read now; false once its share has ended or was revoked."
    )


@rules.type(access.BUYER, description="What a buyer asked a supplier to be shown.")
class AccessRequest(AccessRequestFacts, nodes.Node):
    supplier_id: strawberry.ID = rules.field(description="The supplier, one of `suppliers`.")
    supplier_name: str = rules.field(description="Its name, as the buyer has it.")
    result_id: strawberry.ID | None = rules.field(
        description="The SharedResult that was opened, for `node`; null where nothing was, or where it has ended."
    )


@rules.type(rules.AS_PARENT, description="A page of requests for access.")
class AccessRequestConnection(paging.Connection[AccessRequest]):
    nodes: list[AccessRequest] = rules.field(description="The requests of the page, in order.")


@strawberry.input(description="What to ask of which supplier.")
class RequestAccessInput:
    supplier_id: strawberry.ID = strawberry.field(description="A linked supplier, one of `suppliers`.")
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    result_id: strawberry.ID | None = strawberry.field(
        description="A SharedResult of which more is wanted, such as that of a site; without it the newest submission "
        "of the whole organization is meant.",
        default=None,
    )
    sections: list[str] = strawberry.field(
        description="Keys of the sections whose answers and trace are wanted; none asks for the summary alone.",
        default_factory=list,
    )
    include_evidence: bool = strawberry.field(description="Whether its documents are wanted.", default=False)
    until: datetime | None = strawberry.field(
        description="Until when it is needed, at most five years; null leaves that to the supplier.", default=None
    )
    purpose: str = strawberry.field(description="What for, 1 to 500 characters; the supplier reads it.")
    message: str | None = strawberry.field(
        description="A word to the supplier, at most 2,000 characters.", default=None
    )
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters; the same key and input ask once, for 30 days.", default=None
    )


@strawberry.input(description="Which request to take back.")
class WithdrawAccessRequestInput:
    request_id: strawberry.ID = strawberry.field(description="An open AccessRequest.")


@rules.type(rules.AS_PARENT, description="The supplier was asked, and gets a letter.")
class AccessRequested:
    request: AccessRequest = rules.field(description="The request that waits.")
    joined: bool = rules.field(
        description="Whether one was open for the same already: that one asks for all of both now."
    )


@rules.type(rules.AS_PARENT, description="The supplier need not answer any more.")
class AccessRequestWithdrawn:
    request: AccessRequest = rules.field(description="The request as it is now.")


def reads_asked(session: Session, actor: access.Actor, id: Any) -> Any:
    """How a member of a mutation's result reads a buyer's request."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.ACCESS_REQUEST, part, id=id)

    return read


@nodes.loads(ACCESS_REQUEST)
async def load_access_requests(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.ACCESS_REQUEST, wanted, owner="buyer_id")


@strawberry.type
class AccessRequestQuery:
    @rules.query(access.BUYER, description="What the buyer asked to be shown, the newest first.")
    async def access_requests(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        state: Annotated[AccessState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> AccessRequestConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, nouns.ACCESS_REQUESTS, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class AccessRequestMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Ask a linked supplier to be shown more than it shares. While a request for the same questionnaire "
        "and subject is open it is joined. At most 3 wait for one supplier at a time, and 10 are made in 30 days; what "
        "was refused may be asked again after 30 days, or from the day that the supplier named, and less at any time, "
        "but not all of it in steps. "
        "Problems: NOT_LINKED, ALREADY_SHARED, TOO_MANY, REFUSED.",
    )
    async def request_access(
        self, info: Info, input: Annotated[RequestAccessInput, strawberry.argument(description="What of whom.")]
    ) -> AccessRequested:
        selected = selection.read(info)
        record = nodes.decode_id(input.supplier_id, SUPPLIER, path=("supplierId",))
        result = None
        if input.result_id is not None:
            named = nodes.decode_id(input.result_id, RESULT, path=("resultId",))
            result = (named.owner, named.id)
        wanted = access_requests.Wanted(
            sections=tuple(input.sections),
            include_evidence=input.include_evidence,
            until=input.until,
            purpose=input.purpose,
            message=input.message,
        )
        async with info.context.transaction() as (session, actor):
            asked = await access_requests.request_access(
                session,
                actor,
                record_id=record.id,
                questionnaire=input.questionnaire,
                submission=result,
                wanted=wanted,
                idempotency_key=input.idempotency_key,
            )
            members = {"request": reads_asked(session, actor, asked.id), "joined": asked.joined}
            return await reading.compose("AccessRequested", selected, members)  # type: ignore[return-value]

    @rules.mutation(access.BUYER_EDITOR, description="Take an open request for access back; again changes nothing.")
    async def withdraw_access_request(
        self, info: Info, input: Annotated[WithdrawAccessRequestInput, strawberry.argument(description="Which.")]
    ) -> AccessRequestWithdrawn:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.request_id, ACCESS_REQUEST, path=("requestId",))
        async with info.context.transaction() as (session, actor):
            if wanted.owner != actor.organization:
                raise errors.NotFound("There is no such request.", path=("requestId",))
            await access_requests.withdraw_access_request(session, actor, request_id=wanted.id)
            members = {"request": reads_asked(session, actor, wanted.id)}
            return await reading.compose("AccessRequestWithdrawn", selected, members)  # type: ignore[return-value]
