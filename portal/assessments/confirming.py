"""Confirming answers that were taken over: each as it was seen, by the same way as any other write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, judging
from portal.assessments.answers import AnswersSaved, Outcome
from portal.assessments.judging import StoredAnswer
from portal.assessments.writes import NOTHING_TO_CONFIRM, Write, is_readable
from questionnaires.answers import Problem
from questionnaires.definition import Definition

STANDING = text(
    """
    SELECT a.question, a.row_id, a.state, a.value, a.reason, a.comment, a.deleted, a.site_id, a.plan, a.revision,
           a.changed_at_number, a.changed_at, a.changed_by, a.provenance, a.carried_from, a.carried_question
      FROM unnest(CAST(:questions AS text[]), CAST(:rows AS text[])) AS wanted (question, row_id)
      JOIN portal.answer a ON a.question = wanted.question AND a.row_id = wanted.row_id
     WHERE a.supplier_id = :supplier AND a.assessment_id = :assessment
    """
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An answer that somebody looked at: where it is, and the revision that was shown."""

    question: str
    row_id: str | None = None
    revision: int


async def confirm_answers(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, seen: Sequence[Seen]
) -> AnswersSaved:
    """Let answers stand as they were seen, each on its own; again changes nothing.

    One that has changed since stays as it is. One that is not there any more is refused with its reason, whatever
    becomes of the others. Raises what `save_answers` raises.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    if not 1 <= len(seen) <= answers.MAX_WRITES:
        words = f"Confirm 1 to {answers.MAX_WRITES} answers at once; these are {len(seen)}."
        raise errors.InvalidInput(words, code="TOO_MANY" if seen else "EMPTY", path=("answers",))
    standing = await _read_standing(session, actor, assessment_id, seen)
    rows = [standing.get((one.question, one.row_id or "")) for one in seen]
    sent = [_repeat(assessment_id, one, row) for one, row in zip(seen, rows, strict=True) if _is_there(row)]
    saved = await answers.take_writes(session, actor, assessment_id=assessment_id, sent=sent)
    taken = iter(saved.outcomes)
    outcomes = [
        next(taken) if _is_there(row) else _refuse(saved.definition, assessment_id, one, row)
        for one, row in zip(seen, rows, strict=True)
    ]
    return replace(saved, outcomes=tuple(outcomes))


def _is_there(row: Any) -> bool:
    return row is not None and not row.deleted


def _refuse(definition: Definition, assessment_id: UUID, one: Seen, row: Any) -> Outcome:
    """The outcome for an answer that was removed, or never was there."""
    code = NOTHING_TO_CONFIRM if one.question in definition.questions or row is not None else "unknown_question"
    current = StoredAnswer(question=one.question, row_id=one.row_id or "") if row is None else judging.read_stored(row)
    return Outcome(
        write_id=uuid5(assessment_id, "\0".join(("confirm", repr(one.question), repr(one.row_id), str(one.revision)))),
        status="refused",
        revision=None,
        problem=Problem(code=code, question=one.question, row_id=one.row_id),
        warning=None,
        current=current,
        yours=None,
        definition=definition,
    )


async def _read_standing(
    session: AsyncSession, actor: Actor, assessment_id: UUID, seen: Sequence[Seen]
) -> dict[tuple[str, str], Any]:
    asked = [one for one in seen if is_readable(one.question) and is_readable(one.row_id or "")]
    found = await session.execute(
        STANDING,
        {
            "supplier": actor.organization,
            "assessment": assessment_id,
            "questions": [one.question for one in asked],
            "rows": [one.row_id or "" for one in asked],
        },
    )
    return {(row.question, row.row_id): row for row in found}


def _repeat(assessment_id: UUID, one: Seen, row: Any) -> Write:
    """The answer that stands, as a write on the revision that was seen; its id says that it is the same act again.

    Where the answer has changed since, it is another act, which meets the newer revision.
    """
    write = Write(
        write_id=assessment_id,
        question=one.question,
        row_id=one.row_id,
        base_revision=one.revision,
        state=row.state,
        value=row.value,
        reason=row.reason,
        comment=row.comment,
        site_id=None if row.site_id is None else str(row.site_id),
        source="confirmed",
    )
    return replace(write, write_id=uuid5(assessment_id, f"confirm {write.hash_body(assessment_id).hex()}"))
