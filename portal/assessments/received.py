"""A supplier's side of requests: who asks for what and why, accepting, declining, and saying "not us"."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, joining, pushed_answers, revisions
from portal.assessments.joining import Place
from portal.assessments.revisions import Revision
from portal.database import audit, outbox
from portal.database.tables import assessments as tables
from portal.database.tables.identity import Organization
from portal.database.tables.shares import Share
from questionnaires.definition import TIERS

MAX_REASON = 1_000
Outcome = Literal["started", "joined", "tier_raised", "already_submitted", "revision_needed", "revision_started"]


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What accepting led to.

    `already_submitted`: the answers exist at a sufficient tier in `submission_id`, share them. `revision_needed`: they
    exist at a lower tier (or were withdrawn), start a revision. `revision_started`: `revision` says what became of the
    writes that had waited.
    """

    request: tables.Request
    assessment: tables.Assessment
    outcome: Outcome
    submission_id: UUID | None
    revision: Revision | None


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request with the name of the buyer behind it."""

    request: tables.Request
    buyer_name: str | None


@dataclass(frozen=True)
class _Said:
    """A refusal: the state that it leads to, and its reason."""

    state: str
    reason: str | None


async def accept_request(
    session: AsyncSession,
    actor: Actor,
    *,
    request_id: UUID,
    site_id: UUID | None = None,
    start_revision: bool = False,
) -> Accepted:
    """Join or start the assessment of the request's questionnaire, subject and period; again gives the same.

    `site_id` says which site is meant, where a site is asked for. `start_revision` starts one at once where the answers
    were submitted at too low a tier. What the buyer can read already is fulfilled at once. What was asked along with it
    is accepted too, unless it cannot be just now: it waits by itself then. Raises NotFound, Conflict, InvalidInput.
    """
    done = await join_request(session, actor, request_id=request_id, site_id=site_id, start_revision=start_revision)
    await _fulfill_at_once(session, actor, done)
    for part in await _lock_parts(session, actor, done.request, states=("open",)):
        with contextlib.suppress(errors.Conflict, errors.NotFound, errors.InvalidInput):
            async with session.begin_nested():
                joined = await join_request(session, actor, request_id=part.id, site_id=done.assessment.site_id)
                await _fulfill_at_once(session, actor, joined)
    return done


async def _fulfill_at_once(session: AsyncSession, actor: Actor, done: Accepted) -> None:
    """What the buyer can read already is not waited for."""
    if done.submission_id is None:
        return
    await fulfill_covered(
        session,
        actor,
        submission_id=done.submission_id,
        assessment_id=done.assessment.id,
        tier=done.assessment.tier,
    )
    await session.refresh(done.request)


async def join_request(
    session: AsyncSession,
    actor: Actor,
    *,
    request_id: UUID,
    site_id: UUID | None = None,
    start_revision: bool = False,
) -> Accepted:
    """Accept a request without looking whether its buyer can read the answers already. Raises as `accept_request`."""
    await joining.take_turn(session, actor)
    row = await _lock_answerable(session, actor, request_id)
    place = await _find_place(session, actor, row, site_id)
    assessment, started = await joining.find_or_start(session, actor, place, row.minimum_tier, was_asked=True)
    shareable = None if started else await _find_shareable(session, actor, place, row.minimum_tier)
    outcome: Outcome = "started" if started else "joined"
    revision: Revision | None = None
    if shareable is not None:  # a correction that was begun, or withdrawn, takes nothing from it
        outcome = "already_submitted"
        assessment = await session.get_one(tables.Assessment, (actor.organization, shareable.assessment_id))
    elif assessment.state == "submitted":
        assessment, outcome = await revisions.find_base(session, actor, assessment), "revision_needed"
    elif not joining.is_enough(assessment.tier, row.minimum_tier):
        revision = await _raise_tier(session, actor, assessment, row.minimum_tier)
        outcome = "tier_raised"
    if outcome in ("started", "tier_raised"):
        await pushed_answers.deliver_waiting(session, actor, assessment)
    await change_request(session, actor, row, "request.accepted", state="accepted", assessment_id=assessment.id)
    if outcome == "revision_needed" and start_revision:
        version = await definitions.load_version(session, assessment.questionnaire, assessment.version)
        tier = await joining.raise_to_demanded(session, actor, assessment, version.definition)
        revision = await revisions.start_revision(session, actor, assessment, tier)
        assessment = revision.assessment
        await session.refresh(row)
        outcome = "revision_started"
    return Accepted(
        request=row,
        assessment=assessment,
        outcome=outcome,
        submission_id=None if shareable is None else shareable.id,
        revision=revision,
    )


async def _find_place(session: AsyncSession, actor: Actor, row: tables.Request, site_id: UUID | None) -> Place:
    if row.subject == "site" and site_id is None and row.assessment_id is not None:
        site_id = await session.scalar(
            select(tables.Assessment.site_id).where(
                tables.Assessment.supplier_id == actor.organization, tables.Assessment.id == row.assessment_id
            )
        )
    if row.subject == "site" and site_id is None:
        named = "" if row.subject_name is None else f' The buyer calls it "{row.subject_name}".'
        raise errors.InvalidInput(f"Say which of your sites is meant.{named}", code="SITE_NEEDED", path=("siteId",))
    if row.subject == "organization" and site_id is not None:
        words = "This request is about the organization as a whole, not about a site."
        raise errors.InvalidInput(words, code="SITE_NOT_EXPECTED", path=("siteId",))
    await joining.check_site(session, actor, site_id)
    return Place(
        questionnaire=row.questionnaire,
        site_id=site_id,
        period_start=row.period_start,
        period_end=row.period_end,
    )


async def _raise_tier(session: AsyncSession, actor: Actor, assessment: tables.Assessment, tier: str) -> Revision | None:
    """Also what became of writes that waited, where the draft answered a clarification and is open for all now."""
    is_opened = assessment.reopened is not None
    version = await definitions.load_version(session, assessment.questionnaire, assessment.version)
    if tier not in version.definition.tier_keys:
        words = f"The draft is on version {assessment.version}, which has no tier {tier}; upgrade the draft first."
        raise errors.Conflict(words, code="UPGRADE_NEEDED")
    await joining.set_tier(session, actor, assessment, tier)
    if not is_opened:
        return None
    outcomes = await revisions.take_waiting(session, actor, assessment)
    await session.refresh(assessment)
    return Revision(assessment=assessment, definition=version.definition, outcomes=outcomes)


async def _find_shareable(session: AsyncSession, actor: Actor, place: Place, tier: str) -> tables.Submission | None:
    """What counts for a place, where it has this tier at least."""
    table = tables.Submission
    found: tables.Submission | None = await session.scalar(
        select(table).where(
            table.supplier_id == actor.organization,
            table.questionnaire == place.questionnaire,
            table.subject_key == (place.site_id or actor.organization),
            table.period_start == place.period_start,
            table.period_end == place.period_end,
            table.state == "current",
        )
    )
    return found if found is not None and joining.is_enough(found.tier, tier) else None


async def accept_with(session: AsyncSession, actor: Actor, *, request_id: UUID, assessment_id: UUID) -> None:
    """Accept a request that an assessment of the caller's has answered already. Raises NotFound, Conflict NOT_OPEN."""
    row = await _lock_answerable(session, actor, request_id)
    await change_request(session, actor, row, "request.accepted", state="accepted", assessment_id=assessment_id)


