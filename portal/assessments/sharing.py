"""The supplier's consent: letting one buyer read a submission, changing that, ending it, and seeing it beforehand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import joining, live_shares, received, submissions
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import assessments as assessment_tables
from portal.database.tables.publishing import Questionnaire
from portal.database.tables.shares import Share

MAX_PURPOSE = 500
LONGEST = timedelta(days=5 * 366)
LIVE = ("open", "accepted")
OVER = {"withdrawn": "was withdrawn by the buyer", "not_us": 'was answered with "not us"'}
Mode = Literal["snapshot", "following"]


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What may be read, besides the summary, and until when (none: until it is revoked)."""

    mode: Mode = "snapshot"
    sections: tuple[str, ...] = ()
    include_evidence: bool = False
    until: datetime | None = None
    purpose: str | None = None  # none: that of the request


@dataclass(frozen=True)
class Shared:
    """A share and the requests that it fulfilled."""

    share_id: UUID
    fulfilled: tuple[UUID, ...]


@dataclass(frozen=True)
class LinkedBuyer:
    """A buyer whose invitation the supplier accepted; while it is not active nothing can be shared with it."""

    buyer_id: UUID
    name: str
    country: str | None
    linked_at: datetime
    is_active: bool


async def share_result(
    session: AsyncSession,
    actor: Actor,
    *,
    submission_id: UUID,
    request_id: UUID | None = None,
    buyer_id: UUID | None = None,
    consent: Consent,
    idempotency_key: str | None = None,
) -> Shared:
    """Share a submission with the buyer of a request, or with a linked buyer; what that buyer asked is fulfilled.

    A request that was declined is fulfilled too: sharing is the way back. What followed the same subject for that buyer
    before is replaced by a share that follows. Raises NotFound (submission, request or link), InvalidInput with every
    problem, Conflict for a withdrawn submission, a request that it does not meet or that is over, or a buyer that may
    not act. With the same key again, or where the very same is shared already, that share and what it fulfilled.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = {"submission": submission_id, "request": request_id, "buyer": buyer_id, "consent": asdict(consent)}
    made = await idempotency.find_made(session, actor, idempotency_key, "shareResult", body)
    if made is not None:
        return Shared(UUID(made[0]), tuple(UUID(one) for one in made[1:]))
    await joining.take_turn(session, actor)
    submission = await submissions.get_submission(session, actor, submission_id)
    if submission.state == "withdrawn":
        raise errors.Conflict("This submission was withdrawn; nobody can read it.", code="WITHDRAWN")
    request = await _find_request(session, actor, request_id, buyer_id)
    buyer = await _find_buyer(session, request, buyer_id)
    await _check_reader(session, submission, buyer)
    purpose = consent.purpose if request is None else consent.purpose or request.purpose
    await _check_consent(session, actor, submission_id, consent, purpose)
    if request is not None:
        await _join_request(session, actor, request, submission)
    share_id = await _find_same(session, actor, submission, buyer, consent, purpose)
    is_new = share_id is None
    if share_id is None:
        share_id = await _insert_share(session, actor, submission, buyer, request_id, consent, purpose)
    await live_shares.replace_following(session, actor, share_id)
    fulfilled = await _fulfill(session, actor, buyer, submission, request)
    if is_new or fulfilled:
        await _tell(session, actor, "result.shared", buyer, share_id)
    else:  # the same again, maybe after a lost reply
        fulfilled = await received.list_fulfilled(
            session, actor, share_id=share_id, assessment_id=submission.assessment_id, named=request_id
        )
    kept = Shared(share_id, tuple(fulfilled))
    await idempotency.keep_made(session, actor, idempotency_key, "shareResult", body, [share_id, *kept.fulfilled])
    return kept


async def _find_request(
    session: AsyncSession, actor: Actor, request_id: UUID | None, buyer_id: UUID | None
) -> assessment_tables.Request | None:
    if (request_id is None) == (buyer_id is None):
        words = "Say with whom: either the request that this answers, or a buyer you are linked with."
        raise errors.InvalidInput(words, code="ONE_OF", path=("requestId",))
    if request_id is None:
        return None
    found = await received.find_received(session, actor, [request_id])
    if request_id not in found:
        raise errors.NotFound("There is no such request.", path=("requestId",))
    return found[request_id].request


async def _find_buyer(session: AsyncSession, request: assessment_tables.Request | None, buyer_id: UUID | None) -> UUID:
    """The linked buyer of a request, or the one named, if it may act as a buyer now."""
    wanted = buyer_id if request is None else request.buyer_id
    listed = func.portal.list_linked_buyers().table_valued("buyer_id", "is_active")
    is_active = await session.scalar(select(listed.c.is_active).where(listed.c.buyer_id == wanted))
    if wanted is None or is_active is None:
        raise errors.NotFound("You are not linked with such a buyer.", path=("buyerId",))
    if not is_active:
        words = "This organization may not act as a buyer at present, so nothing can be shared with it."
        raise errors.Conflict(words, code="NOT_ACTIVE_BUYER", path=("buyerId" if request is None else "requestId",))
    return wanted


async def _check_reader(session: AsyncSession, submission: assessment_tables.Submission, buyer: UUID) -> None:
    """Raise Conflict where the buyer could not read the questions: one that is not public is for its publisher."""
    table = Questionnaire
    reads = (table.visibility == "public") | (table.owner_id == buyer)
    if not await session.scalar(select(reads).where(table.key == submission.questionnaire)):
        words = "This questionnaire belongs to another organization and is not public, so nobody else can read answers."
        raise errors.Conflict(words, code="NOT_FOR_BUYER", path=("submissionId",))


async def _fulfill(
    session: AsyncSession,
    actor: Actor,
    buyer: UUID,
    submission: assessment_tables.Submission,
    request: assessment_tables.Request | None,
) -> list[UUID]:
    """What the share answers of that buyer's requests, the declined one that it names too."""
    answered = await received.fulfill_requests(
        session, actor, buyer_id=buyer, assessment_id=submission.assessment_id, tier=submission.tier
    )
    fulfilled = [one.id for one in answered]
    if request is not None and request.state == "declined":
        assessment = submission.assessment_id
        if await received.fulfill_declined(session, actor, request_id=request.id, assessment_id=assessment):
            fulfilled.append(request.id)
    return fulfilled


