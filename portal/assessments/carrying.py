"""Answers taken over from another assessment: what becomes of each, and writing those that stand."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import carried_documents, definitions, differences, drafts, writes
from portal.assessments.carried_documents import CarriedDocument
from portal.assessments.definitions import Version
from portal.assessments.drafts import Draft
from portal.database.tables import assessments as tables
from questionnaires import carryover
from questionnaires.answers import AnswerKey
from questionnaires.carryover import Carried
from questionnaires.definition import Definition, Tier, contains
from questionnaires.difference import Difference

# Copied inside the database, from the answer itself: no value goes through a form that could change it. What was
# answered already stands. Within one place an answer keeps its revision, also where it is left blank: what a device
# wrote on the one that it saw is judged rightly in the new assessment; and it keeps where it comes from, and that it
# was looked at. A remark was made on the year that it was made in. Of a figure of another period its plan alone comes
# along, whose age is not forgotten.
WRITE = text(
    """
    INSERT INTO portal.answer (supplier_id, assessment_id, question, row_id, state, value, reason, comment, deleted,
                               plan, revision, changed_at_number, changed_by, changed_at, provenance, carried_from,
                               carried_question, site_id)
    SELECT a.supplier_id, CAST(:new AS uuid), item.question, a.row_id,
           CASE WHEN item.is_blank THEN 'value' ELSE a.state END, CASE WHEN NOT item.is_blank THEN a.value END,
           CASE WHEN NOT item.is_blank THEN a.reason END,
           CASE WHEN NOT (item.is_blank OR :renews) THEN a.comment END, a.deleted OR item.is_blank,
           CASE WHEN NOT item.is_blank OR :renews THEN portal.submit_plan(a.plan, source.submitted_at) END,
           CASE WHEN :renews THEN 1 ELSE a.revision END, :number + item.place, a.changed_by, a.changed_at,
           CASE WHEN a.provenance = 'locked' AND NOT (:renews OR item.is_blank) THEN 'locked'
                WHEN item.provenance = 'carried' AND a.provenance = 'to_confirm' THEN 'to_confirm'
                WHEN item.provenance = 'carried' AND a.provenance = 'confirmed' AND NOT :renews THEN 'confirmed'
                ELSE item.provenance END,
           CASE WHEN :renews OR a.carried_from IS NULL THEN a.assessment_id ELSE a.carried_from END,
           CASE WHEN :renews OR a.carried_from IS NULL THEN a.question ELSE a.carried_question END,
           CASE WHEN NOT item.is_blank THEN a.site_id END
      FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS item (
           place integer, old_question text, question text, row_id text, provenance text, is_blank boolean)
      JOIN portal.answer a ON a.question = item.old_question AND a.row_id = item.row_id
      JOIN portal.assessment source ON source.supplier_id = a.supplier_id AND source.id = a.assessment_id
     WHERE a.supplier_id = :supplier AND a.assessment_id = :old
       AND (a.plan IS NOT NULL OR NOT (item.is_blank AND :renews))
    ON CONFLICT (supplier_id, assessment_id, question, row_id) DO NOTHING
    """
)
# Within one place all documents that count come along; to another period they come with their answers alone: what was
# answered there has its own documents.
LINK = text(
    """
    INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, row_id, evidence_id)
    SELECT e.supplier_id, CAST(:new AS uuid), item.question, item.row_id, e.id
      FROM jsonb_to_recordset(CAST(:documents AS jsonb)) AS item (question text, row_id text, evidence_id uuid)
      JOIN portal.evidence e ON e.supplier_id = :supplier AND e.id = item.evidence_id
    ON CONFLICT DO NOTHING
    """
)
COUNT = text(
    """
    UPDATE portal.assessment
       SET upgraded_from = coalesce(upgraded_from, CAST(:old AS uuid)), updated_at = portal.clock(),
           change_number = greatest(change_number, (SELECT coalesce(max(changed_at_number), 0) FROM portal.answer
                                                     WHERE supplier_id = :supplier AND assessment_id = :new))
     WHERE supplier_id = :supplier AND id = :new
    """
)


@dataclass(frozen=True, kw_only=True)
class Carrying:
    """An earlier assessment and the version that its answers go to, with the fate of each of them, and of documents.

    `renews`: the new response is about another period, so that nothing stands before it was looked at.
    """

    source: Draft
    version: Version
    changed: Difference
    items: tuple[Carried, ...]
    documents: tuple[CarriedDocument, ...]
    left: tuple[CarriedDocument, ...]  # the documents that do not come along
    renews: bool

    @property
    def target(self) -> Definition:
        return self.version.definition


async def plan_carrying(
    session: AsyncSession,
    actor: Actor,
    source: Draft,
    version: Version,
    *,
    renews: bool,
    tier: Tier | None = None,
    taken: Iterable[AnswerKey] = (),
    attached: Collection[UUID] = frozenset(),
) -> Carrying:
    """The fate of every answer; places that are `taken` have, or had, an answer already and are left as they are.

    Of questions without an answer those of the `tier` are told, which is the source's where none is given. `attached`
    are the documents that the new response has already.
    """
    changed = await differences.compare(session, source.version, version)
    items = judge_answers(changed, source, renews=renews, tier=tier or source.tier, taken=taken)
    documents = carried_documents.judge_documents(
        await drafts.list_files(session, actor, source.row.id, newest=True),
        _find_places(changed, items, renews=renews),
        day=source.subject.day if renews else None,
    )
    return Carrying(
        source=source,
        version=version,
        changed=changed,
        items=items,
        documents=documents,
        left=carried_documents.list_left(documents, attached),
        renews=renews,
    )


def judge_answers(
    changed: Difference, source: Draft, *, renews: bool, tier: Tier, taken: Iterable[AnswerKey] = ()
) -> tuple[Carried, ...]:
    """The fate of every answer in the later version: the one rule of previews, of taking over, and of burden."""
    carried = carryover.carry_forward(changed, source.answers, renews=renews)
    return tuple(leave_taken(changed.new, _settle(source, changed.new, tier, carried), taken))


def _find_places(
    changed: Difference, items: Iterable[Carried], *, renews: bool
) -> Callable[[str, str | None], str | None]:
    """The question that a place's documents go to: in another period only where its answer goes there."""
    if renews:
        written = {(one.old_question, one.row_id): one.question for one in items if one.answer is not None}
        return lambda key, row: written.get((key, row))
    matched = carryover.match_questions(changed)
    return lambda key, row: matched.get(key)


