"""Two releases over few and many assessments by the real command, and one cell read beside a bare percentile query."""

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import uvloop

from portal.benchmarks import cohorts
from portal.benchmarks.cohorts import Cohort, Quarter
from portal.database import roles
from portal.database.embedded import RunningServer
from tests.bench import load, market, processes, reads, world
from tests.bench.load import Generator, Measured
from tests.bench.measuring import SLICE_SECONDS, Tally
from tests.bench.world import World

CASE = "releases"
FEW = 1_000  # assessed suppliers; the many are an option
MEASURES = ("total", "pillar:labour")
LOOK_SECONDS = 0.02
PERCENTILES = """
    SELECT percentile_cont(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY value), avg(value), count(*)
      FROM portal.contribution WHERE release_number = $1 AND cell = $2 AND measure = $3
"""
CELLS = "SELECT sector, region, size_band FROM portal.release_cell WHERE release_number = 2 AND measure = 'total'"
HEAD = "\n  assessed   release   seconds   suppliers/s   portal peak MB   of one database process, peak MB   database CPU s"


@dataclass
class Market:
    """One size: its database, and the cells that its second release has."""

    size: int
    database: RunningServer
    world: World
    cells: frozenset[Cohort] = frozenset()


class Percentiles:
    """What a read would cost that computes: sorted values of all contributors of the cell, on one bare connection."""

    def __init__(self, connection: asyncpg.Connection, asked: list[tuple[str, str]]) -> None:
        self.connection = connection
        self.asked = asked
        self.place = 0

    async def run(self, seconds: float) -> Measured:
        measured, begin = Measured(), time.perf_counter()
        while time.perf_counter() < begin + seconds or not measured.latencies:
            self.place = (self.place + 1) % len(self.asked)
            sent = time.perf_counter()
            await self.connection.fetchrow(PERCENTILES, 2, *self.asked[self.place])
            measured.latencies.append(time.perf_counter() - sent)
        measured.seconds = time.perf_counter() - begin
        return measured


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Fill, make both releases, read; gives the figures of both sizes."""
    sizes = sorted({min(FEW, options.assessed), options.assessed})
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-"))) for _ in sizes]
        markets, made = [], []
        say(HEAD)
        for size, folder in zip(sizes, folders, strict=True):
            database = stack.enter_context(processes.run_database(folder / "database"))
            one, figures = uvloop.run(_release(size, database))
            markets.append(one)
            made += figures
        portals = [
            stack.enter_context(processes.serve_portal(folder, one.world.app_url, None))
            for folder, one in zip(folders, markets, strict=True)
        ]
        try:
            found = uvloop.run(_read(markets, portals, options.duration))
        except load.WrongAnswer as problem:
            raise SystemExit(f"{problem}\n" + "".join(one.read_log() for one in portals)) from problem
    ratio = round(found[-1]["portal_p50_ms"] / found[0]["portal_p50_ms"], 2)
    for read in found:
        say(write_reads(read))
    say(f"One cell among {sizes[-1]:,} takes {ratio} times what it takes among {sizes[0]:,}.")
    return {"releases": made, "reads": found, "ratio_of_sizes": ratio}


async def _release(size: int, database: RunningServer) -> tuple[Market, list[dict[str, Any]]]:
    """The suppliers and two releases a quarter apart, before the second of which every fourth supplier submits again."""
    made = await market.create(database)
    admin = await made.connect()
    try:
        await market.add_suppliers(admin, size)
        today = cohorts.find_quarter(await admin.fetchval(market.CLOCK))
        figures = []
        for number, turn in ((1, None), (2, 0)):
            quarter = today.shift(number - 3)
            await market.add_results(admin, 0, size, quarter, number, turn)
            await admin.execute("VACUUM ANALYZE")
            await admin.execute("CHECKPOINT")
            figures.append({"assessed": size, "release": number, **make_release(made, database, quarter)})
            say(write_line(figures[-1]))
            counted = await admin.fetchval("SELECT count(*) FROM portal.release_contributor WHERE NOT waits")
            if counted != number * size:
                raise SystemExit(f"{counted} contributors are counted in {number} releases, not {size} in each.")
        cells = {Cohort("basic", *row) for row in await admin.fetch(CELLS)}
        return Market(size, database, made, frozenset(cells)), figures
    finally:
        await admin.close()


def make_release(made: World, database: RunningServer, quarter: Quarter) -> dict[str, Any]:
    """The command as an operator runs it; gives seconds, memory and processor time."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    urls = {
        "PORTAL_DATABASE_URL": made.app_url,
        "PORTAL_WORKER_DATABASE_URL": database.url(roles.WORKER, world.DATABASE),
        "PORTAL_OWNER_DATABASE_URL": database.url(roles.OWNER, world.DATABASE),
    }
    command = [sys.executable, "-m", "portal", "benchmarks", "release", "--quarter", str(quarter)]
    before, begin = processes.count_whole_database_cpu(database.pid), time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=processes.ROOT, env=kept | urls, stdout=output, stderr=output)
        own, theirs = watch(process, database.pid)
        seconds = time.perf_counter() - begin
        if process.returncode != 0:
            output.seek(0)
            raise SystemExit(output.read()[-3000:].decode(errors="replace"))
    time.sleep(0.3)  # the process of a connection that was closed ends a little later
    return {
        "seconds": round(seconds, 1),
        "own_peak_mb": round(own / 1e6),
        "database_peak_mb": round(theirs / 1e6),
        "database_cpu_s": round(processes.count_whole_database_cpu(database.pid) - before, 1),
    }


