"""Disputes: a supplier disputes what a reviewer states of an answer, both sides comment, and it stays for ever."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import review_places
from portal.database import audit, ids, outbox
from portal.database.tables.evidence import Evidence
from portal.database.tables.reviews import AssuranceFinding, Dispute, DisputeComment

MOST_DOCUMENTS = 20
MOST_COMMENTS = 100


async def open_dispute(
    session: AsyncSession,
    actor: Actor,
    *,
    statement_id: UUID,
    question: str,
    row_id: str | None = None,
    reason: str,
    documents: Sequence[UUID] = (),
) -> UUID:
    """Dispute what a statement says of one answer; its reviewer may fetch these documents as long as it reads that.

    Raises NotFound (finding, document), Conflict OPEN for one that is disputed already and SUPERSEDED for one that the
    reviewer has replaced, InvalidInput.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    said = review_places.check_text(reason, "reason")
    finding = await _find_finding(session, actor, statement_id, question, row_id or "")
    await _check_documents(session, actor, documents)
    dispute_id = ids.new_id()
    names = ("supplier_id", "submission_id", "reviewer_id", "statement_id", "section", "question", "row_id")
    values: dict[str, Any] = {name: getattr(finding, name) for name in names}
    values |= {"id": dispute_id, "reason": said, "documents": list(documents), "opened_by": actor.user_id}
    try:
        async with session.begin_nested():
            await session.execute(insert(Dispute).inline().values(**values))
    except IntegrityError as error:
        if "uq_dispute_open" not in str(error.orig):
            raise
        words = "This is disputed already; the reviewer has not answered yet."
        raise errors.Conflict(words, code="OPEN", path=("question",)) from None
    parts = {"supplier": actor.organization, "dispute": dispute_id, "to": finding.reviewer_id}
    await outbox.add_event(session, "dispute.opened", **parts)
    await audit.add_audit(session, actor, "dispute.opened", "dispute", dispute_id, concerns=finding.reviewer_id)
    return dispute_id


async def _find_finding(
    session: AsyncSession, actor: Actor, statement_id: UUID, question: str, row_id: str
) -> AssuranceFinding:
    table = AssuranceFinding
    own = (table.supplier_id == actor.organization, table.question == question, table.row_id == row_id)
    found: AssuranceFinding | None = await session.scalar(select(table).where(*own, table.statement_id == statement_id))
    if found is None:
        raise errors.NotFound("There is no such finding.", path=("statementId",))
    newer = await session.scalar(
        select(table.statement_id)
        .where(
            *own,
            table.submission_id == found.submission_id,
            table.reviewer_id == found.reviewer_id,
            table.statement_id > statement_id,
        )
        .limit(1)
    )
    if newer is not None:
        words = "The reviewer has stated something newer of this answer; dispute that."
        raise errors.Conflict(words, code="SUPERSEDED", path=("statementId",))
    return found


async def _check_documents(session: AsyncSession, actor: Actor, documents: Sequence[UUID]) -> None:
    if len(documents) > MOST_DOCUMENTS or len(set(documents)) < len(documents):
        words = f"Up to {MOST_DOCUMENTS} documents, each once."
        raise errors.InvalidInput(words, code="COUNT", path=("documentIds",))
    table = Evidence
    # Held, so that none is deleted until the dispute is there.
    known = set(
        await session.scalars(
            select(table.id)
            .where(table.supplier_id == actor.organization, table.id.in_(documents), table.state == "available")
            .order_by(table.id)
            .with_for_update(read=True, key_share=True)
        )
    )
    for place, one in enumerate(documents):
        if one not in known:
            raise errors.NotFound("There is no such document that was checked.", path=("documentIds", place))


