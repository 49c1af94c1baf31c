"""How much is asked in a year: joined once, by buyer, against the operator's limit, and nothing of what others ask."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from portal.assessments import publishing
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import ACCEPT, CREATE, PROBLEM, add_record, do, make_ask
from tests.graphql_schema.assessments.test_renewals import make_other
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

FIGURES = "{ requests responses questions minutes }"
LOAD = (
    f"query {{ requestLoad {{ year {FIGURES} now {FIGURES} buyers {{ buyerName year {FIGURES} now {FIGURES} }}"
    " limitMinutes optionalCount } receivedRequests(first: 50) { nodes { id buyerName isOptional periodStart } } }"
)
ASKED = (
    'query { suppliers(first: 10, filter: {questionnaire: "sample"}) { nodes { id askedLoad {'
    f" year {FIGURES} now {FIGURES} limitMinutes isOverLimit }} }} }}"
    " requests(first: 50) { nodes { state stateReason } } }"
)
PREVIEW = (
    "query ($input: CreateRequestsInput!) { previewRequests(input: $input) { count overLimitCount lines { supplierId"
    " requestId problem { code } yearMinutes minutes limitMinutes isOverLimit } } }"
)
DECLINE = (
    "mutation ($input: DeclineRequestInput!) { result: declineRequest(input: $input) { __typename"
    f" ... on RequestDeclined {{ request {{ state stateReason }} }} {PROBLEM} }} }}"
)
LIMITS = "query { operatorLimits { name value default unit setAt } }"
SET = "INSERT INTO portal.operator_limit (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2"
MICRO, STANDARD = 7, 12  # minutes, and questions, of the sample's tiers


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_other()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def ask(stage: Portal, buyer: Caller, record: str, **changed: Any) -> str:
    made = await do(stage, CREATE, buyer, **make_ask(record, **changed))
    found: str = made["lines"][0]["requestId"]
    return found


def make_year(year: int) -> dict[str, str]:
    return {"periodStart": f"{year}-01-01", "periodEnd": f"{year}-12-31"}


def count(requests: int, responses: int, minutes: int) -> dict[str, Any]:
    return {"requests": requests, "responses": responses, "questions": minutes, "minutes": str(minutes)}


async def read_load(stage: Portal, supplier: Caller) -> tuple[Any, dict[tuple[str, str], tuple[str, bool]]]:
    """The load, and by buyer and year the received requests with whether they are optional."""
    data = (await stage.ask(LOAD, supplier.token))["data"]
    nodes = data["receivedRequests"]["nodes"]
    return data["requestLoad"], {
        (one["buyerName"], one["periodStart"][:4]): (one["id"], one["isOptional"]) for one in nodes
    }


@pytest.mark.slow
async def test_what_is_asked_alike_counts_once_and_what_goes_beyond_is_optional(stage: Portal) -> None:
    first, second = await stage.sign_up("buyer"), await stage.sign_up("buyer")
    supplier = await stage.sign_up("supplier")
    await stage.run_sql("UPDATE portal.organization SET size_band = 'micro' WHERE id = $1", supplier.organization)
    names = [f"Firm {one.organization}" for one in (first, second)]
    own, other = await add_record(stage, first, supplier), await add_record(stage, second, supplier)
    await ask(stage, first, own, **make_year(2025))
    await ask(stage, second, other, **make_year(2025))  # the same: joined, before anybody has accepted
    load, found = await read_load(stage, supplier)
    assert (load["year"], load["now"]) == (count(2, 1, MICRO), count(2, 1, MICRO))
    assert (load["limitMinutes"], load["optionalCount"]) == (None, 0)
    accepted = [await do(stage, ACCEPT, supplier, requestId=request) for request, _ in found.values()]
    assert len({one["assessment"]["id"] for one in accepted}) == 1
    assert [one["outcome"] for one in accepted] == ["STARTED", "JOINED"]
    # A higher tier for the same costs the difference; another year is another response.
    await stage.run_sql("UPDATE portal.request SET minimum_tier = 'standard' WHERE buyer_id = $1", second.organization)
    await ask(stage, second, other, **make_year(2024))
    load, _ = await read_load(stage, supplier)
    assert load["year"] == count(3, 2, STANDARD + MICRO)
    told = {one["buyerName"]: one["year"] for one in load["buyers"]}
    assert told == {names[0]: count(1, 1, MICRO), names[1]: count(2, 2, STANDARD + MICRO)}
    # The limit is for all together; what goes beyond it is optional, in the order in which it was asked.
    await stage.run_sql(SET, "burden_minutes_micro", STANDARD + MICRO - 1)
    load, found = await read_load(stage, supplier)
    assert (load["limitMinutes"], load["optionalCount"]) == (STANDARD + MICRO - 1, 1)
    assert {key: optional for key, (_, optional) in found.items()} == {
        (names[0], "2025"): False,
        (names[1], "2025"): False,
        (names[1], "2024"): True,
    }
    request, _ = found[names[1], "2024"]
    declined = await do(stage, DECLINE, supplier, requestId=request)
    assert declined["request"] == {"state": "DECLINED", "stateReason": None}
    load, _ = await read_load(stage, supplier)
    assert (load["year"], load["optionalCount"]) == (count(2, 1, STANDARD), 0)
    # What was asked over a year ago is gone from the year, and stays in what waits.
    await stage.run_sql("UPDATE portal.request SET created_at = created_at - interval '13 months'")
    load, found = await read_load(stage, supplier)
    assert (load["year"], load["now"]) == (count(0, 0, 0), count(2, 1, STANDARD))
    assert not any(optional for _, optional in found.values())


@pytest.mark.slow
async def test_a_buyer_learns_nothing_of_what_others_ask(stage: Portal) -> None:
    """The same calls give a buyer the same answers, byte for byte, whether or not the supplier drowns in others'."""
    buyer, supplier, quiet = (
        await stage.sign_up("buyer"),
        await stage.sign_up("supplier"),
        await stage.sign_up("supplier"),
    )
    await stage.run_sql("UPDATE portal.organization SET size_band = 'small'")
    await stage.run_sql(SET, "burden_minutes_small", 3 * MICRO)
    records = [await add_record(stage, buyer, one) for one in (supplier, quiet)]
    for _ in range(3):
        another = await stage.sign_up("buyer")
        record = await add_record(stage, another, supplier)
        for year in (2022, 2023, 2024, 2025):
            await ask(stage, another, record, **make_year(year))
    asked = await do(stage, CREATE, buyer, **make_ask(*records, **make_year(2025)))
    assert asked["createdCount"] == 2
    preview = {"input": make_ask(*records, **make_year(2024))}
    seen = (await stage.ask(PREVIEW, buyer.token, **preview))["data"]["previewRequests"]
    one, two = seen["lines"]
    assert one | {"supplierId": ""} == two | {"supplierId": ""}
    assert (one["yearMinutes"], one["minutes"], one["isOverLimit"]) == (str(MICRO), str(MICRO), False)
    # Each declines without a reason; only one of them was asked for too much.
    for caller in (supplier, quiet):
        _, found = await read_load(stage, caller)
        request, optional = found[f"Firm {buyer.organization}", "2025"]
        assert optional == (caller is supplier)
        await do(stage, DECLINE, caller, requestId=request)
    data = (await stage.ask(ASKED, buyer.token))["data"]
    loads = [json.dumps(node["askedLoad"]) for node in data["suppliers"]["nodes"]]
    assert len(loads) == 2
    assert len(set(loads)) == 1
    assert data["requests"]["nodes"] == [{"state": "DECLINED", "stateReason": None}] * 2
    assert portals.codes(await stage.ask(LOAD, buyer.token)) == ["NOT_ALLOWED"]
    assert portals.codes(await stage.ask(PREVIEW, supplier.token, **preview)) == ["NOT_ALLOWED"]


