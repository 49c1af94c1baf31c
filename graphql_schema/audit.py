"""The audit trail as an organization sees it: who did what to which object, when, and whether that is sealed yet."""

import enum
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.access_request import ACCESS_REQUEST
from graphql_schema.account import SESSION
from graphql_schema.answer import ASSESSMENT, SITE
from graphql_schema.api_key import API_KEY
from graphql_schema.assurance import DISPUTE
from graphql_schema.cadence import CADENCE
from graphql_schema.clarification import CLARIFICATION
from graphql_schema.context import Info
from graphql_schema.engagement import ENGAGEMENT
from graphql_schema.evidence import EVIDENCE
from graphql_schema.glass import GLASS
from graphql_schema.member import INVITATION, MEMBER
from graphql_schema.organization import ORGANIZATION
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.questionnaire_request import CAMPAIGN, REQUEST, SUPPLIER
from graphql_schema.received_access_request import RECEIVED_ACCESS
from graphql_schema.received_request import RECEIVED
from graphql_schema.scalars import CountryCode
from graphql_schema.share import SHARE
from graphql_schema.shared_result import RESULT
from graphql_schema.standing_rule import STANDING_RULE
from graphql_schema.submission import SUBMISSION
from graphql_schema.supplier_list import LIST
from graphql_schema.webhook import DELIVERY
from portal import access
from portal.trail import entries
from portal.trail.entries import Entry, Record, Thing, Wanted

BY_TIME = paging.Order("auditTrail.at", (datetime,))
# What an object is to its owner, and to the other side; None where it is nothing with an id there. Whoever asks for
# access names its own organization in the id.
KINDS: Mapping[str, tuple[nodes.NodeKind | None, nodes.NodeKind | None]] = {
    "assessment": (ASSESSMENT, None),
    "submission": (SUBMISSION, RESULT),
    "evidence": (EVIDENCE, None),
    "share": (SHARE, None),
    "standing_rule": (STANDING_RULE, None),
    "request": (REQUEST, RECEIVED),
    "access_request": (RECEIVED_ACCESS, ACCESS_REQUEST),
    "engagement": (ENGAGEMENT, ENGAGEMENT),
    "clarification": (CLARIFICATION, CLARIFICATION),
    "dispute": (DISPUTE, DISPUTE),
    "supplier_record": (SUPPLIER, None),
    "supplier_list": (LIST, None),
    "campaign": (CAMPAIGN, None),
    "cadence": (CADENCE, None),
    "site": (SITE, None),
    "user": (MEMBER, None),
    "invitation": (INVITATION, None),
    "api_key": (API_KEY, None),
    "glass": (GLASS, None),
    "webhook_delivery": (DELIVERY, None),
}
# These ids name no owner.
ALONE = {"organization": ORGANIZATION, "session": SESSION}
Action: TypeAlias = Annotated[
    str | None, strawberry.argument(description='Only this action, such as "share.revoked", as `action` spells it.')
]
ObjectId: TypeAlias = Annotated[strawberry.ID | None, strawberry.argument(description="Only what was done to it.")]
MemberId: TypeAlias = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only what this member of the organization did.")
]
Since: TypeAlias = Annotated[date | None, strawberry.argument(description="From this day on, in UTC.")]
Until: TypeAlias = Annotated[date | None, strawberry.argument(description="Up to this day, it included, in UTC.")]


@strawberry.enum(description="As what somebody acted.")
class AuditRole(enum.Enum):
    OWNER = strawberry.enum_value("owner", description="An owner of the organization.")
    EDITOR = strawberry.enum_value("editor", description="An editor.")
    REVIEWER = strawberry.enum_value("reviewer", description="A reviewer.")
    VIEWER = strawberry.enum_value("viewer", description="A viewer.")
    API_KEY = strawberry.enum_value("api_key", description="A machine with an API key.")
    PERSON = strawberry.enum_value("person", description="A person before an organization was chosen: a sign-in.")
    OPERATOR = strawberry.enum_value("operator", description="The operator of the portal.")
    PORTAL = strawberry.enum_value("portal", description="The portal itself, or somebody who was not known.")


@rules.type(access.OWNER, description="What an act was done to.")
class AuditObject:
    kind: str = rules.field(description='What it is, such as "share" or "assessment".')
    id: strawberry.ID | None = rules.field(
        description="Its id as the caller knows it; null for what has none, and once it was erased."
    )
    key: str | None = rules.field(description="The key or name of what goes by one, such as a questionnaire.")


