"""The public graphql-ws client follows an assessment on one server process while answers are saved through another."""

import asyncio
import json
from pathlib import Path

import pytest

from tests import databases, people
from tests.graphql_schema import node
from tests.journeys import documents, supplying, world
from tests.portal import phones
from tests.portal.commands import processes

pytestmark = pytest.mark.slow


def test_a_change_made_through_another_process_is_seen(database: databases.TestDatabase, tmp_path: Path) -> None:
    node.prepare()
    settings = {"PORTAL_DATABASE_URL": database.app_url, "PORTAL_WORKER_IN_SERVER": "false"}
    with world.open_world(database) as portal, processes.serve(tmp_path / "data", **settings) as second:
        second.wait_until_ready()
        databases.run(lambda: follow(portal, second.url))


async def follow(portal: world.World, second: str) -> None:
    """Subscribe at the first server, save at the second one until an event comes, then submit."""
    owner = await people.add_person(portal.database)
    await people.add_organization(portal.database, (owner, "owner"))
    assessment = await phones.start_assessment(f"{portal.url}/graphql", owner.token)
    query = documents.split("supplier")["FollowAssessment"]
    socket = portal.url.replace("http", "ws") + "/graphql"
    process = await node.start("subscribe.mjs", socket, owner.token, query, "1", json.dumps({"assessment": assessment}))
    assert process.stdout is not None
    assert json.loads(await asyncio.wait_for(process.stdout.readline(), 30)) == {"connected": True}
    supplier = documents.Caller(second, "supplier", owner.token)
    saving = asyncio.create_task(save_again_and_again(supplier, assessment))
    event = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    saving.cancel()
    changed = event["data"]["assessmentChanged"]
    assert (changed["id"], changed["state"]) == (assessment, "DRAFT")
    assert changed["changeNumber"] >= 1
    assert json.loads(await asyncio.wait_for(process.stdout.readline(), 30)) == {"ended": "complete"}
    assert await process.wait() == 0


async def save_again_and_again(supplier: documents.Caller, assessment: str) -> None:
    """A change each half second, as nobody can tell when the subscription has begun."""
    for revision in range(60):
        await supplying.save(supplier, assessment, supplying.write("headcount", revision, number=str(revision + 1)))
        await asyncio.sleep(0.5)
