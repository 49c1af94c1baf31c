"""`portal cards verify`: wrong and missing cards are named and repaired, right ones and ended shares are not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from portal.database import ids
from tests import databases
from tests.portal.commands.processes import run_portal
from tests.portal.database.launching import make_reachable_folder
from tests.portal.database.test_cards import BASIS, NAMES

pytestmark = pytest.mark.slow  # a process for each call


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


async def test_wrong_cards_are_named_and_repaired(folder: Path, database: databases.TestDatabase) -> None:
    settings = {"PORTAL_DATABASE_URL": database.app_url, "PORTAL_WORKER_DATABASE_URL": database.worker_url}

    def run(*arguments: str) -> Any:
        return run_portal(folder, "cards", "verify", *arguments, **settings)

    made = {name: ids.new_id() for name in NAMES}
    admin = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    await admin.execute(BASIS.format(**made))
    missing = run()
    assert (missing.returncode, missing.stdout) == (1, "1 records: 1 cards differ.\n"), missing.stderr
    assert f"{made['buyer']} {made['record']} responsible-sourcing: " in missing.stderr
    assert await admin.fetchval("SELECT count(*) FROM portal.relationship_card") == 0
    assert run("--repair").returncode == 0
    assert await admin.fetchval("SELECT total FROM portal.relationship_card") == 7000
    assert (run().returncode, run().stdout) == (0, "1 records: all cards agree.\n")
    await admin.execute("UPDATE portal.relationship_card SET band = 'A', total = 9000")
    wrong = run()
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[-1].endswith("responsible-sourcing: band, ranked_total, total")
    await admin.execute("UPDATE portal.share SET until = now() - interval '1 second'")
    await admin.execute("UPDATE portal.relationship_card SET next_change_at = now() - interval '1 second'")
    assert run().returncode == 0, "an ended share waits for the sweep"
    await admin.close()
