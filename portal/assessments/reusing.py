"""Facts that another questionnaire asked already, by their concept: offered, and to be looked at like last year's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.assessments import carried_documents, carrying, drafts, joining, sources, writes
from portal.assessments.carried_documents import CarriedDocument
from portal.assessments.drafts import Draft
from portal.database import audit, outbox
from questionnaires import carryover
from questionnaires.answers import Answer, AnswerKey
from questionnaires.carryover import Response
from questionnaires.definition import Definition, Tier, contains

WRITE = text(
    """
    INSERT INTO portal.answer (supplier_id, assessment_id, question, row_id, state, value, reason, revision,
                               changed_at_number, changed_by, changed_at, provenance, carried_from, carried_question)
    SELECT a.supplier_id, CAST(:new AS uuid), item.question, '', a.state, a.value, a.reason, 1, :number + item.place,
           a.changed_by, a.changed_at, 'to_confirm', a.assessment_id, a.question
      FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS item (
           place integer, question text, assessment uuid, old_question text)
      JOIN portal.answer a ON a.assessment_id = item.assessment AND a.question = item.old_question AND a.row_id = ''
     WHERE a.supplier_id = :supplier AND a.state = 'value' AND NOT a.deleted
    ON CONFLICT (supplier_id, assessment_id, question, row_id) DO NOTHING
    """
)


@dataclass(frozen=True, kw_only=True)
class Reusable:
    """An answer of another questionnaire that fits a question without one here.

    Its documents stay where they are: what was attached for one questionnaire's readers is not shown to another's
    before somebody says so.
    """

    question: str
    source: Draft
    old: Answer
    left: tuple[CarriedDocument, ...]  # the documents of the answer, which comes without them

    @property
    def key(self) -> AnswerKey:
        return (self.question, None)


async def list_reusable(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[Reusable]:
    """What fits the open questions of a draft, in document order; nothing for what takes no answers any more.

    Only what the same publisher asks about the same subject: nobody's own questionnaire fetches what another one was
    told. The same period comes first; see `sources` for others, of which no figure is offered. Raises NotFound.
    """
    draft = await drafts.load_draft(session, actor, assessment_id)
    return await _find(session, actor, draft) if draft.row.state == "draft" else []


async def reuse_answers(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, questions: Sequence[str] | None = None
) -> list[Reusable]:
    """Take over what `list_reusable` offers, all of it or for these questions; gives what was taken over.

    Each has to be confirmed before it is submitted. Again takes nothing twice. Raises NotFound, Conflict.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    joining.check_open(draft.row)
    joining.check_unlocked(draft.row)
    found = [one for one in await _find(session, actor, draft) if questions is None or one.question in questions]
    if not found:
        return []
    items = [
        {"place": place, "question": one.question, "assessment": one.source.row.id, "old_question": one.old.question}
        for place, one in enumerate(found, 1)
    ]
    parameters = {"supplier": actor.organization, "new": assessment_id}
    await session.execute(WRITE, parameters | {"items": writes.dump_json(items), "number": draft.row.change_number})
    await carrying.count_carried(session, actor, draft.row)
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=assessment_id)
    await audit.add_audit(session, actor, "answers.reused", "assessment", assessment_id)
    return found


async def _find(session: AsyncSession, actor: Actor, draft: Draft) -> list[Reusable]:
    others = (await sources.list_others(session, actor, {draft.row.id: draft.row}))[draft.row.id]
    loaded = await drafts.load_drafts(session, actor, others)
    taken = set(await carrying.list_taken(session, actor, draft.row.id))
    offered = choose(draft.definition, draft.tier, taken, set_beside(draft.row, (loaded[one] for one in others)))
    found = {key: (loaded[UUID(name)], old) for key, (name, old) in offered.items()}
    files = await drafts.list_files(session, actor, *{source.row.id for source, _ in found.values()}, newest=True)
    return [
        Reusable(question=key[0], source=source, old=old, left=_list_left(source, old, files))
        for key, (source, old) in found.items()
    ]


def choose(
    definition: Definition, tier: Tier, taken: Collection[AnswerKey], responses: Mapping[str, Response]
) -> dict[AnswerKey, tuple[str, Answer]]:
    """What of these responses is offered for the questions of a tier, without the places that are taken."""
    return {
        key: found
        for key, found in carryover.find_reusable(definition, responses).items()
        if key not in taken and contains(tier, definition.questions[key[0]].tier)
    }


def set_beside(place: Any, others: Iterable[Draft]) -> dict[str, Response]:
    """Responses to other questionnaires by their id, as they stand to the period of a place."""
    period = (place.period_start, place.period_end)
    return {
        str(one.row.id): Response(
            definition=one.definition,
            answers=one.answers,
            is_same_period=(one.row.period_start, one.row.period_end) == period,
        )
        for one in others
    }


def _list_left(source: Draft, old: Answer, files: Iterable[Any]) -> tuple[CarriedDocument, ...]:
    own = [
        file for file in files if (file.assessment_id, file.question, file.row_id) == (source.row.id, old.question, "")
    ]
    day = source.subject.day
    return carried_documents.judge_documents(own, lambda key, row: None, day=day, otherwise="not_reused")
