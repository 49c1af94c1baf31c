"""Assurance statements: what a reviewer found on answers of a submission that it reads, made once and never changed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import own_days, review_places
from portal.assessments.review_places import Readable
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables.reviews import AssuranceFinding, AssuranceStatement, Dispute

MOST_FINDINGS = 200
MOST_DOCUMENTS = 20


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is stated of one answer: its level and basis, both gaps, and what became of the documents behind it.

    `not_shown` is what the evidence does not show of the claim, `beyond` what it shows beyond it.
    """

    question: str
    row_id: str | None = None
    level: str
    basis: str
    not_shown: str | None = None
    beyond: str | None = None
    rests_on: tuple[UUID, ...] = ()
    contradicts: tuple[UUID, ...] = ()


async def make_statement(
    session: AsyncSession,
    actor: Actor,
    *,
    supplier_id: UUID,
    submission_id: UUID,
    findings: Sequence[Finding],
    as_of: date | None = None,
    remark: str | None = None,
    idempotency_key: str | None = None,
) -> UUID:
    """State what was found as of a day, today without one; it takes the place of what the same reviewer said before of
    the same answers, and decides what its supplier disputes there. With the same key again, the same one.

    Raises NotFound, Conflict WITHDRAWN, InvalidInput with every problem, each below the finding that it is of.
    """
    access.require(actor, access.REVIEWER)
    body = {
        "submission": submission_id,
        "findings": [asdict(one) for one in findings],
        "as_of": as_of,
        "remark": remark,
    }
    made = await idempotency.find_made(session, actor, idempotency_key, "makeStatement", body)
    if made is not None:
        return UUID(made[0])
    readable = await review_places.load_readable(session, actor, supplier_id, submission_id)
    # One statement after the other, so that the newest is the one with the greatest id.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"review:{submission_id}", 0))))
    today, earliest = await _find_days(session, actor, readable)
    day = as_of or today
    problems = list(_find_problems(readable, findings))
    problems += review_places.find_text_problem(remark, ("remark",), needed=False)
    if not earliest <= day <= today:
        words = f"A day from {earliest} (the submission, or your last statement on it) to today ({today})."
        problems.append(errors.FieldProblem(("as_of",), "DATE", words))
    if problems:
        raise errors.InvalidInput("This cannot be stated so.", problems=problems)
    statement_id = await _insert(session, actor, readable, findings, day, remark)
    await _decide_disputes(session, actor, readable, findings, statement_id)
    await outbox.add_event(
        session,
        "statement.made",
        supplier=supplier_id,
        submission=submission_id,
        statement=statement_id,
        to=supplier_id,
    )
    await audit.add_audit(
        session, actor, "statement.made", "submission", submission_id, concerns=supplier_id, owner=supplier_id
    )
    await idempotency.keep_made(session, actor, idempotency_key, "makeStatement", body, [statement_id])
    return statement_id


async def _find_days(session: AsyncSession, actor: Actor, readable: Readable) -> tuple[date, date]:
    """Today where the caller is, and the earliest day that a statement of it may be of."""
    table, submission = AssuranceStatement, readable.submission
    time = await own_days.read_own_time(session, actor)
    last = await session.scalar(
        select(func.max(table.as_of)).where(
            table.supplier_id == submission.supplier_id,
            table.submission_id == submission.id,
            table.reviewer_id == actor.organization,
        )
    )
    submitted = min(time.find_day(submission.submitted_at), submission.submitted_at.date())
    # Of one made further east a colleague in another zone may speak again on the same day.
    return time.today, max(min(last or date.min, time.today), submitted)


def _find_problems(readable: Readable, findings: Sequence[Finding]) -> Iterator[errors.FieldProblem]:
    if not 1 <= len(findings) <= MOST_FINDINGS:
        yield errors.FieldProblem(("findings",), "COUNT", f"1 to {MOST_FINDINGS} findings; these are {len(findings)}.")
    seen = set()
    for number, one in enumerate(findings):
        place = ("findings", number)
        if (one.question, one.row_id) in seen:
            yield errors.FieldProblem((*place, "question"), "TWICE", "This answer stands here twice.")
        seen.add((one.question, one.row_id))
        if readable.find_section(one.question, one.row_id) is None:
            words = "There is no such answer among those that you may read."
            yield errors.FieldProblem((*place, "question"), "UNKNOWN_ANSWER", words)
            continue
        yield from review_places.find_text_problem(one.basis, (*place, "basis"), needed=True)
        yield from review_places.find_text_problem(one.not_shown, (*place, "not_shown"), needed=False)
        yield from review_places.find_text_problem(one.beyond, (*place, "beyond"), needed=False)
        yield from _find_document_problems(readable, one, place)


