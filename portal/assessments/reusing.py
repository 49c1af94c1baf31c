"""Facts that another questionnaire asked already, by their concept: offered, and to be looked at like last year's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.assessments import carried_documents, carrying, drafts, joining, writes
from portal.assessments.carried_documents import CarriedDocument
from portal.assessments.drafts import Draft
from portal.database import audit, outbox
from questionnaires import carryover
from questionnaires.answers import Answer, AnswerKey, Answers
from questionnaires.definition import Definition, Tier, contains

MOST_RESPONSES = 20
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

# The same period comes first, then the latest one.
OTHERS = text(
    """
    SELECT wanted.id AS place, other.id
      FROM jsonb_to_recordset(CAST(:places AS jsonb)) AS wanted (
           id uuid, questionnaire text, subject_key uuid, period_start date, period_end date)
      JOIN portal.questionnaire own ON own.key = wanted.questionnaire,
           LATERAL (
           SELECT a.id, row_number() OVER (
                  ORDER BY ((a.period_start, a.period_end) = (wanted.period_start, wanted.period_end)) DESC,
                           a.period_end DESC, a.revision DESC, a.id) AS position
             FROM portal.assessment a JOIN portal.questionnaire q ON q.key = a.questionnaire
            WHERE a.supplier_id = :supplier AND a.subject_key = wanted.subject_key
              AND a.questionnaire <> wanted.questionnaire AND a.state <> 'replaced'
              AND q.owner_id IS NOT DISTINCT FROM own.owner_id
            ORDER BY position LIMIT :most) other
     ORDER BY other.position
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
    told. The same period comes first, then the latest one. Raises NotFound.
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
    others = (await list_others(session, actor, {draft.row.id: draft.row}))[draft.row.id]
    loaded = await drafts.load_drafts(session, actor, others)
    responses = {str(one): (loaded[one].definition, loaded[one].answers) for one in others}
    taken = set(await carrying.list_taken(session, actor, draft.row.id))
    offered = choose(draft.definition, draft.tier, taken, responses)
    found = {key: (loaded[UUID(name)], old) for key, (name, old) in offered.items()}
    files = await drafts.list_files(session, actor, *{source.row.id for source, _ in found.values()}, newest=True)
    return [
        Reusable(question=key[0], source=source, old=old, left=_list_left(source, old, files))
        for key, (source, old) in found.items()
    ]


def choose(
    definition: Definition,
    tier: Tier,
    taken: Collection[AnswerKey],
    responses: Mapping[str, tuple[Definition, Answers]],
) -> dict[AnswerKey, tuple[str, Answer]]:
    """What of these responses is offered for the questions of a tier, without the places that are taken."""
    return {
        key: found
        for key, found in carryover.find_reusable(definition, responses).items()
        if key not in taken and contains(tier, definition.questions[key[0]].tier)
    }


def _list_left(source: Draft, old: Answer, files: Iterable[Any]) -> tuple[CarriedDocument, ...]:
    own = [
        file for file in files if (file.assessment_id, file.question, file.row_id) == (source.row.id, old.question, "")
    ]
    day = source.subject.day
    return carried_documents.judge_documents(own, lambda key, row: None, day=day, otherwise="not_reused")


async def list_others(session: AsyncSession, actor: Actor, places: Mapping[UUID, Any]) -> dict[UUID, list[UUID]]:
    """By each of these places the supplier's responses to other questionnaires of the same publisher about the subject.

    A place has a questionnaire, subject_key, period_start and period_end; at most 20 responses are given for each.
    """
    names = ("questionnaire", "subject_key", "period_start", "period_end")
    listed = [{"id": key} | {name: getattr(place, name) for name in names} for key, place in places.items()]
    parameters = {"supplier": actor.organization, "places": writes.dump_json(listed), "most": MOST_RESPONSES}
    found: dict[UUID, list[UUID]] = {key: [] for key in places}
    for row in await session.execute(OTHERS, parameters):
        found[row.place].append(row.id)
    return found
