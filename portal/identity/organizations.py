"""Organizations: founding one, its facts, the roles it acts in, and which ones a person may switch to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, industries
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables import identity
from portal.identity import accounts, attempts, sessions
from portal.identity.wording import Reading

SIZE_BANDS = ("micro", "small", "medium", "large")
APPLIED_ROLES = ("buyer", "partner", "reviewer")
SECTOR_SCHEME = industries.SCHEME
# A session that a provider opened tells of the provider's organization alone.
MINE = text(
    """
    SELECT * FROM portal.list_my_organizations()
     WHERE organization_id = portal.current_organization()
        OR NOT EXISTS (SELECT FROM portal.session s WHERE s.id = :session AND s.sso_connection_id IS NOT NULL)
    """
)
FOUND = text(
    """
    SELECT portal.found_organization(:id, :name, :country, :sector_scheme, :sector, :size_band, :locale, :time_zone)
    """
)
APPLY = text("SELECT portal.apply_for_role(:role, :terms)")


@dataclass(frozen=True)
class OrganizationFacts:
    """What is told about an organization; in a change, None leaves a fact as it is."""

    name: str | None = None
    country: str | None = None
    sector: str | None = None
    size_band: str | None = None
    locale: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class Organization:
    """An organization that the caller may see; what only its own members see is None for others."""

    id: UUID
    name: str
    country: str | None
    sector: str | None
    size_band: str | None
    status: str | None
    locale: str | None
    time_zone: str | None
    requires_second_factor: bool | None


@dataclass(frozen=True)
class Membership:
    """One organization that the caller belongs to, with the caller's role in it."""

    organization_id: UUID
    name: str
    role: str
    status: str
    needs_second_factor: bool
    needs_sso: bool


@dataclass(frozen=True)
class RoleState:
    """Where an organization stands with one role."""

    role: str
    status: str
    reason: str | None
    created_at: datetime
    decided_at: datetime | None


def check_facts(facts: OrganizationFacts) -> dict[str, str]:
    """The facts that are given, as columns; raises InvalidInput with every problem."""
    reading = Reading()
    values: dict[str, str | None] = {"country": reading.read_country("country", facts.country)}
    if facts.name is not None:
        values["name"] = reading.read_name("name", facts.name)
    if facts.sector is not None:
        if facts.sector not in industries.list_codes():
            words = f'sector must be a section (A to U) or a division (01 to 99) that {SECTOR_SCHEME} has, like "14".'
            reading.refuse("sector", "SECTOR", words)
        values |= {"sector": facts.sector, "sector_scheme": SECTOR_SCHEME}
    if facts.size_band is not None:
        values["size_band"] = reading.read_choice("size_band", facts.size_band, SIZE_BANDS)
    if facts.locale is not None:
        values["locale"] = reading.read_locale("locale", facts.locale)
    if facts.time_zone is not None:
        values["time_zone"] = reading.read_time_zone("time_zone", facts.time_zone)
    reading.finish()
    return {column: value for column, value in values.items() if value is not None}


async def found_organization(session: AsyncSession, actor: Actor, *, facts: OrganizationFacts) -> UUID:
    """Make an organization that is a supplier at once and owned by the caller, and let this session act for it.

    It has the language and the time zone of the founder's account where none is given. Raises InvalidInput, and
    Conflict ALREADY_YOURS where the caller owns one of the same name: a repeated call makes no second one.
    """
    access.require(actor, access.SIGNED_IN)
    values = check_facts(facts)
    if "name" not in values:
        raise errors.InvalidInput("name must be given.", code="REQUIRED", path=("name",))
    for mine in await list_organizations(session, actor):
        if mine.role == "owner" and mine.name.casefold() == values["name"].casefold():
            raise errors.Conflict("You own an organization of this name already.", code="ALREADY_YOURS", path=("name",))
    await attempts.count_use(session, "organization_founded", str(actor.user_id))
    founder = await accounts.read_profile(session, actor)
    made = ids.new_id()
    parameters: dict[str, object] = {
        "country": None,
        "sector_scheme": None,
        "sector": None,
        "size_band": None,
        "locale": founder.locale,
        "time_zone": founder.time_zone,
        **values,
        "id": made,
    }
    await session.execute(FOUND, parameters)
    await sessions.choose_organization(session, actor, organization=made)
    owner = Actor(user_id=actor.user_id, organization_id=made)
    await audit.add_audit(session, owner, "organization.founded", "organization", made)
    return made


async def update_organization(session: AsyncSession, actor: Actor, *, facts: OrganizationFacts) -> Organization:
    """Change facts of the caller's organization; raises InvalidInput, NotAllowed for others than owners."""
    access.require(actor, access.OWNER)
    values = check_facts(facts)
    table = identity.Organization
    if values:
        await session.execute(update(table).where(table.id == actor.organization).values(values))
        detail = {"fields": sorted(values)}
        await audit.add_audit(session, actor, "organization.changed", "organization", actor.organization, detail=detail)
    return (await find_organizations(session, actor, organization_ids=[actor.organization]))[actor.organization]


async def find_organizations(
    session: AsyncSession, actor: Actor, *, organization_ids: list[UUID]
) -> dict[UUID, Organization]:
    """Those of the organizations that the caller may see: its own, and those it has a link or a share with."""
    table = identity.Organization
    query = select(
        table.id,
        table.name,
        table.country,
        table.sector,
        table.size_band,
        table.status,
        table.locale,
        table.time_zone,
        table.requires_second_factor,
    ).where(table.id.in_(organization_ids))
    found = {}
    for row in await session.execute(query):
        values = dict(row._mapping)
        if row.id != actor.organization_id:
            values |= {"status": None, "locale": None, "time_zone": None, "requires_second_factor": None}
        found[row.id] = Organization(**values)
    return found


async def list_organizations(session: AsyncSession, actor: Actor) -> list[Membership]:
    """The organizations the caller belongs to, by name."""
    access.require(actor, access.SIGNED_IN)
    mine = await session.execute(MINE, {"session": actor.session_id})
    return [Membership(**row._mapping) for row in mine]


async def list_roles(session: AsyncSession, actor: Actor) -> list[RoleState]:
    """What the caller's organization acts as or has applied for, also what was refused and why."""
    table = identity.OrganizationRole
    query = (
        select(table.role, table.status, table.reason, table.created_at, table.decided_at)
        .where(table.organization_id == actor.organization)
        .order_by(table.role)
    )
    return [RoleState(**row._mapping) for row in await session.execute(query)]


async def apply_for_role(
    session: AsyncSession, actor: Actor, *, role: str, terms_version: str | None = None
) -> RoleState:
    """Ask the operator to let the organization act as buyer, partner or reviewer.

    Raises Conflict ALREADY_APPLIED where it waits or acts already; a refused application may be handed in again.
    """
    access.require(actor, access.OWNER)
    reading = Reading()
    reading.read_choice("role", role, APPLIED_ROLES)
    terms = reading.read_remark("terms_version", terms_version)
    reading.finish()
    if not (await session.execute(APPLY, {"role": role, "terms": terms})).scalar_one():
        words = f"Your organization acts as {role} already, or its application waits for the operator."
        raise errors.Conflict(words, code="ALREADY_APPLIED", path=("role",))
    await outbox.add_event(session, "role.applied", organization=actor.organization, role=role)
    await audit.add_audit(session, actor, "role.applied", "organization", actor.organization, detail={"role": role})
    return next(state for state in await list_roles(session, actor) if state.role == role)
