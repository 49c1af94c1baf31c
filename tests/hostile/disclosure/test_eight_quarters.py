"""Two years of releases of a made-up market, attacked together: no score is recovered or placed within ten points."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from portal.benchmarks import attack, knowledge
from portal.benchmarks.attack import Finding
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.disclosure import Policy
from portal.benchmarks.releases import Made
from tests import databases, people
from tests.hostile.disclosure import naive
from tests.hostile.disclosure.market import Market
from tests.portal.assessments import sample
from tests.portal.benchmarks import conftest
from tests.portal.benchmarks.population import Population

QUARTERS = 8
SEEDS, SUPPLIERS = 20, 240
INDICATOR = "indicator:energy"
MEASURES = {TOTAL, "question:exits_locked", INDICATOR}
VALUES = """
SELECT r.release_number, r.supplier_id::text, r.sector, r.region, r.size_band, t.total
  FROM portal.release_contributor r
  JOIN portal.result t ON t.supplier_id = r.supplier_id AND t.submission_id = r.submission_id
   AND t.profile_number = r.profile_number
 WHERE NOT r.waits
"""


GROUPS = """
SELECT DISTINCT hashtextextended(group_id::text, 0) AS group_hash FROM portal.release_contributor
 WHERE supplier_id = ANY ($1) AND NOT waits
"""


@dataclass
class Tried:
    """What two years gave: tries, those that came near, and for how many a total was shown."""

    tries: int = 0
    nearest: float = math.inf
    measures: set[str] = field(default_factory=set)
    exact: int = 0
    near: int = 0
    unsolved: int = 0
    seen: int = 0
    contributors: int = 0

    def add(self, findings: list[Finding]) -> None:
        by_newest = [one for one in findings if one.by_newest]
        self.tries += len(findings)
        self.measures |= {one.measure for one in findings}
        self.nearest = min([self.nearest, *(one.width / one.least_range for one in by_newest)])
        self.exact += sum(one.width == 0 for one in by_newest)
        self.unsolved += sum(not one.is_exact for one in findings)
        self.near += sum(one.is_near for one in by_newest)

    def count_seen(self, made: Made) -> None:
        totals = [one.decision for one in made.outcomes if one.measure == TOTAL]
        self.contributors += sum(one.detail["contributors"] for one in totals)
        self.seen += sum(one.detail["contributors"] for one in totals if one.figures)


async def attack_release(firms: Population, release: int) -> list[Finding]:
    """All that is out up to a release, in the total, one question and one indicator, by everybody."""
    async with people.open_session(firms.database.worker_url) as session:
        return await attack.attack_release(session, release, MEASURES.__contains__, lambda _: None)


async def live(
    firms: Population, seed: int, suppliers: int, is_attacked: Callable[[int], bool]
) -> tuple[Market, Tried, Counter[str]]:
    """Eight quarters, each with its release, some of them attacked together with all before."""
    market, tried, reasons = Market(firms, random.Random(seed)), Tried(), Counter[str]()
    await market.open(suppliers)
    for number in range(QUARTERS):
        made = await market.pass_quarter(number)
        tried.count_seen(made)
        reasons.update(one.decision.reason or "PUBLISHED" for one in made.outcomes)
        if is_attacked(number):
            tried.add(await attack_release(firms, made.number))
    return market, tried, reasons


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_no_score_is_recovered_from_eight_quarters(measured: Population, seed: int) -> None:
    market, tried, reasons = await live(measured, seed, 240, {2, QUARTERS - 1}.__contains__)
    assert (tried.exact, tried.near, tried.unsolved) == (0, 0, 0)
    assert tried.tries > 100
    assert tried.measures >= {TOTAL, INDICATOR}
    assert tried.seen > 0.8 * tried.contributors
    assert {"PUBLISHED", "UNCHANGED", "WOULD_DISCLOSE"} <= set(reasons)
    rows = [tuple(row) for row in await measured.connection.fetch(VALUES)]
    assert naive.count_recovered(rows) > 20
    assert naive.count_placed(rows, Policy.least_range) > 8
    await check_readers(measured, market)


async def check_readers(firms: Population, market: Market) -> None:
    """The disclosure control grants each buyer what the market's own record says that it was ever shown."""
    async with people.open_session(firms.database.worker_url) as session:
        readers = await knowledge.list_readers(session, sample.KEY, QUARTERS)
    shown = {next(iter(one.own)): one.perhaps - {knowledge.UNGROUPED} for one in readers if len(one.own) == 1}
    brought = {one.own for one in readers if len(one.own) > 1}
    for buyer in market.buyers:
        reader = await firms.connection.fetchval("SELECT hashtextextended($1::uuid::text, 0)", buyer)
        assert shown[reader] == await find_groups(firms, market.shared[buyer])
        own = {supplier for supplier, by in market.brought.items() if by == buyer}
        others = await find_groups(firms, market.brought.keys() - own)
        assert frozenset({reader}) | (await find_groups(firms, own) - others) in brought


async def find_groups(firms: Population, suppliers: Iterable[UUID]) -> set[int]:
    rows = await firms.connection.fetch(GROUPS, list(suppliers))
    return {row["group_hash"] for row in rows}


@pytest.mark.soak(part="disclosure")
async def test_disclosure(
    database_server: databases.Server, database_template: str, record_property: Callable[[str, object], None]
) -> None:
    """Twenty markets, attacked after every release."""
    totals = []
    for seed in range(SEEDS):
        with databases.copy_template(database_server, database_template) as database:
            async with conftest.open_firms(database, conftest.INDICATED) as firms:
                _, tried, _ = await live(firms, 100 + seed, SUPPLIERS, lambda _: True)
        assert (tried.exact, tried.near) == (0, 0)
        totals.append(tried)
    assert set.union(*(one.measures for one in totals)) >= MEASURES
    seen = sum(one.seen for one in totals) / sum(one.contributors for one in totals)
    nearest = min(one.nearest for one in totals)
    record_property(
        "figures",
        f"{SEEDS} markets of {SUPPLIERS} suppliers, {QUARTERS} quarters each, attacked after every release in total,"
        f" a question and an indicator; {sum(one.tries for one in totals):,} tries, 0 scores recovered, 0 placed"
        f" within 10 points, nearest {nearest:.2f} of what is allowed; totals shown to {seen:.0%} of contributors",
    )
