"""Kill -9 of the server, and of its database, while clients save answers: nothing acknowledged is lost or doubled."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from portal.assessments import publishing
from portal.commands import installation
from portal.database import embedded, postmaster
from tests import databases
from tests.portal import phones
from tests.portal.commands import processes
from tests.portal.database import launching

SEED = 20_261_122

pytestmark = pytest.mark.slow


class KilledServer:
    """`portal serve`, started again after each kill."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = settings
        self.running = processes.Serving(folder, settings)

    @property
    def url(self) -> str:
        return f"{self.running.url}/graphql"

    def kill(self) -> None:
        """Kill -9, and start anew."""
        self.running.process.kill()
        self.running.process.wait()
        assert "Traceback" not in self.running.read_log(), self.running.read_log()
        self.running.log.close()
        self.running = processes.Serving(self.folder, self.settings)

    def stop(self) -> None:
        """End it as it should end."""
        assert self.running.interrupt(signal.SIGTERM) == 0


@contextmanager
def run_server(**settings: str) -> Iterator[KilledServer]:
    """A server that is ready, over a folder of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(launching.make_reachable_folder()) / "data"
        server = KilledServer(folder, **settings)
        try:
            server.running.wait_until_ready()
            yield server
            server.stop()
        except BaseException:
            print(server.running.read_log())
            raise
        finally:
            if server.running.process.poll() is None:
                os.killpg(server.running.process.pid, signal.SIGKILL)
                server.running.process.wait()
            server.running.log.close()


async def save_during(
    database: databases.TestDatabase, server: KilledServer, ledger: phones.Ledger, trouble: Callable[[], None]
) -> None:
    """Let the clients save while trouble happens in a thread, and then until each write was answered."""
    stopping = asyncio.Event()
    clients = await phones.open_phones(database, ledger, lambda: server.url, SEED)
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.work(stopping))
        try:
            await asyncio.to_thread(trouble)
        finally:
            stopping.set()


def name_logins(database: databases.TestDatabase) -> dict[str, str]:
    """The settings that lead to a database of the test's."""
    return {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
    }


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.soak(part="kills"))])
def test_kills_of_the_server(
    database: databases.TestDatabase, kills: int, record_property: Callable[[str, object], None]
) -> None:
    asyncio.run(publishing.publish_packaged(database.owner_url))
    chance, ledger = random.Random(SEED), phones.Ledger()
    with run_server(**name_logins(database)) as server:

        def kill_again_and_again() -> None:
            for _ in range(kills):
                # Mostly while answers are saved, now and then before the server is ready again.
                if chance.random() < 0.9:
                    server.running.wait_until_ready()
                time.sleep(chance.uniform(0.0, 0.8))
                server.kill()
            server.running.wait_until_ready()

        asyncio.run(save_during(database, server, ledger, kill_again_and_again))
        launching.wait_until(lambda: count_unrelayed(database) == 0)
    counts = asyncio.run(phones.audit(database, ledger))
    assert ledger.failed_calls >= kills // 2
    record_property("figures", describe(kills, ledger, counts))


def count_unrelayed(database: databases.TestDatabase) -> int:
    return int(launching.execute(database.superuser_url, "SELECT count(*) FROM portal.outbox WHERE relayed_at IS NULL"))


def describe(kills: int, ledger: phones.Ledger, counts: dict[str, int]) -> str:
    """The figures of a run in one line."""
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
    return (
        f"{kills} kills, 6 clients, {len(ledger.sent):,} writes ({outcomes}), {ledger.failed_calls:,} calls without an "
        f"answer, {ledger.lost_replies:,} replies dropped; 0 acknowledged answers lost, 0 doubled"
    )


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak(part="database-kills"))])
def test_kills_of_the_embedded_database(kills: int, record_property: Callable[[str, object], None]) -> None:
    chance, ledger = random.Random(SEED), phones.Ledger()
    with run_server() as server:
        database = attach(server.folder)

        def kill_again_and_again() -> None:
            for _ in range(kills):
                time.sleep(chance.uniform(0.3, 1.5))
                found = postmaster.read_pid_file(server.folder / "database" / "cluster")
                assert found is not None
                os.kill(found.pid, signal.SIGKILL)
                launching.wait_until(lambda: not server.running.is_ready())
                server.running.wait_until_ready()

        asyncio.run(save_during(database, server, ledger, kill_again_and_again))
        counts = asyncio.run(phones.audit(database, ledger))
    assert ledger.failed_calls >= kills
    record_property("figures", describe(kills, ledger, counts))


def attach(folder: Path) -> databases.TestDatabase:
    """The addresses of the database that a server runs in its data folder."""
    running = embedded.attach(folder / installation.FOLDER)
    assert running is not None
    addresses = installation.list_addresses(running)
    running.stop()  # the server is to end with the one that is killed
    return databases.TestDatabase(
        installation.DATABASE,
        owner_url=addresses["owner_database_url"],
        app_url=addresses["database_url"],
        worker_url=addresses["worker_database_url"],
        backup_url=addresses["backup_database_url"],
        superuser_url=addresses["admin_database_url"],
    )
