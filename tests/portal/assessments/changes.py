"""What stands in an assessment, for tests of the portal below its API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from portal import errors
from portal.access import Actor
from portal.assessments import definitions
from portal.assessments.judging import StoredAnswer
from portal.assessments.writes import Content
from portal.database import reader
from portal.database.reader import Session
from questionnaires.definition import Definition

# Where an assessment stands and what changed in it since, as JSON.
CHANGES = """
SELECT json_build_object('number', a.change_number, 'definition', v.content_hash, 'answers', (
    SELECT coalesce(json_agg(json_build_array(c.question, c.row_id, c.revision, c.state, c.value, c.reason, c.comment,
                                              c.deleted, c.plan, c.changed_at_number, c.changed_at, c.changed_by,
                                              c.provenance, c.carried_from, c.carried_question)), '[]')
      FROM (SELECT * FROM portal.answer
             WHERE supplier_id = $1 AND assessment_id = $2 AND changed_at_number > $3
             ORDER BY changed_at_number, question, row_id LIMIT $4) c))::text
  FROM portal.assessment a
  JOIN portal.questionnaire_version v ON v.questionnaire = a.questionnaire AND v.version = a.version
 WHERE a.supplier_id = $1 AND a.id = $2
"""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Answers that changed after a number, in the order of their change; `has_more` where a limit cut them off."""

    definition: Definition
    change_number: int
    answers: tuple[StoredAnswer, ...]
    has_more: bool


async def list_changes(
    session: Session, actor: Actor, *, assessment_id: UUID, after: int, limit: int | None
) -> Changes:
    """What a client that has seen change number `after` does not know yet, removed answers included.

    Go on with the `changed_at_number` of the last one while there is more. Raises NotFound.
    """
    most = None if limit is None else limit + 1
    given = [actor.organization, assessment_id, after, most]
    text = await (await reader.take_reader(session)).fetch_text(CHANGES, given)
    if text is None:
        raise errors.NotFound("There is no such assessment.", path=("assessmentId",))
    known = orjson.loads(text)
    found = [_read_changed(*row) for row in known["answers"]]
    return Changes(
        definition=await definitions.load_definition(session, known["definition"]),
        change_number=known["number"],
        answers=tuple(found if limit is None else found[:limit]),
        has_more=limit is not None and len(found) > limit,
    )


def _read_changed(question: str, row_id: str, revision: int, *content_and_change: Any) -> StoredAnswer:
    *content, number, changed_at, changed_by, provenance, carried_from, carried_question = content_and_change
    state, value, reason, comment, deleted, plan = content
    return StoredAnswer(
        question=question,
        row_id=row_id,
        revision=revision,
        content=Content(state=state, value=value, reason=reason, comment=comment, deleted=deleted, plan=plan),
        changed_at_number=number,
        changed_at=datetime.fromisoformat(changed_at),
        changed_by=None if changed_by is None else UUID(changed_by),
        provenance=provenance,
        carried_from=None if carried_from is None else UUID(carried_from),
        carried_question=carried_question,
    )
