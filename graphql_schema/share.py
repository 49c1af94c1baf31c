"""The supplier's consent: sharing a result with a buyer, seeing it as that buyer will, changing and revoking it."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.context import Info, Session
from graphql_schema.organization import ORGANIZATION
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.received_request import RECEIVED
from graphql_schema.scalars import CountryCode
from graphql_schema.shared_result import SharedResult
from graphql_schema.submission import SUBMISSION
from portal import access, errors, reading
from portal.assessments import definitions, earlier_shares, live_shares, sharing
from portal.reading.shared_results import RESULT_OF_ALL
from portal.reading.shares import SHARE as SHARE_NOUN
from portal.reading.shares import SHARE_TAG, SHARES

ALSO = (
    "The other live shares with the same buyer that still open that submission or later ones of its subject; to hide "
    "it, end them too, or use `endAccess`."
)
MOST_NAMED = 100
SHARE = nodes.NodeKind(SHARE_TAG, "Share", access.SUPPLIER)


@strawberry.enum(description="Whether a share keeps to one submission.")
class ShareMode(enum.Enum):
    SNAPSHOT = strawberry.enum_value("snapshot", description="This submission only.")
    FOLLOWING = strawberry.enum_value(
        "following",
        description="This submission and every later one of the same questionnaire and subject. It takes the place of "
        "an earlier share of this mode with the same buyer, questionnaire and subject, which is revoked.",
    )


@strawberry.enum(description="Whether a share can be read by now.")
class ShareState(enum.Enum):
    PLANNED = strawberry.enum_value("planned", description="Not yet.")
    LIVE = strawberry.enum_value("live", description="Now.")
    ENDED = strawberry.enum_value("ended", description="No longer: its end has passed.")
    REVOKED = strawberry.enum_value("revoked", description="No longer: the supplier revoked it.")


@rules.type(access.SUPPLIER, description="A buyer whose invitation the organization accepted: it may share with it.")
class LinkedBuyer:
    id: strawberry.ID = rules.field(description="Its id, for `shareResult`.")
    name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")
    linked_at: datetime | None = rules.field(description="Since when the two are linked.")
    is_active: bool = rules.field(
        description="Whether it may act as a buyer now; while it may not (its role was refused, or it is suspended) "
        "sharing with it is refused as NOT_ACTIVE_BUYER."
    )


@rules.type(access.SUPPLIER, description="What one buyer may read: the summary always, more where it says so.")
class Share(nodes.Node):
    buyer: OtherOrganization | None = rules.field(description="Who may read.")
    questionnaire: str = rules.field(description="The key of the questionnaire.")
    submission_id: strawberry.ID = rules.field(description="The submission that was shared.")
    mode: ShareMode = rules.field(description="Whether it keeps to that submission.")
    sections: list[str] = rules.field(description="Keys of the sections whose answers and trace are opened.")
    include_evidence: bool = rules.field(
        description="Whether all its documents are opened, those of sections that are not named too."
    )
    purpose: str = rules.field(description="What the buyer may use it for.")
    starts_at: datetime = rules.field(description="From when.")
    until: datetime | None = rules.field(description="Until when; null where it has no end.")
    revoked_at: datetime | None = rules.field(description="When it was revoked; null where it was not.")
    state: ShareState = rules.field(description="Whether it can be read by now.")
    request_id: strawberry.ID | None = rules.field(description="The request that it answered; null without one.")
    standing_rule_id: strawberry.ID | None = rules.field(
        description="By standing rule: the StandingRule that made it; null where a person shared it."
    )
    left_out: list[str] = rules.field(
        description="Keys of sections that the standing rule names and that did not go out, since the version that was "
        "answered asks more there than when the owner agreed."
    )
    shows: SharedResult | None = rules.field(
        description="What it opens by itself now, of the latest period; null once it has ended. Other live shares with "
        "the same buyer may open more."
    )


@rules.type(rules.AS_PARENT, description="A page of shares.")
class ShareConnection(paging.Connection[Share]):
    nodes: list[Share] = rules.field(description="The shares of the page, in order.")


@strawberry.input(description="What to share with whom; exactly one of requestId and buyerId.")
class PreviewShareInput:
    submission_id: strawberry.ID = strawberry.field(description="The submission.")
    request_id: strawberry.ID | None = strawberry.field(description="The request that it answers.", default=None)
    buyer_id: strawberry.ID | None = strawberry.field(description="A buyer you are linked with.", default=None)
    mode: ShareMode = strawberry.field(description="Whether to keep to this submission.", default=ShareMode.SNAPSHOT)
    sections: list[str] = strawberry.field(
        description="Keys of the sections whose answers and trace to open; none is the summary alone.",
        default_factory=list,
    )
    include_evidence: bool = strawberry.field(
        description="Whether to open all its documents, each with its question, those of sections not named too.",
        default=False,
    )
    until: datetime | None = strawberry.field(
        description="Until when, at most five years; null until it is revoked.", default=None
    )
    purpose: str | None = strawberry.field(
        description="What the buyer may use it for, 1 to 500 characters; null takes that of the request.", default=None
    )


@strawberry.input(description="What to share with whom; exactly one of requestId and buyerId.")
class ShareResultInput(PreviewShareInput):
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters; the same key and input give the same share.", default=None
    )


@strawberry.input(description="What to change of a live share; what is left out or null stays.")
class ChangeShareInput:
    share_id: strawberry.ID = strawberry.field(description="The share.")
    until: datetime | None = strawberry.field(description="Another end, earlier or later, in the future.", default=None)
    no_end: bool = strawberry.field(description="True takes the end away.", default=False)
    sections: list[str] | None = strawberry.field(description="All sections to open from now on.", default=None)
    include_evidence: bool | None = strawberry.field(
        description="Whether to open all its documents, those of sections not named too.", default=None
    )


@strawberry.input(description="Whose access to end.")
class EndAccessInput:
    buyer_id: strawberry.ID = strawberry.field(description="A buyer, of `linkedBuyers` or of a share.")
    questionnaire: str | None = strawberry.field(
        description="Only to this questionnaire; all of them without it.", default=None
    )


@strawberry.input(description="Which share to end.")
class RevokeShareInput:
    share_id: strawberry.ID = strawberry.field(description="The share.")


@rules.type(rules.AS_PARENT, description="The buyer can read from now on.")
class ResultShared:
    share: Share = rules.field(description="The share.")
    fulfilled_request_ids: list[strawberry.ID] = rules.field(
        description="The requests of that buyer which are fulfilled by it; the same ones where it is shared again.",
        list_size=1,
    )


@rules.type(rules.AS_PARENT, description="What the buyer would see; nothing was shared.")
class SharePreviewed:
    share: Share = rules.field(description="The share as it would be; its id is good for nothing.")
    shows: SharedResult | None = rules.field(
        description="Exactly what the buyer would read as the latest result: through this share and all others "
        "that are live together."
    )
    also_readable_through: list[Share] = rules.field(description=ALSO, list_size=2)
    shared_before: list[str] = rules.field(
        description="Keys of sections that live shares open to the buyer in other revisions for the same period, and "
        "that it would not read in this one: its latest result would show less than before. Name them in `sections` of "
        "`shareResult`, or say `keepShared` in `grantAccess`, to open them here, too."
    )


@rules.type(rules.AS_PARENT, description="The share was changed; the buyer's next call keeps to it.")
class ShareChanged:
    share: Share = rules.field(description="The share as it is now.")
    also_readable_through: list[Share] = rules.field(description=ALSO, list_size=2)


@rules.type(
    rules.AS_PARENT,
    description="The share has ended: in its next call the buyer reads what other live shares open, and no more.",
)
class ShareRevoked:
    share: Share = rules.field(description="The share as it is now.")
    also_readable_through: list[Share] = rules.field(description=ALSO, list_size=2)


@rules.type(
    rules.AS_PARENT, description="The buyer's next call finds nothing; what it has fetched before stays with it."
)
class AccessEnded:
    ended_count: int = rules.field(description="How many shares were revoked.")
    ended_rule_count: int = rules.field(description="How many standing rules for it were ended, too.")
    shares: list[Share] = rules.field(description="Those shares as they are now, at most 100 of them.", list_size=5)


def read_own(value: strawberry.ID, kind: nodes.NodeKind, actor: access.Actor, name: str, words: str) -> UUID:
    """The id of one of the caller's own rows; that of somebody else is one that does not exist."""
    found = nodes.decode_id(value, kind, path=(name,))
    if found.owner != actor.organization:
        raise errors.NotFound(f"There is no such {words}.", path=(name,))
    return found.id


