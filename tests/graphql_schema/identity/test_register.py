"""What the operator looks through: organizations and groups, searched, filtered and page by page."""

from typing import Any

import pytest

from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.portals import Portal, codes

ORGANIZATIONS = (
    "query ($search: String, $role: OrganizationRole, $status: OrganizationStatus, $first: Int! = 25, $after: String) {"
    " organizations(search: $search, role: $role, status: $status, first: $first, after: $after) { edges { node {"
    " organizationId name status suspendedAt ownerCount roles group { id name status } } }"
    " pageInfo { hasNextPage endCursor } } }"
)
GROUPS = (
    "query ($search: String, $status: CorporateGroupStatus, $first: Int! = 25, $after: String) {"
    " groups(search: $search, status: $status, first: $first, after: $after) { edges { node { id name organizations } }"
    " pageInfo { hasNextPage endCursor } } }"
)


async def find(house: Portal, token: str, document: str = ORGANIZATIONS, **given: Any) -> list[dict[str, Any]]:
    (page,) = (await read(house, document, token, **given)).values()
    return [edge["node"] for edge in page["edges"]]


async def test_an_organization_is_found_by_name_id_role_and_status(house: Portal) -> None:
    owner = await people.add_person(house.database)
    operator = await people.add_person(house.database, operator=True)
    made = await people.add_organization(house.database, (owner, "owner"), name="Über 100% Shirts", roles=("supplier",))
    await people.add_organization(house.database, name="Orphan Buyers", roles=("supplier", "buyer"))
    for search in ("über 100% s", str(made), f" {str(made).upper()} "):
        (found,) = await find(house, operator.token, search=search)
        assert (found["name"], found["ownerCount"], found["roles"]) == ("Über 100% Shirts", 1, ["SUPPLIER"])
        assert (found["status"], found["suspendedAt"], found["group"]) == ("ACTIVE", None, None)
    assert [one["name"] for one in await find(house, operator.token)] == ["Orphan Buyers", "Über 100% Shirts"]
    (buyer,) = await find(house, operator.token, role="BUYER")
    assert (buyer["name"], buyer["ownerCount"], buyer["roles"]) == ("Orphan Buyers", 0, ["BUYER", "SUPPLIER"])
    assert await find(house, operator.token, search="_ber") == []
    organization = found["organizationId"]
    group = await change(house, do.PLACE, operator.token, organizationId=organization, newGroup="Parent")
    await change(house, do.SUSPEND, operator.token, organizationId=organization, reason="Complaints")
    (suspended,) = await find(house, operator.token, status="SUSPENDED")
    assert suspended["group"] == {"id": group["groupId"], "name": "Parent", "status": "PROPOSED"}
    assert suspended["suspendedAt"] is not None
    await change(house, do.REINSTATE, operator.token, organizationId=organization, reason="Settled")
    assert await find(house, operator.token, status="SUSPENDED") == []


@pytest.mark.parametrize("document", [ORGANIZATIONS, GROUPS])
async def test_all_are_reached_page_by_page(house: Portal, document: str) -> None:
    operator = await people.add_person(house.database, operator=True)
    for number in range(5):
        await people.add_organization(house.database, name=f"Firm {number}")
    await people.run_sql(
        house.database,
        "INSERT INTO portal.corporate_group (id, name) SELECT id, name FROM portal.organization",
    )
    seen: list[str] = []
    after = None
    while True:
        (page,) = (await read(house, document, operator.token, first=2, after=after)).values()
        seen += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    expected = [f"Firm {number}" for number in range(5)]
    assert seen == (expected[::-1] if document is ORGANIZATIONS else expected)
    assert [one["name"] for one in await find(house, operator.token, document, search="firm 3")] == ["Firm 3"]


@pytest.mark.parametrize("document", [ORGANIZATIONS, GROUPS])
async def test_lists_are_for_operators_and_refuse_what_is_none(house: Portal, document: str) -> None:
    owner = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), roles=("supplier", "buyer"))
    operator = await people.add_person(house.database, operator=True)
    assert codes(await house.ask(document, owner.token)) == ["NOT_ALLOWED"]
    assert codes(await house.ask(document)) == ["UNAUTHENTICATED"]
    assert codes(await house.ask(document, operator.token, search="x" * 201)) == ["BAD_FILTER"]
    assert codes(await house.ask(document, operator.token, after="x")) == ["BAD_CURSOR"]
    assert codes(await house.ask(document, operator.token, first=101)) == ["PAGE_SIZE"]


async def test_the_operator_sees_how_reads_are_served(house: Portal) -> None:
    operator = await people.add_person(house.database, operator=True)
    owner = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), name="Buyer", roles=("supplier", "buyer"))
    document = "{ readPlans { kept most hits misses whole decoded } }"
    before = (await read(house, document, operator.token))["readPlans"]
    for _ in range(3):
        await read(house, "{ suppliers(first: 3) { nodes { name vendorNumber } } }", owner.token)
    after = (await read(house, document, operator.token))["readPlans"]
    assert 1 <= after["kept"] <= after["most"]
    reads = after["hits"] + after["misses"] - before["hits"] - before["misses"]
    assert (reads, after["whole"] - before["whole"], after["decoded"] - before["decoded"]) == (3, 3, 0)
    assert after["hits"] - before["hits"] >= 2
    assert codes(await house.ask(document, token=owner.token)) == ["NOT_ALLOWED"]