@rules.type(access.OWNER, description="Who acted: of the caller's own organization by name, of another by its role.")
class AuditActor:
    role: AuditRole = rules.field(description="As what.")
    member_id: strawberry.ID | None = rules.field(
        description="Which member; null for others, for machines, and for who has left."
    )
    name: str | None = rules.field(description="The name of the member or the API key; null for others.")
    organization: OtherOrganization | None = rules.field(
        description="The other organization; null for the caller's own, and where no link is left."
    )


@rules.type(access.OWNER, description="One act, as the audit trail holds it.")
class AuditEntry:
    at: datetime = rules.field(description="When the act began to be written.")
    action: str = rules.field(description='What was done, such as "share.revoked".')
    object: AuditObject = rules.field(description="To what.")
    records: list[AuditObject] = rules.field(
        description="Which rows an operator was shown by a view (`glass.shown`); empty for all else.", list_size=2
    )
    actor: AuditActor = rules.field(description="By whom.")
    address: str | None = rules.field(
        description="The network it came from, not the whole address; null for others and for what the portal does."
    )
    request_id: str | None = rules.field(description="The X-Request-ID of the call; null for others.")
    is_sealed: bool = rules.field(
        description="Whether it stands in a signed block; that takes seconds, and no more can change it unseen then."
    )
    block: int | None = rules.field(
        description="The number of that block in the chain of the organization that acted; null until it is sealed."
    )


def make_entry(found: Entry, own: UUID) -> AuditEntry:
    return AuditEntry(
        at=found.at,
        action=found.action,
        object=make_object(found, own),
        records=[make_object(one, own) for one in found.records],
        actor=make_actor(found, own),
        address=found.address,
        request_id=found.request_id,
        is_sealed=found.block_n is not None,
        block=found.block_n,
    )


def make_object(found: Entry | Record, own: UUID) -> AuditObject:
    try:
        row = None if found.object_id is None else UUID(found.object_id)
    except ValueError:
        return AuditObject(kind=found.object_kind, id=None, key=found.object_id)
    kind = KINDS.get(found.object_kind, (None, None))[0 if found.object_owner_id == own else 1]
    alone = ALONE.get(found.object_kind)
    id_ = None
    if row is not None and alone is not None:
        id_ = nodes.encode_id(alone, row)
    elif row is not None and kind is not None:
        id_ = nodes.encode_id(kind, row, own if kind is ACCESS_REQUEST else found.object_owner_id)
    return AuditObject(kind=found.object_kind, id=id_, key=None)


def make_actor(found: Entry, own: UUID) -> AuditActor:
    other = None
    if found.other is not None:
        other = OtherOrganization(
            id=nodes.encode_id(ORGANIZATION, found.organization_id),
            name=found.other,
            country=None if found.other_country is None else CountryCode(found.other_country),
        )
    return AuditActor(
        role=AuditRole(found.role or "portal"),
        member_id=None if found.member_id is None else nodes.encode_id(MEMBER, found.member_id, own),
        name=found.name,
        organization=other,
    )


def read_object(value: strawberry.ID | None) -> Thing | None:
    """What an id names, where it is the caller's to name so. Raises InvalidInput."""
    if value is None:
        return None
    names = {kind: (name, kind is pair[0], kind is pair[1]) for name, pair in KINDS.items() for kind in pair if kind}
    names |= {kind: (name, True, True) for name, kind in ALONE.items()}
    found = nodes.decode_id(value, *names, path=("object_id",))
    name, is_owners, is_others = names[found.kind]
    return Thing(name, found.id, is_owners, is_others)


@strawberry.type
class AuditQuery:
    @rules.query(
        access.OWNER,
        description="What the organization did, and what others did that concerns it, the newest first. Who read what"
        " it shared stands in `readReceipts`.",
    )
    async def audit_trail(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        action: Action = None,
        object_id: ObjectId = None,
        member_id: MemberId = None,
        since: Since = None,
        until: Until = None,
    ) -> paging.Connection[AuditEntry]:
        page = paging.read_page(BY_TIME, first, after)
        member = None if member_id is None else nodes.decode_id(member_id, MEMBER, path=("member_id",)).id
        wanted = Wanted(action, read_object(object_id), member, since, until)
        async with info.context.transaction() as (session, actor):
            place: tuple[datetime, UUID] | None = None
            if page.after is not None:
                place = (page.after.keys[0], page.after.id)  # type: ignore[assignment]  # its order's one key is a moment
            rows = await entries.list_entries(session, actor, wanted, limit=page.limit, after=place)
            own = actor.organization
        return paging.build_connection(
            page, rows, keys=lambda row: ([row.at], row.id), node=lambda row: make_entry(row, own)
        )
