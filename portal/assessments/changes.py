"""The change feed: what changed for an organization since it last asked, in the order of the commits."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor

Side = Literal["supplier", "buyer"]
GOOD_FOR = timedelta(days=30)  # a cursor; entries are kept for a day longer
VERSION = 2
MAX_CURSOR = 500  # characters
LARGEST = 2**63 - 1

# Transactions below `edge` are over, and what they changed is seen by this very statement: nothing can come in before
# what is told. The lineage is that of server and database, and of the timeline that a recovery or a failover begins:
# numbers of others, as before a restored dump, say nothing. Of a copy of the disk that was put back it tells nothing;
# there the last entry that was told is missing, or is another one.
# Whether something is there is asked under the caller's own rights, so that what ended in whatever way is REMOVED.
READ = text(
    """
    WITH bounds AS MATERIALIZED (
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS edge,
               pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS top,
               (SELECT c.system_identifier || '.' || d.oid || '.' || CASE WHEN NOT pg_is_in_recovery()
                       THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) ELSE '' END
                  FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()) AS lineage,
               portal.clock() AS now
    ), anchor AS (
        SELECT c.transaction_id, c.number, (extract(epoch FROM c.noted_at) * 1000000)::bigint AS noted
          FROM portal.change c
         WHERE c.organization_id = :organization AND c.side = :side
           AND c.transaction_id < (SELECT edge FROM bounds)
           AND (c.transaction_id, c.number) <= (CAST(:transaction AS bigint), CAST(:number AS bigint))
         ORDER BY c.transaction_id DESC, c.number DESC LIMIT 1
    ), page AS (
        SELECT c.transaction_id, c.number, c.kind, c.owner_id, c.object_id,
               (extract(epoch FROM c.noted_at) * 1000000)::bigint AS noted FROM portal.change c
         WHERE c.organization_id = :organization AND c.side = :side
           AND c.transaction_id < (SELECT edge FROM bounds)
           AND (c.transaction_id, c.number) > (CAST(:transaction AS bigint), CAST(:number AS bigint))
         ORDER BY c.transaction_id, c.number LIMIT :most
    )
    SELECT b.top, b.lineage, b.now, coalesce(a.transaction_id, 0) AS anchor_transaction,
           coalesce(a.number, 0) AS anchor_number, coalesce(a.noted, 0) AS anchor_noted,
           p.transaction_id, p.number, p.noted, p.kind, p.owner_id, p.object_id,
           CASE p.kind
           WHEN 'assessment' THEN EXISTS (SELECT FROM portal.assessment x
                                           WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'received_request' THEN EXISTS (SELECT FROM portal.request x
                                                 WHERE x.buyer_id = p.owner_id AND x.id = p.object_id
                                                   AND x.supplier_id = :organization)
           WHEN 'submission' THEN EXISTS (SELECT FROM portal.submission x
                                           WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'share' THEN EXISTS (SELECT FROM portal.share x
                                      WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'evidence' THEN EXISTS (SELECT FROM portal.evidence x
                                         WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'engagement' THEN EXISTS (SELECT FROM portal.engagement x
                                           WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'clarification' THEN EXISTS (SELECT FROM portal.clarification x
                                              WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'supplier' THEN EXISTS (SELECT FROM portal.supplier_record x
                                         WHERE x.buyer_id = p.owner_id AND x.id = p.object_id
                                           AND x.archived_at IS NULL)
           WHEN 'request' THEN EXISTS (SELECT FROM portal.request x
                                        WHERE x.buyer_id = p.owner_id AND x.id = p.object_id)
           WHEN 'access_request' THEN EXISTS (SELECT FROM portal.access_request x
                                               WHERE x.buyer_id = p.owner_id AND x.id = p.object_id)
           WHEN 'received_access_request' THEN EXISTS (SELECT FROM portal.access_request x
                                                        WHERE x.supplier_id = p.owner_id AND x.id = p.object_id)
           WHEN 'shared_result' THEN portal.may_read_submission(p.owner_id, p.object_id)
           END AS is_there
      FROM bounds b LEFT JOIN anchor a ON true LEFT JOIN page p ON true ORDER BY p.transaction_id, p.number
    """
)


# What was committed until now is told by the feed once the oldest transaction is younger than it.
EDGES = text(
    """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS edge,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS top
    """
)


async def find_edges(session: AsyncSession) -> tuple[int, int]:
    """Below which transaction the feed tells everything now, and below which one it has to for all that is over."""
    row = (await session.execute(EDGES)).one()
    return row.edge, row.top


@dataclass(frozen=True, kw_only=True)
class Change:
    """One object that changed, by its kind and key; `is_there` as it is now."""

    kind: str
    owner_id: UUID
    object_id: UUID
    is_there: bool


@dataclass(frozen=True, kw_only=True)
class ChangePage:
    """Some changes, each object once, and the cursor behind them."""

    changes: Sequence[Change]
    cursor: str
    has_more: bool


@dataclass(frozen=True)
class _Position:
    """What a cursor holds: the database, the last entry told or before all that will be, and when it was given.

    The entry is named by its numbers and the moment that it was noted, in microseconds; all are 0 where there was none.
    """

    lineage: str
    transaction: int
    number: int
    noted: int
    given: datetime

    def write(self, side: Side) -> str:
        parts = [VERSION, side, self.lineage, self.transaction, self.number, self.noted, int(self.given.timestamp())]
        return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


async def list_changes(session: AsyncSession, actor: Actor, *, side: Side, after: str | None, limit: int) -> ChangePage:
    """What changed behind a cursor; without one nothing, and the cursor to begin with before all is read.

    Raises InvalidInput BAD_CURSOR, or START_ANEW for one that is too old, of another database, or of one that was
    restored since: what it told last has to be there still.
    """
    position = None if after is None else _read_cursor(side, after)
    rows = (
        await session.execute(
            READ,
            {
                "organization": actor.organization,
                "side": side,
                "transaction": LARGEST if position is None else position.transaction,
                "number": LARGEST if position is None else position.number,
                "most": limit + 1,
            },
        )
    ).all()
    bounds, found = rows[0], [row for row in rows if row.kind is not None]
    anchor = (bounds.anchor_transaction, bounds.anchor_number, bounds.anchor_noted)
    if position is not None:
        _check_age(position, anchor, bounds)
        anchor = (position.transaction, position.number, position.noted)
    told = found[:limit]
    end = (told[-1].transaction_id, told[-1].number, told[-1].noted) if told else anchor
    # A later entry of the same object says the same.
    kept = {(row.kind, row.owner_id, row.object_id): row for row in told}
    return ChangePage(
        changes=[
            Change(kind=row.kind, owner_id=row.owner_id, object_id=row.object_id, is_there=row.is_there)
            for row in kept.values()
        ],
        cursor=_Position(bounds.lineage, *end, bounds.now).write(side),
        has_more=len(found) > limit,
    )


def _read_cursor(side: Side, cursor: str) -> _Position:
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        version, own, lineage, transaction, number, noted, given = orjson.loads(
            base64.b64decode(padded, altchars=b"-_", validate=True)
        )
        if (version, own) != (VERSION, side) or not all(
            type(one) is int and 0 <= one <= LARGEST for one in (transaction, number, noted, given)
        ):
            raise ValueError("another feed")
        return _Position(str(lineage), transaction, number, noted, datetime.fromtimestamp(given, UTC))
    except (ValueError, TypeError, OverflowError, OSError, binascii.Error):
        words = "This is no cursor of this feed; start without `after`."
        raise errors.InvalidInput(words, code="BAD_CURSOR", path=("after",)) from None


def _check_age(position: _Position, anchor: tuple[int, int, int], bounds: Row[Any]) -> None:
    oldest = bounds.now - GOOD_FOR
    # An entry that is about to be cleared, or was, tells nothing any more; then the numbers have to do.
    is_kept = position.noted >= int(oldest.timestamp() * 1_000_000)
    is_other = position.lineage != bounds.lineage or position.transaction > bounds.top
    is_gone = is_kept and anchor != (position.transaction, position.number, position.noted)
    if is_other or is_gone or position.given < oldest:
        words = (
            f"This cursor is older than {GOOD_FOR.days} days, or of a database that was restored or taken over by"
            " another server since. Start anew: ask without `after` for a cursor, read everything, and go on from that"
            " cursor."
        )
        raise errors.InvalidInput(words, code="START_ANEW", path=("after",))
