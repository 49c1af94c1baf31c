"""Nobody reports on a period that has not begun where the firm is; answers are saved all the same."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from portal.assessments import publishing
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import SUBMIT, do, start, write_all
from tests.graphql_schema.assessments.test_upgrades import save
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

YEAR = {"periodStart": "2027-01-01", "periodEnd": "2027-12-31"}
PROBLEMS = (
    "query ($id: ID!, $locale: Locale) { assessment(id: $id) { problems(locale: $locale) { question code message"
    " locale } } scorePreview(assessmentId: $id, locale: $locale) { problems { question code message locale } } }"
)


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def set_clock(stage: Portal, moment: str) -> None:
    await stage.run_sql(
        "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS "
        f"$$ SELECT '{moment}'::timestamptz $$"
    )


async def fill(stage: Portal, zone: str = "UTC", **changed: Any) -> tuple[Caller, str]:
    """A supplier in a time zone, and a draft of the coming year with everything that its tier needs."""
    supplier = await stage.sign_up("supplier")
    await stage.run_sql("UPDATE portal.organization SET time_zone = $1 WHERE id = $2", zone, supplier.organization)
    draft = await start(stage, supplier, "MICRO", **YEAR | changed)
    await save(stage, supplier, draft, *write_all())
    return supplier, draft


async def submit(stage: Portal, supplier: Caller, draft: str) -> Any:
    return await do(stage, SUBMIT, supplier, assessmentId=draft, expectedChangeNumber=4)


async def test_a_year_to_come_is_answered_and_not_submitted(stage: Portal) -> None:
    await set_clock(stage, "2026-11-30 12:00+00")
    supplier, draft = await fill(stage)
    refused = await submit(stage, supplier, draft)
    (problem,) = refused["problems"]
    assert (refused["__typename"], problem["question"], problem["code"]) == ("InvalidAnswers", "", "PERIOD_NOT_BEGUN")
    assert "2027-01-01" in problem["message"]
    for locale in ("en", "es", "fr", "vi", "zh-Hans", "ar"):
        found = (await stage.ask(PROBLEMS, supplier.token, id=draft, locale=locale))["data"]
        (told,) = found["assessment"]["problems"]
        assert found["scorePreview"]["problems"] == [told]
        assert (told["code"], told["locale"]) == ("PERIOD_NOT_BEGUN", locale)
        assert "2027-01-01" in told["message"]
    await set_clock(stage, "2027-01-01 00:00+00")
    assert (await stage.ask(PROBLEMS, supplier.token, id=draft))["data"]["assessment"]["problems"] == []
    assert (await submit(stage, supplier, draft))["__typename"] == "AssessmentSubmitted"


@pytest.mark.parametrize(
    ("zone", "moment", "outcome"),
    [
        ("Pacific/Kiritimati", "2026-12-31 09:59+00", "InvalidAnswers"),
        ("Pacific/Kiritimati", "2026-12-31 10:00+00", "AssessmentSubmitted"),  # the year has begun there
        ("Pacific/Pago_Pago", "2027-01-01 10:59+00", "InvalidAnswers"),
        ("Pacific/Pago_Pago", "2027-01-01 11:00+00", "AssessmentSubmitted"),
        ("Moon/Tycho", "2026-12-31 23:59+00", "InvalidAnswers"),  # a zone that this machine does not know
        ("Moon/Tycho", "2027-01-01 00:00+00", "AssessmentSubmitted"),
    ],
)
async def test_it_begins_where_the_firm_is(stage: Portal, zone: str, moment: str, outcome: str) -> None:
    await set_clock(stage, moment)
    supplier, draft = await fill(stage, zone)
    assert (await submit(stage, supplier, draft))["__typename"] == outcome


async def test_a_year_that_has_begun_is_not_waited_for(stage: Portal) -> None:
    await set_clock(stage, "2026-01-01 00:00+00")
    supplier, draft = await fill(stage, periodStart="2026-01-01", periodEnd="2026-12-31")
    assert (await submit(stage, supplier, draft))["__typename"] == "AssessmentSubmitted"
