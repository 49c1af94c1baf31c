"""The change feed, for phones and machines: which objects changed or are gone since the last question."""

import asyncio
import enum
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graphql_schema import limits, nodes, rules
from graphql_schema.access_request import ACCESS_REQUEST
from graphql_schema.answer import ASSESSMENT
from graphql_schema.assessment_discard import AssessmentDiscard, make_discard
from graphql_schema.clarification import CLARIFICATION
from graphql_schema.context import Info
from graphql_schema.engagement import ENGAGEMENT
from graphql_schema.evidence import EVIDENCE
from graphql_schema.questionnaire_request import REQUEST, SUPPLIER
from graphql_schema.received_access_request import RECEIVED_ACCESS
from graphql_schema.received_request import RECEIVED
from graphql_schema.share import SHARE
from graphql_schema.shared_result import RESULT
from graphql_schema.submission import SUBMISSION
from portal import access, errors
from portal.assessments import changes, discards
from portal.assessments.changes import Side

KINDS: Mapping[str, nodes.NodeKind] = {
    "assessment": ASSESSMENT,
    "received_request": RECEIVED,
    "submission": SUBMISSION,
    "share": SHARE,
    "evidence": EVIDENCE,
    "engagement": ENGAGEMENT,
    "clarification": CLARIFICATION,
    "supplier": SUPPLIER,
    "request": REQUEST,
    "shared_result": RESULT,
    "access_request": ACCESS_REQUEST,
    "received_access_request": RECEIVED_ACCESS,
}
MOST_WAITS, WAIT_SECONDS = 100, 0.2
Cursor = Annotated[
    str | None,
    strawberry.argument(
        description="The endCursor of the last call, good for 30 days. Without it nothing is told but a cursor: keep"
        " it, read everything by the lists, and then go on from it."
    ),
]
Most = Annotated[int, strawberry.argument(description=f"How many, 1 to {limits.LARGEST_PAGE}.")]


@strawberry.enum(description="What kind of object changed.")
class ChangedKind(enum.Enum):
    ASSESSMENT = strawberry.enum_value(
        "assessment", description="An Assessment: its answers, its state, or the work of colleagues on it."
    )
    RECEIVED_REQUEST = strawberry.enum_value("received_request", description="A ReceivedRequest.")
    SUBMISSION = strawberry.enum_value(
        "submission", description="A Submission, its results, or what is stated or disputed beside them."
    )
    SHARE = strawberry.enum_value("share", description="A Share that the organization gave.")
    EVIDENCE = strawberry.enum_value("evidence", description="An Evidence: a document.")
    ENGAGEMENT = strawberry.enum_value("engagement", description="An Engagement that the organization is a party of.")
    CLARIFICATION = strawberry.enum_value("clarification", description="A Clarification, asked or to be replied to.")
    SUPPLIER = strawberry.enum_value(
        "supplier", description="A Supplier of the buyer's own list: the record, its contacts, or what the list shows."
    )
    REQUEST = strawberry.enum_value("request", description="A Request that the buyer made.")
    SHARED_RESULT = strawberry.enum_value(
        "shared_result", description="A SharedResult that a supplier opened, or what is stated or disputed beside it."
    )
    ACCESS_REQUEST = strawberry.enum_value("access_request", description="An AccessRequest that the buyer made.")
    RECEIVED_ACCESS_REQUEST = strawberry.enum_value(
        "received_access_request", description="A ReceivedAccessRequest, of a buyer that asks to be shown more."
    )


@strawberry.enum(description="What became of an object.")
class ChangeType(enum.Enum):
    UPSERTED = strawberry.enum_value("upserted", description="It is new or changed: read it again with `nodes`.")
    REMOVED = strawberry.enum_value(
        "removed",
        description="It is not there for the caller any more: discarded (then `discard` tells more), archived, revoked,"
        " expired or withdrawn.",
    )


