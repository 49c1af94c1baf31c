"""What a restored database has forgotten is done again by the notes of the storage, each by itself and once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from portal import errors
from portal.access import OWNER_LOGIN
from portal.backups import repeating
from portal.backups.repeating import Repeated
from portal.database import ids
from portal.identity import orphans
from portal.trail.erasures import CLOSED, PERSON, REOPENED, Erasure, Notes
from tests import databases, people

LONG_AGO = datetime.now(UTC) - timedelta(days=20)
CLOSE = "UPDATE portal.organization SET status = 'closed', closed_at = now() - interval '50 days' WHERE id = $1"
STATE = "SELECT status, closed_at FROM portal.organization WHERE id = $1"
# As where a row points to somebody that nobody thought of.
HOLD = """
CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'still pointed to' USING ERRCODE = 'foreign_key_violation'; END $$;
CREATE TRIGGER hold BEFORE DELETE ON portal.user_account FOR EACH ROW WHEN (OLD.id = '{}')
    EXECUTE FUNCTION public.hold();
"""


@pytest.fixture
async def admin(database: databases.TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


def make_note(act: str, subject: UUID, days: int = 0) -> Erasure:
    return Erasure(ids.new_id(), act, subject, LONG_AGO + timedelta(days=days))


async def repeat(database: databases.TestDatabase, *notes: Erasure) -> Repeated:
    return await repeating.repeat(database.owner_url, Notes(notes, ()))


async def is_anywhere(admin: asyncpg.Connection, tables: tuple[str, ...], wanted: str) -> list[str]:
    query = "SELECT count(*) FROM portal.{} t WHERE strpos(t::text, $1) > 0"
    return [table for table in tables if await admin.fetchval(query.format(table), wanted)]


async def test_a_person_is_erased_again_and_told_no_second_time(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    gone, colleague = await people.add_person(database), await people.add_person(database)
    await people.add_organization(database, (gone, "owner"), (colleague, "owner"))
    note = make_note(PERSON, gone.id)
    assert await repeat(database, note, make_note(PERSON, ids.new_id())) == Repeated(erased=1)
    tables = ("user_account", "member", "session", "farewell", "mail", "audit_event")
    for word in (gone.email, str(gone.id)):
        assert await is_anywhere(admin, tables, word) == []
    assert await is_anywhere(admin, ("user_account", "member"), str(colleague.id)) == ["user_account", "member"]
    (row,) = await admin.fetch("SELECT id, subject_id, at, noted_at IS NULL FROM portal.erasure")
    assert tuple(row) == (note.id, gone.id, note.at, False)
    reasons = "SELECT detail ->> 'reason' FROM portal.audit_event WHERE action = 'account.erased'"
    assert await admin.fetchval(reasons) == repeating.REASON
    assert await repeat(database, note) == Repeated()


async def test_rights_that_somebody_gave_away_after_the_backup_keep_nobody(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    gone = await people.add_person(database, operator=True)
    firm = await people.add_organization(database, (gone, "owner"), name="Left Alone")
    done = await repeat(database, make_note(PERSON, gone.id))
    assert (done.erased, done.ownerless, done.failed) == (1, [f"Left Alone ({firm})"], [])
    assert await is_anywhere(admin, ("user_account", "member"), str(gone.id)) == []


async def test_who_closed_an_organization_and_then_left_leaves_nobody_without_an_owner(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    gone = await people.add_person(database)
    firm = await people.add_organization(database, (gone, "owner"))
    done = await repeat(database, make_note(CLOSED, firm), make_note(PERSON, gone.id, days=1))
    assert (done.closed, done.erased, done.ownerless, done.failed) == (1, 1, [], [])


async def test_organizations_are_as_they_were_last(database: databases.TestDatabase, admin: asyncpg.Connection) -> None:
    """Closed since then, closed and opened again, opened again only, closed anew, emptied, and never there."""
    shut, turned, opened, anew, emptied = [await people.add_organization(database) for _ in range(5)]
    for organization in (opened, anew, emptied):
        await admin.execute(CLOSE, organization)
    await admin.execute("UPDATE portal.organization SET emptied_at = now() WHERE id = $1", emptied)
    await admin.execute("UPDATE portal.erasure SET noted_at = now(), at = $1", LONG_AGO - timedelta(days=30))
    notes = [
        make_note(CLOSED, shut),
        make_note(CLOSED, turned), make_note(REOPENED, turned, 1),
        make_note(REOPENED, opened, 1),
        make_note(REOPENED, anew, 1), make_note(CLOSED, anew, 2),
        make_note(REOPENED, emptied, 1),
        make_note(CLOSED, ids.new_id()),
    ]  # fmt: skip
    assert await repeat(database, *notes) == Repeated(closed=1, reopened=1)

    async def look(organization: UUID) -> Any:
        return tuple(await admin.fetchrow(STATE, organization))

    assert await look(shut) == ("closed", notes[0].at)  # so it is emptied when it would have been
    assert await look(turned) == await look(opened) == ("active", None)
    assert await look(anew) == ("closed", notes[5].at)
    assert (await look(emptied))[0] == "closed"
    assert await repeat(database, *notes) == Repeated()


async def test_what_the_database_knows_itself_counts_more_than_an_earlier_note(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    """As on a portal that runs on, whose worker has not come to note it."""
    shut, opened = [await people.add_organization(database) for _ in range(2)]
    for organization in (shut, opened):
        await admin.execute(CLOSE, organization)
    await admin.execute("UPDATE portal.organization SET status = 'active', closed_at = NULL WHERE id = $1", opened)
    assert await repeat(database, make_note(REOPENED, shut), make_note(CLOSED, opened)) == Repeated()
    assert (await admin.fetchrow(STATE, shut))["status"] == "closed"
    assert (await admin.fetchrow(STATE, opened))["status"] == "active"


async def test_one_that_cannot_be_erased_is_named_and_holds_up_no_other(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    stuck, gone = await people.add_person(database), await people.add_person(database)
    await admin.execute(HOLD.format(stuck.id))
    done = await repeat(database, make_note(PERSON, stuck.id), make_note(PERSON, gone.id))
    assert (done.erased, len(done.failed)) == (1, 1)
    assert done.failed[0].startswith(f"person.erased {stuck.id}: The database refused this")
    assert await is_anywhere(admin, ("user_account",), str(stuck.id)) == ["user_account"]


async def test_a_note_that_is_missing_outside_is_written_anew(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    for _ in range(2):
        person = await people.add_person(database)
        await admin.execute("DELETE FROM portal.user_account WHERE id = $1", person.id)
    await admin.execute("UPDATE portal.erasure SET noted_at = now()")
    kept = await admin.fetchval("SELECT id FROM portal.erasure LIMIT 1")
    await repeat(database, Erasure(kept, PERSON, ids.new_id(), LONG_AGO))
    assert await admin.fetchval("SELECT id FROM portal.erasure WHERE noted_at IS NOT NULL") == kept


async def test_an_organization_that_nobody_owns_is_given_an_owner_and_no_other(
    database: databases.TestDatabase, admin: asyncpg.Connection
) -> None:
    person, stranger = await people.add_person(database), await people.add_person(database)
    orphan, owned = await people.add_organization(database), await people.add_organization(database, (person, "owner"))
    shut = await people.add_organization(database)
    await admin.execute(CLOSE, shut)

    async def appoint(organization: UUID, who: UUID, reason: str = "Its paper says so.") -> None:
        async with people.open_session(database.owner_url) as session:
            await orphans.appoint_owner(session, OWNER_LOGIN, organization=organization, person=who, reason=reason)

    for refused, problem in ((owned, errors.Conflict), (shut, errors.NotFound), (ids.new_id(), errors.NotFound)):
        with pytest.raises(problem):
            await appoint(refused, stranger.id)
    with pytest.raises(errors.InvalidInput):
        await appoint(orphan, person.id, " ")
    await appoint(orphan, person.id)
    with pytest.raises(errors.Conflict):
        await appoint(orphan, stranger.id)
    owners = await admin.fetch("SELECT user_id FROM portal.member WHERE organization_id = $1", orphan)
    assert [row["user_id"] for row in owners] == [person.id]
    told = "SELECT actor_role, detail ->> 'member' FROM portal.audit_event WHERE action = 'owner.appointed'"
    assert [tuple(row) for row in await admin.fetch(told)] == [("operator", str(person.id))]
