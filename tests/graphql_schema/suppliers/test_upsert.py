"""Suppliers written by vendor number over HTTP, with a result for each line; and the sites of an organization."""

from typing import Any

import pytest

from portal.identity import provisioning
from tests import people
from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add, do, list_names, read


def line(number: str, **more: Any) -> dict[str, Any]:
    return {"vendorNumber": number, "name": f"Mill {number}", "country": "VN"} | more


async def test_lines_are_created_updated_left_and_refused_one_by_one(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    lines = [line("1", contactEmail="a@mill.example"), line("2"), line("3", country="Atlantis"), line("2"), line("")]
    done = await do(house, docs.UPSERT, buyer, suppliers=lines)
    assert [one["outcome"] for one in done["lines"]] == ["CREATED", "CREATED", "REFUSED", "REFUSED", "REFUSED"]
    problems = [one["problems"][0] for one in done["lines"][2:]]
    assert [one["code"] for one in problems] == ["COUNTRY_UNKNOWN", "REPEATED", "REQUIRED"]
    assert problems[0]["path"] == ["input", "suppliers", "2", "country"]
    lines = [{"vendorNumber": "1", "address": "New"}, line("2"), {"vendorNumber": "9"}]
    again = await do(house, docs.UPSERT, buyer, suppliers=lines)
    assert [one["outcome"] for one in again["lines"]] == ["UPDATED", "UNCHANGED", "REFUSED"]
    assert {one["code"] for one in again["lines"][2]["problems"]} == {"REQUIRED"}
    now = (await read(house, docs.PROFILE, buyer, id=again["lines"][0]["supplierId"]))["supplier"]
    assert (now["name"], now["address"], now["state"]) == ("Mill 1", "New", "HAS_CONTACT")


async def test_a_bad_contact_is_named_as_the_line_names_it(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    bad = line("1", contactEmail="nobody", contactName="a\u202eb", contactLocale="?")
    (refused,) = (await do(house, docs.UPSERT, buyer, suppliers=[bad]))["lines"]
    below = ["input", "suppliers", "0"]
    assert [one["path"] for one in refused["problems"]] == [
        [*below, "contactEmail"],
        [*below, "contactName"],
        [*below, "contactLocale"],
    ]


async def test_a_renamed_supplier_is_found_by_its_new_name(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await do(house, docs.UPSERT, buyer, suppliers=[line("1", name="Alpha Works", localName="アルファ")])
    await do(house, docs.UPSERT, buyer, suppliers=[{"vendorNumber": "1", "name": "Beta Works"}])
    for search, found in (("alpha", []), ("beta", ["Beta Works"]), ("アルファ", ["Beta Works"])):
        assert await list_names(house, buyer, filter={"search": search}) == found


async def test_a_supplier_without_a_number_gets_it_by_name_and_country(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Plain Mills")
    done = await do(house, docs.UPSERT, buyer, suppliers=[line("77", name="PLAIN-MILLS")])
    assert (done["lines"][0]["outcome"], done["lines"][0]["supplierId"]) == ("UPDATED", made["id"])
    assert await list_names(house, buyer) == ["PLAIN-MILLS"]


async def test_a_repeated_call_writes_nothing_and_answers_the_same(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    given = {"suppliers": [line("1"), line("2", country="Nowhere")], "idempotencyKey": "an erp run of today"}
    first = await do(house, docs.UPSERT, buyer, **given)
    assert await do(house, docs.UPSERT, buyer, **given) == first
    assert len(await list_names(house, buyer)) == 1


async def test_too_many_lines_are_refused(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    for lines in ([], [line(str(number)) for number in range(501)]):
        refused = await do(house, docs.UPSERT, buyer, suppliers=lines)
        assert (refused["__typename"], refused["code"]) == ("InvalidInput", "TOO_MANY")


async def test_two_buyers_have_their_own_numbers(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    first = await do(house, docs.UPSERT, buyer, suppliers=[line("1", name="Mine")])
    second = await do(house, docs.UPSERT, other, suppliers=[line("1", name="Theirs")])
    assert [one["lines"][0]["outcome"] for one in (first, second)] == ["CREATED", "CREATED"]
    assert (await list_names(house, buyer), await list_names(house, other)) == (["Mine"], ["Theirs"])


async def test_a_machine_writes_with_its_key(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    keys = {}
    async with people.open_session(house.database.owner_url) as session:
        for scope in ("suppliers:read", "suppliers:write"):
            keys[scope] = await provisioning.create_api_key(
                session, organization=buyer.organization, name="ERP", scopes=(scope,)
            )
    writer = Caller(keys["suppliers:write"], buyer.user, buyer.organization)
    reader = Caller(keys["suppliers:read"], buyer.user, buyer.organization)
    given = {"suppliers": [line("1", contactEmail="a@b.example")], "idempotencyKey": "a run of the ERP"}
    assert (await do(house, docs.UPSERT, writer, **given))["createdCount"] == 1
    assert (await do(house, docs.UPSERT, reader, **given))["__typename"] == "NotAllowed"
    found = (await read(house, docs.BY_NUMBER, reader, number="1"))["supplierByVendorNumber"]
    (invited,) = (await do(house, docs.INVITE, writer, suppliers=[{"supplierId": found["id"]}]))["lines"]
    assert invited["problem"] is None


async def test_sites_are_added_changed_archived_and_private(house: Portal) -> None:
    supplier, other = await house.sign_up("supplier"), await house.sign_up("supplier")
    made = [
        (await do(house, docs.ADD_SITE, supplier, name=name, country="Vietnam"))["site"] for name in ("B", "A", "C")
    ]
    assert made[0]["country"] == "VN"
    changed = await do(house, docs.UPDATE_SITE, supplier, siteId=made[0]["id"], address="1 Road", country="")
    assert changed["site"] == {"name": "B", "address": "1 Road", "country": None}
    page = (await read(house, docs.SITES, supplier, first=2))["sites"]
    assert ([edge["node"]["name"] for edge in page["edges"]], page["pageInfo"]["hasNextPage"]) == (["A", "B"], True)
    rest = (await read(house, docs.SITES, supplier, after=page["pageInfo"]["endCursor"]))["sites"]
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["C"]
    archived = await do(house, docs.ARCHIVE_SITE, supplier, siteId=made[2]["id"])
    assert archived["site"]["archivedAt"] is not None
    assert len((await read(house, docs.SITES, supplier))["sites"]["edges"]) == 2
    assert len((await read(house, docs.SITES, supplier, archived=True))["sites"]["edges"]) == 1
    assert (await read(house, docs.SITES, other))["sites"]["edges"] == []
    assert (await read(house, docs.NODE, other, id=made[0]["id"]))["node"] is None
    for document in (docs.UPDATE_SITE, docs.ARCHIVE_SITE):
        assert (await do(house, document, other, siteId=made[0]["id"]))["__typename"] == "NotFound"


@pytest.mark.parametrize(
    "given",
    [{"name": ""}, {"name": "x" * 201}, {"name": "a", "address": "x" * 1001}, {"name": "a", "country": "Atlantis"}],
)
async def test_a_bad_site_is_refused(house: Portal, given: dict[str, Any]) -> None:
    supplier = await house.sign_up("supplier")
    assert (await do(house, docs.ADD_SITE, supplier, **given))["__typename"] == "InvalidInput"
