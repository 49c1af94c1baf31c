"""Submitting: the answers are frozen, sealed and scored once; and withdrawing what was submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import assessments, drafts, snapshots, writes
from portal.assessments.drafts import Draft
from portal.assessments.snapshots import AttachedFile, Snapshot
from portal.database import audit, idempotency, outbox
from portal.database.tables import assessments as tables
from portal.database.tables import evidence
from portal.database.tables.directory import Site
from questionnaires.answers import Problem

SUPERSEDE = text(
    """
    UPDATE portal.submission SET state = 'superseded'
     WHERE supplier_id = :supplier AND questionnaire = :questionnaire AND subject_key = :subject
       AND period_start = :period_start AND period_end = :period_end AND state = 'current' AND id <> :submission
    """
)


class InvalidAnswers(errors.InvalidInput):
    """The answers cannot be submitted; `answer_problems` names every question (and row) with its reason."""

    code = "INVALID_ANSWERS"

    def __init__(self, found: Sequence[Problem]) -> None:
        self.answer_problems = tuple(found)
        shown = [
            errors.FieldProblem(
                (one.question, *([one.row_id] if one.row_id else [])), one.code, writes.write_message(one)
            )
            for one in found
        ]
        count = f"{len(found)} answers need" if len(found) > 1 else "One answer needs"
        super().__init__(f"{count} a change before this can be submitted.", problems=shown)


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """A submission and the assessment it was made of."""

    submission: tables.Submission
    assessment: tables.Assessment


async def submit_assessment(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    expected_change_number: int,
    idempotency_key: str | None = None,
) -> Submitted:
    """Freeze, seal and score an assessment; with the same key again, the same submission.

    Raises Conflict CHANGED where an answer is newer than `expected_change_number`, Conflict ALREADY_SUBMITTED,
    InvalidAnswers with everything that stands in the way, NotFound.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = {"assessment": assessment_id, "expected": expected_change_number}
    made = await idempotency.find_made(session, actor, idempotency_key, "submitAssessment", body)
    if made is not None:
        return await _find_made(session, actor, assessment_id, UUID(made[0]))
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    _check_state(draft, expected_change_number)
    profile = await drafts.load_profile(session, draft)
    problems = await assessments.find_problems(session, actor, draft)
    if problems:
        raise InvalidAnswers(problems)
    files, site_name = await _find_files(session, actor, draft)
    snapshot = snapshots.freeze(actor, draft, profile, files, site_name)
    submission = await _keep(session, actor, draft, snapshot)
    await idempotency.keep_made(session, actor, idempotency_key, "submitAssessment", body, [submission.id])
    return Submitted(submission=submission, assessment=draft.row)


def _check_state(draft: Draft, expected_change_number: int) -> None:
    if draft.row.state != "draft":
        raise errors.Conflict("This was submitted already; correct it to submit again.", code="ALREADY_SUBMITTED")
    if draft.row.change_number != expected_change_number:
        raise errors.Conflict(
            f"The answers have changed: they are at change {draft.row.change_number}, you have seen "
            f"{expected_change_number}. Fetch what is new and submit again.",
            code="CHANGED",
            path=("expectedChangeNumber",),
        )


async def _find_made(session: AsyncSession, actor: Actor, assessment_id: UUID, submission_id: UUID) -> Submitted:
    """What an earlier call with the same key made, read again under the caller."""
    submission = await get_submission(session, actor, submission_id)
    return Submitted(submission=submission, assessment=await assessments.get_assessment(session, actor, assessment_id))


async def _find_files(session: AsyncSession, actor: Actor, draft: Draft) -> tuple[list[AttachedFile], str | None]:
    """Linked documents that may still turn out fine or have, and the name of the site that is meant."""
    link, file = evidence.EvidenceLink, evidence.Evidence
    found = await session.execute(
        select(link.question, link.row_id, link.evidence_id, file.sha256, file.kind)
        .join(file, (file.supplier_id == link.supplier_id) & (file.id == link.evidence_id))
        .where(
            link.supplier_id == actor.organization, link.assessment_id == draft.row.id, file.state.in_(drafts.RECEIVED)
        )
        .order_by(link.question, link.row_id, link.evidence_id)
    )
    files = [AttachedFile(**row._mapping) for row in found]
    site_name = await session.scalar(
        select(Site.name).where(Site.organization_id == actor.organization, Site.id == draft.row.site_id)
    )
    return files, site_name


