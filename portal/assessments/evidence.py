"""A supplier's documents: waiting for a file, attached to answers, found again."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, uploads
from portal.access import Actor
from portal.assessments import definitions, drafts, evidence_revisions, file_checks, joining
from portal.assessments.drafts import Subject
from portal.assessments.refusals import Refused, explain
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import evidence as tables
from portal.identity import wording
from questionnaires import submission
from questionnaires.answers import Problem
from questionnaires.definition import Definition, EvidenceKind
from questionnaires.submission import Attachment

KINDS: tuple[str, ...] = get_args(EvidenceKind)
MAX_NAME = 200
MAX_TEXT = 200
MAX_WAITING = 200  # uploads of one organization that were asked for and not made
MAX_PER_ANSWER = 20
EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 1, 1)


@dataclass(frozen=True, kw_only=True)
class NewEvidence:
    """What a supplier says of a document before it sends the file."""

    file_name: str
    kind: str
    title: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    language: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    redacts: bool = False
    upload_size: int | None = None  # bytes


@dataclass(frozen=True)
class Awaited:
    """A document that waits for its file; `ticket` is none where the file is there already."""

    evidence_id: UUID
    ticket: uploads.Ticket | None


async def create_upload(
    session: AsyncSession,
    actor: Actor,
    *,
    new: NewEvidence,
    largest: int,
    revises: UUID | None = None,
    idempotency_key: str | None = None,
) -> Awaited:
    """Make a document that waits for its file, of `largest` bytes at most; with the same key again the same one, with a
    new link while it waits. One that `revises` another is the next revision of the same document.

    Raises InvalidInput with every problem, NotFound, Conflict, RateLimited for too many that wait.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = asdict(new) | ({} if revises is None else {"revises": str(revises)})
    made = await idempotency.find_made(session, actor, idempotency_key, "createEvidenceUpload", body)
    if made is not None:
        return await _wait_again(session, actor, UUID(made[0]))
    today: date = (await session.execute(select(func.portal.clock()))).scalar_one().date()
    problems = [*find_problems(new, today), *_find_size_problems(new, largest)]
    if new.redacts and revises is None:
        problems.append(errors.FieldProblem(("redacts",), "REVISES", "Name in `revises` the document that it redacts."))
    if problems:
        raise errors.InvalidInput("This document cannot be taken.", problems=problems)
    await _refuse_too_many(session, actor)
    ticket = await uploads.make_ticket(session)
    evidence_id = ids.new_id()
    waiting = {"upload_hash": ticket.token_hash, "upload_expires_at": ticket.expires_at, "uploaded_by": actor.user_id}
    own = {"supplier_id": actor.organization, "id": evidence_id}
    said = asdict(new)
    if revises is not None:
        said = await evidence_revisions.continue_document(session, actor, revises, said)
    await session.execute(insert(tables.Evidence).inline().values(**own, **said, **waiting))
    await outbox.add_event(session, "evidence.changed", supplier=actor.organization, evidence=evidence_id)
    await audit.add_audit(session, actor, "evidence.created", "evidence", evidence_id)
    await idempotency.keep_made(session, actor, idempotency_key, "createEvidenceUpload", body, [evidence_id])
    return Awaited(evidence_id, ticket)


def find_problems(new: NewEvidence, today: date) -> Iterator[errors.FieldProblem]:
    """What is wrong with what is said of a document."""
    yield from _find_name_problems(new.file_name)
    if new.kind not in KINDS:
        yield errors.FieldProblem(("kind",), "KIND", f"Allowed: {', '.join(KINDS)}.")
    for name in ("title", "issuer"):
        given = getattr(new, name)
        if given is not None and (not given.strip() or len(given) > MAX_TEXT or "\x00" in given):
            yield errors.FieldProblem((name,), "TEXT", f"1 to {MAX_TEXT} characters, or null.")
    if new.issued_on is not None and not EARLIEST <= new.issued_on <= today + timedelta(days=1):
        yield errors.FieldProblem(("issued_on",), "DATE", f"A day from {EARLIEST} to today ({today}).")
    if new.language is not None and not wording.is_locale(new.language):
        yield errors.FieldProblem(("language",), "LOCALE", 'A language tag, like "en" or "pt-BR".')
    yield from _find_period_problems(new)
    if new.valid_until is not None and not (new.issued_on or EARLIEST) <= new.valid_until <= LATEST:
        yield errors.FieldProblem(("valid_until",), "DATE", f"A day from the day of issue to {LATEST}.")


