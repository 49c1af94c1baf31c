"""Many records at once: a supplier list by the command line, requests to all its suppliers, and COPY of the same rows."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvloop

from portal.database import roles
from portal.database.embedded import RunningServer
from tests.bench import listing, load, processes, world
from tests.bench.load import Generator, WrongAnswer
from tests.bench.world import BUYER, ORGANIZATION, World

CASES = ("bulk import", "bulk requests")
TABLES = dict(zip(CASES, ("supplier_record", "request"), strict=True))  # what of them is copied beside
AT_ONCE = 500  # suppliers in one call
LONGEST = 3_600.0
HEAD = (
    "                    records/min    our CPU s    database CPU s    records/min and core    COPY: the same"
    "    times the CPU"
)
REQUESTS = """
mutation Ask($input: CreateRequestsInput!) {
  createRequests(input: $input) { __typename ... on RequestsCreated { createdCount lines { requestId } } }
}
"""


@dataclass
class Spent:
    """What writing so many rows took: seconds by the clock, and of processor time on both sides."""

    rows: int
    seconds: float = 0.0
    own_cpu: float = 0.0
    database_cpu: float = 0.0

    @property
    def cpu(self) -> float:
        return self.own_cpu + self.database_cpu

    def describe(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "per_minute": round(60 * self.rows / self.seconds),
            "own_cpu_s": round(self.own_cpu, 2),
            "database_cpu_s": round(self.database_cpu, 2),
            "per_minute_and_core": round(60 * self.rows / max(self.cpu, 0.01)),  # clocks count hundredths
        }


class Requests:
    """Calls that ask all suppliers of the buyer for the same, some hundred at once."""

    def __init__(self, records: Sequence[Any]) -> None:
        self._parts = iter([records[at : at + AT_ONCE] for at in range(0, len(records), AT_ONCE)])
        self.made = 0

    def take(self) -> tuple[bytes, int] | None:
        part = next(self._parts, None)
        if part is None:
            return None
        buyer, today = world.make_id(ORGANIZATION, BUYER), date.today()
        asked = {
            "supplierIds": [world.make_node_id("supp", buyer, one) for one in part],
            "questionnaire": "responsible-sourcing",
            "minimumTier": "BASIC",
            "periodStart": f"{today.year - 1}-01-01",
            "periodEnd": f"{today.year - 1}-12-31",
            "purpose": "Choosing suppliers for next year",
            "dueOn": str(today + timedelta(days=30)),
        }
        body = orjson.dumps({"query": REQUESTS, "variables": {"input": asked}})
        return load.write_request("POST", "/graphql", world.make_token(BUYER), body), len(part)

    def give(self, tag: int, body: bytes) -> None:
        answer = orjson.loads(body)
        made = ((answer.get("data") or {}).get("createRequests") or {}).get("createdCount")
        if made != tag:
            raise WrongAnswer(f"Of {tag} requests {made} were made: {body[:500]!r}")
        self.made += tag


def run(options: argparse.Namespace, cases: Sequence[str]) -> dict[str, Any]:
    """Set up, measure, print; gives the figures. The list is imported also where only requests are wanted."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        with processes.run_database(folder / "database") as database:
            measured = uvloop.run(_measure(folder, database, options.rows, cases))
    for one in measured:
        say(write_line(one))
    say("times the CPU: what a record costs both sides together, as a multiple of COPY into a plain table.")
    return {"rows": options.rows, "cases": measured}


async def _measure(folder: Path, database: RunningServer, rows: int, cases: Sequence[str]) -> list[dict[str, Any]]:
    made = await world.create(database)
    admin = await made.connect()
    try:
        await admin.execute("SELECT bench.add_organizations(0, 0, 'buyer')")
        spent = {"bulk import": await import_list(folder, database, admin, made, rows)}
        if "bulk requests" in cases:
            spent["bulk requests"] = await ask_all(folder, database, admin, made)
        say(f"\n{HEAD}")
        return [describe(case, spent[case], await copy_rows(admin, TABLES[case], database.pid)) for case in cases]
    finally:
        await admin.close()


