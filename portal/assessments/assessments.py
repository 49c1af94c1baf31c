"""A supplier's own assessments: starting, opening, listing, tiers, progress, and correcting what was submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, drafts, joining
from portal.assessments.drafts import Draft
from portal.assessments.joining import Place
from portal.assessments.writes import Write
from portal.database import audit, ids
from portal.database.tables import assessments as tables
from questionnaires import checks, progress, submission
from questionnaires.answers import Problem
from questionnaires.checks import Inconsistency
from questionnaires.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A new revision, and how many of the writes that came after submission it took in."""

    assessment: tables.Assessment
    applied: int


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Progress over an assessment and over each section of it, in order."""

    whole: Progress
    sections: Mapping[str, Progress]


async def start_assessment(
    session: AsyncSession,
    actor: Actor,
    *,
    questionnaire: str,
    tier: str,
    period_start: date,
    period_end: date,
    site_id: UUID | None = None,
) -> tables.Assessment:
    """The draft for a subject and period, started where there is none yet, also without anybody's request.

    A draft at a lower tier is raised. Raises Conflict ALREADY_SUBMITTED where it was submitted.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    joining.check_period(period_start, period_end)
    place = Place(questionnaire=questionnaire, site_id=site_id, period_start=period_start, period_end=period_end)
    await joining.take_turn(session, actor)
    latest, started = await joining.find_or_start(session, actor, place, tier)
    if latest.state == "submitted":
        raise errors.Conflict(
            "This was submitted already. Correct it to start a new revision with its answers.", code="ALREADY_SUBMITTED"
        )
    if started:
        await audit.add_audit(session, actor, "assessment.started", "assessment", latest.id)
    elif not joining.is_enough(latest.tier, tier):
        await change_tier(session, actor, assessment_id=latest.id, tier=tier)
    return latest


async def get_assessment(session: AsyncSession, actor: Actor, assessment_id: UUID) -> tables.Assessment:
    """One assessment of the caller's; raises NotFound."""
    found = await find_assessments(session, actor, [assessment_id])
    if assessment_id not in found:
        raise errors.NotFound("There is no such assessment.", path=("assessmentId",))
    return found[assessment_id]


async def find_assessments(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID]
) -> dict[UUID, tables.Assessment]:
    """Those of the caller's assessments that have these ids."""
    table = tables.Assessment
    found = await session.scalars(select(table).where(table.supplier_id == actor.organization, table.id.in_(wanted)))
    return {row.id: row for row in found}


