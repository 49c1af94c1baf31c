"""Cadences: whom a buyer asks anew and when, by the worker alone, once for each period and never past a limit."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from portal.assessments import cadence_work, publishing
from portal.database import engine, ids
from portal.delivery import mail
from portal.delivery.letter_texts import read_packaged
from tests import people
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import shared
from tests.portal.assessments import sample

FIELDS = "id questionnaire tier everyMonths leadDays isPaused isPlanned supplierCount heldCount nextOn"
CHANGE = """mutation ($input: {input}!) {{ result: {name}(input: $input) {{ __typename
  ... on Problem {{ code message }} ... on InvalidInput {{ problems {{ code path }} }}
  ... on {success} {{ {fields} }} }} }}"""
LIST = f"{{ cadences {{ nodes {{ {FIELDS} }} }} }}"
DAYS = """query ($id: ID!) { cadenceSuppliers(cadenceId: $id) {
  nodes { supplierName askOn endsOn afterPeriodEnd held } } }"""
ASKED = "questionnaire minimumTier periodStart periodEnd dueOn everyMonths afterPeriodEnd state"
RECEIVED = f"{{ receivedRequests {{ nodes {{ {ASKED} buyerName }} }} }}"
REQUESTS = f"{{ requests {{ nodes {{ {ASKED} supplierName cadenceId }} }} }}"
ACCEPT = """mutation ($id: ID!) { acceptRequest(input: {requestId: $id}) {
  ... on RequestAccepted { outcome } ... on Problem { code message } } }"""
WORDS = {"set": "CadenceSet", "pause": "CadencePaused", "resume": "CadenceResumed", "remove": "CadenceRemoved"}


@dataclass
class Office:
    """A buyer with suppliers that have answered it, and a worker at hand, at a time that stands still."""

    portal: Portal
    worker: engine.Database
    buyer: Caller

    async def at(self, moment: str) -> None:
        await self.portal.run_sql(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS"
            f" $$ SELECT '{moment}'::timestamptz $$"
        )

    async def add(self, name: str, *, buyer: Caller | None = None, **firm: str) -> tuple[Caller, UUID]:
        """A linked supplier, and the buyer's record of it."""
        supplier = await self.portal.sign_up("supplier")
        for column, value in firm.items():
            await self.portal.run_sql(
                f"UPDATE portal.organization SET {column} = $1 WHERE id = $2", value, supplier.organization
            )
        return supplier, await self.link(buyer or self.buyer, supplier, name)

    async def link(self, buyer: Caller, supplier: Caller, name: str) -> UUID:
        record = await people.add_record(self.portal.database, buyer.organization, name)
        await self.portal.run_sql(
            "UPDATE portal.supplier_record SET supplier_id = $1, state = 'linked' WHERE id = $2",
            supplier.organization,
            record,
        )
        return record

    async def answer(
        self, record: UUID, tier: str = "micro", on: str = "2026-02-10", year: int = 2025, state: str = "fulfilled"
    ) -> UUID:
        """What was asked by hand and what became of it, on a day."""
        made = ids.new_id()
        await self.portal.run_sql(
            "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,"
            " period_start, period_end, purpose, due_on, created_at, state, state_changed_at)"
            " SELECT buyer_id, $1, id, supplier_id, 'sample', $2, make_date($3, 1, 1), make_date($3, 12, 31), 'Review',"
            " '2026-12-31', $4::text::timestamptz, $5, $4::text::timestamptz FROM portal.supplier_record WHERE id = $6",
            made,
            tier,
            year,
            f"{on}T12:00Z",
            state,
            record,
        )
        await self.refresh(record)
        return made

    async def refresh(self, record: UUID) -> None:
        """What the worker does once a request, a share or a result changed."""
        await self.portal.run_sql(
            "SELECT portal.refresh_cards(buyer_id, id) FROM portal.supplier_record WHERE id = $1", record
        )

    async def change(self, kind: str, caller: Caller | None = None, **given: Any) -> Any:
        fields = "cadenceId" if kind == "remove" else f"cadence {{ {FIELDS} }}"
        query = CHANGE.format(
            name=f"{kind}Cadence", input=f"{kind.capitalize()}CadenceInput", success=WORDS[kind], fields=fields
        )
        answer = await self.portal.ask(query, (caller or self.buyer).token, input=given)
        assert "errors" not in answer, answer
        await self.plan()
        return answer["data"]["result"]

    async def set(self, tier: str = "MICRO", months: int = 12, **more: Any) -> str:
        given = {"questionnaire": "sample", "tier": tier, "everyMonths": months, "purpose": "Every year"} | more
        done = await self.change("set", **given)
        assert done["__typename"] == "CadenceSet", done
        return str(done["cadence"]["id"])

    async def plan(self) -> None:
        for row in await self.portal.fetch(
            "UPDATE portal.outbox SET relayed_at = now() WHERE relayed_at IS NULL AND topic = 'cadence.set'"
            " RETURNING ids ->> 'buyer' AS buyer, ids ->> 'cadence' AS cadence"
        ):
            await cadence_work.plan_cadence(self.worker, buyer=UUID(row["buyer"]), cadence=UUID(row["cadence"]))

    async def ask_on(self, day: str) -> int:
        """How many requests the worker makes at noon of a day in UTC."""
        await self.at(f"{day}T12:00Z")
        before = len(await self.portal.fetch("SELECT FROM portal.request"))
        await cadence_work.ask_due(self.worker)
        return len(await self.portal.fetch("SELECT FROM portal.request")) - before

    async def list_cadences(self, caller: Caller | None = None) -> list[Any]:
        found = await self.portal.ask(LIST, (caller or self.buyer).token)
        return list(found["data"]["cadences"]["nodes"])

    async def list_days(self, cadence: str, caller: Caller | None = None) -> dict[str, Any]:
        found = await self.portal.ask(DAYS, (caller or self.buyer).token, id=cadence)
        return {one.pop("supplierName"): one for one in found["data"]["cadenceSuppliers"]["nodes"]}


