"""Two hundred people who save at once, beside a bare upsert with the same tenant setting; among few and many stored."""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from tests.bench import load, processes, responses, world, writes
from tests.bench.load import Generator, Measured
from tests.bench.measuring import SLICE_SECONDS, Tally
from tests.bench.world import DRAFT, ORGANIZATION, SAVED, World

CASE = "respondents"
PEOPLE = 200
FEW = 1_000  # assessments that are stored already; the many are an option
AT_A_TIME = 100_000
PROCESSES = 2
POOL = 10 * PROCESSES  # connections, as the portal's processes have
TEMPLATES = 8
TENANT = "SELECT set_config('portal.organization', $1, true)"
UPSERT = """
    INSERT INTO portal.answer (supplier_id, assessment_id, question, state, value, revision, changed_at_number)
    VALUES ($1, $2, $3, 'value', $4, 1, 1)
    ON CONFLICT (supplier_id, assessment_id, question, row_id) DO UPDATE
       SET value = excluded.value, revision = portal.answer.revision + 1, changed_at = portal.clock()
"""


class Upserts:
    """What nobody can do without: a transaction, the tenant, and the row; no check, no history, no session, no HTTP."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.questions = responses.list_steady_choices(responses.find_packaged().definition)
        self.turns = [0] * PEOPLE

    async def run(self, seconds: float) -> Measured:
        """As many people as ever, each with its next answer once the one before is kept."""
        measured, begin = Measured(), time.perf_counter()

        async def answer(person: int) -> None:
            while time.perf_counter() < begin + seconds:
                sent = time.perf_counter()
                await self.save(person)
                measured.latencies.append(time.perf_counter() - sent)

        await asyncio.gather(*(answer(person) for person in range(PEOPLE)))
        measured.seconds = time.perf_counter() - begin
        return measured

    async def save(self, person: int) -> None:
        turn, place = divmod(self.turns[person], len(self.questions))
        question, options = self.questions[place]
        self.turns[person] += 1
        supplier = world.make_id(ORGANIZATION, 1 + person)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(TENANT, str(supplier))
            value = f'"{options[turn % 2]}"'
            await connection.execute(UPSERT, supplier, world.make_id(DRAFT, person), question, value)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Fill, measure, fill up, measure again; gives the figures of both sizes."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        with processes.run_database(folder / "database") as database:
            made = asyncio.run(world.fill(database, PEOPLE, TEMPLATES))
            asyncio.run(make_ready(made))
            command = ("-m", "portal", "serve", "--processes", str(PROCESSES))
            with processes.serve_portal(folder, made.app_url, None, command) as portal:
                sizes = sorted({min(FEW, options.stored), options.stored})
                try:
                    found = [uvloop.run(_measure(options, made, portal, size, sizes)) for size in sizes]
                except load.WrongAnswer as problem:
                    raise SystemExit(f"{problem}\n{portal.read_log()}") from problem
    for one in found:
        say(write_line(one))
    return {"people": PEOPLE, "processes": PROCESSES, "sizes": found}


async def make_ready(made: World) -> None:
    """A draft for each of those that write past the portal, and the function that stores many."""
    await made.add_drafts(PEOPLE)
    admin = await made.connect()
    try:
        await admin.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    finally:
        await admin.close()


async def fill_up(made: World, size: int, sizes: Sequence[int]) -> None:
    """So many stored assessments; those of a smaller size stay."""
    first = max((one for one in sizes if one < size), default=0)
    suppliers = max(1, sizes[-1] // 100)
    admin = await made.connect()
    try:
        for start in range(first, size, AT_A_TIME):
            end = min(size, start + AT_A_TIME) - 1
            await admin.execute("SELECT bench.add_stored($1, $2, $3)", start, end, suppliers)
        await admin.execute("VACUUM ANALYZE")
        await admin.execute("CHECKPOINT")
    finally:
        await admin.close()


async def _measure(
    options: argparse.Namespace, made: World, portal: processes.Server, size: int, sizes: Sequence[int]
) -> dict[str, Any]:
    began = time.perf_counter()
    await fill_up(made, size, sizes)
    say(f"{size:,} assessments are stored, after {time.perf_counter() - began:.0f} s.")
    drafts = [writes.make_draft(made, SAVED, number) for number in range(PEOPLE)]
    await _read_revisions(made, drafts)
    saves, generator = writes.Saves(drafts, by_hand=False), Generator(portal.port, PEOPLE)
    tallies = {"portal": Tally(), "upsert": Tally()}
    plain = made.app_url.replace("+asyncpg", "")
    async with asyncpg.create_pool(plain, min_size=POOL, max_size=POOL) as pool:
        sides = {"portal": lambda seconds: _save(generator, saves, seconds), "upsert": Upserts(pool).run}
        for number in range(-1, max(1, round(options.duration / SLICE_SECONDS))):
            for side in sorted(sides, reverse=number % 2 == 0):
                measured = await sides[side](min(SLICE_SECONDS, options.duration))
                if number >= 0:  # the first of each is to warm up
                    tallies[side].slices.append(measured)
    await _check(made, drafts, saves.acknowledged)
    return {"stored": size, **judge(tallies)}


async def _save(generator: Generator, saves: writes.Saves, seconds: float) -> Measured:
    """A slice with connections of its own: none waits while the other side is measured until the server ends it."""
    measured = await generator.run(saves, seconds)
    generator.close()
    return measured


def judge(tallies: dict[str, Tally]) -> dict[str, Any]:
    """The figures of both sides; the ratio of rates is the median over pairs of slices."""
    rates = zip(tallies["portal"].rates, tallies["upsert"].rates, strict=True)
    found: dict[str, Any] = {
        side: {
            "answers_per_second": round(statistics.median(tally.rates), 1),
            "p50_ms": round(tally.find_latency(0.50), 1),
            "p99_ms": round(tally.find_latency(0.99), 1),
        }
        for side, tally in tallies.items()
    }
    found["ratio"] = round(statistics.median(ours / theirs for ours, theirs in rates), 3)
    found["p99_ratio"] = round(found["portal"]["p99_ms"] / found["upsert"]["p99_ms"], 2)
    return found


async def _read_revisions(made: World, drafts: Sequence[writes.Draft]) -> None:
    """Each goes on from what it saved before."""
    admin = await made.connect()
    try:
        query = (
            "SELECT assessment_id::text AS key, question, revision FROM portal.answer WHERE assessment_id = ANY ($1)"
        )
        known = {one.key: one for one in drafts}
        for row in await admin.fetch(query, [world.make_id(SAVED, one.number) for one in drafts]):
            known[row["key"]].revisions[row["question"]] = row["revision"]
            known[row["key"]].turns += row["revision"] - 1  # else it would say again what is there already
    finally:
        await admin.close()


async def _check(made: World, drafts: Sequence[writes.Draft], acknowledged: int) -> None:
    """Whatever was acknowledged is there, once."""
    admin = await made.connect()
    try:
        query = "SELECT sum(revision) FROM portal.answer WHERE assessment_id = ANY ($1)"
        found = await admin.fetchval(query, [world.make_id(SAVED, one.number) for one in drafts])
    finally:
        await admin.close()
    expected = sum(revision for one in drafts for revision in one.revisions.values())
    if acknowledged == 0 or found != expected:
        words = f"{acknowledged} changes were acknowledged; the revisions add up to {found}, not to {expected}."
        raise load.WrongAnswer(words)


def write_line(found: dict[str, Any]) -> str:
    """A size in one line."""
    ours, theirs = found["portal"], found["upsert"]
    return (
        f"{PEOPLE} people save at once, {found['stored']:,} assessments stored: {ours['answers_per_second']} answers/s,"
        f" p99 {ours['p99_ms']} ms; bare upsert {theirs['answers_per_second']}/s, p99 {theirs['p99_ms']} ms;"
        f" {found['ratio']} of its rate, {found['p99_ratio']} times its p99"
    )


def say(words: str) -> None:
    print(words, flush=True)
