"""Supplier lists over HTTP: sent, previewed with columns and bad rows, confirmed once, and decided line by line."""

import asyncio
from typing import Any

import asyncpg
import obstore
import pytest

from portal import uploads
from portal.directory import bulk
from tests.graphql_schema.portals import Caller, Portal, codes
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add, bring_in, do, list_names, read, send_list

pytestmark = pytest.mark.slow  # writes long lists

LIST = """Lieferant;Land;Anschrift;E-Mail;Lieferantennummer
Golden Star Ltd;Vietnam;1 Silk Road;linh@star.example;K1
Blue Ocean;CHINA;2 Harbour;;K2
Nowhere Mills;Atlantis;3 Sea;;K3
;Vietnam;4 Lake;;K4
Golden Star Ltd;Viet Nam;other;second@star.example;K1
"""


async def preview(house: Portal, caller: Caller, list_id: str, **options: Any) -> dict[str, Any]:
    given = {"supplierListId": list_id} | ({"options": options} if options else {})
    done = await do(house, docs.PREVIEW, caller, **given)
    assert done["__typename"] == "SupplierListPreviewed", done
    found: dict[str, Any] = done["preview"]
    return found


async def count_files(house: Portal, list_id: str) -> int:
    prefix = uploads.list_prefix("supplier_list", docs.decode(list_id))
    return len(await obstore.list(house.app.state.services.storage, prefix).collect_async())


