"""Everything that the portal holds about a person, written as one JSON document piece by piece: it may be long."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.database import audit

FORMAT = 1
AT_ONCE = 500  # rows that are in memory
PATIENCE = "5min"  # for one part, which may be all that somebody did in years
NOW = text("SELECT portal.clock()")
PARTS = text("SELECT part, is_list FROM portal.list_export_parts()")
PATIENT = text("SELECT set_config('statement_timeout', :patience, true), portal.clock() AS now")
OWN = text("SELECT item::text FROM portal.export_own_part(:part) AS item")
ANYBODYS = text("SELECT item::text FROM portal.export_part(:person, :part) AS item")
ACTS = "acts."


async def allow_own(session: AsyncSession, actor: Actor) -> datetime:
    """Note that the caller, who has proved who is calling, fetches its document; gives the moment of it."""
    access.require(actor, access.SIGNED_IN)
    await audit.add_audit(session, actor, "person.exported", "user", actor.user_id)
    now: datetime = (await session.execute(NOW)).scalar_one()
    return now


async def write_own(session: AsyncSession, actor: Actor) -> AsyncIterator[bytes]:
    """The caller's document, which the README describes, in pieces; who is calling was proved before."""
    access.require(actor, access.SIGNED_IN)
    async for piece in _write(session, OWN, {}):
        yield piece


async def write_person(session: AsyncSession, actor: Actor, *, person: UUID) -> AsyncIterator[bytes]:
    """The same of any person, for the operator to hand on; the trail tells it."""
    access.require(actor, access.OPERATOR)
    async for piece in _write(session, ANYBODYS, {"person": person}):
        yield piece
    await audit.add_audit(session, actor, "person.exported", "user", person)


async def _write(session: AsyncSession, read: Any, values: dict[str, Any]) -> AsyncIterator[bytes]:
    parts = (await session.execute(PARTS)).all()
    made_at = (await session.execute(PATIENT, {"patience": PATIENCE})).one().now
    yield b'{\n"format": %d,\n"made_at": %s' % (FORMAT, orjson.dumps(made_at))
    for part, is_list in parts:
        if not part.startswith((ACTS, "trail")):
            yield b",\n" + orjson.dumps(part) + b": "
            async for piece in _write_part(session, read, {**values, "part": part}, is_list=is_list):
                yield piece
    yield b',\n"acts": {'
    comma = b"\n"
    for part, _ in parts:
        if part.startswith(ACTS):
            begun = False
            async for piece in _write_part(session, read, {**values, "part": part}, is_list=True, is_left_out=True):
                if not begun:
                    yield comma + orjson.dumps(part.removeprefix(ACTS)) + b": "
                begun, comma = True, b",\n"
                yield piece
    yield b'},\n"trail": '
    async for piece in _write_part(session, read, {**values, "part": "trail"}, is_list=True):
        yield piece
    yield b"\n}\n"


async def _write_part(
    session: AsyncSession, read: Any, values: dict[str, Any], *, is_list: bool, is_left_out: bool = False
) -> AsyncIterator[bytes]:
    """A list, or its only row, or null; where it `is_left_out`, nothing for an empty list."""
    begun = False
    rows = await session.stream(read, values, execution_options={"yield_per": AT_ONCE})
    async for some in rows.scalars().partitions(AT_ONCE):
        lead = b",\n" if begun else (b"[" if is_list else b"")
        yield lead + ",\n".join(some).encode()
        begun = True
    if is_list and not (is_left_out and not begun):
        yield b"]" if begun else b"[]"
    elif not begun and not is_list:
        yield b"null"
