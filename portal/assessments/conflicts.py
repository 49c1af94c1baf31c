"""Writes that met a newer answer: both values until somebody decides, and the choice, which is a write too."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, definitions, drafts
from portal.assessments.answers import AnswersSaved, StoredAnswer
from portal.assessments.writes import Content, Write, recall_plan
from questionnaires.definition import Definition

Winner = Literal["standing", "written"]

# A choice that came too late leaves open what it was about. What is over was chosen in, or whoever sent it has sent
# another answer since, which was saved; of what a head office suggests the last word counts.
OPEN = text(
    """
    SELECT w.write_id, w.question, w.row_id, w.base_revision, w.revision AS met, w.state, w.value, w.reason, w.comment,
           w.deleted, w.site_id, w.plan, w.member_id, w.device, w.received_at, w.source
      FROM portal.answer_write w
     WHERE w.supplier_id = :supplier AND w.assessment_id = :assessment AND w.outcome = 'conflict'
       AND w.decides IS NULL
       AND NOT EXISTS (SELECT FROM portal.answer_write d
                        WHERE d.supplier_id = w.supplier_id AND d.decides = w.write_id
                          AND d.outcome IN ('saved', 'unchanged'))
       AND NOT EXISTS (SELECT FROM portal.answer_write l
                        WHERE l.supplier_id = w.supplier_id AND l.assessment_id = w.assessment_id
                          AND l.question = w.question AND l.row_id = w.row_id AND l.outcome = 'saved'
                          AND l.received_at > w.received_at AND l.member_id = w.member_id)
       AND NOT EXISTS (SELECT FROM portal.answer_write l
                        WHERE l.supplier_id = w.supplier_id AND l.assessment_id = w.assessment_id
                          AND l.question = w.question AND l.row_id = w.row_id AND l.received_at > w.received_at
                          AND w.source = 'head_office' AND l.source = 'head_office')
       AND (CAST(:after AS timestamptz) IS NULL OR (w.received_at, w.write_id) > (:after, CAST(:after_id AS uuid)))
     ORDER BY w.received_at, w.write_id LIMIT :most
    """
)
STANDING = text(
    """
    SELECT a.* FROM unnest(CAST(:questions AS text[]), CAST(:rows AS text[])) AS wanted (question, row_id)
      JOIN portal.answer a ON a.question = wanted.question AND a.row_id = wanted.row_id
     WHERE a.supplier_id = :supplier AND a.assessment_id = :assessment
    """
)
WRITE = text(
    """
    SELECT w.*, EXISTS (SELECT FROM portal.answer_write d
                         WHERE d.supplier_id = w.supplier_id AND d.decides = w.write_id
                           AND d.outcome IN ('saved', 'unchanged')) AS is_decided
      FROM portal.answer_write w
     WHERE w.supplier_id = :supplier AND w.write_id = :write
    """
)


@dataclass(frozen=True, kw_only=True)
class OpenConflict:
    """A write that waits for a choice, and the answer that stands; `row` says who sent it, when, from what device."""

    row: Any
    written: Content
    standing: StoredAnswer


async def list_conflicts(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[Definition, list[OpenConflict]]:
    """The conflicts that nobody has decided, the first one first; raises NotFound."""
    subject = await drafts.find_subject(session, actor, assessment_id)
    definition = await definitions.load_definition(session, subject.content_hash)
    moment, id_ = after or (None, None)
    parameters = {"supplier": actor.organization, "assessment": assessment_id}
    rows = (await session.execute(OPEN, parameters | {"after": moment, "after_id": id_, "most": limit})).all()
    standing = await _read_standing(session, parameters, {(row.question, row.row_id) for row in rows})
    return definition, [
        OpenConflict(
            row=row,
            written=answers.read_content(row),
            standing=standing.get((row.question, row.row_id), StoredAnswer(question=row.question, row_id=row.row_id)),
        )
        for row in rows
    ]


async def _read_standing(
    session: AsyncSession, parameters: dict[str, Any], places: set[tuple[str, str]]
) -> dict[tuple[str, str], StoredAnswer]:
    if not places:
        return {}
    asked = {"questions": [question for question, _ in places], "rows": [row for _, row in places]}
    found = await session.execute(STANDING, parameters | asked)
    return {(row.question, row.row_id): answers.read_stored(row) for row in found}


async def decide_conflict(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    conflict_id: UUID,
    winner: Winner,
    write_id: UUID,
    base_revision: int,
) -> AnswersSaved:
    """Choose between both values by a write under an id of its own; again gives the same outcome.

    Where the answer has changed since `base_revision`, it is a conflict again. Raises NotFound, Conflict
    ALREADY_DECIDED, and what `save_answers` raises.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await drafts.find_subject(session, actor, assessment_id, lock=True)
    conflict = await _find_write(session, actor, conflict_id)
    if conflict is None or (conflict.assessment_id, conflict.outcome) != (assessment_id, "conflict"):
        raise errors.NotFound("There is no such conflict.", path=("conflictId",))
    made = await _find_write(session, actor, write_id)
    if made is not None and made.decides == conflict_id:
        content = answers.read_content(made)
    elif conflict.is_decided:
        raise errors.Conflict("Somebody has decided this already.", code="ALREADY_DECIDED", path=("conflictId",))
    else:
        content = await _choose(session, actor, conflict, winner, base_revision)
    write = replace(_make_write(conflict, content), write_id=write_id, base_revision=base_revision)
    return await answers.save_answers(session, actor, assessment_id=assessment_id, sent=[write])


async def _find_write(session: AsyncSession, actor: Actor, write_id: UUID) -> Any:
    return (await session.execute(WRITE, {"supplier": actor.organization, "write": write_id})).one_or_none()


async def _choose(session: AsyncSession, actor: Actor, conflict: Any, winner: Winner, base_revision: int) -> Content:
    """What the choice says; raises Conflict where the answer that is to stay is not the one that was seen."""
    if winner == "written":
        return answers.read_content(conflict)
    place = (conflict.question, conflict.row_id)
    parameters = {"supplier": actor.organization, "assessment": conflict.assessment_id}
    standing = (await _read_standing(session, parameters, {place})).get(place)
    if (0 if standing is None else standing.revision) != base_revision:
        words = "This answer has changed since you looked at it; look again and decide then."
        raise errors.Conflict(words, code="ANSWER_CHANGED", path=("baseRevision",))
    return Content(state="value", deleted=True) if standing is None or standing.content is None else standing.content


def _make_write(conflict: Any, content: Content) -> Write:
    return Write(
        write_id=conflict.write_id,
        question=conflict.question,
        row_id=conflict.row_id or None,
        base_revision=0,
        state=content.state,
        value=content.value,
        reason=content.reason,
        comment=content.comment,
        deleted=content.deleted,
        site_id=content.site_id,
        plan=recall_plan(content.plan),
        keeps_plan=content.plan is None,
        source="decided",
        decides=conflict.write_id,
    )
