"""Kill -9 of servers, worker and database in the middle of saves, uploads and submissions.

Nothing that was acknowledged is lost or doubled, whoever asks again hears the same, each submission is told to the
supplier's own system, the audit trail is as sealed, and storage and database agree.
"""

import asyncio
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.commands import installation
from portal.database import embedded, postmaster
from tests import databases, people, receivers
from tests.portal import firms, lines, phones
from tests.portal.commands import processes
from tests.portal.commands.processes import Serving
from tests.portal.database import launching
from tests.portal.lines import Traffic
from tests.receivers import Message

SEED = 20_261_130
SERVERS = 2
# Who is killed, in a new order each time that all were.
VICTIMS = ("server", "server", "worker", "server", "database")
PATIENCE = 90.0  # seconds
NO_DATABASE = ("cannot be used with the login", "Is PostgreSQL running?")
HOOKS = {"PORTAL_WEBHOOK_HTTP": "true", "PORTAL_WEBHOOK_NETWORKS": "127.0.0.0/8"}

# Nobody waits for the end of a killed worker's lease, or for the next try of a message that was lost.
DUE = """
UPDATE portal.webhook_delivery SET next_attempt_at = portal.clock()
 WHERE state = 'waiting' AND next_attempt_at > portal.clock() + interval '2 seconds'
   AND attempted_at < portal.clock() - interval '2 seconds'
"""

pytestmark = pytest.mark.slow


@dataclass
class Killed:
    """Two servers, a worker and the database of one folder, each started again after it was killed."""

    folder: Path
    chance: random.Random
    traffic: Traffic
    servers: dict[str, Serving] = field(default_factory=dict)
    worker: Serving | None = None
    kills: Counter[str] = field(default_factory=Counter)
    witnesses: list[Serving] = field(default_factory=list)  # of a killed database; a library of theirs may cry out
    is_over: bool = False

    def start(self) -> None:
        """The first server makes the database."""
        self.add_server().wait_until_ready()
        for _ in range(SERVERS - 1):
            self.add_server().wait_until_ready()
        self.worker = Serving(self.folder, HOOKS, "worker")

    def add_server(self) -> Serving:
        made = Serving(self.folder, {"PORTAL_WORKER_IN_SERVER": "false", **HOOKS})
        self.servers[made.url] = made
        return made

    def find_url(self) -> str:
        """Any server; one that is not there yet refuses."""
        return random.choice(list(self.servers))

    def kill_again_and_again(self, kills: int) -> None:
        """One after the other, in the middle of something, as soon as the portal does things again."""
        victims, kinds = deal(VICTIMS, self.chance), itertools.cycle(lines.KINDS)
        for _ in range(kills):
            victim, kind = next(victims), next(kinds)
            self.wait_for_answer()
            found = self.wait_for_call(kind)
            time.sleep(self.chance.uniform(0.0, 0.05))
            {"server": self.kill_server, "worker": self.kill_worker, "database": self.kill_database}[victim](found)
            self.kills[victim] += 1
        self.wait_until(lambda: all(server.is_ready() for server in self.servers.values()))

    def wait_for_answer(self) -> None:
        before = self.traffic.answered.total()
        self.wait_until(lambda: self.traffic.answered.total() > before)

    def wait_for_call(self, kind: str) -> str:
        """The address of a server that has such a call just now."""
        self.wait_until(lambda: self.traffic.find_server(kind) in self.servers, 0.001)
        return self.traffic.find_server(kind) or next(iter(self.servers))

    def end(self, serving: Serving) -> None:
        """Kill -9; until then it did as it should."""
        assert serving.process.poll() is None or gave_up(serving), serving.read_log()
        serving.process.kill()
        serving.process.wait()
        self.check_log(serving)
        serving.log.close()

    def check_log(self, serving: Serving) -> None:
        assert serving in self.witnesses or "Traceback" not in serving.read_log(), serving.read_log()

    def kill_server(self, url: str) -> None:
        self.end(self.servers.pop(url))
        self.add_server()

    def kill_worker(self, _: str) -> None:
        assert self.worker is not None
        self.end(self.worker)
        self.worker = Serving(self.folder, HOOKS, "worker")

    def kill_database(self, _: str) -> None:
        found = self.find_database()
        self.witnesses = [*self.servers.values(), *([self.worker] if self.worker else [])]
        os.kill(found, signal.SIGKILL)
        self.wait_until(lambda: self.find_database() != found)

    def find_database(self) -> int:
        """The process of PostgreSQL, 0 while there is none."""
        found = postmaster.read_pid_file(self.folder / "database" / "cluster")
        return 0 if found is None else found.pid

    def wait_until(self, is_true: Callable[[], bool], pause: float = 0.05) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_true():
            assert not self.is_over and time.monotonic() < deadline, self.describe()
            self.start_again()
            time.sleep(pause)

    def describe(self) -> str:
        """Where everything stands, for whoever reads that something did not happen in time."""
        running = [*self.servers.values(), *([self.worker] if self.worker else [])]
        told = [f"{one.url} {one.process.poll()} {one.is_ready()}\n{one.read_log()[-20_000:]}" for one in running]
        return "\n".join([f"database {self.find_database()}, {self.kills}, {self.traffic}", *told])

    def start_again(self) -> None:
        """What a supervisor does for a process that began while the database was coming back, and gave up."""
        for url, server in list(self.servers.items()):
            if gave_up(server):
                self.servers.pop(url).log.close()
                self.add_server()
        if self.worker is not None and gave_up(self.worker):
            self.worker.log.close()
            self.worker = Serving(self.folder, HOOKS, "worker")

    def stop(self) -> None:
        """End all as they should end."""
        assert self.worker is not None
        assert self.worker.process.poll() is None, self.worker.read_log()
        for one in [self.worker, *self.servers.values()]:
            assert one.interrupt(signal.SIGTERM) == 0, one.read_log()
            self.check_log(one)


