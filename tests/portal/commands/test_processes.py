"""Several server processes: one that dies is replaced, an event reaches all of them, and none is left over."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect

from portal.assessments import publishing
from portal.database import engine, ids
from tests import databases
from tests.clients import NOBODY, open_client
from tests.portal.assessments import sample
from tests.portal.assessments.house import Caller, House
from tests.portal.commands.processes import Serving, run_portal, serve
from tests.portal.database.launching import make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # starts servers

COUNT = 3
START = f"""
mutation {{ startAssessment(input: {{
  questionnaire: "{sample.KEY}", tier: BASIC, periodStart: "2026-01-01", periodEnd: "2026-12-31"
}}) {{ ... on AssessmentStarted {{ assessment {{ id }} }} ... on Problem {{ code message }} }} }}
"""
SAVE = """
mutation ($id: ID!, $write: UUID!, $number: String!, $base: Int!) { saveAnswers(input: {assessmentId: $id, answers: [
  {writeId: $write, question: "headcount", baseRevision: $base, value: {number: $number}}]}) {
  ... on AnswersSaved { changeNumber } ... on Problem { code message } } }
"""
FOLLOW = "subscription ($id: ID!) { assessmentChanged(id: $id) { changeNumber teamNumber } }"
FEED = "subscription { changesArrived { arrivedAt } }"
ADD = """
mutation ($id: ID!, $comment: UUID!) { addComment(input: {
  assessmentId: $id, commentId: $comment, question: "headcount", body: "Is this right?"
}) { ... on CommentAdded { comment { commentId } } ... on Problem { code message } } }
"""
MISSED = "query ($after: String) { changes(after: $after) { changes { kind type id } endCursor } }"


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


@pytest.fixture
def settings(database: databases.TestDatabase) -> dict[str, str]:
    return {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
    }


def list_servers(serving: Serving) -> list[psutil.Process]:
    """The processes that listen; the one that started them and multiprocessing's own do not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(serving.process.pid).children()
        return [one for one in children if "spawn_main" in " ".join(one.cmdline())]
    return []


def find_holders(serving: Serving) -> list[psutil.Process]:
    """The server processes with at least one open connection of a client."""
    port = int(serving.url.rpartition(":")[2])
    return [one for one in list_servers(serving) if count_clients(one, port)]


def count_clients(process: psutil.Process, port: int) -> int:
    """Open connections to the server's own port."""
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in process.net_connections())


