"""Submitting: the answers are frozen, sealed and scored once; and withdrawing what was submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import (
    assessments,
    clarifying,
    drafts,
    joining,
    received,
    restoring,
    rule_uses,
    signing,
    snapshots,
    unanswered,
    writes,
)
from portal.assessments.drafts import Draft
from portal.assessments.snapshots import AttachedFile, Snapshot
from portal.database import audit, idempotency, outbox
from portal.database.tables import assessments as tables
from portal.database.tables.directory import Site
from questionnaires.answers import AnswerKey, Problem

# One statement: what is frozen, older revisions that step back, the assessment that is closed, and who hears of it.
KEEP = text(
    """
    WITH item AS (
        SELECT * FROM jsonb_populate_record(NULL::portal.submission, CAST(:submission AS jsonb))
    ), superseded AS (
        UPDATE portal.submission s SET state = 'superseded' FROM item
         WHERE s.supplier_id = item.supplier_id AND s.questionnaire = item.questionnaire
           AND s.subject_key = item.subject_key AND s.period_start = item.period_start
           AND s.period_end = item.period_end AND s.state = 'current' AND s.id <> item.id
        RETURNING s.id
    ), before AS (
        SELECT count(*) FROM superseded -- one counts for a place at a time, so that this is first
    ), made AS (
        INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash,
                                       tier, subject, subject_key, subject_name, period_start, period_end, header,
                                       root_hash, state, submitted_by, submitted_at, staff, staff_source)
        SELECT supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier, subject,
               subject_key, subject_name, period_start, period_end, header, root_hash, state, submitted_by,
               submitted_at, staff, staff_source
          FROM item CROSS JOIN before
    ), sections AS (
        INSERT INTO portal.submission_section (supplier_id, submission_id, section, position, title, answers, trace,
                                               salts, hash, row_sites, gaps)
        SELECT supplier_id, submission_id, section, position, title, answers, trace, salts, hash, row_sites, gaps
          FROM jsonb_populate_recordset(NULL::portal.submission_section, CAST(:sections AS jsonb))
    ), results AS (
        INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band,
                                   band_reason, coverage, pillars, critical, valid_until)
        SELECT supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band, band_reason, coverage,
               pillars, critical, valid_until
          FROM jsonb_populate_recordset(NULL::portal.result, CAST(:results AS jsonb))
    ), files AS (
        INSERT INTO portal.submission_evidence (supplier_id, submission_id, section, question, row_id, evidence_id)
        SELECT supplier_id, submission_id, section, question, row_id, evidence_id
          FROM jsonb_populate_recordset(NULL::portal.submission_evidence, CAST(:evidence AS jsonb))
    ), origins AS (
        INSERT INTO portal.submission_origin (supplier_id, submission_id, question, row_id, carried_from,
                                              carried_question, from_submission, from_questionnaire, from_version,
                                              confirmed_by, confirmed_at)
        SELECT item.supplier_id, item.id, a.question, a.row_id, a.carried_from, a.carried_question, f.id,
               w.questionnaire, w.version, CASE WHEN a.provenance = 'confirmed' THEN a.changed_by END,
               CASE WHEN a.provenance = 'confirmed' THEN a.changed_at END
          FROM item CROSS JOIN jsonb_to_recordset(CAST(:origins AS jsonb)) AS place (question text, row_id text)
          JOIN portal.answer a ON a.supplier_id = item.supplier_id AND a.assessment_id = item.assessment_id
                              AND a.question = place.question AND a.row_id = place.row_id
          LEFT JOIN portal.assessment w ON w.supplier_id = a.supplier_id AND w.id = a.carried_from
          LEFT JOIN portal.submission f ON f.supplier_id = a.supplier_id AND f.assessment_id = a.carried_from
    ), closed AS (
        UPDATE portal.assessment a SET state = 'submitted', submitted_at = item.submitted_at,
                                       updated_at = item.submitted_at
          FROM item WHERE a.supplier_id = item.supplier_id AND a.id = item.assessment_id
    ), noted AS (
        INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id,
                                        detail, address, request_id)
        SELECT id, organization_id, actor_id, actor_role, action, object_kind, object_id, detail, address, request_id
          FROM jsonb_populate_record(NULL::portal.audit_event, CAST(:noted AS jsonb))
    )
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT id, topic, ids FROM jsonb_populate_recordset(NULL::portal.outbox, CAST(:events AS jsonb))
    """
)

MOST_REASON = 500  # characters


class InvalidAnswers(errors.InvalidInput):
    """The answers cannot be submitted; `answer_problems` names every question (and row), or none, with its reason."""

    code = "INVALID_ANSWERS"

    def __init__(self, found: Sequence[Problem]) -> None:
        self.answer_problems = tuple(found)
        shown = [
            errors.FieldProblem(
                tuple(part for part in (one.question, one.row_id) if part), one.code, writes.write_message(one)
            )
            for one in found
        ]
        count = f"{len(found)} things stand" if len(found) > 1 else "One thing stands"
        super().__init__(f"{count} in the way of submitting this.", problems=shown)


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
    """Freeze, seal and score an assessment; again with the same change number (or key), the same submission.

    What buyers asked who can read it at once, by a share that follows, is fulfilled.
    Raises Conflict CHANGED where an answer is newer than `expected_change_number`, Conflict ALREADY_SUBMITTED, Conflict
    SIGN_OFF_MISSING where a colleague has not signed it as it is, InvalidAnswers with everything that stands in the
    way, NotFound.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = {"assessment": assessment_id, "expected": expected_change_number}
    made = await idempotency.find_made(session, actor, idempotency_key, "submitAssessment", body)
    if made is not None:
        return await _find_made(session, actor, assessment_id, UUID(made[0]))
    await joining.take_turn(session, actor)  # accepting locks requests before their assessment, this the other way
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    if draft.row.state == "submitted" and draft.row.change_number == expected_change_number:
        found = await find_of_assessments(session, actor, [assessment_id])  # what the caller saw is what was frozen
        return Submitted(submission=found[assessment_id], assessment=draft.row)
    _check_state(draft, expected_change_number)
    await signing.check_signed(session, actor, draft.row, draft.definition)
    profile = await drafts.load_profile(session, draft)
    files = await drafts.list_files(session, actor, assessment_id)
    problems = assessments.find_problems(draft, files, profile)
    if problems:
        raise InvalidAnswers(problems)
    attached = [_attach(file) for file in files if drafts.is_here(file)]
    names = await _find_site_names(session, actor, draft)
    subject = None if draft.row.site_id is None else names[draft.row.site_id]
    named = {key: names[site] for key, site in draft.row_sites.items()}
    snapshot = snapshots.freeze(actor, draft, profile, attached, subject, row_sites=named)
    submission = await _keep(session, actor, draft, snapshot)
    await rule_uses.use_rules(session, actor, submission)
    await received.fulfill_covered(
        session, actor, submission_id=submission.id, assessment_id=assessment_id, tier=submission.tier
    )
    await clarifying.close_by_revision(session, actor, assessment=draft.row, submission_id=submission.id)
    await idempotency.keep_made(session, actor, idempotency_key, "submitAssessment", body, [submission.id])
    return Submitted(submission=submission, assessment=draft.row)


