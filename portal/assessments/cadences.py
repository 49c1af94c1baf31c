"""A buyer's cadences: how often those are asked anew that it asked for a tier of a questionnaire.

A cadence is set for a questionnaire and a tier. When each supplier is asked stands in a plan that follows what was
asked and answered, see `migrations/cadence/planning.sql`; a worker asks on the day, see `cadence_work`.
"""

from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, joining, requests
from portal.database import audit, ids, outbox
from portal.database.tables.cadences import Cadence

FEWEST_MONTHS, MOST_MONTHS = 3, 60
FEWEST_LEAD, MOST_LEAD = 14, 120
State = Literal["active", "paused", "removed"]


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """What is asked again and again: of whom, how often, how many days before the last answer is too old."""

    questionnaire: str
    tier: str
    every_months: int
    lead_days: int
    purpose: str
    legal_basis: str | None = None
    message: str | None = None


async def set_cadence(session: AsyncSession, actor: Actor, *, rhythm: Rhythm, paused: bool = False) -> UUID:
    """Set how often suppliers of a tier are asked anew, or change it; a worker plans the days after that.

    The same again gives the same cadence. Raises InvalidInput with every problem, NotFound for an unknown
    questionnaire, Conflict for one with which nothing begins any more.
    """
    access.require(actor, access.BUYER_EDITOR)
    problems = [*requests.check_texts(rhythm), *_check_numbers(rhythm)]
    if problems:
        raise errors.InvalidInput("This cannot be asked again and again.", problems=problems)
    version = await definitions.load_current(session, rhythm.questionnaire)
    version.check_begin()
    joining.check_tier(version.definition, rhythm.tier)
    told = asdict(rhythm) | {"state": "paused" if paused else "active"}
    wording = {name: told[name] for name in told if name not in ("questionnaire", "tier")}
    kept = (
        insert(Cadence)
        .values(buyer_id=actor.organization, id=ids.new_id(), created_by=actor.user_id, **told)
        .on_conflict_do_update(
            index_elements=["buyer_id", "questionnaire", "tier"],
            index_where=text("state <> 'removed'"),
            set_=wording | {"updated_at": func.portal.clock(), "planned_at": None},
        )
        .returning(Cadence.id)
    )
    made: UUID = (await session.execute(kept)).scalar_one()
    await _tell(session, actor, made, "cadence.set")
    return made


def _check_numbers(rhythm: Rhythm) -> list[errors.FieldProblem]:
    bounds = (
        ("every_months", FEWEST_MONTHS, MOST_MONTHS, "months"),
        ("lead_days", FEWEST_LEAD, MOST_LEAD, "days"),
    )
    return [
        errors.FieldProblem((name,), "OUT_OF_RANGE", f"From {least} to {most} {unit}; this is {getattr(rhythm, name)}.")
        for name, least, most, unit in bounds
        if not least <= getattr(rhythm, name) <= most
    ]


async def change_state(session: AsyncSession, actor: Actor, *, cadence_id: UUID, state: State) -> None:
    """Pause a cadence, let it go on, or remove it; what it asked stays asked. The same again changes nothing.

    Raises NotFound, also for one that was removed.
    """
    access.require(actor, access.BUYER_EDITOR)
    now = await session.scalar(
        select(Cadence.state)
        .where(Cadence.buyer_id == actor.organization, Cadence.id == cadence_id, Cadence.state != "removed")
        .with_for_update(key_share=True)
    )
    if now is None:
        raise errors.NotFound("There is no such cadence.", path=("cadenceId",))
    if now == state:
        return
    await session.execute(
        update(Cadence)
        .where(Cadence.buyer_id == actor.organization, Cadence.id == cadence_id)
        .values(state=state, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await _tell(session, actor, cadence_id, f"cadence.{state}")


async def _tell(session: AsyncSession, actor: Actor, cadence: UUID, action: str) -> None:
    """Only what changes who is in the plan asks for planning; a cadence that rests keeps its days."""
    if action in ("cadence.set", "cadence.removed"):
        await outbox.add_event(session, "cadence.set", buyer=actor.organization, cadence=cadence)
    await audit.add_audit(session, actor, action, "cadence", cadence)
