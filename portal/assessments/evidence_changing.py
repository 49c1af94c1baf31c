"""Putting right what was said of a document, and deleting one that nothing stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, evidence, joining
from portal.assessments.evidence import NewEvidence
from portal.database import audit, outbox
from portal.database.tables import evidence as tables
from portal.database.tables.assessments import Assessment


async def update_evidence(
    session: AsyncSession, actor: Actor, *, evidence_id: UUID, changes: Mapping[str, Any]
) -> None:
    """Say otherwise what a document is: `kind`, `title`, `issuer`, `issued_on`, `valid_until`; None empties one.

    Raises NotFound, InvalidInput with every problem or for a kind that an answer it is attached to does not take,
    Conflict SUBMITTED once a submission holds it.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    # Drafts before documents, as attaching locks them.
    await _list_draft_links(session, actor, evidence_id, lock=True)
    row = await _lock_evidence(session, actor, evidence_id)
    await _refuse_frozen(session, actor, evidence_id, "changed")
    new = NewEvidence(**{name: getattr(row, name) for name in NewEvidence.__dataclass_fields__})
    changed = replace(new, **changes)
    today = (await session.execute(select(func.portal.clock()))).scalar_one().date()
    problems = list(evidence.find_problems(changed, today))
    if problems:
        raise errors.InvalidInput("This cannot be said of a document.", problems=problems)
    if changed == new:
        return
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

    Raises NotFound, Conflict ATTACHED, SUBMITTED, or EVIDENCE_BEING_CHECKED.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    # A revision that is started meanwhile would copy links to it.
    await joining.take_turn(session, actor)
    row = await _lock_evidence(session, actor, evidence_id)
    if row.state == "quarantined":
        words = "The file is still being checked; try again in a few seconds."
        raise errors.Conflict(words, code="EVIDENCE_BEING_CHECKED")
    await _refuse_frozen(session, actor, evidence_id, "deleted")
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


async def _refuse_frozen(session: AsyncSession, actor: Actor, evidence_id: UUID, act: str) -> None:
    frozen = tables.SubmissionEvidence
    found = await session.scalar(
        select(frozen.submission_id)
        .where(frozen.supplier_id == actor.organization, frozen.evidence_id == evidence_id)
        .limit(1)
    )
    if found is not None:
        words = f"A submission holds this document, so it cannot be {act}; send in another one."
        raise errors.Conflict(words, code="SUBMITTED")


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