async def decline_request(
    session: AsyncSession, actor: Actor, *, request_id: UUID, reason: str | None = None
) -> tables.Request:
    """Say no, with a reason that the buyer reads, or with none; again with the same changes nothing.

    Nobody has to give one, so that a refusal without says nothing: neither of the supplier, nor, where it is asked for
    more than its limit, of what others ask of it. Raises NotFound, Conflict, InvalidInput.
    """
    said = _Said("declined", _read_reason(reason))
    row = await _lock_answerable(session, actor, request_id, said)
    return await _refuse(session, actor, row, said)


async def decline_whole(
    session: AsyncSession, actor: Actor, *, request_id: UUID, reason: str | None = None
) -> tables.Request:
    """Say no to a request and to what was asked along with it: of both there is one letter. Raises as the other."""
    said = _Said("declined", _read_reason(reason))
    row = await _lock_answerable(session, actor, request_id, said)
    for part in await _lock_parts(session, actor, row, states=("open", "accepted")):
        await _refuse(session, actor, part, said)
    return await _refuse(session, actor, row, said)


async def disown_request(session: AsyncSession, actor: Actor, *, request_id: UUID, reason: str) -> tables.Request:
    """Say "not us": the buyer means somebody else, also with what was asked along; again changes nothing.

    Raises NotFound, Conflict, InvalidInput.
    """
    said = _Said("not_us", _read_reason(reason))
    row = await _lock_answerable(session, actor, request_id, said)
    for part in await _lock_parts(session, actor, row, states=("open", "accepted")):
        await _refuse(session, actor, part, said)
    return await _refuse(session, actor, row, said)


