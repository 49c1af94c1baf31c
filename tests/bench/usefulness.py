"""How useful releases are: how many suppliers see a benchmark of their total, how near to their own cohort, how true."""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import cohorts, disclosure, releases
from portal.benchmarks.cohorts import Cohort, Quarter
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.disclosure import Decision, Policy
from portal.benchmarks.releases import Made
from portal.database import engine, roles
from portal.database.embedded import RunningServer
from tests.bench import market, processes, world

CASE = "usefulness"
QUARTERS = 4
RULES_AT = 6_000  # suppliers of the market in which other rules are tried
POLICY = Policy(p_percent=15)
RULES = {
    "as it is": POLICY,
    "`for_mean` 5": replace(POLICY, for_mean=5),
    "`for_mean` 20": replace(POLICY, for_mean=20),
    "`changed` 3": replace(POLICY, changed=3),
    "`changed` 10": replace(POLICY, changed=10),
    "`least_range` 500": replace(POLICY, least_range=500),
    "`least_range` 2000": replace(POLICY, least_range=2000),
}
STATEMENT_MS = 3_600_000
# What each leaf's contributors have now, one for each group in it; nobody but the bench sees this.
LEAVES = """
    SELECT tier, sector, region, size_band, sum(organizations)::integer AS suppliers,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY value) / 100 AS median
      FROM (SELECT c.tier, c.sector, c.region, c.size_band, c.group_id, count(*) AS organizations, avg(t.total) AS value
              FROM portal.release_contributor c
              JOIN portal.result t ON t.supplier_id = c.supplier_id AND t.submission_id = c.submission_id
               AND t.profile_number = c.profile_number AND t.is_own_tier
             WHERE c.release_number = $1 AND NOT c.waits
             GROUP BY 1, 2, 3, 4, 5) contributor
     GROUP BY 1, 2, 3, 4
"""
LEAVE = """
    INSERT INTO portal.benchmark_choice (organization_id, takes_part)
    SELECT bench.id(31, n), false FROM generate_series(0, $1::bigint - 1) n WHERE bench.draw(n, 60 + $2) < 0.01
        ON CONFLICT DO NOTHING
"""
FORGET = """
    TRUNCATE portal.release_ledger, portal.contribution, portal.release_contributor, portal.release_cell, portal.release,
             portal.benchmark_partition, portal.benchmark_choice CASCADE
"""
COLUMNS = (
    "see a figure",
    "of their own leaf",
    "levels above it",
    "see a median",
    "its error",
    "of it by being old or held back",
    "quarters old",
    "cells by reason",
    "seconds of a release",
)


