"""The same call again is told what the first one was told, whatever became of things since."""

import base64
from collections.abc import AsyncIterator
from uuid import UUID

import pytest_asyncio

from portal.assessments import publishing
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import CREATE, add_record, do, make_ask
from tests.graphql_schema.assessments.test_renewals import make_other
from tests.graphql_schema.portals import Portal
from tests.portal.assessments import sample

DEPRECATE = "UPDATE portal.questionnaire_version SET deprecated_on = '2026-01-01', retired_on = '2026-01-02'"
ASK = CREATE.replace("supplierId requestId", "supplierId requestId extraId extraProblem { code }")
KEY = {"idempotencyKey": "once-and-for-all"}


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_other()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def test_a_questionnaire_that_has_ended_changes_nothing_of_what_was_asked(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    extra = {"questionnaire": "other", "minimumTier": "MICRO"}
    given = make_ask(record, extra=extra) | KEY
    first = await do(stage, ASK, buyer, **given)
    assert (first["__typename"], first["createdCount"]) == ("RequestsCreated", 1)
    await stage.run_sql(DEPRECATE)
    assert first["lines"][0]["extraId"] is not None
    assert await do(stage, ASK, buyer, **given) == first
    for changed in ({"purpose": "Another"}, {"idempotencyKey": "another-time"}):
        refused = await do(stage, CREATE, buyer, **given | changed)
        code = "IDEMPOTENCY_KEY_REUSED" if "purpose" in changed else "RETIRED"
        assert (refused["__typename"], refused["code"]) == ("Conflict", code)


async def test_a_day_that_has_passed_changes_nothing_of_it(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    record = await add_record(stage, buyer)
    given = make_ask(record) | KEY
    first = await do(stage, CREATE, buyer, **given)
    await stage.run_sql(
        "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS "
        "$$ SELECT '2027-07-01 00:00+00'::timestamptz $$"
    )
    assert await do(stage, CREATE, buyer, **given) == first
    assert (await do(stage, CREATE, buyer, **given | {"idempotencyKey": "another-time"}))["problems"][0][
        "code"
    ] == "DUE_DATE"


async def test_what_got_no_request_goes_on_hearing_why(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    records = [await add_record(stage, buyer) for _ in range(3)]
    other = await add_record(stage, await stage.sign_up("buyer"), supplier)
    asked = await do(stage, CREATE, buyer, **make_ask(records[0]))
    archived = UUID(bytes=base64.urlsafe_b64decode(records[1])[-16:])
    await stage.run_sql("UPDATE portal.supplier_record SET archived_at = portal.clock() WHERE id = $1", archived)
    given = make_ask(*records, other) | KEY
    first = await do(stage, CREATE, buyer, **given)
    codes = [one["problem"] and one["problem"]["code"] for one in first["lines"]]
    assert codes == ["ALREADY_REQUESTED", "ARCHIVED", None, "NOT_FOUND"]
    assert first["lines"][0]["requestId"] == asked["lines"][0]["requestId"]
    await stage.run_sql("UPDATE portal.supplier_record SET archived_at = NULL")
    await stage.run_sql("UPDATE portal.request SET state = 'withdrawn'")
    assert await do(stage, CREATE, buyer, **given) == first