def _check_state(draft: Draft, expected_change_number: int) -> None:
    if draft.row.state == "submitted":
        raise errors.Conflict("This was submitted already; correct it to submit again.", code="ALREADY_SUBMITTED")
    joining.check_open(draft.row)
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


def _attach(file: Any) -> AttachedFile:
    """A linked document as the seal names it."""
    return AttachedFile(
        question=file.question,
        row_id=file.row_id,
        evidence_id=file.evidence_id,
        sha256=file.sha256,
        kind=file.kind,
    )


async def _find_site_names(session: AsyncSession, actor: Actor, draft: Draft) -> dict[UUID, str]:
    """The names of the site that it is about, and of those that rows of it name."""
    wanted = {site for site in (draft.row.site_id, *draft.row_sites.values()) if site is not None}
    if not wanted:
        return {}
    found = await session.execute(
        select(Site.id, Site.name).where(Site.organization_id == actor.organization, Site.id.in_(wanted))
    )
    return {row.id: row.name for row in found}


async def _keep(session: AsyncSession, actor: Actor, draft: Draft, snapshot: Snapshot) -> tables.Submission:
    """Write the frozen rows, let older revisions step back, and close the assessment."""
    row, submission = draft.row, snapshot.submission | {"state": "current"}
    parts = {"supplier": actor.organization, "assessment": row.id}
    events = outbox.make_rows("assessment.submitted", [parts | {"submission": submission["id"]}])
    events += outbox.make_rows("assessment.changed", [parts])
    sealed = {"root_hash": submission["root_hash"].hex()}
    noted = audit.make_row(actor, "assessment.submitted", "submission", submission["id"], detail=sealed)
    written = {
        "submission": submission,
        "sections": snapshot.sections,
        "results": snapshot.results,
        "evidence": snapshot.evidence,
        "origins": snapshot.origins,
        "noted": noted,
        "events": events,
    }
    await session.execute(KEEP, {name: writes.dump_json(_spell_bytes(part)) for name, part in written.items()})
    session.expunge(row)  # so that what is known of it now is not written once more
    row.state, row.submitted_at, row.updated_at = "submitted", draft.subject.now, draft.subject.now
    return tables.Submission(**submission)


