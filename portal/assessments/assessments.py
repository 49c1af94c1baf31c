"""A supplier's own assessments: starting, opening, listing, tiers, progress, and correcting what was submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import drafts, joining, revisions
from portal.assessments.drafts import Draft
from portal.assessments.joining import Place
from portal.assessments.revisions import Revision
from portal.database import audit, outbox
from portal.database.tables import assessments as tables
from questionnaires import checks, progress, submission
from questionnaires.answers import Problem
from questionnaires.checks import Inconsistency
from questionnaires.progress import Progress

# Requests that were declined, taken back or fulfilled may still name the draft.
FORGET_DRAFT = text(
    "UPDATE portal.request SET assessment_id = NULL WHERE supplier_id = :supplier AND assessment_id = :assessment"
)
# Answers, their history and the links to documents go along.
DISCARD_DRAFT = text(
    "DELETE FROM portal.assessment WHERE supplier_id = :supplier AND id = :assessment AND state = 'draft'"
)


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
    await joining.check_period(session, period_start, period_end)
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
    await joining.check_demanded_tier(session, actor, assessment_id, tier)
    if draft.row.tier != tier:
        await joining.set_tier(session, actor, draft.row, tier)
    return draft.row


async def correct_assessment(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, tier: str | None = None
) -> Revision:
    """Start a new revision of a submitted assessment with its answers; what was sent since then is judged in it.

    Without a tier it has that of the old one, raised to what a request asks. Raises Conflict where it was not
    submitted, has a newer revision or a request asks for more, InvalidInput for an unknown tier.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.take_turn(session, actor)
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    old = draft.row
    latest = await joining.find_latest(session, actor, joining.read_place(old))
    if old.state != "submitted":
        raise errors.Conflict("This was not submitted yet; change its answers as they are.", code="NOT_SUBMITTED")
    if latest is None or latest.id != old.id:
        raise errors.Conflict("There is a newer revision already; go on with that one.", code="NEWER_REVISION")
    wanted = tier or await joining.raise_to_demanded(session, actor, old)
    joining.check_tier(draft.definition, wanted)
    await joining.check_demanded_tier(session, actor, assessment_id, wanted)
    made = await revisions.start_revision(session, actor, old, wanted)
    await audit.add_audit(
        session, actor, "assessment.corrected", "assessment", made.assessment.id, detail={"corrects": str(old.id)}
    )
    return made


async def discard_assessment(session: AsyncSession, actor: Actor, *, assessment_id: UUID) -> None:
    """Throw a draft away with all its answers; its documents stay. Only the supplier's own act ever does this.

    Raises NotFound, Conflict where it was submitted or a live request waits for it.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.take_turn(session, actor)
    row = (await drafts.find_subject(session, actor, assessment_id, lock=True)).row
    if row.state != "draft":
        words = "This was submitted, and what was submitted stays; withdraw the submission to take it back."
        raise errors.Conflict(words, code="ALREADY_SUBMITTED")
    if await joining.find_demanded_tier(session, actor, assessment_id) is not None:
        words = "A request waits for these answers; decline it first to discard them."
        raise errors.Conflict(words, code="REQUESTED")
    for statement in (FORGET_DRAFT, DISCARD_DRAFT):
        await session.execute(statement, {"supplier": actor.organization, "assessment": assessment_id})
    session.expunge(row)
    # Followers hear of it and find nothing any more.
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=assessment_id)
    detail = {"questionnaire": row.questionnaire, "revision": str(row.revision)}
    await audit.add_audit(session, actor, "assessment.discarded", "assessment", assessment_id, detail=detail)


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
