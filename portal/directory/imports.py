"""A buyer's supplier lists: handed in, previewed, and confirmed once, whoever asks how often."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, storage, uploads
from portal.access import Actor
from portal.database import audit, idempotency, ids
from portal.database.tables import directory
from portal.directory import bulk, decisions, facts, opening, records, sectors
from portal.directory.bulk import Progress
from portal.directory.decisions import Decision, Known, Work
from portal.directory.lists import matching, summary
from portal.directory.lists.matching import KnownRecord, RowMatch
from portal.directory.lists.rows import ProposedRecord, RowResult
from portal.directory.lists.summary import Summary
from portal.directory.opening import OpenedList
from portal.identity.wording import Reading

log = structlog.get_logger(__name__)
LIST = directory.SupplierImport
RECORD = directory.SupplierRecord
MOST_WAITING = 50  # uploads of one buyer that were asked for and not made
MOST_ROWS_ONLINE = 20_000  # of a list that a request reads, which has to answer within seconds
COUNTS = ("created", "updated", "contacts_added", "known", "skipped", "conflicts", "bad", "repeats")


@dataclass(frozen=True)
class Awaited:
    """A list that waits for its file; `ticket` is none where the file is there already."""

    list_id: UUID
    ticket: uploads.Ticket | None


@dataclass(frozen=True)
class Preview:
    """What confirming would do, row by row; without rows while a required field has no column."""

    opened: OpenedList
    rows: tuple[RowResult, ...]
    matches: dict[int, RowMatch[UUID]]
    archived: frozenset[UUID]
    summary: Summary | None


@dataclass(frozen=True)
class Confirmed:
    """What a confirmation wrote; `counts` has a number for each of COUNTS.

    `preview` is what the rows were to the records at that moment; None where an earlier call had confirmed the list.
    `storage_key` is where the file still lies, for `forget_file`: it names people, and is not needed any more.
    """

    list_id: UUID
    counts: dict[str, int]
    preview: Preview | None = None
    created: tuple[UUID, ...] = ()
    storage_key: str | None = None


async def create_upload(
    session: AsyncSession, actor: Actor, *, file_name: str, idempotency_key: str | None = None
) -> Awaited:
    """Make a list that waits for its file; with the same key again the same one, with a new link while it waits.

    Raises InvalidInput, Conflict, and RateLimited for too many that wait.
    """
    access.require(actor, access.BUYER_EDITOR)
    reading = Reading()
    name = reading.read_name("file_name", file_name)
    reading.finish()
    made = await idempotency.find_made(session, actor, idempotency_key, "create_supplier_list", {"file_name": name})
    ticket = await uploads.make_ticket(session)
    waiting = {"upload_hash": ticket.token_hash, "upload_expires_at": ticket.expires_at}
    if made is not None:
        own = (LIST.buyer_id == actor.organization, LIST.id == UUID(made[0]), LIST.state == "awaiting")
        waits = await session.scalar(update(LIST).where(*own).values(**waiting).returning(LIST.id))
        return Awaited(UUID(made[0]), None if waits is None else ticket)
    await _refuse_too_many(session, actor)
    list_id = ids.new_id()
    await _insert_list(session, actor, list_id, file_name=name, state="awaiting", **waiting)
    await idempotency.keep_made(session, actor, idempotency_key, "create_supplier_list", {"file_name": name}, [list_id])
    return Awaited(list_id, ticket)


async def find_lists(
    session: AsyncSession, actor: Actor, *, list_ids: Sequence[UUID], lock: bool = False
) -> dict[UUID, directory.SupplierImport]:
    """Those of the lists that are the buyer's own."""
    access.require(actor, access.BUYER)
    query = select(LIST).where(LIST.buyer_id == actor.organization, LIST.id.in_(list_ids))
    query = query.execution_options(populate_existing=True)
    return {one.id: one for one in await session.scalars(query.with_for_update() if lock else query)}


async def list_lists(
    session: AsyncSession, actor: Actor, *, state: str | None = None, after: UUID | None = None, limit: int
) -> list[directory.SupplierImport]:
    """The buyer's lists behind the one of `after`, the newest first: ids are of the time they were made at."""
    access.require(actor, access.BUYER)
    query = select(LIST).where(LIST.buyer_id == actor.organization).order_by(LIST.id.desc()).limit(limit)
    if state is not None:
        query = query.where(LIST.state == state)
    if after is not None:
        query = query.where(LIST.id < after)
    return list(await session.scalars(query))


async def find_list(
    session: AsyncSession, actor: Actor, *, list_id: UUID, lock: bool = False
) -> directory.SupplierImport:
    """One of the buyer's lists; raises NotFound."""
    found = await find_lists(session, actor, list_ids=[list_id], lock=lock)
    if list_id not in found:
        raise errors.NotFound("There is no such supplier list.", path=("supplier_list_id",))
    return found[list_id]


