"""Deprecated: nothing new, open ones go on. Retired: nothing begins. Readable for ever."""

import base64
from datetime import UTC, datetime, timedelta

from tests.graphql_schema.assessments.documents import ACCEPT, CREATE, PROBLEM, START, SUBMIT, add_record, do, make_ask
from tests.graphql_schema.authoring.documents import END, SHOW, claim, publish, see
from tests.graphql_schema.portals import Portal

UPGRADE = (
    "mutation ($input: UpgradeAssessmentInput!) { result: upgradeAssessment(input: $input) { __typename"
    f" {PROBLEM} }} }}"
)
TODAY = datetime.now(UTC).date()
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
PERIOD = {"tier": "MICRO", "periodStart": "2026-01-01", "periodEnd": "2026-12-31"}


def day(value: object) -> str | None:
    return None if value is None else str(value)


async def test_the_life_of_a_version(house: Portal) -> None:
    buyer, supplier, late = [await house.sign_up(role) for role in ("buyer", "supplier", "supplier")]
    key = await publish(house, buyer, await claim(house, buyer))
    asks = {}
    for caller, period in ((supplier, "2026"), (supplier, "2025"), (late, "2026")):
        record = await add_record(house, buyer, caller)
        given = make_ask(record, questionnaire=key, periodStart=f"{period}-01-01", periodEnd=f"{period}-12-31")
        made = await do(house, CREATE, buyer, **given)
        asks[caller.token, period] = made["lines"][0]["requestId"]

    def received(token: str, period: str) -> str:
        raw = base64.urlsafe_b64decode(asks[token, period])
        return base64.urlsafe_b64encode(b"rcvd" + raw[4:]).decode()

    begun = await do(house, ACCEPT, supplier, requestId=received(supplier.token, "2026"))
    assert begun["outcome"] == "STARTED"
    wanted = {"questionnaire": key, "version": "1.0.0"}
    ended = await do(house, END, buyer, **wanted, deprecatedOn=day(TODAY))
    assert ended["questionnaire"]["versions"][0]["deprecatedOn"] == day(TODAY)
    seen = await see(house, key, supplier)
    assert seen is not None
    assert (seen["state"], seen["deprecatedOn"], seen["retiredOn"]) == ("DEPRECATED", day(TODAY), None)
    record = await add_record(house, buyer, await house.sign_up("supplier"))
    assert (await do(house, CREATE, buyer, **make_ask(record, questionnaire=key)))["code"] == "DEPRECATED"
    new = {"questionnaire": key, "tier": "MICRO", "periodStart": "2024-01-01", "periodEnd": "2024-12-31"}
    assert (await do(house, START, supplier, **new))["code"] == "DEPRECATED"
    # What was asked for before may begin.
    assert (await do(house, ACCEPT, supplier, requestId=received(supplier.token, "2025")))["outcome"] == "STARTED"
    assert (await do(house, END, buyer, **wanted, deprecatedOn=None))["code"] == "HAS_COME"
    await do(house, END, buyer, **wanted, deprecatedOn=day(TODAY), retiredOn=day(TODAY))
    assert (await do(house, ACCEPT, late, requestId=received(late.token, "2026")))["code"] == "RETIRED"
    again = await do(house, ACCEPT, supplier, requestId=received(supplier.token, "2026"))
    assert again["outcome"] == "JOINED"
    assessment = again["assessment"]
    refused = await do(house, SUBMIT, supplier, assessmentId=assessment["id"], expectedChangeNumber=0)
    assert refused["__typename"] == "InvalidAnswers"  # its rules are asked as ever
    for caller in (supplier, late, buyer):
        seen = await see(house, key, caller)
        assert seen is not None
        assert seen["state"] == "RETIRED"


async def test_days_that_have_not_come_can_be_moved(house: Portal) -> None:
    buyer, rival = await house.sign_up("buyer"), await house.sign_up("buyer")
    key = await publish(house, buyer, await claim(house, buyer))
    wanted = {"questionnaire": key, "version": "1.0.0"}
    ended = await do(house, END, buyer, **wanted, retiredOn=day(TOMORROW))
    (version,) = ended["questionnaire"]["versions"]
    assert (version["deprecatedOn"], version["retiredOn"]) == (day(TOMORROW), day(TOMORROW))
    seen = await see(house, key, buyer)
    assert seen is not None
    assert seen["state"] == "PUBLISHED"
    ended = await do(house, END, buyer, **wanted)
    assert ended["questionnaire"]["versions"][0]["retiredOn"] is None
    for days in (
        {"deprecatedOn": day(YESTERDAY)},
        {"deprecatedOn": day(TOMORROW), "retiredOn": day(TODAY)},
        {"retiredOn": day(TODAY + timedelta(days=4_000))},
    ):
        assert {one["code"] for one in (await do(house, END, buyer, **wanted, **days))["problems"]} == {"DAY"}
    assert (await do(house, END, rival, **wanted, retiredOn=day(TOMORROW)))["code"] == "NOT_FOUND"
    assert (await do(house, END, buyer, questionnaire=key, version="2.0.0"))["code"] == "NOT_FOUND"
    packaged = {"questionnaire": "responsible-sourcing", "version": "1.0.0"}
    assert (await do(house, END, buyer, **packaged, retiredOn=day(TOMORROW)))["code"] == "NOT_FOUND"


async def test_a_draft_is_not_upgraded_to_what_is_retired(house: Portal) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    name = await claim(house, buyer)
    key = await publish(house, buyer, name)
    await add_record(house, buyer, supplier)
    await do(house, SHOW, buyer, questionnaire=key, visibility="CONNECTED")
    assessment = (await do(house, START, supplier, questionnaire=key, **PERIOD))["assessment"]["id"]
    await publish(house, buyer, name, version="1.0.1")
    await do(house, END, buyer, questionnaire=key, version="1.0.1", retiredOn=day(TODAY))
    assert (await do(house, UPGRADE, supplier, assessmentId=assessment, version="1.0.1"))["code"] == "RETIRED"
    again = await do(house, START, supplier, questionnaire=key, **PERIOD)
    assert again["assessment"]["id"] == assessment  # the draft that was begun goes on