@pytest_asyncio.fixture
async def office(database: TestDatabase) -> AsyncIterator[Office]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=3))
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        made = Office(running, workers, await running.sign_up("buyer"))
        await made.at("2026-03-01T12:00Z")
        yield made
    await workers.close()


async def test_each_tier_has_its_rhythm_and_the_buyer_looks_at_the_days_before_anybody_is_asked(office: Office) -> None:
    supplier, first = await office.add("Yearly")
    await office.answer(first, "standard")
    await office.answer((await office.add("Seldom"))[1], "basic")
    await office.answer((await office.add("Never"))[1], "micro")
    yearly = await office.set("STANDARD", 12, paused=True, leadDays=30)
    seldom = await office.set("BASIC", 24)
    assert await office.set("STANDARD", 12, paused=True, leadDays=30) == yearly
    assert await office.list_days(yearly) == {
        "Yearly": {"askOn": "2027-01-11", "endsOn": "2027-02-10", "afterPeriodEnd": "2025-12-31", "held": None}
    }
    assert (await office.list_days(seldom))["Seldom"]["askOn"] == "2027-12-27"
    shown = {one["tier"]: one for one in await office.list_cadences()}
    assert (shown["STANDARD"]["isPaused"], shown["STANDARD"]["nextOn"], shown["STANDARD"]["isPlanned"]) == (
        True,
        None,
        True,
    )
    assert (shown["BASIC"]["nextOn"], shown["BASIC"]["supplierCount"], shown["BASIC"]["heldCount"]) == (
        "2027-12-27",
        1,
        0,
    )

    assert await office.ask_on("2027-01-11") == 0
    assert (await office.change("resume", cadenceId=yearly))["cadence"]["nextOn"] == "2027-01-11"
    assert await office.ask_on("2027-01-10") == 0
    assert [await office.ask_on("2027-01-11") for _ in range(3)] == [1, 0, 0]
    told = {
        "questionnaire": "sample", "minimumTier": "STANDARD", "periodStart": "2026-01-01", "periodEnd": "2026-12-31",
        "dueOn": "2027-02-10", "everyMonths": 12, "afterPeriodEnd": "2025-12-31", "state": "OPEN",
    }  # fmt: skip
    received = await office.portal.ask(RECEIVED, supplier.token)
    new = next(one for one in received["data"]["receivedRequests"]["nodes"] if one["everyMonths"])
    assert {name: new[name] for name in told} == told
    asked = (await office.portal.ask(REQUESTS, office.buyer.token))["data"]["requests"]["nodes"][0]
    assert (asked["supplierName"], asked["cadenceId"]) == ("Yearly", yearly)
    assert await office.list_days(yearly) == {}

    # When it is answered, the next period is planned; when it is not, the next day comes by itself all the same.
    await office.portal.run_sql("UPDATE portal.request SET state = 'fulfilled' WHERE cadence_id IS NOT NULL")
    await office.refresh(first)
    assert (await office.list_days(yearly))["Yearly"]["afterPeriodEnd"] == "2026-12-31"
    assert (await office.list_days(yearly))["Yearly"]["endsOn"] == "2028-01-11"
    # Whoever is asked seldom is asked for the year that has just ended, not for the one after the last answer.
    assert await office.ask_on("2027-12-27") == 2
    listed = (await office.portal.ask(REQUESTS, office.buyer.token))["data"]["requests"]["nodes"]
    periods = {
        one["supplierName"]: (one["periodStart"], one["everyMonths"]) for one in listed if one["state"] == "OPEN"
    }
    assert periods == {"Yearly": ("2027-01-01", 12), "Seldom": ("2027-01-01", 24)}