def _find_document_problems(readable: Readable, one: Finding, place: tuple[str, int]) -> Iterator[errors.FieldProblem]:
    known = readable.list_documents(one.question, one.row_id)
    for name in ("rests_on", "contradicts"):
        given = getattr(one, name)
        if len(given) > MOST_DOCUMENTS or len(set(given)) < len(given):
            yield errors.FieldProblem((*place, name), "COUNT", f"Up to {MOST_DOCUMENTS} documents, each once.")
        for number, document in enumerate(given):
            if document not in known:
                words = "No such document that you may read stands behind this answer."
                yield errors.FieldProblem((*place, name, number), "UNKNOWN_DOCUMENT", words)
    if set(one.rests_on) & set(one.contradicts):
        words = "A document bears the finding or is contradicted, not both."
        yield errors.FieldProblem((*place, "contradicts"), "BOTH", words)
    if one.level == "documented" and not one.rests_on:
        words = "Name the documents that it rests on; what was found without any is VERIFIED or CONTRADICTED."
        yield errors.FieldProblem((*place, "rests_on"), "DOCUMENT_NEEDED", words)


async def _insert(
    session: AsyncSession,
    actor: Actor,
    readable: Readable,
    findings: Sequence[Finding],
    day: date,
    remark: str | None,
) -> UUID:
    submission, statement_id = readable.submission, ids.new_id()
    is_third_party = await session.scalar(select(func.portal.is_engaged(submission.supplier_id, submission.id)))
    own: dict[str, Any] = {
        "supplier_id": submission.supplier_id,
        "submission_id": submission.id,
        "reviewer_id": actor.organization,
        "is_third_party": is_third_party,
        "as_of": day,
    }
    said = {"id": statement_id, "remark": review_places.trim(remark), "made_by": actor.user_id}
    await session.execute(insert(AssuranceStatement).inline().values(**own, **said))
    rows = [
        own
        | {
            "statement_id": statement_id,
            "section": readable.find_section(one.question, one.row_id),
            "question": one.question,
            "row_id": one.row_id or "",
            "level": one.level,
            "basis": one.basis.strip(),
            "not_shown": review_places.trim(one.not_shown),
            "beyond": review_places.trim(one.beyond),
            "rests_on": list(one.rests_on),
            "contradicts": list(one.contradicts),
        }
        for one in findings
    ]
    await session.execute(insert(AssuranceFinding).inline(), rows)
    return statement_id


async def _decide_disputes(
    session: AsyncSession, actor: Actor, readable: Readable, findings: Sequence[Finding], statement_id: UUID
) -> None:
    """What is disputed of these answers is upheld where the level stays, and changed where it does not."""
    submission, finding = readable.submission, AssuranceFinding
    levels = {(one.question, one.row_id or ""): one.level for one in findings}
    found = await session.execute(
        select(Dispute.id, finding.question, finding.row_id, finding.level)
        .join(
            finding,
            (finding.supplier_id == Dispute.supplier_id)
            & (finding.statement_id == Dispute.statement_id)
            & (finding.question == Dispute.question)
            & (finding.row_id == Dispute.row_id),
        )
        .where(
            Dispute.supplier_id == submission.supplier_id,
            Dispute.submission_id == submission.id,
            Dispute.reviewer_id == actor.organization,
            Dispute.state == "open",
        )
        .with_for_update(key_share=True, of=Dispute)
    )
    for row in found.all():
        level = levels.get((row.question, row.row_id))
        if level is None:
            continue
        state = "upheld" if level == row.level else "changed"
        await session.execute(
            update(Dispute)
            .where(Dispute.supplier_id == submission.supplier_id, Dispute.id == row.id)
            .values(state=state, decided_by_statement=statement_id, closed_at=func.portal.clock())
            .execution_options(synchronize_session=False)
        )
        parts = {"supplier": submission.supplier_id, "dispute": row.id, "to": submission.supplier_id}
        await outbox.add_event(session, "dispute.decided", **parts)
        await audit.add_audit(
            session,
            actor,
            f"dispute.{state}",
            "dispute",
            row.id,
            concerns=submission.supplier_id,
            owner=submission.supplier_id,
        )
