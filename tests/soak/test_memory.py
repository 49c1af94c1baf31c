"""A server that does everything for an hour holds no more memory at the end; in short: rounds leave nothing behind."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from portal.database import prompt
from portal.reading import plans
from tests import databases, people
from tests.bench import world
from tests.bench.world import BUYER, ORGANIZATION
from tests.soak import crowd, memory
from tests.soak.memory import Watched

SEED = 20_261_129
SECONDS = float(os.environ.get("SOAK_SECONDS", "3600"))
WORKERS = 6
# Of the short form, whose round has some 60 requests.
WARM_ROUNDS, ROUNDS = 3, 3
DISTINCT = 20  # documents, more than its caches hold
MOST_BLOCKS = 50  # that a round may leave behind: texts and numbers, which are not counted by type


@pytest.mark.soak(part="memory")
async def test_memory_stays_flat(
    database: databases.TestDatabase, record_property: Callable[[str, object], None]
) -> None:
    async with memory.open_crowd(database, 200, WORKERS) as house:
        await fill_caches(house)
        house.crowd.done.clear()
        deadline = asyncio.get_running_loop().time() + SECONDS
        async with asyncio.TaskGroup() as group:
            for number in range(WORKERS):
                group.create_task(house.crowd.work(SEED + number, deadline))
            sampling = group.create_task(memory.sample(house, SECONDS))
        counts = await house.count()
    growth, done = memory.judge(sampling.result()), house.crowd.done
    print(growth.words, dict(done), counts["caches"], counts["files"], Counter(counts["types"]).most_common(8))
    assert set(done) == set(crowd.SHARES)
    assert counts["caches"]["plans"] == plans.MOST_PLANS
    assert growth.is_flat, growth.words
    record_property(
        "figures", f"{SECONDS / 60:.0f} minutes of mixed load, {done.total():,} things done; {growth.words}"
    )


async def fill_caches(house: Watched) -> None:
    """As many distinct documents and callers as are kept, and a while of everything else."""
    await people.run_sql(
        house.crowd.database,
        "INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)"
        " SELECT sha256(('soak-' || n)::bytea), bench.id(20, n), bench.id(2, 0), $1, '2100-01-01'"
        " FROM generate_series(1, $2) n",
        world.make_id(ORGANIZATION, BUYER),
        prompt.MOST_CALLERS,
    )
    waiting = iter(range(1, prompt.MOST_CALLERS + 1))

    async def ask_all() -> None:
        for number in waiting:
            await house.crowd.post(f"soak-{number}", crowd.WHO)
            if number % 4 == 0:
                await house.crowd.do("distinct", random.Random(number))

    async with asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(ask_all())


@pytest.mark.slow
async def test_rounds_leave_nothing_behind(database: databases.TestDatabase) -> None:
    async with memory.open_crowd(database, 40, 1, PORTAL_POOL_SIZE="1", SOAK_SMALL="1") as house:
        house.crowd.most_distinct = DISTINCT
        counts = []
        for rounds in (WARM_ROUNDS, ROUNDS, ROUNDS):
            for _ in range(rounds):
                await go_round(house)
            counts.append(await count_settled(house))
    first, last = find_growth(*counts[:2]), find_growth(*counts[1:])
    # What the worker does for the first time comes once; a leak comes in both stretches.
    grown = {name: min(first[name], last[name]) for name in first}
    most = sorted(grown.items(), key=lambda one: -one[1])[:8]
    assert counts[0]["caches"] == counts[2]["caches"]
    assert grown.pop("blocks") < MOST_BLOCKS * ROUNDS, most
    assert max(grown.values()) < ROUNDS, most


def find_growth(before: dict[str, Any], after: dict[str, Any]) -> Counter[str]:
    """What there is more of: blocks of memory, open files and connections, and objects by type."""
    grown = Counter({**after["types"], "blocks": after["blocks"], "files": after["files"]})
    grown.subtract({**before["types"], "blocks": before["blocks"], "files": before["files"]})
    return grown


async def go_round(house: Watched) -> None:
    """The same things in the same order as ever, each of them once at least."""
    chance = random.Random(SEED)
    order = [what for what, share in crowd.SHARES.items() for _ in range(1 + share // 10)]
    order += ["distinct"] * DISTINCT
    chance.shuffle(order)
    for what in order:
        await house.crowd.do(what, chance)


async def count_settled(house: Watched) -> dict[str, Any]:
    """The counts once the worker has done what the round left to it, and sockets have closed."""
    async with asyncio.timeout(30):
        counts = await house.count()
        while True:
            await asyncio.sleep(0.5)
            again = await house.count()
            if abs(again["blocks"] - counts["blocks"]) < 50 and again["files"] == counts["files"]:
                return again
            counts = again


def test_a_rule_that_can_fail() -> None:
    flat = [(float(at), 200.0 + at % 3) for at in range(100)]
    assert memory.judge(flat).is_flat
    assert memory.judge([(at, mb + (40 - at if at < 10 else 0)) for at, mb in flat]).is_flat  # a warm-up
    assert not memory.judge([(at, mb + at * 0.15) for at, mb in flat]).is_flat  # 5 %
    assert not memory.judge([(at, 5 * mb + at * 0.2) for at, mb in flat]).is_flat  # 15 MB
