"""The whole server behind pgbouncer in transaction mode: connections change hands, and nobody sees another's rows."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from portal.assessments import publishing
from portal.database import engine, ids
from tests import absences, databases
from tests.clients import open_client
from tests.portal.assessments import sample
from tests.portal.assessments.house import Caller, House
from tests.portal.commands.processes import Serving, serve
from tests.portal.database import pooler
from tests.portal.database.launching import make_reachable_folder

pytestmark = [
    pytest.mark.slow,  # starts a server and a pooler
    absences.needs_pooler,
]
SUPPLIERS, ROUNDS = 6, 15
START = f"""
mutation {{ startAssessment(input: {{
  questionnaire: "{sample.KEY}", tier: BASIC, periodStart: "2026-01-01", periodEnd: "2026-12-31"
}}) {{ ... on AssessmentStarted {{ assessment {{ id }} }} ... on Problem {{ code message }} }} }}
"""
SAVE = """
mutation ($id: ID!, $write: UUID!, $number: String!, $base: Int!) { saveAnswers(input: {assessmentId: $id, answers: [
  {writeId: $write, question: "headcount", baseRevision: $base, value: {number: $number}}]}) {
  ... on AnswersSaved { results { status revision } } ... on Problem { code message } } }
"""
READ = "query { assessments { nodes { id changeNumber } } viewer { organization { name } } }"


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


async def test_callers_that_share_connections_share_nothing_else(
    folder: Path, database: databases.TestDatabase
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    suppliers = [await House(database, opened).sign_up("supplier") for _ in range(SUPPLIERS)]
    await opened.close()
    with pooler.run_pooler(database) as url:
        assert await read_timeout(url) == "15s"
        settings = {
            "PORTAL_DATABASE_URL": url,
            "PORTAL_BEHIND_PGBOUNCER": "true",
            "PORTAL_OWNER_DATABASE_URL": database.owner_url,
            "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        }
        with serve(folder, "serve", "--processes", "2", **settings) as serving:
            await asyncio.to_thread(serving.wait_until_ready)
            await asyncio.gather(*(live(serving, supplier) for supplier in suppliers))
            assert "Traceback" not in serving.read_log()


async def read_timeout(url: str) -> str:
    """How long a statement may take by way of the pooler."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), statement_cache_size=0)
    try:
        return str(await connection.fetchval("SHOW statement_timeout"))
    finally:
        await connection.close()


async def live(serving: Serving, caller: Caller) -> None:
    """Answer and read in turn, and see one's own and nothing else each time."""
    headers = {"authorization": f"Bearer {caller.credential.token}"}
    async with open_client(base_url=serving.url, headers=headers, timeout=30) as client:
        own = (await ask(client, START))["startAssessment"]["assessment"]["id"]
        for turn in range(ROUNDS):
            saved = await ask(client, SAVE, id=own, write=str(ids.new_id()), number=str(turn + 1), base=turn)
            assert saved["saveAnswers"]["results"] == [{"status": "SAVED", "revision": turn + 1}]
            seen = await ask(client, READ)
            assert seen["assessments"]["nodes"] == [{"id": own, "changeNumber": turn + 1}]
            assert seen["viewer"]["organization"]["name"] == f"Firm {caller.organization}"


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data