async def withdraw_dispute(session: AsyncSession, actor: Actor, *, dispute_id: UUID) -> None:
    """The supplier lets it go; it stays visible as withdrawn. Raises NotFound, Conflict CLOSED."""
    access.require(actor, access.SUPPLIER_EDITOR)
    changed = await session.scalar(
        update(Dispute)
        .where(Dispute.supplier_id == actor.organization, Dispute.id == dispute_id, Dispute.state == "open")
        .values(state="withdrawn", closed_at=func.portal.clock())
        .returning(Dispute.reviewer_id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        row = await find_dispute(session, actor, actor.organization, dispute_id)
        if row.state != "withdrawn":
            raise errors.Conflict("This dispute was decided already.", code="CLOSED", path=("disputeId",))
        return
    parts = {"supplier": actor.organization, "dispute": dispute_id, "to": changed}
    await outbox.add_event(session, "dispute.withdrawn", **parts)
    await audit.add_audit(session, actor, "dispute.withdrawn", "dispute", dispute_id, concerns=changed)


async def comment_dispute(
    session: AsyncSession, actor: Actor, *, supplier_id: UUID, dispute_id: UUID, comment_id: UUID, body: str
) -> None:
    """Say something to the other side, also once it is decided; the same under its `comment_id` again changes nothing.

    Raises NotFound, InvalidInput for no or too many words, Conflict COUNT for too many comments, and COMMENT_ID_REUSED
    for an id that stands for another one.
    """
    access.require(actor, access.REVIEW_PARTY)
    said = review_places.check_text(body, "body")
    dispute = await find_dispute(session, actor, supplier_id, dispute_id)
    if actor.organization not in (dispute.supplier_id, dispute.reviewer_id):
        raise errors.NotFound("There is no such dispute.", path=("disputeId",))
    access.require(actor, access.SUPPLIER_EDITOR if actor.organization == supplier_id else access.REVIEWER)
    table = DisputeComment
    values = {"dispute_id": dispute_id, "author_id": actor.organization, "body": said}
    if await _is_said(session, supplier_id, comment_id, values):
        return
    count = await session.scalar(
        select(func.count()).where(table.supplier_id == supplier_id, table.dispute_id == dispute_id)
    )
    if (count or 0) >= MOST_COMMENTS:
        raise errors.Conflict(f"A dispute has {MOST_COMMENTS} comments at most.", code="COUNT")
    kept = await session.scalar(
        insert(table)
        .values(**values, supplier_id=supplier_id, id=comment_id, made_by=actor.user_id)
        .on_conflict_do_nothing()
        .returning(table.id)
    )
    if kept is None:
        if not await _is_said(session, supplier_id, comment_id, values):
            raise _refuse_reused()  # it stands in a dispute that the caller does not see
        return  # said at this moment
    other = dispute.reviewer_id if actor.organization == supplier_id else supplier_id
    parts = {"supplier": supplier_id, "dispute": dispute_id, "comment": comment_id, "to": other}
    await outbox.add_event(session, "dispute.commented", **parts)
    await audit.add_audit(session, actor, "dispute.commented", "dispute", dispute_id, concerns=other, owner=supplier_id)


async def _is_said(session: AsyncSession, supplier_id: UUID, comment_id: UUID, values: dict[str, Any]) -> bool:
    """Whether this was said already; raises Conflict COMMENT_ID_REUSED where something else was, under its id."""
    made = await session.get(DisputeComment, (supplier_id, comment_id), populate_existing=True)
    if made is not None and any(getattr(made, name) != value for name, value in values.items()):
        raise _refuse_reused()
    return made is not None


def _refuse_reused() -> errors.Conflict:
    words = "This comment id was used before for another comment. Use a new id for each."
    return errors.Conflict(words, code="COMMENT_ID_REUSED", path=("commentId",))


async def find_dispute(session: AsyncSession, actor: Actor, supplier_id: UUID, dispute_id: UUID) -> Dispute:
    """A dispute that the caller may see; raises NotFound."""
    found: Dispute | None = await session.scalar(
        select(Dispute).where(Dispute.supplier_id == supplier_id, Dispute.id == dispute_id)
    )
    if found is None:
        raise errors.NotFound("There is no such dispute.", path=("disputeId",))
    return found