def _settle(source: Draft, target: Definition, tier: Tier, items: Iterable[Carried]) -> Iterator[Carried]:
    """Without what is new and not asked at a tier; an answer is told of at whatever tier it is.

    What waits for a look already goes on waiting. That a row is there says nothing by itself: what is in it is looked
    at.
    """
    for one in items:
        is_row = one.row_id is not None and one.question not in target.parents
        if one.fate == "new" and one.question is not None and not contains(tier, target.questions[one.question].tier):
            continue
        if one.fate == "confirm" and is_row:
            yield replace(one, fate="carried")
        elif one.fate == "carried" and one.old is not None and one.old.key in source.unconfirmed:
            yield replace(one, fate="confirm", reasons=(*one.reasons, "not_confirmed"))
        else:
            yield one


def leave_taken(target: Definition, items: Iterable[Carried], taken: Iterable[AnswerKey]) -> Iterable[Carried]:
    """Without what has an answer; a list that has rows, or was said to have none, is left as a whole."""
    places = set(taken)
    groups = {_find_group(target, question) for question, _ in places} - {None}
    for one in items:
        is_taken = one.question is not None and (
            (one.question, one.row_id) in places or _find_group(target, one.question) in groups
        )
        if not is_taken:
            yield one


def _find_group(target: Definition, key: str) -> str | None:
    parent, question = target.parents.get(key), target.questions.get(key)
    if parent is not None:
        return parent.key
    return key if question is not None and question.type == "group" else None