@dataclass
class Seen:
    """What the suppliers that count in a release see of their total, supplier by supplier."""

    suppliers: int = 0
    seeing: int = 0
    at_leaf: int = 0
    levels: int = 0
    quarters_old: int = 0
    medians: int = 0
    error: float = 0.0  # points
    own_error: float = 0.0  # points
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, suppliers: int, level: int, age: int) -> None:
        """Suppliers whose cell stands so many levels above their leaf, with figures of so many quarters ago."""
        self.seeing += suppliers
        self.at_leaf += suppliers * (level == 0)
        self.levels += suppliers * level
        self.quarters_old += suppliers * age

    def add_median(self, suppliers: int, shown: int, true: float, of_cell: float) -> None:
        """The median that they see, that of their leaf now, and that of their cell now, in points."""
        self.medians += suppliers
        self.error += suppliers * abs(shown - true)
        self.own_error += suppliers * abs(shown - of_cell)

    def describe(self) -> dict[str, Any]:
        seeing, medians = max(1, self.seeing), max(1, self.medians)
        return {
            "suppliers": self.suppliers,
            "seeing": round(self.seeing / max(1, self.suppliers), 3),
            "at_leaf": round(self.at_leaf / seeing, 3),
            "levels_above": round(self.levels / seeing, 2),
            "with_median": round(self.medians / max(1, self.suppliers), 3),
            "median_error": round(self.error / medians, 2),
            "median_error_of_cell": round(self.own_error / medians, 2),
            "quarters_old": round(self.quarters_old / seeing, 2),
            "reasons": dict(sorted(self.reasons.items())),
            "seconds": round(self.seconds, 1),
        }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Markets of each size under the rules as they are, then one size under each of the other rules."""
    sizes = []
    for suppliers in options.markets:
        sizes.append({"market": suppliers, **live(suppliers, {"as it is": POLICY})["as it is"]})
    tried = min([RULES_AT, *options.markets], key=lambda one: (one not in options.markets, abs(one - RULES_AT)))
    rules = live(tried, {name: rule for name, rule in RULES.items() if not options.rules or name in options.rules})
    say(write_table("suppliers", {f"{one['market']:,}": one for one in sizes}))
    say(write_table(f"rules, {tried:,} suppliers", rules))
    return {"sizes": sizes, "rules_at": tried, "rules": rules}


def live(suppliers: int, rules: dict[str, Policy]) -> dict[str, Any]:
    """The same four quarters of a market under each of some rules; what is seen after the last release."""
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as name,
        processes.run_database(Path(name) / "database") as database,
    ):
        return uvloop.run(_live(database, suppliers, rules))


async def _live(database: RunningServer, suppliers: int, rules: dict[str, Policy]) -> dict[str, Any]:
    made = await market.create(database)
    admin = await made.connect()
    try:
        quarters = await fill(admin, suppliers)
        found = {}
        for words, policy in rules.items():
            await forget(admin)
            found[words] = await pass_year(admin, database, suppliers, quarters, policy)
            say(f"{suppliers:,} suppliers, rules {words}: {write_cells(found[words])}")
        return found
    finally:
        await admin.close()


async def fill(admin: asyncpg.Connection, suppliers: int) -> list[Quarter]:
    """All submissions of a year, each supplier's in its turn; one in twenty more join each quarter. Gives the quarters."""
    today = cohorts.find_quarter(await admin.fetchval(market.CLOCK))
    quarters = [today.shift(number - QUARTERS) for number in range(QUARTERS)]
    joining = max(1, suppliers // 20)
    await market.add_suppliers(admin, suppliers, joining * (QUARTERS - 1))
    for turn in range(market.TURNS):
        # Who is not the first to renew did so a year before.
        for number in {turn - market.TURNS if turn else 0, turn}:
            await market.add_results(admin, 0, suppliers, today.shift(number - QUARTERS), 4 + number, turn)
    for number in range(1, QUARTERS):
        first = suppliers + joining * (number - 1)
        await market.add_results(admin, first, first + joining, quarters[number], 4 + number)
    await admin.execute("VACUUM ANALYZE")
    return quarters


async def forget(admin: asyncpg.Connection) -> None:
    """As if there had been no release, and nobody had left."""
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute(FORGET)


async def pass_year(
    admin: asyncpg.Connection, database: RunningServer, suppliers: int, quarters: Sequence[Quarter], policy: Policy
) -> dict[str, Any]:
    """Four releases; what the suppliers see after each, the last one first."""
    seen = []
    for number, quarter in enumerate(quarters):
        if number:
            await admin.execute(LEAVE, suppliers, number)
        began = time.perf_counter()
        made, cells = await make_release(database.url(roles.WORKER, world.DATABASE), quarter, policy)
        one = look(
            made, cells, [tuple(row) for row in await admin.fetch(LEAVES, made.number)], await find_medians(admin, made)
        )
        one.seconds = time.perf_counter() - began
        seen.append(one.describe())
    return {**seen[-1], "quarters": seen}


async def find_medians(admin: asyncpg.Connection, made: Made) -> dict[str, float]:
    """The true median of each cell now, in points."""
    query = (
        "SELECT cell, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) / 100 FROM portal.contribution"
        " WHERE release_number = $1 AND measure = $2 GROUP BY cell"
    )
    return {row[0]: row[1] for row in await admin.fetch(query, made.number, TOTAL)}


async def make_release(url: str, quarter: Quarter, policy: Policy) -> tuple[Made, frozenset[Cohort]]:
    """The release of a quarter under a policy, with the cells that it has."""
    opened = engine.create_engine(url, pool_size=1, timeout_ms=STATEMENT_MS)
    try:
        async with AsyncSession(opened, expire_on_commit=False) as session, session.begin():
            made = await releases.make_release(session, quarter, policy=policy)
    finally:
        await opened.dispose()
    return made, frozenset(cohorts.read_path(one.cell)[1] for one in made.outcomes if one.measure == TOTAL)


def look(
    made: Made,
    cells: frozenset[Cohort],
    leaves: Sequence[tuple[str, str, str, str, int, float]],
    medians: dict[str, float],
) -> Seen:
    """What the suppliers of each leaf see."""
    decisions = {one.cell: one.decision for one in made.outcomes if one.measure == TOTAL}
    seen = Seen(reasons=Counter(name_reason(one) for one in decisions.values()))
    for *place, suppliers, median in leaves:
        leaf = Cohort(*place)
        home = cohorts.find_cell(cells, leaf)
        seen.suppliers += suppliers
        if home is None:
            continue
        cell = home.write_path(market.KEY)
        decision = decisions[cell]
        if decision.figures is not None:
            seen.add(suppliers, leaf.list_path().index(home), made.number - (decision.kept_from or made.number))
            if decision.figures.p50 is not None:
                seen.add_median(suppliers, decision.figures.p50, median, medians[cell])
    return seen


def name_reason(decision: Decision) -> str:
    """The reason that the operator sees, and whether older figures stand."""
    if decision.reason == disclosure.WOULD_DISCLOSE:
        return f"{decision.reason}, {'older figures' if decision.figures else 'none'}"
    return decision.reason or "PUBLISHED"


def write_table(what: str, found: dict[str, dict[str, Any]]) -> str:
    """Markdown, a line for each size or rule."""
    head = [f"| {' | '.join((what, *COLUMNS))} |", "| --- |" + " --- |" * len(COLUMNS)]
    return "\n".join(["", *head, *(f"| {words} | {write_cells(one)} |" for words, one in found.items())])


def write_cells(one: dict[str, Any]) -> str:
    """One line of a table."""
    cells = (
        f"{one['seeing']:.0%}",
        f"{one['at_leaf']:.0%}",
        f"{one['levels_above']:.2f}",
        f"{one['with_median']:.0%}",
        f"{one['median_error']:.1f}",
        f"{one['median_error_of_cell']:.1f}",
        f"{one['quarters_old']:.2f}",
        ", ".join(f"{count} {reason}" for reason, count in one["reasons"].items()),
        f"{one['seconds']:.1f}",
    )
    return " | ".join(cells)


def say(words: str) -> None:
    print(words, flush=True)
