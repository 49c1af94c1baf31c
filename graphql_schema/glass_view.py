"""What is open in an operator's view into one organization's data; each read is left in its audit trail."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.context import Info
from graphql_schema.glass import GLASS, read_glass_id
from graphql_schema.glass_facts import (
    GlassDelivery,
    GlassMember,
    GlassProfile,
    GlassRequest,
    GlassShare,
    make_delivery,
    make_member,
    make_profile,
    make_request,
    make_share,
)
from graphql_schema.glass_reading import BY_ID, look, note
from graphql_schema.glass_work import (
    GlassAssessment,
    GlassDocument,
    GlassSubmission,
    make_assessment,
    make_document,
    make_submission,
)
from graphql_schema.organization import ORGANIZATION
from portal import access, errors
from portal.oversight import glasses, looks


@rules.type(access.GLASS, description="What an operator may see of one organization while a view of its own is open.")
class GlassView:
    id: strawberry.ID = rules.field(description="The view's id.")
    organization_id: strawberry.ID = rules.field(description="Whose data.")
    until: datetime = rules.field(description="When it ends by itself.")
    glass: strawberry.Private[UUID]
    owner: strawberry.Private[UUID]

    async def _list(
        self,
        info: Info,
        read: Callable[..., Any],
        make: Callable[[Any, UUID], Any],
        kind: str | None,
        first: int,
        after: str | None,
    ) -> Any:
        """A page, newest first; of people none is written down by name or id, as they may want to be forgotten."""
        page = paging.read_page(BY_ID, first, after)
        async with look(info, self) as session:
            before = page.after.id if page.after else None
            rows = await read(session, self.owner, before=before, limit=page.limit)
            if kind is not None:
                shown = rows[: page.first]
                await note(session, self, kind, [(row.id, getattr(row, "owner_id", self.owner)) for row in shown])
        return paging.build_connection(
            page, rows, keys=lambda row: ((), row.id), node=lambda row: make(row, self.owner)
        )

    @rules.method(description="The facts of the organization.")
    async def profile(self, info: Info) -> GlassProfile:
        async with look(info, self) as session:
            return make_profile(await looks.read_profile(session, self.owner))

    @rules.method(description="Who belongs to it.")
    async def members(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassMember]:
        page: paging.Connection[GlassMember] = await self._list(
            info, looks.list_members, make_member, None, first, after
        )
        return page

    @rules.method(description="The requests that it made or got, the newest first.")
    async def requests(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassRequest]:
        page: paging.Connection[GlassRequest] = await self._list(
            info, looks.list_requests, make_request, "request", first, after
        )
        return page

    @rules.method(description="Its assessments, drafts too, the newest first.")
    async def assessments(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassAssessment]:
        page: paging.Connection[GlassAssessment] = await self._list(
            info, looks.list_assessments, partial(make_assessment, glass=self.glass), "assessment", first, after
        )
        return page

    @rules.method(description="What it submitted, the newest first, with results.")
    async def submissions(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassSubmission]:
        page: paging.Connection[GlassSubmission] = await self._list(
            info, looks.list_submissions, make_submission, "submission", first, after
        )
        return page

    @rules.method(description="Its documents, the newest first; files are not open in a view.")
    async def documents(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassDocument]:
        page: paging.Connection[GlassDocument] = await self._list(
            info, looks.list_evidence, make_document, "evidence", first, after
        )
        return page

    @rules.method(description="What it shares as a supplier, or shared, the newest first.")
    async def shares(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassShare]:
        page: paging.Connection[GlassShare] = await self._list(
            info, looks.list_shares, make_share, "share", first, after
        )
        return page

    @rules.method(description="The log of its webhooks, the newest first.")
    async def webhook_deliveries(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassDelivery]:
        page: paging.Connection[GlassDelivery] = await self._list(
            info, looks.list_deliveries, make_delivery, "webhook_delivery", first, after
        )
        return page


@strawberry.type
class GlassViewQuery:
    @rules.query(
        access.GLASS,
        description="What an open view of the caller's own shows; nothing can be changed by it. Each field below leaves"
        " what it read in the organization's audit trail.",
    )
    async def glass_view(
        self, info: Info, glass_id: Annotated[strawberry.ID, strawberry.argument(description="One of `glasses`.")]
    ) -> GlassView:
        async with info.context.transaction() as (session, actor):
            found = await glasses.find_view(session, actor, read_glass_id(glass_id))
            if not found.is_open or found.operator_id != actor.user_id:
                raise errors.NotFound("You have no open view of this id.", path=("glass_id",))
        return GlassView(
            id=nodes.encode_id(GLASS, found.id, found.organization_id),
            organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
            until=found.until,
            glass=found.id,
            owner=found.organization_id,
        )