async def read_file(store: ObjectStore | None, found: directory.SupplierImport) -> bytes:
    """The bytes of a list; hold no transaction meanwhile. Raises Conflict NO_FILE or EXPIRED, Unavailable."""
    refuse_expired(found)
    if found.storage_key is None:
        words = "The file of this list has not arrived; send it to its upload link first."
        raise errors.Conflict(words, code="NO_FILE", path=("supplier_list_id",))
    if store is None:
        raise errors.Unavailable("This server keeps no files.")
    try:
        return b"".join([part async for part in storage.read_stream(store, found.storage_key)])
    except (OSError, obstore.exceptions.BaseError):
        raise errors.Unavailable("The file cannot be read just now; try again.") from None


def refuse_expired(found: directory.SupplierImport) -> None:
    """Raise Conflict EXPIRED for a list that waited too long; its file names people and was not kept for ever."""
    if found.state == "expired":
        words = "This list was not confirmed in time, and its file was removed; hand it in again."
        raise errors.Conflict(words, code="EXPIRED", path=("supplier_list_id",))


async def forget_file(store: ObjectStore | None, storage_key: str | None) -> None:
    """Remove the file of a list that is confirmed, after the commit; one that cannot be removed now stays."""
    if store is None or storage_key is None:
        return
    try:
        await storage.delete(store, storage_key)
    except (OSError, obstore.exceptions.BaseError) as error:
        log.warning("supplier_list.file_stays", reason=type(error).__name__)


async def preview_list(session: AsyncSession, actor: Actor, *, list_id: UUID, opened: OpenedList | None) -> Preview:
    """Say what confirming would do, and keep how the list is to be read. Raises NotFound, Conflict."""
    access.require(actor, access.BUYER_EDITOR)
    found = await find_list(session, actor, list_id=list_id, lock=True)
    if opened is None or found.state == "confirmed":
        words = "This list was confirmed; hand it in again to see what it would do now."
        raise errors.Conflict(words, code="CONFIRMED", path=("supplier_list_id",))
    refuse_expired(found)
    preview = await compare(session, actor, opened)
    values: dict[str, Any] = {"mapping": opened.options.write(), "state": "previewed"}
    own = (LIST.buyer_id == actor.organization, LIST.id == list_id)
    await session.execute(update(LIST).where(*own).values(**values))
    return preview


async def fail_list(session: AsyncSession, actor: Actor, *, list_id: UUID) -> None:
    """Keep that the file of a list is none; one that was confirmed meanwhile stays so."""
    access.require(actor, access.BUYER_EDITOR)
    own = (LIST.buyer_id == actor.organization, LIST.id == list_id, LIST.state.in_(("uploaded", "previewed")))
    await session.execute(update(LIST).where(*own).values(state="failed"))


async def compare(session: AsyncSession, actor: Actor, opened: OpenedList) -> Preview:
    """The rows of a list beside the buyer's records, and only beside them."""
    if opened.rows is None:
        return Preview(opened, (), {}, frozenset(), None)
    return (await _compare(session, actor, opened))[0]


async def confirm_list(
    session: AsyncSession,
    actor: Actor,
    *,
    list_id: UUID,
    opened: OpenedList | None,
    decided: Sequence[Decision] = (),
    progress: Progress | None = None,
) -> Confirmed:
    """Write a list, once: a second confirmation, also one at the same time, gives what the first one did.

    `opened` may be None where the list is known to be confirmed. Raises NotFound, InvalidInput for decisions that
    cannot be carried out, ListRefused, and Conflict BUSY or EXPIRED.
    """
    access.require(actor, access.BUYER_EDITOR)
    found = await find_list(session, actor, list_id=list_id, lock=True)
    storage_key = found.storage_key
    if found.state == "confirmed":
        counts = {name: int((found.summary or {}).get(name, 0)) for name in COUNTS}
        return Confirmed(list_id, counts)
    refuse_expired(found)
    if opened is None:
        raise errors.Conflict("The list is not confirmed.", code="NOT_CONFIRMED", path=("supplier_list_id",))
    preview, counts, created = await write_list(session, actor, opened, decided, progress)
    own = (LIST.buyer_id == actor.organization, LIST.id == list_id)
    values = {"mapping": opened.options.write(), "summary": counts, "state": "confirmed", "storage_key": None}
    await session.execute(update(LIST).where(*own).values(**values, confirmed_at=func.portal.clock()))
    await audit.add_audit(session, actor, "supplier_list.confirmed", "supplier_list", list_id, detail=counts)
    return Confirmed(list_id, counts, preview, created, storage_key)


async def import_file(
    session: AsyncSession,
    actor: Actor,
    *,
    file_name: str,
    data: bytes,
    opened: OpenedList,
    progress: Progress | None = None,
) -> Confirmed:
    """Write a list that did not come by an upload: opened, matched and confirmed in one step."""
    access.require(actor, access.BUYER_EDITOR)
    list_id = ids.new_id()
    facts_of_file = {"size": len(data), "sha256": hashlib.sha256(data).digest()}
    await _insert_list(session, actor, list_id, file_name=file_name, state="uploaded", **facts_of_file)
    return await confirm_list(session, actor, list_id=list_id, opened=opened, progress=progress)


