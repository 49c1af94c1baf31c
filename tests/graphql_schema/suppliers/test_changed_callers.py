"""A caller that is known from calls before is judged by what holds now, whatever the call asks for."""

import pytest

from tests.graphql_schema.portals import Caller, Portal, codes
from tests.graphql_schema.suppliers import documents as docs

LIST = "{ suppliers { nodes { name } } }"
TWO = "{ a: suppliers { nodes { name } } b: suppliers(first: 3) { nodes { name } } }"
MISTAKE = "{ suppliers(first: 100000) { nodes { name } } }"
MISTAKE_AFTER = '{ a: suppliers { nodes { name } } b: suppliers(filter: {band: ["none"]}) { nodes { name } } }'
READS = [LIST, TWO, MISTAKE, MISTAKE_AFTER, "{ suppliers { totalCount } requests { nodes { id } } }"]


async def sign_up_known(house: Portal) -> Caller:
    made = await house.sign_up("buyer")
    for _ in range(2):
        assert "errors" not in await house.ask(LIST, made.token)
    return made


@pytest.mark.parametrize("query", READS)
async def test_an_ended_session_is_refused(house: Portal, query: str) -> None:
    buyer = await sign_up_known(house)
    await house.run_sql("DELETE FROM portal.session WHERE user_id = $1", buyer.user)
    for _ in range(2):
        assert set(codes(await house.ask(query, buyer.token))) == {"UNAUTHENTICATED"}


@pytest.mark.parametrize("query", READS)
async def test_a_role_that_was_taken_is_gone_and_one_that_was_given_is_there(house: Portal, query: str) -> None:
    buyer = await sign_up_known(house)
    before = codes(await house.ask(query, buyer.token))
    change = "UPDATE portal.organization_role SET status = $2 WHERE organization_id = $1"
    await house.run_sql(change, buyer.organization, "refused")
    assert set(codes(await house.ask(query, buyer.token))) == {"NOT_ALLOWED"}
    await house.run_sql(change, buyer.organization, "active")
    assert codes(await house.ask(query, buyer.token)) == before


async def test_another_organization_is_another_list(house: Portal) -> None:
    buyer = await sign_up_known(house)
    other = await house.sign_up("buyer")
    for caller, name in ((buyer, "one"), (other, "two")):
        await docs.add(house, caller, name)
    await house.run_sql(
        "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, 'owner')",
        other.organization,
        buyer.user,
    )
    change = "UPDATE portal.session SET organization_id = $2 WHERE user_id = $1"
    for organization, name in ((buyer.organization, "one"), (other.organization, "two"), (buyer.organization, "one")):
        await house.run_sql(change, buyer.user, organization)
        assert await docs.list_names(house, buyer) == [name]