async def _check_consent(
    session: AsyncSession, actor: Actor, submission_id: UUID, consent: Consent, purpose: str | None
) -> None:
    problems = await _find_section_problems(session, actor, submission_id, consent.sections)
    problems += await find_end_problems(session, consent.until)
    problems += find_purpose_problems(purpose)
    if problems:
        raise errors.InvalidInput("This cannot be shared so.", problems=problems)


def find_purpose_problems(purpose: str | None) -> list[errors.FieldProblem]:
    """What is wrong with the words for what somebody may use what it reads."""
    if purpose is not None and purpose.strip() and len(purpose) <= MAX_PURPOSE and "\x00" not in purpose:
        return []
    words = f"Say in 1 to {MAX_PURPOSE} characters what the buyer may use this for."
    return [errors.FieldProblem(("purpose",), "PURPOSE", words)]


async def _find_section_problems(
    session: AsyncSession, actor: Actor, submission_id: UUID, sections: Sequence[str]
) -> list[errors.FieldProblem]:
    if not sections:
        return []
    table = assessment_tables.SubmissionSection
    known = set(
        await session.scalars(
            select(table.section).where(table.supplier_id == actor.organization, table.submission_id == submission_id)
        )
    )
    words = f"Allowed, each once: {', '.join(sorted(known))}."
    return [
        errors.FieldProblem(("sections", place), "SECTION", words)
        for place, section in enumerate(sections)
        if section not in known or section in sections[:place]
    ]


async def find_end_problems(session: AsyncSession, until: datetime | None) -> list[errors.FieldProblem]:
    """What is wrong with the end of a share; none is no problem."""
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    if until is None or now < until <= now + LONGEST:
        return []
    words = "The end must be in the future and at most five years away; to end a share now, revoke it."
    return [errors.FieldProblem(("until",), "UNTIL", words)]


