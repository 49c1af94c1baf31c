"""Campaigns: looked at before, asked by a worker in parts that begin again anywhere, followed and changed together."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from portal.assessments import campaign_work, publishing
from portal.database import engine, ids
from questionnaires import asking
from tests import people
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample
from tests.statements import record_statements

LEAD = "INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('responsible-sourcing', 'L', 'self_assessment')"
FIELDS = """id name state supplierCount waitingCount linkedCount overdueCount dueOn filter { field values }
  outcomes { outcome count } states { state count } progress { day state count }
  acts { kind narrowedTo changedCount doneAt }"""
PREVIEW = """query ($input: PreviewCampaignInput!) { campaignPreview(input: $input) { supplierCount
  overLimitCount outcomes { outcome count } states { state count } } }"""
READ = f"query ($id: ID!) {{ node(id: $id) {{ ... on Campaign {{ {FIELDS} }} }} }}"
CHANGE = """mutation ($input: {input}!) {{ result: {name}(input: $input) {{ __typename
  ... on Problem {{ code message }} ... on InvalidInput {{ problems {{ code path }} }}
  ... on {success} {{ campaign {{ {fields} }} }} }} }}"""
CREATE = CHANGE.format(name="createCampaign", input="CreateCampaignInput", success="CampaignCreated", fields=FIELDS)
ANSWER = """
WITH a AS (
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject, site_id, subject_key,
                                   period_start, period_end, state)
    SELECT $1, $2, q.key, q.current_version, 'basic', CASE WHEN $5::uuid IS NULL THEN 'organization' ELSE 'site' END,
           $5, coalesce($5, $1), '2026-01-01', '2026-12-31', 'submitted'
      FROM portal.questionnaire q WHERE q.key = 'sample'
    RETURNING *
), b AS (
    INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier,
                                   subject, subject_key, period_start, period_end, header, root_hash)
    SELECT $1, id, id, 1, questionnaire, version, 'hash', tier, subject, subject_key, period_start, period_end, '{}',
           '\\x00'
      FROM a
)
INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                          purpose)
SELECT $1, $3, id, questionnaire, subject_key, id, '2026-01-01', 'snapshot', 'Choosing' FROM a WHERE $4
"""
DUE = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
ASK = {
    "questionnaire": "sample", "minimumTier": "MICRO", "periodStart": "2026-01-01", "periodEnd": "2026-12-31",
}  # fmt: skip


@dataclass
class Office:
    """A buyer with suppliers of every kind in two countries, and a worker at hand."""

    portal: Portal
    worker: engine.Database
    buyer: Caller
    supplier: Caller

    async def add(self, country: str = "VN", *, supplier: Caller | None = None, count: int = 1, **more: Any) -> None:
        state = more.pop("state", "needs_contact" if supplier is None else "linked")
        linked = None if supplier is None else supplier.organization
        await self.portal.run_sql(
            "INSERT INTO portal.supplier_record"
            " (buyer_id, id, name, name_key, country, state, supplier_id, archived_at)"
            " SELECT $1, gen_random_uuid(), 'Mill ' || n, 'mill' || n, $2, $3, $4, $5"
            " FROM generate_series(1, $6) n",
            self.buyer.organization,
            country,
            state,
            linked,
            more.pop("archived_at", None),
            count,
        )
        await self.portal.run_sql("SELECT portal.refresh_cards($1, NULL)", self.buyer.organization)

    async def ask(self, query: str, caller: Caller | None = None, **variables: Any) -> Any:
        answer = await self.portal.ask(query, (caller or self.buyer).token, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def create(self, **changed: Any) -> dict[str, Any]:
        given = ASK | {"name": "Spring", "purpose": "Review", "dueOn": DUE, "filter": {"country": ["VN"]}} | changed
        found: dict[str, Any] = (await self.ask(CREATE, input=given))["result"]
        return found

    async def change(self, kind: str, **given: Any) -> dict[str, Any]:
        query = CHANGE.format(
            name=f"{kind}Campaign", input=f"{kind.capitalize()}CampaignInput", success="CampaignChanged", fields=FIELDS
        )
        found: dict[str, Any] = (await self.ask(query, input=given))["result"]
        return found

    async def read(self, id: str, caller: Caller | None = None) -> Any:
        return (await self.ask(READ, caller, id=id))["node"]

    async def work(self) -> None:
        """What the worker does with the events of campaigns."""
        for row in await self.portal.fetch(
            "UPDATE portal.outbox SET relayed_at = now() WHERE relayed_at IS NULL AND topic LIKE 'campaign.%'"
            " RETURNING topic, ids ->> 'buyer' AS buyer, coalesce(ids ->> 'campaign', ids ->> 'campaign_act') AS id"
        ):
            if row["topic"] == "campaign.created":
                await campaign_work.send_campaign(self.worker, buyer=UUID(row["buyer"]), campaign=UUID(row["id"]))
            else:
                await campaign_work.change_campaign(self.worker, buyer=UUID(row["buyer"]), act=UUID(row["id"]))

    async def answer(self, supplier: Caller, *, shares: bool = True, site: UUID | None = None) -> UUID:
        """What a supplier submitted at the tier basic for the year; perhaps the buyer reads it. Its assessment."""
        made = ids.new_id()
        await self.portal.run_sql(ANSWER, supplier.organization, made, self.buyer.organization, shares, site)
        return made

    async def suspend(self, status: str) -> None:
        await self.portal.run_sql(
            "UPDATE portal.organization SET status = $1 WHERE id = $2", status, self.buyer.organization
        )

    async def list_requests(self) -> list[Any]:
        return await self.portal.fetch("SELECT * FROM portal.request ORDER BY id")


@pytest_asyncio.fixture
async def office(database: TestDatabase) -> AsyncIterator[Office]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    await people.run_sql(database, LEAD)
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=3))
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield Office(running, workers, await running.sign_up("buyer"), await running.sign_up("supplier"))
    await workers.close()


def count(listed: list[dict[str, Any]], key: str) -> dict[str, int]:
    return {one[key]: one["count"] for one in listed}


async def test_a_preview_counts_what_the_campaign_then_does(office: Office) -> None:
    await office.add(supplier=office.supplier)
    await office.add(state="has_contact")
    await office.add(count=2)
    await office.add(state="refused")
    await office.add("BD", state="has_contact")
    await office.add(archived_at=datetime.now(UTC))
    previewed = (await office.ask(PREVIEW, input=ASK | {"filter": {"country": ["VN"]}}))["campaignPreview"]
    assert previewed["supplierCount"] == 5
    assert count(previewed["outcomes"], "outcome") == {"ASKED": 4, "REFUSED": 1}
    assert count(previewed["states"], "state") == {"LINKED": 1, "HAS_CONTACT": 1, "NEEDS_CONTACT": 2}
    assert (await office.create(expectedCount=4))["code"] == "CHANGED"
    made = (await office.create(expectedCount=5, idempotencyKey="spring-2026"))["campaign"]
    assert (made["state"], made["supplierCount"], made["waitingCount"]) == ("SENDING", 5, 5)
    assert made["filter"] == [{"field": "country", "values": ["VN"]}]
    await office.work()
    sent = await office.read(made["id"])
    assert (sent["state"], sent["waitingCount"], sent["linkedCount"], sent["overdueCount"]) == ("SENT", 0, 1, 0)
    assert count(sent["outcomes"], "outcome") == {"ASKED": 4, "REFUSED": 1}
    assert count(sent["states"], "state") == {"OPEN": 4}
    again = (await office.create(expectedCount=5, idempotencyKey="spring-2026"))["campaign"]
    assert again["id"] == made["id"]
    previewed = (await office.ask(PREVIEW, input=ASK | {"filter": {"country": ["VN"]}}))["campaignPreview"]
    assert count(previewed["outcomes"], "outcome") == {"ALREADY_REQUESTED": 4, "REFUSED": 1}
    other = (await office.create())["campaign"]
    await office.work()
    assert count((await office.read(other["id"]))["outcomes"], "outcome") == {"ALREADY_REQUESTED": 4, "REFUSED": 1}
    assert len(await office.list_requests()) == 4
    listed = await office.ask(
        "query ($id: ID!) { requests(campaignId: $id) { nodes { campaignId } }"
        " campaignSuppliers(campaignId: $id, outcome: REFUSED) { nodes { supplierName outcome } } }",
        id=made["id"],
    )
    assert [one["campaignId"] for one in listed["requests"]["nodes"]] == [made["id"]] * 4
    assert listed["campaignSuppliers"]["nodes"] == [{"supplierName": "Mill 1", "outcome": "REFUSED"}]


async def set_limit(office: Office, band: str, minutes: int) -> None:
    await office.portal.run_sql(
        "INSERT INTO portal.operator_limit (name, value) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        f"burden_minutes_{band}",
        minutes,
    )


async def test_whom_it_would_ask_for_more_than_the_limit_is_told_and_not_asked(office: Office) -> None:
    await office.add(supplier=office.supplier)
    await office.add(count=2)
    await office.add(state="refused")
    await office.portal.run_sql(
        "UPDATE portal.organization SET size_band = 'micro' WHERE id = $1", office.supplier.organization
    )
    definition = sample.make_definition()
    micro, basic = (int(asking.sum_minutes(definition, tier)) for tier in ("micro", "basic"))
    await set_limit(office, "micro", 1)
    await set_limit(office, "unknown", 2 * micro)
    given = ASK | {"filter": {"country": ["VN"]}}
    previewed = (await office.ask(PREVIEW, input=given))["campaignPreview"]
    expected = {"ASKED": 2, "OVER_LIMIT": 1, "REFUSED": 1}
    assert (count(previewed["outcomes"], "outcome"), previewed["overLimitCount"]) == (expected, 1)
    assert count(previewed["states"], "state") == {"NEEDS_CONTACT": 2}
    made = (await office.create(expectedCount=4))["campaign"]
    assert (made["waitingCount"], made["outcomes"]) == (3, [{"outcome": "OVER_LIMIT", "count": 1}])
    await office.work()
    sent = await office.read(made["id"])
    assert (sent["state"], count(sent["outcomes"], "outcome")) == ("SENT", expected)
    assert len(await office.list_requests()) == 2
    # What was asked in the last twelve months counts once, at its highest tier; what would not be asked burdens nobody.
    year = {"periodStart": "2025-01-01", "periodEnd": "2025-12-31"}
    await office.portal.run_sql("UPDATE portal.request SET state = 'fulfilled'")
    for more, unknown, over in (
        ({}, 1, 1),
        ({"minimumTier": "BASIC"}, basic, 1),
        ({"minimumTier": "BASIC"}, basic - 1, 3),
        (year, 2 * micro, 1),
        (year, 2 * micro - 1, 3),
        (year | {"subject": "SITE"}, 2 * micro - 1, 3),
    ):
        await set_limit(office, "unknown", unknown)
        assert (await office.ask(PREVIEW, input=given | more))["campaignPreview"]["overLimitCount"] == over, more
    await office.portal.run_sql("UPDATE portal.request SET created_at = now() - interval '13 months'")
    assert (await office.ask(PREVIEW, input=given | year))["campaignPreview"]["overLimitCount"] == 1
    await office.portal.run_sql("UPDATE portal.operator_limit SET value = 0")
    assert (await office.ask(PREVIEW, input=given | year))["campaignPreview"]["overLimitCount"] == 0


async def test_a_campaign_asks_about_a_site_of_each(office: Office) -> None:
    await office.add(supplier=office.supplier)
    await office.add()
    assert (await office.create(subjectName="The dyehouse"))["problems"][0]["code"] == "NOT_EXPECTED"
    await office.create()
    await office.work()
    about = {"subject": "SITE", "subjectName": "The dyehouse"}
    made = (await office.create(name="Sites", **about))["campaign"]
    await office.work()
    assert count((await office.read(made["id"]))["outcomes"], "outcome") == {"ASKED": 2}
    named = "query ($id: ID!) { node(id: $id) { ... on Campaign { subject subjectName } } }"
    assert (await office.ask(named, id=made["id"]))["node"] == about
    received = await office.ask("{ receivedRequests { nodes { subject subjectName } } }", office.supplier)
    assert about in received["receivedRequests"]["nodes"]
    given = ASK | {"filter": {"country": ["VN"]}}
    for more, expected in (
        (about, {"ALREADY_REQUESTED": 2}),
        (about | {"subjectName": "The mill"}, {"ASKED": 2}),
        ({}, {"ALREADY_REQUESTED": 2}),
    ):
        previewed = (await office.ask(PREVIEW, input=given | more))["campaignPreview"]
        assert count(previewed["outcomes"], "outcome") == expected
    # The supplier's dyehouse answered, and shares that; the other one's request was closed without an answer.
    site = ids.new_id()
    await office.portal.run_sql(
        "INSERT INTO portal.site (organization_id, id, name) VALUES ($1, $2, 'Hall 2')",
        office.supplier.organization,
        site,
    )
    answered = await office.answer(office.supplier, site=site)
    await office.portal.run_sql("UPDATE portal.request SET state = 'fulfilled' WHERE subject = 'site'")
    await office.portal.run_sql(
        "UPDATE portal.request SET assessment_id = $1 WHERE subject = 'site' AND supplier_id = $2",
        answered,
        office.supplier.organization,
    )
    for more, expected in (
        (about, {"ALREADY_ANSWERED": 1, "ASKED": 1}),
        (about | {"subjectName": None}, {"ASKED": 2}),
        (about | {"minimumTier": "STANDARD"}, {"ASKED": 2}),
    ):
        previewed = (await office.ask(PREVIEW, input=given | more))["campaignPreview"]
        assert count(previewed["outcomes"], "outcome") == expected
    await office.portal.run_sql("UPDATE portal.share SET revoked_at = portal.clock()")
    previewed = (await office.ask(PREVIEW, input=given | about))["campaignPreview"]
    assert count(previewed["outcomes"], "outcome") == {"ASKED": 2}


async def test_whoever_has_answered_is_asked_only_where_the_buyer_says_so(office: Office) -> None:
    other = await office.portal.sign_up("supplier")
    await office.add(supplier=office.supplier)
    await office.add(supplier=other)
    await office.create()
    await office.work()
    own = office.supplier.organization
    await office.portal.run_sql("UPDATE portal.request SET state = 'fulfilled' WHERE supplier_id = $1", own)
    await office.portal.run_sql("UPDATE portal.request SET state = 'declined' WHERE supplier_id <> $1", own)
    await office.answer(office.supplier)

    async def preview(**changed: Any) -> dict[str, int]:
        given = ASK | {"minimumTier": "BASIC", "filter": {"country": ["VN"]}} | changed
        return count((await office.ask(PREVIEW, input=given))["campaignPreview"]["outcomes"], "outcome")

    has_one, has_none = {"ALREADY_ANSWERED": 1, "ASKED": 1}, {"ASKED": 2}
    assert await preview() == has_one
    for other_question in ({"minimumTier": "STANDARD"}, {"periodStart": "2026-07-01"}, {"asksAnswered": True}):
        assert await preview(**other_question) == has_none
    made = (await office.create(minimumTier="BASIC"))["campaign"]
    await office.work()
    assert count((await office.read(made["id"]))["outcomes"], "outcome") == has_one
    await office.portal.run_sql("UPDATE portal.request SET state = 'declined' WHERE state = 'open'")
    # What was answered once and cannot be read any more is no answer.
    for gone, back in (
        ("share SET revoked_at = portal.clock()", "share SET revoked_at = NULL"),
        ("share SET sections_only = true, until = '2100-01-01'", "share SET sections_only = false"),
        ("submission SET state = 'withdrawn'", "submission SET state = 'current'"),
    ):
        await office.portal.run_sql(f"UPDATE portal.{gone}")
        assert await preview() == has_none, gone
        await office.portal.run_sql(f"UPDATE portal.{back}")
        assert await preview() == has_one, back


async def test_a_campaign_goes_on_where_a_worker_died_and_two_at_once_ask_nobody_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add(supplier=office.supplier, count=7)
    made = (await office.create())["campaign"]
    monkeypatch.setattr(campaign_work, "PART", 3)
    own = {
        "buyer": office.buyer.organization,
        "campaign": (await office.portal.fetch("SELECT id FROM portal.campaign"))[0][0],
    }
    with pytest.raises(RuntimeError):
        async with office.worker.transaction() as (session, _):
            await session.execute(campaign_work.SEND, own | {"made": [ids.new_id() for _ in range(3)]})
            raise RuntimeError("as if killed before the commit")
    async with office.worker.transaction() as (session, _):
        await session.execute(campaign_work.SEND, own | {"made": [ids.new_id() for _ in range(3)]})
    assert (await office.read(made["id"]))["waitingCount"] == 4
    await asyncio.gather(*(campaign_work.send_campaign(office.worker, **own) for _ in range(3)))
    sent = await office.read(made["id"])
    assert (sent["state"], sent["waitingCount"], count(sent["states"], "state")) == ("SENT", 0, {"OPEN": 7})
    events = await office.portal.fetch("SELECT DISTINCT ids FROM portal.outbox WHERE topic = 'request.asked'")
    assert len(events) == len(await office.list_requests()) == 7


async def test_the_open_requests_of_a_campaign_are_extended_reminded_of_and_withdrawn_together(office: Office) -> None:
    await office.add(supplier=office.supplier)
    await office.add("BD", count=2)
    made = (await office.create(filter={}))["campaign"]
    await office.work()
    later = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
    extended = await office.change("extend", campaignId=made["id"], dueOn=later, filter={"country": ["BD"]})
    assert extended["campaign"]["acts"] == [{"kind": "EXTEND", "narrowedTo": 2, "changedCount": 0, "doneAt": None}]
    assert (await office.change("remind", campaignId=made["id"]))["code"] == "BUSY"
    await office.work()
    assert sorted(str(row["due_on"]) for row in await office.list_requests()) == [DUE, later, later]
    await office.portal.run_sql("UPDATE portal.request SET told_at = told_at - interval '2 hours'")
    await office.change("remind", campaignId=made["id"], message="Please")
    await office.work()
    now = await office.read(made["id"])
    assert [(act["kind"], act["changedCount"], act["doneAt"] is None) for act in now["acts"]] == [
        ("REMIND", 1, False),
        ("EXTEND", 2, False),
    ]
    assert [row["message"] for row in await office.list_requests() if row["supplier_id"]] == ["Please"]
    await office.portal.run_sql("UPDATE portal.request SET state = 'fulfilled' WHERE supplier_id IS NOT NULL")
    assert (await office.change("withdraw", campaignId=made["id"]))["campaign"]["state"] == "WITHDRAWN"
    await office.work()
    now = await office.read(made["id"])
    assert count(now["states"], "state") == {"FULFILLED": 1, "WITHDRAWN": 2}
    assert {one["state"]: one["count"] for one in now["progress"]} == {"FULFILLED": 1, "WITHDRAWN": 2}
    assert (await office.change("remind", campaignId=made["id"]))["code"] == "CAMPAIGN_WITHDRAWN"
    topics = await office.portal.fetch(
        "SELECT topic, count(*) FROM portal.outbox WHERE topic LIKE 'request.%' GROUP BY 1"
    )
    assert dict(map(tuple, topics)) == {
        "request.asked": 3, "request.reminded": 1, "request.extended": 2, "request.withdrawn": 2,
    }  # fmt: skip


async def test_whoever_has_answered_is_reminded_of_nothing(office: Office) -> None:
    other = await office.portal.sign_up("supplier")
    await office.add(supplier=office.supplier)
    await office.add(supplier=other)
    made = (await office.create(minimumTier="BASIC"))["campaign"]
    await office.work()
    answered = await office.answer(office.supplier, shares=False)
    await office.portal.run_sql(
        "UPDATE portal.request SET state = 'accepted', assessment_id = $1 WHERE supplier_id = $2",
        answered,
        office.supplier.organization,
    )
    await office.portal.run_sql("UPDATE portal.request SET told_at = told_at - interval '2 hours'")
    await office.change("remind", campaignId=made["id"])
    await office.work()
    assert [act["changedCount"] for act in (await office.read(made["id"]))["acts"]] == [1]
    told = await office.portal.fetch(
        "SELECT r.supplier_id FROM portal.outbox o JOIN portal.request r ON r.id = (o.ids ->> 'request')::uuid"
        " WHERE o.topic = 'request.reminded'"
    )
    assert [row["supplier_id"] for row in told] == [other.organization]


async def test_a_campaign_rests_while_its_buyer_is_suspended(office: Office) -> None:
    await office.add(supplier=office.supplier)
    made = (await office.create())["campaign"]
    await office.suspend("suspended")
    await office.work()
    assert await office.list_requests() == []
    await office.suspend("active")
    assert (await office.read(made["id"]))["state"] == "SENDING"
    await office.work()
    assert ((await office.read(made["id"]))["state"], len(await office.list_requests())) == ("SENT", 1)
    await office.change("withdraw", campaignId=made["id"])
    await office.suspend("suspended")
    await office.work()
    assert [row["state"] for row in await office.list_requests()] == ["open"]
    await office.suspend("active")
    await office.work()
    assert [row["state"] for row in await office.list_requests()] == ["withdrawn"]


async def test_a_withdrawn_campaign_asks_nobody_more_and_nobody_else_sees_it(office: Office) -> None:
    await office.add(count=3)
    made = (await office.create())["campaign"]
    # A part of it would miss those that are still to be asked.
    later = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
    for kind, more in (("withdraw", {}), ("extend", {"dueOn": later}), ("remind", {})):
        assert (await office.change(kind, campaignId=made["id"], filter={}, **more))["code"] == "BUSY"
    await office.change("withdraw", campaignId=made["id"])
    again = await office.change("withdraw", campaignId=made["id"])  # as if the reply was lost
    assert (again["campaign"]["state"], len(again["campaign"]["acts"])) == ("WITHDRAWN", 1)
    await office.work()
    assert await office.list_requests() == []
    other = await office.portal.sign_up("buyer")
    assert await office.read(made["id"], other) is None
    query = CHANGE.format(
        name="withdrawCampaign", input="WithdrawCampaignInput", success="CampaignChanged", fields="id"
    )
    assert (await office.ask(query, other, input={"campaignId": made["id"]}))["result"]["__typename"] == "NotFound"


async def test_a_request_is_overdue_after_the_end_of_its_day_where_the_supplier_is(office: Office) -> None:
    await office.add(supplier=office.supplier)
    await office.add()
    made = (await office.create(dueOn="2026-12-31"))["campaign"]
    await office.work()
    await office.portal.run_sql(
        "UPDATE portal.organization SET time_zone = 'America/Lima' WHERE id = $1", office.supplier.organization
    )
    told = {}
    for moment in ("2026-12-31 23:59", "2027-01-01 00:00", "2027-01-01 04:59", "2027-01-01 05:00"):
        await office.portal.run_sql(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS"
            f" $$ SELECT '{moment}+00'::timestamptz $$"
        )
        asked = (await office.ask("{ requests { nodes { dueOn dueAt isOverdue } } }"))["requests"]["nodes"]
        seen = await office.ask("{ receivedRequests { nodes { dueAt isOverdue } } }", office.supplier)
        (own,) = seen["receivedRequests"]["nodes"]
        assert own in [{name: one[name] for name in own} for one in asked]
        assert sum(one["isOverdue"] for one in asked) == (await office.read(made["id"]))["overdueCount"]
        told[moment[8:]] = sorted((one["dueAt"], one["isOverdue"]) for one in asked)
    utc, lima = "2027-01-01T00:00:00Z", "2027-01-01T05:00:00Z"
    assert told == {
        "31 23:59": [(utc, False), (lima, False)],
        "01 00:00": [(utc, True), (lima, False)],
        "01 04:59": [(utc, True), (lima, False)],
        "01 05:00": [(utc, True), (lima, True)],
    }


async def test_what_cannot_be_asked_is_told_with_every_reason(office: Office) -> None:
    assert (await office.create())["problems"][0]["code"] == "EMPTY"
    refused = await office.create(name=" ", purpose="", dueOn="2020-01-01")
    assert {one["code"] for one in refused["problems"]} == {"NAME", "EMPTY", "DUE_DATE"}


async def test_the_number_of_statements_does_not_depend_on_the_suppliers(office: Office) -> None:
    counts = []
    for number in (1, 200):
        await office.add(count=number)
        with record_statements(office.portal.app.state.services.database.engine.sync_engine) as sent:
            await office.create(name=str(number), periodEnd=f"2026-12-{10 + len(counts)}")
        counts.append(len(sent))
    assert counts[0] == counts[1]
