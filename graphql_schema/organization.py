"""Organizations: their facts, the roles they act in, and what their owners change."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.context import Info, Session
from graphql_schema.scalars import CountryCode, Locale
from portal import access, errors
from portal.identity import organizations

ORGANIZATION = nodes.NodeKind("orga", "Organization", access.CALLER)


@strawberry.enum(description="What an organization may act as.")
class OrganizationRole(enum.Enum):
    SUPPLIER = strawberry.enum_value("supplier", description="Answers questionnaires and shares results.")
    BUYER = strawberry.enum_value("buyer", description="Asks suppliers and reads what they share.")
    PARTNER = strawberry.enum_value("partner", description="Pulls released benchmarks.")
    REVIEWER = strawberry.enum_value("reviewer", description="Verifies evidence as a third party.")


@strawberry.enum(description="Where an organization stands with a role.")
class RoleStatus(enum.Enum):
    PENDING = strawberry.enum_value("pending", description="Waits for the operator; the role does not act yet.")
    ACTIVE = strawberry.enum_value("active", description="The organization acts in this role.")
    REFUSED = strawberry.enum_value("refused", description="The operator said no, or ended the role; see the reason.")


@strawberry.enum(description="Whether an organization takes part.")
class OrganizationStatus(enum.Enum):
    ACTIVE = strawberry.enum_value("active", description="It takes part.")
    SUSPENDED = strawberry.enum_value(
        "suspended",
        description="Its members may look at what is its own as a supplier, and no more; an owner may revoke shares. "
        "What others share with it is closed, and its keys are dead.",
    )
    CLOSED = strawberry.enum_value("closed", description="It has left.")


@strawberry.enum(description="The size of an organization by its number of people.")
class OrganizationSize(enum.Enum):
    MICRO = strawberry.enum_value("micro", description="Fewer than 10 people.")
    SMALL = strawberry.enum_value("small", description="10 to 49 people.")
    MEDIUM = strawberry.enum_value("medium", description="50 to 249 people.")
    LARGE = strawberry.enum_value("large", description="250 people or more.")


@rules.type(access.CALLER, description="A company. Others see it only through a link, a request or a share.")
class Organization(nodes.Node):
    name: str = rules.field(description="Its name, 1 to 200 characters.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")
    sector: str | None = rules.field(description='A section or division of ISIC Rev.4, like "C" or "14".')
    size: OrganizationSize | None = rules.field(description="Its size by people.")
    status: OrganizationStatus | None = rules.field(description="Whether it takes part; null for other organizations.")
    locale: Locale | None = rules.field(description="The language it prefers; null for other organizations.")
    time_zone: str | None = rules.field(description='Its time zone, like "Asia/Dhaka"; null for other organizations.')
    requires_second_factor: bool | None = rules.field(
        description="Whether it requires a second factor of every member; null for other organizations."
    )


@rules.type(access.CALLER, description="One role of the caller's organization, or an application for it.")
class OrganizationRoleState:
    role: OrganizationRole = rules.field(description="The role.")
    status: RoleStatus = rules.field(description="Where it stands.")
    reason: str | None = rules.field(description="What the operator said, at most 500 characters.")
    applied_at: datetime = rules.field(description="When it was applied for, or given.")
    decided_at: datetime | None = rules.field(description="When the operator decided; null while it waits.")


@strawberry.input(description="The facts of a new organization.")
class NewOrganizationInput:
    name: str = strawberry.field(description="1 to 200 characters, as in its register of companies.")
    country: CountryCode | None = strawberry.field(description="Where it has its seat.", default=None)
    sector: str | None = strawberry.field(
        description='A section (A to U) or division (two digits) of ISIC Rev.4, like "14".', default=None
    )
    size: OrganizationSize | None = strawberry.field(description="Its size by people.", default=None)
    locale: Locale | None = strawberry.field(
        description="The language it prefers; that of your account without it.", default=None
    )
    time_zone: str | None = strawberry.field(
        description='Its time zone, like "Asia/Dhaka", where its due days end; that of your account without it.',
        default=None,
    )


@strawberry.input(description="What to change of the organization; what is left out or null stays.")
class UpdateOrganizationInput:
    name: str | None = strawberry.field(description="1 to 200 characters.", default=None)
    country: CountryCode | None = strawberry.field(description="Where it has its seat.", default=None)
    sector: str | None = strawberry.field(
        description='A section (A to U) or division (two digits) of ISIC Rev.4, like "14".', default=None
    )
    size: OrganizationSize | None = strawberry.field(description="Its size by people.", default=None)
    locale: Locale | None = strawberry.field(description="The language it prefers.", default=None)
    time_zone: str | None = strawberry.field(description='Its time zone, like "Asia/Dhaka".', default=None)


@strawberry.input(description="Which role the organization asks for.")
class ApplyForRoleInput:
    role: OrganizationRole = strawberry.field(
        description="BUYER, PARTNER or REVIEWER; every organization is a supplier."
    )
    terms_version: str | None = strawberry.field(
        description="The version of the terms that were accepted.", default=None
    )


@rules.type(rules.AS_PARENT, description="The organization exists, is a supplier, and this session acts for it.")
class OrganizationFounded:
    organization: Organization = rules.field(description="The new organization, owned by the caller.")


@rules.type(rules.AS_PARENT, description="The organization was changed.")
class OrganizationUpdated:
    organization: Organization = rules.field(description="The organization as it is now.")


@rules.type(rules.AS_PARENT, description="The application waits for the operator.")
class RoleApplied:
    role: OrganizationRoleState = rules.field(description="Where the role stands now.")


def read_facts(given: NewOrganizationInput | UpdateOrganizationInput) -> organizations.OrganizationFacts:
    """The facts of an input in the portal's own codes."""
    return organizations.OrganizationFacts(
        name=given.name,
        country=given.country,
        sector=given.sector,
        size_band=str(given.size.value) if given.size else None,
        locale=given.locale,
        time_zone=given.time_zone,
    )


