"""Wrong input across API, files and command line ends in a code, a field and what is allowed; never in a fault."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.bad_input import world
from tests.bad_input.cases import Case
from tests.bad_input.table import CASES
from tests.bad_input.world import Outcome
from tests.journeys.world import open_world

MAX_UPLOAD = 2_000_000


@pytest.fixture(scope="module")
def outcomes(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Outcome]]:
    """What came back of each case, sent in order to one server, and one after another to the command line."""
    folder = tmp_path_factory.mktemp("files")
    with (
        databases.copy_template(database_server, database_template) as made,
        open_world(made, PORTAL_MAX_UPLOAD_BYTES=str(MAX_UPLOAD)) as portal,
    ):
        stage, found = databases.run(lambda: send_all(portal, folder))
        commands = [case for case in CASES if case.way == "command"]
        ended = world.run_commands(stage, commands, made)
        yield found | dict(zip((case.name for case in commands), ended, strict=True))


async def send_all(portal: world.World, folder: Path) -> tuple[world.Stage, dict[str, Outcome]]:
    """Everything that goes over HTTP."""
    stage = await world.set_stage(portal, folder)
    cases = [case for case in CASES if case.way != "command"]
    tried = [await asyncio.wait_for(world.try_case(stage, case), 60) for case in cases]
    return stage, dict(zip((case.name for case in cases), tried, strict=True))


def test_the_table_is_wide() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 120
    sent: dict[str, str] = {}
    for case in CASES:
        same = sent.setdefault(spell(case), case.name)
        assert same == case.name, f"{case.name} sends what {same} sends"
    ways = {case.way for case in CASES}
    assert ways == {"mutation", "query", "http", "upload", "evidence", "list", "command"}
    assert not [case for case in CASES if case.allowed == "x"]


def spell(case: Case) -> str:
    """All that a case sends, but for the ids that a client draws for its writes."""
    content = repr((case.way, case.by, case.given, sorted(case.more.items())))
    return re.sub(r"'writeId': '[0-9a-f-]{36}'", "", content)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_wrong_input(outcomes: dict[str, Outcome], case: Case) -> None:
    got = outcomes[case.name]
    assert got.code == case.code, got
    assert got.status < 500
    assert re.search(case.allowed, got.message), got
    assert "Traceback" not in got.message
    if case.way == "command":
        check_words(case, got.message)
    else:
        assert got.path == case.path, got


def check_words(case: Case, words: str) -> None:
    """A command names what was wrong; one that was called rightly says why it failed in lines of its own."""
    assert all(part in words for part in case.path)
    assert "Usage:" in words if case.code == "EXIT 2" else "Usage:" not in words
