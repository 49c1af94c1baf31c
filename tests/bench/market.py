"""A made-up market for releases: suppliers in a spread of sectors, countries, sizes and groups, with frozen results."""

from pathlib import Path

import asyncpg

from portal.benchmarks.cohorts import Quarter
from portal.database.embedded import RunningServer
from tests.bench import world
from tests.bench.world import World

KEY = "responsible-sourcing"
SECTORS, REGIONS, SIZES = "ACFGHIJMN", ("Africa", "Americas", "Asia", "Europe"), ("micro", "small", "medium", "large")
AT_A_TIME = 100_000
LEAST_BUYERS = 4
SUPPLIERS_OF_A_BUYER = 100  # so many suppliers for each buyer there is
TURNS = 4
CLOCK = "SELECT (portal.clock() AT TIME ZONE 'UTC')::date"


async def create(database: RunningServer) -> World:
    """The database with the questionnaire approved for benchmarks, and nobody in it."""
    made = await world.create(database)
    admin = await made.connect()
    try:
        await admin.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
        await admin.execute(
            "UPDATE portal.questionnaire SET benchmark_approved_at = portal.clock() WHERE key = $1", KEY
        )
    finally:
        await admin.close()
    return made


async def add_suppliers(admin: asyncpg.Connection, suppliers: int, more: int = 0) -> None:
    """Buyers, and so many suppliers, each known to one to three of them; `more` join them later."""
    buyers = max(LEAST_BUYERS, suppliers // SUPPLIERS_OF_A_BUYER)
    await admin.execute("SELECT bench.add_organizations(0, $1, 'buyer')", buyers - 1)
    await admin.execute("SELECT bench.add_practice($1)", world.BUYER)
    for first, last in list_parts(0, suppliers + more):
        await admin.execute("SELECT bench.add_market($1, $2, $3)", first, last, buyers)


async def add_results(
    admin: asyncpg.Connection, first: int, end: int, quarter: Quarter, number: int, turn: int | None = None
) -> None:
    """Submissions of suppliers, or of every fourth of them, that are old enough for the release of a quarter."""
    for start, last in list_parts(first, end):
        await admin.execute(
            "SELECT bench.add_results($1, $2, $3, $4, $5)", start, last, turn, quarter.first_day, number
        )


def list_parts(first: int, end: int) -> list[tuple[int, int]]:
    """Numbers from `first` to before `end` in ranges that one transaction can take; both ends of each are in it."""
    return [(start, min(end, start + AT_A_TIME) - 1) for start in range(first, end, AT_A_TIME)]
