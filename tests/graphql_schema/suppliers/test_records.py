"""A buyer's own records over HTTP: added, changed, archived, found, and nobody else's business."""

import asyncio
from typing import Any

import pytest

from tests.graphql_schema.portals import Portal, codes
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add, do, list_names, read

CODED = {"vendorNumber": "K-1", "name": "Upserted Mills", "country": "VN"}


async def test_a_record_is_added_changed_archived_and_brought_back(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Hà Nội Garment Co., Ltd", "Viet Nam", sector="Apparel", vendorNumber="V-1")
    assert (made["country"], made["sector"], made["sectorText"]) == ("VN", "14", "Apparel")
    assert (made["state"], made["contacts"], made["viewerCanEdit"]) == ("NEEDS_CONTACT", [], True)
    changed = await do(house, docs.UPDATE, buyer, supplierId=made["id"], address="1 Silk Road", sector="")
    assert (changed["supplier"]["address"], changed["supplier"]["sector"]) == ("1 Silk Road", None)
    assert changed["supplier"]["name"] == "Hà Nội Garment Co., Ltd"
    assert (await read(house, docs.BY_NUMBER, buyer, number="V-1"))["supplierByVendorNumber"]["id"] == made["id"]
    for _ in range(2):
        archived = await do(house, docs.ARCHIVE, buyer, supplierId=made["id"])
        assert archived["supplier"]["archived"] is True
    assert await list_names(house, buyer) == []
    assert await list_names(house, buyer, filter={"archived": True}) == [made["name"]]
    assert (await read(house, docs.BY_NUMBER, buyer, number="V-1"))["supplierByVendorNumber"] is None
    again = await add(house, buyer, "Other", vendorNumber="V-1")
    refused = await do(house, docs.RESTORE, buyer, supplierId=made["id"])
    assert (refused["__typename"], refused["code"]) == ("Conflict", "VENDOR_NUMBER_IN_USE")
    await do(house, docs.UPDATE, buyer, supplierId=again["id"], vendorNumber="V-2")
    assert (await do(house, docs.RESTORE, buyer, supplierId=made["id"]))["supplier"]["archived"] is False


@pytest.mark.parametrize(
    ("given", "code"), [("13", "13"), ("C", "C"), ("1413", "14"), ("C14", "14"), ("00", None), ("Sundries", None)]
)
async def test_a_sector_may_be_a_bare_code(house: Portal, given: str, code: str | None) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Coded Mills", sector=given)
    assert (made["sector"], made["sectorText"]) == (code, given)
    (line,) = (await do(house, docs.UPSERT, buyer, suppliers=[{**CODED, "sector": given}]))["lines"]
    assert (await read(house, docs.PROFILE, buyer, id=line["supplierId"]))["supplier"]["sector"] == code


async def test_the_same_name_and_country_is_one_supplier_unless_numbers_say_otherwise(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await add(house, buyer, "Golden Star")
    refused = await do(house, docs.ADD, buyer, name="GOLDEN-STAR", country="Vietnam")
    assert (refused["__typename"], refused["code"], refused["path"]) == ("Conflict", "ALREADY_KNOWN", ["input", "name"])
    await add(house, buyer, "Golden Star", "CN")
    await add(house, buyer, "Silver Star", vendorNumber="1")
    await add(house, buyer, "Silver Star", vendorNumber="2")
    taken = await do(house, docs.ADD, buyer, name="Iron Star", country="VN", vendorNumber="2")
    assert (taken["code"], taken["path"]) == ("VENDOR_NUMBER_IN_USE", ["input", "vendorNumber"])


async def test_two_calls_at_once_make_one_supplier(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    calls = [do(house, docs.ADD, buyer, name="Twin Mills", country="BD") for _ in range(4)]
    assert sorted(one["__typename"] for one in await asyncio.gather(*calls)) == ["Conflict"] * 3 + ["SupplierAdded"]
    key = {"name": "Keyed", "country": "BD", "idempotencyKey": "once and only once"}
    made = [await do(house, docs.ADD, buyer, **key) for _ in range(2)]
    assert made[0]["supplier"]["id"] == made[1]["supplier"]["id"]
    other = await do(house, docs.ADD, buyer, **key | {"name": "Another"})
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_contacts_make_a_record_ready_to_invite(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Ready Mills")
    named = await do(
        house,
        docs.ADD_CONTACT,
        buyer,
        supplierId=made["id"],
        email="Linh@Mills.example",
        name="Linh",
        locale="Vietnamese",
    )
    assert named["supplier"]["state"] == "HAS_CONTACT"
    assert [(one["name"], one["email"], one["locale"]) for one in named["supplier"]["contacts"]] == [
        ("Linh", "linh@mills.example", "vi")
    ]
    again = await do(house, docs.ADD_CONTACT, buyer, supplierId=made["id"], email="linh@mills.example")
    assert (again["contactId"], len(again["supplier"]["contacts"])) == (named["contactId"], 1)
    gone = await do(house, docs.REMOVE_CONTACT, buyer, contactId=named["contactId"])
    assert (gone["supplier"]["state"], gone["supplier"]["contacts"]) == ("NEEDS_CONTACT", [])
    missing = await do(house, docs.REMOVE_CONTACT, buyer, contactId=named["contactId"])
    assert missing["__typename"] == "NotFound"


NAMES = (
    "Hà Nội Garment Co., Ltd",
    "深圳市金星服装有限公司",
    "株式会社ヤマト繊維",
    "ООО Северная Звезда",
    "บริษัท ผ้าไทย จำกัด",
    "شركة النيل للغزل",
    "Müller & Söhne GmbH",
)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ha noi", NAMES[0]),
        ("garm", NAMES[0]),
        ("金星", NAMES[1]),
        ("星", NAMES[1]),
        ("ヤマト", NAMES[2]),
        ("северн", NAMES[3]),
        ("ผ้าไทย", NAMES[4]),
        ("النيل", NAMES[5]),
        ("MULLER sohne", NAMES[6]),
        ("yamato", NAMES[2]),
    ],
)
async def test_search_finds_words_in_several_scripts(house: Portal, search: str, found: str) -> None:
    buyer = await house.sign_up("buyer")
    for name in NAMES:
        await add(house, buyer, name, **({"localName": "Yamato Sen-i"} if name == NAMES[2] else {}))
    assert await list_names(house, buyer, filter={"search": search}) == [found]
    assert await list_names(house, buyer, filter={"search": f"{search} nowhere"}) == []


async def test_pages_filters_and_the_count(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    for number in range(7):
        await add(house, buyer, f"Mill {number}", "VN" if number % 2 else "CN", sector="Food" if number > 4 else "")
    first = (await read(house, docs.LIST, buyer, first=3))["suppliers"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (7, True)
    rest = await list_names(house, buyer, after=first["pageInfo"]["endCursor"])
    assert [one["node"]["name"] for one in first["edges"]] + rest == [f"Mill {number}" for number in range(7)]
    assert len(await list_names(house, buyer, filter={"country": ["VN"]})) == 3
    assert await list_names(house, buyer, filter={"sector": ["10"], "country": ["CN", "VN"]}) == ["Mill 5", "Mill 6"]
    assert await list_names(house, buyer, filter={"state": ["LINKED", "INVITED"]}) == []
    assert await list_names(house, buyer, filter={"band": ["a"], "tier": ["BASIC"], "requestState": ["OPEN"]}) == []
    for sort in ("TOTAL_HIGHEST", "TOTAL_LOWEST", "DUE"):
        assert len(await list_names(house, buyer, sort=sort)) == 7


async def test_nobody_else_sees_or_touches_a_record(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    made = await add(house, buyer, "Secret Mills", vendorNumber="S-1")
    contact = (await do(house, docs.ADD_CONTACT, buyer, supplierId=made["id"], email="a@b.example"))["contactId"]
    assert await list_names(house, other) == []
    assert await list_names(house, other, filter={"search": "secret"}) == []
    for document in (docs.PROFILE, docs.NODE):
        assert list((await read(house, document, other, id=made["id"])).values()) == [None]
    assert (await read(house, docs.BY_NUMBER, other, number="S-1"))["supplierByVendorNumber"] is None
    missing = made["id"][:-4] + "AAAA"
    for one in (made["id"], missing):
        answers = [
            await do(house, docs.UPDATE, other, supplierId=one, name="Mine"),
            await do(house, docs.ARCHIVE, other, supplierId=one),
            await do(house, docs.ADD_CONTACT, other, supplierId=one, email="x@y.example"),
            await do(house, docs.LINK, other, supplierId=one),
        ]
        assert {(one["__typename"], one["message"]) for one in answers} == {("NotFound", "There is no such supplier.")}
    assert (await do(house, docs.REMOVE_CONTACT, other, contactId=contact))["__typename"] == "NotFound"
    assert (await add(house, other, "Secret Mills", vendorNumber="S-1"))["vendorNumber"] == "S-1"
    assert await list_names(house, buyer) == ["Secret Mills"]


async def test_only_buyers_read_and_only_editors_write(house: Portal) -> None:
    viewer = await house.sign_up("buyer", member="viewer")
    assert await list_names(house, viewer) == []
    refused = await do(house, docs.ADD, viewer, name="Mine", country="VN")
    assert refused["__typename"] == "NotAllowed"
    supplier = await house.sign_up("supplier")
    assert codes(await house.ask(docs.LIST, supplier.token)) == ["NOT_ALLOWED"]
    assert codes(await house.ask(docs.LIST)) == ["UNAUTHENTICATED"]


BAD_RECORDS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"name": ""}, "REQUIRED", ["input", "name"]),
    ({"name": "   "}, "REQUIRED", ["input", "name"]),
    ({"name": "---"}, "NAME_UNREADABLE", ["input", "name"]),
    ({"name": "x" * 301}, "TOO_LONG", ["input", "name"]),
    ({"name": "a\x07b"}, "CHARACTERS", ["input", "name"]),
    ({"name": "gpj.exe\u202e Mills"}, "CHARACTERS", ["input", "name"]),
    ({"localName": "a\u2066b"}, "CHARACTERS", ["input", "localName"]),
    ({"country": ""}, "REQUIRED", ["input", "country"]),
    ({"country": "Atlantis"}, "COUNTRY_UNKNOWN", ["input", "country"]),
    ({"country": "Congo"}, "COUNTRY_AMBIGUOUS", ["input", "country"]),
    ({"country": "Europe"}, "COUNTRY_IS_A_REGION", ["input", "country"]),
    ({"country": "x" * 200}, "COUNTRY_UNKNOWN", ["input", "country"]),
    ({"address": "x" * 1001}, "TOO_LONG", ["input", "address"]),
    ({"sector": "x" * 501}, "TOO_LONG", ["input", "sector"]),
    ({"vendorNumber": "x" * 65}, "TOO_LONG", ["input", "vendorNumber"]),
    ({"externalReference": "x" * 201}, "TOO_LONG", ["input", "externalReference"]),
    ({"localName": "x" * 301}, "TOO_LONG", ["input", "localName"]),
    ({"idempotencyKey": "short"}, "INVALID_INPUT", ["input", "idempotencyKey"]),
]


@pytest.mark.parametrize(("changed", "code", "path"), BAD_RECORDS)
async def test_a_bad_record_is_refused_by_field(
    house: Portal, changed: dict[str, Any], code: str, path: list[str]
) -> None:
    buyer = await house.sign_up("buyer")
    refused = await do(house, docs.ADD, buyer, **{"name": "Fine", "country": "VN"} | changed)
    assert refused["__typename"] == "InvalidInput"
    assert (code, path) in [(one["code"], one["path"]) for one in refused["problems"]]
    assert await list_names(house, buyer) == []


async def test_all_problems_of_a_record_are_told_at_once(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    refused = await do(house, docs.ADD, buyer, name="", country="Nowhere", vendorNumber="x" * 65)
    assert [one["path"][1] for one in refused["problems"]] == ["vendorNumber", "name", "country"]


BAD_QUERIES: list[tuple[dict[str, Any], str]] = [
    ({"first": 0}, "PAGE_SIZE"),
    ({"first": 101}, "PAGE_SIZE"),
    ({"after": "nonsense"}, "BAD_CURSOR"),
    ({"filter": {"search": "&&"}}, "BAD_FILTER"),
    ({"filter": {"search": "x" * 201}}, "BAD_FILTER"),
    ({"filter": {"search": "aa bb cc dd ee ff gg hh ii"}}, "BAD_FILTER"),
    ({"filter": {"country": ["VN"] * 101}}, "BAD_FILTER"),
    ({"filter": {"country": ["XX"]}}, "INVALID_REQUEST"),
    ({"filter": {"state": ["LOST"]}}, "INVALID_REQUEST"),
    ({"sort": "HEIGHT"}, "INVALID_REQUEST"),
]


@pytest.mark.parametrize(("given", "code"), BAD_QUERIES)
async def test_a_bad_list_query_is_refused(house: Portal, given: dict[str, Any], code: str) -> None:
    buyer = await house.sign_up("buyer")
    assert codes(await house.ask(docs.LIST, buyer.token, **given)) == [code]


@pytest.mark.parametrize("bad", ["", "x", "A" * 48, "c2l0ZQ=="])
async def test_a_malformed_id_is_a_problem(house: Portal, bad: str) -> None:
    buyer = await house.sign_up("buyer")
    refused = await do(house, docs.UPDATE, buyer, supplierId=bad, name="x")
    assert (refused["code"], refused["path"]) == ("BAD_ID", ["input", "supplierId"])
    assert codes(await house.ask(docs.PROFILE, buyer.token, id=bad)) == ["BAD_ID"]


async def test_a_name_that_folds_into_many_letters_is_kept(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "ﷺ" * 300)
    assert len(made["name"]) == 300
    assert await list_names(house, buyer) == [made["name"]]


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a b@c.example", "@c.example", "a@c..example", "x" * 250 + "@c.de"]
)
async def test_a_bad_address_is_refused(house: Portal, email: str) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Mills")
    refused = await do(house, docs.ADD_CONTACT, buyer, supplierId=made["id"], email=email)
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [("EMAIL", ["input", "email"])]
    lines = (await do(house, docs.INVITE, buyer, suppliers=[{"supplierId": made["id"], "email": email}]))["lines"]
    assert lines[0]["problem"]["code"] == "EMAIL"
