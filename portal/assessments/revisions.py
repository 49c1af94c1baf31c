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


# What counts, where the newest revision was withdrawn: its answers are not to come back unseen.
FIND_COUNTED = text(
    """
    SELECT c.assessment_id
      FROM portal.submission w
      JOIN portal.submission c ON c.supplier_id = w.supplier_id AND c.questionnaire = w.questionnaire
       AND c.subject_key = w.subject_key AND c.period_start = w.period_start AND c.period_end = w.period_end
       AND c.state = 'current'
     WHERE w.supplier_id = :supplier AND w.assessment_id = :newest AND w.state = 'withdrawn'
    """
)
# Removed rows come along as removed: what was answered inside them is kept too, and must stay hidden. An answer keeps
# its revision: what a device wrote on the one that it saw in the submitted assessment is judged rightly in the new one.
# For the same reason one that is not as the newest, withdrawn revision had it has a later revision than there, and what
# only that one had comes along as removed. An answer keeps where it comes from, too: what was not asked, and so not
# looked at, waits for a look here as well.
COPY_ANSWERS = text(
    """
    WITH base AS (
        SELECT o.*, portal.submit_plan(o.plan, a.submitted_at) AS kept_plan
          FROM portal.answer o
          JOIN portal.assessment a ON a.supplier_id = o.supplier_id AND a.id = o.assessment_id
         WHERE o.supplier_id = :supplier AND o.assessment_id = :old
    ), newest AS (
        SELECT * FROM portal.answer
         WHERE supplier_id = :supplier AND assessment_id = :newest AND CAST(:newest AS uuid) <> CAST(:old AS uuid)
    ), item AS (
        SELECT b.question, b.row_id, b.state, b.value, b.reason, b.comment, b.deleted, b.kept_plan AS plan,
               CASE WHEN n.question IS NULL THEN b.revision
                    WHEN (b.state, b.value, b.reason, b.comment, b.deleted, b.kept_plan, b.site_id)
                         IS NOT DISTINCT FROM (n.state, n.value, n.reason, n.comment, n.deleted, n.plan, n.site_id)
                    THEN n.revision ELSE greatest(b.revision, n.revision) + 1 END AS revision,
               b.changed_by, b.changed_at, b.provenance, b.carried_from, b.carried_question, b.site_id
          FROM base b LEFT JOIN newest n ON n.question = b.question AND n.row_id = b.row_id
         UNION ALL
        SELECT n.question, n.row_id, n.state, n.value, n.reason, n.comment, true, NULL,
               n.revision + (NOT n.deleted)::integer, n.changed_by, n.changed_at, n.provenance, n.carried_from,
               n.carried_question, n.site_id
          FROM newest n
         WHERE NOT EXISTS (SELECT FROM base b WHERE b.question = n.question AND b.row_id = n.row_id)
    )
    INSERT INTO portal.answer (supplier_id, assessment_id, question, row_id, state, value, reason, comment, deleted,
                               plan, revision, changed_at_number, changed_by, changed_at, provenance, carried_from,
                               carried_question, site_id)
    SELECT :supplier, :new, question, row_id, state, value, reason, comment, deleted, plan, revision,
           row_number() OVER (ORDER BY question, row_id), changed_by, changed_at, provenance, carried_from,
           carried_question, site_id
      FROM item
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
     WHERE supplier_id = :supplier AND assessment_id IN (:old, :newest) AND state = 'accepted'
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
    """A new draft for the same place on the same version, with answers and evidence of the submitted one, `old`, that
    `find_base` gave; what was sent to the newest since its submission is judged in the new one.

    Requests that were accepted but not fulfilled follow to it. The old ones stay as they were.
    """
    newest = await joining.find_latest(session, actor, joining.read_place(old)) or old
    made = await _copy_assessment(session, actor, old, newest, tier, reopening)
    version = await definitions.load_version(session, made.questionnaire, made.version)
    asked = {key: key for key in version.definition.questions}
    await teamwork.take_along(session, actor, old=newest.id, new=made.id, target=version.definition, questions=asked)
    outcomes = await take_waiting(session, actor, made)
    await session.refresh(made)
    await pushed_answers.deliver_waiting(session, actor, made)
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=made.id)
    return Revision(assessment=made, definition=version.definition, outcomes=outcomes)


async def find_base(session: AsyncSession, actor: Actor, newest: tables.Assessment) -> tables.Assessment:
    """What a correction begins from: the newest revision, or the one that counts where that was withdrawn."""
    place = {"supplier": actor.organization, "newest": newest.id}
    counted = await session.scalar(FIND_COUNTED, place)
    return newest if counted is None else await session.get_one(tables.Assessment, (actor.organization, counted))


async def _copy_assessment(
    session: AsyncSession,
    actor: Actor,
    old: tables.Assessment,
    newest: tables.Assessment,
    tier: str,
    reopening: Reopening | None,
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
                revision=newest.revision + 1,
                corrects=newest.id,
                **values,
            )
            .returning(table.id)
        )
    ).one()
    parameters = {"supplier": actor.organization, "old": old.id, "newest": newest.id, "new": new.id}
    for statement in (COPY_ANSWERS, COPY_EVIDENCE, COUNT_CHANGES, MOVE_REQUESTS):
        await session.execute(statement, parameters)
    await joining.renew_evidence(session, actor, new.id)
    return await session.get_one(table, (actor.organization, new.id), populate_existing=True)


async def take_waiting(session: AsyncSession, actor: Actor, new: tables.Assessment) -> tuple[Outcome, ...]:
    """Judge in a draft what waits for it; the outcomes carry the ids that the clients chose.

    Once more where more of it was opened: what was judged before is told again.
    """
    found = await waiting.list_for(session, actor, new)
    ordered = sorted(found, key=lambda row: row.base_revision)  # as `order_writes`, over what several calls sent
    taken = await answers.take_waiting(session, actor, assessment_id=new.id, waiting=ordered)
    outcomes = {row.write_id: replace(one, write_id=row.write_id) for row, one in zip(ordered, taken, strict=True)}
    return tuple(outcomes[row.write_id] for row in found)
