"""What a worker does for cadences: planning the days of one that was set, and asking those whose day has come."""

from decimal import Decimal
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.assessments import definitions
from portal.database import ids
from portal.database.engine import Database
from portal.database.tables.limits import BURDEN_MINUTES, LIMITS
from questionnaires import asking

# Small enough that neither locks nor the feed of changes wait long for one.
ASKED_AT_ONCE = 250
PLANNED_AT_ONCE = 1_000
PLAN = text("SELECT portal.plan_cadence_part(:buyer, :cadence, CAST(:after AS uuid), :most)")
DUE = text("SELECT questionnaire FROM portal.list_due_questionnaires(:most) ORDER BY 1")
ASK = text("SELECT portal.ask_by_cadence(CAST(:made AS uuid[]), CAST(:costs AS jsonb), CAST(:limits AS jsonb))")
NO_LIMITS = {band: LIMITS[name].default for band, name in BURDEN_MINUTES.items()}


async def plan_cadence(database: Database, *, buyer: UUID, cadence: UUID) -> None:
    """Plan when each supplier is asked by a cadence that was set, or by none after one that was removed."""
    after: UUID | None = None
    while True:
        values = {"buyer": buyer, "cadence": cadence, "after": after, "most": PLANNED_AT_ONCE}
        async with database.transaction() as (session, _):
            after = await session.scalar(PLAN, values)
        if after is None:
            return


async def ask_due(database: Database) -> int:
    """Ask all whose day has come, in parts that each stand by themselves; how many were looked at."""
    looked = [ASKED_AT_ONCE]
    while looked[-1] == ASKED_AT_ONCE:
        async with database.transaction() as (session, _):
            looked.append(await _ask_part(session))
    return sum(looked[1:])


async def _ask_part(session: AsyncSession) -> int:
    due = list(await session.scalars(DUE, {"most": ASKED_AT_ONCE}))
    if not due:
        return 0
    costs = {key: await _measure_tiers(session, key) for key in due}
    values = {
        "made": [ids.new_id() for _ in range(ASKED_AT_ONCE)],
        "costs": orjson.dumps(costs, default=str).decode(),
        "limits": orjson.dumps(NO_LIMITS).decode(),
    }
    return int((await session.execute(ASK, values)).scalar_one())


async def _measure_tiers(session: AsyncSession, questionnaire: str) -> dict[str, Decimal]:
    """The minutes of each tier of the version that begins now; none where nothing begins with it any more."""
    try:
        version = await definitions.load_current(session, questionnaire)
        version.check_begin()
    except (errors.NotFound, errors.Conflict):
        return {}
    return {tier: asking.sum_minutes(version.definition, tier) for tier in version.definition.tier_keys}
