"""What the operator sees and decides: role applications, suspended organizations, corporate groups."""

import enum
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.context import Info
from graphql_schema.organization import (
    ORGANIZATION,
    OrganizationRole,
    OrganizationStatus,
    RoleStatus,
    read_organization_id,
)
from graphql_schema.scalars import CountryCode
from portal import access
from portal.identity import operators

GROUP = nodes.NodeKind("grup", "CorporateGroup", access.OPERATOR)
MOST = 100


@strawberry.enum(description="What the operator decides on an application, or later.")
class RoleDecision(enum.Enum):
    APPROVE = strawberry.enum_value("active", description="The organization acts in the role from now on.")
    REFUSE = strawberry.enum_value("refused", description="It does not, or no longer; a reason is needed.")


@strawberry.enum(description="Whether a corporate group counts as one in benchmarks.")
class CorporateGroupStatus(enum.Enum):
    PROPOSED = strawberry.enum_value("proposed", description="Named, not confirmed yet.")
    CONFIRMED = strawberry.enum_value("confirmed", description="A real ultimate parent.")


@rules.type(access.OPERATOR, description="An organization that asks for a role.")
class RoleApplication:
    organization_id: strawberry.ID = rules.field(description="Who asks.")
    organization_name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")
    role: OrganizationRole = rules.field(description="What it asks for.")
    status: RoleStatus = rules.field(description="Where the application stands.")
    terms_version: str | None = rules.field(description="The version of the terms it accepted.")
    applied_at: datetime = rules.field(description="When.")


@rules.type(access.OPERATOR, description="The ultimate parent of organizations; benchmarks count it once.")
class CorporateGroup:
    id: strawberry.ID = rules.field(description="An opaque id.")
    name: str = rules.field(description="Its name.")
    status: CorporateGroupStatus = rules.field(description="Whether it counts.")
    organizations: int = rules.field(description="How many organizations belong to it now.")
    created_at: datetime = rules.field(description="When it was proposed.")


@strawberry.input(description="What was decided on which application.")
class DecideRoleInput:
    organization_id: strawberry.ID = strawberry.field(description="Whose application, from `roleApplications`.")
    role: OrganizationRole = strawberry.field(description="For which role.")
    decision: RoleDecision = strawberry.field(description="Yes or no.")
    reason: str | None = strawberry.field(
        description="Mailed to the organization; at most 500 characters, needed to refuse.", default=None
    )


@strawberry.input(description="Which organization, and why.")
class SuspendOrganizationInput:
    organization_id: strawberry.ID = strawberry.field(description="Which organization.")
    reason: str = strawberry.field(description="1 to 500 characters, kept in its audit trail.")


@strawberry.input(description="Which organization, and why.")
class ReinstateOrganizationInput:
    organization_id: strawberry.ID = strawberry.field(description="Which organization.")
    reason: str = strawberry.field(description="1 to 500 characters, kept in its audit trail.")


@strawberry.input(description="Which organization belongs to which group. Exactly one of groupId and newGroup.")
class PlaceInGroupInput:
    organization_id: strawberry.ID = strawberry.field(description="Which organization.")
    group_id: strawberry.ID | None = strawberry.field(description="A group there is.", default=None)
    new_group: str | None = strawberry.field(description="The name of a new group, 1 to 200 characters.", default=None)


@strawberry.input(description="Which group is real.")
class ConfirmGroupInput:
    group_id: strawberry.ID = strawberry.field(description="One of `corporateGroups`.")


@rules.type(rules.AS_PARENT, description="The decision holds from the organization's next call on.")
class RoleDecided:
    application: RoleApplication = rules.field(description="The application as it is now.")


@rules.type(
    rules.AS_PARENT,
    description="The organization's members may look at what is its own as a supplier, and no more; an owner may "
    "revoke shares. What others share with it is closed, and its keys are dead.",
)
class OrganizationSuspended:
    organization_id: strawberry.ID = rules.field(description="Which organization.")
    status: OrganizationStatus = rules.field(description="Its status now.")


@rules.type(rules.AS_PARENT, description="The organization takes part again.")
class OrganizationReinstated:
    organization_id: strawberry.ID = rules.field(description="Which organization.")
    status: OrganizationStatus = rules.field(description="Its status now.")


@rules.type(rules.AS_PARENT, description="The organization belongs to the group from now on.")
class PlacedInGroup:
    group_id: strawberry.ID = rules.field(description="The group.")


@rules.type(rules.AS_PARENT, description="The group counts as one from the next benchmark release on.")
class GroupConfirmed:
    group_id: strawberry.ID = rules.field(description="The group.")


