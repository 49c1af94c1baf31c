"""What a supplier says to a buyer that asks for more: all of it, a part of it, or no, and what it offers instead."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import access_requests, earlier_shares, sharing
from portal.assessments.sharing import Consent
from portal.database import audit, idempotency, outbox
from portal.database.tables.assessments import Submission, order_by_recency
from portal.database.tables.consent import AccessRequest

MAX_TEXT = 1_000
Offer = Literal["none", "visit", "talk", "less", "later"]


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What of a request is granted, never more than it asks: what is none is as it was asked.

    With `keeps_shared` also what the buyer reads in other revisions of the same submission.
    """

    submission_id: UUID | None = None  # none: the one that it points to, or else the newest of its subject
    sections: tuple[str, ...] | None = None
    include_evidence: bool | None = None
    until: datetime | None = None
    reason: str | None = None  # why not all of it
    keeps_shared: bool = False


@dataclass(frozen=True)
class Granted:
    """The request, and the share that opens what was granted."""

    request_id: UUID
    share_id: UUID


async def grant_access(
    session: AsyncSession, actor: Actor, *, request_id: UUID, grant: Grant, idempotency_key: str | None = None
) -> Granted:
    """Share what a buyer asked, or a part of it, as a share of one submission for the purpose that it names.

    Raises NotFound, Conflict NOT_OPEN, NOTHING_TO_SHARE, and what `share_result` raises; InvalidInput for more than was
    asked.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = {"request": request_id, "grant": asdict(grant)}
    made = await idempotency.find_made(session, actor, idempotency_key, "grantAccess", body)
    if made is not None:
        return Granted(UUID(made[0]), UUID(made[1]))
    row = await _lock_open(session, actor, request_id)
    submission = await _find_submission(session, actor, row, grant.submission_id)
    consent = await _read_consent(session, actor, row, submission, grant)
    _check_text(grant.reason, "reason")
    shared = await sharing.share_result(
        session, actor, submission_id=submission.id, buyer_id=row.buyer_id, consent=consent
    )
    is_whole = set(row.sections) <= set(consent.sections) and consent.include_evidence == row.include_evidence
    await _close(
        session,
        actor,
        row,
        state="granted" if is_whole and _lasts_as_asked(row, consent) else "partly_granted",
        share_id=shared.share_id,
        granted_sections=list(consent.sections),
        granted_evidence=consent.include_evidence,
        granted_until=consent.until,
        reason=_strip(grant.reason),
    )
    granted = Granted(request_id, shared.share_id)
    kept = [granted.request_id, granted.share_id]
    await idempotency.keep_made(session, actor, idempotency_key, "grantAccess", body, kept)
    return granted


def _lasts_as_asked(row: AccessRequest, consent: Consent) -> bool:
    ends, wished = consent.until, row.until
    return ends == wished or (ends is not None and wished is not None and ends > wished)


@asynccontextmanager
async def preview_grant(
    session: AsyncSession, actor: Actor, *, request_id: UUID, grant: Grant
) -> AsyncIterator[Granted]:
    """Grant it for as long as the context is open, so that it can be read as the buyer would, and undo all of it."""
    savepoint = await session.begin_nested()
    try:
        yield await grant_access(session, actor, request_id=request_id, grant=grant)
    finally:
        await savepoint.rollback()


async def refuse_access(
    session: AsyncSession,
    actor: Actor,
    *,
    request_id: UUID,
    reason: str,
    offer: Offer,
    offer_text: str | None = None,
    offer_from: date | None = None,
) -> None:
    """Say no with a reason and what is offered instead; the buyer reads both, and the supplier's score stays as it is.

    The same again changes nothing. `offer_from` is the day from which asking again is welcome, of "later" only. Raises
    NotFound, Conflict NOT_OPEN, InvalidInput with every problem.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    if not reason.strip():
        raise errors.InvalidInput("Say why; the buyer reads it.", code="TEXT", path=("reason",))
    _check_text(reason, "reason")
    _check_text(offer_text, "offerText")
    await _check_day(session, offer, offer_from)
    said = {
        "state": "refused",
        "reason": reason.strip(),
        "offer": offer,
        "offer_text": _strip(offer_text),
        "offer_from": offer_from,
    }
    row = await _lock_open(session, actor, request_id, said)
    if row.state == "open":
        await _close(session, actor, row, **said)


async def _check_day(session: AsyncSession, offer: Offer, day: date | None) -> None:
    if (offer == "later") != (day is not None):
        words = 'Name the day from which asking again is welcome with the offer "later", and only with it.'
        raise errors.InvalidInput(words, code="OFFER_FROM", path=("offerFrom",))
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    if day is not None and not now.date() < day <= (now + access_requests.LONGEST).date():
        words = "The day must be in the future and at most five years away."
        raise errors.InvalidInput(words, code="OFFER_FROM", path=("offerFrom",))


