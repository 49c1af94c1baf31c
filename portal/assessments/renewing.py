"""The same questionnaire for another period: its answers are taken over, to be looked at one by one, but no figures."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import assessments, carrying, definitions, differences, drafts, joining, pushed_answers
from portal.assessments.carried_documents import CarriedDocument
from portal.assessments.carrying import Carrying
from portal.assessments.drafts import Draft
from portal.assessments.joining import Place
from portal.database import audit, idempotency, outbox
from portal.database.tables import assessments as tables
from questionnaires import carryover
from questionnaires.answers import Answers

OPERATION = "renewAssessment"


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """The draft for the new period, whether it was started now, and the documents that did not come along to it."""

    assessment: tables.Assessment
    is_started: bool
    left: tuple[CarriedDocument, ...]


async def preview_renewal(
    session: AsyncSession, actor: Actor, *, source_id: UUID, period_start: date, period_end: date
) -> Carrying:
    """What a renewal for a period would make of each answer; what a draft of that period has answered is left out.

    Raises NotFound, InvalidInput for a period that cannot be, Conflict as `renew_assessment`.
    """
    source = await _load_source(session, actor, source_id)
    place = await _find_place(session, source, period_start, period_end)
    latest = await joining.find_latest(session, actor, place, lock=False)
    if latest is None:
        current = await definitions.load_current(session, place.questionnaire)
        return await carrying.plan_carrying(session, actor, source, current, renews=True)
    return await _plan(session, actor, source, latest)


async def renew_assessment(
    session: AsyncSession,
    actor: Actor,
    *,
    source_id: UUID,
    period_start: date,
    period_end: date,
    tier: str | None = None,
    idempotency_key: str | None = None,
) -> Renewed:
    """Fill the draft for another period with the answers of an assessment; it is started where there is none.

    What is answered there already stands; what is taken over has to be confirmed before it is submitted, and figures
    are not: see `carryover.is_figure`. Raises NotFound, InvalidInput for a period or tier that cannot be, Conflict
    SAME_PERIOD, UPGRADED or ALREADY_SUBMITTED.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = {"source": source_id, "from": period_start, "to": period_end, "tier": tier}
    made = await idempotency.find_made(session, actor, idempotency_key, OPERATION, body)
    if made is not None:
        row = await assessments.get_assessment(session, actor, UUID(made[0]))
        source = await drafts.load_draft(session, actor, source_id)
        left = await carrying.list_left(session, actor, source, row, renews=True)
        return Renewed(assessment=row, is_started=False, left=left)
    await joining.take_turn(session, actor)
    source = await _load_source(session, actor, source_id, lock=True)
    place = await _find_place(session, source, period_start, period_end)
    row, started = await joining.find_or_start(session, actor, place, tier or source.row.tier)
    if started:
        await pushed_answers.deliver_waiting(session, actor, row)
    plan = await _plan(session, actor, source, row)
    if tier is not None and not joining.is_enough(row.tier, tier):
        row = await assessments.change_tier(session, actor, assessment_id=row.id, tier=tier)
    await carrying.write_carried(session, actor, plan, row)
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=row.id)
    detail = {"from": str(source_id)}
    await audit.add_audit(session, actor, "assessment.renewed", "assessment", row.id, detail=detail)
    await idempotency.keep_made(session, actor, idempotency_key, OPERATION, body, [row.id])
    return Renewed(assessment=row, is_started=started, left=plan.left)


async def _load_source(session: AsyncSession, actor: Actor, source_id: UUID, *, lock: bool = False) -> Draft:
    """The earlier assessment; `lock` keeps its answers as they were judged until they are copied."""
    source = await drafts.load_draft(session, actor, source_id, lock=lock)
    if source.row.state == "replaced":
        joining.check_open(source.row)
    return source


async def _find_place(session: AsyncSession, source: Draft, period_start: date, period_end: date) -> Place:
    await joining.check_period(session, period_start, period_end)
    row = source.row
    if (row.period_start, row.period_end) == (period_start, period_end):
        words = "This is the assessment of that period; correct it, or give another period."
        raise errors.Conflict(words, code="SAME_PERIOD", path=("periodStart",))
    if period_end < row.period_start:
        words = f"These answers are about the time from {row.period_start} on; give a period that does not end before."
        raise errors.InvalidInput(words, code="PERIOD", path=("periodEnd",))
    return Place(questionnaire=row.questionnaire, site_id=row.site_id, period_start=period_start, period_end=period_end)


async def _plan(session: AsyncSession, actor: Actor, source: Draft, row: tables.Assessment) -> Carrying:
    """What goes to the draft of the period, in the version that it is on. Raises Conflict where it was submitted."""
    joining.check_open(row)
    joining.check_unlocked(row)
    version = await definitions.load_version(session, row.questionnaire, row.version)
    taken = await carrying.list_taken(session, actor, row.id)
    tier: Any = row.tier
    attached = await carrying.list_attached(session, actor, row.id)
    return await carrying.plan_carrying(
        session, actor, source, version, renews=True, tier=tier, taken=taken, attached=attached
    )


async def find_earlier(session: AsyncSession, actor: Actor, row: tables.Assessment) -> tables.Assessment | None:
    """The newest submitted assessment of the same questionnaire and subject for a period that ended before this one's.

    Its submission may have been withdrawn since: the answers are the supplier's own.
    """
    table = tables.Assessment
    found: tables.Assessment | None = await session.scalar(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.questionnaire == row.questionnaire,
            table.subject_key == row.subject_key,
            table.period_end < row.period_end,
            table.state == "submitted",
        )
        .order_by(table.period_end.desc(), table.revision.desc())
        .limit(1)
    )
    return found


async def load_comparable(session: AsyncSession, actor: Actor, draft: Draft) -> Answers | None:
    """What was submitted for the period before and can be compared, where the questionnaire has a check that does so.

    Answers of questions that were not asked then are left out, as they were when it was submitted.
    """
    if not any(check.rule is not None and check.rule.jump is not None for check in draft.definition.checks):
        return None
    row = await find_earlier(session, actor, draft.row)
    if row is None:
        return None
    earlier = await drafts.load_draft(session, actor, row.id)
    kept = earlier.find_applicable().keep_enabled()
    return carryover.take_comparable(await differences.compare(session, earlier.version, draft.version), kept)
