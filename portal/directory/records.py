"""A buyer's own records of its suppliers: added, changed, archived and brought back, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Update, delete, func, insert, or_, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, idempotency, ids
from portal.database.tables import directory
from portal.directory import facts as wording
from portal.directory.facts import RecordFacts
from portal.directory.lists import names

RECORD = directory.SupplierRecord
TOKEN = directory.SupplierNameToken
REFRESH = text("SELECT portal.refresh_cards_of_records(:buyer, CAST(:records AS uuid[]))")
ADD_TOKENS = text(
    """
    INSERT INTO portal.supplier_name_token (buyer_id, supplier_record_id, token)
    SELECT :buyer, made.record_id, made.token
      FROM unnest(CAST(:records AS uuid[]), CAST(:tokens AS text[])) AS made (record_id, token)
    """
)
HOLD = text(
    """
    SELECT set_config('lock_timeout', '5s', true), pg_advisory_xact_lock(hashtextextended(:name, 0)),
           set_config('lock_timeout', '0', true)
    """
)
LOCK_NOT_AVAILABLE = "55P03"
NO_RECORD = "There is no such supplier."


async def add_record(
    session: AsyncSession, actor: Actor, *, facts: RecordFacts, idempotency_key: str | None = None
) -> UUID:
    """Add one supplier record.

    Raises InvalidInput, and Conflict ALREADY_KNOWN for a name and country, or VENDOR_NUMBER_IN_USE for a vendor number,
    that a live record has.
    """
    access.require(actor, access.BUYER_EDITOR)
    made = await idempotency.find_made(session, actor, idempotency_key, "add_record", asdict(facts))
    if made is not None:
        return UUID(made[0])
    values = wording.check_facts(facts, adding=True)
    await hold_records(session, actor)
    await _refuse_known(session, actor, values)
    record_id = ids.new_id()
    await _write(session, insert(RECORD).inline().values(buyer_id=actor.organization, id=record_id, **values))
    await replace_tokens(session, actor, {record_id: [values["name"], values.get("local_name")]})
    await finish(session, actor, "record.added", record_id)
    await idempotency.keep_made(session, actor, idempotency_key, "add_record", asdict(facts), [record_id])
    return record_id


async def update_record(session: AsyncSession, actor: Actor, *, record_id: UUID, facts: RecordFacts) -> None:
    """Change what is given of a record; "" empties a field. Raises NotFound, InvalidInput, Conflict."""
    access.require(actor, access.BUYER_EDITOR)
    values = wording.check_facts(facts, adding=False)
    await hold_records(session, actor)
    held = await lock_record(session, actor, record_id)
    if not values:
        return
    await _write(session, _update(actor, record_id).values(**values))
    if "name" in values or "local_name" in values:
        texts = [values.get("name", held.name), values.get("local_name", held.local_name)]
        await replace_tokens(session, actor, {record_id: texts})
    await finish(session, actor, "record.changed", record_id)


async def set_archived(session: AsyncSession, actor: Actor, *, record_id: UUID, archived: bool) -> None:
    """Take a record out of the lists, or bring it back; nothing is deleted, again changes nothing.

    Raises NotFound, and Conflict VENDOR_NUMBER_IN_USE where another live record has its vendor number by now.
    """
    access.require(actor, access.BUYER_EDITOR)
    await hold_records(session, actor)
    held = await lock_record(session, actor, record_id)
    if archived == (held.archived_at is not None):
        return
    await _write(session, _update(actor, record_id).values(archived_at=func.portal.clock() if archived else None))
    await finish(session, actor, "record.archived" if archived else "record.restored", record_id)


async def lock_record(session: AsyncSession, actor: Actor, record_id: UUID) -> directory.SupplierRecord:
    """One of the buyer's own records, held until the transaction ends; raises NotFound."""
    return (await lock_records(session, actor, [record_id], path=("supplier_id",)))[record_id]