def make_organization(found: organizations.Organization) -> Organization:
    return Organization(
        id=nodes.encode_id(ORGANIZATION, found.id),
        name=found.name,
        country=None if found.country is None else CountryCode(found.country),
        sector=found.sector,
        size=None if found.size_band is None else OrganizationSize(found.size_band),
        status=None if found.status is None else OrganizationStatus(found.status),
        locale=None if found.locale is None else Locale(found.locale),
        time_zone=found.time_zone,
        requires_second_factor=found.requires_second_factor,
    )


def make_role(found: organizations.RoleState) -> OrganizationRoleState:
    return OrganizationRoleState(
        role=OrganizationRole(found.role),
        status=RoleStatus(found.status),
        reason=found.reason,
        applied_at=found.created_at,
        decided_at=found.decided_at,
    )


async def read_organization(session: Session, actor: access.Actor, organization_id: UUID) -> Organization:
    """One organization as the caller may see it; raises NotFound."""
    found = await organizations.find_organizations(session, actor, organization_ids=[organization_id])
    if organization_id not in found:
        raise errors.NotFound("There is no such organization.")
    return make_organization(found[organization_id])


def read_organization_id(value: str, *path: str) -> UUID:
    """The organization an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, ORGANIZATION, path=path).id


@nodes.loads(ORGANIZATION)
async def load_organizations(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Organization | None]:
    found = await organizations.find_organizations(session, actor, organization_ids=[one.id for one in wanted])
    return [make_organization(found[one.id]) if one.id in found else None for one in wanted]


@strawberry.type
class OrganizationMutation:
    @rules.mutation(
        access.SIGNED_IN, description="Found an organization: it is a supplier at once, and this session acts for it."
    )
    async def found_organization(
        self, info: Info, input: Annotated[NewOrganizationInput, strawberry.argument(description="Its facts.")]
    ) -> OrganizationFounded:
        async with info.context.transaction() as (session, actor):
            made = await organizations.found_organization(session, actor, facts=read_facts(input))
        async with info.context.transaction() as (session, actor):
            return OrganizationFounded(organization=await read_organization(session, actor, made))

    @rules.mutation(access.OWNER, description="Change facts of the organization this session acts for.")
    async def update_organization(
        self, info: Info, input: Annotated[UpdateOrganizationInput, strawberry.argument(description="The changes.")]
    ) -> OrganizationUpdated:
        async with info.context.transaction() as (session, actor):
            changed = await organizations.update_organization(session, actor, facts=read_facts(input))
            return OrganizationUpdated(organization=make_organization(changed))

    @rules.mutation(access.OWNER, description="Ask the operator to let the organization act in another role.")
    async def apply_for_role(
        self, info: Info, input: Annotated[ApplyForRoleInput, strawberry.argument(description="Which role.")]
    ) -> RoleApplied:
        async with info.context.transaction() as (session, actor):
            state = await organizations.apply_for_role(
                session, actor, role=str(input.role.value), terms_version=input.terms_version
            )
            return RoleApplied(role=make_role(state))
