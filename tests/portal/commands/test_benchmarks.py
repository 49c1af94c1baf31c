"""`portal benchmarks`: approve, plan, release, show and verify as processes, with their exit codes."""

import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.assessments import publishing
from portal.benchmarks.disclosure import Decision
from portal.benchmarks.ledger import CellOutcome
from portal.commands import benchmarks
from questionnaires.catalogue import Packaged
from questionnaires.peers import Figures
from questionnaires.rates import Scale
from tests import databases, people
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import MARKED
from tests.portal.benchmarks.population import NOW, RECENT, Population, spread
from tests.portal.benchmarks.test_traps import CLOSE, MIDDLE
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
        await opened.submit(await opened.add_firms(3, groups=[None] * 3, size="large"), spread(3))
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
    assert "Release 1 for 2026Q2 would be made: 19 submissions count, 12 wait" in planned.stdout
    hint = "3 organizations have no confirmed corporate group; all such count as one: portal operator place-in-group"
    assert hint in planned.stdout
    assert await people.run_sql(firms.database, "SELECT FROM portal.release") == []
    assert await people.run_sql(firms.database, "SELECT FROM portal.benchmark_partition") == []
    made = run("release", "--quarter", "2026q2")
    assert made.returncode == 0, made.stderr
    assert hint in made.stdout
    assert re.search(r"sample/basic/C/Asia/small +total +10-19 mean \d+$", made.stdout, re.MULTILINE)
    assert "1 PUBLISHED, 1 TOO_FEW, 1 TOO_RECENT" in made.stdout
    again = run("release")
    assert (again.returncode, "was made already" in again.stdout) == (0, True)
    shown = run("show", "1", "--all")
    assert "pillar:labour" in shown.stdout
    assert shown.stdout.startswith("sample@1.0.0 by scoring profile 1\n")
    assert run("verify", "1").stdout == "Release 1 agrees with its contributions.\n"
    attacked = run("attack", "1", "--all")
    assert re.match(
        r"\d+ tries on all figures up to release 1: 0 values computed, 0 to within 10 points", attacked.stdout
    )
    planned = run("plan", "--correct")
    assert "Release 2 for 2026Q2, which corrects release 1, would be made: 19 submissions count" in planned.stdout
    corrected = run("release", "--correct", "--reason", "Two firms were one.")
    assert "Release 2 for 2026Q2, which corrects release 1, is made" in corrected.stdout
    assert "(of release 1: UNCHANGED)" in corrected.stdout
    assert "Release 2 for 2026Q2 was made already" in run("release").stdout
    assert run("show", "2").stdout.startswith("Release 2 corrects release 1: Two firms were one.\n")
    assert run("show", "1").stdout.startswith("Release 1 is corrected by release 2.\n")
    assert [run("verify", number).returncode for number in "12"] == [0, 0]
    await firms.connection.execute("UPDATE portal.contribution SET value = value + 700")
    wrong = run("verify", "1")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "sample/basic/C/Asia/small total" in wrong.stderr
    kept_out = run("approve", sample.KEY, "--withdraw")
    assert "is kept out" in kept_out.stdout


def test_a_figure_is_spelled_in_its_unit() -> None:
    decision = Decision(status="published", figures=Figures(count_band="20-39", mean=46, p25=30, p50=45, p75=120))
    few = [Decision(status="not_published", reason="TOO_FEW", detail={"contributors": count}) for count in (1, 2)]
    assert [benchmarks.spell(CellOutcome("a", "total", one)) for one in few] == [
        "TOO_FEW, 1 contributor",
        "TOO_FEW, 2 contributors",
    ]
    energy = Scale("kWh/piece", Decimal("0.1"), "down")
    assert benchmarks.spell(CellOutcome("a", "total", decision)) == "20-39 mean 46 p25 30 p50 45 p75 120"
    assert benchmarks.spell(CellOutcome("a", "indicator:energy", decision, energy)) == (
        "20-39 mean 4.6 p25 3.0 p50 4.5 p75 12.0 kWh/piece"
    )


async def test_an_attack_names_who_is_exposed(folder: Path, firms: Population, settings: dict[str, str]) -> None:
    """A buyer that is shown all but the middle five of close scores after their figures went out."""
    made = await firms.add_firms(len(CLOSE), sector="01")
    submissions = await firms.submit(made, CLOSE)
    run_portal(folder, "benchmarks", "approve", sample.KEY, **settings)
    run_portal(folder, "benchmarks", "release", **settings)
    safe = run_portal(folder, "benchmarks", "attack", "1", **settings)
    assert safe.returncode == 0, safe.stderr
    known = [place for place in range(len(CLOSE)) if place not in MIDDLE]
    buyer = await firms.add_buyer()
    await firms.share([made[place] for place in known], [submissions[place] for place in known], buyer)
    attacked = run_portal(folder, "benchmarks", "attack", "1", **settings)
    assert attacked.returncode == 1
    assert re.search(
        r" 0 values computed, \d+ to within 10 points\. Nearest: 2\.99 points, by reader, ", attacked.stdout
    )
    assert re.search(r"sample/basic/A/Asia/small total: reader finds 48.5 to 51.49", attacked.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["release", "--quarter", "soon"], 1, "A quarter looks like 2026Q3"),
        (["plan", "--quarter", "2026Q5"], 1, "A quarter looks like 2026Q3"),
        (["release", "--quarter", "2199Q1"], 1, "is not over"),
        (["release", "--correct"], 1, "--correct and --reason go together"),
        (["release", "--reason", "Wrong"], 1, "--correct and --reason go together"),
        (["release", "--correct", "--reason", " "], 1, "reason must be given"),
        (["release", "--correct", "--reason", "Wrong"], 1, "There is no release yet that could be corrected"),
        (["plan", "--correct"], 1, "There is no release yet that could be corrected"),
        (["show", "7"], 1, "There is no release 7"),
        (["verify", "7"], 1, "There is no release 7"),
        (["attack", "7"], 1, "There is no release 7"),
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
