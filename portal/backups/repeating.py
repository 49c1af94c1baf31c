"""Does again what a restored database has forgotten: people who were erased, organizations closed or opened since."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from portal import errors
from portal.access import OWNER_LOGIN
from portal.database import engine, faults
from portal.identity import closing, personal_data
from portal.trail import erasing
from portal.trail import erasures as noting
from portal.trail.erasures import Erasure, Notes

REASON = "Noted as erased or closed before a backup was restored."
ANY_TIME = 36_500  # days: what was opened again in time is opened again whenever it is restored
IS_THERE = text("SELECT true FROM portal.user_account WHERE id = :person FOR UPDATE")
SOLE = text("SELECT id, name FROM portal.list_sole_ownerships(:person)")
WITHDRAW = text("UPDATE portal.user_account SET is_operator = false WHERE id = :person AND is_operator")
STEP_DOWN = text(
    "UPDATE portal.member SET role = 'editor' WHERE user_id = :person AND organization_id = ANY(CAST(:owned AS uuid[]))"
)
# Whoever was told once that the account is gone gets no second letter.
FORGET_LETTER = text(
    """
    DELETE FROM portal.farewell f USING portal.outbox o
     WHERE o.topic = 'person.erased' AND o.ids ->> 'person' = CAST(:person AS uuid)::text
       AND o.ids ->> 'farewell' = f.id::text
    """
)
# What the database tells of itself after a note was written counts more than the note.
STATE = text(
    """
    SELECT o.status, o.emptied_at,
           EXISTS (SELECT FROM portal.erasure x WHERE x.subject_id = o.id AND x.at > :at) AS is_later
      FROM portal.organization o WHERE o.id = :organization FOR UPDATE
    """
)
SINCE = text("UPDATE portal.organization SET closed_at = :at WHERE id = :organization AND emptied_at IS NULL")
# What is done again is what was noted, and no new erasure.
ADOPT = text(
    """
    UPDATE portal.erasure SET id = :id, at = :at, noted_at = portal.clock()
     WHERE subject_id = :subject AND act = :act AND noted_at IS NULL AND at = portal.clock()
    """
)
NOTE_ANEW = text(
    "UPDATE portal.erasure SET noted_at = NULL WHERE noted_at IS NOT NULL AND NOT id = ANY(CAST(:noted AS uuid[]))"
)


@dataclass
class Repeated:
    """What was done: how many people and organizations, and whom it left or could not do."""

    erased: int = 0
    closed: int = 0
    reopened: int = 0
    ownerless: list[str] = field(default_factory=list)  # organizations of which such a person was the only owner
    failed: list[str] = field(default_factory=list)


async def repeat(url: str, notes: Notes) -> Repeated:
    """Do everything that notes tell of and the database does not, by the owner's login, each in its own transaction.

    What is done already is left alone. A note that is missing outside is written anew by the worker.
    """
    done = Repeated()
    made = engine.create_engine(url, pool_size=1)
    try:
        for one in notes.organizations:  # first: who owned one that is closed leaves nobody without an owner
            await _do(made, done, one, _turn)
        for one in notes.people:
            await _do(made, done, one, _erase)
        async with _begin(made) as session:
            await session.execute(NOTE_ANEW, {"noted": [one.id for one in notes.erasures]})
    finally:
        await made.dispose()
    return done


@asynccontextmanager
async def _begin(made: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(made, expire_on_commit=False) as session, session.begin():
        yield session


async def _do(
    made: AsyncEngine, done: Repeated, one: Erasure, act: Callable[[AsyncSession, Repeated, Erasure], Awaitable[None]]
) -> None:
    """One that fails is named, and holds up no other."""
    draft = Repeated()
    try:
        async with _begin(made) as session:
            await act(session, draft, one)
    except (DBAPIError, errors.PortalError) as error:
        if isinstance(error, DBAPIError) and faults.find_passing(error) is not None:
            raise
        why = error.message if isinstance(error, errors.PortalError) else faults.describe(error)
        done.failed.append(f"{one.act} {one.subject_id}: {why}")
        return
    done.erased += draft.erased
    done.closed += draft.closed
    done.reopened += draft.reopened
    done.ownerless += draft.ownerless


async def _erase(session: AsyncSession, done: Repeated, one: Erasure) -> None:
    """Erase a person who is there again, with rights in hand that somebody else took over after the backup, too."""
    person = one.subject_id
    if (await session.execute(IS_THERE, {"person": person})).first() is None:
        return
    await session.execute(WITHDRAW, {"person": person})
    owned = (await session.execute(SOLE, {"person": person})).all()
    await session.execute(STEP_DOWN, {"person": person, "owned": [row.id for row in owned]})
    await personal_data.erase_person(session, OWNER_LOGIN, person=person, reason=REASON)
    while await personal_data.forget_devices(session, person):
        pass
    await erasing.unlink_person(session, OWNER_LOGIN, person)
    await session.execute(FORGET_LETTER, {"person": person})
    await _adopt(session, one)
    done.erased = 1
    done.ownerless = [f"{row.name} ({row.id})" for row in owned]


async def _turn(session: AsyncSession, done: Repeated, one: Erasure) -> None:
    """Close an organization that is open again, or open one that is closed again, as it was noted last."""
    organization = one.subject_id
    values = {"organization": organization, "at": one.at}
    row: Row[Any] | None = (await session.execute(STATE, values)).one_or_none()
    if row is None or row.emptied_at is not None or row.is_later:
        return
    is_closed = row.status == "closed"
    if one.act == noting.REOPENED:
        done.reopened = int(is_closed and await _reopen(session, organization))
    elif not is_closed:
        await closing.close(session, OWNER_LOGIN, organization=organization, reason=REASON)
        done.closed = 1
    if one.act == noting.CLOSED:
        await session.execute(SINCE, values)
    await _adopt(session, one)


async def _reopen(session: AsyncSession, organization: UUID) -> bool:
    values = {"organization": organization, "grace": ANY_TIME, "reason": REASON}
    return bool((await session.execute(closing.REOPEN, values)).scalar_one())


async def _adopt(session: AsyncSession, one: Erasure) -> None:
    await session.execute(ADOPT, {"id": one.id, "at": one.at, "subject": one.subject_id, "act": one.act})
