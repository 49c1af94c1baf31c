"""Writes that met a newer answer: both values until somebody decides, and the choice, which is a write too."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, definitions, differences, drafts, joining, judging, writes
from portal.assessments.answers import AnswersSaved
from portal.assessments.judging import StoredAnswer
from portal.assessments.writes import Content, Write, recall_plan
from questionnaires.definition import Definition

Winner = Literal["standing", "written"]

# A choice that came too late leaves open what it was about. What is over was chosen in, or whoever sent it has sent
# another answer since, which was saved; of what a head office suggests the last word counts.
OPEN = """
    WITH renamed AS (
        SELECT * FROM jsonb_to_recordset(CAST(:renamed AS jsonb)) AS x (assessment_id uuid, question text, asked text)
    ), open AS (
        SELECT w.write_id, coalesce(r.asked, w.question) AS question, w.row_id, w.base_revision, w.revision AS met,
               w.state, w.value, w.reason, w.comment, w.deleted, w.site_id, w.plan, w.member_id, w.device,
               w.received_at, w.source
          FROM portal.answer_write w
          LEFT JOIN renamed r ON r.assessment_id = w.assessment_id AND r.question = w.question
         WHERE w.supplier_id = :supplier AND w.assessment_id = ANY (CAST(:revisions AS uuid[]))
           AND w.outcome = 'conflict' AND w.decides IS NULL
           AND (r.asked IS NOT NULL OR w.assessment_id = ANY (CAST(:alike AS uuid[])))
           AND NOT EXISTS (SELECT FROM portal.answer_write d
                            WHERE d.supplier_id = w.supplier_id AND d.decides = w.write_id
                              AND d.outcome IN ('saved', 'unchanged'))
           AND NOT EXISTS (SELECT FROM portal.answer_write l
                            WHERE l.supplier_id = w.supplier_id
                              AND l.assessment_id = ANY (CAST(:revisions AS uuid[]))
                              AND l.question = w.question AND l.row_id = w.row_id AND l.outcome = 'saved'
                              AND l.received_at > w.received_at AND l.member_id = w.member_id)
           AND NOT EXISTS (SELECT FROM portal.answer_write l
                            WHERE l.supplier_id = w.supplier_id
                              AND l.assessment_id = ANY (CAST(:revisions AS uuid[]))
                              AND l.question = w.question AND l.row_id = w.row_id AND l.received_at > w.received_at
                              AND w.source = 'head_office' AND l.source = 'head_office')
    )