def read_target(input: PreviewShareInput, actor: access.Actor) -> dict[str, Any]:
    """What and with whom, for the functions that share."""
    request = None
    if input.request_id is not None:
        request = nodes.decode_id(input.request_id, RECEIVED, path=("requestId",)).id
    buyer = None
    if input.buyer_id is not None:
        buyer = nodes.decode_id(input.buyer_id, ORGANIZATION, path=("buyerId",)).id
    return {
        "submission_id": read_own(input.submission_id, SUBMISSION, actor, "submissionId", "submission"),
        "request_id": request,
        "buyer_id": buyer,
        "consent": sharing.Consent(
            mode="following" if input.mode is ShareMode.FOLLOWING else "snapshot",
            sections=tuple(input.sections),
            include_evidence=input.include_evidence,
            until=input.until,
            purpose=input.purpose,
        ),
    }


async def compose_share(
    session: Session, actor: access.Actor, selected: reading.Selected, result: str, share_id: UUID, **more: Any
) -> Any:
    """A result of a mutation with its share, read as any other call reads it."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, SHARE_NOUN, part, id=share_id)

    return await reading.compose(result, selected, {"share": read, **more})


def reads_shares(session: Session, actor: access.Actor, ids: Sequence[UUID]) -> Any:
    """How a member of a mutation's result reads several shares."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_many(session, actor, SHARE_NOUN, part, ids[:MOST_NAMED])

    return read