async def test_the_letter_says_why_the_supplier_is_asked(office: Office) -> None:
    supplier, record = await office.add("Told")
    await office.answer(record)
    await office.set()
    assert await office.ask_on("2026-12-27") == 1
    (event,) = await office.portal.fetch("SELECT ids::text FROM portal.outbox WHERE topic = 'request.renewed'")
    named = {"user": str(supplier.user)}
    for name in ("buyer", "request"):
        (found,) = await office.portal.fetch("SELECT $1::jsonb ->> $2", event[0], name)
        named[name] = found[0]
    async with people.open_session(office.portal.database.worker_url) as session:
        letter = await mail.compose(session, "request_renewed", named, "http://portal.test", read_packaged(), "key")
    assert letter is not None
    assert "asks its suppliers of this level every 12 months" in letter.body
    assert "The last period was that to 2025-12-31." in letter.body
    assert "/letters/answer?token=" in letter.body


async def test_days_are_those_of_the_suppliers_calendar(office: Office) -> None:
    for zone in ("Pacific/Auckland", "America/Lima"):
        await office.answer((await office.add(zone, time_zone=zone))[1])
    await office.set()
    for moment, made in (
        ("2026-12-26T19:30Z", 0),  # in Auckland the 27th has begun, but nobody gets letters before nine
        ("2026-12-26T20:30Z", 1),
        ("2026-12-27T03:00Z", 0),  # in Lima it is still the 26th
        ("2026-12-27T12:00Z", 0),
        ("2026-12-27T15:00Z", 1),
    ):
        await office.at(moment)
        before = len(await office.portal.fetch("SELECT FROM portal.request"))
        await cadence_work.ask_due(office.worker)
        assert len(await office.portal.fetch("SELECT FROM portal.request")) - before == made, moment
    due = await office.portal.fetch("SELECT due_on::text FROM portal.request WHERE cadence_id IS NOT NULL")
    assert [row[0] for row in due] == ["2027-02-10"] * 2


async def test_nobody_is_asked_who_is_asked_already_or_never_answered_and_each_period_is_asked_once(
    office: Office,
) -> None:
    states = {"waits": "accepted", "waits too": "open", "not us": "not_us", "said no": "declined", "back": "withdrawn"}
    records = {}
    for name, state in states.items():
        records[name] = (await office.add(name))[1]
        await office.answer(records[name])
        await office.answer(records[name], on="2026-02-20", year=2026, state=state)
    silent = (await office.add("silent"))[1]
    await office.answer(silent, state="declined")
    gone = (await office.add("gone"))[1]
    await office.answer(gone)
    cadence = await office.set()
    days = await office.list_days(cadence)
    assert {name: one["afterPeriodEnd"] for name, one in days.items()} == {
        "said no": "2026-12-31", "back": "2026-12-31", "gone": "2025-12-31",
    }  # fmt: skip
    # A period is not asked for before it has begun, however early the last answer came.
    assert days["said no"]["askOn"] == "2027-01-06"
    await office.portal.run_sql("UPDATE portal.supplier_record SET archived_at = now() WHERE id = $1", gone)
    await office.refresh(gone)
    assert await office.ask_on("2027-01-06") == 2
    assert len(await office.portal.fetch("SELECT FROM portal.request WHERE cadence_id IS NOT NULL")) == 2
    asked = await office.portal.fetch(
        "SELECT period_end::text, due_on::text FROM portal.request WHERE cadence_id IS NOT NULL"
    )
    assert [tuple(row) for row in asked] == [("2027-12-31", "2027-02-20")] * 2
    # Another "no" is the answer for that period: the next one comes a year later.
    await office.portal.run_sql("UPDATE portal.request SET state = 'declined' WHERE cadence_id IS NOT NULL")
    for record in records.values():
        await office.refresh(record)
    assert await office.ask_on("2027-06-01") == 0
    assert {one["afterPeriodEnd"] for one in (await office.list_days(cadence)).values()} == {"2027-12-31"}
    # More often changes the days of the same cadence, and removing it takes them away.
    assert await office.set(months=3) == cadence
    assert {one["askOn"] for one in (await office.list_days(cadence)).values()} == {"2028-01-01"}
    assert (await office.change("remove", cadenceId=cadence))["cadenceId"] == cadence
    assert await office.list_cadences() == []
    assert await office.portal.fetch("SELECT FROM portal.cadence_plan") == []
    assert await office.ask_on("2028-06-01") == 0
    assert (await office.change("resume", cadenceId=cadence))["__typename"] == "NotFound"
    assert await office.set() != cadence


