"""What the operator looks through: organizations and corporate groups, searched and page by page."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.context import Info
from graphql_schema.operator import GROUP, CorporateGroup, CorporateGroupStatus, make_group
from graphql_schema.organization import ORGANIZATION, OrganizationRole, OrganizationStatus
from graphql_schema.scalars import CountryCode
from portal import access
from portal.identity import registers

NEWEST = paging.Order("organizations.id", ())
OLDEST = paging.Order("groups.id", ())
Search = Annotated[
    str | None,
    strawberry.argument(description="A part of the name, or a whole UUID; at most 200 characters. All without it."),
]


@rules.type(access.OPERATOR, description="The corporate group that an organization belongs to now.")
class CurrentGroup:
    id: strawberry.ID = rules.field(description="The group, for `placeInGroup` and `confirmGroup`.")
    name: str = rules.field(description="Its name.")
    status: CorporateGroupStatus = rules.field(description="Whether it counts.")


@rules.type(access.OPERATOR, description="An organization as the operator sees it.")
class RegisteredOrganization:
    organization_id: strawberry.ID = rules.field(description="Which one, for what the operator decides.")
    name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")
    status: OrganizationStatus = rules.field(description="Whether it takes part.")
    suspended_at: datetime | None = rules.field(description="Since when it is suspended; null while it is not.")
    created_at: datetime = rules.field(description="When it was founded here.")
    owner_count: int = rules.field(description="How many owners it has; with none nobody can act for it.")
    roles: list[OrganizationRole] = rules.field(description="What it acts as; what waits is in `roleApplications`.")
    group: CurrentGroup | None = rules.field(description="The corporate group it belongs to now.")


def make_registered(found: registers.RegisteredOrganization) -> RegisteredOrganization:
    return RegisteredOrganization(
        organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
        name=found.name,
        country=None if found.country is None else CountryCode(found.country),
        status=OrganizationStatus(found.status),
        suspended_at=found.suspended_at,
        created_at=found.created_at,
        owner_count=found.owners,
        roles=[OrganizationRole(role) for role in found.roles],
        group=make_current(found),
    )


def make_current(found: registers.RegisteredOrganization) -> CurrentGroup | None:
    if found.group_id is None:
        return None
    return CurrentGroup(
        id=nodes.encode_id(GROUP, found.group_id),
        name=found.group_name or "",
        status=CorporateGroupStatus(found.group_status),
    )


@strawberry.type
class RegisterQuery:
    @rules.query(access.OPERATOR, description="All organizations, the newest first.")
    async def organizations(
        self,
        info: Info,
        search: Search = None,
        role: Annotated[
            OrganizationRole | None, strawberry.argument(description="Only those that act as this.")
        ] = None,
        status: Annotated[OrganizationStatus | None, strawberry.argument(description="Only these.")] = None,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
    ) -> paging.Connection[RegisteredOrganization]:
        page = paging.read_page(NEWEST, first, after)
        async with info.context.transaction() as (session, actor):
            rows = await registers.list_organizations(
                session,
                actor,
                search=search,
                role=str(role.value) if role else None,
                status=str(status.value) if status else None,
                after=page.after.id if page.after else None,
                limit=page.limit,
            )
        return paging.build_connection(page, rows, keys=lambda row: ([], row.organization_id), node=make_registered)

    @rules.query(access.OPERATOR, description="All corporate groups, the oldest first.")
    async def groups(
        self,
        info: Info,
        search: Search = None,
        status: Annotated[CorporateGroupStatus | None, strawberry.argument(description="Only these.")] = None,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
    ) -> paging.Connection[CorporateGroup]:
        page = paging.read_page(OLDEST, first, after)
        async with info.context.transaction() as (session, actor):
            rows = await registers.list_groups(
                session,
                actor,
                search=search,
                status=str(status.value) if status else None,
                after=page.after.id if page.after else None,
                limit=page.limit,
            )
        return paging.build_connection(page, rows, keys=lambda row: ([], row.id), node=make_group)
