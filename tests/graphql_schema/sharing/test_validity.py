"""The validity of a result ends: the supplier is told once, in time; buyers see it marked, and it counts no more."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.database import engine
from portal.delivery import result_reminders, workplace
from tests import databases, people
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import Stage, Submitted

LIST = """
query ($filter: SupplierFilter, $sort: SupplierSort!) { suppliers(filter: $filter, sort: $sort) { totalCount nodes {
  id isExpired total band validUntil } } }
"""
PROFILE = """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { isExpired total latestResult { isValid validUntil } } }
"""
OFFER = """
query ($id: ID!) { node(id: $id) { ... on Submission { result { isValid } renewalOffer { periodStart periodEnd } } } }
"""
RENEW = """
mutation ($input: RenewAssessmentInput!) { renewAssessment(input: $input) { __typename ... on Problem { code } } }
"""
DAY = timedelta(days=1)


async def remind(stage: Stage, database: databases.TestDatabase) -> int:
    """What the worker does by the clock; how many suppliers are to be told."""
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=1))
    place = workplace.Workplace(stage.settings, workers, None)  # type: ignore[arg-type]
    await people.bring_to_noon(database, hours=12)
    await result_reminders.remind_of_results(place)
    assert (
        await stage.house.fetch("SELECT FROM portal.outbox WHERE topic = 'validity.ending' AND relayed_at IS NULL")
        == []
    )
    await people.bring_to_noon(database)
    await result_reminders.remind_of_results(place)
    await workers.close()
    told = await stage.house.fetch("DELETE FROM portal.outbox WHERE topic = 'validity.ending' RETURNING ids")
    return len(told)


async def list_suppliers(stage: Stage, sort: str = "NAME", **filter: Any) -> Any:
    return (await stage.ask(stage.maker, LIST, sort=sort, filter={"questionnaire": "sample"} | filter))["suppliers"]


async def share_both(stage: Stage) -> tuple[Submitted, Submitted]:
    """Two suppliers of one buyer, the first of which has the better result."""
    good, poor = await stage.submit(stage.weaver), await stage.submit(stage.dyer, exits_locked=True)
    await stage.share(stage.weaver, stage.maker, good)
    await stage.share(stage.dyer, stage.maker, poor)
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", stage.maker.organization)
    return good, poor


async def end_validity(stage: Stage, submitted: Submitted, last: date) -> None:
    await stage.house.fetch("UPDATE portal.result SET valid_until = $2 WHERE submission_id = $1", submitted.id, last)


async def test_an_expired_result_is_marked_and_counts_as_without_a_value(
    unwatched: Stage, database: databases.TestDatabase
) -> None:
    stage = unwatched
    good, _ = await share_both(stage)
    today = (await stage.house.fetch("SELECT (portal.clock() AT TIME ZONE 'UTC')::date"))[0][0]
    weaver, dyer = (stage.name_record(stage.maker, one) for one in (stage.weaver, stage.dyer))
    await end_validity(stage, good, today + 3 * DAY)
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", stage.maker.organization)
    before = await list_suppliers(stage, "TOTAL_HIGHEST")
    assert [(one["id"], one["isExpired"]) for one in before["nodes"]] == [(weaver, False), (dyer, False)]
    due = "SELECT next_change_at::date FROM portal.relationship_card WHERE submission_id = $1"
    assert (await stage.house.fetch(due, good.id))[0][0] == today + 4 * DAY
    await people.move_clock(database, "3 days")  # its last good day
    assert await list_suppliers(stage, "TOTAL_HIGHEST") == before
    await people.move_clock(database, "4 days")
    for swept in (False, True):  # at once, and after the worker has written the cards anew
        if swept:
            await stage.house.fetch("SELECT portal.sweep_cards($1)", stage.maker.organization)
        for sort in ("TOTAL_HIGHEST", "TOTAL_LOWEST"):
            nodes = (await list_suppliers(stage, sort))["nodes"]
            assert [(one["id"], one["isExpired"], one["total"]) for one in nodes] == [
                (dyer, False, before["nodes"][1]["total"]),
                (weaver, True, before["nodes"][0]["total"]),
            ], (swept, sort)
        for filter, wanted in (
            ({"tier": ["BASIC"]}, [dyer]), ({"band": ["a", "d"]}, [dyer]), ({"expired": True}, [weaver]),
            ({"expired": False}, [dyer]), ({}, [dyer, weaver]),
        ):  # fmt: skip
            for sort in ("NAME", "TOTAL_HIGHEST"):
                found = await list_suppliers(stage, sort, **filter)
                assert sorted(one["id"] for one in found["nodes"]) == sorted(wanted), (swept, filter, sort)
                assert found["totalCount"] == len(wanted)
        profile = (await stage.ask(stage.maker, PROFILE, id=weaver))["supplier"]
        assert (profile["isExpired"], profile["latestResult"]["isValid"]) == (True, False)
        assert profile["total"] == before["nodes"][0]["total"]  # it is shown all the same
    assert await stage.house.fetch(f"{due} AND next_change_at IS NOT NULL", good.id) == []  # nothing is due any more
    table = await stage.fetch(stage.maker, "/suppliers.csv?questionnaire=sample&expired=true")
    (row,) = csv.DictReader(io.StringIO(table.text.lstrip("\ufeff")))
    assert row["Id"] == weaver and row["Expired"].lower() == "true"
    await end_validity(stage, good, today + 9 * DAY)
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", stage.maker.organization)
    assert [one["id"] for one in (await list_suppliers(stage, "TOTAL_HIGHEST"))["nodes"]] == [weaver, dyer]


async def test_the_supplier_is_told_once_and_offered_the_next_period(
    unwatched: Stage, database: databases.TestDatabase
) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    await stage.submit(stage.weaver, start=date(2025, 1, 1), end=date(2025, 12, 31))  # an earlier period's
    offer = (await stage.ask(stage.weaver, OFFER, id=submitted.node))["node"]["renewalOffer"]
    assert (await remind(stage, database), offer) == (0, None)
    await people.move_clock(database, "319 days")
    assert await remind(stage, database) == 0
    await people.move_clock(database, "320 days")
    assert [await remind(stage, database), await remind(stage, database)] == [1, 0]
    rows = await stage.house.fetch("SELECT submission_id FROM portal.result_reminder")
    assert [row[0] for row in rows] == [submitted.id]
    found = (await stage.ask(stage.weaver, OFFER, id=submitted.node))["node"]
    assert found["renewalOffer"] == {"periodStart": "2027-01-01", "periodEnd": "2027-12-31"}
    await people.move_clock(database, "400 days")
    found = (await stage.ask(stage.weaver, OFFER, id=submitted.node))["node"]
    assert (found["result"]["isValid"], found["renewalOffer"] is None) == (False, False)
    renewed = await stage.change(
        stage.weaver,
        RENEW,
        assessmentId=stage.name("asmt", stage.weaver, submitted.assessment),
        **found["renewalOffer"],
    )
    assert renewed["__typename"] == "AssessmentRenewed", renewed
    assert (await stage.ask(stage.weaver, OFFER, id=submitted.node))["node"]["renewalOffer"] is None
    assert await remind(stage, database) == 0


async def test_periods_follow_each_other_in_months_or_days(unwatched: Stage) -> None:
    for first, last, wanted in (
        (date(2026, 1, 1), date(2026, 12, 31), date(2027, 12, 31)),
        (date(2026, 7, 1), date(2027, 6, 30), date(2028, 6, 30)),
        (date(2026, 1, 1), date(2026, 3, 31), date(2026, 6, 30)),
        (date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 1, 5), date(2026, 1, 11), date(2026, 1, 18)),
    ):
        found = await unwatched.house.fetch("SELECT portal.find_next_period_end($1, $2)", first, last)
        assert found[0][0] == wanted, (first, last)


@pytest.mark.slow
async def test_the_letter_names_what_ends(
    database: databases.TestDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        await stage.submit(stage.weaver)
        await people.move_clock(database, "330 days")
        await people.bring_to_noon(database)
        printing = stage.settings.model_copy(update={"environment": "development"})
        async with stages.run_worker(database, printing):  # it reminds by itself
            while not await stage.house.fetch("SELECT 1 FROM portal.mail WHERE kind = 'validity_ending'"):
                await stage.wait_for_jobs()
            await stage.wait_for_jobs()
        printed = capsys.readouterr().out
        assert "No more letters about results and documents: " in printed
        assert "end soon" in printed and "| Sample | the whole organization | 2026-01-01 – 2026-12-31" in printed