"""
LIST = text(
    f"""
    {OPEN}
    SELECT w.* FROM open w
     WHERE CAST(:after AS timestamptz) IS NULL OR (w.received_at, w.write_id) > (:after, CAST(:after_id AS uuid))
     ORDER BY w.received_at, w.write_id LIMIT :most
    """  # noqa: S608  # no part of it comes from outside
)
COUNT = text(f"{OPEN} SELECT count(*) FROM open")  # noqa: S608  # no part of it comes from outside
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
class _Place:
    """The revisions of a place for the statements, and the newest one, which has the answers that stand."""

    newest: UUID
    content_hash: str
    renamed: Mapping[tuple[UUID, str], str]
    parameters: dict[str, Any]

    @property
    def revisions(self) -> list[str]:
        found: list[str] = self.parameters["revisions"]
        return found


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
    """The conflicts of a place that nobody has decided, the first one first, with what stands in its newest revision.

    They are there under whichever revision is named. Raises NotFound.
    """
    await drafts.find_subject(session, actor, assessment_id)
    place = await _find_place(session, actor, assessment_id)
    definition = await definitions.load_definition(session, place.content_hash)
    moment, id_ = after or (None, None)
    parameters = place.parameters | {"after": moment, "after_id": id_, "most": limit}
    rows = (await session.execute(LIST, parameters)).all()
    standing = await _read_standing(session, place, {(row.question, row.row_id) for row in rows})
    return definition, [
        OpenConflict(
            row=row,
            written=judging.read_content(row),
            standing=standing.get((row.question, row.row_id), StoredAnswer(question=row.question, row_id=row.row_id)),
        )
        for row in rows
    ]


async def count_conflicts(session: AsyncSession, actor: Actor, assessment_id: UUID) -> int:
    """How many are open at the place of an assessment."""
    place = await _find_place(session, actor, assessment_id)
    count: int = (await session.execute(COUNT, place.parameters)).scalar_one()
    return count


async def _find_place(session: AsyncSession, actor: Actor, assessment_id: UUID) -> _Place:
    """All revisions of a place; questions of other versions under their keys in that of the newest one.

    An answer that was submitted or upgraded meanwhile is as open as before.
    """
    found = await joining.list_revisions(session, actor, assessment_id)
    newest = found[-1]
    renamed: dict[tuple[UUID, str], str] = {}
    for content_hash in {row.content_hash for row in found} - {newest.content_hash}:
        asked = await differences.match(session, content_hash, newest.content_hash)
        ids = [row.id for row in found if row.content_hash == content_hash]
        renamed |= {(one, old): new for one in ids for old, new in asked.items()}
    told = [{"assessment_id": one, "question": old, "asked": new} for (one, old), new in renamed.items()]
    return _Place(
        newest=newest.id,
        content_hash=newest.content_hash,
        renamed=renamed,
        parameters={
            "supplier": actor.organization,
            "revisions": [str(row.id) for row in found],
            "alike": [str(row.id) for row in found if row.content_hash == newest.content_hash],
            "renamed": writes.dump_json(told),
        },
    )


async def _read_standing(
    session: AsyncSession, place: _Place, places: set[tuple[str, str]]
) -> dict[tuple[str, str], StoredAnswer]:
    if not places:
        return {}
    asked = {"questions": [question for question, _ in places], "rows": [row for _, row in places]}
    parameters = {"supplier": place.parameters["supplier"], "assessment": place.newest}
    found = await session.execute(STANDING, parameters | asked)
    return {(row.question, row.row_id): judging.read_stored(row) for row in found}


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

    The newest revision of the place takes it. Where the answer has changed since `base_revision`, it is a conflict
    again. Raises NotFound, Conflict
    ALREADY_DECIDED, and what `save_answers` raises.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await answers.find_open(session, actor, assessment_id)
    place = await _find_place(session, actor, assessment_id)
    conflict = await _find_write(session, actor, conflict_id)
    if conflict is None or conflict.outcome != "conflict" or str(conflict.assessment_id) not in place.revisions:
        raise errors.NotFound("There is no such conflict.", path=("conflictId",))
    made = await _find_write(session, actor, write_id)
    if made is not None and made.decides == conflict_id:
        content = judging.read_content(made)
    elif conflict.is_decided:
        raise errors.Conflict("Somebody has decided this already.", code="ALREADY_DECIDED", path=("conflictId",))
    else:
        content = await _choose(session, place, conflict, winner, base_revision)
    write = replace(_make_write(conflict, content), write_id=write_id, base_revision=base_revision)
    return await answers.save_answers(session, actor, assessment_id=conflict.assessment_id, sent=[write])


async def _find_write(session: AsyncSession, actor: Actor, write_id: UUID) -> Any:
    return (await session.execute(WRITE, {"supplier": actor.organization, "write": write_id})).one_or_none()


async def _choose(session: AsyncSession, place: _Place, conflict: Any, winner: Winner, base_revision: int) -> Content:
    """What the choice says; raises Conflict where the answer that is to stay is not the one that was seen."""
    if winner == "written":
        return judging.read_content(conflict)
    asked = (place.renamed.get((conflict.assessment_id, conflict.question), conflict.question), conflict.row_id)
    standing = (await _read_standing(session, place, {asked})).get(asked)
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
