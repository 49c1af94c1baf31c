"""An organization's own view of the trail: its own acts with who did them, and acts of others that concern it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor

FOUND = """
    SELECT e.id, e.at, e.action, e.object_kind, e.object_id, e.object_owner_id, e.organization_id, e.actor_id,
           e.actor_role, e.address, e.request_id, e.block_n,
           CASE e.action WHEN 'glass.shown' THEN e.detail END AS shown
      FROM portal.audit_event e
     WHERE (CAST(:action AS text) IS NULL OR e.action = :action)
       AND (CAST(:object AS text) IS NULL OR (e.object_id = :object AND e.object_kind = CAST(:kind AS text)
            AND CASE coalesce(e.object_owner_id, e.organization_id) WHEN CAST(:own AS uuid)
                THEN CAST(:mine AS boolean) ELSE CAST(:theirs AS boolean) END))
       AND (CAST(:since AS timestamptz) IS NULL OR e.at >= :since)
       AND (CAST(:until AS timestamptz) IS NULL OR e.at < :until)
       AND (CAST(:at AS timestamptz) IS NULL OR (e.at, e.id) < (:at, CAST(:id AS uuid)))
"""
# Each half is read by an index of its own, newest first, and no further than a page.
LIST = text(
    f"""
    SELECT p.*, u.name AS person, k.name AS api_key, o.name AS other, o.country AS other_country
      FROM (({FOUND} AND e.organization_id = :own AND (CAST(:member AS uuid) IS NULL OR e.actor_id = :member)
              ORDER BY e.at DESC, e.id DESC LIMIT :most)
            UNION ALL
            ({FOUND} AND e.concerns_id = :own AND e.organization_id <> :own AND CAST(:member AS uuid) IS NULL
              ORDER BY e.at DESC, e.id DESC LIMIT :most)
            ORDER BY 2 DESC, 1 DESC LIMIT :most) p
      LEFT JOIN portal.user_account u ON u.id = p.actor_id AND p.organization_id = :own
      LEFT JOIN portal.api_key k ON k.id = p.actor_id AND p.organization_id = :own
      LEFT JOIN portal.organization o ON o.id = p.organization_id AND p.organization_id <> :own
     ORDER BY p.at DESC, p.id DESC
    """  # noqa: S608 (a constant)
)


@dataclass(frozen=True)
class Thing:
    """An object by its kind and row, as an id names it that the owner has, the other side, or both."""

    kind: str
    row: UUID
    is_owners: bool
    is_others: bool


@dataclass(frozen=True)
class Wanted:
    """What of the trail is asked for; what is None is not narrowed down."""

    action: str | None = None
    thing: Thing | None = None
    member: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Record:
    """A row that an act is about beside its object."""

    object_kind: str
    object_id: str
    object_owner_id: UUID


@dataclass(frozen=True)
class Entry:
    """An event as its reader sees it; of another organization's act neither person nor place."""

    id: UUID
    at: datetime
    action: str
    object_kind: str
    object_id: str | None
    object_owner_id: UUID
    organization_id: UUID
    is_own: bool
    role: str | None
    member_id: UUID | None
    name: str | None
    other: str | None
    other_country: str | None
    address: str | None
    request_id: str | None
    block_n: int | None
    records: tuple[Record, ...]  # what a view of an operator showed


async def list_entries(
    session: AsyncSession, actor: Actor, wanted: Wanted, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Entry]:
    """The newest first: what the caller's organization did, and what others did that concerns it."""
    access.require(actor, access.OWNER)
    at, id_ = after or (None, None)
    thing = wanted.thing
    found = await session.execute(
        LIST,
        {
            "own": actor.organization,
            "action": wanted.action,
            "object": None if thing is None else str(thing.row),
            "kind": None if thing is None else thing.kind,
            "mine": thing is not None and thing.is_owners,
            "theirs": thing is not None and thing.is_others,
            "member": wanted.member,
            "since": _begin(wanted.since),
            "until": None if wanted.until is None else _begin(wanted.until + timedelta(days=1)),
            "at": at,
            "id": id_,
            "most": limit,
        },
    )
    return [_make_entry(row, actor.organization) for row in found]


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _make_entry(row: object, own: UUID) -> Entry:
    given = dict(row._mapping)  # type: ignore[attr-defined]  # a row of the statement above
    is_own = given["organization_id"] == own
    actor, person, key = given.pop("actor_id"), given.pop("person"), given.pop("api_key")
    role, owner = given.pop("actor_role"), given.pop("object_owner_id") or given["organization_id"]
    if not is_own:
        given |= {"address": None, "request_id": None}
    shown = given.pop("shown") or {}
    records = tuple(Record(shown["kind"], row, UUID(its)) for row, its in shown.get("records", ()))
    member = actor if is_own and role not in ("api_key", "operator") else None
    return Entry(
        **given,
        is_own=is_own,
        records=records,
        role=role,
        object_owner_id=owner,
        member_id=member if person is not None else None,
        name=(person or key) if is_own else None,
    )
