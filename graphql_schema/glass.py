"""Breaking the glass: an operator's view into one organization's data, opened, ended, and seen by its owners."""

import enum
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.context import Info
from graphql_schema.organization import ORGANIZATION, read_organization_id
from graphql_schema.second_factor import open_sealer
from portal import access
from portal.database.tables.glasses import LONGEST_HOURS
from portal.identity import second_factors
from portal.oversight import glasses
from portal.oversight.glasses import SHORTEST_REASON

GLASS = nodes.NodeKind("glas", "GlassView", access.GLASS)
BY_ID = paging.Order("glasses.id", ())
ONLY_OPEN = "Only those that are open now."


@strawberry.enum(description="Who or what ended a view.")
class GlassEnd(enum.Enum):
    OPERATOR = strawberry.enum_value("operator", description="An operator, before its time.")
    OWNER = strawberry.enum_value("owner", description="An owner of the organization.")
    TIME = strawberry.enum_value("time", description="Its time was over.")
    CLOSING = strawberry.enum_value("closing", description="The organization was closed.")


@rules.type(rules.AS_PARENT, description="A view by an operator into an organization's data, as both sides know it.")
class OperatorGlass:
    id: strawberry.ID = rules.field(description="An opaque id, which `auditTrail` takes as `objectId`.")
    reason: str = rules.field(description="Why it was opened, in the operator's words.")
    opened_at: datetime = rules.field(description="Since when.")
    until: datetime = rules.field(description="When it ends by itself.")
    ended_at: datetime | None = rules.field(description="When it ended; null while that has not been noted.")
    ended_by: GlassEnd | None = rules.field(description="What ended it.")
    reads: int = rules.field(description="How often something was read by it.")
    last_read_at: datetime | None = rules.field(description="When last; null where nothing was.")
    fields_read: list[str] = rules.field(
        list_size=20, description='What was read by it, each field once, such as "members.email".'
    )
    operator_mark: str = rules.field(
        description="Which operator, by eight letters and digits that stay the same for this organization."
    )


@rules.type(access.OPERATOR, description="A view by an operator into one organization's data, as operators see it.")
class OpenedGlass:
    view: OperatorGlass = rules.field(description="What its organization sees of it.")
    organization_id: strawberry.ID = rules.field(description="Whose data.")
    organization_name: str = rules.field(description="Its name.")
    operator_name: str | None = rules.field(description="Who opened it; null where the account is gone.")
    is_own: bool = rules.field(description="Whether the caller did: nobody else reads by it.")
    is_open: bool = rules.field(description="Whether something can be read by it now.")


@strawberry.input(description="Into which organization, why, for how long, and that it is you.")
class BreakGlassInput:
    organization_id: strawberry.ID = strawberry.field(description="Whose data.")
    reason: str = strawberry.field(
        description=f"{SHORTEST_REASON} to 500 characters, which its owners get in a letter and which is kept."
    )
    hours: int = strawberry.field(description=f"For how long: 1 to {LONGEST_HOURS}.", default=1)
    password: str = strawberry.field(description="The caller's password.")
    code: str = strawberry.field(description="A new code of the caller's authenticator app, or a recovery code.")


@strawberry.input(description="Which view to end.")
class CloseGlassInput:
    glass_id: strawberry.ID = strawberry.field(description="One of `glasses`.")


@strawberry.input(description="Which view to end.")
class EndGlassInput:
    glass_id: strawberry.ID = strawberry.field(description="One of `operatorGlasses`.")


@rules.type(rules.AS_PARENT, description="The view is open, and its owners are told.")
class GlassBroken:
    glass: OpenedGlass = rules.field(description="The view.")


@rules.type(rules.AS_PARENT, description="Nothing can be read by the view any more.")
class GlassClosed:
    glass: OpenedGlass = rules.field(description="The view as it is now.")


@rules.type(rules.AS_PARENT, description="Nothing can be read by the view any more.")
class GlassEnded:
    glass: OperatorGlass = rules.field(description="The view as it is now.")


