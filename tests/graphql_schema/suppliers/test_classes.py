"""Tags and segments: a buyer's own words of its suppliers, by which lists, tables and campaigns choose."""

from typing import Any

from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add, do, list_names
from tests.graphql_schema.suppliers.test_table import fetch, read_rows

TAG = docs.change("tagSuppliers", "TagSuppliersInput", "SuppliersTagged", "supplierCount")
SEGMENT = docs.change("segmentSuppliers", "SegmentSuppliersInput", "SuppliersSegmented", "supplierCount")
READ = """query { suppliers { nodes { name tags segment { segment reason spendBand strategic } } } }"""
FEED = "query ($after: String) { supplierChanges(after: $after) { endCursor changes { kind id } } }"
PREVIEW = "query ($input: PreviewCampaignInput!) { campaignPreview(input: $input) { supplierCount } }"


async def read(house: Portal, caller: Caller) -> dict[str, Any]:
    answer = await house.ask(READ, caller.token)
    assert "errors" not in answer, answer
    return {one["name"]: (one["tags"], one["segment"]) for one in answer["data"]["suppliers"]["nodes"]}


async def test_a_buyer_chooses_suppliers_by_its_own_words(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    mills = [(await add(house, buyer, name))["id"] for name in ("Dye Mills", "Knit Mills", "Paper Mills")]
    strange = (await add(house, other, "Dye Mills"))["id"]
    mark = (await house.ask(FEED, buyer.token))["data"]["supplierChanges"]["endCursor"]
    tagged = await do(house, TAG, buyer, supplierIds=mills[:2], add=["  High   Water ", "2026", "high water"])
    assert (tagged["__typename"], tagged["supplierCount"]) == ("SuppliersTagged", 2)
    told = (await house.ask(FEED, buyer.token, after=mark))["data"]["supplierChanges"]["changes"]
    assert {one["id"] for one in told} == set(mills[:2])
    await do(house, TAG, buyer, supplierIds=mills[1:2], add=["paper"], remove=["2026", "never there"])
    decided = {"segment": "Critical", "reason": "The only dyer", "spendBand": "Over 1M", "strategic": True}
    await do(house, SEGMENT, buyer, supplierIds=mills[1:], segment="leverage", reason="Many others")
    await do(house, SEGMENT, buyer, supplierIds=mills[:1], **decided)
    seen = await read(house, buyer)
    assert seen["Dye Mills"] == (["2026", "high water"], decided | {"segment": "critical", "spendBand": "over 1m"})
    assert (seen["Knit Mills"][0], seen["Paper Mills"][0]) == (["high water", "paper"], [])
    for given, expected in (
        ({"tag": ["HIGH  water"]}, ["Dye Mills", "Knit Mills"]),
        ({"tag": ["2026", "paper"]}, ["Dye Mills", "Knit Mills"]),
        ({"tag": ["high water"], "segment": ["LEVERAGE"]}, ["Knit Mills"]),
        ({"segment": ["critical", "leverage"]}, ["Dye Mills", "Knit Mills", "Paper Mills"]),
        ({"tag": ["unknown"]}, []),
    ):
        assert await list_names(house, buyer, filter=given) == expected
        ask = {"questionnaire": "responsible-sourcing", "minimumTier": "MICRO"}
        ask |= {"periodStart": "2026-01-01", "periodEnd": "2026-12-31"}
        previewed = await house.ask(PREVIEW, buyer.token, input=ask | {"filter": given})
        assert previewed["data"]["campaignPreview"]["supplierCount"] == len(expected)
    rows = read_rows(await fetch(house, buyer, tag="Paper", segment="leverage"))
    assert [row["Name"] for row in rows] == ["Knit Mills"]
    await do(house, SEGMENT, buyer, supplierIds=mills, segment=None)
    assert {one for _, one in (await read(house, buyer)).values()} == {None}
    # Nobody else sees or sets them, and what is wrong is told with nothing kept.
    assert await read(house, other) == {"Dye Mills": ([], None)}
    for query, given, code in (
        (TAG, {"supplierIds": [mills[0], strange], "add": ["x"]}, "NOT_FOUND"),
        (SEGMENT, {"supplierIds": [strange], "segment": "x", "reason": "x"}, "NOT_FOUND"),
        (TAG, {"supplierIds": [], "add": ["x"]}, "EMPTY"),
        (TAG, {"supplierIds": mills, "add": [f"tag {n}" for n in range(20)]}, "TOO_MANY"),
    ):
        assert (await do(house, query, buyer, **given))["code"] == code
    for query, given, name, code in (
        (TAG, {"add": ["x" * 51]}, "add", "WORD"),
        (TAG, {"remove": [" "]}, "remove", "WORD"),
        (TAG, {"add": ["a"] * 21}, "add", "TOO_MANY"),
        (SEGMENT, {"segment": "x"}, "reason", "TEXT"),
        (SEGMENT, {"segment": "", "reason": "x"}, "segment", "WORD"),
        (SEGMENT, {"segment": "x", "reason": "x", "spendBand": "\n"}, "spendBand", "WORD"),
    ):
        (problem,) = (await do(house, query, buyer, supplierIds=mills, **given))["problems"]
        assert (problem["path"][-1], problem["code"]) == (name, code)
    assert (await read(house, buyer))["Dye Mills"][0] == ["2026", "high water"]
    viewer = await house.join(buyer, "Mai", "viewer")
    assert (await do(house, TAG, viewer, supplierIds=mills, add=["x"]))["code"] == "NOT_ALLOWED"
