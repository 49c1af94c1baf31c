"""Everything that may hold personal data is on a list, handed out to that person alone, and gone once it is erased."""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from portal.database import ids
from portal.delivery import jobs
from portal.identity import operators, personal_data, personal_exports
from portal.trail import erasing
from tests import people
from tests.databases import TestDatabase
from tests.hostile import personal
from tests.hostile.personal import Column, Line, Somebody

HOLDS = {"", "person", "about", "words", "secret"}
EXPORTS = {"", "yes", "acts", "words", "no"}
SHORT = {("user_account", "locale"), ("user_account", "time_zone")}  # no canary fits in
LEFT = ("farewell",)  # until the last letter is sent


@dataclass
class Town:
    """Two people of two organizations, each with a row in every table."""

    database: TestDatabase
    connection: asyncpg.Connection
    columns: list[Column]
    lines: dict[tuple[str, str], Line]
    one: Somebody
    other: Somebody

    async def count(self, wanted: str) -> dict[tuple[str, str], int]:
        """In how many rows of each column a text stands, where it stands in any."""
        found: dict[tuple[str, str], int] = {}
        for table, parts in itertools.groupby(self.columns, key=lambda one: one.table):
            names = [one.column for one in parts]
            counts = [f"count(*) FILTER (WHERE strpos(lower({name}::text), $1) > 0)" for name in names]
            row = await self.connection.fetchrow(f"SELECT {', '.join(counts)} FROM portal.{table}", wanted.lower())
            assert row is not None
            found |= {(table, name): count for name, count in zip(names, row, strict=True) if count}
        return found

    async def export(self, person: UUID) -> dict[str, Any]:
        """What the operator's command writes."""
        async with people.open_session(self.database.owner_url) as session:
            pieces = personal_exports.write_person(session, operators.OWNER_LOGIN, person=person)
            found: dict[str, Any] = json.loads(b"".join([piece async for piece in pieces]))
        return found

    async def erase(self, who: Somebody) -> str:
        """What the operator's command does."""
        async with people.open_session(self.database.owner_url) as session:
            outcome = await session.scalar(
                text("SELECT portal.erase_account(:person, :farewell, 'operator')"),
                {"person": who.person, "farewell": ids.new_id()},
            )
            await personal_data.forget_devices(session, who.person)
            await erasing.unlink_person(session, operators.OWNER_LOGIN, who.person)
        return str(outcome)


async def settle(town: TestDatabase, name: str, number: int) -> Somebody:
    """A person who owns an organization with somebody else."""
    person = await people.add_person(town, f"zq{name}@canary.example")
    colleague = await people.add_person(town)
    organization = await people.add_organization(town, (person, "owner"), (colleague, "owner"))
    await people.run_sql(
        town, "UPDATE portal.user_account SET name = $1 WHERE id = $2", f"Zq{name} O'Canary (Sr.)", person.id
    )
    await people.run_sql(
        town,
        "UPDATE portal.organization SET name = $1 WHERE id = $2",
        f"{person.email} Zq{name} O'Canary (Sr.)",
        organization,
    )
    return Somebody(person.id, organization, person.email, f"Zq{name} O'Canary (Sr.)", f"zqsecret{name}", number)


@pytest.fixture
async def town(database: TestDatabase) -> AsyncIterator[Town]:
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        columns, lines = await personal.read_columns(connection), personal.read_list()
        one, other = await settle(database, "one", 1), await settle(database, "other", 2)
        for who in (one, other):
            await personal.plant(connection, columns, lines, who)
        yield Town(database, connection, columns, lines, one, other)
    finally:
        await connection.close()


async def test_every_column_that_may_hold_personal_data_is_on_the_list(database: TestDatabase) -> None:
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    columns = await personal.read_columns(connection)
    acts = {
        (row["tbl"], row["col"]): row["words"] for row in await connection.fetch("SELECT * FROM portal.list_acts()")
    }
    await connection.close()
    lines = personal.read_list()
    telling = {one.name for one in columns if one.may_tell}
    assert sorted(telling - set(lines)) == [], "say in tests/hostile/personal_data.csv what it holds and becomes"
    assert sorted(set(lines) - telling) == []
    assert {line.holds for line in lines.values()} == HOLDS
    assert {line.export for line in lines.values()} == EXPORTS
    assert {name for name, line in lines.items() if bool(line.holds) != bool(line.export and line.erasure)} == set()
    assert {one.name for one in columns if one.is_person} <= {n for n, line in lines.items() if line.holds == "person"}
    assert set(acts) == {name for name, line in lines.items() if line.holds == "person" and line.export == "acts"}
    told = {(table, word) for (table, _), words in acts.items() for word in words}
    assert told == {name for name, line in lines.items() if line.export == "words"}


