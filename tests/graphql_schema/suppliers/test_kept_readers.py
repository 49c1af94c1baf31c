"""What the fields of one operation share: who may read on a guess, and what is written before an answer leaves."""

import asyncio
from unittest import mock

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from graphql_schema.context import Context, enter_gate
from portal import access, errors
from portal.access import Credential
from portal.database import ids
from tests import people
from tests.graphql_schema.portals import Caller, Portal


async def open_context(house: Portal, caller: Caller) -> Context:
    return Context(house.app.state.services, Credential("session", caller.token), "127.0.0.1", "")


async def read_twice(house: Portal, caller: Caller) -> None:
    for _ in range(2):
        assert "errors" not in await house.ask("{ suppliers { totalCount } }", caller.token)


async def test_only_what_can_start_again_reads_on_a_guess(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await read_twice(house, buyer)
    context = await open_context(house, buyer)
    async with context.operate():
        with enter_gate(access.BUYER, may_guess=True):
            async with context.reading() as (reader, _):
                assert reader.guesses
        async with context.reading() as (reader, _):  # as a field further down does
            assert not reader.guesses
        with enter_gate(access.BUYER):  # as a mutation does
            async with context.reading() as (reader, _):
                assert not reader.guesses


async def test_a_transaction_that_is_undone_has_left_no_receipt(house: Portal) -> None:
    """Or what is done again would take it as written, and answers would leave without one."""
    context = await open_context(house, await house.sign_up("buyer"))
    kept, undone = (ids.new_id(), "results"), (ids.new_id(), "answers")
    async with context.transaction():
        context.noted.add(kept)
    with pytest.raises(RuntimeError):
        async with context.transaction():
            context.noted.add(undone)
            raise RuntimeError
    assert context.noted == {kept}


async def test_what_a_reading_writes_stands_before_other_fields_go_on(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    context = await open_context(house, buyer)
    async with context.operate():
        async with context.reading(writes=True) as (reader, actor):
            await reader.fetch(
                "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key) VALUES ($1, $1, 'kept', 'kept')",
                actor.organization_id,
            )
        with pytest.raises(DBAPIError, match="division"):
            async with context.reading() as (reader, _):
                await reader.fetch("SELECT 1 / (random() * 0)::int")
    async with house.app.state.services.database.reading(context.credential) as (reader, actor):
        names = "SELECT string_agg(name, ',') FROM portal.supplier_record WHERE buyer_id = $1"
        assert await reader.fetch_text(names, [actor.organization_id]) == "kept"


async def test_a_refusal_needs_no_second_connection(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    context = await open_context(house, buyer)
    database = house.app.state.services.database
    pool = database.engine.sync_engine.pool
    lent: list[int] = []

    def count(*_: object) -> None:
        lent.append(pool.checkedout() - database.lender.at_hand)

    event.listen(pool, "checkout", count)
    try:
        async with context.operate():
            async with context.reading():
                pass
            await context.check(access.BUYER)
    finally:
        event.remove(pool, "checkout", count)
    assert lent == [1]  # of the session; the reader's was at hand


OWN = "SELECT string_agg(id::text, ',') FROM portal.organization"


async def read_own(context: Context) -> str | None:
    """What a guessing reader of one operation sees, which may begin a transaction."""
    with enter_gate(access.BUYER, may_guess=True):
        async with context.reading() as (reader, _):
            assert reader.guesses
            return str(await reader.fetch_text(OWN, []))


async def test_a_guessing_reader_that_is_cancelled_while_it_begins_ends_its_connection(house: Portal) -> None:
    """The server may begin what the driver does not know of: such a connection must not come back."""
    buyer = await house.sign_up("buyer")
    await read_twice(house, buyer)
    context = await open_context(house, buyer)
    drivers = []
    with pytest.raises(asyncio.CancelledError):
        async with context.operate():
            with enter_gate(access.BUYER, may_guess=True):
                async with context.reading() as (reader, _):
                    drivers.append(reader.driver)
                    begun = reader.driver.execute

                    async def begin(sql: str) -> str:
                        await begun(sql)
                        raise asyncio.CancelledError

                    with mock.patch.object(type(reader.driver), "execute", lambda _, sql: begin(sql)):
                        await reader.confirm()
    assert drivers[0].is_closed()
    context = await open_context(house, buyer)
    async with context.operate():
        assert "," not in str(await read_own(context))


async def test_a_guessing_reader_whose_connection_is_lost_says_what_passes(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await read_twice(house, buyer)
    context = await open_context(house, buyer)
    async with context.operate():
        with pytest.raises(errors.Unavailable) as lost, enter_gate(access.BUYER, may_guess=True):
            async with context.reading() as (reader, _):
                (pid,) = (await reader.fetch("SELECT pg_backend_pid()"))[0]
                await people.run_sql(house.database, f"SELECT pg_terminate_backend({pid})")
                await asyncio.sleep(0.2)
                await reader.fetch_text(OWN, [])
        assert lost.value.code == "DATABASE_AWAY"
    context = await open_context(house, buyer)
    async with context.operate():
        assert await read_own(context)


@pytest.mark.parametrize("seconds", [0, 0.2])  # before the driver has heard of it, and after
async def test_a_connection_that_is_lost_before_it_is_given_back_takes_nothing_with_it(
    house: Portal, seconds: float
) -> None:
    """What was read was read, and receipts were written with their field."""
    buyer = await house.sign_up("buyer")
    await read_twice(house, buyer)
    context = await open_context(house, buyer)
    async with context.operate():
        with enter_gate(access.BUYER, may_guess=True):
            async with context.reading() as (reader, _):
                await reader.confirm()  # from here on in a transaction, which is to be committed
                (pid,) = (await reader.fetch("SELECT pg_backend_pid()"))[0]
        await people.run_sql(house.database, f"SELECT pg_terminate_backend({pid})")
        await asyncio.sleep(seconds)
    assert reader.driver.is_closed()
    await read_twice(house, buyer)
