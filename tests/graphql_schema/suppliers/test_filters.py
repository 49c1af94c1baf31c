"""A filter that can match nothing is told as a mistake, and what means the same filters the same."""

from datetime import date
from typing import Any

import pytest

from portal.database import ids
from tests import people
from tests.graphql_schema.portals import Portal
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers import shared
from tests.graphql_schema.suppliers.documents import add, do, list_names

PROFILE = """
INSERT INTO portal.scoring_profile (questionnaire, version, number, content_hash, document)
VALUES ('responsible-sourcing', '1.0.0', 1, 'hash', $1) ON CONFLICT DO NOTHING
"""
BANDS = '{"bands": [{"key": "d", "title": "Start here"}, {"key": "a", "title": "Strong practice"}]}'
REQUESTS = "query ($questionnaire: String) { requests(questionnaire: $questionnaire) { nodes { id } } }"
SUPPLIERS = "query ($filter: SupplierFilter) { suppliers(filter: $filter) { nodes { name } } }"
ARCHIVE = docs.change("archiveSupplier", "ArchiveSupplierInput", "SupplierArchived", "withdrawnRequestCount")


@pytest.mark.parametrize(
    ("given", "code", "named"),
    [
        ({"questionnaire": "nope"}, "NOT_FOUND", "questionnaire"),
        ({"band": ["z"]}, "BAD_FILTER", "band"),
        ({"sector": ["100"]}, "BAD_FILTER", "sector"),
        ({"sector": ["C"] * 101}, "BAD_FILTER", "sector"),
    ],
)
async def test_a_bad_filter_is_an_error(house: Portal, given: dict[str, Any], code: str, named: str) -> None:
    buyer = await house.sign_up("buyer")
    await shared.share(house, buyer, "Shared Mills")
    await people.run_sql(house.database, PROFILE, BANDS)
    answer = await house.ask(SUPPLIERS, buyer.token, filter=given)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code
    assert named in str(error)


async def test_a_band_has_any_case_and_its_title_and_a_section_holds_its_divisions(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await shared.share(house, buyer, "Best Mills", band="a")
    await people.run_sql(house.database, PROFILE, BANDS)
    for name, sector in (("Shirts", "ISIC 14"), ("Metal", "ISIC 25"), ("Farm", "ISIC 01")):
        await add(house, buyer, name, sector=sector)
    for band in ("a", "A", "strong practice"):
        assert await list_names(house, buyer, filter={"band": [band]}) == ["Best Mills"]
    assert await list_names(house, buyer, filter={"band": ["D"]}) == []
    assert await list_names(house, buyer, filter={"sector": ["C"]}) == ["Metal", "Shirts"]
    assert await list_names(house, buyer, filter={"sector": ["c", "01"]}) == ["Farm", "Metal", "Shirts"]
    assert await list_names(house, buyer, filter={"sector": ["14"]}) == ["Shirts"]
    everything = [chr(letter) for letter in range(ord("A"), ord("U") + 1)]
    assert await list_names(house, buyer, filter={"sector": everything}) == ["Farm", "Metal", "Shirts"]


async def test_requests_for_an_unknown_questionnaire_are_an_error(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    assert (await house.ask(REQUESTS, buyer.token, questionnaire="other"))["data"]["requests"]["nodes"] == []
    answer = await house.ask(REQUESTS, buyer.token, questionnaire="nope")
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    supplier = await house.sign_up("supplier")
    for name in ("receivedRequests", "assessments", "submissions", "shares"):
        document = f'{{ {name}(questionnaire: "nope") {{ nodes {{ id }} }} }}'
        answer = await house.ask(document, supplier.token)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND", name


async def test_archiving_takes_back_what_was_asked(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await shared.share(house, buyer, "Leaving Mills")
    statement = (
        "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,"
        " period_start, period_end, purpose, due_on, state) VALUES ($1, $2, $3, $4, 'responsible-sourcing', 'micro',"
        " $5, '2026-12-31', 'Review', '2027-01-31', $6)"
    )
    for month, state in enumerate(("open", "accepted", "fulfilled"), 1):
        values = (buyer.organization, ids.new_id(), made.record, made.supplier.organization)
        await people.run_sql(house.database, statement, *values, date(2026, month, 1), state)
    done = await do(house, ARCHIVE, buyer, supplierId=made.record_id)
    assert done["withdrawnRequestCount"] == 2
    states = await people.run_sql(
        house.database, "SELECT state FROM portal.request WHERE buyer_id = $1 ORDER BY period_start", buyer.organization
    )
    assert [row["state"] for row in states] == ["withdrawn", "withdrawn", "fulfilled"]
    told = await people.run_sql(
        house.database,
        "SELECT count(*) FROM portal.outbox WHERE topic = 'request.withdrawn' AND ids ->> 'buyer' = $1",
        str(buyer.organization),
    )
    assert told[0][0] == 2
    again = await do(house, ARCHIVE, buyer, supplierId=made.record_id)
    assert again["withdrawnRequestCount"] == 0