async def lock_records(
    session: AsyncSession, actor: Actor, record_ids: Sequence[UUID], *, path: tuple[str, ...] | None = None
) -> dict[UUID, directory.SupplierRecord]:
    """Those of the records that are the buyer's own, held until the transaction ends.

    With `path` all must be: raises NotFound that names it.
    """
    query = (
        select(RECORD)
        .where(RECORD.buyer_id == actor.organization, RECORD.id.in_(record_ids))
        .order_by(RECORD.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {one.id: one for one in await session.scalars(query)}
    if path is not None and len(found) < len(set(record_ids)):
        raise errors.NotFound(NO_RECORD, path=path)
    return found


async def find_record_by_number(session: AsyncSession, actor: Actor, *, vendor_number: str) -> UUID | None:
    """The buyer's live record with this vendor number, or none."""
    access.require(actor, access.BUYER)
    query = select(RECORD.id).where(
        RECORD.buyer_id == actor.organization,
        RECORD.vendor_number == vendor_number.strip(),
        RECORD.archived_at.is_(None),
    )
    found: UUID | None = await session.scalar(query)
    return found


async def hold_records(session: AsyncSession, actor: Actor) -> None:
    """Let other writers of this buyer that compare names wait, so that two at once do not make one supplier twice.

    Raises Conflict BUSY after five seconds.
    """
    try:
        await session.execute(HOLD, {"name": f"supplier_records:{actor.organization}"})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        words = "A list of suppliers is being imported for your organization just now; try again when it is done."
        raise errors.Conflict(words, code="BUSY") from None


async def replace_tokens(session: AsyncSession, actor: Actor, found_by: Mapping[UUID, Sequence[str | None]]) -> None:
    """Make records findable by the words of these texts alone; two statements for any number of records."""
    gone = (TOKEN.buyer_id == actor.organization, TOKEN.supplier_record_id.in_(list(found_by)))
    await session.execute(delete(TOKEN).where(*gone))
    await add_tokens(session, actor, found_by)


async def add_tokens(session: AsyncSession, actor: Actor, found_by: Mapping[UUID, Sequence[str | None]]) -> None:
    """Make new records findable by the words of these texts."""
    pairs = [(record_id, token) for record_id, texts in found_by.items() for token in list_tokens(texts)]
    if pairs:
        values = {"records": [one for one, _ in pairs], "tokens": [one for _, one in pairs]}
        await session.execute(ADD_TOKENS, {"buyer": actor.organization, **values})


def list_tokens(texts: Sequence[str | None]) -> tuple[str, ...]:
    """The words that a record is found by, each once."""
    return tuple(dict.fromkeys(token for one in texts if one for token in names.make_name_tokens(one)))


async def refresh_cards(session: AsyncSession, actor: Actor, record_ids: Sequence[UUID]) -> None:
    """Bring what lists show of these records up to date, in this transaction."""
    if record_ids:
        await session.execute(REFRESH, {"buyer": actor.organization, "records": sorted(record_ids)})


async def finish(session: AsyncSession, actor: Actor, action: str, record_id: UUID) -> None:
    """What every change of one record ends with."""
    await refresh_cards(session, actor, [record_id])
    await audit.add_audit(session, actor, action, "supplier_record", record_id)


async def _refuse_known(session: AsyncSession, actor: Actor, values: Mapping[str, Any]) -> None:
    """Two live records of one name and country are two suppliers only where their vendor numbers say so."""
    query = select(RECORD.id).where(
        RECORD.buyer_id == actor.organization,
        RECORD.name_key == values["name_key"],
        RECORD.country == values["country"],
        RECORD.archived_at.is_(None),
    )
    number = values.get("vendor_number")
    if number is not None:
        query = query.where(or_(RECORD.vendor_number.is_(None), RECORD.vendor_number == number))
    if await session.scalar(query.limit(1)) is not None:
        words = "A supplier of yours has this name and country already; another one needs its own vendor number."
        raise errors.Conflict(words, code="ALREADY_KNOWN", path=("name",))


def _update(actor: Actor, record_id: UUID) -> Update:
    own = (RECORD.buyer_id == actor.organization, RECORD.id == record_id)
    return update(RECORD).where(*own).values(updated_at=func.portal.clock())


async def _write(session: AsyncSession, statement: Insert | Update) -> None:
    """Run a statement that may meet another live record's vendor number; raises Conflict."""
    try:
        async with session.begin_nested():
            await session.execute(statement, execution_options={"synchronize_session": False})
    except IntegrityError as error:
        if "uq_supplier_record_vendor_number" not in str(error.orig):
            raise
        words = "Another of your suppliers has this vendor number."
        raise errors.Conflict(words, code="VENDOR_NUMBER_IN_USE", path=("vendor_number",)) from None
