"""What a client may ask for in a minute, by the cost of its operations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema.budgets import BASE, MINUTE, Budgets
from portal import errors
from portal.access import Credential
from tests.databases import TestDatabase
from tests.graphql_schema import portals

ONE, OTHER, NOBODY = Credential("session", "one"), Credential("api_key", "spk_other"), Credential()
LIST = "{ suppliers(first: 100) { totalCount edges { node { id name country } } } }"


async def test_whoever_asks_for_too_much_is_told_when_to_come_back(database: TestDatabase) -> None:
    async with portals.run_portal(database, cost_per_minute=2_000) as house:
        buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
        for media_type in ("application/json", "application/graphql-response+json"):
            served = [await house.post({"query": LIST}, buyer.token, accept=media_type) for _ in range(4)]
            assert served[-1].status_code == 429
            (error,) = served[-1].json()["errors"]
            assert error["extensions"]["code"] == "BUDGET_SPENT"
            assert 1 <= error["extensions"]["retryAfter"] <= MINUTE
            assert served[-1].headers["retry-after"] == str(error["extensions"]["retryAfter"])
            assert "data" not in served[-1].json()
        assert (await house.post({"query": LIST}, other.token)).status_code == 200
        assert (await house.post({"query": "{ service { version } }"})).status_code == 200


async def test_nobody_is_held_back_where_the_operator_says_so(database: TestDatabase) -> None:
    async with portals.run_portal(database, cost_per_minute=0) as house:
        buyer = await house.sign_up("buyer")
        assert {(await house.post({"query": LIST}, buyer.token)).status_code for _ in range(10)} == {200}


def charge(budgets: Budgets, cost: int, credential: Credential = ONE, address: str = "a") -> int:
    """Seconds to wait; none where the operation may run."""
    try:
        budgets.charge(credential, address, cost)
    except errors.RateLimited as refused:
        return refused.retry_after
    return 0


def test_each_client_has_its_own() -> None:
    budgets = Budgets(1_000, lambda: 0.0)
    assert charge(budgets, 900) == 0
    assert charge(budgets, 0) > 0
    assert charge(budgets, 900, OTHER) == 0
    assert charge(budgets, 900, NOBODY, "a") == 0
    assert charge(budgets, 0, NOBODY, "a") > 0
    assert charge(budgets, 0, NOBODY, "b") == 0
    assert charge(budgets, 0, Credential("session", "two"), "a") == 0


def test_who_makes_credentials_up_gets_no_more_than_a_network_has() -> None:
    budgets = Budgets(1_000, lambda: 0.0)
    made_up = [Credential("session", str(number)) for number in range(30)]
    assert [charge(budgets, 400, one, "2001:db8::1") for one in made_up[:20]] == [0] * 20
    assert charge(budgets, 400, made_up[20], "2001:db8::2") > 0  # one customer has all of a /64
    assert charge(budgets, 400, made_up[21], "2001:db8:0:1::1") == 0


def test_what_costs_more_than_a_minute_gives_waits_for_all_of_it_and_is_owed() -> None:
    now = 0.0
    budgets = Budgets(1_000, lambda: now)
    assert charge(budgets, 2_900) == 0
    assert charge(budgets, 0) == 126  # 2,000 are owed, and 100 are wanted
    now = 126.0
    assert charge(budgets, 0) == 0


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 20)), max_size=60))
def test_no_span_of_time_gives_more_than_its_share_and_who_waits_is_let_in(asked: list[tuple[int, float]]) -> None:
    per_minute, now, spent = 3_000, 0.0, 0
    budgets = Budgets(per_minute, lambda: now)
    for cost, pause in asked:
        now += pause
        wait = charge(budgets, cost)
        if wait:
            now += wait
            assert charge(budgets, cost) == 0
        spent += cost + BASE
        assert spent <= per_minute * (1 + now / MINUTE) + 1


def test_whoever_tries_credentials_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphql_schema.budgets.MOST_CLIENTS", 10)
    budgets = Budgets(1_000)
    for number in range(50):
        charge(budgets, 1, Credential("session", str(number)))
    assert len(budgets._clients) == 10
