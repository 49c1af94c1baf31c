"""The list as a table for spreadsheets: complete, safe to open, private, and readable by an import again."""

import csv
import io
from typing import Any

import httpx
import pytest

from graphql_schema.questionnaire import QuestionnaireTier
from graphql_schema.questionnaire_request import RequestState
from graphql_schema.supplier import SupplierSort, SupplierState
from portal.assessments import supplier_filters
from portal.reading.suppliers import SUPPLIERS
from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers import shared
from tests.graphql_schema.suppliers.documents import add, bring_in, do

ENUMERATIONS = {
    "tier": QuestionnaireTier,
    "state": SupplierState,
    "request_state": RequestState,
    "sort": SupplierSort,
}


async def fetch(house: Portal, caller: Caller | None, **query: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {caller.token}"} if caller else {}
    async with house.client() as client:
        return await client.get("/suppliers.csv", params=query, headers=headers)


def read_rows(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_the_table_holds_the_whole_list_and_can_be_imported_again(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    lines = "\n".join(f"Mill {number:03},VN,m{number}@mills.example" for number in range(230))
    await bring_in(house, buyer, f"Name,Country,E-mail\n{lines}\n")
    response = await fetch(house, buyer)
    rows = read_rows(response)
    assert [row["Name"] for row in rows] == [f"Mill {number:03}" for number in range(230)]
    assert (rows[7]["E-mail"], rows[7]["State"]) == ("m7@mills.example", "has_contact")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-encoding"] == "gzip"
    again = await bring_in(house, buyer, response.content)
    assert (again["created"], again["known"], again["contactsAdded"]) == (0, 230, 0)


async def test_shared_figures_filters_and_order(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await shared.share(house, buyer, "Low Mills", total=1_234)
    await shared.share(house, buyer, "High Mills", total=9_000, band="a")
    await add(house, buyer, "Bare Mills", "CN")
    rows = read_rows(await fetch(house, buyer, sort="total_highest"))
    assert [(row["Name"], row["Total"]) for row in rows] == [
        ("High Mills", "90.00"),
        ("Low Mills", "12.34"),
        ("Bare Mills", ""),
    ]
    assert [row["Period end"] for row in rows] == ["2026-12-31", "2026-12-31", ""]
    assert [row["Name"] for row in read_rows(await fetch(house, buyer, band=["a", "c"]))] == ["High Mills"]
    assert [row["Name"] for row in read_rows(await fetch(house, buyer, country="CN", search="bare"))] == ["Bare Mills"]
    assert read_rows(await fetch(house, buyer, archived="true")) == []


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil")', "+1 Mills", "-1 Mills", "@SUM(A1)", "＝1+1 Mills"])
async def test_no_cell_is_a_formula(house: Portal, name: str) -> None:
    buyer = await house.sign_up("buyer")
    await do(house, docs.ADD, buyer, name=name, country="VN", address=name)
    (row,) = read_rows(await fetch(house, buyer))
    assert row["Name"] == row["Address"] == f"'{name}"


@pytest.mark.parametrize(
    ("query", "code", "told"),
    [
        ({"sort": "height"}, "BAD_SORT", "name, total_highest, total_lowest, due"),
        ({"sort": ""}, "BAD_SORT", "name, total_highest, total_lowest, due"),
        ({"sort": ["name", "due"]}, "PARAMETER", "`sort` may be given only once."),
        ({"color": "red"}, "PARAMETER", "archived"),
        ({"Country": "VN"}, "PARAMETER", "`country`"),
        ({"x" * 9_000: "1"}, "PARAMETER", "..."),
        ({"search": "&&"}, "BAD_FILTER", "a letter or a digit"),
        ({"search": "x" * 201}, "BAD_FILTER", "at most 200 characters"),
        ({"search": ["a", "b"]}, "PARAMETER", "only once"),
        ({"country": "Narnia"}, "BAD_FILTER", "two capital letters"),
        ({"country": "vn"}, "BAD_FILTER", "'vn' is not allowed"),
        ({"country": ""}, "BAD_FILTER", '"VN"'),
        ({"country": ["VN", "XX"]}, "BAD_FILTER", "'XX'"),
        ({"country": ["VN"] * 101}, "BAD_FILTER", "100"),
        ({"tier": "gold"}, "BAD_FILTER", "micro, basic, standard, advanced"),
        ({"tier": "BASIC"}, "BAD_FILTER", "micro, basic, standard, advanced"),
        ({"state": "foo"}, "BAD_FILTER", "needs_contact, has_contact, invited, linked, refused"),
        ({"request_state": "foo"}, "BAD_FILTER", "open, accepted, fulfilled, declined, not_us, withdrawn"),
        ({"archived": "maybe"}, "BAD_FILTER", "true, false"),
        ({"archived": ""}, "BAD_FILTER", "true, false"),
        ({"archived": ["true", "true"]}, "PARAMETER", "only once"),
        ({"sector": "tin"}, "BAD_FILTER", "ISIC"),
        ({"sector": ""}, "BAD_FILTER", "ISIC"),
        ({"band": "z\x00"}, "BAD_FILTER", "NUL"),
        ({"questionnaire": ["sample", "sample"]}, "PARAMETER", "only once"),
    ],
)
async def test_a_bad_query_is_refused(house: Portal, query: dict[str, Any], code: str, told: str) -> None:
    refused = await fetch(house, await house.sign_up("buyer"), **query)
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    (problem,) = error["extensions"]["problems"]
    assert (error["extensions"]["code"], problem["code"], problem["path"]) == (code, code, [next(iter(query))[:40]])
    assert told in error["message"]


@pytest.mark.parametrize("key", ["nope", "", "responsible-sourcing\x00"])
async def test_an_unknown_questionnaire_is_not_an_empty_table(house: Portal, key: str) -> None:
    refused = await fetch(house, await house.sign_up("buyer"), questionnaire=key)
    assert refused.status_code in (400, 404)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        *supplier_filters.VALUES.items(),
        ("sort", tuple(SUPPLIERS.sorts)),
    ],
)
def test_the_table_takes_what_the_enumerations_of_the_api_hold(name: str, values: tuple[str, ...]) -> None:
    assert {str(one.value) for one in ENUMERATIONS[name]} == set(values)


async def test_the_table_is_for_the_buyer_alone(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    await add(house, buyer, "Private Mills")
    assert read_rows(await fetch(house, other)) == []
    assert (await fetch(house, None)).status_code == 401
    assert (await fetch(house, await house.sign_up("supplier"))).status_code == 403