async def _lock_parts(
    session: AsyncSession, actor: Actor, row: tables.Request, states: Sequence[str]
) -> list[tables.Request]:
    """What was asked along with a request and is in one of these states."""
    table = tables.Request
    found = await session.scalars(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.buyer_id == row.buyer_id,
            table.extra_of == row.id,
            table.state.in_(states),
        )
        .order_by(table.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def _refuse(session: AsyncSession, actor: Actor, row: tables.Request, said: _Said) -> tables.Request:
    return await change_request(
        session, actor, row, f"request.{said.state}", state=said.state, state_reason=said.reason
    )


def _read_reason(reason: str | None) -> str | None:
    if reason is not None and (not reason.strip() or len(reason) > MAX_REASON or "\x00" in reason):
        words = f"Give a reason of 1 to {MAX_REASON} characters; the buyer reads it."
        raise errors.InvalidInput(words, code="REASON", path=("reason",))
    return None if reason is None else reason.strip()


async def _lock_answerable(
    session: AsyncSession, actor: Actor, request_id: UUID, said: _Said | None = None
) -> tables.Request:
    """A request that waits, or one to which just this was `said` before: whose reply got lost says it again."""
    access.require(actor, access.SUPPLIER_EDITOR)
    table = tables.Request
    row = await session.scalar(
        select(table)
        .where(table.supplier_id == actor.organization, table.id == request_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise errors.NotFound("There is no such request.", path=("requestId",))
    if row.state not in ("open", "accepted") and _Said(row.state, row.state_reason) != said:
        words = f"This request is {row.state.replace('_', ' ')} already."
        if row.state == "declined":
            words += " Changed your mind? Answer the questionnaire, and share the result naming this request."
        raise errors.Conflict(words, code="NOT_OPEN", path=("requestId",))
    return row


async def change_request(
    session: AsyncSession, actor: Actor, row: tables.Request, action: str, told_as: str | None = None, **values: Any
) -> tables.Request:
    """Write a change and tell the buyer by an event, as its state or `told_as`; the same again changes nothing."""
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    table = tables.Request
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.buyer_id == row.buyer_id, table.id == row.id)
        .values(**values, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
    await outbox.add_event(
        session,
        "request.changed",
        buyer=row.buyer_id,
        request=row.id,
        record=row.supplier_record_id,
        supplier=actor.organization,
        **({"state": told_as or row.state} if "state" in values else {}),
    )
    await audit.add_audit(session, actor, action, "request", row.id, concerns=row.buyer_id, owner=row.buyer_id)
    return row


async def lock_fulfilled(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> list[tables.Request]:
    """Those requests to the caller's organization that are fulfilled, locked against other writers, by id."""
    table = tables.Request
    found = await session.scalars(
        select(table)
        .where(table.supplier_id == actor.organization, table.id.in_(wanted), table.state == "fulfilled")
        .order_by(table.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def fulfill_requests(
    session: AsyncSession, actor: Actor, *, buyer_id: UUID, assessment_id: UUID, tier: str
) -> list[tables.Request]:
    """Mark what a buyer asked as fulfilled, after a submission of the assessment at this tier was shared with it.

    Also what is to be answered by another revision of it: one that was begun since, or was withdrawn.
    """
    return await _fulfill(session, actor, assessment_id, tier, tables.Request.buyer_id == buyer_id)


async def fulfill_covered(
    session: AsyncSession, actor: Actor, *, submission_id: UUID, assessment_id: UUID, tier: str
) -> list[tables.Request]:
    """Mark as fulfilled what those buyers asked that a live share lets read the submission anyhow."""
    share, submission = Share.__table__.alias(), tables.Submission.__table__.alias()
    reads = (
        exists()
        .where(
            share.c.supplier_id == actor.organization,
            share.c.buyer_id == tables.Request.buyer_id,
            submission.c.supplier_id == share.c.supplier_id,
            submission.c.id == submission_id,
            func.portal.share_is_live(share.table_valued()),
            func.portal.share_covers(share.table_valued(), submission.table_valued()),
        )
        .correlate(tables.Request)
    )
    return await _fulfill(session, actor, assessment_id, tier, reads)


async def fulfill_declined(session: AsyncSession, actor: Actor, *, request_id: UUID, assessment_id: UUID) -> bool:
    """Mark a request that was declined as fulfilled, after it was answered all the same; its reason goes."""
    table = tables.Request
    row = await session.scalar(
        select(table)
        .where(table.supplier_id == actor.organization, table.id == request_id, table.state == "declined")
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return False
    values: dict[str, Any] = {"state": "fulfilled", "state_reason": None, "assessment_id": assessment_id}
    await change_request(session, actor, row, "request.fulfilled", **values)
    return True


async def list_fulfilled(
    session: AsyncSession, actor: Actor, *, share_id: UUID, assessment_id: UUID, named: UUID | None
) -> list[UUID]:
    """What was fulfilled when a share of the assessment was made, and the request that is named where it was, too."""
    share, table = Share, tables.Request
    found = await session.scalars(
        select(table.id)
        .join(share, and_(share.supplier_id == table.supplier_id, share.buyer_id == table.buyer_id))
        .where(
            table.supplier_id == actor.organization,
            table.assessment_id.in_(_select_revisions(actor, assessment_id)),
            table.state == "fulfilled",
            share.id == share_id,
            (table.updated_at == share.created_at) | (table.id == named),
        )
        .order_by(table.id)
    )
    return list(found)


async def _fulfill(
    session: AsyncSession, actor: Actor, assessment_id: UUID, tier: str, of_buyers: ColumnElement[bool]
) -> list[tables.Request]:
    table = tables.Request
    asked = await session.scalars(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.assessment_id.in_(_select_revisions(actor, assessment_id)),
            table.state.in_(("open", "accepted")),
            table.minimum_tier.in_(TIERS[: TIERS.index(tier) + 1]),
            of_buyers,
        )
        .order_by(table.id)
        .with_for_update(key_share=True)
    )
    values: dict[str, Any] = {"state": "fulfilled", "assessment_id": assessment_id}
    return [await change_request(session, actor, row, "request.fulfilled", **values) for row in list(asked)]


def _select_revisions(actor: Actor, assessment_id: UUID) -> Any:
    """Ids of all revisions for the place of an assessment."""
    one, mine = aliased(tables.Assessment), aliased(tables.Assessment)
    place = ("supplier_id", "questionnaire", "subject_key", "period_start", "period_end")
    return (
        select(one.id)
        .join(mine, and_(*(getattr(one, name) == getattr(mine, name) for name in place)))
        .where(mine.supplier_id == actor.organization, mine.id == assessment_id)
    )


async def find_received(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, Received]:
    """Those requests to the caller's organization that have these ids."""
    found = await session.execute(_select_received(actor).where(tables.Request.id.in_(wanted)))
    return {row[0].id: Received(request=row[0], buyer_name=row[1]) for row in found}


async def list_received(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    after: tuple[date, UUID] | None = None,
    states: Sequence[str] = (),
) -> list[Received]:
    """Requests to the caller's organization, the first due first; `after` is the due date and id of the last one."""
    table = tables.Request
    statement = _select_received(actor)
    if states:
        statement = statement.where(table.state.in_(states))
    if after is not None:
        statement = statement.where((table.due_on > after[0]) | ((table.due_on == after[0]) & (table.id > after[1])))
    found = await session.execute(statement.order_by(table.due_on, table.id).limit(limit))
    return [Received(request=row[0], buyer_name=row[1]) for row in found]


def _select_received(actor: Actor) -> Any:
    return (
        select(tables.Request, Organization.name)
        .outerjoin(Organization, Organization.id == tables.Request.buyer_id)
        .where(tables.Request.supplier_id == actor.organization)
    )
