"""A new revision of what was submitted: answers and evidence carried over, then the writes that had waited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import answers, definitions, joining, pushed_answers, teamwork, waiting
from portal.assessments.answers import Outcome
from portal.database import ids, outbox
from portal.database.tables import assessments as tables
from questionnaires.definition import Definition


@dataclass(frozen=True, kw_only=True)
class Reopening:
    """The clarification that a revision answers, and the places that may change in it."""

    clarification_id: UUID
    places: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A new draft, and what became of each write that came after submission, in the order received."""

    assessment: tables.Assessment
    definition: Definition
    outcomes: tuple[Outcome, ...]

    @property
    def applied(self) -> int:
        """How many of the writes were taken in."""
        return sum(outcome.status == "saved" for outcome in self.outcomes)


# Removed rows come along as removed: what was answered inside them is kept too, and must stay hidden. An answer keeps
# its revision: what a device wrote on the one that it saw in the submitted assessment is judged rightly in the new one.
# And where it comes from: what was not asked, and so not looked at, waits for a look here too.
COPY_ANSWERS = text(
    """
    INSERT INTO portal.answer (supplier_id, assessment_id, question, row_id, state, value, reason, comment, deleted,
                               plan, revision, changed_at_number, changed_by, changed_at, provenance, carried_from,
                               carried_question, site_id)
    SELECT supplier_id, CAST(:new AS uuid), question, row_id, state, value, reason, comment, deleted,
           portal.submit_plan(plan, (SELECT s.submitted_at FROM portal.assessment s
                                      WHERE s.supplier_id = :supplier AND s.id = :old)), revision,
           row_number() OVER (ORDER BY question, row_id), changed_by, changed_at, provenance, carried_from,
           carried_question, site_id
      FROM portal.answer WHERE supplier_id = :supplier AND assessment_id = :old
    """
)
COPY_EVIDENCE = text(
    """
    INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, row_id, evidence_id)
    SELECT supplier_id, CAST(:new AS uuid), question, row_id, evidence_id
      FROM portal.evidence_link WHERE supplier_id = :supplier AND assessment_id = :old
    """
)
MOVE_REQUESTS = text(
    """
    UPDATE portal.request SET assessment_id = :new, updated_at = portal.clock()
     WHERE supplier_id = :supplier AND assessment_id = :old AND state = 'accepted'
    """
)
COUNT_CHANGES = text(
    """
    UPDATE portal.assessment SET change_number = (
        SELECT coalesce(max(changed_at_number), 0) FROM portal.answer
         WHERE supplier_id = :supplier AND assessment_id = :new)
     WHERE supplier_id = :supplier AND id = :new
    """
)


async def start_revision(
    session: AsyncSession, actor: Actor, old: tables.Assessment, tier: str, reopening: Reopening | None = None
) -> Revision:
    """A new draft for the same place on the same version, with answers and evidence of the submitted one, `old`, which
    the caller has locked; what was sent to that since its submission is judged in the new one.

    Requests that were accepted but not fulfilled follow to it. The old one stays as it was.
    """
    made = await _copy_assessment(session, actor, old, tier, reopening)
    version = await definitions.load_version(session, made.questionnaire, made.version)
    asked = {key: key for key in version.definition.questions}
    await teamwork.take_along(session, actor, old=old.id, new=made.id, target=version.definition, questions=asked)
    outcomes = await _take_waiting(session, actor, old, made)
    await session.refresh(made)
    await pushed_answers.deliver_waiting(session, actor, made)
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=made.id)
    return Revision(assessment=made, definition=version.definition, outcomes=outcomes)


async def _copy_assessment(
    session: AsyncSession, actor: Actor, old: tables.Assessment, tier: str, reopening: Reopening | None
) -> tables.Assessment:
    table = tables.Assessment
    values: dict[str, Any] = {
        name: getattr(old, name)
        for name in ("questionnaire", "version", "subject", "site_id", "subject_key", "period_start", "period_end")
    }
    if reopening is not None:
        values |= {"clarification_id": reopening.clarification_id, "reopened": reopening.places}
    new: Any = (
        await session.execute(
            insert(table)
            .values(
                supplier_id=actor.organization,
                id=ids.new_id(),
                tier=tier,
                revision=old.revision + 1,
                corrects=old.id,
                **values,
            )
            .returning(table.id)
        )
    ).one()
    parameters = {"supplier": actor.organization, "old": old.id, "new": new.id}
    for statement in (COPY_ANSWERS, COPY_EVIDENCE, COUNT_CHANGES, MOVE_REQUESTS):
        await session.execute(statement, parameters)
    await joining.renew_evidence(session, actor, new.id)
    return await session.get_one(table, (actor.organization, new.id), populate_existing=True)


async def _take_waiting(
    session: AsyncSession, actor: Actor, old: tables.Assessment, new: tables.Assessment
) -> tuple[Outcome, ...]:
    """Judge in the new draft what waits at the old one; the outcomes carry the ids that the clients chose."""
    found = await waiting.take_all(session, actor, old.id)
    ordered = sorted(found, key=lambda row: row.base_revision)  # as `order_writes`, over what several calls sent
    taken = await answers.take_waiting(session, actor, assessment_id=new.id, waiting=ordered)
    outcomes = {row.write_id: replace(one, write_id=row.write_id) for row, one in zip(ordered, taken, strict=True)}
    return tuple(outcomes[row.write_id] for row in found)