@contextlib.contextmanager
def suspended(process: psutil.Process) -> Iterator[None]:
    """Stop the process for a while, so that the others take what comes in."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def test_a_process_that_dies_is_replaced_and_all_end_together(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "serve", "--processes", str(COUNT), **settings) as serving:
        serving.wait_until_ready()
        wait_until(lambda: len(list_servers(serving)) == COUNT)
        first = list_servers(serving)
        first[0].kill()
        wait_until(lambda: len({one.pid for one in list_servers(serving)} - {one.pid for one in first}) == 1)
        for _ in range(20):
            assert httpx.get(f"{serving.url}/health/live", timeout=10, verify=NOBODY).status_code == 200
        servers = list_servers(serving)
        assert serving.interrupt(signal.SIGTERM) == 0
        assert not any(one.is_running() for one in servers)


def test_no_process_outlives_its_parent(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "serve", "--processes", "2", **settings) as serving:
        serving.wait_until_ready()
        wait_until(lambda: len(list_servers(serving)) == 2)
        servers = list_servers(serving)
        os.kill(serving.process.pid, signal.SIGKILL)
        serving.process.wait(10)
        wait_until(lambda: not any(one.is_running() for one in servers), 20)


def test_ctrl_c_twice_ends_without_a_word(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "serve", "--processes", "2", **settings) as serving:
        serving.wait_until_ready()
        wait_until(lambda: len(list_servers(serving)) == 2)
        os.killpg(serving.process.pid, signal.SIGINT)
        assert serving.interrupt() == 0, serving.read_log()
        assert "Traceback" not in serving.read_log()
        assert "CancelledError" not in serving.read_log()
        assert serving.read_log().count(f"The portal is ready on {serving.url}. Ctrl-C stops it.\n") == 1


def test_processes_that_cannot_serve_are_given_up(folder: Path, settings: dict[str, str]) -> None:
    wrong = settings | {"PORTAL_DATABASE_URL": settings["PORTAL_OWNER_DATABASE_URL"]}
    done = run_portal(folder, "serve", "--processes", "2", "--port", "0", **wrong)
    assert done.returncode == 1
    assert "owns the portal's schema" in done.stderr
    assert "Traceback" not in done.stderr


async def test_what_one_process_saves_reaches_the_followers_at_each(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    suppliers = [await House(database, opened).sign_up("supplier") for _ in range(4)]
    await opened.close()
    with serve(folder, "serve", "--processes", str(COUNT), **settings) as serving:
        await asyncio.to_thread(serving.wait_until_ready)
        await asyncio.to_thread(wait_until, lambda: len(list_servers(serving)) == COUNT)
        async with contextlib.AsyncExitStack() as stack:
            followed = [await follow_often(stack, serving, suppliers[0])]
            with suspended(find_holders(serving)[0]):  # left alone, the kernel may give every connection to one
                followed += [await follow_often(stack, serving, one) for one in suppliers[1:]]
            assert len(find_holders(serving)) > 1, "all followers hang on one process"
            await asyncio.sleep(0.5)
            for supplier, (assessment, sockets) in zip(suppliers, followed, strict=True):
                saved = await ask(serving, supplier, SAVE, id=assessment, write=str(ids.new_id()), number="7", base=0)
                assert saved["saveAnswers"]["changeNumber"] == 1
                assert await asyncio.gather(*(next_change(one) for one in sockets)) == [1] * len(sockets)
            for supplier, (assessment, sockets) in zip(suppliers, followed, strict=True):
                await ask(serving, supplier, ADD, id=assessment, comment=str(ids.new_id()))
                assert await asyncio.gather(*(next_remark(one) for one in sockets)) == [1] * len(sockets)


async def test_what_one_process_changes_is_announced_at_each_and_told_by_the_feed(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    supplier = await House(database, opened).sign_up("supplier")
    await opened.close()
    with serve(folder, "serve", "--processes", str(COUNT), **settings) as serving:
        await asyncio.to_thread(serving.wait_until_ready)
        await asyncio.to_thread(wait_until, lambda: len(list_servers(serving)) == COUNT)
        cursor = (await ask(serving, supplier, MISSED))["changes"]["endCursor"]
        async with contextlib.AsyncExitStack() as stack:
            sockets = [await follow(stack, serving, supplier, "", FEED) for _ in range(2)]
            with suspended(find_holders(serving)[0]):
                sockets += [await follow(stack, serving, supplier, "", FEED) for _ in range(2)]
            await asyncio.gather(*(next_message(one) for one in sockets))  # each says once that it has begun
            assert len(find_holders(serving)) > 1, "all followers hang on one process"
            assessment = (await ask(serving, supplier, START))["startAssessment"]["assessment"]["id"]
            await ask(serving, supplier, ADD, id=assessment, comment=str(ids.new_id()))
            await asyncio.gather(*(next_message(one) for one in sockets))
            # Whoever was told asks, at whichever process, and hears of it.
            told = await asyncio.gather(*(ask(serving, supplier, MISSED, after=cursor) for _ in range(6)))
            expected = [{"kind": "ASSESSMENT", "type": "UPSERTED", "id": assessment}]
            assert [one["changes"]["changes"] for one in told] == [expected] * 6


async def follow_often(
    stack: contextlib.AsyncExitStack, serving: Serving, caller: Caller
) -> tuple[str, list[ClientConnection]]:
    """A new assessment with six followers, fewer than one caller may have at one process."""
    assessment = (await ask(serving, caller, START))["startAssessment"]["assessment"]["id"]
    return assessment, [await follow(stack, serving, caller, assessment) for _ in range(6)]


async def ask(serving: Serving, caller: Caller, query: str, **variables: object) -> dict[str, dict[str, Any]]:
    async with open_client(headers={"authorization": f"Bearer {caller.credential.token}"}) as client:
        answer = await client.post(f"{serving.url}/graphql", json={"query": query, "variables": variables}, timeout=20)
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]  # type: ignore[no-any-return]


async def follow(
    stack: contextlib.AsyncExitStack, serving: Serving, caller: Caller, assessment: str, query: str = FOLLOW
) -> ClientConnection:
    socket = await stack.enter_async_context(
        connect(serving.url.replace("http", "ws") + "/graphql", subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
    )
    start = {"type": "connection_init", "payload": {"authorization": f"Bearer {caller.credential.token}"}}
    await socket.send(json.dumps(start))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    payload = {"query": query, "variables": {"id": assessment} if assessment else {}}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
    return socket


async def next_change(socket: ClientConnection) -> int:
    async with asyncio.timeout(15):
        while not (number := (await next_message(socket))["assessmentChanged"]["changeNumber"]):
            pass
    return int(number)


async def next_remark(socket: ClientConnection) -> int:
    async with asyncio.timeout(15):
        while not (number := (await next_message(socket))["assessmentChanged"]["teamNumber"]):
            pass
    return int(number)


async def next_message(socket: ClientConnection) -> dict[str, Any]:
    """What the next event tells."""
    async with asyncio.timeout(15):
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == "next":
                return message["payload"]["data"]  # type: ignore[no-any-return]