def _check_text(words: str | None, name: str) -> None:
    if words is not None and (len(words) > MAX_TEXT or "\x00" in words):
        raise errors.InvalidInput(f"At most {MAX_TEXT} characters; the buyer reads it.", code="TEXT", path=(name,))


def _strip(words: str | None) -> str | None:
    return (words or "").strip() or None


async def _lock_open(
    session: AsyncSession, actor: Actor, request_id: UUID, said: Mapping[str, Any] | None = None
) -> AccessRequest:
    """A request that waits, or one that was answered with just what is `said` now; only what waits can be locked."""
    table = AccessRequest
    own = select(table).where(table.supplier_id == actor.organization, table.id == request_id)
    row: AccessRequest | None = await session.scalar(
        own.where(table.state == "open").with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if row is not None:
        return row
    row = await session.scalar(own)
    if row is None:
        raise errors.NotFound("There is no such request.", path=("requestId",))
    if said is None or any(getattr(row, name) != value for name, value in said.items()):
        raise errors.Conflict("This request was answered or withdrawn already.", code="NOT_OPEN", path=("requestId",))
    return row


async def _find_submission(session: AsyncSession, actor: Actor, row: AccessRequest, wanted: UUID | None) -> Submission:
    """The one named, the one that the buyer points to while it counts, or the newest of the subject."""
    table = Submission
    found = await session.scalars(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.questionnaire == row.questionnaire,
            table.subject_key == row.subject_key,
            table.state != "withdrawn",
        )
        .order_by(*order_by_recency(table.__table__.c))
    )
    listed = list(found)
    if wanted is not None:
        named = next((one for one in listed if one.id == wanted), None)
        if named is None:
            words = "This is no submission of what the buyer asks about, or it was withdrawn."
            raise errors.InvalidInput(words, code="OTHER_SUBJECT", path=("submissionId",))
        return named
    pointed = next((one for one in listed if one.id == row.submission_id and one.state == "current"), None)
    if pointed is None and not listed:
        words = "Nothing of what the buyer asks about was submitted yet; refuse, and say from when it may ask again."
        raise errors.Conflict(words, code="NOTHING_TO_SHARE", path=("requestId",))
    return pointed or listed[0]


async def _read_consent(
    session: AsyncSession, actor: Actor, row: AccessRequest, submission: Submission, grant: Grant
) -> Consent:
    """What will be shared: nothing that was not asked or is read already, and of that what the submission has."""
    problems = [
        errors.FieldProblem(("sections", place), "SECTION", f"Asked: {', '.join(row.sections) or 'none'}; each once.")
        for place, section in enumerate(grant.sections or ())
        if section not in row.sections or section in (grant.sections or ())[:place]
    ]
    if grant.include_evidence and not row.include_evidence:
        problems.append(errors.FieldProblem(("includeEvidence",), "NOT_ASKED", "Documents were not asked for."))
    problems += await _find_end_problems(session, row, grant)
    if problems:
        raise errors.InvalidInput("This is more than was asked; share it by `shareResult`.", problems=problems)
    there = await access_requests.list_sections(session, submission.supplier_id, submission.id)
    chosen = [*(row.sections if grant.sections is None else grant.sections)]
    if grant.keeps_shared:
        chosen += await earlier_shares.list_sections(session, actor, buyer_id=row.buyer_id, submission_id=submission.id)
    return Consent(
        sections=tuple(one for one in dict.fromkeys(chosen) if one in there),
        include_evidence=row.include_evidence if grant.include_evidence is None else grant.include_evidence,
        until=grant.until or row.until,
        purpose=row.purpose,
    )


async def _find_end_problems(session: AsyncSession, row: AccessRequest, grant: Grant) -> list[errors.FieldProblem]:
    """A wished end that has passed binds no more; but what was asked with an end is not opened without one."""
    if row.until is None:
        return []
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    if row.until > now and grant.until is not None and grant.until > row.until:
        words = f"It was asked until {row.until:%Y-%m-%d}; to share for longer, use `shareResult`."
        return [errors.FieldProblem(("until",), "NOT_ASKED", words)]
    if row.until <= now and grant.until is None:
        words = f"It was asked until {row.until:%Y-%m-%d}, which has passed; say until when you share it."
        return [errors.FieldProblem(("until",), "UNTIL", words)]
    return []


async def _close(session: AsyncSession, actor: Actor, row: AccessRequest, **values: Any) -> None:
    await session.execute(
        update(AccessRequest)
        .where(AccessRequest.supplier_id == row.supplier_id, AccessRequest.id == row.id)
        .values(**values, closed_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await outbox.add_event(session, "access.answered", supplier=row.supplier_id, access=row.id, user=row.asked_by)
    detail = {"buyer": str(row.buyer_id), "state": values["state"]}
    await audit.add_audit(
        session, actor, "access.answered", "access_request", row.id, concerns=row.buyer_id, detail=detail
    )