@contextmanager
def run_portal(traffic: Traffic) -> Iterator[Killed]:
    """A portal whose processes may be killed, gone at the end."""
    with launching.make_reachable_folder() as top:
        killed = Killed(top / "data", random.Random(SEED), traffic)
        try:
            killed.start()
            yield killed
        except BaseException:
            print(killed.describe())
            raise
        finally:
            for one in [*killed.servers.values(), *([killed.worker] if killed.worker else [])]:
                if one.process.poll() is None:
                    one.interrupt(signal.SIGKILL)
                one.log.close()


def gave_up(serving: Serving) -> bool:
    """Whether it said that there is no database, and ended."""
    return serving.process.poll() == 1 and any(words in serving.read_log() for words in NO_DATABASE)


def deal(cards: tuple[str, ...], chance: random.Random) -> Iterator[str]:
    """All cards in some order, again and again."""
    while True:
        yield from chance.sample(cards, len(cards))


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.soak(part="kills"))])
def test_kills(kills: int, record_property: Callable[[str, object], None]) -> None:
    traffic, written, told = Traffic(), phones.Ledger(), firms.Ledger()
    with run_portal(traffic) as killed:
        database = attach(killed.folder)
        messages = asyncio.run(work_during(killed, database, written, told, kills))
        asyncio.run(firms.ask_again(told, killed.find_url()))
        counts = asyncio.run(phones.audit(database, written))
        asyncio.run(firms.audit(database, told))
        repeated = firms.check_messages(told, messages)
        strays = compare_storage(killed.folder, database)
        verified = processes.run_portal(killed.folder, "audit", "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        killed.stop()
    assert traffic.cut.total() >= killed.kills["server"] // 2
    assert kills < 100 or min(traffic.cut[kind] for kind in lines.KINDS) > 0, traffic.cut
    assert set(killed.kills) == set(VICTIMS)
    record_property("figures", describe(killed, written, told, counts, strays, repeated))


async def work_during(
    killed: Killed, database: databases.TestDatabase, written: phones.Ledger, told: firms.Ledger, kills: int
) -> list[Message]:
    """Let everybody work while processes are killed in a thread, and then until each message was answered.

    Gives the messages that the suppliers' systems got.
    """
    stopping = asyncio.Event()
    async with receivers.receive() as receiver:
        receiver.answer = firms.hang_up_now_and_then(random.Random(SEED))
        savers = await phones.open_phones(database, written, killed.traffic, killed.find_url, SEED)
        senders = await firms.open_firms(database, told, killed.traffic, killed.find_url, SEED, receiver)
        async with asyncio.TaskGroup() as group:
            for client in [*savers, *senders]:
                group.create_task(client.work(stopping))
            try:
                await asyncio.to_thread(killed.kill_again_and_again, kills)
            finally:
                killed.is_over = True  # where a client failed, the thread ends, too
                stopping.set()
        await asyncio.to_thread(launching.wait_until, lambda: count_undone(database) == 0, PATIENCE)
        return receiver.messages


def count_undone(database: databases.TestDatabase) -> int:
    """Events, messages, jobs and documents that the worker has not done with; a message is due again at once."""
    launching.execute(database.superuser_url, DUE)
    counts = (
        "(SELECT count(*) FROM portal.webhook_delivery WHERE state = 'waiting')",
        "(SELECT count(*) FROM portal.audit_event WHERE block_n IS NULL)",
        "(SELECT count(*) FROM portal.outbox WHERE relayed_at IS NULL)",
        "(SELECT count(*) FROM queue.pgqueuer)",
        "(SELECT count(*) FROM portal.evidence WHERE state = 'quarantined')",
    )
    return int(launching.execute(database.superuser_url, f"SELECT {' + '.join(counts)}"))


def compare_storage(folder: Path, database: databases.TestDatabase) -> int:
    """Each row has its file; what uploads that were cut off left is found a day later, and removed; gives how many."""
    verified = processes.run_portal(folder, "evidence", "verify")
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout + verified.stderr
    asyncio.run(people.move_clock(database, "50 hours"))
    repaired = processes.run_portal(folder, "evidence", "verify", "--repair")
    strays = repaired.stderr.splitlines()
    assert repaired.returncode == 0 and all(line.startswith("ORPHAN quarantine/") for line in strays), repaired
    again = processes.run_portal(folder, "evidence", "verify")
    assert (again.returncode, again.stderr) == (0, ""), again.stdout + again.stderr
    return len(strays)


def describe(
    killed: Killed, written: phones.Ledger, told: firms.Ledger, counts: dict[str, int], strays: int, repeated: int
) -> str:
    """The figures of a run in one line."""
    victims = ", ".join(f"{count} of the {victim}" for victim, count in sorted(killed.kills.items()))
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
    cut = ", ".join(f"{killed.traffic.cut[kind]:,} {kind}" for kind in lines.KINDS)
    return (
        f"{killed.kills.total()} kills ({victims}), 6 clients with {len(written.sent):,} writes ({outcomes}), 3"
        f" suppliers with {len(told.told):,} submissions and {told.count_documents():,} documents; calls cut"
        f" off: {cut}; {written.lost_replies + killed.traffic.dropped:,} replies dropped, {strays} leftovers of uploads"
        f" removed; each submission told by webhook, {repeated:,} of them again under the same id, the audit trail as"
        " sealed; 0 acknowledged answers, documents, submissions or events lost, 0 doubled"
    )


def attach(folder: Path) -> databases.TestDatabase:
    """The addresses of the database that a server runs in its data folder."""
    running = embedded.attach(folder / installation.FOLDER)
    assert running is not None
    addresses = installation.list_addresses(running)
    running.stop()  # the server is to end with those that are killed
    return databases.TestDatabase(
        installation.DATABASE,
        owner_url=addresses["owner_database_url"],
        app_url=addresses["database_url"],
        worker_url=addresses["worker_database_url"],
        backup_url=addresses["backup_database_url"],
        superuser_url=addresses["admin_database_url"],
    )