async def _join_request(
    session: AsyncSession,
    actor: Actor,
    request: assessment_tables.Request,
    submission: assessment_tables.Submission,
) -> None:
    """See that the submission answers the request, and accept the request where that was not done yet."""
    if request.state in OVER:
        words = f"This request {OVER[request.state]}; to share the result all the same, name the buyer in buyerId."
        raise errors.Conflict(words, code="NOT_OPEN", path=("requestId",))
    if not joining.is_enough(submission.tier, request.minimum_tier):
        words = f"The buyer asks for the tier {request.minimum_tier}; this was answered at {submission.tier}."
        raise errors.Conflict(words, code="TIER_TOO_LOW", path=("requestId",))
    names = ("questionnaire", "subject", "period_start", "period_end")
    if any(getattr(request, name) != getattr(submission, name) for name in names):
        words = "This submission answers another questionnaire, subject or period than the buyer asks for."
        raise errors.Conflict(words, code="OTHER_SUBJECT", path=("requestId",))
    if request.state not in LIVE:
        return
    if request.assessment_id is None:
        await joining.check_site(session, actor, submission.subject_key if submission.subject == "site" else None)
        await received.accept_with(session, actor, request_id=request.id, assessment_id=submission.assessment_id)
    elif not await _is_of_subject(session, actor, request.assessment_id, submission.subject_key):
        words = "You answer this request with another assessment; share the submission of that one."
        raise errors.Conflict(words, code="OTHER_ASSESSMENT", path=("requestId",))


async def _is_of_subject(session: AsyncSession, actor: Actor, assessment_id: UUID, subject_key: UUID) -> bool:
    """Whether a request's assessment is about the same organization or site: any revision of it answers the request."""
    table = assessment_tables.Assessment
    statement = select(table.subject_key).where(table.supplier_id == actor.organization, table.id == assessment_id)
    return await session.scalar(statement) == subject_key


async def _find_same(
    session: AsyncSession,
    actor: Actor,
    submission: assessment_tables.Submission,
    buyer: UUID,
    consent: Consent,
    purpose: str | None,
) -> UUID | None:
    """A share that can be read now and opens exactly this: a second one would have to be revoked a second time."""
    found: UUID | None = await session.scalar(
        select(Share.id)
        .where(
            Share.supplier_id == actor.organization,
            Share.submission_id == submission.id,
            Share.buyer_id == buyer,
            Share.mode == consent.mode,
            Share.sections.contains(list(consent.sections)),
            Share.sections.contained_by(list(consent.sections)),
            Share.include_evidence == consent.include_evidence,
            Share.until.is_not_distinct_from(consent.until),
            Share.purpose == (purpose or "").strip(),
            Share.revoked_at.is_(None),
        )
        .order_by(Share.id)
        .limit(1)
    )
    return found


async def _insert_share(
    session: AsyncSession,
    actor: Actor,
    submission: assessment_tables.Submission,
    buyer: UUID,
    request_id: UUID | None,
    consent: Consent,
    purpose: str | None,
) -> UUID:
    share_id = ids.new_id()
    await session.execute(
        insert(Share)
        .inline()
        .values(
            supplier_id=actor.organization,
            buyer_id=buyer,
            id=share_id,
            questionnaire=submission.questionnaire,
            subject_key=submission.subject_key,
            submission_id=submission.id,
            follows_from=submission.submitted_at,
            mode=consent.mode,
            sections=list(consent.sections),
            include_evidence=consent.include_evidence,
            purpose=(purpose or "").strip(),
            request_id=request_id,
            until=consent.until,
            created_by=actor.user_id,
        )
    )
    return share_id