@rules.type(rules.AS_PARENT, description="An object that changed.")
class Change:
    kind: ChangedKind = rules.field(description="What it is.")
    type: ChangeType = rules.field(description="What became of it, as it is now.")
    id: strawberry.ID = rules.field(description="Its id.")
    discard: AssessmentDiscard | None = rules.field(
        description="Of an assessment that was discarded: who did it, when, and where to go on; null for all else."
    )


@rules.type(
    rules.AS_PARENT,
    description="Objects that changed, in the order in which it was committed; each once in a page, with what became of"
    " it by now.",
)
class ChangePage:
    changes: list[Change] = rules.field(description="The objects.", list_size=25)
    has_more: bool = rules.field(description="Whether more is there already.")
    end_cursor: str = rules.field(description="Where to go on, now or later; also on an empty page.")


async def read_feed(info: Info, side: Side, first: int, after: str | None) -> ChangePage:
    if not 1 <= first <= limits.LARGEST_PAGE:
        words = f"`first` must be 1 to {limits.LARGEST_PAGE}; it is {first}."
        raise errors.InvalidInput(words, code="PAGE_SIZE", path=("first",))
    async with info.context.transaction() as (session, actor):
        found = await changes.list_changes(session, actor, side=side, after=after, limit=first)
        gone = [one.object_id for one in found.changes if one.kind == "assessment" and not one.is_there]
        known = await discards.find_discards(session, actor, gone)
        told = {key: make_discard(one, actor) for key, one in known.items()}
    return ChangePage(
        changes=[
            Change(
                kind=ChangedKind(one.kind),
                type=ChangeType.UPSERTED if one.is_there else ChangeType.REMOVED,
                id=nodes.encode_id(KINDS[one.kind], one.object_id, one.owner_id),
                discard=told.get(one.object_id) if one.kind == "assessment" else None,
            )
            for one in found.changes
        ],
        has_more=found.has_more,
        end_cursor=found.cursor,
    )


@rules.type(rules.AS_PARENT, description="The feed has news: go on with `changes` from the last cursor.")
class ChangesArrived:
    arrived_at: datetime = rules.field(description="When it was noticed.")


async def wait_until_told(info: Info) -> None:
    """Until the feed tells all that is committed now, or some transaction has held it back for too long."""
    until = None
    for _ in range(MOST_WAITS):
        async with info.context.transaction() as (session, _):
            edge, top = await changes.find_edges(session)
        until = top if until is None else until
        if edge >= until:
            return
        await asyncio.sleep(WAIT_SECONDS)


@strawberry.type
class ChangeSubscription:
    @rules.subscription(
        access.SUPPLIER,
        description="Each time that `changes` has something to tell; and once at the start, for what came before. Poll"
        " now and then as well: that a share has ended by itself is not announced.",
    )
    async def changes_arrived(self, info: Info) -> AsyncIterator[ChangesArrived]:
        organization = (await info.context.authenticate()).organization
        async with info.context.events.listen([f"feed:{organization}"]) as events:
            yield ChangesArrived(arrived_at=datetime.now(UTC))
            async for _ in events:
                await wait_until_told(info)
                yield ChangesArrived(arrived_at=datetime.now(UTC))


@strawberry.type
class ChangeQuery:
    @rules.query(
        access.SUPPLIER,
        description="What changed of all that the organization has as a supplier: assessments, requests it received,"
        " submissions, shares and documents. Nothing is ever left out, however transactions overlap; an entry comes"
        " once all that began before it are over, mostly within milliseconds. START_ANEW: the cursor is too old,"
        " or the database was restored or taken over by another server since.",
    )
    async def changes(self, info: Info, first: Most = 100, after: Cursor = None) -> ChangePage:
        return await read_feed(info, "supplier", first, after)

    @rules.query(
        access.READER,
        description="What changed of a buyer's suppliers, requests, results shared with it, and of its engagements and"
        " clarifications, as `changes` tells it."
        " REMOVED are suppliers that were archived, and results whose share was revoked or has expired, the last within"
        " seconds after its end.",
    )
    async def supplier_changes(self, info: Info, first: Most = 100, after: Cursor = None) -> ChangePage:
        return await read_feed(info, "buyer", first, after)