def watch(process: subprocess.Popen[bytes], postmaster: int) -> tuple[int, int]:
    """Wait for a command's end; gives the most memory it had, in bytes, and the most that one database process had."""
    own = theirs = 0
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            own = max(own, psutil.Process(process.pid).memory_info().rss)
        for one in psutil.Process(postmaster).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                theirs = max(theirs, one.memory_info().rss)
        time.sleep(LOOK_SECONDS)
    return own, theirs


async def _read(markets: list[Market], portals: list[processes.Server], seconds: float) -> list[dict[str, Any]]:
    """Both sizes and both sides in turn, in short slices, each one request at a time."""
    async with contextlib.AsyncExitStack() as stack:
        sides: list[tuple[Tally, Any]] = []
        for one, portal in zip(markets, portals, strict=True):
            admin = await one.world.connect()
            stack.push_async_callback(admin.close)
            asked, cells = list_asked(one)
            work, generator = reads.Reads(asked), Generator(portal.port, 1)
            reads.read_data(await generator.ask(asked[0]))
            sides.append((Tally(), lambda spent, work=work, generator=generator: generator.run(work, spent)))
            sides.append((Tally(), Percentiles(admin, cells).run))
        for number in range(-1, max(1, round(seconds / SLICE_SECONDS))):
            for tally, measure in sides if number % 2 else sides[::-1]:
                measured = await measure(min(SLICE_SECONDS, seconds))
                if number >= 0:  # the first of each is to warm up
                    tally.slices.append(measured)
    pairs = iter(tally.find_latency(0.50) for tally, _ in sides)
    return [judge(one.size, ours, theirs) for one, ours, theirs in zip(markets, pairs, pairs, strict=True)]


def list_asked(one: Market) -> tuple[list[bytes], list[tuple[str, str]]]:
    """The same cohorts in the same order, asked of the portal, and by the names of their cells and measures."""
    token, asked, cells = world.make_token(world.BUYER), [], []
    places = list(product(market.SECTORS, market.REGIONS, market.SIZES, MEASURES))
    random.Random(3).shuffle(places)
    for sector, region, size, measure in places:
        home = cohorts.find_cell(one.cells, Cohort("basic", sector, region, size))
        if home is None:
            raise SystemExit("A cohort has no cell.")
        variables = {"sector": sector, "region": region.upper(), "size": size.upper(), "measure": measure}
        asked.append(reads.ask_portal(token, reads.CELL, **variables))
        cells.append((home.write_path(market.KEY), measure))
    return asked, cells


def judge(size: int, ours: float, theirs: float) -> dict[str, Any]:
    return {
        "assessed": size,
        "portal_p50_ms": round(ours, 3),
        "percentile_p50_ms": round(theirs, 3),
        "ratio": round(ours / theirs, 2),
    }


def write_line(found: dict[str, Any]) -> str:
    """One release for people."""
    rate = found["assessed"] / found["seconds"]
    return (
        f"{found['assessed']:>10,}{found['release']:>10}{found['seconds']:>10.1f}{rate:>14,.0f}{found['own_peak_mb']:>17,}"
        f"{found['database_peak_mb']:>36,}{found['database_cpu_s']:>17.1f}"
    )


def write_reads(found: dict[str, Any]) -> str:
    """One size of reads for people."""
    return (
        f"One cell of {found['assessed']:,} assessed: p50 {found['portal_p50_ms']} ms through the portal;"
        f" percentile_cont over its contributors {found['percentile_p50_ms']} ms; {found['ratio']} of its time"
    )


def say(words: str) -> None:
    print(words, flush=True)
