"""The portal's requests per second and latencies beside hand-written endpoints doing the same."""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import load, measuring, processes, reads, table, world, writes
from tests.bench.load import Generator
from tests.bench.measuring import Case, Side
from tests.bench.processes import Cores, Server
from tests.bench.world import World

CASES = ("save one answer", "submit", "supplier list of 50", "profile", "benchmark cell")
LEAST_SUPPLIERS = 130  # so that two suppliers of each half share a response


def run(options: argparse.Namespace, cases: Sequence[str]) -> dict[str, Any]:
    """Set up, measure, print; gives the figures."""
    cores = processes.choose_cores()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        with processes.run_database(folder / "database") as database:
            began = time.perf_counter()
            made = asyncio.run(world.fill(database, options.suppliers))
            say(f"{options.suppliers} suppliers made up in {time.perf_counter() - began:.0f} s.")
            say(f"Cores: {cores.words}.")
            processes.pin(0, cores.load)
            with contextlib.ExitStack() as stack:
                portal = stack.enter_context(processes.serve_portal(folder, made.app_url, cores.servers))
                handwritten = stack.enter_context(processes.serve_handwritten(folder, made.app_url, cores.servers))
                try:
                    report = uvloop.run(_measure(options, cases, made, (portal, handwritten), database.pid))
                except load.WrongAnswer as problem:
                    raise SystemExit(f"{problem}\n{portal.read_log()}{handwritten.read_log()}") from problem
            report |= {"suppliers": options.suppliers, "connections": options.connections, "cores": cores.words}
            report["load_generator_per_second"] = uvloop.run(measure_generator(folder, cores, options))
    say(table.write_table(report))
    return report


async def _measure(
    options: argparse.Namespace, cases: Sequence[str], made: World, servers: tuple[Server, Server], postmaster: int
) -> dict[str, Any]:
    """Check that both sides do the same, then measure each case."""
    portal, handwritten = (Generator(server.port, options.connections) for server in servers)
    saves = writes.make_saves(made)
    submissions = (writes.Submissions(made, by_hand=False), writes.Submissions(made, by_hand=True))
    works = {
        "save one answer": saves,
        "submit": submissions,
        "supplier list of 50": await reads.make_list_reads(portal, handwritten),
        "profile": await reads.make_profile_reads(portal, handwritten, made),
        "benchmark cell": await reads.make_cell_reads(portal, handwritten),
    }
    await writes.check_saves(portal, handwritten, made)
    await writes.check_submissions(portal, handwritten, made)
    say("Both sides gave equal answers and left equal rows.")
    measured = []
    for name in cases:
        sides = [
            Side(server, generator, work, find_preparation(work, options.duration))
            for server, generator, work in zip(servers, (portal, handwritten), works[name], strict=True)
        ]
        measured.append(await measuring.measure(Case(name, *sides), options.duration, postmaster))
        say(table.write_line(measured[-1]))
    await writes.check_counts(made, saves, submissions)
    portal.close()
    handwritten.close()
    return {"cases": measured}


def find_preparation(work: Any, duration: float) -> Any:
    """Submitting uses drafts up, so there must be enough of them before each slice."""
    if not isinstance(work, writes.Submissions):
        return None
    return partial(work.fill_up, round(800 * min(duration, measuring.SLICE_SECONDS)) + 20)


async def measure_generator(folder: Path, cores: Cores, options: argparse.Namespace) -> float:
    """What the load generator reaches against a server that does nothing."""
    with processes.serve_nothing(folder, cores.servers) as server:
        generator = Generator(server.port, options.connections)
        done = await generator.run(reads.Reads([load.write_request("GET", "/", "token")]), min(2.0, options.duration))
        generator.close()
    return round(done.count / done.seconds)


def say(words: str) -> None:
    print(words, flush=True)
