"""What a request for access or a standing rule has opened is gone in the next call, however it ends, and everywhere."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import databases, people
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.graphql_schema.sharing.test_access_requests import GRANT, ask, receive
from tests.graphql_schema.sharing.test_correction import SHARED
from tests.graphql_schema.sharing.test_standing_rules import END_ACCESS, make
from tests.graphql_schema.sharing.test_withdrawals import WITHDRAW

pytestmark = pytest.mark.slow  # every way in, before and after

LOOK = """
query ($id: ID!, $result: ID!) {
  suppliers(filter: { questionnaire: "sample", band: ["a"] }) { totalCount nodes { total band } }
  supplier(id: $id, questionnaire: "sample") { total latestResult { id } history { sections { answers { values } } } }
  node(id: $result) { id }
  accessRequests { nodes { isReadable resultId } } }
"""
FEED = "query ($after: String) { supplierChanges(after: $after) { endCursor changes { kind type id } } }"
UNTIL = (datetime.now(UTC) + timedelta(days=5)).isoformat()


async def granted(stage: Stage) -> Submitted:
    submitted = await stage.submit(stage.weaver)
    await ask(stage, sections=["labour"], until=UNTIL)
    (request,) = await receive(stage)
    assert (await stage.change(stage.weaver, GRANT, requestId=request["id"]))["__typename"] == "AccessGranted"
    return submitted


async def by_rule(stage: Stage) -> Submitted:
    await make(stage, until=UNTIL)
    return await stage.submit(stage.weaver)


async def revoked(stage: Stage, _: databases.TestDatabase, submitted: Submitted) -> None:
    (share,) = (await stage.ask(stage.weaver, documents.SHARES, live=True))["shares"]["nodes"]
    await stage.change(stage.weaver, documents.REVOKE, shareId=share["id"])


async def ended(stage: Stage, database: databases.TestDatabase, submitted: Submitted) -> None:
    await people.move_clock(database, "6 days")
    await stage.house.fetch("SELECT portal.note_ended_shares()")  # as the worker does within seconds


async def ended_with_all_access(stage: Stage, _: databases.TestDatabase, submitted: Submitted) -> None:
    await stage.change(stage.weaver, END_ACCESS, buyerId=stage.name_organization(stage.maker))


async def withdrawn(stage: Stage, _: databases.TestDatabase, submitted: Submitted) -> None:
    await stage.change(stage.weaver, WITHDRAW, submissionId=submitted.node)


@pytest.mark.parametrize("way", [revoked, ended, ended_with_all_access, withdrawn])
@pytest.mark.parametrize("opens", [granted, by_rule])
async def test_what_was_opened_is_gone_everywhere(
    unwatched: Stage,
    database: databases.TestDatabase,
    opens: Callable[[Stage], Awaitable[Submitted]],
    way: Callable[[Stage, databases.TestDatabase, Submitted], Awaitable[None]],
) -> None:
    stage, maker = unwatched, unwatched.maker
    submitted = await opens(stage)
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", maker.organization)
    result = stage.name("shrd", stage.weaver, submitted.id)
    place = f"/summaries/{stage.weaver.organization}/{submitted.id}"
    paths = (f"{place}.jws", f"{place}/labour.json", "/suppliers.csv?questionnaire=sample")

    async def look() -> tuple[Any, list[int], bool]:
        found = await stage.ask(maker, LOOK, id=stage.name_record(maker, stage.weaver), result=result)
        sent = [await stage.fetch(maker, path) for path in paths]
        return found, [one.status_code for one in sent], "93.33" in sent[2].text

    seen, statuses, in_table = await look()
    assert (seen["suppliers"]["totalCount"], seen["supplier"]["total"], seen["node"]) == (1, "93.33", {"id": result})
    assert (seen["supplier"]["history"][0]["sections"] != [], statuses, in_table) == (True, [200, 200, 200], True)
    assert [one["isReadable"] for one in seen["accessRequests"]["nodes"]] == [True] * (opens is granted)
    assert (await stage.ask(stage.trader, LOOK, id=stage.name_record(stage.trader, stage.weaver), result=result)) == {
        "suppliers": {"totalCount": 0, "nodes": []}, "supplier": None, "node": None, "accessRequests": {"nodes": []},
    }  # fmt: skip
    mark = (await stage.ask(maker, FEED))["supplierChanges"]["endCursor"]
    await way(stage, database, submitted)
    seen, statuses, in_table = await look()
    assert (seen["suppliers"], seen["node"]) == ({"totalCount": 0, "nodes": []}, None)
    assert seen["supplier"] == {"total": None, "latestResult": None, "history": []}
    assert (statuses, in_table) == ([404, 404, 200], False)
    assert seen["accessRequests"]["nodes"] == [{"isReadable": False, "resultId": None}] * (opens is granted)
    told = (await stage.ask(maker, FEED, after=mark))["supplierChanges"]["changes"]
    assert {"kind": "SHARED_RESULT", "type": "REMOVED", "id": result} in told
    refused = await stage.portal.ask(SHARED, maker.credential.token, later=result)
    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