async def test_what_two_buyers_ask_anew_is_answered_once(office: Office) -> None:
    other = await office.portal.sign_up("buyer")
    supplier, record = await office.add("Shared")
    await office.answer(record)
    await office.answer(await office.link(other, supplier, "As the other calls it"), on="2026-02-01")
    await office.set()
    given = {"questionnaire": "sample", "tier": "MICRO", "everyMonths": 12, "purpose": "Ours"}
    await office.change("set", other, **given)
    assert await office.ask_on("2027-01-01") == 2
    found = await office.portal.ask("{ receivedRequests(state: OPEN) { nodes { id dueOn } } }", supplier.token)
    waiting = found["data"]["receivedRequests"]["nodes"]
    assert [one["dueOn"] for one in waiting] == ["2027-02-15", "2027-02-15"]
    outcomes = []
    for one in waiting:
        done = await office.portal.ask(ACCEPT, supplier.token, id=one["id"])
        outcomes.append(done["data"]["acceptRequest"]["outcome"])
    assert outcomes == ["STARTED", "JOINED"]


async def test_requests_about_a_site_neither_count_nor_stand_in_the_way(office: Office) -> None:
    _, record = await office.add("Two places")
    await office.answer(record)
    site = await office.answer(record, on="2026-02-11", year=2027, state="open")
    await office.portal.run_sql("UPDATE portal.request SET subject = 'site', due_on = '2026-03-01' WHERE id = $1", site)
    await office.refresh(record)
    cadence = await office.set()
    assert await office.ask_on("2026-12-27") == 1
    assert await office.list_days(cadence) == {}
    await office.portal.run_sql("UPDATE portal.request SET state = 'declined' WHERE cadence_id IS NOT NULL")
    await office.refresh(record)
    assert (await office.list_days(cadence))["Two places"]["afterPeriodEnd"] == "2026-12-31"


async def test_the_operators_limit_holds_for_what_the_buyer_itself_asks(office: Office) -> None:
    other = await office.portal.sign_up("buyer")
    supplier, small = await office.add("Small", size_band="small")
    await office.answer(small, "basic")  # 11 minutes, more than a year before it is asked again
    theirs = await office.link(other, supplier, "As the other calls it")
    await office.answer(theirs, "standard", on="2026-12-20", year=2024, state="open")
    _, micro = await office.add("Micro", size_band="micro")
    await office.answer(micro, "basic")
    for band in ("micro", "small"):
        await office.portal.run_sql("INSERT INTO portal.operator_limit VALUES ($1, 10)", f"burden_minutes_{band}")
    await office.portal.run_sql("UPDATE portal.operator_limit SET value = 11 WHERE name = 'burden_minutes_small'")
    cadence = await office.set("BASIC", leadDays=14)
    assert await office.ask_on("2027-02-11") == 1
    days = await office.list_days(cadence)
    assert {name: (one["held"], one["askOn"]) for name, one in days.items()} == {"Micro": ("OVER_LIMIT", "2027-03-13")}
    assert [(one["heldCount"], one["supplierCount"]) for one in await office.list_cadences()] == [(1, 1)]
    assert await office.ask_on("2027-03-01") == 0
    await office.portal.run_sql("UPDATE portal.operator_limit SET value = 12")
    await office.portal.run_sql("UPDATE portal.questionnaire_version SET retired_on = '2027-03-01'")
    assert await office.ask_on("2027-03-13") == 0
    assert (await office.list_days(cadence))["Micro"]["held"] == "NOT_OFFERED"
    await office.portal.run_sql("UPDATE portal.questionnaire_version SET retired_on = NULL")
    # What came late has the whole time that the cadence gives.
    assert await office.ask_on("2027-04-12") == 1
    (late,) = await office.portal.fetch(
        "SELECT due_on::text FROM portal.request WHERE supplier_record_id = $1 AND cadence_id IS NOT NULL", micro
    )
    assert late[0] == "2027-04-26"