def make_application(found: operators.RoleApplication) -> RoleApplication:
    return RoleApplication(
        organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
        organization_name=found.name,
        country=None if found.country is None else CountryCode(found.country),
        role=OrganizationRole(found.role),
        status=RoleStatus(found.status),
        terms_version=found.terms_version,
        applied_at=found.created_at,
    )


def make_group(found: operators.CorporateGroup) -> CorporateGroup:
    return CorporateGroup(
        id=nodes.encode_id(GROUP, found.id),
        name=found.name,
        status=CorporateGroupStatus(found.status),
        organizations=found.organizations,
        created_at=found.created_at,
    )


def read_group_id(value: str) -> UUID:
    return nodes.decode_id(value, GROUP, path=("group_id",)).id


@strawberry.type
class OperatorQuery:
    @rules.query(access.OPERATOR, description=f"The applications that wait, the oldest first; at most {MOST}.")
    async def role_applications(self, info: Info) -> list[RoleApplication]:
        async with info.context.transaction() as (session, actor):
            return [make_application(one) for one in await operators.list_applications(session, actor, limit=MOST)]

    @rules.query(
        access.OPERATOR,
        description=f"Corporate groups, the oldest first; at most {MOST}.",
        deprecation_reason="Use groups, which pages and searches; this is removed in 2027-07 at the earliest.",
    )
    async def corporate_groups(
        self,
        info: Info,
        status: Annotated[
            CorporateGroupStatus | None, strawberry.argument(description="Only these; all without it.")
        ] = None,
    ) -> list[CorporateGroup]:
        async with info.context.transaction() as (session, actor):
            only = str(status.value) if status else None
            return [make_group(one) for one in await operators.list_groups(session, actor, status=only, limit=MOST)]


@strawberry.type
class OperatorMutation:
    @rules.mutation(access.OPERATOR, description="Let an organization act as buyer, partner or reviewer, or not.")
    async def decide_role(
        self, info: Info, input: Annotated[DecideRoleInput, strawberry.argument(description="The decision.")]
    ) -> RoleDecided:
        organization = read_organization_id(input.organization_id, "organization_id")
        async with info.context.transaction() as (session, actor):
            decided = await operators.decide_role(
                session,
                actor,
                organization=organization,
                role=str(input.role.value),
                decision=str(input.decision.value),
                reason=input.reason,
            )
        return RoleDecided(application=make_application(decided))

    @rules.mutation(
        access.OPERATOR,
        description="Let an organization's members look at what is its own as a supplier and no more, until "
        "reinstated; buyers keep what it shares with them until it revokes that.",
    )
    async def suspend_organization(
        self, info: Info, input: Annotated[SuspendOrganizationInput, strawberry.argument(description="Which, and why.")]
    ) -> OrganizationSuspended:
        status = await _set_status(info, input.organization_id, "suspended", input.reason)
        return OrganizationSuspended(organization_id=input.organization_id, status=status)

    @rules.mutation(access.OPERATOR, description="Let a suspended organization take part again.")
    async def reinstate_organization(
        self,
        info: Info,
        input: Annotated[ReinstateOrganizationInput, strawberry.argument(description="Which, and why.")],
    ) -> OrganizationReinstated:
        status = await _set_status(info, input.organization_id, "active", input.reason)
        return OrganizationReinstated(organization_id=input.organization_id, status=status)

    @rules.mutation(access.OPERATOR, description="Say which corporate group an organization belongs to.")
    async def place_in_group(
        self, info: Info, input: Annotated[PlaceInGroupInput, strawberry.argument(description="Which, where.")]
    ) -> PlacedInGroup:
        organization = read_organization_id(input.organization_id, "organization_id")
        group = None if input.group_id is None else read_group_id(input.group_id)
        async with info.context.transaction() as (session, actor):
            placed = await operators.place_in_group(
                session, actor, organization=organization, group=group, new_group=input.new_group
            )
        return PlacedInGroup(group_id=nodes.encode_id(GROUP, placed))

    @rules.mutation(access.OPERATOR, description="Confirm that a corporate group is a real ultimate parent.")
    async def confirm_group(
        self, info: Info, input: Annotated[ConfirmGroupInput, strawberry.argument(description="Which group.")]
    ) -> GroupConfirmed:
        async with info.context.transaction() as (session, actor):
            await operators.confirm_group(session, actor, group=read_group_id(input.group_id))
        return GroupConfirmed(group_id=input.group_id)


async def _set_status(info: Info, organization_id: str, status: str, reason: str) -> OrganizationStatus:
    organization = read_organization_id(organization_id, "organization_id")
    async with info.context.transaction() as (session, actor):
        found = await operators.set_organization_status(
            session, actor, organization=organization, status=status, reason=reason
        )
    return OrganizationStatus(found.status)