async def write_list(
    session: AsyncSession,
    actor: Actor,
    opened: OpenedList,
    decided: Sequence[Decision],
    progress: Progress | None = None,
) -> tuple[Preview, dict[str, int], tuple[UUID, ...]]:
    """Match a list with the records there are now and write what comes of it: matches, counts, new records."""
    if opened.rows is None:
        opening.refuse_missing(opened)
    await records.hold_records(session, actor)
    preview, known = await _compare(session, actor, opened)
    work = decisions.plan_work(preview.rows, list(preview.matches.values()), known, decided)
    made = await _write(session, actor, work, progress)
    return preview, {name: work.counts[name] for name in COUNTS}, made


async def _compare(session: AsyncSession, actor: Actor, opened: OpenedList) -> tuple[Preview, Known]:
    rows, known = opened.rows or (), await load_known(session, actor)
    matches, figures = await asyncio.to_thread(_match, rows, known)
    return Preview(opened, rows, {one.row.line: one for one in matches}, known.archived, figures), known


async def load_known(session: AsyncSession, actor: Actor) -> Known:
    """The buyer's records as lists are compared with them: all live ones, and archived ones that none stands for."""
    columns = (RECORD.id, RECORD.name, RECORD.country, RECORD.vendor_number, RECORD.local_name, RECORD.address)
    query = (
        select(*columns, RECORD.sector_text, RECORD.external_reference, RECORD.name_key, RECORD.archived_at)
        .where(RECORD.buyer_id == actor.organization)
        .order_by(RECORD.archived_at.desc().nulls_first(), RECORD.id)
    )
    found: dict[UUID, KnownRecord[UUID]] = {}
    archived: set[UUID] = set()
    seen: set[tuple[str, str | None] | str] = set()
    for row in await session.execute(query):
        key, number = (row.name_key, row.country), row.vendor_number
        if row.archived_at is not None:
            if key in seen or number in seen:
                continue
            archived.add(row.id)
        seen.update((key, number) if number else (key,))
        found[row.id] = KnownRecord(
            id=row.id,
            name=row.name,
            country=row.country or "",
            vendor_number=number,
            local_name=row.local_name,
            address=row.address,
            sector=row.sector_text,
            external_reference=row.external_reference,
        )
    return Known(found, frozenset(archived))


def make_columns(record: ProposedRecord) -> dict[str, Any]:
    """The columns of a record as a row proposes it."""
    sure = len(record.sector_codes) == 1
    return {
        "vendor_number": record.vendor_number,
        "external_reference": record.external_reference,
        "name": record.name,
        "local_name": record.local_name,
        "name_key": facts.make_key(record.name),
        "address": record.address,
        "country": record.country,
        "sector_text": record.sector,
        "sector": record.sector_codes[0] if sure else None,
        "sector_scheme": record.sector_scheme if sure else None,
    }


def _match(rows: Sequence[RowResult], known: Known) -> tuple[list[RowMatch[UUID]], Summary]:
    matches = list(matching.match_rows(rows, known.records.values()))
    return matches, summary.summarize(rows, matches)


async def _write(session: AsyncSession, actor: Actor, work: Work, progress: Progress | None) -> tuple[UUID, ...]:
    with_contact = {owner for owner, _ in work.contacts}
    made = {line: ids.new_id() for line in work.creates}
    rows = [
        {"id": made[line], **make_columns(one), "state": "has_contact" if line in with_contact else "needs_contact"}
        for line, one in work.creates.items()
    ]
    await bulk.add_records(session, actor, rows, progress=progress)
    await bulk.change_records(session, actor, {one: _expand(values) for one, values in work.updates.items()})
    named = [(made[owner] if isinstance(owner, int) else owner, one) for owner, one in work.contacts]
    got = await bulk.add_contacts(session, actor, named)
    work.counts["contacts_added"] = len(got)
    new = set(made.values())
    settled = [one for one in got if one not in new]
    await bulk.finish_records(session, actor, [*new, *work.updates], settled=settled)
    return tuple(made.values())


def _expand(values: Mapping[str, str]) -> dict[str, Any]:
    """The columns that belong to the fields of a row."""
    columns: dict[str, Any] = {name: value for name, value in values.items() if name != "sector"}
    if "name" in values:
        columns["name_key"] = facts.make_key(values["name"])
    if "sector" in values:
        columns |= facts.write_sector(sectors.read_sector(values["sector"]))
    return columns


async def _insert_list(session: AsyncSession, actor: Actor, list_id: UUID, **values: Any) -> None:
    own = {"buyer_id": actor.organization, "id": list_id, "created_by": actor.user_id}
    await session.execute(insert(LIST).inline().values(**own, **values))
    await audit.add_audit(session, actor, "supplier_list.created", "supplier_list", list_id)


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    waiting = select(LIST.id).where(
        LIST.buyer_id == actor.organization, LIST.state == "awaiting", LIST.upload_expires_at > func.portal.clock()
    )
    count = await session.scalar(select(func.count()).select_from(waiting.limit(MOST_WAITING).subquery()))
    if count is not None and count >= MOST_WAITING:
        words = f"{MOST_WAITING} lists were announced and not sent; send them, or wait until their links have ended."
        raise errors.RateLimited(words, retry_after=int(uploads.LIFETIME.total_seconds()))
