"""The name an organization publishes under: one for each, and the beginning of its questionnaires' keys."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments.publishing import OWNER_MARK
from portal.database import audit, ids
from portal.database.tables.identity import Organization
from portal.database.tables.publishing import Publisher, Questionnaire

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 30
RESERVED = frozenset({"portal"})  # what ships is published under it
HOLD = text("SELECT portal.hold_publisher_name()")
RELEASE = text("SELECT portal.release_publisher_name(:name)")
NOTE = text("SELECT portal.note_operator_act(:event, :organization, :act, :name, '{}')")


@dataclass(frozen=True)
class Named:
    """A name, whose it is, and how many questionnaires are published under it."""

    name: str
    organization_id: UUID
    organization_name: str
    questionnaires: int
    claimed_at: datetime


async def find_name(session: AsyncSession, actor: Actor) -> str | None:
    """The name of the caller's organization; none where it has not claimed one."""
    table = Publisher
    found: str | None = await session.scalar(select(table.name).where(table.organization_id == actor.organization))
    return found


async def get_name(session: AsyncSession, actor: Actor) -> str:
    """The same; raises Conflict NO_PUBLISHER_NAME where there is none."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    return _require(await find_name(session, actor))


async def hold_name(session: AsyncSession, actor: Actor) -> str:
    """The same, and nobody gives the name back before this transaction ends."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    return _require(await session.scalar(HOLD))


async def hold_same_name(session: AsyncSession, actor: Actor, name: str) -> None:
    """The same for a name that a text was read by; raises Conflict NAME_CHANGED where it is another one by now."""
    if await hold_name(session, actor) != name:
        words = f"Your organization does not publish as {name} any more; send this again."
        raise errors.Conflict(words, code="NAME_CHANGED")


def _require(name: str | None) -> str:
    if name is None:
        words = "Claim a publisher's name first: the keys of your questionnaires begin with it."
        raise errors.Conflict(words, code="NO_PUBLISHER_NAME")
    return name


async def claim_name(session: AsyncSession, actor: Actor, *, name: str) -> str:
    """Take a name; the same again changes nothing.

    Raises InvalidInput NAME for one that is none, Conflict NAME_TAKEN and ALREADY_CLAIMED.
    """
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    if name in RESERVED:
        words = f'"{name}" is reserved: what ships is published under it. Choose another name, like "north-mills".'
        raise errors.InvalidInput(words, code="NAME", path=("name",))
    if NAME.fullmatch(name) is None or not 2 <= len(name) <= LONGEST:
        words = f'A name has 2 to {LONGEST} letters a to z, digits and single hyphens, like "north-mills".'
        raise errors.InvalidInput(words, code="NAME", path=("name",))
    made = await session.scalar(
        insert(Publisher)
        .values(organization_id=actor.organization, name=name)
        .on_conflict_do_nothing()
        .returning(Publisher.name)
    )
    if made is not None:
        await audit.add_audit(session, actor, "publisher.claimed", "publisher", name)
        return name
    own = await find_name(session, actor)
    if own is None:
        raise errors.Conflict("This name is taken; choose another one.", code="NAME_TAKEN", path=("name",))
    if own != name:
        words = (
            f"Your organization publishes as {own}. Release that name first, which only one that is not used can be."
        )
        raise errors.Conflict(words, code="ALREADY_CLAIMED", path=("name",))
    return own


async def release_name(session: AsyncSession, actor: Actor, *, name: str) -> None:
    """Give the organization's name back, so that anybody may claim it.

    Raises NotFound for another name, Conflict NAME_PUBLISHED where a questionnaire has it and NAME_HAS_DRAFTS.
    """
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    said = await session.scalar(RELEASE, {"name": name})
    if said is None:
        raise errors.NotFound("Your organization does not publish under this name.", path=("name",))
    if said == "published":
        raise _refuse_published(name)
    if said == "drafts":
        words = "Drafts are kept under this name; discard them first."
        raise errors.Conflict(words, code="NAME_HAS_DRAFTS", path=("name",))
    await audit.add_audit(session, actor, "publisher.released", "publisher", name)


def _refuse_published(name: str) -> errors.Conflict:
    words = f"Questionnaires are published under {name}, and their keys begin with it for ever: it cannot be released."
    return errors.Conflict(words, code="NAME_PUBLISHED", path=("name",))


async def list_names(session: AsyncSession, actor: Actor, *, after: str = "", limit: int) -> list[Named]:
    """Claimed names behind `after`, with the owner's login alone."""
    access.require(actor, access.OPERATOR)
    table, firm = Publisher, Organization
    published = select(func.count()).where(_has_prefix(table.name)).scalar_subquery()
    found = await session.execute(
        select(table.name, firm.id, firm.name, published, table.created_at)
        .join(firm, firm.id == table.organization_id)
        .where(table.name > after)
        .order_by(table.name)
        .limit(limit)
    )
    return [Named(*row) for row in found]


async def move_name(session: AsyncSession, actor: Actor, *, name: str, organization: UUID | None) -> None:
    """Give a name that nothing is published under to another organization, or back; with the owner's login alone.

    Both organizations find it in their trail. Drafts stay, and can be published under their name no more.
    Raises NotFound, Conflict NAME_PUBLISHED, and ALREADY_CLAIMED where the other organization has a name.
    """
    access.require(actor, access.OPERATOR)
    table = Publisher
    holder = await session.scalar(select(table.organization_id).where(table.name == name).with_for_update())
    if holder is None:
        raise errors.NotFound(f"Nobody has claimed the name {name}.", path=("name",))
    if await session.scalar(select(Questionnaire.key).where(_has_prefix(name)).limit(1)):
        raise _refuse_published(name)
    if organization is None:
        await session.execute(delete(table).where(table.name == name))
    elif organization != holder:
        await _refuse_holder(session, organization)
        await session.execute(update(table).where(table.name == name).values(organization_id=organization))
        await _note(session, organization, "publisher.assigned", name)
    if organization != holder:
        await _note(session, holder, "publisher.released", name)


def _has_prefix(name: object) -> ColumnElement[bool]:
    return func.starts_with(Questionnaire.key, func.concat(name, OWNER_MARK))


async def _refuse_holder(session: AsyncSession, organization: UUID) -> None:
    if await session.get(Organization, organization) is None:
        raise errors.NotFound("There is no such organization.", path=("organization_id",))
    own = await session.scalar(select(Publisher.name).where(Publisher.organization_id == organization))
    if own is not None:
        words = f"This organization publishes as {own}; release that name first."
        raise errors.Conflict(words, code="ALREADY_CLAIMED", path=("organization_id",))


async def _note(session: AsyncSession, organization: UUID, act: str, name: str) -> None:
    await session.execute(NOTE, {"event": ids.new_id(), "organization": organization, "act": act, "name": name})
