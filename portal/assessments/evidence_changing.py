"""Putting right what was said of a document, and deleting one that nothing stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, evidence, joining
from portal.assessments.evidence import NewEvidence
from portal.database import audit, outbox
from portal.database.tables import evidence as tables
from portal.database.tables.assessments import Assessment
from portal.database.tables.reviews import Dispute


async def update_evidence(
    session: AsyncSession, actor: Actor, *, evidence_id: UUID, changes: Mapping[str, Any]
) -> None:
    """Say otherwise what a document is: `kind`, `title`, `issuer`, `issued_on`, `valid_until`; None empties one.

    Raises NotFound, InvalidInput with every problem, for a kind that an answer it is attached to does not take or that
    its other revisions are not of, Conflict SUBMITTED once a submission holds it and DISPUTED once a dispute does.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    # A revision that is announced meanwhile would be of the old kind.
    await joining.take_turn(session, actor)
    # Drafts before documents, as attaching locks them.
    await _list_draft_links(session, actor, evidence_id, lock=True)
    row = await _lock_evidence(session, actor, evidence_id)
    await _refuse_frozen(session, actor, row, "changed")
    new = NewEvidence(**{name: getattr(row, name) for name in NewEvidence.__dataclass_fields__})
    changed = replace(new, **changes)
    today = (await session.execute(select(func.portal.clock()))).scalar_one().date()
    problems = list(evidence.find_problems(changed, today))
    if problems:
        raise errors.InvalidInput("This cannot be said of a document.", problems=problems)
    if changed == new:
        return
    if changed.kind != new.kind and await _has_other_revisions(session, actor, row):
        words = f"The document is of the kind {new.kind}, and stays so in all its revisions."
        raise errors.InvalidInput(words, code="KIND", path=("kind",))
    links = await _list_draft_links(session, actor, evidence_id)
    for link in links:
        version = await definitions.load_version(session, link.questionnaire, link.version)
        evidence.check_kind(version.definition, link.question, changed.kind, path=("kind",))
    await _write(session, actor, evidence_id, changes)
    await joining.count_changes(session, actor, sorted({link.assessment_id for link in links}))
    await outbox.add_event(session, "evidence.changed", supplier=actor.organization, evidence=evidence_id)
    await audit.add_audit(session, actor, "evidence.updated", "evidence", evidence_id)


