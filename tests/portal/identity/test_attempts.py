"""Counting tries: the count is kept whatever comes of the try, and by network, not by each of its addresses."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from portal import access, errors
from portal.database import engine
from portal.identity import attempts
from tests import databases, people


@pytest.fixture
async def portal_database(database: databases.TestDatabase) -> AsyncIterator[engine.Database]:
    made = engine.Database(engine.create_engine(database.app_url, pool_size=4))
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str) -> None:
    assert attempts.name_network(address) == network


async def test_tries_are_kept_when_the_act_fails(portal_database: engine.Database) -> None:
    async def fail() -> None:
        await attempts.take_attempt(portal_database, "sign_in", account="a", address="1.1.1.1")
        async with portal_database.transaction():
            raise errors.Unauthenticated("wrong")

    for _ in range(10):
        with pytest.raises(errors.Unauthenticated):
            await fail()
    with pytest.raises(errors.RateLimited) as limited:
        await fail()
    assert 0 < limited.value.retry_after <= 900


async def test_a_locked_account_does_not_lock_its_neighbours(
    portal_database: engine.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "sign_in", attempts.Limit(2, 4, 900))
    refused = 0
    for _ in range(20):
        try:
            await attempts.take_attempt(portal_database, "sign_in", account="locked", address="1.1.1.1")
        except errors.RateLimited:
            refused += 1
    assert refused == 18
    await attempts.take_attempt(portal_database, "sign_in", account="neighbour", address="1.1.1.1")


async def test_paths_and_addresses_are_counted_apart(
    portal_database: engine.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("sign_in", "reset"):
        monkeypatch.setitem(attempts.LIMITS, path, attempts.Limit(9, 1, 900))
    await attempts.take_attempt(portal_database, "sign_in", account="a", address="1.1.1.1")
    await attempts.take_attempt(portal_database, "reset", account="a", address="1.1.1.1")
    await attempts.take_attempt(portal_database, "sign_in", account="b", address="1.1.1.2")
    with pytest.raises(errors.RateLimited):
        await attempts.take_attempt(portal_database, "sign_in", account="c", address="1.1.1.1")


async def test_tries_at_the_same_time_are_all_counted(portal_database: engine.Database) -> None:
    tries = [attempts.take_attempt(portal_database, "sign_in", account="a", address="1.1.1.1") for _ in range(30)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(result is None for result in results) == 10
    assert sum(isinstance(result, errors.RateLimited) for result in results) == 20


async def test_a_window_that_has_passed_starts_afresh(
    portal_database: engine.Database, database: databases.TestDatabase
) -> None:
    for _ in range(10):
        await attempts.take_attempt(portal_database, "sign_in", account="a", address="1.1.1.1")
    await people.move_clock(database, "901 seconds")
    await attempts.take_attempt(portal_database, "sign_in", account="a", address="1.1.1.1")


async def test_the_table_is_no_list_of_addresses(
    portal_database: engine.Database, database: databases.TestDatabase
) -> None:
    await attempts.take_attempt(portal_database, "sign_in", account="name@example.com", address="192.0.2.7")
    rows = await people.run_sql(database, "SELECT c::text AS row FROM portal.credential_attempt c")
    assert len(rows) == 2
    for row in rows:
        assert "example" not in row["row"]
        assert b"example".hex() not in row["row"]


async def test_a_refused_credential_counts_and_a_failure_inside_does_not(
    portal_database: engine.Database, database: databases.TestDatabase
) -> None:
    wrong = access.Credential("session", "guessed")
    with pytest.raises(errors.Unauthenticated):
        async with attempts.open_transaction(portal_database, wrong, address="1.1.1.1"):
            pytest.fail("it was let in")
    with pytest.raises(errors.Unauthenticated, match="inside"):
        async with attempts.open_transaction(portal_database, access.NO_CREDENTIAL, address="1.1.1.1"):
            raise errors.Unauthenticated("inside")
    rows = await people.run_sql(database, "SELECT kind, tries FROM portal.credential_attempt")
    assert [tuple(row) for row in rows] == [("bearer", 1), ("bearer", 1)]
