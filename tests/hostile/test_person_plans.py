"""Erasing and handing out a person, and closing an organization, read what is concerned alone, however much there is.

Each runs among many rows of other people of the same organization in every table; the database counts what it reads.
"""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from portal.database import ids
from portal.delivery import forgetting
from portal.delivery.forgetting import RULES
from portal.trail import erasing
from tests import databases
from tests.hostile import personal
from tests.hostile.personal import Somebody
from tests.hostile.test_personal_data import settle

pytestmark = pytest.mark.asyncio(loop_scope="module")

CROWD = 300  # rows of each table that are none of the person's
MOST = 60  # rows of one table that may be read for the one that is
READ = """
SELECT relname::text AS "table", seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows
  FROM pg_stat_xact_user_tables WHERE schemaname IN ('portal', 'queue')
"""
OF_ORGANIZATION = {"member"}  # whose rows of one organization are read, and no more
# Acts of which an organization may have millions of rows; of others its rows of one table are read.
BY_PERSON = {"acts.answer_write.member_id", "acts.read_receipt.member_id", "acts.answer_comment.author_id"}
SHORT = {"farewell", "credential_attempt", "webhook_secret"}  # what a day or two brought, and two secrets an endpoint


@dataclass
class Reading:
    """A table of which more was read than is of one person."""

    table: str
    whole: int
    rows: int


@dataclass
class Town:
    """Somebody among many others, and a connection whose transactions are taken back."""

    server: databases.TestDatabase
    one: Somebody

    async def list_parts(self) -> list[str]:
        connection = await asyncpg.connect(self.server.superuser_url.replace("+asyncpg", ""))
        try:
            return [row["part"] for row in await connection.fetch("SELECT part FROM portal.list_export_parts()")]
        finally:
            await connection.close()

    async def read(self, *steps: tuple[str, tuple[Any, ...]]) -> list[Reading]:
        """What the last of some statements read too much of."""
        connection = await asyncpg.connect(self.server.superuser_url.replace("+asyncpg", ""))
        try:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("SET LOCAL enable_seqscan = off")
            for statement, values in steps[:-1]:
                await connection.fetch(statement, *values)
            before = {row["table"]: row for row in await connection.fetch(READ)}
            statement, values = steps[-1]
            await connection.fetch(statement, *values)
            found = []
            for row in await connection.fetch(READ):
                had = before.get(row["table"], {"seq_scan": 0, "rows": 0})
                found.append(Reading(row["table"], row["seq_scan"] - had["seq_scan"], row["rows"] - had["rows"]))
            await transaction.rollback()
        finally:
            await connection.close()
        return found


def name(found: list[Reading], *, scans_alone: bool = False) -> set[str]:
    """The tables that were read whole, or of which more rows were read than one person has."""
    return {one.table for one in found if one.whole or (not scans_alone and one.rows > MOST)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(database_server: databases.Server, database_template: str) -> AsyncIterator[Town]:
    with databases.copy_template(database_server, database_template) as made:
        connection = await asyncpg.connect(made.superuser_url.replace("+asyncpg", ""))
        columns, lines = await personal.read_columns(connection), personal.read_list()
        one = await settle(made, "one", 1)
        await personal.plant(connection, columns, lines, one)
        await personal.crowd(connection, columns, one, CROWD)
        await connection.close()
        yield Town(made, one)


async def test_erasing_reads_what_is_of_the_person(town: Town) -> None:
    erase = ("SELECT portal.erase_account($1, $2, 'operator')", (town.one.person, ids.new_id()))
    assert name(await town.read(erase)) - OF_ORGANIZATION == set()
    devices = ("SELECT portal.forget_devices($1, 100)", (town.one.person,))
    assert name(await town.read(erase, devices)) == set()


async def test_a_table_without_its_index_is_named(town: Town) -> None:
    devices = ("SELECT portal.forget_devices($1, 100)", (town.one.person,))
    gone = ("SELECT portal.erase_account($1, $2, 'operator')", (town.one.person, ids.new_id()))
    dropped = ("DROP INDEX portal.ix_answer_write_member", ())
    assert name(await town.read(gone, dropped, devices)) == {"answer_write"}


async def test_unlinking_reads_what_is_of_the_person(town: Town) -> None:
    about = str(erasing.ABOUT).replace(":person", "$1")
    statement = f"SELECT id FROM portal.audit_event WHERE {about} AND what_salt IS NOT NULL"
    assert name(await town.read((statement, (str(town.one.person),)))) == set()


async def test_former_names_are_looked_up_by_the_person(town: Town) -> None:
    acting = ("SELECT set_config('portal.organization', $1, true)", (str(town.one.organization),))
    looked = ("SELECT * FROM portal.find_former_names($1)", ([town.one.person],))
    assert name(await town.read(acting, looked)) == set()


async def test_an_export_reads_no_table_as_a_whole(town: Town) -> None:
    listed = await town.read(("SELECT portal.list_acted_for($1)", (town.one.person,)))
    assert name(listed) == set()
    for part in await town.list_parts():
        found = await town.read(("SELECT portal.export_part($1, $2)", (town.one.person, part)))
        assert name(found, scans_alone=part.startswith("acts.") and part not in BY_PERSON) == set(), part


async def test_closing_reads_no_table_as_a_whole(town: Town) -> None:
    organization = (town.one.organization,)
    close = ("SELECT portal.close_organization($1, 'operator', 'why')", organization)
    late = ("UPDATE portal.organization SET closed_at = closed_at - interval '40 days' WHERE id = $1", organization)
    due = ("SELECT portal.list_due_closings(30)", ())
    empty = ("SELECT portal.empty_closed_organization($1, 30)", organization)
    documents = ("SELECT * FROM portal.remove_closed_evidence(20)", ())
    preview = ("SELECT * FROM portal.preview_closing($1)", organization)
    for steps in ((preview,), (close,), (close, late, due), (close, late, empty), (close, late, empty, documents)):
        assert name(await town.read(*steps), scans_alone=True) == set(), steps[-1]


async def test_a_closed_organization_is_emptied_in_parts(town: Town) -> None:
    connection = await asyncpg.connect(town.server.superuser_url.replace("+asyncpg", ""))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT portal.close_organization($1, 'operator', 'why')", town.one.organization)
    await connection.execute("UPDATE portal.organization SET closed_at = closed_at - interval '40 days'")
    drafts = "SELECT count(*) FROM portal.assessment WHERE supplier_id = $1 AND state = 'draft'"
    left = [await connection.fetchval(drafts, town.one.organization)]
    empty = "SELECT portal.empty_closed_organization($1, 30)"
    while await connection.fetchval(empty, town.one.organization):
        left.append(await connection.fetchval(drafts, town.one.organization))
    await transaction.rollback()
    await connection.close()
    assert (len(left), left[-1]) == (left[0] // 50 + 2, 0)
    assert [before - after for before, after in itertools.pairwise(left)][:-1] == [50] * (left[0] // 50)


async def test_forgetting_reads_no_table_as_a_whole(town: Town) -> None:
    whole = {rule.table: name(await town.read((rule.statement, (rule.days,))), scans_alone=True) for rule in RULES}
    whole["farewells"] = name(await town.read((forgetting.FORGET_FAREWELLS, ())), scans_alone=True)
    assert {table: found - SHORT for table, found in whole.items() if found - SHORT} == {}
