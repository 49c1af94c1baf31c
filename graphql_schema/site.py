"""The places of work of the caller's organization; an assessment may be about one of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.answer import SITE
from graphql_schema.context import Info, Session
from graphql_schema.scalars import CountryCode
from portal import access
from portal.database.tables import directory
from portal.directory import sites
from portal.directory.sites import SiteFacts

BY_NAME = paging.Order("sites.name", (str,))


@rules.type(access.MEMBER, description="One of the organization's places of work.")
class Site(nodes.Node):
    name: str = rules.field(description="Its name, 1 to 200 characters.")
    address: str | None = rules.field(description="Its address, at most 1,000 characters.")
    country: CountryCode | None = rules.field(description="Where it is.")
    external_reference: str | None = rules.field(description="A key of another system of the organization.")
    archived_at: datetime | None = rules.field(description="Since when it is out of use; null while it is in use.")
    created_at: datetime = rules.field(description="When it was added.")


@strawberry.input(description="What is known of a new site.")
class AddSiteInput:
    name: str = strawberry.field(description="1 to 200 characters.")
    address: str | None = strawberry.field(description="At most 1,000 characters.", default=None)
    country: str | None = strawberry.field(description="A country's code or name.", default=None)
    external_reference: str | None = strawberry.field(description="At most 200 characters.", default=None)
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it adds nothing.", default=None
    )


@strawberry.input(description='What to change of a site; what is left out or null stays, "" empties a field.')
class UpdateSiteInput:
    site_id: strawberry.ID = strawberry.field(description="One of `sites`.")
    name: str | None = strawberry.field(description="1 to 200 characters.", default=None)
    address: str | None = strawberry.field(description="At most 1,000 characters.", default=None)
    country: str | None = strawberry.field(description="A country's code or name.", default=None)
    external_reference: str | None = strawberry.field(description="At most 200 characters.", default=None)


@strawberry.input(description="Which site to take out of use, or to bring back.")
class ArchiveSiteInput:
    site_id: strawberry.ID = strawberry.field(description="One of `sites`.")
    archived: bool = strawberry.field(description="False brings it back.", default=True)


@rules.type(rules.AS_PARENT, description="The site was added.")
class SiteAdded:
    site: Site = rules.field(description="The new site.")


@rules.type(rules.AS_PARENT, description="The site was changed.")
class SiteUpdated:
    site: Site = rules.field(description="The site as it is now.")


@rules.type(rules.AS_PARENT, description="The site is out of use, or back; its assessments stay.")
class SiteArchived:
    site: Site = rules.field(description="The site as it is now.")


def make_site(found: directory.Site) -> Site:
    return Site(
        id=nodes.encode_id(SITE, found.id, found.organization_id),
        name=found.name,
        address=found.address,
        country=None if found.country is None else CountryCode(found.country),
        external_reference=found.external_reference,
        archived_at=found.archived_at,
        created_at=found.created_at,
    )


def read_facts(given: AddSiteInput | UpdateSiteInput) -> SiteFacts:
    return SiteFacts(
        name=given.name, address=given.address, country=given.country, external_reference=given.external_reference
    )


def read_site_id(value: str) -> UUID:
    """The site that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, SITE, path=("site_id",)).id


@nodes.loads(SITE)
async def load_sites(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Site | None]:
    own = [one.id for one in wanted if one.owner == actor.organization_id]
    listed = await sites.list_sites(session, actor, site_ids=own) if own else []
    found = {(one.organization_id, one.id): make_site(one) for one in listed}
    return [found.get((one.owner, one.id)) for one in wanted]


@strawberry.type
class SiteQuery:
    @rules.query(access.MEMBER, description="The organization's sites, by name.")
    async def sites(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        archived: Annotated[bool, strawberry.argument(description="Those out of use instead.")] = False,
    ) -> paging.Connection[Site]:
        page = paging.read_page(BY_NAME, first, after)
        place = None if page.after is None else (str(page.after.keys[0]), page.after.id)
        async with info.context.transaction() as (session, actor):
            rows = await sites.list_sites(session, actor, limit=page.limit, after=place, archived=archived)
        return paging.build_connection(page, rows, keys=lambda row: ([row.name], row.id), node=make_site)


@strawberry.type
class SiteMutation:
    @rules.mutation(access.SUPPLIER_EDITOR, description="Add a place of work.")
    async def add_site(
        self, info: Info, input: Annotated[AddSiteInput, strawberry.argument(description="What is known of it.")]
    ) -> SiteAdded:
        async with info.context.transaction() as (session, actor):
            made = await sites.add_site(session, actor, facts=read_facts(input), idempotency_key=input.idempotency_key)
            return SiteAdded(site=make_site(made))

    @rules.mutation(access.SUPPLIER_EDITOR, description="Change what is known of a site.")
    async def update_site(
        self, info: Info, input: Annotated[UpdateSiteInput, strawberry.argument(description="The changes.")]
    ) -> SiteUpdated:
        wanted = read_site_id(input.site_id)
        async with info.context.transaction() as (session, actor):
            changed = await sites.update_site(session, actor, site_id=wanted, facts=read_facts(input))
            return SiteUpdated(site=make_site(changed))

    @rules.mutation(access.SUPPLIER_EDITOR, description="Take a site out of use, or bring it back.")
    async def archive_site(
        self, info: Info, input: Annotated[ArchiveSiteInput, strawberry.argument(description="Which one.")]
    ) -> SiteArchived:
        wanted = read_site_id(input.site_id)
        async with info.context.transaction() as (session, actor):
            changed = await sites.set_archived(session, actor, site_id=wanted, archived=input.archived)
            return SiteArchived(site=make_site(changed))