@pytest.mark.slow
async def test_a_buyer_is_told_before_it_asks_for_too_much(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    linked, bare = await add_record(stage, buyer, supplier), await add_record(stage, buyer)
    await stage.run_sql("UPDATE portal.organization SET size_band = 'micro' WHERE id = $1", supplier.organization)
    await ask(stage, buyer, linked, **make_year(2025))
    await ask(stage, buyer, linked, questionnaire="other", **make_year(2025))
    await stage.run_sql(SET, "burden_minutes_micro", 2 * MICRO)
    wanted = make_ask(linked, bare, extra={"questionnaire": "other", "minimumTier": "MICRO"}, **make_year(2024))
    seen = (await stage.ask(PREVIEW, buyer.token, input=wanted))["data"]["previewRequests"]
    assert (seen["count"], seen["overLimitCount"]) == (2, 1)
    assert [(one["yearMinutes"], one["minutes"], one["limitMinutes"], one["isOverLimit"]) for one in seen["lines"]] == [
        (str(2 * MICRO), str(2 * MICRO), 2 * MICRO, True),
        ("0", str(2 * MICRO), None, False),
    ]
    # What stands in the way is told as creating tells it, and adds nothing.
    again = make_ask(linked, "nonsense", **make_year(2025))
    seen = (await stage.ask(PREVIEW, buyer.token, input=again))["data"]["previewRequests"]
    made = await do(stage, CREATE, buyer, **again)
    assert [one["problem"]["code"] for one in seen["lines"]] == ["ALREADY_REQUESTED", "BAD_ID"]
    assert [one["problem"]["code"] for one in made["lines"]] == ["ALREADY_REQUESTED", "BAD_ID"]
    assert [one["requestId"] for one in seen["lines"]] == [one["requestId"] for one in made["lines"]]
    assert [one["minutes"] for one in seen["lines"]] == ["0", "0"]
    assert (await stage.fetch("SELECT count(*) FROM portal.request"))[0][0] == 2
    # It can ask all the same: the request is delivered, and optional.
    assert (await do(stage, CREATE, buyer, **wanted))["createdCount"] == 2
    load, _ = await read_load(stage, supplier)
    assert (load["optionalCount"], load["year"]["minutes"]) == (2, str(4 * MICRO))
    data = (await stage.ask(ASKED, buyer.token))["data"]["suppliers"]["nodes"][0]["askedLoad"]
    assert (data["isOverLimit"], data["year"]) == (True, count(4, 4, 4 * MICRO))
    limits = (await stage.ask(LIMITS, buyer.token))["data"]["operatorLimits"]
    values = {one["name"]: (one["value"], one["default"], one["unit"]) for one in limits}
    assert values["burden_minutes_micro"] == (2 * MICRO, None, "minutes")
    assert values["gap_grace_days"] == (180, 180, "days")