async def write_carried(
    session: AsyncSession, actor: Actor, carrying: Carrying, new: tables.Assessment, hidden: Sequence[Any] = ()
) -> None:
    """Write what stands to the new assessment, with its documents.

    `hidden` are stored answers that were removed, or are in removed rows: they come along as they are.
    """
    matched = carryover.match_questions(carrying.changed)
    items = [_write_item(one) for one in carrying.items if _is_written(carrying, matched, one)]
    items += [
        {"old_question": row.question, "question": matched[row.question], "row_id": row.row_id}
        | {"provenance": "carried", "is_blank": False}
        for row in hidden
        if row.question in matched
    ]
    parameters = {"supplier": actor.organization, "old": carrying.source.row.id, "new": new.id}
    numbered = [item | {"place": place} for place, item in enumerate(items, 1)]
    documents = [
        {"question": one.question, "row_id": one.row_id or "", "evidence_id": one.evidence_id}
        for one in carrying.documents
        if one.question is not None
    ]
    await session.execute(
        WRITE,
        parameters | {"items": writes.dump_json(numbered), "number": new.change_number, "renews": carrying.renews},
    )
    await session.execute(LINK, parameters | {"documents": writes.dump_json(documents)})
    await count_carried(session, actor, new, carrying.source.row.id)


async def count_carried(
    session: AsyncSession, actor: Actor, row: tables.Assessment, source: UUID | None = None
) -> None:
    """Raise an assessment's change number to that of its last answer, and link it back to where they come from."""
    await session.execute(COUNT, {"supplier": actor.organization, "old": source, "new": row.id})
    await session.refresh(row)


def _write_item(one: Carried) -> dict[str, Any]:
    return {
        "old_question": one.old_question,
        "question": one.question,
        "row_id": one.row_id or "",
        "provenance": "to_confirm" if one.fate == "confirm" else "carried",
        "is_blank": one.answer is None,
    }


def _is_written(carrying: Carrying, matched: Mapping[str, str], one: Carried) -> bool:
    """What stands; and that there was an answer to a question which is asked alike: of another period a figure's."""
    is_known = carryover.FIGURE in one.reasons if carrying.renews else one.old_question in matched
    return one.answer is not None or (one.fate == "blank" and is_known)


TAKEN = text("SELECT question, row_id FROM portal.answer WHERE supplier_id = :supplier AND assessment_id = :assessment")


async def list_taken(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[AnswerKey]:
    """The places of an assessment that have an answer, or had one."""
    found = await session.execute(TAKEN, {"supplier": actor.organization, "assessment": assessment_id})
    return [(row.question, row.row_id or None) for row in found]


async def list_attached(session: AsyncSession, actor: Actor, assessment_id: UUID) -> frozenset[UUID]:
    """The documents at the answers of an assessment."""
    return frozenset(file.evidence_id for file in await drafts.list_files(session, actor, assessment_id))


async def list_left(
    session: AsyncSession, actor: Actor, source: Draft, row: tables.Assessment, *, renews: bool
) -> tuple[CarriedDocument, ...]:
    """The documents that did not come along to an assessment that was filled before, as far as that is told now."""
    version = await definitions.load_version(session, row.questionnaire, row.version)
    attached = await list_attached(session, actor, row.id)
    return (await plan_carrying(session, actor, source, version, renews=renews, attached=attached)).left


async def list_hidden(session: AsyncSession, actor: Actor, draft: Draft) -> list[Any]:
    """The stored answers that do not count: removed ones, and those in removed rows."""
    stored = await drafts.list_stored(session, actor, draft.row.id)
    return [row for row in stored if (row.question, row.row_id or None) not in draft.answers]
