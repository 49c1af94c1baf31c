"""`portal demo` as a person runs it: what it prints works as printed, and its data outlive whatever ends it."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from portal import settings
from portal.commands import demo as command
from portal.demo import sign_ins, welcome
from tests import databases
from tests.clients import NOBODY
from tests.portal.commands.processes import Serving, run_portal, serve
from tests.portal.database.launching import make_reachable_folder

pytestmark = pytest.mark.slow  # starts a database and a server

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignedIn { token organization { name } user { email } }
  }
}"""
REGISTER = "mutation ($input: RegisterAccountInput!) { registerAccount(input: $input) { __typename } }"
MINE = """{ receivedRequests { edges { node { state } } } assessments { edges { node { state progress {
  answered missingCount } } } } submissions { edges { node { result { band } } } } }"""

README = (databases.ROOT / "README.md").read_text(encoding="utf-8")
RUNNABLE = re.findall(r"```graphql\n# as (\S+)\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Serving]:
    with serve(folder, "demo") as serving:
        serving.wait_until_ready(120)
        yield serving


def wait_for_welcome(demo: Serving) -> str:
    """All that it printed; a reader may be quicker than the printing."""
    deadline = time.monotonic() + 10
    while "Ctrl-C stops it" not in demo.read_log():
        assert time.monotonic() < deadline, demo.read_log()
        time.sleep(0.05)
    return demo.read_log()


def list_calls(demo: Serving) -> list[str]:
    return [line for line in wait_for_welcome(demo).splitlines() if line.startswith("curl ")]


def ask(demo: Serving, token: str | None, query: str, **variables: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    response = httpx.post(
        f"{demo.url}/graphql", json={"query": query, "variables": variables}, headers=headers, verify=NOBODY
    )
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def sign_in(demo: Serving, email: str) -> str:
    """Sign in with what stands in the printed list."""
    found = re.search(rf"^  {re.escape(email)} +(\S+)", wait_for_welcome(demo), re.MULTILINE)
    assert found is not None
    made = ask(demo, None, SIGN_IN, input={"email": email, "password": found.group(1)})["signIn"]
    assert made["__typename"] == "SignedIn", made
    token: str = made["token"]
    return token


@pytest.mark.parametrize("number", range(len(welcome.CALLS)))
def test_the_printed_calls_work_in_a_plain_shell(demo: Serving, number: int) -> None:
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["/bin/sh", "-c", list_calls(demo)[number]], capture_output=True, env=environment, timeout=30, check=True
    )
    answer = orjson.loads(done.stdout)
    assert "errors" not in answer
    lists = [part["edges"] for part in answer["data"].values() if isinstance(part, dict)]
    assert lists
    assert all(lists)


def test_the_partner_sees_six_published_cells(demo: Serving) -> None:
    done = subprocess.run(["/bin/sh", "-c", list_calls(demo)[2]], capture_output=True, timeout=30, check=True)
    cells = [edge["node"] for edge in orjson.loads(done.stdout)["data"]["benchmarkCells"]["edges"]]
    published = [cell for cell in cells if cell["status"] == "PUBLISHED"]
    assert len(published) >= 6
    assert all((cell["mean"] is not None) == (cell in published) for cell in cells)


def test_requests_do_not_carry_the_sign_ins_off_the_screen_and_letters_are_printed(demo: Serving) -> None:
    wait_for_welcome(demo)
    new = {"email": "new@example.com", "password": "correct horse battery", "name": "Somebody New"}
    assert ask(demo, None, REGISTER, input=new)["registerAccount"]["__typename"] == "AccountRegistered"
    deadline = time.monotonic() + 20
    while "--- mail to new@example.com" not in demo.read_log():
        assert time.monotonic() < deadline, demo.read_log()
        time.sleep(0.1)
    after = demo.read_log().partition("Ctrl-C stops it")[2]
    assert "#confirmation=" in after
    assert "[info" not in after


@pytest.mark.parametrize(("chosen", "level"), [(None, "warning"), ("info", "info"), ("debug", "debug")])
def test_a_level_that_is_asked_for_is_used(monkeypatch: pytest.MonkeyPatch, chosen: str | None, level: str) -> None:
    monkeypatch.delenv("PORTAL_LOG_LEVEL", raising=False)
    if chosen:
        monkeypatch.setenv("PORTAL_LOG_LEVEL", chosen)
    assert command.quiet_logs(settings.read_settings()).log_level == level


@pytest.mark.parametrize("email", sign_ins.ADDRESSES.values())
def test_everybody_printed_can_sign_in(demo: Serving, email: str) -> None:
    assert ask(demo, sign_in(demo, email), "{ viewer { __typename } }")


def test_the_three_suppliers_stand_where_they_are_said_to(demo: Serving) -> None:
    fresh, middle, results = (
        ask(demo, sign_in(demo, sign_ins.ADDRESSES[f"supplier_{part}"]), MINE)
        for part in ("fresh", "middle", "results")
    )
    assert {edge["node"]["state"] for edge in fresh["receivedRequests"]["edges"]} == {"OPEN"}
    assert fresh["assessments"]["edges"] == []
    (draft,) = (edge["node"] for edge in middle["assessments"]["edges"])
    assert draft["state"] == "DRAFT"
    assert draft["progress"]["answered"] > 10
    assert draft["progress"]["missingCount"] > 5
    bands = [edge["node"]["result"]["band"] for edge in results["submissions"]["edges"]]
    assert len(bands) >= 4
    assert all(bands)


@pytest.mark.parametrize(("email", "snippet"), RUNNABLE, ids=[email for email, _ in RUNNABLE])
def test_snippets_of_the_readme_give_something_to_whoever_they_name(demo: Serving, email: str, snippet: str) -> None:
    for name, part in ask(demo, sign_in(demo, email), snippet).items():
        assert part.get("edges", True) if isinstance(part, dict) else part, name


def test_a_busy_port_is_said_at_once(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        started = time.monotonic()
        done = run_portal(folder.parent / "unused", "demo", PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "choose another with PORT=" in done.stderr
    assert time.monotonic() - started < 20
    assert not (folder.parent / "unused").exists()


def test_the_data_outlive_a_kill_and_ctrl_c(folder: Path) -> None:
    with make_reachable_folder() as made:
        data = made / "data"
        with serve(data, "demo") as first:
            first.wait_until_ready(120)
            printed = wait_for_welcome(first).partition("Sign-ins")[2].partition("Calls")[0]
            first.process.send_signal(signal.SIGKILL)
            first.process.wait(10)
        with serve(data, "demo") as second:
            second.wait_until_ready(60)
            log = wait_for_welcome(second)
            assert log.partition("Sign-ins")[2].partition("Calls")[0] == printed
            assert "Made up" not in log
            assert second.interrupt() == 0


def test_a_load_that_was_killed_is_done_again_whole() -> None:
    with make_reachable_folder() as made:
        data = made / "data"
        with serve(data, "demo") as first:
            deadline = time.monotonic() + 60
            while not list((data / "files").rglob("*/*")):  # documents are written while the rows are not committed
                assert time.monotonic() < deadline, first.read_log()
                time.sleep(0.02)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait(10)
            assert "Made up" not in first.read_log()
        with serve(data, "demo") as second:
            second.wait_until_ready(120)
            assert "Made up 240 suppliers" in wait_for_welcome(second)
            assert len(list_calls(second)) == 3
