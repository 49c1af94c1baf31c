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
from tests.bench import load, reads, world
from tests.bench.world import BUYER, ORGANIZATION
from tests.soak import crowd, memory
from tests.soak.memory import Watched

SEED = 20_261_129
SECONDS = float(os.environ.get("SOAK_SECONDS", "3600"))
WORKERS = 6
# Of the short form: what a thing leaves behind is found by its type. Texts and numbers are only counted as blocks, so
# that it takes many requests for them to stand out from what goes up and down.
TIMES, STRETCHES = 6, 12
DISTINCT = 10  # documents, more than its caches hold
CHEAP = 100  # requests for each time
FLICKER = 30  # blocks


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
async def test_nothing_done_leaves_anything_behind(database: databases.TestDatabase) -> None:
    async with memory.open_crowd(database, 40, 1, PORTAL_POOL_SIZE="1", SOAK_SMALL="1") as house:
        house.crowd.most_distinct = DISTINCT
        found = {what: await find_growth(house, what) for what in ("cheap", *crowd.SHARES)}
    assert not any(found.values()), {what: grown for what, grown in found.items() if grown}


async def find_growth(house: Watched, what: str) -> dict[str, int]:
    """What there is more of each time after the same thing was done again and again.

    What the worker does now and then, or for the first time, is not there in each stretch; a leak is.
    """
    grown, before = None, await do_stretch(house, what)
    for _ in range(STRETCHES):
        after = await do_stretch(house, what)
        more, before = subtract(before, after), after
        grown = {name: count for name, count in more.items() if count >= TIMES // 2 and (not grown or name in grown)}
        if not grown:
            return {}
    return grown or {}


async def do_stretch(house: Watched, what: str) -> dict[str, Any]:
    """The counts after the same thing was done some times."""
    for _ in range(TIMES):
        await repeat(house, what)
    return await count_settled(house)


async def repeat(house: Watched, what: str) -> None:
    """The same thing as ever; documents come in a circle that is longer than what caches hold."""
    if what == "cheap":
        generator = load.Generator(house.server.port, 1)
        for _ in range(CHEAP):
            reads.read_data(await generator.ask(reads.ask_portal(world.make_token(BUYER), crowd.WHO)))
        generator.close()
        return
    for _ in range(DISTINCT if what == "distinct" else 1):
        await house.crowd.do(what, random.Random(SEED))


def subtract(before: dict[str, Any], after: dict[str, Any]) -> Counter[str]:
    """Objects by type, open files, and the blocks of memory that stand out from what goes up and down."""
    names = ("blocks", "files")
    grown = Counter({**after["types"], **{name: after[name] for name in names}})
    grown.subtract({**before["types"], **{name: before[name] for name in names}})
    grown["blocks"] //= FLICKER
    return grown


async def count_settled(house: Watched) -> dict[str, Any]:
    """The counts once the worker has done what the round left to it, and sockets have closed."""
    async with asyncio.timeout(30):
        counts = await house.count()
        while True:
            await asyncio.sleep(0.1)
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
