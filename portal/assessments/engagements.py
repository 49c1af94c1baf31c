"""Engaging a third party for one submission: it accepts, the supplier consents, and any of them ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, Text, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, sharing
from portal.database import audit, ids, outbox
from portal.database.tables.assessments import Submission
from portal.database.tables.publishing import Questionnaire
from portal.database.tables.reviews import Engagement

Act = Literal["accept", "consent", "end"]
PAST: dict[Act, str] = {"accept": "accepted", "consent": "consented", "end": "ended"}
TEXTS = ARRAY(Text())


@dataclass(frozen=True)
class Reviewer:
    """A third party that the operator has approved."""

    reviewer_id: UUID
    name: str
    country: str | None


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a third party is to read, for what, and until when."""

    sections: tuple[str, ...]
    include_evidence: bool
    until: datetime
    purpose: str


async def list_reviewers(session: AsyncSession, actor: Actor) -> list[Reviewer]:
    """The third parties that may be engaged, by name."""
    access.require(actor, access.ENGAGED)
    listed = func.portal.list_reviewers().table_valued("reviewer_id", "name", "country")
    found = await session.execute(select(listed).order_by(listed.c.name, listed.c.reviewer_id))
    return [Reviewer(*row) for row in found]


async def propose_engagement(
    session: AsyncSession, actor: Actor, *, supplier_id: UUID, submission_id: UUID, reviewer_id: UUID, scope: Scope
) -> UUID:
    """Propose that a third party looks at a submission; by its supplier that is consent, by a buyer it waits for that.

    Raises NotFound (submission, reviewer), InvalidInput with every problem, Conflict WITHDRAWN, NOT_PUBLIC where the
    reviewer could not read the questions, and ALREADY_PROPOSED while one of the same two is open.
    """
    is_own = supplier_id == actor.organization
    access.require(actor, access.SUPPLIER_EDITOR if is_own else access.BUYER_EDITOR)
    submission = await find_submission(session, supplier_id, submission_id)
    if all(one.reviewer_id != reviewer_id for one in await list_reviewers(session, actor)) or reviewer_id in (
        supplier_id,
        actor.organization,
    ):
        raise errors.NotFound("There is no such reviewer.", path=("reviewerId",))
    await _check_questionnaire(session, submission, reviewer_id)
    await _check_scope(session, submission, scope)
    engagement_id = ids.new_id()
    values: dict[str, Any] = {
        "supplier_id": supplier_id,
        "id": engagement_id,
        "submission_id": submission_id,
        "reviewer_id": reviewer_id,
        "proposer_id": actor.organization,
        "questionnaire": submission.questionnaire,
        "period_start": submission.period_start,
        "period_end": submission.period_end,
        "sections": list(scope.sections),
        "include_evidence": scope.include_evidence,
        "purpose": scope.purpose.strip(),
        "until": scope.until,
        "proposed_by": actor.user_id,
        "consented_at": func.portal.clock() if is_own else None,
    }
    await session.execute(select(func.portal.close_engagements_run_out(supplier_id, submission_id, reviewer_id)))
    try:
        async with session.begin_nested():
            await session.execute(insert(Engagement).inline().values(**values))
    except IntegrityError as error:
        if "uq_engagement_open" not in str(error.orig):
            raise
        words = "You have engaged this reviewer for this submission already; end that one first."
        raise errors.Conflict(words, code="ALREADY_PROPOSED", path=("reviewerId",)) from None
    for to in [reviewer_id] if is_own else [reviewer_id, supplier_id]:
        await outbox.add_event(session, "engagement.proposed", supplier=supplier_id, engagement=engagement_id, to=to)
    concerns = reviewer_id if is_own else supplier_id
    await audit.add_audit(
        session, actor, "engagement.proposed", "engagement", engagement_id, concerns=concerns, owner=supplier_id
    )
    return engagement_id


async def find_submission(
    session: AsyncSession, supplier_id: UUID, submission_id: UUID, named: str = "submissionId"
) -> Submission:
    """A submission that the caller may read, its own or a shared one, which an input field names.

    Raises NotFound, and Conflict WITHDRAWN.
    """
    found: Submission | None = await session.scalar(
        select(Submission).where(Submission.supplier_id == supplier_id, Submission.id == submission_id)
    )
    if found is None:
        raise errors.NotFound("There is no such submission.", path=(named,))
    if found.state == "withdrawn":
        raise errors.Conflict("This submission was withdrawn; nobody can read it.", code="WITHDRAWN")
    return found


async def _check_questionnaire(session: AsyncSession, submission: Submission, reviewer_id: UUID) -> None:
    table = Questionnaire
    reads = (table.visibility == "public") | (table.owner_id == reviewer_id)
    if not await session.scalar(select(reads).where(table.key == submission.questionnaire)):
        words = "This questionnaire is not public, so a third party could not read its questions."
        raise errors.Conflict(words, code="NOT_PUBLIC", path=("submissionId",))


async def _check_scope(session: AsyncSession, submission: Submission, scope: Scope) -> None:
    problems = await _find_section_problems(session, submission, scope.sections)
    problems += await sharing.find_end_problems(session, scope.until)
    problems += sharing.find_purpose_problems(scope.purpose)
    if problems:
        raise errors.InvalidInput("This cannot be proposed so.", problems=problems)