async def delete_evidence(session: AsyncSession, actor: Actor, *, evidence_id: UUID) -> None:
    """Delete a document; the worker removes its file, unless another document has the same.

    Raises NotFound, Conflict ATTACHED, SUBMITTED, DISPUTED, REDACTION_REQUESTED or EVIDENCE_BEING_CHECKED.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    # A revision that is started meanwhile would copy links to it.
    await joining.take_turn(session, actor)
    row = await _lock_evidence(session, actor, evidence_id)
    if row.state == "quarantined":
        words = "The file is still being checked; try again in a few seconds."
        raise errors.Conflict(words, code="EVIDENCE_BEING_CHECKED")
    await _refuse_frozen(session, actor, row, "deleted")
    await _refuse_needed(session, actor, row)
    links = await _list_draft_links(session, actor, evidence_id)
    if links:
        words = f"It is attached to {links[0].question} in a draft; detach it first."
        raise errors.Conflict(words, code="ATTACHED")
    for table, column in ((tables.EvidenceLink, "evidence_id"), (tables.Evidence, "id")):
        own = (table.supplier_id == actor.organization, getattr(table, column) == evidence_id)
        await session.execute(delete(table).where(*own).execution_options(synchronize_session=False))
    if row.storage_key is None:
        await outbox.add_event(session, "evidence.changed", supplier=actor.organization, evidence=evidence_id)
    else:
        await outbox.add_event(
            session, "evidence.deleted", supplier=actor.organization, evidence=evidence_id, content=row.sha256.hex()
        )
    await audit.add_audit(session, actor, "evidence.deleted", "evidence", evidence_id)


async def _lock_evidence(session: AsyncSession, actor: Actor, evidence_id: UUID) -> Any:
    """The document, which nobody can attach or freeze until the transaction ends."""
    table = tables.Evidence.__table__
    found = (
        await session.execute(
            select(table).where(table.c.supplier_id == actor.organization, table.c.id == evidence_id).with_for_update()
        )
    ).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such evidence.", path=("evidenceId",))
    return found


async def _refuse_frozen(session: AsyncSession, actor: Actor, row: Any, act: str) -> None:
    if await _is_submitted(session, actor, tables.Evidence.id == row.id):
        words = f"A submission holds this document, so it cannot be {act}; send in another one."
        raise errors.Conflict(words, code="SUBMITTED", path=("evidenceId",))
    disputed = await session.scalar(
        select(Dispute.id)
        .where(
            Dispute.supplier_id == actor.organization,
            any_(Dispute.documents) == row.id,
            Dispute.state != "withdrawn",
        )
        .limit(1)
    )
    if disputed is not None:
        words = f"It was brought in a dispute, so it cannot be {act}; withdraw the dispute first, if it is open."
        raise errors.Conflict(words, code="DISPUTED", path=("evidenceId",))


async def _refuse_needed(session: AsyncSession, actor: Actor, row: Any) -> None:
    """What others get in the place of a document, or have asked about, is not taken from them."""
    table = tables.Evidence
    older = (table.lineage == row.lineage) & (table.revision < row.revision)
    if row.redacts and row.state != "rejected" and await _is_submitted(session, actor, older):
        words = "It takes the place of a document that a submission holds; send in another redacted one."
        raise errors.Conflict(words, code="SUBMITTED", path=("evidenceId",))
    asked = tables.RedactionRequest
    own = (asked.supplier_id == actor.organization, asked.evidence_id == row.id)
    if await session.scalar(select(asked.id).where(*own).limit(1)) is not None:
        words = "A reader has asked for a redacted one: what was asked and answered stays, and the document with it."
        raise errors.Conflict(words, code="REDACTION_REQUESTED", path=("evidenceId",))


async def _is_submitted(session: AsyncSession, actor: Actor, which: ColumnElement[bool]) -> bool:
    table, frozen = tables.Evidence, tables.SubmissionEvidence
    joined = (frozen.supplier_id == table.supplier_id) & (frozen.evidence_id == table.id)
    found = select(frozen.submission_id).join(table, joined).where(table.supplier_id == actor.organization, which)
    return await session.scalar(found.limit(1)) is not None


async def _has_other_revisions(session: AsyncSession, actor: Actor, row: Any) -> bool:
    table = tables.Evidence
    same = (table.supplier_id == actor.organization, table.lineage == row.lineage, table.id != row.id)
    return await session.scalar(select(table.id).where(*same).limit(1)) is not None


async def _list_draft_links(
    session: AsyncSession, actor: Actor, evidence_id: UUID, *, lock: bool = False
) -> Sequence[Any]:
    """The answers of drafts that it is attached to, with their questionnaires."""
    link = tables.EvidenceLink
    statement = (
        select(link.assessment_id, link.question, Assessment.questionnaire, Assessment.version)
        .join(Assessment, (Assessment.supplier_id == link.supplier_id) & (Assessment.id == link.assessment_id))
        .where(link.supplier_id == actor.organization, link.evidence_id == evidence_id, Assessment.state == "draft")
        .order_by(link.assessment_id, link.question, link.row_id)
    )
    if lock:
        statement = statement.with_for_update(key_share=True, of=Assessment)
    return (await session.execute(statement)).all()


async def _write(session: AsyncSession, actor: Actor, evidence_id: UUID, changes: Mapping[str, Any]) -> None:
    table = tables.Evidence
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == evidence_id)
        .values(**changes, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
