"""A buyer asks a linked supplier to be shown more than it was given, and takes that back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables.assessments import Submission
from portal.database.tables.consent import AccessRequest
from portal.database.tables.directory import SupplierRecord
from questionnaires.definition import Definition

MAX_PURPOSE, MAX_MESSAGE = 500, 2_000
LONGEST = timedelta(days=5 * 366)
# What one buyer may lay before one supplier: so many wait at a time, and so many are made in that many days.
MOST_OPEN, MOST_NEW, NEW_DAYS = 3, 10, 30
QUIET = timedelta(days=30)  # after a refusal, before the same or more may be asked again

TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:pair, 0))")
COUNT = text(
    """
    SELECT count(*) FILTER (WHERE a.state = 'open') AS waiting,
           count(*) FILTER (WHERE a.created_at > portal.clock() - make_interval(days => :days)) AS made
      FROM portal.access_request a WHERE a.supplier_id = :supplier AND a.buyer_id = :buyer
    """
)
# One share that opens all of it, for as long: whoever asks for what it has costs the supplier time and gets nothing.
HAS_IT = text(
    """
    SELECT EXISTS (
        SELECT FROM portal.share s
          JOIN portal.submission b ON b.supplier_id = s.supplier_id AND b.questionnaire = s.questionnaire
           AND b.subject_key = s.subject_key
         WHERE s.supplier_id = :supplier AND s.buyer_id = :buyer AND s.questionnaire = :questionnaire
           AND s.subject_key = :subject AND (CAST(:submission AS uuid) IS NULL OR b.id = :submission)
           AND b.state = 'current' AND portal.share_is_live(s) AND portal.share_covers(s, b)
           AND s.sections @> CAST(:sections AS text[]) AND (s.include_evidence OR NOT :evidence)
           AND (s.until IS NULL OR s.until >= coalesce(CAST(:until AS timestamptz), portal.clock())))
    """
)
REFUSED = text(
    """
    SELECT coalesce(a.offer_from, (a.closed_at + :quiet)::date) AS from_day FROM portal.access_request a
     WHERE a.supplier_id = :supplier AND a.buyer_id = :buyer AND a.questionnaire = :questionnaire
       AND a.subject_key = :subject AND a.state = 'refused' AND a.sections <@ CAST(:sections AS text[])
       AND (:evidence OR NOT a.include_evidence)
       AND coalesce(a.offer_from, (a.closed_at + :quiet)::date) > portal.clock()::date
     ORDER BY 1 DESC LIMIT 1
    """
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a buyer wants to read besides the summary, what for, and until when (none: as the supplier likes)."""

    sections: tuple[str, ...] = ()
    include_evidence: bool = False
    until: datetime | None = None
    purpose: str
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The request that waits; `joined` where one was waiting for the same already and was widened, if need be."""

    supplier_id: UUID
    id: UUID
    joined: bool


@dataclass(frozen=True, kw_only=True)
class _Subject:
    supplier_id: UUID
    record_id: UUID
    questionnaire: str
    subject_key: UUID
    submission_id: UUID | None


async def request_access(
    session: AsyncSession,
    actor: Actor,
    *,
    record_id: UUID,
    questionnaire: str,
    submission: tuple[UUID, UUID] | None = None,
    wanted: Wanted,
    idempotency_key: str | None = None,
) -> Asked:
    """Ask for more of a supplier's answers to a questionnaire, or of one shared `submission` (supplier and id).

    While a request for the same questionnaire and subject waits it is joined: it asks for all that was asked by either.
    Raises NotFound (record, questionnaire, shared result), InvalidInput with every problem, Conflict NOT_LINKED,
    ALREADY_SHARED, TOO_MANY, or REFUSED where the same was refused and the supplier is left in peace until a day.
    """
    access.require(actor, access.BUYER_EDITOR)
    body = {"record": record_id, "about": questionnaire, "result": submission, "wanted": asdict(wanted)}
    made = await idempotency.find_made(session, actor, idempotency_key, "requestAccess", body)
    if made is not None:
        return Asked(supplier_id=UUID(made[0]), id=UUID(made[1]), joined=made[2] == "True")
    subject, definition = await _find_subject(session, actor, record_id, questionnaire, submission)
    await _check_wanted(session, definition, wanted)
    await session.execute(TURN, {"pair": f"access:{actor.organization}:{subject.supplier_id}"})
    await _check_shared(session, actor, subject, wanted)
    asked = await _join(session, actor, subject, wanted) or await _ask(session, actor, subject, wanted)
    kept = [asked.supplier_id, asked.id, asked.joined]
    await idempotency.keep_made(session, actor, idempotency_key, "requestAccess", body, kept)
    return asked


async def _find_subject(
    session: AsyncSession, actor: Actor, record_id: UUID, questionnaire: str, submission: tuple[UUID, UUID] | None
) -> tuple[_Subject, Definition]:
    table = SupplierRecord
    record = await session.scalar(
        select(table).where(table.buyer_id == actor.organization, table.id == record_id, table.archived_at.is_(None))
    )
    if record is None:
        raise errors.NotFound("There is no such supplier.", path=("supplierId",))
    row = None
    if submission is not None:
        row = await session.scalar(
            select(Submission).where(Submission.supplier_id == submission[0], Submission.id == submission[1])
        )
        if row is None or row.supplier_id != record.supplier_id or row.questionnaire != questionnaire:
            raise errors.NotFound("No such result of this supplier is shared with you.", path=("resultId",))
    if record.supplier_id is None:
        words = "This supplier has not accepted your invitation yet, so there is nobody to ask."
        raise errors.Conflict(words, code="NOT_LINKED", path=("supplierId",))
    subject = _Subject(
        supplier_id=record.supplier_id,
        record_id=record_id,
        questionnaire=questionnaire,
        subject_key=record.supplier_id if row is None else row.subject_key,
        submission_id=None if row is None else row.id,
    )
    if row is None:
        return subject, (await definitions.load_current(session, questionnaire)).definition
    return subject, await definitions.load_definition(session, row.content_hash)


async def _check_wanted(session: AsyncSession, definition: Definition, wanted: Wanted) -> None:
    known = [section.key for section in definition.sections]
    problems = [
        errors.FieldProblem(("sections", place), "SECTION", f"Allowed, each once: {', '.join(known)}.")
        for place, section in enumerate(wanted.sections)
        if section not in known or section in wanted.sections[:place]
    ]
    if not wanted.purpose.strip() or len(wanted.purpose) > MAX_PURPOSE or "\x00" in wanted.purpose:
        words = f"Say in 1 to {MAX_PURPOSE} characters what you need it for; the supplier reads it."
        problems.append(errors.FieldProblem(("purpose",), "PURPOSE", words))
    if wanted.message is not None and (len(wanted.message) > MAX_MESSAGE or "\x00" in wanted.message):
        words = f"At most {MAX_MESSAGE} characters; the supplier reads it."
        problems.append(errors.FieldProblem(("message",), "TEXT", words))
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    if wanted.until is not None and not now < wanted.until <= now + LONGEST:
        words = "The end must be in the future and at most five years away; leave it out to let the supplier say."
        problems.append(errors.FieldProblem(("until",), "UNTIL", words))
    if problems:
        raise errors.InvalidInput("This cannot be asked so.", problems=problems)


def _spell_scope(actor: Actor, subject: _Subject, sections: Sequence[str], include_evidence: bool) -> dict[str, Any]:
    return {
        "supplier": subject.supplier_id,
        "buyer": actor.organization,
        "questionnaire": subject.questionnaire,
        "subject": subject.subject_key,
        "sections": list(sections),
        "evidence": include_evidence,
    }


async def _check_shared(session: AsyncSession, actor: Actor, subject: _Subject, wanted: Wanted) -> None:
    scope = _spell_scope(actor, subject, wanted.sections, wanted.include_evidence)
    if await session.scalar(HAS_IT, scope | {"submission": subject.submission_id, "until": wanted.until}):
        words = "All of this is shared with you already, for as long as you ask."
        raise errors.Conflict(words, code="ALREADY_SHARED", path=("sections",))


async def _check_quiet(
    session: AsyncSession, actor: Actor, subject: _Subject, sections: Sequence[str], include_evidence: bool
) -> None:
    """Raise Conflict REFUSED where all of something that was refused is asked for again too early."""
    scope = _spell_scope(actor, subject, sections, include_evidence)
    quiet: date | None = await session.scalar(REFUSED, scope | {"quiet": QUIET})
    if quiet is not None:
        words = f"The supplier has refused this; from {quiet} on you may ask again. Until then, ask for less."
        raise errors.Conflict(words, code="REFUSED", path=("sections",))


async def _join(session: AsyncSession, actor: Actor, subject: _Subject, wanted: Wanted) -> Asked | None:
    """Widen what waits for the same; its words are the newer ones. One letter is enough for what is asked once more."""
    table = AccessRequest
    row = await session.scalar(
        select(table)
        .where(
            table.supplier_id == subject.supplier_id,
            table.buyer_id == actor.organization,
            table.questionnaire == subject.questionnaire,
            table.subject_key == subject.subject_key,
            table.state == "open",
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    sections = list(dict.fromkeys([*row.sections, *wanted.sections]))
    evidence = row.include_evidence or wanted.include_evidence
    is_wider = (sections, evidence) != (row.sections, row.include_evidence)
    if is_wider:  # nor are two halves of what was refused asked for one after the other
        await _check_quiet(session, actor, subject, sections, evidence)
    values: dict[str, Any] = _spell_words(actor, wanted)
    values |= {"sections": sections, "include_evidence": evidence, "asked_at": func.portal.clock()}
    values |= {"message": values["message"] or row.message, "until": _find_later(row.until, wanted.until)}
    await _write(session, row.supplier_id, row.id, values)
    if is_wider:
        await _tell(session, actor, "access.requested", row.supplier_id, row.id)
    return Asked(supplier_id=row.supplier_id, id=row.id, joined=True)


def _find_later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


async def _ask(session: AsyncSession, actor: Actor, subject: _Subject, wanted: Wanted) -> Asked:
    pair = {"supplier": subject.supplier_id, "buyer": actor.organization}
    await _check_quiet(session, actor, subject, wanted.sections, wanted.include_evidence)
    counts = (await session.execute(COUNT, pair | {"days": NEW_DAYS})).one()
    if counts.waiting >= MOST_OPEN or counts.made >= MOST_NEW:
        words = (
            f"At most {MOST_OPEN} such requests wait for one supplier at a time, and {MOST_NEW} are made in {NEW_DAYS}"
            " days; withdraw one, or wait for what it says."
        )
        raise errors.Conflict(words, code="TOO_MANY", path=("supplierId",))
    made = ids.new_id()
    await session.execute(
        insert(AccessRequest)
        .inline()
        .values(
            supplier_id=subject.supplier_id,
            buyer_id=actor.organization,
            id=made,
            supplier_record_id=subject.record_id,
            questionnaire=subject.questionnaire,
            subject_key=subject.subject_key,
            submission_id=subject.submission_id,
            sections=list(wanted.sections),
            include_evidence=wanted.include_evidence,
            until=wanted.until,
            state="open",
            **_spell_words(actor, wanted),
        )
    )
    await _tell(session, actor, "access.requested", subject.supplier_id, made)
    return Asked(supplier_id=subject.supplier_id, id=made, joined=False)


def _spell_words(actor: Actor, wanted: Wanted) -> dict[str, Any]:
    return {
        "purpose": wanted.purpose.strip(),
        "message": (wanted.message or "").strip() or None,
        "asked_by": actor.user_id,
    }


async def withdraw_access_request(session: AsyncSession, actor: Actor, *, request_id: UUID) -> None:
    """Take an open request back. Again changes nothing; raises NotFound, Conflict NOT_OPEN where it was answered."""
    access.require(actor, access.BUYER_EDITOR)
    table = AccessRequest
    own = (table.buyer_id == actor.organization, table.id == request_id)
    written = await session.scalar(
        update(table)
        .where(*own, table.state == "open")
        .values(state="withdrawn", closed_at=func.portal.clock())
        .returning(table.supplier_id)
        .execution_options(synchronize_session=False)
    )
    if written is not None:
        await _tell(session, actor, "access.withdrawn", written, request_id)
        return
    state = await session.scalar(select(table.state).where(*own))
    if state is None:
        raise errors.NotFound("There is no such request.", path=("requestId",))
    if state != "withdrawn":
        raise errors.Conflict("The supplier has answered this already.", code="NOT_OPEN", path=("requestId",))


async def list_sections(session: AsyncSession, supplier_id: UUID, submission_id: UUID) -> Sequence[str]:
    """Keys of the sections that a submission has, in order."""
    statement = text(
        "SELECT c.section FROM portal.submission_section c"
        " WHERE c.supplier_id = :supplier AND c.submission_id = :submission ORDER BY c.position"
    )
    return list(await session.scalars(statement, {"supplier": supplier_id, "submission": submission_id}))


async def _write(session: AsyncSession, supplier_id: UUID, request_id: UUID, values: dict[str, Any]) -> None:
    await session.execute(
        update(AccessRequest)
        .where(AccessRequest.supplier_id == supplier_id, AccessRequest.id == request_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def _tell(session: AsyncSession, actor: Actor, topic: str, supplier_id: UUID, request_id: UUID) -> None:
    await outbox.add_event(session, topic, supplier=supplier_id, access=request_id)
    await audit.add_audit(session, actor, topic, "access_request", request_id, concerns=supplier_id, owner=supplier_id)
