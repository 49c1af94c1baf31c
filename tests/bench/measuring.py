"""Measuring: both servers in turn, in short slices, so that whatever else the machine does meets both alike."""

import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench import processes
from tests.bench.load import Generator, Measured, Work
from tests.bench.processes import Server

SLICE_SECONDS = 1.0
WARM_UP = 0.3  # of the time that is measured, at most one second


@dataclass
class Side:
    """One server with its connections, and how work for it comes about."""

    server: Server
    generator: Generator
    work: Work
    prepare: Callable[[], Awaitable[None]] | None = None  # before each slice, not measured


@dataclass
class Tally:
    """What one server did in all slices of a case; CPU in seconds."""

    slices: list[Measured] = field(default_factory=list)
    server_cpu: float = 0.0
    database_cpu: float = 0.0

    @property
    def count(self) -> int:
        return sum(one.count for one in self.slices)

    @property
    def rates(self) -> list[float]:
        return [one.count / one.seconds for one in self.slices]

    def find_latency(self, share: float) -> float:
        """The latency in milliseconds that this share of all requests stays below."""
        found = sorted(latency for one in self.slices for latency in one.latencies)
        return 1_000 * found[min(len(found) - 1, int(share * len(found)))]

    def describe(self) -> dict[str, Any]:
        return {
            "requests": self.count,
            "requests_per_second": round(statistics.median(self.rates), 1),
            "p50_ms": round(self.find_latency(0.50), 3),
            "p99_ms": round(self.find_latency(0.99), 3),
            "server_cpu_ms": round(1_000 * self.server_cpu / self.count, 3),
            "database_cpu_ms": round(1_000 * self.database_cpu / self.count, 3),
        }


@dataclass
class Case:
    """One thing that both servers do."""

    name: str
    portal: Side
    handwritten: Side


async def measure(case: Case, seconds: float, postmaster: int) -> dict[str, Any]:
    """Some seconds of each server, in slices that alternate; the ratio is the median over pairs of slices."""
    pair = (case.portal, case.handwritten)
    for side in pair:
        await _run_slice(side, min(1.0, WARM_UP * seconds), postmaster)
    count = max(1, round(seconds / SLICE_SECONDS))
    tallies = (Tally(), Tally())
    for number in range(count):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for which in order:
            measured, server_cpu, database_cpu = await _run_slice(pair[which], seconds / count, postmaster)
            tallies[which].slices.append(measured)
            tallies[which].server_cpu += server_cpu
            tallies[which].database_cpu += database_cpu
    ratios = [ours / theirs for ours, theirs in zip(tallies[0].rates, tallies[1].rates, strict=True)]
    ours, theirs = (tally.describe() for tally in tallies)
    return {"case": case.name, "portal": ours, "handwritten": theirs, "ratio": round(statistics.median(ratios), 3)}


async def _run_slice(side: Side, seconds: float, postmaster: int) -> tuple[Measured, float, float]:
    if side.prepare is not None:
        await side.prepare()
    server, database = side.server.count_cpu(), processes.count_database_cpu(postmaster)
    measured = await side.generator.run(side.work, seconds)
    spent = processes.subtract_cpu(processes.count_database_cpu(postmaster), database)
    return measured, side.server.count_cpu() - server, spent