def _spell_bytes(part: Any) -> Any:
    """A row, or rows, with bytes as PostgreSQL reads them from a text."""
    if isinstance(part, list):
        return [_spell_bytes(row) for row in part]
    return {name: f"\\x{value.hex()}" if isinstance(value, bytes) else value for name, value in part.items()}


async def get_submission(session: AsyncSession, actor: Actor, submission_id: UUID) -> tables.Submission:
    """One submission of the caller's own; raises NotFound."""
    found = await find_submissions(session, actor, [submission_id])
    if submission_id not in found:
        raise errors.NotFound("There is no such submission.", path=("submissionId",))
    return found[submission_id]


async def find_submissions(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID]
) -> dict[UUID, tables.Submission]:
    """Those of the caller's own submissions that have these ids, as they are now."""
    table = tables.Submission
    found = await session.scalars(
        select(table)
        .where(table.supplier_id == actor.organization, table.id.in_(wanted))
        .execution_options(populate_existing=True)
    )
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


async def read_day(session: AsyncSession) -> date:
    """Today, in UTC."""
    return (await session.execute(select(func.portal.clock()))).scalar_one().date()  # type: ignore[no-any-return]


async def list_origins(
    session: AsyncSession, actor: Actor, submission_id: UUID
) -> dict[AnswerKey, tables.SubmissionOrigin]:
    """Of one of the caller's own submissions the answers that were taken over, with where they came from."""
    table = tables.SubmissionOrigin
    found = await session.scalars(
        select(table).where(table.supplier_id == actor.organization, table.submission_id == submission_id)
    )
    return {(row.question, row.row_id or None): row for row in found}


async def withdraw_submission(
    session: AsyncSession,
    actor: Actor,
    *,
    submission_id: UUID,
    reason: str | None = None,
    told_reason: str | None = None,
) -> tables.Submission:
    """Take a submission back: no share reaches it from this transaction on. Again changes nothing, nor its reason.

    Where it corrected an earlier revision, that one counts again, and says so with the day and `told_reason`. Requests
    that nothing else answers for their buyers wait again. Raises NotFound, InvalidInput REASON.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    said, told = _read_reason(reason, "reason"), _read_reason(told_reason, "toldReason")
    await joining.take_turn(session, actor)  # what counts for the place changes, and a correction may be submitted now
    row = await get_submission(session, actor, submission_id)
    table = tables.Submission
    written = await session.scalar(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == submission_id, table.state != "withdrawn")
        .values(state="withdrawn", withdrawn_at=func.portal.clock(), withdrawn_reason=said)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
    if written is None:
        return row
    await restoring.restore_before(session, row, told)
    await unanswered.reopen_requests(session, actor, row)
    await session.execute(select(func.portal.blank_cards_of_submission(submission_id)))
    await outbox.add_event(session, "submission.withdrawn", supplier=actor.organization, submission=submission_id)
    await audit.add_audit(session, actor, "submission.withdrawn", "submission", submission_id)
    return row


def _read_reason(reason: str | None, name: str) -> str | None:
    said = None if reason is None else reason.strip()
    if said is not None and (not said or len(said) > MOST_REASON or "\x00" in said):
        words = f"Say why in 1 to {MOST_REASON} characters, or leave it out."
        raise errors.InvalidInput(words, code="REASON", path=(name,))
    return said
