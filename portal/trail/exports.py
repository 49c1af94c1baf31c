"""One organization's trail as a file that is checked without a database: JSON, one object a line.

The first line says what it is and whose; then each block is followed by its events in their order; then come events
that are in no block yet; the last line says how many blocks there were. The README describes every name.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal.trail import blocks, reading
from portal.trail.blocks import Block, Event
from portal.trail.checking import Run

FORMAT = "portal-audit-trail"
EVENT_IDS = ("id", "organization_id", "actor_id", "concerns_id", "object_owner_id", "who_salt", "what_salt")
EVENT_HASHES = ("who_hash", "what_hash")


async def write_trail(picture: asyncpg.Connection, organization: UUID) -> AsyncIterator[bytes]:
    """The lines of the file."""
    yield _write({"format": FORMAT, "v": blocks.VERSION, "organization": str(organization)})
    count = 0
    async for block, _, events in reading.read_runs(picture, organization):
        if block is not None:
            count += 1
            yield _write({"block": _spell(vars(block))})
        for event in events:
            yield _write({"event": _spell(vars(event))})
    async for event in reading.read_waiting(picture, organization):
        yield _write({"event": _spell(vars(event))})
    yield _write({"blocks": count})


def _write(line: dict[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _spell(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _spell_value(value) for name, value in row.items()}


def _spell_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return blocks.spell(value)
    return str(value) if isinstance(value, UUID) else value


class NoTrail(ValueError):
    """The file is none of ours, or not whole."""


def read_organization(path: Path) -> UUID:
    """Whose trail a file has. Raises NoTrail."""
    with path.open("rb") as file:
        first = _read_line(file.readline())
    if first.get("format") != FORMAT or first.get("v") != blocks.VERSION:
        raise NoTrail
    return UUID(first["organization"])


async def read_runs(path: Path) -> AsyncIterator[Run]:
    """The blocks of a file with their events. Raises NoTrail where it is not whole."""
    for run in _read_runs(path):
        yield run


def _read_runs(path: Path) -> Iterator[Run]:
    block: Block | None = None
    events: list[Event] = []
    count, is_whole = 0, False
    with path.open("rb") as file:
        for line in _skip_first(file):
            if "event" in line and not is_whole:
                event = read_event(line["event"])
                if event.block_n is not None:
                    events.append(event)
            elif "block" in line and not is_whole:
                yield from _end_run(block, events)
                block, events, count = read_block(line["block"]), [], count + 1
            elif line.get("blocks") == count and not is_whole:
                is_whole = True
            else:
                raise NoTrail
        yield from _end_run(block, events)
    if not is_whole:
        raise NoTrail


def _skip_first(file: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    lines = iter(file)
    next(lines, None)
    for line in lines:
        yield _read_line(line)


def _end_run(block: Block | None, events: list[Event]) -> Iterator[Run]:
    """A block with the events that name it, and those behind it that name another one."""
    own = [event for event in events if block is not None and event.block_n == block.n]
    if block is not None:
        yield block, block.n, own
    strays = [event for event in events if event not in own]
    if strays:
        yield None, strays[0].block_n or 0, strays


def _read_line(line: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise NoTrail from None
    if not isinstance(found, dict):
        raise NoTrail
    return found


def read_event(row: dict[str, Any]) -> Event:
    """An event of a line. Raises NoTrail."""
    try:
        given = {name: row[name] for name in Event.__dataclass_fields__}
        given |= {name: None if given[name] is None else UUID(given[name]) for name in EVENT_IDS}
        given |= {name: None if given[name] is None else bytes.fromhex(given[name]) for name in EVENT_HASHES}
        return Event(**given | {"at": datetime.fromisoformat(given["at"])})
    except (KeyError, ValueError, TypeError, AttributeError):
        raise NoTrail from None


def read_block(row: dict[str, Any]) -> Block:
    """A block of a line. Raises NoTrail."""
    try:
        given = {name: row[name] for name in Block.__dataclass_fields__}
        given |= {name: bytes.fromhex(given[name]) for name in ("prev", "digests", "hash")}
        sealed_at, organization = datetime.fromisoformat(given["sealed_at"]), UUID(given["organization_id"])
        return Block(**given | {"sealed_at": sealed_at, "organization_id": organization})
    except (KeyError, ValueError, TypeError, AttributeError):
        raise NoTrail from None
