"""One run of the comparison: data, servers, equal answers, rounds, and what is told of them."""

import argparse
import asyncio
import contextlib
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import load, processes, reads
from tests.bench.contest import answers, contenders, data, plot, questions, report, rounds
from tests.bench.contest.contenders import Contender
from tests.bench.contest.data import Data
from tests.bench.contest.questions import Question
from tests.bench.contest.rounds import Entrant
from tests.bench.load import Generator
from tests.bench.processes import Cores, Server

MOST_CONNECTIONS = 150  # of PostgreSQL: every server keeps its own


def run(options: argparse.Namespace, shapes: Sequence[str]) -> dict[str, Any]:
    """Set up, check, measure, print, draw; gives the figures."""
    cores = processes.choose_cores()
    taking_part = list(choose_contenders(options.contenders))
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        with processes.run_database(folder / "database", max_connections=MOST_CONNECTIONS) as database:
            began = time.perf_counter()
            made = asyncio.run(data.fill(database, options.scale))
            say(f"{made.suppliers} suppliers made up in {time.perf_counter() - began:.0f} s.")
            processes.pin_database(database.pid, cores.load)
            say(f"Cores: {describe_cores(cores)}.")
            figures = describe_machine(options, cores) | {"load_average_before": os.getloadavg()}
            with contextlib.ExitStack() as stack:
                processes.pin(0, cores.load)
                stack.callback(unpin)
                servers = [stack.enter_context(one.start(folder, made, cores.servers)) for one in taking_part]
                try:
                    results = uvloop.run(_measure(options, shapes, made, taking_part, servers, database.pid))
                except load.WrongAnswer as problem:
                    logs = "".join(server.read_log() for server in servers)
                    raise SystemExit(f"{problem}\n{logs}") from problem
    figures |= {"load_average_after": os.getloadavg()} | report.describe(results, shapes, taking_part)
    say(report.write_table(figures))
    if options.plot:
        options.plot.write_text(plot.draw(figures), encoding="utf-8")
    return figures


async def _measure(
    options: argparse.Namespace,
    shapes: Sequence[str],
    made: Data,
    taking_part: Sequence[Contender],
    servers: Sequence[Server],
    postmaster: int,
) -> rounds.Results:
    drawn = await questions.draw_questions(made)
    asked = {shape: drawn[shape] for shape in shapes}
    entrants = [
        Entrant(contender, server, Generator(server.port, options.connections), make_works(contender, asked))
        for contender, server in zip(taking_part, servers, strict=True)
    ]
    await answers.check(entrants, asked)
    say(f"All {len(entrants)} gave equal answers to {len(shapes)} shapes.")
    await _leave_receipts(entrants, asked)
    results = await rounds.measure(entrants, shapes, options.seconds, options.rounds, postmaster)
    for entrant in entrants:
        entrant.generator.close()
    return results


def make_works(contender: Contender, asked: dict[str, list[Question]]) -> dict[str, load.Work]:
    return {shape: reads.Reads([contender.language.ask(one) for one in some]) for shape, some in asked.items()}


async def _leave_receipts(entrants: Sequence[Entrant], asked: dict[str, list[Question]]) -> None:
    """The portal writes down, once a day, who read which result: done before it is measured, as for a second look."""
    for entrant in entrants:
        if entrant.name == contenders.PORTAL:
            for question in asked.get("profile in depth", ()):
                await entrant.generator.ask(entrant.contender.language.ask(question))


def choose_contenders(wanted: Sequence[str]) -> Iterator[Contender]:
    """Those that are wanted and can run here; says why another cannot."""
    for one in contenders.CONTENDERS:
        hindrance = one.find_hindrance() if not wanted or one.name in wanted else "not wanted"
        if hindrance is None:
            yield one
        else:
            say(f"Without {one.name}: {hindrance}.")


def describe_cores(cores: Cores) -> str:
    if cores.servers is None:
        return "not pinned: this machine does not let us, so all processes share its cores"
    return f"each server alone on core {cores.servers}; PostgreSQL and the load generator share core {cores.load}"


def describe_machine(options: argparse.Namespace, cores: Cores) -> dict[str, Any]:
    node = contenders.find_node()
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip() if node else None
    return {
        "suppliers": options.scale,
        "seconds": options.seconds,
        "rounds": options.rounds,
        "connections": options.connections,
        "pool": contenders.POOL_SIZE,
        "cores": describe_cores(cores),
        "python": platform.python_version(),
        "node": said,
    }


def unpin() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def say(words: str) -> None:
    print(words, flush=True)
