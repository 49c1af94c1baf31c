"""Whether a trail is as it was sealed: each difference by its kind, with the block and the event it is in.

Streams: at any time it holds one block with its events, and of each organization the number of its last block.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from joserfc.jwk import OKPKey

from portal.trail import blocks
from portal.trail.blocks import Block, Event, Head

GRACE = timedelta(minutes=1)  # a younger block may be on its way to the heads
WORDS = {
    "EVENT_CHANGED": "an event is not as it was sealed",
    "EVENT_DELETED": "a sealed event is not in its block any more",
    "EVENT_ADDED": "an event stands in a block that was sealed without it",
    "EVENT_MOVED": "an event stands at another place than it was sealed at",
    "BLOCK_MISSING": "a block is missing from the chain",
    "BLOCK_CHANGED": "a block says something else than was signed",
    "BLOCK_UNKNOWN": "an event names a block that the chain does not have",
    "CHAIN_BROKEN": "a block does not follow from the one before it",
    "SIGNATURE": "the signature of a block is not one of the given keys, over a block",
    "TRUNCATED": "a head outside tells of a block that the database has no more",
    "HEAD_DIFFERS": "the head outside is of another block than the database has: one of them was rolled back",
    "HEAD_CHANGED": "a head outside has no signature that holds",
    "HEADS_CUT": "heads outside are missing, or stand in another order",
    "RESTORATION_CHANGED": "a note of a restoration has no signature that holds, or the heads it moved aside differ",
    "RESTORATION_MISSING": "the trail tells of a restoration whose signed note outside is missing",
    "ERASURE_CHANGED": "a note of an erasure or a closing has no signature that holds",
    "ERASURE_MISSING": "an erasure or a closing was noted outside, and its note is missing",
    "FILE": "the file is no trail that was exported whole",
}

Run = tuple[Block | None, int, Sequence[Event]]  # a block, its number, and the events that say they are in it
Keys = Mapping[str, OKPKey]


@dataclass(frozen=True)
class Fault:
    """One difference."""

    code: str
    organization_id: UUID | None = None
    n: int | None = None
    event_id: UUID | None = None
    place: int | None = None
    position: int | None = None

    def __str__(self) -> str:
        parts = {
            "organization": self.organization_id,
            "block": self.n,
            "place": self.place,
            "event": self.event_id,
            "position": self.position,
        }
        where = ", ".join(f"{name} {part}" for name, part in parts.items() if part is not None)
        return f"{self.code}: {WORDS[self.code]} ({where or 'no place'})"


async def check_chain(organization: UUID, runs: AsyncIterator[Run], keys: Keys) -> AsyncIterator[Fault]:
    """The differences within the chain of one organization, whose runs come in the order of their numbers."""
    last, prev = 0, blocks.BEGINNING
    async for block, n, events in runs:
        if block is None:
            for event in events:
                yield Fault("BLOCK_UNKNOWN", organization, n, event.id, event.place)
            continue
        for missing in range(last + 1, n):
            yield Fault("BLOCK_MISSING", organization, missing)
        for fault in find_block_faults(organization, block, prev if n == last + 1 else None, keys):
            yield fault
        for fault in compare_events(block, events):
            yield fault
        last, prev = n, blocks.hash_block(block)


def find_block_faults(organization: UUID, block: Block, prev: bytes | None, keys: Keys) -> Iterator[Fault]:
    """What is wrong with a block itself; `prev` is None where the one before it is missing, which was said already."""
    here = Fault("", organization, block.n, position=block.position)
    content = blocks.write_content(block)
    head = blocks.read_head(block.signature, keys)
    if head is None:
        yield _name(here, "SIGNATURE")
    is_own = block.organization_id == organization and len(block.digests) == block.count * blocks.DIGEST
    if not is_own or (head is not None and head.content != content) or block.hash != hashlib.sha256(content).digest():
        yield _name(here, "BLOCK_CHANGED")
    elif prev is not None and block.prev != prev:
        yield _name(here, "CHAIN_BROKEN")


def _name(here: Fault, code: str) -> Fault:
    return Fault(**{**vars(here), "code": code})


def compare_events(block: Block, events: Iterable[Event]) -> Iterator[Fault]:
    """Where the events that say they are in a block are not those it was sealed with."""
    sealed = blocks.split_digests(block)
    places = {digest: place for place, digest in enumerate(sealed, 1)}
    open_places, strays = dict.fromkeys(range(1, len(sealed) + 1)), list[Event]()
    for event in events:
        place = places.get(blocks.hash_event(event))
        if place is None or place not in open_places:
            strays.append(event)
            continue
        del open_places[place]
        if place != event.place:
            yield Fault("EVENT_MOVED", block.organization_id, block.n, event.id, event.place)
    for event in strays:
        is_there = event.place in open_places
        open_places.pop(event.place or 0, None)
        yield Fault(
            "EVENT_CHANGED" if is_there else "EVENT_ADDED", block.organization_id, block.n, event.id, event.place
        )
    for place in open_places:
        yield Fault("EVENT_DELETED", block.organization_id, block.n, place=place)


async def compare_heads(
    kept: AsyncIterator[Block],
    outside: AsyncIterator[str],
    last: Mapping[UUID, int],
    keys: Keys,
    *,
    grace: timedelta = GRACE,
) -> AsyncIterator[Fault]:
    """Where the blocks of the database and the heads outside differ; both come by their positions.

    `last` is the number of the last block of each organization that the database has.
    """
    block, expected = await anext(kept, None), 1
    async for line in outside:
        head = blocks.read_head(line, keys)
        if head is None:
            yield Fault("HEAD_CHANGED", position=expected)
            expected += 1
            continue
        if head.position != expected:
            yield Fault("HEADS_CUT", position=expected)
        expected = head.position + 1
        while block is not None and block.position < head.position:  # whose head is missing or is not to be read
            block = await anext(kept, None)
        if block is None or block.position > head.position:
            yield _name_missing(head, last)
            continue
        if blocks.write_content(block) != head.content:
            yield Fault("HEAD_DIFFERS", head.organization_id, head.n, position=head.position)
        block = await anext(kept, None)
    while block is not None:
        if block.position >= expected and datetime.now(UTC) - block.sealed_at >= grace:
            yield Fault("HEADS_CUT", position=block.position)
            return
        block = await anext(kept, None)


def _name_missing(head: Head, last: Mapping[UUID, int]) -> Fault:
    """A block that is not there: from the end of its chain, or from within it, which the chain itself tells, too."""
    is_end = head.n > last.get(head.organization_id, 0)
    code = "TRUNCATED" if is_end else "BLOCK_MISSING"
    return Fault(code, head.organization_id, head.n, position=head.position)
