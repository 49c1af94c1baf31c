"""A server under a mixed load, samples of the memory its process holds, and the rule that says whether it grows."""

import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from portal.assessments import publishing
from tests import databases
from tests.bench import processes, watching, world
from tests.bench.processes import Server
from tests.bench.world import World
from tests.clients import open_client
from tests.soak import crowd
from tests.soak.crowd import Crowd

MEGABYTE = 1_000_000
MOST_SHARE, MOST_MEGABYTES = 0.05, 15.0
TEMPLATES = 8  # complete responses that all others are copied from


@dataclass(frozen=True)
class Growth:
    """Resident memory in MB, early and late in a run, and the slope of a line through all after its first tenth."""

    early: float
    late: float
    highest: float
    slope: float  # MB an hour

    @property
    def is_flat(self) -> bool:
        """Whether it grew by no more than a share and an amount that caches and a fragmented heap account for."""
        return self.late - self.early <= min(MOST_SHARE * self.early, MOST_MEGABYTES)

    @property
    def words(self) -> str:
        share = 100 * (self.late / self.early - 1)
        return (
            f"{self.early:.1f} MB in the second tenth, {self.late:.1f} MB in the last "
            f"({self.late - self.early:+.1f} MB, {share:+.1f} %), highest {self.highest:.1f} MB, "
            f"slope {self.slope:+.1f} MB an hour"
        )


def judge(samples: list[tuple[float, float]]) -> Growth:
    """Medians of the second and the last tenth of samples of seconds and MB, which are evenly spaced."""
    tenth = len(samples) // 10
    settled = samples[tenth:]
    values = [megabytes for _, megabytes in settled]
    slope = statistics.linear_regression([seconds for seconds, _ in settled], values).slope
    early, late = statistics.median(values[:tenth]), statistics.median(values[-tenth:])
    return Growth(early, late, max(values), slope * 3_600)


@dataclass
class Watched:
    """A server, its watch port, and who talks to it."""

    server: Server
    watch: int
    crowd: Crowd

    async def count(self) -> dict[str, Any]:
        """What the process holds when nobody asks anything of it."""
        counts = await asyncio.to_thread(watching.ask, self.watch)
        return {**counts, "files": self.server.process.num_fds()}

    def read_megabytes(self) -> float:
        return float(self.server.process.memory_info().rss) / MEGABYTE


@contextlib.contextmanager
def serve(database: databases.TestDatabase, **settings: str) -> Iterator[tuple[Server, int]]:
    """The server with production settings and its worker."""
    port, watch = processes.find_free_port(), processes.find_free_port()
    with tempfile.TemporaryDirectory(prefix="portal-soak-") as name:
        given = {
            "PORTAL_ENVIRONMENT": "production",
            "PORTAL_DATABASE_URL": database.app_url,
            "PORTAL_WORKER_DATABASE_URL": database.worker_url,
            "PORTAL_DATA_DIR": f"{name}/data",
            "PORTAL_PORT": str(port),
            "SOAK_WATCH_PORT": str(watch),
            **settings,
        }
        command = [sys.executable, "-m", "tests.soak.watched"]
        with processes.run_server("portal", Path(name), command, given, port, None) as server:
            try:
                yield server, watch
            except BaseException:
                print(server.read_log())
                raise


@contextlib.asynccontextmanager
async def open_crowd(
    database: databases.TestDatabase, suppliers: int, connections: int, **settings: str
) -> AsyncIterator[Watched]:
    """A world in a database, its server and its crowd."""
    made = await make_world(database, suppliers)
    with serve(database, **settings) as (server, watch):
        url = f"http://127.0.0.1:{server.port}"
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        async with open_client(base_url=url, timeout=60, limits=limits) as client:
            yield Watched(server, watch, await crowd.gather(url, made, database, client))


async def make_world(database: databases.TestDatabase, suppliers: int) -> World:
    """The data of the measurements, in a database that is migrated."""
    await publishing.publish_packaged(database.owner_url)
    made = World(database.superuser_url.replace("+asyncpg", ""), database.app_url, suppliers)
    admin: asyncpg.Connection = await made.connect()
    try:
        await world.add_functions(admin)
        await world.add_data(admin, suppliers, TEMPLATES)
    finally:
        await admin.close()
    return made


async def sample(house: Watched, seconds: float) -> list[tuple[float, float]]:
    """Seconds and MB, a thousand times at most in this time."""
    loop = asyncio.get_running_loop()
    begin, taken = loop.time(), []
    while (now := loop.time()) < begin + seconds:
        taken.append((now - begin, house.read_megabytes()))
        await asyncio.sleep(max(0.5, seconds / 1_000))
    return taken
