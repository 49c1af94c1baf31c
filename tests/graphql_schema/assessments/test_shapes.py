"""Scores of other shapes are explained over HTTP as well: what a lower level closes, and what age took off."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from portal.assessments import publishing
from questionnaires.catalogue import Packaged
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import start, write
from tests.graphql_schema.assessments.test_upgrades import save
from tests.graphql_schema.portals import Caller, Portal
from tests.questionnaires import shaped

PREVIEW = (
    "query ($id: ID!) { scorePreview(assessmentId: $id, measures: 1) { total lines { question points"
    " why { option closedBy fresh ageDays undated } } advice { question } } }"
)


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    shapes = [shaped.read_shape(key) for key in ("level-gated-points", "composite-with-decay")]
    await publishing.publish_with_login(
        database.owner_url, [Packaged(definition, (profile,)) for definition, profile in shapes]
    )
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def preview(stage: Portal, supplier: Caller, key: str, *given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The preview of a draft with these answers, and why each measure has its points."""
    draft = await start(stage, supplier, "BASIC", questionnaire=key)
    await save(stage, supplier, draft, *given)
    found = (await stage.ask(PREVIEW, supplier.token, id=draft))["data"]["scorePreview"]
    return found, {line["question"]: (line["points"], line["why"]) for line in found["lines"]}


async def test_a_level_tells_what_keeps_it_closed(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    given = [
        write("energy_sources", choice="no"),
        write("energy_records", choice="yes"),
        write("energy_target", choice="yes"),
    ]
    _, lines = await preview(stage, supplier, "level-gated-points", *given)
    nothing = {"option": None, "closedBy": None, "fresh": None, "ageDays": None, "undated": None}
    assert lines["energy_sources"][1] == nothing | {"option": "no"}
    assert lines["energy_target"] == ("0", nothing | {"option": "yes", "closedBy": "energy_sources"})


async def test_age_tells_what_it_took_off(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    given = [write("latest_alert", choice="major"), write("latest_alert_on", date="2020-01-01")]
    _, lines = await preview(stage, supplier, "composite-with-decay", *given)
    points, why = lines["latest_alert"]
    assert (points, why["fresh"], why["undated"]) == ("100", "40", None)
    assert why["ageDays"] > 2000
    _, lines = await preview(stage, await stage.sign_up("supplier"), "composite-with-decay", given[0])
    assert lines["latest_alert"][1]["undated"] == "latest_alert_on"