def _find_period_problems(new: NewEvidence) -> Iterator[errors.FieldProblem]:
    start, end = new.period_start, new.period_end
    if (start is None) != (end is None):
        missing = "period_start" if start is None else "period_end"
        yield errors.FieldProblem((missing,), "PERIOD", "Say the first and the last day, or neither.")
    elif start is not None and end is not None and not EARLIEST <= start <= end <= LATEST:
        yield errors.FieldProblem(("period_end",), "PERIOD", f"A day from the first one to {LATEST}.")


def _find_name_problems(name: str) -> Iterator[errors.FieldProblem]:
    bad = any(wording.is_control(one) or one in "/\\" for one in name)
    if not name.strip() or len(name) > MAX_NAME or bad:
        words = f"A file's name of 1 to {MAX_NAME} characters, without folders and control characters."
        yield errors.FieldProblem(("file_name",), "FILE_NAME", words)
        return
    try:
        file_checks.check_name(name)
    except Refused as refused:
        yield errors.FieldProblem(("file_name",), refused.code, explain(refused.code))


def _find_size_problems(new: NewEvidence, largest: int) -> Iterator[errors.FieldProblem]:
    if new.upload_size is None or 1 <= new.upload_size <= largest:
        return
    code = "TOO_LARGE" if new.upload_size > largest else "EMPTY"
    yield errors.FieldProblem(("size",), code, f"A file has 1 to {largest} bytes.")


async def _wait_again(session: AsyncSession, actor: Actor, evidence_id: UUID) -> Awaited:
    """The document of an earlier call with the same key; its old link ends where a new one is made.

    Raises Conflict REMOVED where its file never came, and it was removed for that.
    """
    ticket = await uploads.make_ticket(session)
    table = tables.Evidence
    waits = await session.scalar(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == evidence_id, table.state == "awaiting")
        .values(upload_hash=ticket.token_hash, upload_expires_at=ticket.expires_at)
        .returning(table.id)
    )
    if waits is not None:
        return Awaited(evidence_id, ticket)
    own = (table.supplier_id == actor.organization, table.id == evidence_id)
    if await session.scalar(select(table.id).where(*own)) is None:
        words = "The file of this document never came, so it was removed. Announce it again with a new idempotencyKey."
        raise errors.Conflict(words, code="REMOVED", path=("input", "idempotencyKey"))
    return Awaited(evidence_id, None)


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    table = tables.Evidence
    waiting = select(table.id).where(
        table.supplier_id == actor.organization,
        table.state == "awaiting",
        table.upload_expires_at > func.portal.clock(),
    )
    count = await session.scalar(select(func.count()).select_from(waiting.limit(MAX_WAITING).subquery()))
    if count is not None and count >= MAX_WAITING:
        words = f"{MAX_WAITING} uploads were asked for and not made; make them, or wait until their links have ended."
        raise errors.RateLimited(words, retry_after=int(uploads.LIFETIME.total_seconds()))


async def attach_evidence(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    question: str,
    row_id: str | None = None,
    evidence_id: UUID,
) -> Problem | None:
    """Attach a document to an answer of a draft, also before its file has arrived; again changes nothing.

    Gives why it does not count for what submission demands, where its dates tell that already, or that the question
    asks for none. Raises NotFound, Conflict for a submitted assessment or a refused file, InvalidInput for an unknown
    place or a kind of document that the question does not take.
    """
    # A revision that turns out to be good meanwhile waits, and then takes the place of this one here, too.
    await joining.take_turn(session, actor)
    subject, definition = await _open_draft(session, actor, assessment_id, question, row_id)
    found = await _find_evidence(session, actor, evidence_id)
    if found.state == "removed":
        raise errors.Conflict("The file of this document was removed; send it anew and attach that.", code="REMOVED")
    if found.state == "rejected":
        raise errors.Conflict("This file was refused; send a good one and attach that.", code="REJECTED")
    await evidence_revisions.refuse_outdated(session, actor, evidence_id)
    check_kind(definition, question, found.kind, path=("evidenceId",))
    seen = Attachment(
        question=question,
        row_id=row_id,
        kind=found.kind,
        name=found.title or found.file_name,
        issued_on=found.issued_on,
        valid_until=found.valid_until,
    )
    asked = definition.questions[question]
    problem = submission.explain_not_asked(asked, row_id) or submission.find_staleness(asked, seen, subject.day)
    link = tables.EvidenceLink
    place = (link.supplier_id == actor.organization, link.assessment_id == assessment_id)
    where = (link.question == question, link.row_id == (row_id or ""))
    attached = set(await session.scalars(select(link.evidence_id).where(*place, *where)))
    if evidence_id in attached:
        return problem
    if len(attached) >= MAX_PER_ANSWER:
        words = f"An answer may have {MAX_PER_ANSWER} documents at most."
        raise errors.InvalidInput(words, code="TOO_MANY", path=("evidenceId",))
    values: dict[str, Any] = {"question": question, "row_id": row_id or "", "evidence_id": evidence_id}
    await session.execute(
        insert(link).inline().values(supplier_id=actor.organization, assessment_id=assessment_id, **values)
    )
    await _tell(session, actor, "evidence.attached", assessment_id, evidence_id)
    return problem


