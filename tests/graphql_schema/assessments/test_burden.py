"""What a request costs is told before it is answered, by the same rules as what then becomes of the answers."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from portal.assessments import publishing
from tests import statements
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import ACCEPT, CREATE, add_record, do, make_ask, start, write
from tests.graphql_schema.assessments.test_renewals import (
    NEXT,
    REUSABLE,
    REUSE,
    finish_year,
    make_other,
    renew,
)
from tests.graphql_schema.assessments.test_upgrades import save
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

METER = (
    "query ($first: Int) { receivedRequests(first: $first) { nodes { id questionnaire minimumTier periodStart burden {"
    " questions known toConfirm reusable new minutes documentsNeeded documentsAtHand renewsId } } } }"
)
RENEWAL = (
    "query ($id: ID!, $from: Date!, $to: Date!) { assessment(id: $id) { renewalPreview(periodStart: $from,"
    " periodEnd: $to) { carriedCount confirmCount blankCount newCount } } }"
)
PROGRESS = "query ($id: ID!) { assessment(id: $id) { progress { asked answered minutesLeft unconfirmedCount } } }"


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_other()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def ask(stage: Portal, buyer: Caller, record: str, **changed: Any) -> str:
    made = await do(stage, CREATE, buyer, **make_ask(record, **changed))
    found: str = made["lines"][0]["requestId"]
    assert found, made
    return found


async def read_meter(stage: Portal, supplier: Caller, first: int = 25) -> dict[tuple[str, str, str], Any]:
    """The burden of each request, by questionnaire, tier and the first day of its period."""
    nodes = (await stage.ask(METER, supplier.token, first=first))["data"]["receivedRequests"]["nodes"]
    return {(one["questionnaire"], one["minimumTier"], one["periodStart"]): one["burden"] for one in nodes}


async def accept(stage: Portal, supplier: Caller, **named: str) -> Any:
    nodes = (await stage.ask(METER, supplier.token, first=25))["data"]["receivedRequests"]["nodes"]
    (request,) = [one["id"] for one in nodes if all(one[name] == value for name, value in named.items())]
    return await do(stage, ACCEPT, supplier, requestId=request)


def tell(questions: int, known: int, new: int, minutes: str, **more: Any) -> dict[str, Any]:
    rest = {"toConfirm": 0, "reusable": 0, "documentsNeeded": 0, "documentsAtHand": 0, "renewsId": None}
    return {"questions": questions, "known": known, "new": new, "minutes": minutes} | rest | more


async def test_the_meter_says_what_becomes_of_it(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    await ask(stage, buyer, record)
    # Nothing is known: without people, nobody is asked about fees.
    assert list((await read_meter(stage, supplier)).values()) == [tell(6, 0, 6, "6")]
    draft = (await accept(stage, supplier, periodStart="2026-01-01"))["assessment"]["id"]
    await save(stage, supplier, draft, write("headcount", number="12"), write("exits_locked", boolean=False))
    assert list((await read_meter(stage, supplier)).values()) == [tell(7, 2, 5, "5")]
    old, _ = await finish_year(stage, supplier, periodStart="2025-07-01", periodEnd="2025-12-31")
    meter = list((await read_meter(stage, supplier)).values())
    # What stands is not taken from last year, and neither is a figure.
    assert meter == [tell(7, 3, 4, "4", toConfirm=1, renewsId=old)]
    # Submitted at this tier, nothing is left to answer; at a higher one its answers are known.
    await renew(stage, supplier, old, periodStart="2026-01-01", periodEnd="2026-12-31")
    same = (await read_meter(stage, supplier))["sample", "MICRO", "2026-01-01"]
    assert same == tell(7, 3, 4, "4", toConfirm=1, renewsId=old)
    (started,) = (await stage.fetch("SELECT count(*) FROM portal.assessment"))[0]
    assert started == 2  # reading a meter starts nothing


async def test_previews_count_what_the_meter_said(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    old, _ = await finish_year(stage, supplier)
    await ask(stage, buyer, record, **NEXT)
    await ask(stage, buyer, record, questionnaire="other")
    meter = await read_meter(stage, supplier)
    year, fact = meter["sample", "MICRO", "2026-07-01"], meter["other", "MICRO", "2026-01-01"]
    assert year == tell(6, 1, 5, "5", toConfirm=1, renewsId=old)  # nobody asks about fees before there are people
    assert fact == tell(7, 0, 6, "6", reusable=1)
    draft = (await accept(stage, supplier, questionnaire="sample"))["assessment"]["id"]
    await save(stage, supplier, draft, write("headcount", number="14"))
    year = (await read_meter(stage, supplier))["sample", "MICRO", "2026-07-01"]
    assert year == tell(7, 3, 4, "4", toConfirm=2, renewsId=old)
    given = {"id": old, "from": NEXT["periodStart"], "to": NEXT["periodEnd"]}
    seen = (await stage.ask(RENEWAL, supplier.token, **given))["data"]["assessment"]["renewalPreview"]
    assert (seen["carriedCount"], seen["confirmCount"]) == (0, year["toConfirm"])
    assert seen["blankCount"] + seen["newCount"] == year["new"] + year["reusable"]
    await renew(stage, supplier, year["renewsId"])
    progress = (await stage.ask(PROGRESS, supplier.token, id=draft))["data"]["assessment"]["progress"]
    assert progress == {"asked": 7, "answered": 3, "minutesLeft": year["minutes"], "unconfirmedCount": 2}
    # A fact of another questionnaire is offered once its response is started, as the meter said.
    other = (await accept(stage, supplier, questionnaire="other"))["assessment"]["id"]
    offered = (await stage.ask(REUSABLE, supplier.token, id=other))["data"]["assessment"]["reusableAnswers"]
    assert len(offered) == fact["reusable"]
    await do(stage, REUSE, supplier, assessmentId=other)
    progress = (await stage.ask(PROGRESS, supplier.token, id=other))["data"]["assessment"]["progress"]
    assert (progress["asked"], progress["answered"], progress["minutesLeft"]) == (7, 1, fact["minutes"])


async def test_what_was_submitted_is_shared_and_documents_at_hand_are_counted(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    await finish_year(stage, supplier)
    await ask(stage, buyer, record)
    assert list((await read_meter(stage, supplier)).values()) == [tell(4, 4, 0, "0")]
    await stage.run_sql("UPDATE portal.request SET state = 'withdrawn'")
    await ask(stage, buyer, record, minimumTier="STANDARD")
    needed = (await read_meter(stage, supplier))["sample", "STANDARD", "2026-01-01"]
    # A list without an answer is expected to have a row; locked exits and fees are known.
    assert needed == tell(10, 4, 6, "8", documentsNeeded=1)
    await stage.run_sql(
        "INSERT INTO portal.evidence (supplier_id, id, file_name, kind, state, issued_on)"
        " VALUES ($1, gen_random_uuid(), 'fees.pdf', 'record', 'available', '2026-01-01')",
        supplier.organization,
    )
    at_hand = (await read_meter(stage, supplier))["sample", "STANDARD", "2026-01-01"]
    assert at_hand == needed | {"documentsAtHand": 1}
    await stage.run_sql("UPDATE portal.evidence SET valid_until = '2026-02-01'")
    assert (await read_meter(stage, supplier))["sample", "STANDARD", "2026-01-01"] == needed


async def test_a_page_costs_as_many_statements_as_one(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    await finish_year(stage, supplier)
    for year in range(2020, 2026):
        period = {"periodStart": f"{year}-02-01", "periodEnd": f"{year}-12-31"}
        await ask(stage, buyer, record, **period)
        await ask(stage, buyer, record, questionnaire="other", **period)
    await ask(stage, buyer, record, **NEXT)
    await start(stage, supplier, "MICRO", questionnaire="other", periodStart="2024-02-01", periodEnd="2024-12-31")
    await read_meter(stage, supplier)  # so that versions are in memory
    counts = []
    for first in (1, 13):
        with statements.record_statements(stage.app.state.services.database.engine.sync_engine) as sent:
            meter = await read_meter(stage, supplier, first)
        assert len(meter) == first
        counts.append(len([one for one, _ in sent if not re.match("BEGIN|COMMIT", one)]))
    assert counts[0] == counts[1]


async def test_nobody_elses_answers_are_known(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    supplier, other = await stage.sign_up("supplier"), await stage.sign_up("supplier")
    await finish_year(stage, other)
    await ask(stage, buyer, await add_record(stage, buyer, supplier), **NEXT)
    assert list((await read_meter(stage, supplier)).values()) == [tell(6, 0, 6, "6")]
    assert portals.codes(await stage.ask(METER, buyer.token, first=1)) == ["NOT_ALLOWED"]