async def import_list(
    folder: Path, database: RunningServer, admin: asyncpg.Connection, made: World, rows: int
) -> Spent:
    """The command as an operator runs it, from its start to its end: the file is read, matched and written."""
    file = folder / "list.csv"
    listing.write_list(file, rows)
    buyer = str(world.make_id(ORGANIZATION, BUYER))
    command = [sys.executable, "-m", "portal", "suppliers", "import", str(file), "--buyer", buyer, "--json"]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    urls = {"PORTAL_DATABASE_URL": made.app_url, "PORTAL_OWNER_DATABASE_URL": database.url(roles.OWNER, world.DATABASE)}
    before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    with _count(Spent(rows), database.pid) as spent:
        done = subprocess.run(command, cwd=processes.ROOT, env=kept | urls, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout[-1000:] + done.stderr[-3000:])
    spent.own_cpu = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - before
    counts = json.loads(done.stdout)["counts"]
    found = await admin.fetchrow(
        "SELECT (SELECT count(*) FROM portal.supplier_record), (SELECT count(*) FROM portal.relationship_card)"
    )
    if not counts["created"] == rows == found[0] == found[1]:
        raise SystemExit(f"Of {rows} rows not each became a supplier with its card: {counts}, {found}")
    return spent


async def ask_all(folder: Path, database: RunningServer, admin: asyncpg.Connection, made: World) -> Spent:
    """The server as operators start it, asked by one connection for requests to all suppliers there are."""
    records = [row[0] for row in await admin.fetch("SELECT id FROM portal.supplier_record ORDER BY id")]
    work = Requests(records)
    with processes.serve_portal(folder, made.app_url, None) as server:
        generator = Generator(server.port, 1)
        before = server.count_cpu()
        try:
            with _count(Spent(len(records)), database.pid) as spent:
                await generator.run(work, LONGEST)
        except WrongAnswer as problem:
            raise SystemExit(f"{problem}\n{server.read_log()}") from problem
        spent.own_cpu = server.count_cpu() - before
        generator.close()
    found = await admin.fetchrow(
        "SELECT (SELECT count(*) FROM portal.request),"
        " (SELECT count(*) FROM portal.outbox WHERE topic = 'request.asked'),"
        " (SELECT count(*) FROM portal.relationship_card WHERE request_state = 'open')"
    )
    if set(found) != {len(records)}:
        raise SystemExit(f"Of {len(records)} suppliers not each has a request, an event and a card of it: {found}")
    return spent


async def copy_rows(admin: asyncpg.Connection, table: str, postmaster: int) -> Spent:
    """COPY of all rows of a table into a plain one: no index, no constraint, no policy."""
    rows = [tuple(row) for row in await admin.fetch(f"SELECT * FROM portal.{table}")]
    await admin.execute(f"CREATE TABLE bench.plain_{table} (LIKE portal.{table})")
    before = time.process_time()
    with _count(Spent(len(rows)), postmaster) as spent:
        await admin.copy_records_to_table(f"plain_{table}", schema_name="bench", records=rows)
    spent.own_cpu = time.process_time() - before
    return spent


@contextmanager
def _count(spent: Spent, postmaster: int) -> Iterator[Spent]:
    cpu, begin = processes.count_whole_database_cpu(postmaster), time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - begin
    time.sleep(0.3)  # the process of a connection that was closed ends a little later
    spent.database_cpu = processes.count_whole_database_cpu(postmaster) - cpu


def describe(case: str, spent: Spent, copied: Spent) -> dict[str, Any]:
    ours, theirs = spent.describe(), copied.describe()
    ratio = round(theirs["per_minute_and_core"] / ours["per_minute_and_core"], 1)
    return {"case": case, "portal": ours, "copy": theirs, "cpu_ratio": ratio}


def write_line(measured: dict[str, Any]) -> str:
    """One case for people."""
    ours, theirs = measured["portal"], measured["copy"]
    return (
        f"{measured['case']:<18}{ours['per_minute']:>13,}{ours['own_cpu_s']:>13.1f}{ours['database_cpu_s']:>18.1f}"
        f"{ours['per_minute_and_core']:>24,}{theirs['per_minute_and_core']:>18,}{measured['cpu_ratio']:>17.1f}"
    )


def say(words: str) -> None:
    print(words, flush=True)
