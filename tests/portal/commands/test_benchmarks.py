"""`portal benchmarks`: approve, plan, release, show and verify as processes, with their exit codes."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.assessments import publishing
from questionnaires.catalogue import Packaged
from tests import databases, people
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import MARKED
from tests.portal.benchmarks.population import NOW, RECENT, Population, spread
from tests.portal.commands.processes import run_portal
from tests.portal.database.launching import make_reachable_folder

pytestmark = pytest.mark.slow  # a process for each call


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


@pytest.fixture
async def firms(database: databases.TestDatabase) -> AsyncIterator[Population]:
    packaged = Packaged(sample.make_definition(MARKED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with population.open_population(database) as opened:
        await opened.submit(await opened.add_firms(12), spread(12))
        await opened.submit(await opened.add_firms(12, country="DE"), spread(12), at=RECENT)
        await opened.submit(await opened.add_firms(4, sector="62"), spread(4))
        await opened.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = NULL")
        await opened.set_clock(NOW)
        yield opened


async def test_a_release_from_approval_to_verification(
    folder: Path, firms: Population, settings: dict[str, str]
) -> None:
    def run(*arguments: str) -> Any:
        return run_portal(folder, "benchmarks", *arguments, **settings)

    early = run("release")
    assert (early.returncode, early.stdout) == (1, "")
    assert "portal: No questionnaire is approved" in early.stderr
    approved = run("approve", sample.KEY)
    assert (approved.returncode, "is in releases since 2026-07-10" in approved.stdout) == (0, True)
    planned = run("plan")
    assert "Release 1 for 2026Q2 would be made: 16 submissions count, 12 wait" in planned.stdout
    assert await people.run_sql(firms.database, "SELECT FROM portal.release") == []
    assert await people.run_sql(firms.database, "SELECT FROM portal.benchmark_partition") == []
    made = run("release", "--quarter", "2026q2")
    assert made.returncode == 0, made.stderr
    assert re.search(r"sample/basic/C/Asia/small +total +10-19 mean \d+$", made.stdout, re.MULTILINE)
    assert "1 PUBLISHED, 1 TOO_FEW, 1 TOO_RECENT" in made.stdout
    again = run("release")
    assert (again.returncode, "was made already" in again.stdout) == (0, True)
    shown = run("show", "1", "--all")
    assert "pillar:labour" in shown.stdout
    assert shown.stdout.startswith("sample@1.0.0 by scoring profile 1\n")
    assert run("verify", "1").stdout == "Release 1 agrees with its contributions.\n"
    await firms.connection.execute("UPDATE portal.contribution SET value = value + 700")
    wrong = run("verify", "1")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "sample/basic/C/Asia/small total" in wrong.stderr
    kept_out = run("approve", sample.KEY, "--withdraw")
    assert "is kept out" in kept_out.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["release", "--quarter", "soon"], 1, "A quarter looks like 2026Q3"),
        (["plan", "--quarter", "2026Q5"], 1, "A quarter looks like 2026Q3"),
        (["release", "--quarter", "2199Q1"], 1, "is not over"),
        (["show", "7"], 1, "There is no release 7"),
        (["verify", "7"], 1, "There is no release 7"),
        (["approve", "nothing"], 1, "No questionnaire nothing is published"),
        (["show", "0"], 2, "Invalid value"),
        (["verify"], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done(
    folder: Path, settings: dict[str, str], arguments: list[str], code: int, words: str
) -> None:
    done = run_portal(folder, "benchmarks", *arguments, **settings)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_workers_login_is_needed(folder: Path, settings: dict[str, str]) -> None:
    left = {name: url for name, url in settings.items() if "WORKER" not in name}
    done = run_portal(folder, "benchmarks", "release", **left)
    assert (done.returncode, "PORTAL_WORKER_DATABASE_URL is not set" in done.stderr) == (1, True)
