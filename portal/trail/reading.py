"""The trail as the database has it, read as one picture of one moment, row by row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal.trail import blocks
from portal.trail.blocks import Block, Event
from portal.trail.checking import Run

EVENT_COLUMNS = ", ".join(Event.__dataclass_fields__)
BLOCK_COLUMNS = ", ".join(Block.__dataclass_fields__)
CHAINS = """
SELECT organization_id FROM portal.audit_block
 UNION SELECT coalesce(organization_id, '00000000-0000-0000-0000-000000000000') FROM portal.audit_event
 ORDER BY 1
"""
LAST = "SELECT organization_id, max(n) AS n FROM portal.audit_block GROUP BY organization_id"
WAITING = "SELECT count(*), min(at) FROM portal.audit_event WHERE block_n IS NULL"
BY_POSITION = f"SELECT {BLOCK_COLUMNS} FROM portal.audit_block ORDER BY position"  # noqa: S608 (constants)
BY_NUMBER = f"SELECT {BLOCK_COLUMNS} FROM portal.audit_block WHERE organization_id = $1 ORDER BY n"  # noqa: S608
OF_ANY = "IS NOT DISTINCT FROM nullif($1::uuid, '00000000-0000-0000-0000-000000000000')"
BY_PLACE = f"""
SELECT {EVENT_COLUMNS} FROM portal.audit_event
 WHERE organization_id {OF_ANY} AND block_n IS NOT NULL
 ORDER BY block_n, place, id
"""  # noqa: S608 (constants)
STILL_WAITING = f"""
SELECT {EVENT_COLUMNS} FROM portal.audit_event
 WHERE organization_id {OF_ANY} AND block_n IS NULL
 ORDER BY at, id
"""  # noqa: S608 (constants)


@asynccontextmanager
async def open_picture(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in one transaction that sees the database as it is now, and changes nothing."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=10)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close(timeout=2)


async def list_chains(picture: asyncpg.Connection) -> list[UUID]:
    """Every organization that has events or blocks, and PORTAL where there are some of none."""
    return [row["organization_id"] for row in await picture.fetch(CHAINS)]


async def list_last(picture: asyncpg.Connection) -> dict[UUID, int]:
    """The number of the last block of each organization."""
    return {row["organization_id"]: row["n"] for row in await picture.fetch(LAST)}


async def read_blocks(picture: asyncpg.Connection) -> AsyncIterator[Block]:
    """All blocks by their positions."""
    async for row in picture.cursor(BY_POSITION):
        yield Block(**row)


async def read_runs(picture: asyncpg.Connection, chain: UUID) -> AsyncIterator[Run]:
    """The blocks of one chain with the events that say they are in them, in the order of their numbers."""
    sealed = _group_events(_read_events(picture, chain))
    run = await anext(sealed, None)
    async for row in picture.cursor(BY_NUMBER, chain):
        block = Block(**row)
        while run is not None and run[0] < block.n:
            yield None, *run
            run = await anext(sealed, None)
        if run is not None and run[0] == block.n:
            yield block, *run
            run = await anext(sealed, None)
        else:
            yield block, block.n, []
    while run is not None:
        yield None, *run
        run = await anext(sealed, None)


async def _read_events(picture: asyncpg.Connection, chain: UUID) -> AsyncIterator[Event]:
    async for row in picture.cursor(_narrow(BY_PLACE, chain), chain):
        yield Event(**row)


def _narrow(statement: str, chain: UUID) -> str:
    """The same for one chain: an index serves `=` for an organization's, and not what the portal's own asks by."""
    return statement if chain == blocks.PORTAL else statement.replace(OF_ANY, "= $1")


async def _group_events(events: AsyncIterator[Event]) -> AsyncIterator[tuple[int, list[Event]]]:
    """Events by the number of the block that they name."""
    run: list[Event] = []
    async for event in events:
        if run and event.block_n != run[0].block_n:
            yield _number(run), run
            run = []
        run.append(event)
    if run:
        yield _number(run), run


def _number(run: list[Event]) -> int:
    number: Any = run[0].block_n
    return int(number)


async def read_waiting(picture: asyncpg.Connection, chain: UUID) -> AsyncIterator[Event]:
    """The events of one chain that are in no block yet."""
    async for row in picture.cursor(_narrow(STILL_WAITING, chain), chain):
        yield Event(**row)
