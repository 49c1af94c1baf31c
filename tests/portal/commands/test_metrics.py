"""What operators measure: each process counts, all are summed, and nothing of anybody is told."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from portal.assessments import publishing
from portal.database import embedded
from tests import databases
from tests.clients import NOBODY
from tests.portal.assessments import sample
from tests.portal.commands.processes import run_portal, serve
from tests.portal.commands.test_processes import list_servers
from tests.portal.database.launching import make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # starts servers

COUNT = 2
CANARY = "canary.person@canary.example"
SIGN_IN = """
mutation ($email: String!) { signIn(input: {email: $email, password: "canary password"}) {
  __typename ... on Problem { code } } }
"""
LARGE = "{ " + " ".join(f"a{number}: __typename" for number in range(61)) + " }"
PERSONAL = re.compile(r"@|[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{32}|canary", re.IGNORECASE)

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


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
        "PORTAL_METRICS_ADDRESS": f"127.0.0.1:{embedded._find_free_port()}",
    }


def scrape(settings: dict[str, str], **headers: str) -> str:
    answer = httpx.get(
        f"http://{settings['PORTAL_METRICS_ADDRESS']}/metrics", headers=headers, timeout=10, verify=NOBODY
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def read(text: str) -> Figures:
    """The samples by name and labels, as Prometheus itself reads them."""
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def find(figures: Figures, name: str, **labels: str) -> float:
    return figures.get((name, frozenset(labels.items())), 0.0)


def count_live(settings: dict[str, str]) -> float:
    figures = read(scrape(settings))
    return find(figures, "portal_http_requests_total", method="GET", route="/health/live", status="200")


async def test_processes_are_summed_and_one_that_dies_takes_nothing_back(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    with serve(folder, "serve", "--processes", str(COUNT), **settings) as serving:
        serving.wait_until_ready(300)
        wait_until(lambda: len(list_servers(serving)) == COUNT)
        for _ in range(60):  # each over a connection of its own, so that several processes answer
            assert httpx.get(f"{serving.url}/health/live", timeout=10, verify=NOBODY).status_code == 200
        for query, variables in ((SIGN_IN, {"email": CANARY}), (LARGE, {}), ("{ __typename }", {}), ("{", {})):
            httpx.post(
                f"{serving.url}/graphql", json={"query": query, "variables": variables}, timeout=20, verify=NOBODY
            )
        httpx.get(f"{serving.url}/{CANARY}?token=canary", timeout=10, verify=NOBODY)
        httpx.request("PROPFIND", f"{serving.url}/health/live", timeout=10, verify=NOBODY)
        assert count_live(settings) == 60
        wait_until(lambda: find(read(scrape(settings)), "portal_worker_looked_at_seconds") > 0)
        text = scrape(settings)
        figures = read(text)
        assert not PERSONAL.search(text), PERSONAL.search(text)
        assert find(figures, "portal_info", version="0.1.0") == 1
        assert find(figures, "portal_sign_ins_total", outcome="wrong_password") == 1
        assert find(figures, "portal_refusals_total", code="TOO_LARGE") == 1
        assert find(figures, "portal_graphql_operations_total", type="mutation", outcome="ok") == 1
        assert find(figures, "portal_graphql_operations_total", type="query", outcome="ok") == 1
        assert find(figures, "portal_graphql_operations_total", type="query", outcome="refused") == 1
        assert find(figures, "portal_graphql_operations_total", type="unknown", outcome="refused") == 1
        assert find(figures, "portal_http_requests_total", method="GET", route="none", status="404") == 1
        assert find(figures, "portal_http_requests_total", method="other", route="/health/live", status="405") == 1
        assert find(figures, "portal_http_request_seconds_count", route="/graphql") == 4
        wait_until(lambda: count_pool(settings) == 10 * COUNT, 60)
        survivors = list_servers(serving)
        os.kill(survivors[1].pid, signal.SIGKILL)
        wait_until(lambda: survivors[1].pid not in {one.pid for one in list_servers(serving)})
        assert count_live(settings) == 60
        wait_until(lambda: len(list_servers(serving)) == COUNT)
        serving.wait_until_ready()
        wait_until(lambda: count_pool(settings) == 10 * COUNT, 120)  # and not of one more than there are


def count_pool(settings: dict[str, str]) -> float:
    return find(read(scrape(settings)), "portal_database_connections", login="app", state="most")


async def test_a_worker_tells_what_waits_and_failed(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    async def leave_work(owner: databases.asyncpg.Connection) -> None:
        await owner.execute(
            "INSERT INTO portal.mail (id, kind, ids, state) SELECT gen_random_uuid(), 'registration', '{}', 'failed'"
            " FROM generate_series(1, 3)"
        )
        await owner.execute(
            "INSERT INTO queue.pgqueuer (priority, status, entrypoint, payload)"
            " VALUES (0, 'failed', 'send_mail', '{}'), (0, 'failed', 'send_mail', '{}')"
        )
        await owner.execute(
            "INSERT INTO portal.outbox (id, topic, ids, created_at)"
            " VALUES (gen_random_uuid(), 'nothing', '{}', now() + interval '1 day')"
        )

    databases.administer(database.superuser_url, leave_work)
    secured = settings | {"PORTAL_METRICS_TOKEN": "only-for-tests"}
    with serve(folder, "worker", **secured) as working:
        wait_until(lambda: is_told(working.process.poll(), secured), 60)
        figures = read(scrape(secured, authorization="Bearer only-for-tests"))
        assert find(figures, "portal_letters", state="failed") == 3
        assert find(figures, "portal_jobs", job="send_mail", state="failed") == 2
        assert find(figures, "portal_jobs", job="check_evidence", state="waiting") == 0
        assert find(figures, "portal_database_connections", login="worker", state="most") == 3
        for wrong in ({}, {"authorization": "Bearer only-for-test"}, {"authorization": "Basic only-for-tests"}):
            answer = httpx.get(
                f"http://{settings['PORTAL_METRICS_ADDRESS']}/metrics", headers=wrong, timeout=10, verify=NOBODY
            )
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "portal_" not in answer.text
        assert working.interrupt() == 0, working.read_log()


def is_told(ended: int | None, settings: dict[str, str]) -> bool:
    assert ended is None
    try:
        text = scrape(settings, authorization=f"Bearer {settings['PORTAL_METRICS_TOKEN']}")
    except httpx.TransportError:
        return False
    return find(read(text), "portal_worker_looked_at_seconds") > 0


def test_nothing_is_told_unless_it_is_asked_for(folder: Path, settings: dict[str, str]) -> None:
    without = {name: value for name, value in settings.items() if name != "PORTAL_METRICS_ADDRESS"}
    with serve(folder, "serve", **without) as serving:
        serving.wait_until_ready()
        assert httpx.get(f"{serving.url}/metrics", timeout=10, verify=NOBODY).status_code == 404
        with pytest.raises(httpx.TransportError):
            scrape(settings)


def test_a_place_that_is_taken_is_named(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "worker", **settings) as first:
        wait_until(lambda: is_told_at_all(settings), 60)
        done = run_portal(folder, "worker", **settings)
        assert (done.returncode, "PORTAL_METRICS_ADDRESS" in done.stderr) == (1, True), done.stderr
        assert first.interrupt() == 0


def is_told_at_all(settings: dict[str, str]) -> bool:
    try:
        return "portal_info" in scrape(settings)
    except httpx.TransportError:
        return False