async def test_a_preview_tells_columns_figures_and_every_bad_row(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    seen = await preview(house, buyer, await send_list(house, buyer, LIST))
    assert (seen["kind"], seen["delimiter"], seen["headerLine"], seen["missing"]) == ("csv", ";", 1, [])
    assert [one["field"] for one in seen["columns"]] == ["NAME", "COUNTRY", "ADDRESS", "CONTACT_EMAIL", "VENDOR_NUMBER"]
    assert all(one["confidence"] > 0.9 and one["reason"] for one in seen["columns"])
    figures = {name: seen["summary"][name] for name in ("rows", "new", "known", "bad", "repeats", "withoutContact")}
    assert figures == {"rows": 5, "new": 2, "known": 0, "bad": 2, "repeats": 1, "withoutContact": 1}
    assert {one["spelling"] for one in seen["summary"]["countrySpellings"]} == {"Vietnam", "CHINA", "Viet Nam"}
    bad = [(one["line"], one["column"], one["value"], one["code"]) for one in seen["problems"]]
    assert bad == [(4, "Land", "Atlantis", "COUNTRY_UNKNOWN"), (5, "Lieferant", "", "NAME_MISSING")]
    assert all(one["reason"] and one["allowed"] for one in seen["problems"])
    kinds = [(one["line"], one["kind"], one["repeatOf"]) for one in seen["rows"]]
    assert kinds == [(2, "NEW", None), (3, "NEW", None), (4, "BAD", None), (5, "BAD", None), (6, "REPEAT", 2)]
    assert await list_names(house, buyer) == []


async def test_the_columns_of_a_preview_are_a_mapping(house: Portal) -> None:
    """What was guessed can be sent back as the buyer's word, also a name in two columns, and is read the same."""
    buyer = await house.sign_up("buyer")
    listed = "Name 1,Name 2,Country,Street,City,First name,Last name,E-mail\n" + (
        "Golden Star,Garment Co. Ltd,Vietnam,1 Silk Road,Hanoi,Linh,Tran,linh@star.example\n"
        "Blue Ocean,Textile Works,China,2 Harbour,Ningbo,Wei,Li,wei@ocean.example\n"
    )
    list_id = await send_list(house, buyer, listed)
    guessed = await preview(house, buyer, list_id)
    fields = list(dict.fromkeys(one["field"] for one in guessed["columns"] if one["field"]))
    mapping = [
        {"field": name, "columns": [one["number"] for one in guessed["columns"] if one["field"] == name]}
        for name in fields
    ]
    assert {"field": "NAME", "columns": [1, 2]} in mapping
    said = await preview(house, buyer, list_id, mapping=mapping)
    assert [one["field"] for one in said["columns"]] == [one["field"] for one in guessed["columns"]]
    assert (said["rows"], said["summary"]) == (guessed["rows"], guessed["summary"])
    done = await do(house, docs.CONFIRM, buyer, supplierListId=list_id, options={"mapping": mapping})
    assert (done["__typename"], done["counts"]["created"]) == ("SupplierListConfirmed", 2)
    assert await list_names(house, buyer) == ["Blue Ocean Textile Works", "Golden Star Garment Co. Ltd"]


async def test_confirming_twice_writes_once(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    list_id = await send_list(house, buyer, LIST)
    assert await count_files(house, list_id) == 1
    first = await do(house, docs.CONFIRM, buyer, supplierListId=list_id)
    expected = {"created": 2, "updated": 0, "contactsAdded": 2, "known": 0}
    assert first["counts"] == expected | {"skipped": 0, "conflicts": 0, "bad": 2, "repeats": 1}
    again = await do(house, docs.CONFIRM, buyer, supplierListId=list_id)
    assert (first["confirmedBefore"], again["confirmedBefore"]) == (False, True)
    assert again["counts"] == first["counts"] == again["supplierList"]["counts"]
    assert await list_names(house, buyer) == ["Blue Ocean", "Golden Star Ltd"]
    assert await count_files(house, list_id) == 0
    refused = await do(house, docs.PREVIEW, buyer, supplierListId=list_id)
    assert (refused["__typename"], refused["code"]) == ("Conflict", "CONFIRMED")
    counts = await bring_in(house, buyer, LIST)
    assert (counts["created"], counts["contactsAdded"], counts["known"]) == (0, 0, 2)


async def test_the_same_list_confirmed_at_the_same_time_makes_no_duplicates(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    one, other = await send_list(house, buyer, LIST), await send_list(house, buyer, LIST)
    calls = [do(house, docs.CONFIRM, buyer, supplierListId=list_id) for list_id in (one, one, other, other)]
    done = await asyncio.gather(*calls)
    assert sorted(one["counts"]["created"] for one in done) == [0, 0, 2, 2]
    assert sum(not one["confirmedBefore"] for one in done) == 2
    assert await list_names(house, buyer) == ["Blue Ocean", "Golden Star Ltd"]


async def test_known_suppliers_get_a_contact_and_keep_their_address(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Golden Star Ltd", address="The true address", vendorNumber="K1")
    list_id = await send_list(house, buyer, LIST)
    row = (await preview(house, buyer, list_id))["rows"][0]
    assert (row["kind"], row["reason"], row["supplierId"]) == ("KNOWN", "VENDOR_NUMBER", made["id"])
    assert [(one["field"], one["stored"], one["proposed"]) for one in row["differences"]] == [
        ("ADDRESS", "The true address", "1 Silk Road")
    ]
    counts = (await do(house, docs.CONFIRM, buyer, supplierListId=list_id))["counts"]
    assert (counts["created"], counts["known"], counts["contactsAdded"]) == (1, 1, 2)
    now = (await read(house, docs.PROFILE, buyer, id=made["id"]))["supplier"]
    assert (now["address"], now["state"]) == ("The true address", "HAS_CONTACT")
    assert sorted(one["email"] for one in now["contacts"]) == ["linh@star.example", "second@star.example"]


async def test_a_decision_writes_the_fields_it_names_and_no_other(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Golden Star Ltd", address="Old", vendorNumber="K1")
    listed = "Name,Country,Address,Sector,Vendor number\nGOLDEN STAR Ltd.,VN,New,Apparel,K1\nBlue,CN,,,K2\n"
    decided = [
        {"line": 2, "action": "UPDATE_FIELDS", "fields": ["ADDRESS", "NAME"]},
        {"line": 3, "action": "SKIP"},
    ]
    counts = await bring_in(house, buyer, listed, decisions=decided)
    assert (counts["created"], counts["updated"], counts["known"], counts["skipped"]) == (0, 1, 1, 1)
    now = (await read(house, docs.PROFILE, buyer, id=made["id"]))["supplier"]
    assert (now["name"], now["address"], now["sectorText"]) == ("GOLDEN STAR Ltd.", "New", None)
    assert await list_names(house, buyer, filter={"search": "golden"}) == ["GOLDEN STAR Ltd."]


async def test_variants_are_suggested_and_merged_only_by_decision(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Hanes Ink")
    listed = "Name,Country,E-mail\nHanes Ink S.A. de C.V.,VN,ana@hanes.example\n"
    list_id = await send_list(house, buyer, listed)
    row = (await preview(house, buyer, list_id))["rows"][0]
    assert (row["kind"], row["reason"]) == ("SUGGESTED", "LEGAL_FORM")
    assert [one["supplierId"] for one in row["duplicates"]] == [made["id"]]
    same = [{"line": 2, "action": "UPDATE_FIELDS", "fields": [], "supplierId": made["id"]}]
    done = await do(house, docs.CONFIRM, buyer, supplierListId=list_id, decisions=same)
    assert (done["counts"]["created"], done["counts"]["contactsAdded"]) == (0, 1)
    assert await list_names(house, buyer) == ["Hanes Ink"]
    assert (await bring_in(house, buyer, listed))["created"] == 1


async def test_conflicts_are_left_out_and_can_be_decided(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    first = await add(house, buyer, "Iron Mills", vendorNumber="7")
    await add(house, buyer, "Steel Mills")
    listed = "Name,Country,Vendor number\nSteel Mills,VN,7\n"
    list_id = await send_list(house, buyer, listed)
    row = (await preview(house, buyer, list_id))["rows"][0]
    assert (row["kind"], row["reason"]) == ("CONFLICT", "NUMBER_AND_NAME_DISAGREE")
    taken = await do(house, docs.CONFIRM, buyer, supplierListId=list_id, decisions=[{"line": 2, "action": "CREATE"}])
    assert [one["code"] for one in taken["problems"]] == ["VENDOR_NUMBER_IN_USE"]
    renames = [{"line": 2, "action": "UPDATE_FIELDS", "fields": ["NAME"], "supplierId": first["id"]}]
    counts = await bring_in(house, buyer, listed, decisions=renames)
    assert (counts["updated"], counts["conflicts"]) == (1, 0)
    assert (await bring_in(house, buyer, listed))["known"] == 1


async def test_archived_suppliers_do_not_come_back_by_themselves(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Old Mills")
    await do(house, docs.ARCHIVE, buyer, supplierId=made["id"])
    listed = "Name,Country,E-mail\nOld Mills,VN,old@mills.example\n"
    list_id = await send_list(house, buyer, listed)
    row = (await preview(house, buyer, list_id))["rows"][0]
    assert (row["kind"], row["archived"]) == ("KNOWN", True)
    counts = (await do(house, docs.CONFIRM, buyer, supplierListId=list_id))["counts"]
    assert (counts["created"], counts["contactsAdded"]) == (0, 0)
    anew = await bring_in(house, buyer, listed, decisions=[{"line": 2, "action": "CREATE"}])
    assert (anew["created"], anew["contactsAdded"]) == (1, 1)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"headerLine": 99}, ["headerLine"]),
        ({"encoding": "no-such"}, ["encoding"]),
        ({"defaultCountry": "Atlantis"}, ["defaultCountry"]),
        ({"mapping": [{"field": "NAME", "columns": [99]}]}, ["mapping"]),
    ],
)
async def test_a_bad_option_is_named_where_it_was_given(
    house: Portal, options: dict[str, Any], path: list[str]
) -> None:
    buyer = await house.sign_up("buyer")
    list_id = await send_list(house, buyer, LIST)
    for document in (docs.PREVIEW, docs.CONFIRM):
        refused = await do(house, document, buyer, supplierListId=list_id, options=options)
        assert refused["__typename"] == "InvalidInput"
        assert refused["path"] == ["input", "options", *path]
        assert [one["path"] for one in refused["problems"]] == [["input", "options", *path]]


async def test_a_field_twice_in_a_mapping_is_refused_in_both_places(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    list_id = await send_list(house, buyer, LIST)
    mapping = [{"field": name, "columns": [at]} for at, name in enumerate(("NAME", "COUNTRY", "NAME"), start=1)]
    refused = await do(house, docs.PREVIEW, buyer, supplierListId=list_id, options={"mapping": mapping})
    assert [(one["code"], one["path"][3:]) for one in refused["problems"]] == [
        ("REPEATED", ["0", "field"]),
        ("REPEATED", ["2", "field"]),
    ]


async def test_columns_can_be_said_and_are_kept_for_the_confirmation(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    list_id = await send_list(house, buyer, "foo,bar\nAlpha Mills,one\nBeta Mills,two\n")
    first = await preview(house, buyer, list_id)
    assert "COUNTRY" in first["missing"]
    assert (first["summary"], first["rows"]) == (None, [])
    refused = await do(house, docs.CONFIRM, buyer, supplierListId=list_id)
    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "options", "mapping"])
    mapping = [{"field": "NAME", "columns": [1]}, {"field": "ADDRESS", "columns": [2]}]
    second = await preview(house, buyer, list_id, mapping=mapping, headerLine=1, defaultCountry="Bangladesh")
    assert (second["missing"], second["summary"]["new"]) == ([], 2)
    assert second["columns"][0]["confidence"] == 1
    counts = (await do(house, docs.CONFIRM, buyer, supplierListId=list_id))["counts"]
    assert counts["created"] == 2
    assert await list_names(house, buyer, filter={"country": ["BD"]}) == ["Alpha Mills", "Beta Mills"]


async def test_two_buyers_never_meet_in_a_list(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    await bring_in(house, buyer, LIST)
    theirs = await send_list(house, buyer, LIST)
    own = await preview(house, other, await send_list(house, other, LIST))
    assert [one["kind"] for one in own["rows"]][:2] == ["NEW", "NEW"]
    assert [(one["differences"], one["duplicates"]) for one in own["rows"]] == [([], [])] * 5
    for document in (docs.PREVIEW, docs.CONFIRM):
        refused = await do(house, document, other, supplierListId=theirs)
        assert (refused["__typename"], refused["message"]) == ("NotFound", "There is no such supplier list.")
    assert (await read(house, docs.NODE, other, id=theirs))["node"] is None
    assert await list_names(house, other) == []
    known = (await read(house, docs.LIST, buyer))["suppliers"]["edges"][1]["node"]["id"]
    hanes = "Name,Country\nGolden Star GmbH,VN\n"
    stolen = [{"line": 2, "action": "UPDATE_FIELDS", "fields": ["NAME"], "supplierId": known}]
    refused = await do(
        house, docs.CONFIRM, other, supplierListId=await send_list(house, other, hanes), decisions=stolen
    )
    assert [one["code"] for one in refused["problems"]] == ["SUPPLIER"]


BAD_DECISIONS: list[tuple[dict[str, Any], str]] = [
    ({"line": 99, "action": "SKIP"}, "NO_SUCH_LINE"),
    ({"line": 4, "action": "CREATE"}, "LINE_NOT_USABLE"),
    ({"line": 6, "action": "UPDATE_FIELDS", "fields": ["NAME"]}, "LINE_NOT_USABLE"),
    ({"line": 3, "action": "UPDATE_FIELDS", "fields": ["NAME"]}, "SUPPLIER"),
    ({"line": 2, "action": "CREATE"}, "KNOWN"),
    ({"line": 2, "action": "UPDATE_FIELDS", "fields": ["COUNTRY"]}, "FIELD_UNKNOWN"),
    ({"line": 2, "action": "UPDATE_FIELDS", "fields": ["SECTOR"]}, "EMPTY_FIELD"),
]


@pytest.mark.parametrize(("decision", "code"), BAD_DECISIONS)
async def test_a_decision_that_cannot_be_carried_out_writes_nothing(
    house: Portal, decision: dict[str, Any], code: str
) -> None:
    buyer = await house.sign_up("buyer")
    await add(house, buyer, "Golden Star Ltd", vendorNumber="K1")
    list_id = await send_list(house, buyer, LIST)
    refused = await do(house, docs.CONFIRM, buyer, supplierListId=list_id, decisions=[decision])
    assert refused["__typename"] == "InvalidInput"
    assert code in [one["code"] for one in refused["problems"]]
    assert refused["problems"][0]["path"][:3] == ["input", "decisions", "0"]
    assert await list_names(house, buyer) == ["Golden Star Ltd"]


BAD_FILES: list[tuple[bytes, dict[str, Any], str]] = [
    (b"%PDF-1.7 something", {}, "NOT_A_LIST"),
    (b"<html><body>list</body></html>", {}, "NOT_A_LIST"),
    (b" \n\n ", {}, "LIST_EMPTY"),
    (b"Name,Country\nA,VN\n", {"delimiter": "x"}, "DELIMITER_UNKNOWN"),
    (b"Name,Country\nA,VN\n", {"headerLine": 77}, "HEADER_LINE_UNKNOWN"),
    (b"Name,Country\nA,VN\n", {"defaultCountry": "Atlantis"}, "COUNTRY_UNKNOWN"),
    (b"Name,Country\nA,VN\n", {"mapping": [{"field": "NAME", "columns": [9]}]}, "COLUMN_UNKNOWN"),
    (b"Name,Country\nA,VN\n", {"mapping": [{"field": "COUNTRY", "columns": [1, 2]}]}, "TOO_MANY_COLUMNS"),
    (
        b"Name,Country\nA,VN\n",
        {"mapping": [{"field": "NAME", "columns": [1]}, {"field": "COUNTRY", "columns": [1]}]},
        "COLUMN_TAKEN",
    ),
    (b"Name,Country\nA,VN\n", {"encoding": "klingon"}, "ENCODING_UNKNOWN"),
    (b"Name,Country\n" + b"A,VN\n" * 20_001, {}, "LIST_TOO_LONG"),
]


@pytest.mark.parametrize(("content", "options", "code"), BAD_FILES)
async def test_a_file_or_option_that_cannot_be_used_is_refused(
    house: Portal, content: bytes, options: dict[str, Any], code: str
) -> None:
    buyer = await house.sign_up("buyer")
    list_id = await send_list(house, buyer, content)
    refused = await do(house, docs.PREVIEW, buyer, supplierListId=list_id, options=options)
    assert (refused["__typename"], refused["code"]) == ("InvalidInput", code)
    state = await read(house, "query ($id: ID!) { node(id: $id) { ... on SupplierList { state } } }", buyer, id=list_id)
    assert state["node"]["state"] == ("FAILED" if code == "NOT_A_LIST" else "UPLOADED")


async def test_a_list_without_its_file_waits(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = [await do(house, docs.UPLOAD, buyer, fileName="a.csv", idempotencyKey="the same key") for _ in range(2)]
    assert made[0]["supplierList"]["id"] == made[1]["supplierList"]["id"]
    assert made[1]["upload"]["url"] == "https://portal.example/uploads"
    for document in (docs.PREVIEW, docs.CONFIRM):
        refused = await do(house, document, buyer, supplierListId=made[0]["supplierList"]["id"])
        assert (refused["__typename"], refused["code"]) == ("Conflict", "NO_FILE")
    for name in ("", "x" * 201, "a\x07.csv"):
        assert (await do(house, docs.UPLOAD, buyer, fileName=name))["__typename"] == "InvalidInput"


@pytest.mark.parametrize("first", [0, 201])
async def test_rows_of_a_preview_come_in_pages(house: Portal, first: int) -> None:
    buyer = await house.sign_up("buyer")
    list_id = await send_list(house, buyer, LIST)
    document = docs.change(
        "previewSupplierList",
        "PreviewSupplierListInput",
        "SupplierListPreviewed",
        "preview { some: rows(first: 2, afterLine: 2, kinds: [NEW, BAD]) { line } }",
    )
    done = await do(house, document, buyer, supplierListId=list_id)
    assert [one["line"] for one in done["preview"]["some"]] == [3, 4]
    bad = document.replace("first: 2", f"first: {first}")
    answer = await house.ask(bad, buyer.token, input={"supplierListId": list_id})
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["PAGE_SIZE"]


async def test_the_number_of_statements_does_not_depend_on_the_rows(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    counts = []
    for rows in (bulk.MANY, bulk.CHUNK):
        lines = "\n".join(f"Mill {rows} {number},VN,m{number}@mills.example" for number in range(rows))
        list_id = await send_list(house, buyer, f"Name,Country,E-mail\n{lines}\n")
        counts.append(await docs.count_statements(house, docs.CONFIRM, buyer, supplierListId=list_id))
    assert counts[0] == counts[1] <= 20


async def test_a_long_import_does_not_keep_others_waiting_for_ever(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        name = f"supplier_records:{buyer.organization}"
        await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", name)
        refused = await do(house, docs.ADD, buyer, name="Waiting Mills", country="VN")
    finally:
        await connection.close()
    assert (refused["__typename"], refused["code"]) == ("Conflict", "BUSY")
    await add(house, buyer, "Waiting Mills")


async def test_a_buyers_lists_are_listed_newest_first(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    made = [await send_list(house, buyer, LIST, f"{number}.csv") for number in range(3)]
    await send_list(house, other, LIST)
    await do(house, docs.CONFIRM, buyer, supplierListId=made[1])
    page = (await read(house, docs.LISTS, buyer, first=2))["supplierLists"]
    assert [edge["node"]["id"] for edge in page["edges"]] == [made[2], made[1]]
    rest = (await read(house, docs.LISTS, buyer, after=page["pageInfo"]["endCursor"]))["supplierLists"]
    assert ([edge["node"]["id"] for edge in rest["edges"]], rest["pageInfo"]["hasNextPage"]) == ([made[0]], False)
    (confirmed,) = (await read(house, docs.LISTS, buyer, state="CONFIRMED"))["supplierLists"]["edges"]
    assert (confirmed["node"]["id"], confirmed["node"]["counts"]["created"]) == (made[1], 2)
    supplier = await house.sign_up("supplier")
    assert codes(await house.ask(docs.LISTS, supplier.token)) == ["NOT_ALLOWED"]