async def change_share(
    session: AsyncSession,
    actor: Actor,
    *,
    share_id: UUID,
    sections: tuple[str, ...] | None = None,
    include_evidence: bool | None = None,
    until: datetime | None = None,
    endless: bool = False,
) -> None:
    """Give a share another end, earlier or later, or other sections; what is none stays. Acts at once.

    Raises NotFound, Conflict ENDED for a share that is over, InvalidInput.
    """
    row = await _lock_share(session, actor, share_id)
    if row.revoked_at is not None or not await _is_live(session, row):
        raise errors.Conflict("This share has ended; share the result anew.", code="ENDED", path=("shareId",))
    problems = await _find_section_problems(session, actor, row.submission_id, sections or ())
    problems += await find_end_problems(session, until)
    if endless and until is not None:
        problems.append(errors.FieldProblem(("until",), "UNTIL", "Give an end, or say that there is none."))
    if endless and row.sections_only:
        problems.append(errors.FieldProblem(("until",), "UNTIL", "An engagement has an end."))
    if problems:
        raise errors.InvalidInput("The share cannot be changed so.", problems=problems)
    given: dict[str, Any] = {"include_evidence": include_evidence, "until": until}
    values = {name: value for name, value in given.items() if value is not None}
    values |= {} if sections is None else {"sections": list(sections)}
    values |= {"until": None} if endless else {}
    if values:
        await _write(session, actor, share_id, values)
        await session.execute(select(func.portal.bound_cards_of_share(share_id)))
        await _tell(session, actor, "share.changed", row.buyer_id, share_id)


async def revoke_share(session: AsyncSession, actor: Actor, *, share_id: UUID) -> None:
    """End a share in this transaction: the buyer's next call finds nothing of it. Again changes nothing.

    Raises NotFound.
    """
    row = await _lock_share(session, actor, share_id, rule=access.SHARE_ENDER)
    if row.revoked_at is not None:
        return
    await live_shares.end_shares(session, actor, [(share_id, row.buyer_id)], "share.revoked")


@asynccontextmanager
async def preview_share(
    session: AsyncSession,
    actor: Actor,
    *,
    submission_id: UUID,
    request_id: UUID | None = None,
    buyer_id: UUID | None = None,
    consent: Consent,
) -> AsyncIterator[UUID]:
    """Make the share as it would be, for as long as the context is open, and then undo all of it.

    Whoever reads the result through the share inside sees what the buyer would see. Raises what `share_result` raises.
    """
    savepoint = await session.begin_nested()
    try:
        shared = await share_result(
            session, actor, submission_id=submission_id, request_id=request_id, buyer_id=buyer_id, consent=consent
        )
        yield shared.share_id
    finally:
        await savepoint.rollback()


async def list_linked_buyers(session: AsyncSession, actor: Actor) -> list[LinkedBuyer]:
    """The buyers whose invitations the supplier accepted, by name: with them it may share."""
    access.require(actor, access.SUPPLIER)
    listed = func.portal.list_linked_buyers().table_valued("buyer_id", "name", "country", "linked_at", "is_active")
    found = await session.execute(select(listed).order_by(listed.c.name, listed.c.buyer_id))
    return [LinkedBuyer(*row) for row in found]


async def _lock_share(
    session: AsyncSession, actor: Actor, share_id: UUID, *, rule: access.Rule = access.SUPPLIER_EDITOR
) -> Share:
    access.require(actor, rule)
    row = await session.scalar(
        select(Share)
        .where(Share.supplier_id == actor.organization, Share.id == share_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise errors.NotFound("There is no such share.", path=("shareId",))
    return row


async def _is_live(session: AsyncSession, row: Share) -> bool:
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    return row.until is None or now < row.until


async def _write(session: AsyncSession, actor: Actor, share_id: UUID, values: dict[str, Any]) -> None:
    await session.execute(
        update(Share)
        .where(Share.supplier_id == actor.organization, Share.id == share_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def _tell(session: AsyncSession, actor: Actor, action: str, buyer_id: UUID, share_id: UUID) -> None:
    parts = {"supplier": actor.organization, "buyer": buyer_id, "share": share_id}
    act = "created" if action == "result.shared" else "changed"
    await outbox.add_event(session, "share.changed", **parts, act=act)
    await audit.add_audit(session, actor, action, "share", share_id, concerns=buyer_id, detail={"buyer": str(buyer_id)})


async def list_fulfilled_ids(session: AsyncSession, actor: Actor, shared: Shared) -> list[tuple[UUID, UUID]]:
    """The requests that a share fulfilled, each with its buyer."""
    found = await received.find_received(session, actor, shared.fulfilled)
    return [(found[one].request.buyer_id, one) for one in shared.fulfilled if one in found]
