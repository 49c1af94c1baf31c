"""Measuring: in each round every contender answers every shape for a moment, in an order that turns."""

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.bench import processes
from tests.bench.contest import contenders
from tests.bench.contest.contenders import Contender
from tests.bench.load import Generator, Measured, Work
from tests.bench.processes import Server

WARM_UP_SECONDS = 1.0


@dataclass
class Entrant:
    """A contender whose server runs, with its connections and its requests by shape."""

    contender: Contender
    server: Server
    generator: Generator
    works: dict[str, Work]

    @property
    def name(self) -> str:
        return self.contender.name


@dataclass(frozen=True)
class Slice:
    """One moment of one contender; CPU in seconds."""

    measured: Measured
    server_cpu: float
    database_cpu: float
    fast: int  # reads that the database's JSON answered as it stood

    @property
    def rate(self) -> float:
        return self.measured.count / self.measured.seconds

    def find_latency(self, share: float) -> float:
        """The latency in milliseconds that this share of its requests stays below."""
        found = sorted(self.measured.latencies)
        return 1_000 * found[min(len(found) - 1, int(share * len(found)))]


@dataclass
class Results:
    """All slices of a run, by shape and contender."""

    slices: dict[tuple[str, str], list[Slice]] = field(default_factory=lambda: defaultdict(list))
    others_share: float = 0.0  # of the whole machine's processor time, that went to processes outside of the run

    def describe(self, shape: str, name: str) -> dict[str, Any]:
        """Medians over the rounds; the CPU is that of all of them."""
        own = self.slices[shape, name]
        count = sum(one.measured.count for one in own)
        figures = {
            "requests": count,
            "requests_per_second": round(statistics.median(one.rate for one in own), 1),
            "p50_ms": round(statistics.median(one.find_latency(0.50) for one in own), 3),
            "p99_ms": round(statistics.median(one.find_latency(0.99) for one in own), 3),
            "server_cpu_ms": round(1_000 * sum(one.server_cpu for one in own) / count, 3),
            "database_cpu_ms": round(1_000 * sum(one.database_cpu for one in own) / count, 3),
        }
        if name == contenders.PORTAL:
            figures["fast_share"] = round(sum(one.fast for one in own) / count, 3)
        return figures

    def find_ratio(self, shape: str, name: str, other: str) -> float | None:
        """Requests per second of one as a multiple of another's, the median over the rounds; None where one is away."""
        pairs = zip(self.slices.get((shape, name), ()), self.slices.get((shape, other), ()), strict=False)
        found = [ours.rate / theirs.rate for ours, theirs in pairs]
        return round(statistics.median(found), 3) if found else None


async def measure(
    entrants: Sequence[Entrant], shapes: Sequence[str], seconds: float, rounds: int, postmaster: int
) -> Results:
    """Seconds of each contender and shape, in as many slices as there are rounds."""
    results = Results()
    for entrant in entrants:
        for shape in shapes:
            await _run_slice(entrant, shape, min(WARM_UP_SECONDS, seconds), postmaster)
    begin, machine, ours = time.perf_counter(), _count_machine_cpu(), _count_own_cpu(entrants, postmaster)
    for number in range(rounds):
        for place, shape in enumerate(shapes):
            first = (number + place) % len(entrants)
            for entrant in (*entrants[first:], *entrants[:first]):
                found = await _run_slice(entrant, shape, seconds / rounds, postmaster)
                results.slices[shape, entrant.name].append(found)
    others = _count_machine_cpu() - machine - (_count_own_cpu(entrants, postmaster) - ours)
    room = (time.perf_counter() - begin) * (psutil.cpu_count() or 1)
    results.others_share = round(max(0.0, others / room), 3)
    return results


def _count_machine_cpu() -> float:
    """Seconds that all processors together were busy."""
    spent = psutil.cpu_times()
    return float(sum(spent) - spent.idle - getattr(spent, "iowait", 0.0) - getattr(spent, "guest", 0.0))


def _count_own_cpu(entrants: Sequence[Entrant], postmaster: int) -> float:
    """Seconds of the servers, the database and this process."""
    own = psutil.Process().cpu_times()
    database = sum(processes.count_database_cpu(postmaster).values())
    return sum(one.server.count_cpu() for one in entrants) + database + float(own.user + own.system)


async def _run_slice(entrant: Entrant, shape: str, seconds: float, postmaster: int) -> Slice:
    entrant.generator.close()
    finished = contenders.count_finishes(entrant.server)
    server, database = entrant.server.count_cpu(), processes.count_database_cpu(postmaster)
    measured = await entrant.generator.run(entrant.works[shape], seconds)
    spent = processes.subtract_cpu(processes.count_database_cpu(postmaster), database)
    now = contenders.count_finishes(entrant.server)
    fast = now["whole"] - finished["whole"] if now else 0
    return Slice(measured, entrant.server.count_cpu() - server, spent, fast)