async def _find_section_problems(
    session: AsyncSession, submission: Submission, sections: Sequence[str]
) -> list[errors.FieldProblem]:
    """By the questionnaire, as a buyer does not see which sections there are beyond those opened to it."""
    definition = await definitions.load_definition(session, submission.content_hash)
    known = [section.key for section in definition.sections]
    words = f"At least one, each once, of: {', '.join(known)}."
    if not sections:
        return [errors.FieldProblem(("sections",), "SECTION", words)]
    return [
        errors.FieldProblem(("sections", place), "SECTION", words)
        for place, section in enumerate(sections)
        if section not in known or section in sections[:place]
    ]


async def accept_engagement(session: AsyncSession, actor: Actor, *, supplier_id: UUID, engagement_id: UUID) -> None:
    """The reviewing organization takes it on; again changes nothing. Raises NotFound also once it is over."""
    access.require(actor, access.REVIEWER_EDITOR)
    await _answer(session, actor, supplier_id, engagement_id, "accept")


async def consent_to_engagement(
    session: AsyncSession,
    actor: Actor,
    *,
    engagement_id: UUID,
    sections: tuple[str, ...] | None = None,
    include_evidence: bool | None = None,
    until: datetime | None = None,
) -> None:
    """The supplier lets the third party read, narrower or shorter where it says so; again changes nothing.

    What is live already is changed at its share. Raises NotFound also once it is over, InvalidInput.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    row = await session.scalar(
        select(Engagement).where(Engagement.supplier_id == actor.organization, Engagement.id == engagement_id)
    )
    if row is None:
        raise errors.NotFound("There is no such engagement.", path=("engagementId",))
    if row.share_id is not None:
        return
    submission = await find_submission(session, actor.organization, row.submission_id)
    problems = [] if sections is None else await _find_section_problems(session, submission, sections)
    problems += await sharing.find_end_problems(session, until)
    if problems:
        raise errors.InvalidInput("This cannot be consented to so.", problems=problems)
    await _answer(
        session,
        actor,
        actor.organization,
        engagement_id,
        "consent",
        sections=sections,
        include_evidence=include_evidence,
        until=until,
    )


async def end_engagement(session: AsyncSession, actor: Actor, *, supplier_id: UUID, engagement_id: UUID) -> None:
    """Any party ends it, or declines what was proposed: the reviewer's next call finds nothing. Raises NotFound."""
    access.require(actor, access.ENGAGEMENT_EDITOR)
    await _answer(session, actor, supplier_id, engagement_id, "end")


async def _answer(
    session: AsyncSession,
    actor: Actor,
    supplier_id: UUID,
    engagement_id: UUID,
    act: Act,
    *,
    sections: Sequence[str] | None = None,
    include_evidence: bool | None = None,
    until: datetime | None = None,
) -> None:
    before = await _read_moments(session, supplier_id, engagement_id)
    share_id = ids.new_id()
    opened = None if sections is None else list(sections)
    answer = func.portal.answer_engagement(
        supplier_id, engagement_id, act, share_id, actor.user_id, literal(opened, TEXTS), include_evidence, until
    )
    became = (await session.execute(select(answer))).scalar_one()
    if became is None:
        raise errors.NotFound("There is no such open engagement.", path=("engagementId",))
    row = await session.scalar(
        select(Engagement)
        .where(Engagement.supplier_id == supplier_id, Engagement.id == engagement_id)
        .execution_options(populate_existing=True)
    )
    if row is not None and row.share_id is not None:
        parts = {"supplier": supplier_id, "buyer": row.reviewer_id, "share": row.share_id}
        became_so = "created" if row.share_id == share_id else "revoked" if _list_moments(row) != before else None
        await outbox.add_event(session, "share.changed", **parts, act=became_so)
    if row is not None and _list_moments(row) != before:
        topic = f"engagement.{PAST[act]}"
        told = {row.supplier_id, row.reviewer_id, row.proposer_id} - {actor.organization}
        events = [{"supplier": supplier_id, "engagement": engagement_id, "to": one} for one in sorted(told)]
        await outbox.add_events(session, topic, events)
    is_own = actor.organization == supplier_id
    concerns = (None if row is None else row.reviewer_id) if is_own else supplier_id
    await audit.add_audit(
        session, actor, f"engagement.{PAST[act]}", "engagement", engagement_id, concerns=concerns, owner=supplier_id
    )


async def _read_moments(session: AsyncSession, supplier_id: UUID, engagement_id: UUID) -> tuple[datetime | None, ...]:
    """When an engagement was accepted, consented to and ended, so that a repeated call is seen to change nothing."""
    row = await session.scalar(
        select(Engagement)
        .where(Engagement.supplier_id == supplier_id, Engagement.id == engagement_id)
        .execution_options(populate_existing=True)
    )
    return () if row is None else _list_moments(row)


def _list_moments(row: Engagement) -> tuple[datetime | None, ...]:
    return row.accepted_at, row.consented_at, row.ended_at
