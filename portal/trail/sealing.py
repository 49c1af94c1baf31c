"""The sealer: gives events that are in no block yet a block, signs it, and writes its head outside the database.

An event is found by having no block, never by a time or number "later than the last": transactions commit out of order,
and one that began early and commits late leaves an event that is sealed with the next block, whatever its time says.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog
from obstore.store import ObjectStore
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database.engine import Database
from portal.database.tables import delivery
from portal.signing import KeyRing
from portal.trail import blocks, heads
from portal.trail.blocks import Block, Event

SEALING_LOCK = 7_203_411_007
MOST_EVENTS = 2_000  # of one transaction
MOST_OF_BLOCK = 500
MOST_HEADS = 2_000  # written at once
logger = structlog.get_logger(__name__)

# Held by whoever seals or writes heads, to the end of its transaction: of two workers that both lead for a moment one
# waits, and then reads what the other has committed.
HOLD = text("SELECT pg_advisory_xact_lock(:lock)")
COLUMNS = [getattr(delivery.AuditEvent, name) for name in Event.__dataclass_fields__]
WAITING = (
    select(*COLUMNS)
    .where(delivery.AuditEvent.block_n.is_(None))
    .order_by(delivery.AuditEvent.organization_id, delivery.AuditEvent.at, delivery.AuditEvent.id)
    .limit(MOST_EVENTS)
)
ENDS = text(
    """
    SELECT chain.id, b.n, b.hash FROM unnest(CAST(:chains AS uuid[])) AS chain (id)
      JOIN LATERAL (SELECT n, hash FROM portal.audit_block WHERE organization_id = chain.id
                     ORDER BY n DESC LIMIT 1) b ON true
    """
)
LAST_POSITION = text("SELECT coalesce(max(position), 0) FROM portal.audit_block")
NOW = text("SELECT clock_timestamp()")
ASSIGN = text(
    """
    UPDATE portal.audit_event e SET block_n = given.n, place = given.place
      FROM unnest(CAST(:ids AS uuid[]), CAST(:ns AS bigint[]), CAST(:places AS integer[])) AS given (id, n, place)
     WHERE e.id = given.id AND e.block_n IS NULL
    """
)


class Sealer:
    """What one worker seals with; it looks for missing heads when it begins, and after that where it sealed."""

    def __init__(self, database: Database, store: ObjectStore, keys: KeyRing) -> None:
        self.database, self.store, self.keys = database, store, keys
        self.has_all_heads = False

    async def seal_due(self) -> int:
        """Seal every event that is committed and in no block, then write the heads that are missing outside.

        Returns how many were sealed. May be stopped at any point: a block and the places of its events are written by
        one transaction, and heads that it did not come to are written the next time.
        """
        sealed, found = 0, MOST_EVENTS
        while found == MOST_EVENTS:
            async with self.database.transaction() as (session, _):
                found = await seal_batch(session, self.keys)
            sealed += found
        if sealed or not self.has_all_heads:
            self.has_all_heads = False
            while await write_heads(self.database, self.store) == MOST_HEADS:
                pass
            self.has_all_heads = True
        return sealed


async def seal_batch(session: AsyncSession, keys: KeyRing) -> int:
    """Seal up to MOST_EVENTS events in the session's transaction; returns how many."""
    await session.execute(HOLD, {"lock": SEALING_LOCK})
    events = [Event(**row._mapping) for row in await session.execute(WAITING)]
    if not events:
        return 0
    made = await _make_blocks(session, events, keys)
    await session.execute(insert(delivery.AuditBlock), [vars(block) for block, _ in made])
    await session.execute(ASSIGN, _list_places(made))
    return len(events)


async def _make_blocks(
    session: AsyncSession, events: Sequence[Event], keys: KeyRing
) -> list[tuple[Block, Sequence[Event]]]:
    runs = list(_split(events))
    ends = await _find_ends(session, {organization for organization, _ in runs})
    position = (await session.execute(LAST_POSITION)).scalar_one()
    now = (await session.execute(NOW)).scalar_one()
    made = []
    for organization, run in runs:
        n, prev = ends.get(organization, (0, blocks.BEGINNING))
        position += 1
        block = blocks.make_block(organization, n + 1, position, prev, run, now, keys)
        ends[organization] = (block.n, block.hash)
        made.append((block, run))
    return made


def _split(events: Iterable[Event]) -> Iterable[tuple[UUID, Sequence[Event]]]:
    """Events in order of their organization, as runs of one organization that each fit into a block."""
    for organization, found in groupby(events, key=lambda event: event.organization_id):
        run = list(found)
        for start in range(0, len(run), MOST_OF_BLOCK):
            yield organization or blocks.PORTAL, run[start : start + MOST_OF_BLOCK]


async def _find_ends(session: AsyncSession, chains: Iterable[UUID]) -> dict[UUID, tuple[int, bytes]]:
    found = await session.execute(ENDS, {"chains": list(chains)})
    return {row.id: (row.n, row.hash) for row in found}


def _list_places(made: Iterable[tuple[Block, Sequence[Event]]]) -> Mapping[str, Any]:
    placed = [(event.id, block.n, place) for block, run in made for place, event in enumerate(run, 1)]
    ids, ns, places = zip(*placed, strict=True)
    return {"ids": list(ids), "ns": list(ns), "places": list(places)}


async def write_heads(database: Database, store: ObjectStore) -> int:
    """Write the heads of blocks that stand in no file yet, at most MOST_HEADS; returns how many.

    The database comes first: a worker that dies in between leaves a block without a head, which the next one writes,
    and never a head without a block, which would look like a block that was taken away.
    """
    async with database.transaction() as (session, _):
        await session.execute(HOLD, {"lock": SEALING_LOCK})
        last = (await session.execute(LAST_POSITION)).scalar_one()
        tail = await heads.read_tail(store) if last else None
        written = 0 if tail is None else tail.position
        if last <= written:
            if last < written:
                logger.error("audit.rolled_back", position=last, head=written)
            return 0
        block = delivery.AuditBlock
        names = [getattr(block, name) for name in Block.__dataclass_fields__]
        missing = select(*names).where(block.position > written).order_by(block.position).limit(MOST_HEADS)
        added = [Block(**row._mapping) for row in await session.execute(missing)]
        await heads.append(store, tail, added)
        logger.info("audit.sealed", position=added[-1].position, hash=added[-1].hash.hex())
        return len(added)