async def _keep(session: AsyncSession, actor: Actor, draft: Draft, snapshot: Snapshot) -> tables.Submission:
    """Insert the frozen rows, let older revisions step back, and close the assessment."""
    row = draft.row
    await _insert(session, tables.Submission, [snapshot.submission])
    await _insert(session, tables.SubmissionSection, snapshot.sections)
    await _insert(session, tables.Result, snapshot.results)
    await _insert(session, evidence.SubmissionEvidence, snapshot.evidence)
    submission_id = snapshot.submission["id"]
    await session.execute(
        SUPERSEDE,
        {
            "supplier": actor.organization,
            "questionnaire": row.questionnaire,
            "subject": row.subject_key,
            "period_start": row.period_start,
            "period_end": row.period_end,
            "submission": submission_id,
        },
    )
    table = tables.Assessment
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == row.id)
        .values(state="submitted", submitted_at=draft.subject.now, updated_at=draft.subject.now)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
    parts = {"supplier": actor.organization, "assessment": row.id}
    await outbox.add_event(session, "assessment.submitted", submission=submission_id, **parts)
    await outbox.add_event(session, "assessment.changed", **parts)
    await audit.add_audit(session, actor, "assessment.submitted", "submission", submission_id)
    return await get_submission(session, actor, submission_id)


async def _insert(session: AsyncSession, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(cast(Table, model.__table__)).inline(), list(rows))


async def get_submission(session: AsyncSession, actor: Actor, submission_id: UUID) -> tables.Submission:
    """One submission of the caller's own; raises NotFound."""
    found = await find_submissions(session, actor, [submission_id])
    if submission_id not in found:
        raise errors.NotFound("There is no such submission.", path=("submissionId",))
    return found[submission_id]


async def find_submissions(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID]
) -> dict[UUID, tables.Submission]:
    """Those of the caller's own submissions that have these ids."""
    table = tables.Submission
    found = await session.scalars(select(table).where(table.supplier_id == actor.organization, table.id.in_(wanted)))
    return {row.id: row for row in found}


async def find_of_assessments(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID]
) -> dict[UUID, tables.Submission]:
    """The submission of each of these assessments that has one."""
    table = tables.Submission
    found = await session.scalars(
        select(table).where(table.supplier_id == actor.organization, table.assessment_id.in_(wanted))
    )
    return {row.assessment_id: row for row in found}


async def list_submissions(
    session: AsyncSession, actor: Actor, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[tables.Submission]:
    """The caller's own submissions, the newest first; `after` is the moment and id of the last one seen."""
    table = tables.Submission
    statement = select(table).where(table.supplier_id == actor.organization)
    if after is not None:
        statement = statement.where(tuple_(table.submitted_at, table.id) < tuple_(*after))
    found = await session.scalars(statement.order_by(table.submitted_at.desc(), table.id.desc()).limit(limit))
    return list(found)


async def list_sections(session: AsyncSession, actor: Actor, submission_id: UUID) -> list[tables.SubmissionSection]:
    """The frozen sections of one of the caller's own submissions, in order."""
    table = tables.SubmissionSection
    found = await session.scalars(
        select(table)
        .where(table.supplier_id == actor.organization, table.submission_id == submission_id)
        .order_by(table.position)
    )
    return list(found)


async def withdraw_submission(session: AsyncSession, actor: Actor, *, submission_id: UUID) -> tables.Submission:
    """Take a submission back: no share reaches it from this transaction on. Again changes nothing. Raises NotFound."""
    access.require(actor, access.SUPPLIER_EDITOR)
    row = await get_submission(session, actor, submission_id)
    if row.state == "withdrawn":
        return row
    table = tables.Submission
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == submission_id)
        .values(state="withdrawn")
        .execution_options(synchronize_session=False)
    )
    await session.execute(select(func.portal.blank_cards_of_submission(submission_id)))
    await session.refresh(row)
    await outbox.add_event(session, "submission.withdrawn", supplier=actor.organization, submission=submission_id)
    await audit.add_audit(session, actor, "submission.withdrawn", "submission", submission_id)
    return row