async def list_assessments(
    session: AsyncSession, actor: Actor, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[tables.Assessment]:
    """The caller's assessments, the last started first; `after` is the moment and id of the last one seen."""
    table = tables.Assessment
    statement = select(table).where(table.supplier_id == actor.organization)
    if after is not None:
        statement = statement.where(tuple_(table.created_at, table.id) < tuple_(*after))
    found = await session.scalars(statement.order_by(table.created_at.desc(), table.id.desc()).limit(limit))
    return list(found)


async def change_tier(session: AsyncSession, actor: Actor, *, assessment_id: UUID, tier: str) -> tables.Assessment:
    """Put a draft on another tier; answers stay, since tiers nest.

    Raises Conflict where it was submitted or a request asks for more, InvalidInput for a tier the version lacks.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    draft = await drafts.find_subject(session, actor, assessment_id, lock=True)
    if draft.row.state != "draft":
        raise errors.Conflict("This was submitted; correct it to change the tier.", code="ALREADY_SUBMITTED")
    joining.check_tier((await drafts.read_drafts(session, actor, [draft]))[0].definition, tier)
    demanded = await joining.find_demanded_tier(session, actor, assessment_id)
    if demanded is not None and not joining.is_enough(tier, demanded):
        raise errors.Conflict(
            f"A request asks for tier {demanded} at least; decline it first to answer less.", code="TIER_REQUESTED"
        )
    if draft.row.tier != tier:
        await joining.set_tier(session, actor, draft.row, tier)
    return draft.row


async def correct_assessment(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, tier: str | None = None
) -> Correction:
    """Start a new revision of a submitted assessment with its answers; what was sent since then is applied to it.

    Raises Conflict where it was not submitted or has a newer revision, InvalidInput for an unknown tier.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.take_turn(session, actor)
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    old = draft.row
    place = Place(
        questionnaire=old.questionnaire,
        site_id=old.site_id,
        period_start=old.period_start,
        period_end=old.period_end,
    )
    latest = await joining.find_latest(session, actor, place)
    if old.state != "submitted":
        raise errors.Conflict("This was not submitted yet; change its answers as they are.", code="NOT_SUBMITTED")
    if latest is None or latest.id != old.id:
        raise errors.Conflict("There is a newer revision already; go on with that one.", code="NEWER_REVISION")
    joining.check_tier(draft.definition, tier or old.tier)
    new = await joining.start_revision(session, actor, old, tier or old.tier)
    applied = await _apply_pending(session, actor, old.id, new)
    await audit.add_audit(
        session, actor, "assessment.corrected", "assessment", new.id, detail={"corrects": str(old.id)}
    )
    return Correction(assessment=new, applied=applied)


async def _apply_pending(session: AsyncSession, actor: Actor, old_id: UUID, new: tables.Assessment) -> int:
    """Save what was sent to the submitted revision, the last write of each place, as writes to the new one."""
    table = tables.AnswerWrite
    found = await session.scalars(
        select(table)
        .where(table.supplier_id == actor.organization, table.assessment_id == old_id, table.outcome == "pending")
        .order_by(table.received_at, table.write_id)
    )
    last = {(row.question, row.row_id): row for row in found}
    if not last:
        return 0
    known = await answers.list_changes(session, actor, assessment_id=new.id, after=0, limit=None)
    revisions = {(one.question, one.row_id): one.revision for one in known.answers}
    sent = [_repeat(row, revisions.get(place, 0)) for place, row in last.items()]
    saved = 0
    for start in range(0, len(sent), answers.MAX_WRITES):
        part = sent[start : start + answers.MAX_WRITES]
        done = await answers.save_answers(session, actor, assessment_id=new.id, sent=part)
        saved += sum(outcome.status == "saved" for outcome in done.outcomes)
    await session.refresh(new)
    return saved


def _repeat(row: tables.AnswerWrite, revision: int) -> Write:
    return Write(
        write_id=ids.new_id(),
        question=row.question,
        row_id=row.row_id or None,
        base_revision=revision,
        state=row.state or "value",
        value=row.value,
        reason=row.reason,
        comment=row.comment,
        deleted=row.deleted,
    )


async def measure_progress(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, Measured]:
    """How far each of these assessments is, in two statements."""
    found = await drafts.load_drafts(session, actor, wanted)
    return {key: _measure(draft) for key, draft in found.items()}


def _measure(draft: Draft) -> Measured:
    asked = draft.find_applicable()
    return Measured(whole=progress.measure_progress(asked), sections=progress.measure_sections(asked))


async def list_problems(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[Problem]:
    """Everything that submission would refuse now, in document order."""
    draft = await drafts.load_draft(session, actor, assessment_id)
    return find_problems(draft, await drafts.list_files(session, actor, assessment_id))


def find_problems(draft: Draft, files: Sequence[Any]) -> list[Problem]:
    """Everything that submission would refuse of a loaded draft with these files of `drafts.list_files`."""
    attached = [drafts.read_attachment(file) for file in files]
    return submission.check_submission(
        draft.find_applicable(), day=draft.subject.day, attachments=attached, staff=draft.staff
    )


def find_inconsistencies(draft: Draft) -> list[Inconsistency]:
    """What the questionnaire's own checks find in a draft: shown to the supplier before anybody else."""
    return checks.find_inconsistencies(draft.find_applicable())
