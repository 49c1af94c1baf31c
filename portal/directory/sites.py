"""An organization's places of work: added, changed, archived; an assessment may be about one of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, idempotency, ids
from portal.database.tables import directory
from portal.directory import countries
from portal.identity.wording import Reading

SITE = directory.Site
LONGEST_ADDRESS = 1_000
MOST = 1_000  # of one organization


@dataclass(frozen=True, kw_only=True)
class SiteFacts:
    """What an organization says of a site; None leaves a field empty (adding) or as it is (changing), "" empties it."""

    name: str | None = None
    address: str | None = None
    country: str | None = None
    external_reference: str | None = None


async def list_sites(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int = 100,
    after: tuple[str, UUID] | None = None,
    archived: bool = False,
    site_ids: Sequence[UUID] | None = None,
) -> list[directory.Site]:
    """The organization's sites by name; `after` is the name and id of the last one seen. `site_ids` asks for some."""
    access.require(actor, access.MEMBER)
    query = select(SITE).where(SITE.organization_id == actor.organization).execution_options(populate_existing=True)
    if site_ids is not None:
        return list(await session.scalars(query.where(SITE.id.in_(site_ids))))
    query = query.where(SITE.archived_at.is_not(None) if archived else SITE.archived_at.is_(None))
    if after is not None:
        query = query.where(tuple_(SITE.name, SITE.id) > after)
    return list(await session.scalars(query.order_by(SITE.name, SITE.id).limit(limit)))


async def find_site(session: AsyncSession, actor: Actor, *, site_id: UUID) -> directory.Site:
    """One of the organization's sites; raises NotFound."""
    found = await list_sites(session, actor, site_ids=[site_id])
    if not found:
        raise errors.NotFound("There is no such site.", path=("site_id",))
    return found[0]


async def add_site(
    session: AsyncSession, actor: Actor, *, facts: SiteFacts, idempotency_key: str | None = None
) -> directory.Site:
    """Add a site; raises InvalidInput, Conflict TOO_MANY."""
    access.require(actor, access.SUPPLIER_EDITOR)
    made = await idempotency.find_made(session, actor, idempotency_key, "add_site", asdict(facts))
    if made is None:
        values = check_facts(facts, adding=True)
        count = await session.scalar(
            select(func.count()).select_from(SITE).where(SITE.organization_id == actor.organization)
        )
        if count is not None and count >= MOST:
            raise errors.Conflict(f"An organization may have {MOST} sites at most.", code="TOO_MANY")
        made = [str(ids.new_id())]
        await session.execute(
            insert(SITE).inline().values(organization_id=actor.organization, id=UUID(made[0]), **values)
        )
        await audit.add_audit(session, actor, "site.added", "site", made[0])
        await idempotency.keep_made(session, actor, idempotency_key, "add_site", asdict(facts), made)
    return await find_site(session, actor, site_id=UUID(made[0]))


async def update_site(session: AsyncSession, actor: Actor, *, site_id: UUID, facts: SiteFacts) -> directory.Site:
    """Change what is given of a site; raises NotFound, InvalidInput."""
    access.require(actor, access.SUPPLIER_EDITOR)
    values = check_facts(facts, adding=False)
    await find_site(session, actor, site_id=site_id)
    if values:
        await _change(session, actor, site_id, "site.changed", **values)
    return await find_site(session, actor, site_id=site_id)


async def set_archived(session: AsyncSession, actor: Actor, *, site_id: UUID, archived: bool) -> directory.Site:
    """Take a site out of use, or bring it back; its assessments stay. Raises NotFound."""
    access.require(actor, access.SUPPLIER_EDITOR)
    found = await find_site(session, actor, site_id=site_id)
    if archived != (found.archived_at is not None):
        moment = func.portal.clock() if archived else None
        await _change(session, actor, site_id, "site.archived" if archived else "site.restored", archived_at=moment)
    return await find_site(session, actor, site_id=site_id)


def check_facts(facts: SiteFacts, *, adding: bool) -> dict[str, Any]:
    """The columns of a site for these facts; raises InvalidInput with every problem."""
    reading = Reading()
    given = {name: text for name, text in asdict(facts).items() if text is not None}
    values: dict[str, Any] = dict.fromkeys(given)
    if adding or "name" in given:
        values["name"] = reading.read_name("name", given.get("name", ""))
    if given.get("address"):
        values["address"] = reading.read_name("address", given["address"], longest=LONGEST_ADDRESS)
    if given.get("external_reference"):
        values["external_reference"] = reading.read_name("external_reference", given["external_reference"])
    if given.get("country"):
        found = countries.read_country(given["country"])
        values["country"] = found.country.iso2 if found.country else None
        if found.country is None:
            reading.refuse("country", str(found.reason), f"country: {found.note}; allowed is a name or code.")
    reading.finish()
    return values


async def _change(session: AsyncSession, actor: Actor, site_id: UUID, action: str, **values: Any) -> None:
    own = (SITE.organization_id == actor.organization, SITE.id == site_id)
    statement = update(SITE).where(*own).values(**values)
    await session.execute(statement, execution_options={"synchronize_session": False})
    await audit.add_audit(session, actor, action, "site", site_id)