def reads_also(session: Session, actor: access.Actor, share_id: UUID) -> Any:
    """How a member of a mutation's result reads the shares that open the same."""

    async def read(part: reading.Selected) -> Any:
        others = await live_shares.list_also_readable(session, actor, share_id=share_id)
        return await reads_shares(session, actor, others)(part)

    return read


def reads_together(session: Session, actor: access.Actor, share_id: UUID) -> Any:
    """How a preview reads what the buyer would see."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, RESULT_OF_ALL, part, share_id=share_id)

    return read


def reads_before(session: Session, actor: access.Actor, share_id: UUID) -> Any:
    """How a preview reads what the buyer sees of other revisions alone."""

    async def read(part: reading.Selected) -> Any:
        return await earlier_shares.list_beside(session, actor, share_id=share_id)

    return read


async def compose_preview(
    session: Session, actor: access.Actor, selected: reading.Selected, share_id: UUID
) -> SharePreviewed:
    """What a share that stands only for this moment would show."""
    also, together, before = (reads(session, actor, share_id) for reads in (reads_also, reads_together, reads_before))
    members = {"also_readable_through": also, "shows": together, "shared_before": before}
    return await compose_share(  # type: ignore[no-any-return]
        session, actor, selected, "SharePreviewed", share_id, **members
    )


@nodes.loads(SHARE)
async def load_shares(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, SHARE_NOUN, wanted)


@strawberry.type
class ShareQuery:
    @rules.query(access.SUPPLIER, description="What the organization shares and has shared, the newest first.")
    async def shares(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        live: Annotated[
            bool | None, strawberry.argument(description="Only those that can be read now, or only the others.")
        ] = None,
        questionnaire: Annotated[str | None, strawberry.argument(description="Only those of this one.")] = None,
    ) -> ShareConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            if questionnaire is not None:
                await definitions.check_questionnaire(session, questionnaire)
            page: Any = await reading.read_connection(session, actor, SHARES, selected)
            return page  # type: ignore[no-any-return]

    @rules.query(access.SUPPLIER, description="The buyers that the organization is linked with, by name.")
    async def linked_buyers(self, info: Info) -> list[LinkedBuyer]:
        async with info.context.transaction() as (session, actor):
            found = await sharing.list_linked_buyers(session, actor)
        return [
            LinkedBuyer(
                id=nodes.encode_id(ORGANIZATION, one.buyer_id),
                name=one.name,
                country=None if one.country is None else CountryCode(one.country),
                linked_at=one.linked_at,
                is_active=one.is_active,
            )
            for one in found
        ]


@strawberry.type
class ShareMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Let a buyer read a submission; what is shared already just so is not shared twice. Sharing for a "
        "request that was declined fulfils it; one that was withdrawn or disowned is refused as NOT_OPEN.",
    )
    async def share_result(
        self, info: Info, input: Annotated[ShareResultInput, strawberry.argument(description="What with whom.")]
    ) -> ResultShared:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            made = await sharing.share_result(
                session, actor, **read_target(input, actor), idempotency_key=input.idempotency_key
            )
            fulfilled = await sharing.list_fulfilled_ids(session, actor, made)
            ids = [nodes.encode_id(RECEIVED, one, owner) for owner, one in fulfilled]
            return await compose_share(  # type: ignore[no-any-return]
                session, actor, selected, "ResultShared", made.share_id, fulfilled_request_ids=ids
            )

    @rules.mutation(access.SUPPLIER_EDITOR, description="See exactly what a buyer would see; nothing is shared.")
    async def preview_share(
        self, info: Info, input: Annotated[PreviewShareInput, strawberry.argument(description="What with whom.")]
    ) -> SharePreviewed:
        selected = selection.read(info)
        async with (
            info.context.transaction() as (session, actor),
            sharing.preview_share(session, actor, **read_target(input, actor)) as share_id,
        ):
            return await compose_preview(session, actor, selected, share_id)

    @rules.mutation(access.SUPPLIER_EDITOR, description="Give a live share another end, or open more or less.")
    async def change_share(
        self, info: Info, input: Annotated[ChangeShareInput, strawberry.argument(description="The changes.")]
    ) -> ShareChanged:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            share_id = read_own(input.share_id, SHARE, actor, "shareId", "share")
            await sharing.change_share(
                session,
                actor,
                share_id=share_id,
                sections=None if input.sections is None else tuple(input.sections),
                include_evidence=input.include_evidence,
                until=input.until,
                endless=input.no_end,
            )
            also = reads_also(session, actor, share_id)
            return await compose_share(  # type: ignore[no-any-return]
                session, actor, selected, "ShareChanged", share_id, also_readable_through=also
            )

    @rules.mutation(
        access.SHARE_ENDER,
        description="End one share at once; see what others still open. A suspended supplier's owner may, too.",
    )
    async def revoke_share(
        self, info: Info, input: Annotated[RevokeShareInput, strawberry.argument(description="Which.")]
    ) -> ShareRevoked:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            share_id = read_own(input.share_id, SHARE, actor, "shareId", "share")
            await sharing.revoke_share(session, actor, share_id=share_id)
            also = reads_also(session, actor, share_id)
            return await compose_share(  # type: ignore[no-any-return]
                session, actor, selected, "ShareRevoked", share_id, also_readable_through=also
            )

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="End at once all that a buyer reads, and would read by standing rules: every live share and rule "
        "for it, of one questionnaire or of all.",
    )
    async def end_access(
        self, info: Info, input: Annotated[EndAccessInput, strawberry.argument(description="Whose.")]
    ) -> AccessEnded:
        selected = selection.read(info)
        buyer = nodes.decode_id(input.buyer_id, ORGANIZATION, path=("buyerId",)).id
        async with info.context.transaction() as (session, actor):
            ended, rules_ended = await live_shares.end_access(
                session, actor, buyer_id=buyer, questionnaire=input.questionnaire
            )
            members = {
                "ended_count": len(ended),
                "ended_rule_count": rules_ended,
                "shares": reads_shares(session, actor, ended),
            }
            return await reading.compose("AccessEnded", selected, members)  # type: ignore[return-value]