async def test_a_person_gets_everything_of_its_own_and_nothing_else(town: Town) -> None:
    export = await town.export(town.one.person)
    found = json.dumps(export, ensure_ascii=False)
    assert [name for name, part in export.items() if not part] == []
    acts = {
        f"{table}.{column}"
        for (table, column), line in town.lines.items()
        if (line.holds, line.export) == ("person", "acts")
    }
    assert set(export["acts"]) == acts
    rows = await town.connection.fetch(
        "SELECT tbl || '.' || col AS act, told || words AS parts FROM portal.list_acts()"
    )
    for row in rows:
        assert set(row["parts"]) <= set(export["acts"][row["act"]][0]), row["act"]
    assert export["account"]["email"] == town.one.email
    assert {one["by_you"] for one in export["trail"]} == {True}
    for foreign in (
        town.one.secret,
        town.other.secret,
        town.other.email,
        "Zqother",
        str(town.other.person),
        str(town.other.organization),
    ):
        assert foreign not in found, foreign
    assert "$argon2" not in found
    nobody = await town.export(ids.new_id())
    assert {name for name, part in nobody.items() if part} == {"format", "made_at"}


async def test_words_of_an_organization_that_was_left_are_not_handed_out(town: Town) -> None:
    await town.connection.execute("DELETE FROM portal.member WHERE user_id = $1", town.one.person)
    acts = (await town.export(town.one.person))["acts"]
    assert "body" not in acts["answer_comment.author_id"][0]
    assert "assessment_id" in acts["answer_comment.author_id"][0]


async def test_once_erased_a_person_stands_nowhere(town: Town) -> None:
    tables = sorted({one.table for one in town.columns})
    counted = "SELECT count(*) FROM portal.{table} t WHERE t::text LIKE '%zqother%' OR t::text LIKE '%' || $1 || '%'"
    before = {name: await town.count(name) for name in (town.one.email, town.one.name, str(town.one.person))}
    assert {name for name, line in town.lines.items() if line.holds in ("about", "words")} - SHORT == {
        name for found in before.values() for name in found if town.lines[name].holds in ("about", "words")
    }
    others = {
        table: await town.connection.fetchval(counted.format(table=table), str(town.other.person)) for table in tables
    }
    assert await town.erase(town.one) == "ERASED"
    for words, planted in before.items():
        left = set(await town.count(words))
        gone = {name for name in planted if town.lines[name].erasure == "gone" and name[0] not in LEFT}
        assert sorted(left & gone) == [], words
        assert {name for name in left if name[0] not in LEFT and not town.lines[name].erasure} == set(), words
        kept = {name for name in planted if town.lines[name].erasure == "kept" and town.lines[name].holds == "words"}
        assert kept <= left
    for table in tables:
        assert await town.connection.fetchval(counted.format(table=table), str(town.other.person)) == others[table], (
            table
        )
    assert await town.erase(town.one) == "None"


async def test_the_address_goes_with_the_last_letter(town: Town) -> None:
    await town.connection.execute("DELETE FROM portal.farewell")
    await town.connection.execute("DELETE FROM portal.outbox")
    await town.erase(town.one)
    (letter,) = await people.read_letters(town.database)
    assert (letter.to, letter.subject) == (town.one.email, "Your account was erased")
    worker = await asyncpg.connect(town.database.worker_url.replace("+asyncpg", ""))
    await jobs.sweep(worker)
    assert await town.connection.fetchval("SELECT count(*) FROM portal.farewell") == 1
    await people.move_clock(town.database, "5 days")
    await jobs.sweep(worker)
    await worker.close()
    assert await town.connection.fetchval("SELECT count(*) FROM portal.farewell") == 0
    assert (await town.count(town.one.email)).keys() <= {n for n, line in town.lines.items() if line.erasure == "kept"}
