"""Everything there is to compare: chains with their events and the heads outside, or a file that was exported."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson
from obstore.store import ObjectStore

from portal import storage
from portal.trail import checking, exports, heads, reading
from portal.trail.checking import GRACE, Fault, Keys, Run

NOTE = "audit/verified.json"


@dataclass
class Count:
    """How much was looked at, and what differs."""

    chains: int = 0
    blocks: int = 0
    events: int = 0
    faults: int = 0
    waiting: int = 0


async def verify_database(
    picture: asyncpg.Connection,
    store: ObjectStore,
    keys: Keys,
    count: Count,
    *,
    only: UUID | None = None,
    grace: timedelta = GRACE,
) -> AsyncIterator[Fault]:
    """Every difference; of `only` one organization what is in its chain, or in the heads of nobody one can name."""
    last, outside = await reading.list_last(picture), heads.read_heads(store)
    async for fault in checking.compare_heads(reading.read_blocks(picture), outside, last, keys, grace=grace):
        if only in (None, fault.organization_id) or fault.organization_id is None:
            yield fault
    for chain in await reading.list_chains(picture) if only is None else [only]:
        count.chains += 1
        async for fault in checking.check_chain(chain, _count(reading.read_runs(picture, chain), count), keys):
            yield fault


@dataclass(frozen=True)
class Note:
    """When everything was last compared, and how many differences there were."""

    at: datetime
    faults: int


async def write_note(store: ObjectStore, faults: int) -> None:
    """Note beside the heads that everything was compared now; for `portal doctor`, and no proof of anything."""
    await storage.write(store, NOTE, orjson.dumps({"at": datetime.now(UTC), "faults": faults}))


async def read_note(store: ObjectStore) -> Note | None:
    """What was noted last; none where nothing was, or nobody can read it."""
    try:
        found = orjson.loads(b"".join([part async for part in storage.read_stream(store, NOTE)]))
        return Note(datetime.fromisoformat(found["at"]), int(found["faults"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


async def verify_file(path: Path, keys: Keys, count: Count) -> AsyncIterator[Fault]:
    """Every difference within a trail that was exported; raises OSError where it cannot be read."""
    try:
        organization = exports.read_organization(path)
        count.chains = 1
        async for fault in checking.check_chain(organization, _count(exports.read_runs(path), count), keys):
            yield fault
    except exports.NoTrail:
        yield Fault("FILE")


async def _count(runs: AsyncIterator[Run], count: Count) -> AsyncIterator[Run]:
    async for run in runs:
        count.blocks += run[0] is not None
        count.events += len(run[2])
        yield run
