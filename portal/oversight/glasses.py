"""Breaking the glass: a view into one organization's data is opened for some hours, seen by its owners, and ended."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables.glasses import LONGEST_HOURS, Glass
from portal.identity.wording import Reading

SHORTEST_REASON = 20  # characters: what a word or a number of a ticket alone does not fill
OPEN = text("SELECT portal.open_glass(:event, :glass, :organization, :why, :hours)")
END = text("SELECT portal.end_glass(:event, :organization, :glass, :side)")
LIST = text("SELECT * FROM portal.list_glasses(:wanted, :only_open, :before, :most)")
OWN = [column for column in Glass.__table__.columns if column.name != "operator_id"]
NO_FACTOR = (
    "An operator without a second factor cannot open a view into an organization: add one to your account first."
)


@dataclass(frozen=True, kw_only=True)
class OwnView:
    """A view into the caller's own organization; its operator is known by a mark."""

    id: UUID
    organization_id: UUID
    operator_mark: str
    reason: str
    until: datetime
    ended_at: datetime | None
    ended_by: str | None
    reads: int
    last_read_at: datetime | None
    fields: list[str]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class View(OwnView):
    """A view as operators see it; `is_open` by the database's clock."""

    organization: str
    operator_id: UUID
    operator: str | None
    is_open: bool


def check_wish(reason: str, hours: int) -> str:
    """The reason as it is kept. Raises InvalidInput for one that says little, and for other hours than 1 to 4."""
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True) or ""
    if 0 < len(why) < SHORTEST_REASON:
        reading.refuse("reason", "TOO_SHORT", f"reason must have {SHORTEST_REASON} characters: its owners read it.")
    if not 1 <= hours <= LONGEST_HOURS:
        reading.refuse("hours", "OUT_OF_RANGE", f"hours must be 1 to {LONGEST_HOURS}.")
    reading.finish()
    return why


async def open_view(session: AsyncSession, actor: Actor, *, organization: UUID, reason: str, hours: int) -> View:
    """Open a view, once the operator has proved password and code; a letter tells the organization's owners.

    Raises InvalidInput, NotFound, Conflict NOT_ON without a second factor and ALREADY_OPEN.
    """
    access.require(actor, access.GLASS)
    why, glass = check_wish(reason, hours), ids.new_id()
    await audit.tell_origin(session)
    parameters = {"event": ids.new_id(), "glass": glass, "organization": organization, "why": why, "hours": hours}
    outcome = await session.scalar(OPEN, parameters)
    if outcome == "NO_FACTOR":
        raise errors.Conflict(NO_FACTOR, code="NOT_ON")
    if outcome == "NONE":
        raise errors.NotFound("There is no such organization.", path=("organization_id",))
    if outcome == "OPEN":
        raise errors.Conflict("You have an open view into this organization already.", code="ALREADY_OPEN")
    await outbox.add_event(session, "glass.opened", to=organization, glass=glass)
    return await find_view(session, actor, glass)


async def list_views(
    session: AsyncSession, actor: Actor, *, only_open: bool = False, before: UUID | None = None, limit: int
) -> list[View]:
    """The views that operators opened, into whichever organization, the newest first."""
    access.require(actor, access.OPERATOR)
    parameters = {"wanted": None, "only_open": only_open, "before": before, "most": limit}
    return [View(**row._mapping) for row in await session.execute(LIST, parameters)]


async def find_view(session: AsyncSession, actor: Actor, glass: UUID) -> View:
    """One of them; raises NotFound."""
    access.require(actor, access.OPERATOR)
    found = await session.execute(LIST, {"wanted": glass, "only_open": False, "before": None, "most": 1})
    row = found.one_or_none()
    if row is None:
        raise errors.NotFound("There is no such view.", path=("glass_id",))
    return View(**row._mapping)


async def close_view(session: AsyncSession, actor: Actor, *, glass: UUID) -> View:
    """End a view before its time, by whichever operator; ending one that is over changes nothing. Raises NotFound."""
    found = await find_view(session, actor, glass)
    await _end(session, found.organization_id, glass, "operator")
    return await find_view(session, actor, glass)


async def list_own(
    session: AsyncSession, actor: Actor, *, glass: UUID | None = None, before: UUID | None = None, limit: int = 1
) -> list[OwnView]:
    """The views into the caller's organization that there ever were, the newest first."""
    access.require(actor, access.GLASS_WATCHER)
    query = select(*OWN).where(Glass.organization_id == actor.organization)
    if glass is not None:
        query = query.where(Glass.id == glass)
    if before is not None:
        query = query.where(Glass.id < before)
    found = await session.execute(query.order_by(Glass.id.desc()).limit(limit))
    return [OwnView(**row._mapping) for row in found]


async def end_own(session: AsyncSession, actor: Actor, *, glass: UUID) -> OwnView:
    """End a view into the caller's organization at once; one that is over changes nothing. Raises NotFound."""
    if not await list_own(session, actor, glass=glass):
        raise errors.NotFound("There is no such view.", path=("glass_id",))
    await _end(session, actor.organization, glass, "owner")
    return (await list_own(session, actor, glass=glass))[0]


async def _end(session: AsyncSession, organization: UUID, glass: UUID, side: str) -> None:
    await audit.tell_origin(session)
    parameters = {"event": ids.new_id(), "organization": organization, "glass": glass, "side": side}
    if await session.scalar(END, parameters):
        await outbox.add_event(session, "glass.ended", to=organization, glass=glass)