async def detach_evidence(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    question: str,
    row_id: str | None = None,
    evidence_id: UUID,
) -> None:
    """Take a document off an answer of a draft; the document itself stays. Again changes nothing.

    Raises NotFound, Conflict for a submitted assessment.
    """
    await _open_draft(session, actor, assessment_id, question, row_id)
    await _find_evidence(session, actor, evidence_id)
    link = tables.EvidenceLink
    gone = await session.scalar(
        delete(link)
        .where(
            link.supplier_id == actor.organization,
            link.assessment_id == assessment_id,
            link.question == question,
            link.row_id == (row_id or ""),
            link.evidence_id == evidence_id,
        )
        .returning(link.evidence_id)
    )
    if gone is not None:
        await _tell(session, actor, "evidence.detached", assessment_id, evidence_id)


async def _open_draft(
    session: AsyncSession, actor: Actor, assessment_id: UUID, question: str, row_id: str | None
) -> tuple[Subject, Definition]:
    """Lock the draft and look whether it has such a place; gives it with its questionnaire."""
    access.require(actor, access.SUPPLIER_EDITOR)
    subject = await drafts.find_subject(session, actor, assessment_id, lock=True)
    if subject.row.state == "submitted":
        raise errors.Conflict(
            "This assessment was submitted; start a correction to change its documents.", code="SUBMITTED"
        )
    joining.check_open(subject.row)
    definition = await definitions.load_definition(session, subject.content_hash)
    check_place(definition, question, row_id)
    joining.check_unlocked(subject.row, (question, row_id))
    return subject, definition


def check_place(definition: Definition, question: str, row_id: str | None) -> None:
    """Raise InvalidInput for a place that a definition does not have."""
    known = definition.questions.get(question)
    if known is None or known.type == "group":
        words = f"{definition.key} {definition.version} has no such question to attach a document to."
        raise errors.InvalidInput(words, code="UNKNOWN_QUESTION", path=("question",))
    in_group = definition.parents.get(question) is not None
    if in_group != bool(row_id):
        words = "Name the row: this question stands in a group." if in_group else "This question has no rows."
        raise errors.InvalidInput(words, code="ROW", path=("rowId",))
    if row_id is not None and (len(row_id) > 64 or "\x00" in row_id):
        raise errors.InvalidInput("A row's id has 1 to 64 characters.", code="ROW", path=("rowId",))


def check_kind(definition: Definition, question: str, kind: str, *, path: tuple[str, ...]) -> None:
    """Better told while the document is at hand than at submission, where it would not count."""
    rule = definition.questions[question].evidence
    if rule is None or kind in rule.accept:
        return
    words = f"This document is of the kind {kind}; {question} takes: {', '.join(rule.accept)}."
    raise errors.InvalidInput(words, code="EVIDENCE_KIND", path=path)


async def _find_evidence(session: AsyncSession, actor: Actor, evidence_id: UUID) -> Any:
    """A document as it is attached; whoever deletes it meanwhile is waited for."""
    table = tables.Evidence
    columns = (table.state, table.kind, table.title, table.file_name, table.issued_on, table.valid_until)
    found = (
        await session.execute(
            select(*columns)
            .where(table.supplier_id == actor.organization, table.id == evidence_id)
            .with_for_update(read=True, key_share=True)
        )
    ).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such evidence.", path=("evidenceId",))
    return found


async def _tell(session: AsyncSession, actor: Actor, action: str, assessment_id: UUID, evidence_id: UUID) -> None:
    await joining.count_changes(session, actor, [assessment_id])
    await audit.add_audit(session, actor, action, "assessment", assessment_id, detail={"evidence": str(evidence_id)})
