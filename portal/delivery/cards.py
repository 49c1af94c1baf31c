"""Whether the cards that lists read say what the rows behind them say: each is written anew and compared."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

BATCH = 500  # records at a time, each batch in a transaction of its own
NEXT = text(
    """
    SELECT r.buyer_id, r.id FROM portal.supplier_record r
     WHERE (r.buyer_id, r.id) > (:buyer, :record) ORDER BY r.buyer_id, r.id LIMIT :most
    """
)
# A card whose share began or ended a moment ago is not wrong, but due to be swept; lists count it as empty.
CARDS = text(
    """
    SELECT c.supplier_record_id, c.questionnaire, to_jsonb(c) AS card,
           coalesce(c.next_change_at <= portal.clock(), false) AS is_due
      FROM portal.relationship_card c
     WHERE c.buyer_id = :buyer AND c.supplier_record_id = ANY (CAST(:records AS uuid[]))
    """
)
REFRESH = text("SELECT count(portal.refresh_cards(:buyer, record)) FROM unnest(CAST(:records AS uuid[])) record")
NOBODY = UUID(int=0)
Place = tuple[UUID, UUID]


@dataclass(frozen=True)
class Difference:
    """A card that is not as its rows would make it; `fields` are what differs, all of them where it is missing."""

    buyer_id: UUID
    record_id: UUID
    questionnaire: str
    fields: tuple[str, ...]


@dataclass
class Batch:
    """Some records of one buyer, where to go on, and what was found."""

    buyer_id: UUID
    records: list[UUID]
    differences: list[Difference] = field(default_factory=list)

    @property
    def last(self) -> Place:
        return self.buyer_id, self.records[-1]


async def verify_batch(session: AsyncSession, after: Place = (NOBODY, NOBODY)) -> Batch | None:
    """Compare the cards of the next records, which are written anew in this transaction; None behind the last one.

    To keep the new ones commit, to only look roll back.
    """
    found = (await session.execute(NEXT, {"buyer": after[0], "record": after[1], "most": BATCH})).all()
    if not found:
        return None
    batch = Batch(found[0].buyer_id, [row.id for row in found if row.buyer_id == found[0].buyer_id])
    batch.differences = await compare_cards(session, batch.buyer_id, batch.records)
    return batch


async def compare_cards(session: AsyncSession, buyer_id: UUID, records: list[UUID]) -> list[Difference]:
    """Write the cards of some records anew and tell which of them changed by it."""
    wanted = {"buyer": buyer_id, "records": records}
    before = await _read_cards(session, wanted)
    await session.execute(REFRESH, wanted)
    after = await _read_cards(session, wanted)
    return [
        Difference(buyer_id, *place, _name_differences(before.get(place, {}), card))
        for place, card in sorted(after.items())
        if before.get(place, {}) not in (card, None)
    ]


async def _read_cards(session: AsyncSession, wanted: dict[str, Any]) -> dict[tuple[UUID, str], dict[str, Any] | None]:
    """The cards by record and questionnaire; None for one that is due to be swept."""
    rows = await session.execute(CARDS, wanted)
    return {(row.supplier_record_id, row.questionnaire): None if row.is_due else row.card for row in rows}


def _name_differences(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    old, new = before or {}, after or {}
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))
