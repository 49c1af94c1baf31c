"""What an operator's view shows of an organization and what it has with others: facts, people, requests, shares."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.glass_reading import PERIOD_END, PERIOD_START
from graphql_schema.member import MEMBER, MemberRole
from graphql_schema.organization import ORGANIZATION, OrganizationRole, OrganizationSize, OrganizationStatus
from graphql_schema.questionnaire_request import REQUEST, RequestState
from graphql_schema.scalars import CountryCode, Locale
from graphql_schema.share import SHARE, ShareMode
from graphql_schema.tier import QuestionnaireTier
from graphql_schema.webhook import DELIVERY, ENDPOINT, WebhookDeliveryState, WebhookFailure
from portal import access


@rules.type(access.GLASS, description="The facts of the organization.")
class GlassProfile:
    name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")
    sector: str | None = rules.field(description="A section or division of ISIC Rev.4.")
    size: OrganizationSize | None = rules.field(description="Its size by people.")
    status: OrganizationStatus = rules.field(description="Whether it takes part.")
    roles: list[OrganizationRole] = rules.field(description="What it acts as now.")
    locale: Locale = rules.field(description="The language it prefers.")
    time_zone: str = rules.field(description="Its time zone.")
    requires_second_factor: bool = rules.field(description="Whether it requires a second factor of its members.")


def make_profile(found: Any) -> GlassProfile:
    return GlassProfile(
        name=found["name"],
        country=None if found["country"] is None else CountryCode(found["country"]),
        sector=found["sector"],
        size=None if found["size_band"] is None else OrganizationSize(found["size_band"]),
        status=OrganizationStatus(found["status"]),
        roles=[OrganizationRole(one) for one in found["roles"]],
        locale=Locale(found["locale"]),
        time_zone=found["time_zone"],
        requires_second_factor=found["requires_second_factor"],
    )


@rules.type(access.GLASS, description="Somebody who belongs to it.")
class GlassMember:
    id: strawberry.ID = rules.field(description="The member's id.")
    name: str = rules.field(description="Name.")
    email: str = rules.field(description="Address.")
    role: MemberRole = rules.field(description="Role.")
    joined_at: datetime = rules.field(description="Since when.")


def make_member(row: Any, owner: UUID) -> GlassMember:
    return GlassMember(
        id=nodes.encode_id(MEMBER, row.id, owner),
        name=row.name,
        email=row.email,
        role=MemberRole(row.role),
        joined_at=row.created_at,
    )


@rules.type(access.GLASS, description="A request that it made or got.")
class GlassRequest:
    id: strawberry.ID = rules.field(description="The request's id, as its buyer knows it.")
    is_own: bool = rules.field(description="Whether it asked; else it was asked.")
    other_organization_id: strawberry.ID | None = rules.field(description="The other side; null where none is linked.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = rules.field(description="The least tier to answer.")
    period_start: date = rules.field(description=PERIOD_START)
    period_end: date = rules.field(description=PERIOD_END)
    due_on: date = rules.field(description="When it is due.")
    state: RequestState = rules.field(description="Where it stands.")
    asked_at: datetime = rules.field(description="When it was made.")


def make_request(row: Any, _: UUID) -> GlassRequest:
    return GlassRequest(
        id=nodes.encode_id(REQUEST, row.id, row.buyer_id),
        is_own=row.is_own,
        other_organization_id=None if row.other_id is None else nodes.encode_id(ORGANIZATION, row.other_id),
        questionnaire=row.questionnaire,
        minimum_tier=QuestionnaireTier(row.minimum_tier),
        period_start=row.period_start,
        period_end=row.period_end,
        due_on=row.due_on,
        state=RequestState(row.state),
        asked_at=row.created_at,
    )


@rules.type(access.GLASS, description="What it shares as a supplier, or shared.")
class GlassShare:
    id: strawberry.ID = rules.field(description="The share's id.")
    buyer_id: strawberry.ID = rules.field(description="With whom.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    mode: ShareMode = rules.field(description="Whether it keeps to one submission.")
    purpose: str = rules.field(description="What for.")
    starts_at: datetime = rules.field(description="From when.")
    until: datetime | None = rules.field(description="Until when; null where it has no end.")
    revoked_at: datetime | None = rules.field(description="When it was revoked.")


def make_share(row: Any, owner: UUID) -> GlassShare:
    return GlassShare(
        id=nodes.encode_id(SHARE, row.id, owner),
        buyer_id=nodes.encode_id(ORGANIZATION, row.buyer_id),
        questionnaire=row.questionnaire,
        mode=ShareMode(row.mode),
        purpose=row.purpose,
        starts_at=row.starts_at,
        until=row.until,
        revoked_at=row.revoked_at,
    )


@rules.type(
    access.GLASS, description="One message to one of its webhook endpoints: what became of it, not what it said."
)
class GlassDelivery:
    id: strawberry.ID = rules.field(description="The message's id in the log.")
    endpoint_id: strawberry.ID = rules.field(description="To which endpoint; its address may hold a secret.")
    type: str = rules.field(description="The type of event.")
    state: WebhookDeliveryState = rules.field(description="What became of it.")
    attempts: int = rules.field(description="How many tries there were.")
    happened_at: datetime = rules.field(description="When it happened.")
    attempted_at: datetime | None = rules.field(description="When it was last tried.")
    response_code: int | None = rules.field(description="The status of the last answer.")
    failure: WebhookFailure | None = rules.field(description="What was wrong with the last try.")


def make_delivery(row: Any, owner: UUID) -> GlassDelivery:
    return GlassDelivery(
        id=nodes.encode_id(DELIVERY, row.id, owner),
        endpoint_id=nodes.encode_id(ENDPOINT, row.endpoint_id, owner),
        type=row.type,
        state=WebhookDeliveryState(row.state),
        attempts=row.attempts,
        happened_at=row.happened_at,
        attempted_at=row.attempted_at,
        response_code=row.response_code,
        failure=None if row.failure is None else WebhookFailure(row.failure),
    )
