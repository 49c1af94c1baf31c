"""Many supplier records at once: statements that take whole columns as arrays, some thousand rows each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database import ids
from portal.directory import contacts, records
from portal.directory.decisions import ContactOfRow

CHUNK = 5_000  # rows of one statement; COPY is not possible under row-level security
Item = TypeVar("Item")
Progress = Callable[[int, int], None]  # how many of how many records are done

COLUMNS = {
    "id": "uuid",
    "vendor_number": "text",
    "external_reference": "text",
    "name": "text",
    "local_name": "text",
    "name_key": "text",
    "address": "text",
    "country": "text",
    "sector_scheme": "text",
    "sector": "text",
    "sector_text": "text",
    "state": "text",
}
INSERT = text(
    f"""
    INSERT INTO portal.supplier_record (buyer_id, {", ".join(COLUMNS)})
    SELECT :buyer, {", ".join(f"made.{name}" for name in COLUMNS)}
      FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in COLUMNS.items())})
           AS made ({", ".join(COLUMNS)})
    """  # noqa: S608  # names of our own columns
)
INSERT_CONTACTS = text(
    """
    INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, email, name, locale)
    SELECT :buyer, made.id, made.record_id, made.email, made.name, made.locale
      FROM unnest(CAST(:ids AS uuid[]), CAST(:records AS uuid[]), CAST(:emails AS text[]), CAST(:names AS text[]),
                  CAST(:locales AS text[])) AS made (id, record_id, email, name, locale)
    ON CONFLICT (buyer_id, supplier_record_id, email) DO NOTHING
    RETURNING supplier_record_id
    """
)

# A connection checks foreign keys by plans that it made when there were few records or none, and that read all of a
# buyer's for each row; what comes after the records is planned anew, now that they are there.
PLAN_ANEW = text("DISCARD PLANS")
MANY = 500  # rows; for fewer the plans that a connection has are worth more


def split(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """Parts of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def add_records(
    session: AsyncSession, actor: Actor, rows: Sequence[Mapping[str, Any]], *, progress: Progress | None = None
) -> None:
    """Write new records with the words of their names; their contacts and cards come after."""
    done = 0
    for part in split(rows):
        arrays = {name: [row.get(name) for row in part] for name in COLUMNS}
        await session.execute(INSERT, {"buyer": actor.organization, **arrays})
        if done == 0 and len(part) >= MANY:
            await session.execute(PLAN_ANEW)
        await records.add_tokens(session, actor, {row["id"]: [row["name"], row.get("local_name")] for row in part})
        done += len(part)
        if progress is not None:
            progress(done, len(rows))


async def change_records(session: AsyncSession, actor: Actor, rows: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Write what is given of records, one statement for each column that any of them has."""
    for column in sorted({name for values in rows.values() for name in values}):
        statement = text(
            f"""
            UPDATE portal.supplier_record r SET {column} = made.value, updated_at = portal.clock()
              FROM unnest(CAST(:ids AS uuid[]), CAST(:given AS text[])) AS made (id, value)
             WHERE r.buyer_id = :buyer AND r.id = made.id
            """  # noqa: S608  # checked against our own columns
        )
        if column not in COLUMNS:
            raise KeyError(column)
        changed = [(one, values[column]) for one, values in rows.items() if column in values]
        for part in split(changed):
            arrays = {"ids": [one for one, _ in part], "given": [value for _, value in part]}
            await session.execute(statement, {"buyer": actor.organization, **arrays})
    named = [(one, values) for one, values in rows.items() if "name" in values or "local_name" in values]
    for part in split(named):
        await renew_tokens(session, actor, [one for one, _ in part])


async def renew_tokens(session: AsyncSession, actor: Actor, record_ids: Sequence[UUID]) -> None:
    """Make records findable by the names they have now."""
    held = await records.lock_records(session, actor, record_ids)
    await records.replace_tokens(session, actor, {one.id: [one.name, one.local_name] for one in held.values()})


async def add_contacts(session: AsyncSession, actor: Actor, named: Sequence[tuple[UUID, ContactOfRow]]) -> list[UUID]:
    """Write contacts that records lack; gives the records that got one, once for each contact."""
    added: list[UUID] = []
    for part in split(named):
        values = {
            "buyer": actor.organization,
            "ids": [ids.new_id() for _ in part],
            "records": [record_id for record_id, _ in part],
            "emails": [one.email for _, one in part],
            "names": [one.name for _, one in part],
            "locales": [one.locale for _, one in part],
        }
        added += (await session.execute(INSERT_CONTACTS, values)).scalars()
    return added


async def finish_records(
    session: AsyncSession, actor: Actor, record_ids: Sequence[UUID], *, settled: Sequence[UUID] = ()
) -> None:
    """Let states follow from contacts where `settled` says so, then bring the cards of all up to date."""
    for part in split(sorted(set(settled))):
        await contacts.settle_states(session, actor, part)
    for part in split(sorted(set(record_ids) | set(settled))):
        await records.refresh_cards(session, actor, part)