def make_opened(found: glasses.View, actor: access.Actor) -> OpenedGlass:
    return OpenedGlass(
        view=make_view(found),
        organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
        organization_name=found.organization,
        operator_name=found.operator,
        is_own=found.operator_id == actor.user_id,
        is_open=found.is_open,
    )


def make_view(found: glasses.OwnView) -> OperatorGlass:
    return OperatorGlass(
        id=nodes.encode_id(GLASS, found.id, found.organization_id),
        operator_mark=found.operator_mark,
        reason=found.reason,
        opened_at=found.created_at,
        until=found.until,
        ended_at=found.ended_at,
        ended_by=None if found.ended_by is None else GlassEnd(found.ended_by),
        reads=found.reads,
        last_read_at=found.last_read_at,
        fields_read=found.fields,
    )


def read_glass_id(value: str) -> UUID:
    return nodes.decode_id(value, GLASS, path=("glass_id",)).id


@strawberry.type
class GlassQuery:
    @rules.query(access.OPERATOR, description="The views that operators opened into organizations, the newest first.")
    async def glasses(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        only_open: Annotated[bool, strawberry.argument(description=ONLY_OPEN)] = False,
    ) -> paging.Connection[OpenedGlass]:
        page = paging.read_page(BY_ID, first, after)
        async with info.context.transaction() as (session, actor):
            before = page.after.id if page.after else None
            rows = await glasses.list_views(session, actor, only_open=only_open, before=before, limit=page.limit)
        return paging.build_connection(
            page, rows, keys=lambda row: ((), row.id), node=lambda row: make_opened(row, actor)
        )

    @rules.query(
        access.GLASS_WATCHER,
        description="The views by operators of the portal into the organization's data that there ever were, the newest"
        " first: why, how long, and what was read.",
    )
    async def operator_glasses(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[OperatorGlass]:
        page = paging.read_page(BY_ID, first, after)
        async with info.context.transaction() as (session, actor):
            before = page.after.id if page.after else None
            rows = await glasses.list_own(session, actor, before=before, limit=page.limit)
        return paging.build_connection(page, rows, keys=lambda row: ((), row.id), node=make_view)


@strawberry.type
class GlassMutation:
    @rules.mutation(
        access.GLASS,
        description="Open a view into one organization's data, to read by `glassView` for some hours. It needs a second"
        " factor, and its owners get a letter with the reason.",
    )
    async def break_glass(
        self, info: Info, input: Annotated[BreakGlassInput, strawberry.argument(description="What, why, how long.")]
    ) -> GlassBroken:
        organization = read_organization_id(input.organization_id, "organization_id")
        glasses.check_wish(input.reason, input.hours)  # before a code is used up
        async with info.context.transaction():
            pass  # nobody but operators is asked for a password here
        await second_factors.prove(
            info.context.database,
            info.context.credential,
            open_sealer(info.context),
            password=input.password,
            code=input.code,
            address=info.context.client_address,
        )
        async with info.context.transaction() as (session, actor):
            opened = await glasses.open_view(
                session, actor, organization=organization, reason=input.reason, hours=input.hours
            )
            return GlassBroken(glass=make_opened(opened, actor))

    @rules.mutation(access.OPERATOR, description="End a view before its time; its owners get a letter.")
    async def close_glass(
        self, info: Info, input: Annotated[CloseGlassInput, strawberry.argument(description="Which.")]
    ) -> GlassClosed:
        glass = read_glass_id(input.glass_id)
        async with info.context.transaction() as (session, actor):
            return GlassClosed(glass=make_opened(await glasses.close_view(session, actor, glass=glass), actor))

    @rules.mutation(
        access.GLASS_WATCHER,
        description="End a view by an operator into the organization's data at once, as an owner of it.",
    )
    async def end_glass(
        self, info: Info, input: Annotated[EndGlassInput, strawberry.argument(description="Which.")]
    ) -> GlassEnded:
        glass = read_glass_id(input.glass_id)
        async with info.context.transaction() as (session, actor):
            return GlassEnded(glass=make_view(await glasses.end_own(session, actor, glass=glass)))
