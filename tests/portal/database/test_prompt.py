"""Reads that name their caller in the statement: as strict as a transaction, and right from the next call on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from portal import errors
from portal.access import Actor
from portal.database import engine
from portal.database.engine import Database
from portal.database.prompt import CallerChanged, PromptReader, name_caller
from portal.database.reader import Reader
from tests import databases
from tests.portal.assessments.house import Caller, House

ORGANIZATION = "SELECT coalesce(current_setting('portal.organization', true), '')"
OWN = "SELECT count(*)::text FROM portal.organization"
NAMES = "SELECT string_agg(id::text, ',') FROM portal.organization"


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[House]:
    opened = Database(engine.create_engine(database.app_url, pool_size=1))
    yield House(database, opened)
    await opened.close()


@pytest.fixture
async def caller(house: House) -> Caller:
    made = await house.sign_up("supplier")
    async with house.database.reading(made.credential):
        pass  # who calls is remembered from here on
    return made


@asynccontextmanager
async def open_guessing(house: House, caller: Caller) -> AsyncIterator[tuple[Reader, Actor]]:
    """A reader as a request opens it; what a request does where it fails is tried with one."""
    guessed = await house.database.guess(caller.credential)
    if guessed is None:
        async with house.database.reading(caller.credential) as pair:
            yield pair
        return
    reader, lent = guessed
    try:
        yield reader, reader.guess.actor
    finally:
        await lent.finish()


async def read(house: House, caller: Caller, sql: str = NAMES) -> str | None:
    async with open_guessing(house, caller) as (reader, actor):
        assert isinstance(reader, PromptReader)
        assert actor.organization_id == caller.organization
        return await reader.fetch_text(sql, [])


async def test_a_read_sees_its_own_organization_in_one_statement_and_leaves_nothing(
    house: House, caller: Caller
) -> None:
    with house.count_statements() as sent:
        assert await read(house, caller) == str(caller.organization)
    assert [statement for statement, _ in sent] == [name_caller((f"({NAMES})",), 0)]
    async with house.database.reading() as (reader, _):
        assert await reader.fetch_text(ORGANIZATION, []) == ""


async def test_a_statement_keeps_its_own_places(house: House, caller: Caller) -> None:
    async with open_guessing(house, caller) as (reader, _):
        assert await reader.fetch_text("SELECT $2::text || $1::text", ["one", "two"]) == "twoone"


async def test_nobody_is_guessed_before_the_first_time(house: House) -> None:
    stranger = await house.sign_up("supplier")
    for expected in (Reader, PromptReader):
        async with open_guessing(house, stranger) as (reader, _):
            assert type(reader) is expected
            await reader.confirm()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE portal.session SET expires_at = portal.clock() WHERE user_id = $1",
        "DELETE FROM portal.session WHERE user_id = $1",
        "UPDATE portal.member SET role = 'viewer' WHERE user_id = $1",
        "DELETE FROM portal.member WHERE user_id = $1",
        "UPDATE portal.session SET organization_id = NULL WHERE user_id = $1",
        "UPDATE portal.user_account SET is_operator = true WHERE id = $1",
        "UPDATE portal.organization_role SET status = 'refused' WHERE organization_id = "
        "(SELECT organization_id FROM portal.member WHERE user_id = $1)",
        "UPDATE portal.organization SET status = 'suspended', suspended_at = portal.clock() WHERE id = "
        "(SELECT organization_id FROM portal.member WHERE user_id = $1)",
    ],
)
async def test_whatever_changes_a_caller_is_seen_by_the_next_read(house: House, caller: Caller, change: str) -> None:
    assert await read(house, caller) == str(caller.organization)
    await house.fetch(change, caller.user)
    with pytest.raises(CallerChanged):
        await read(house, caller)
    try:  # it was forgotten, and is authenticated as everybody else
        async with open_guessing(house, caller) as (reader, _):
            assert type(reader) is Reader
    except errors.Unauthenticated:
        assert "session" in change


@pytest.mark.parametrize("way", ["fetch", "fetch_row", "confirm"])
async def test_what_needs_a_transaction_checks_its_caller_too(house: House, caller: Caller, way: str) -> None:
    async def go() -> None:
        async with open_guessing(house, caller) as (reader, _):
            await (reader.confirm() if way == "confirm" else getattr(reader, way)(OWN))
            assert await reader.fetch_text(ORGANIZATION, []) == str(caller.organization)

    await go()
    await house.fetch("DELETE FROM portal.session WHERE user_id = $1", caller.user)
    with pytest.raises(CallerChanged):
        await go()


async def test_several_statements_are_one_way_to_the_server(house: House, caller: Caller) -> None:
    pair = [("SELECT $1::text", ["a"]), ("SELECT $1::text || $2::text", ["b", "c"])]
    for opened in (open_guessing(house, caller), house.database.reading(caller.credential)):
        async with opened as (reader, _):
            with house.count_statements() as sent:
                assert await reader.fetch_texts(pair) == ["a", "bc"]
        assert len(sent) == 1


async def test_a_wrong_guess_reads_nothing(house: House, caller: Caller) -> None:
    async with open_guessing(house, caller) as (reader, _):
        secret = caller.credential.secret_hash
        values = ("session", secret, "(somebody,else)")
        row = await Reader(reader.driver).fetch_row(name_caller(("(SELECT 1 / (random() * 0)::int)",), 0), *values)
        assert row is not None and tuple(row) == (False, None)
        assert await Reader(reader.driver).fetch_row(name_caller((f"({NAMES})",), 0), "session", b"nobody", "") is None
        await reader.confirm()


async def test_failures_leave_a_good_connection(house: House, caller: Caller) -> None:
    for failing, kind in (
        ("SELECT (1 / (random() * 0)::int)::text", DBAPIError),
        ("SELECT pg_sleep(5)::text", TimeoutError),
    ):
        with pytest.raises(kind):
            async with asyncio.timeout(0.3):
                await read(house, caller, failing)
        assert await read(house, caller) == str(caller.organization)


async def test_plans_do_not_depend_on_when_they_were_made(house: House, caller: Caller) -> None:
    """Prepared before any organization is set, a statement is planned for as many rows as afterwards."""
    sql = "EXPLAIN (FORMAT JSON) SELECT id FROM portal.organization"
    async with house.database.reading() as (reader, _):
        before = await reader.fetch_text(sql, [])
    async with house.database.reading(caller.credential) as (reader, _):
        assert await reader.fetch_text(sql, []) == before


async def test_two_who_wait_both_get_the_connections_that_are_free(database: databases.TestDatabase) -> None:
    """What a reader gives back while the pool's own is on its way to somebody must reach the next who waits."""
    opened = Database(engine.create_engine(database.app_url, pool_size=2))
    lent, held = await opened.lender.take(), await opened.engine.connect()
    both = asyncio.Barrier(2)

    async def use() -> None:
        async with opened.engine.connect():
            await both.wait()

    waiting = [asyncio.create_task(use()) for _ in range(2)]
    await asyncio.sleep(0.05)
    await held.close()
    opened.lender.give_back(lent.pooled)
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    await opened.close()