async def test_a_worker_that_dies_and_several_at_once_ask_nobody_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, record = await office.add("Mill")
    await office.answer(record)
    for place in range(6):
        (other,) = await office.portal.fetch(
            "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, country, state, supplier_id)"
            " SELECT buyer_id, gen_random_uuid(), name || $2, name_key, country, state, supplier_id"
            " FROM portal.supplier_record WHERE id = $1 RETURNING id",
            record,
            str(place),
        )
        await office.answer(other[0])
    await office.set()
    monkeypatch.setattr(cadence_work, "ASKED_AT_ONCE", 3)
    await office.at("2026-12-30T12:00Z")
    with pytest.raises(RuntimeError):
        async with office.worker.transaction() as (session, _):
            assert await cadence_work._ask_part(session) == 3
            raise RuntimeError("as if killed before the commit")
    assert await office.portal.fetch("SELECT FROM portal.request WHERE cadence_id IS NOT NULL") == []
    await asyncio.gather(*(cadence_work.ask_due(office.worker) for _ in range(3)))
    await cadence_work.ask_due(office.worker)
    asked = await office.portal.fetch("SELECT supplier_record_id FROM portal.request WHERE cadence_id IS NOT NULL")
    assert len({row[0] for row in asked}) == len(asked) == 7
    events = await office.portal.fetch("SELECT DISTINCT ids FROM portal.outbox WHERE topic = 'request.renewed'")
    assert len(events) == 7


async def test_a_shared_result_that_nobody_asked_for_counts_while_it_is_shared(office: Office) -> None:
    await office.portal.run_sql(
        "INSERT INTO portal.questionnaire (key, title, purpose, visibility, current_version)"
        " VALUES ('responsible-sourcing', 'L', 'self_assessment', 'public', NULL)"
    )
    made = await shared.share(office.portal, office.buyer, "Open Mills")
    await office.portal.run_sql(
        "INSERT INTO portal.cadence (buyer_id, id, questionnaire, tier, every_months, lead_days, purpose)"
        " VALUES ($1, $2, 'responsible-sourcing', 'basic', 6, 14, 'x')",
        office.buyer.organization,
        ids.new_id(),
    )
    await office.portal.run_sql(
        "INSERT INTO portal.outbox (id, topic, ids) SELECT gen_random_uuid(), 'cadence.set',"
        " jsonb_build_object('buyer', buyer_id, 'cadence', id) FROM portal.cadence"
    )
    await office.plan()
    plan = "SELECT ask_on::text, ends_on::text, period_end::text FROM portal.cadence_plan"
    # Six months from the day that it was submitted; the period after it begins with the year.
    assert [tuple(row) for row in await office.portal.fetch(plan)] == [("2027-01-01", "2026-09-01", "2026-12-31")]
    await office.portal.run_sql("UPDATE portal.share SET revoked_at = portal.clock() WHERE id = $1", made.share)
    await office.refresh(made.record)
    assert await office.portal.fetch(plan) == []


async def test_a_cadence_is_its_buyers_alone(office: Office) -> None:
    _, record = await office.add("Mine")
    await office.answer(record)
    cadence = await office.set()
    other, supplier = await office.portal.sign_up("buyer"), await office.portal.sign_up("supplier")
    viewer = await office.portal.join(office.buyer, "Viewer", "viewer")
    assert await office.list_cadences(other) == []
    assert await office.list_days(cadence, other) == {}
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await office.portal.ask(node, other.token, id=cadence))["data"]["node"] is None
    for kind in ("pause", "resume", "remove"):
        assert (await office.change(kind, other, cadenceId=cadence))["__typename"] == "NotFound"
        assert (await office.change(kind, viewer, cadenceId=cadence))["__typename"] == "NotAllowed"
        assert (await office.change(kind, supplier, cadenceId=cadence))["__typename"] == "NotAllowed"
    given = {"questionnaire": "sample", "tier": "MICRO", "everyMonths": 12, "purpose": "Theirs"}
    assert (await office.change("set", other, **given))["cadence"]["id"] != cadence
    assert (await office.change("set", viewer, **given))["__typename"] == "NotAllowed"
    (own,) = await office.list_cadences()
    assert (own["id"], own["isPaused"], own["supplierCount"]) == (cadence, False, 1)
    assert [one["supplierCount"] for one in await office.list_cadences(other)] == [0]
    wrong = await office.change("set", **given | {"everyMonths": 2, "leadDays": 200, "purpose": " "})
    assert {(one["code"], one["path"][-1]) for one in wrong["problems"]} == {
        ("OUT_OF_RANGE", "everyMonths"), ("OUT_OF_RANGE", "leadDays"), ("EMPTY", "purpose"),
    }  # fmt: skip
    assert (await office.change("set", **given | {"tier": "ADVANCED"}))["problems"][0]["code"] == "TIER"
    assert (await office.change("set", **given | {"questionnaire": "none"}))["__typename"] == "NotFound"
