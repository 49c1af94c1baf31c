"""Answers of a head office on their way to drafts of its sites: where each fits, what it meets, and writing them all.

Each is a write like any other, of the member who pushed it, under an id that names the act, the site and the question:
so none is made twice, whichever draft of the site takes it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import answers, definitions, differences, drafts, judging, writes
from portal.assessments.definitions import Version
from portal.assessments.judging import LOCKED, StoredAnswer
from portal.assessments.writes import Content, Write
from portal.database import outbox
from portal.database.tables import assessments as tables
from questionnaires import carryover, reopening
from questionnaires.answers import Answer
from questionnaires.definition import contains

Mode = Literal["locked", "suggested", "released"]
# Why an answer does not reach a draft: its version does not ask the question so, its tier does not, the answer is none
# that could be given there, or the draft answers a clarification of other answers.
Reason = Literal["not_asked", "other_tier", "not_fitting", "not_reopened"]

STANDING = text(
    """
    SELECT a.assessment_id, a.question, a.row_id, a.state, a.value, a.reason, a.comment, a.deleted, a.site_id,
           a.plan, a.revision, a.changed_at_number, a.changed_at, a.changed_by, a.provenance, a.carried_from,
           a.carried_question
      FROM portal.answer a
     WHERE a.supplier_id = :supplier AND a.assessment_id = ANY (CAST(:assessments AS uuid[]))
       AND a.question = ANY (CAST(:questions AS text[])) AND a.row_id = ''
    """
)
MADE = text(
    """
    SELECT w.write_id FROM portal.answer_write w
     WHERE w.supplier_id = :supplier AND w.write_id = ANY (CAST(:ids AS uuid[]))
    """
)
# What stands for the site of a draft in its period, the last that was pushed last.
WAITING = text(
    """
    SELECT p.site_id, p.question, p.push_id, p.content_hash, p.state, p.value, p.reason, p.source_revision, u.mode,
           u.source_id, u.pushed_by, u.pushed_at
      FROM portal.pushed_answer p
      JOIN portal.answer_push u ON u.supplier_id = p.supplier_id AND u.id = p.push_id
     WHERE p.supplier_id = :supplier AND p.questionnaire = :questionnaire AND p.period_start = :period_start
       AND p.period_end = :period_end AND p.site_id = :site
     ORDER BY u.pushed_at, p.push_id
    """
)
# One statement however many drafts and answers: as `answer_statements.STORE`, over several assessments. Documents of
# what stands as the head office gave it come along; one that came alone is a change of the draft as well.
STORE = text(
    """
    WITH item AS (
        SELECT * FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS x (
            assessment_id uuid, write_id uuid, question text, base_revision integer, revision integer, outcome text,
            state text, value jsonb, reason text, comment text, deleted boolean, number bigint, body_hash text,
            provenance text, carried_from uuid, carried_question text, member uuid, was jsonb, push_id uuid,
            has_documents boolean, plan jsonb)
    ), kept AS (
        INSERT INTO portal.answer AS a (supplier_id, assessment_id, question, row_id, state, value, reason, comment,
                                        deleted, revision, changed_at_number, changed_by, changed_at, provenance,
                                        carried_from, carried_question, plan)
        SELECT CAST(:supplier AS uuid), assessment_id, question, '', state, value, reason, comment, deleted, revision,
               number, member, portal.clock(), provenance, carried_from, carried_question, plan
          FROM item WHERE outcome = 'saved'
        ON CONFLICT (supplier_id, assessment_id, question, row_id) DO UPDATE SET
            state = excluded.state, value = excluded.value, reason = excluded.reason, comment = excluded.comment,
            deleted = excluded.deleted, revision = excluded.revision, changed_at_number = excluded.changed_at_number,
            changed_by = excluded.changed_by, changed_at = excluded.changed_at, provenance = excluded.provenance,
            carried_from = excluded.carried_from, carried_question = excluded.carried_question, plan = excluded.plan
    ), linked AS (
        INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, row_id, evidence_id)
        SELECT DISTINCT l.supplier_id, item.assessment_id, item.question, '',
               portal.find_newest_revision(l.supplier_id, l.evidence_id)
          FROM item
          JOIN portal.evidence_link l ON l.supplier_id = :supplier AND l.assessment_id = item.carried_from
                                     AND l.question = item.carried_question AND l.row_id = ''
         WHERE item.has_documents
        ON CONFLICT DO NOTHING RETURNING assessment_id
    ), counted AS (
        UPDATE portal.assessment a
           SET change_number = n.number + CASE WHEN EXISTS (SELECT FROM linked WHERE linked.assessment_id = a.id)
                                               THEN 1 ELSE 0 END,
               updated_at = portal.clock()
          FROM jsonb_to_recordset(CAST(:numbers AS jsonb)) AS n (assessment_id uuid, number bigint)
         WHERE a.supplier_id = :supplier AND a.id = n.assessment_id
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT id, topic, ids FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS x (id uuid, topic text, ids jsonb)
    )
    INSERT INTO portal.answer_write (supplier_id, write_id, assessment_id, question, row_id, base_revision, revision,
                                     outcome, state, value, reason, comment, deleted, body_hash, member_id,
                                     received_at, source, was, push_id, plan)
    SELECT CAST(:supplier AS uuid), write_id, assessment_id, question, '', base_revision, revision, outcome, state,
           value, reason, comment, deleted, decode(body_hash, 'hex'), member, portal.clock(), 'head_office', was,
           push_id, plan
      FROM item
    """
)


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """One answer as it was pushed to one site; `content_hash` is of the version that it was given in."""

    push_id: UUID
    site_id: UUID
    question: str
    mode: Mode
    content: Content
    content_hash: str
    source_id: UUID
    source_revision: int
    pushed_by: UUID | None

    @property
    def write_id(self) -> UUID:
        return uuid5(self.push_id, f"{self.site_id} {self.question}")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A locked draft of a site."""

    assessment_id: UUID
    site_id: UUID
    version: Version
    tier: Any
    change_number: int
    reopened: Collection[str] | None  # where it answers a clarification, the places that may change


@dataclass(frozen=True, kw_only=True)
class Left:
    """An answer that was not pushed to a site, or to none of them, and why."""

    site_id: UUID | None
    question: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A pushed answer where it goes to, with what stands there."""

    pushed: Pushed
    target: Target
    question: str
    standing: StoredAnswer

    @property
    def is_same(self) -> bool:
        """Whether the site says the same; a remark of its own, and its plan, are no part of that."""
        now = self.standing.content
        return now is not None and writes.is_same(replace(now, comment=None, plan=None), self.pushed.content)


async def deliver(
    session: AsyncSession,
    actor: Actor,
    targets: Sequence[Target],
    pushed: Sequence[Pushed],
    made: Collection[UUID] = frozenset(),
) -> list[Left]:
    """Write what was pushed to drafts, in as many statements for a thousand as for one; what does not fit is given.

    A locked answer takes the place of the site's own, which stays in the history. A suggestion that meets an answer of
    the site is a conflict there, with both values. What was `made` before, by the ids of the writes, is left.
    """
    fitting, left = await _fit(session, targets, pushed)
    fitting = [one for one in fitting if one[0].write_id not in made]
    standing = await _read_standing(session, actor, fitting)
    placed = [
        _Placed(
            pushed=one,
            target=target,
            question=question,
            standing=standing.get((target.assessment_id, question), StoredAnswer(question=question, row_id="")),
        )
        for one, target, question in fitting
    ]
    await _store(session, actor, placed)
    return left


async def deliver_waiting(session: AsyncSession, actor: Actor, row: tables.Assessment) -> None:
    """Write to a draft of a site that was started, opened or changed in this transaction what stands for it already."""
    if row.site_id is None or row.state != "draft":
        return
    place = {name: getattr(row, name) for name in ("questionnaire", "period_start", "period_end")}
    found = (await session.execute(WAITING, {"supplier": actor.organization, "site": row.site_id, **place})).all()
    if not found:
        return
    version = await definitions.load_version(session, row.questionnaire, row.version)
    target = Target(
        assessment_id=row.id,
        site_id=row.site_id,
        version=version,
        tier=row.tier,
        change_number=row.change_number,
        reopened=row.reopened,
    )
    pushed = [read_pushed(one) for one in found]
    ids = {"supplier": actor.organization, "ids": [str(one.write_id) for one in pushed]}
    made = frozenset(await session.scalars(MADE, ids))
    await deliver(session, actor, [target], pushed, made)
    await session.refresh(row)


def read_pushed(row: Any) -> Pushed:
    """What stands for a site, as it is delivered."""
    return Pushed(
        push_id=row.push_id,
        site_id=row.site_id,
        question=row.question,
        mode=row.mode,
        content=Content(state=row.state, value=row.value, reason=row.reason),
        content_hash=row.content_hash,
        source_id=row.source_id,
        source_revision=row.source_revision,
        pushed_by=row.pushed_by,
    )


async def _fit(
    session: AsyncSession, targets: Sequence[Target], pushed: Sequence[Pushed]
) -> tuple[list[tuple[Pushed, Target, str]], list[Left]]:
    """Each answer with the draft and the question there that take it; one that was pushed later wins."""
    by_site = {target.site_id: target for target in targets}
    matches: dict[tuple[str, str], Mapping[str, str]] = {}
    reasons: dict[tuple[Any, ...], Reason | None] = {}  # the same at each site of one version and tier
    fitting: dict[tuple[UUID, str], tuple[Pushed, Target, str]] = {}
    left = []
    for one in pushed:
        target = by_site.get(one.site_id)
        if target is None:
            continue
        pair = (one.content_hash, target.version.content_hash)
        if pair not in matches:
            matches[pair] = await _match(session, one.content_hash, target.version)
        question = matches[pair].get(one.question)
        alike = (one.push_id, one.question, *pair, target.tier)
        if alike not in reasons:
            reasons[alike] = "not_asked" if question is None else _find_reason(one, target, question)
        reason = reasons[alike] or _find_lock(target, question)
        if question is None or reason is not None:
            left.append(Left(site_id=one.site_id, question=one.question, reason=reason or "not_asked"))
        else:
            fitting[target.assessment_id, question] = (one, target, question)
    return list(fitting.values()), left


async def _match(session: AsyncSession, content_hash: str, version: Version) -> Mapping[str, str]:
    """The keys in a version of the questions of another one that mean the same."""
    if content_hash == version.content_hash:
        return {key: key for key in version.definition.questions}
    old = Version(content_hash, await definitions.load_definition(session, content_hash))
    return carryover.match_questions(await differences.compare(session, old, version))


def _find_reason(one: Pushed, target: Target, key: str) -> Reason | None:
    """Why an answer cannot stand there; what is locked is let go of whatever is asked there by now."""
    if one.mode == "released":
        return None
    definition = target.version.definition
    question = definition.questions[key]
    if not contains(target.tier, question.tier):
        return "other_tier"
    content, state = one.content, one.content.state
    answer = Answer(question=key, state=state, value=drafts.thaw_value(content.value), reason=content.reason or "")  # type: ignore[arg-type]
    problem = carryover.check_answer(definition, question, answer)
    return "not_fitting" if problem is not None and problem.code in carryover.UNSAVABLE else None


def _find_lock(target: Target, question: str | None) -> Reason | None:
    """What nobody asked about stays as it was submitted; what is set for it comes with the next draft."""
    if target.reopened is None or question is None or reopening.is_reopened(target.reopened, question, None):
        return None
    return "not_reopened"


async def _read_standing(
    session: AsyncSession, actor: Actor, fitting: Sequence[tuple[Pushed, Target, str]]
) -> dict[tuple[UUID, str], StoredAnswer]:
    if not fitting:
        return {}
    wanted = {
        "supplier": actor.organization,
        "assessments": list({str(target.assessment_id) for _, target, _ in fitting}),
        "questions": list({question for _, _, question in fitting}),
    }
    found = await session.execute(STANDING, wanted)
    return {(row.assessment_id, row.question): judging.read_stored(row) for row in found}


def _judge(one: _Placed) -> tuple[str, str | None]:
    """What becomes of an answer, and what its provenance is where it is saved; an empty text where nothing does."""
    standing, source = one.standing, one.pushed.source_id
    is_there = standing.content is not None and not standing.content.deleted
    stands = one.is_same and standing.carried_from == source
    if one.pushed.mode == "released":
        return ("saved", "to_confirm") if standing.provenance == LOCKED else ("", None)
    if one.pushed.mode == "locked":
        return ("unchanged", None) if stands and standing.provenance == LOCKED else ("saved", LOCKED)
    if not is_there or standing.provenance == LOCKED:
        return "saved", "to_confirm"
    if standing.provenance == "to_confirm":  # nobody at the site has stood for it
        return ("unchanged", None) if stands else ("saved", "to_confirm")
    return ("unchanged", None) if one.is_same else ("conflict", None)


async def _store(session: AsyncSession, actor: Actor, placed: Sequence[_Placed]) -> None:
    numbers = {one.target.assessment_id: one.target.change_number for one in placed}
    items, changed = [], set()
    for one in placed:
        outcome, provenance = _judge(one)
        if not outcome:
            continue
        changed.add(one.target.assessment_id)
        if outcome == "saved":
            numbers[one.target.assessment_id] += 1
        items.append(_describe(one, outcome, provenance, numbers[one.target.assessment_id]))
    if not items:
        return
    events = [{"supplier": actor.organization, "assessment": key} for key in changed]
    counted = [{"assessment_id": key, "number": numbers[key]} for key in changed]
    await session.execute(
        STORE,
        {
            "supplier": actor.organization,
            "items": writes.dump_json(items),
            "numbers": writes.dump_json(counted),
            "events": writes.dump_json(outbox.make_rows("assessment.changed", events)),
        },
    )


def _describe(one: _Placed, outcome: str, provenance: str | None, number: int) -> dict[str, Any]:
    """A row of the history, and of the answers where it stands; a remark of the site and its plan stay at its answer.

    What meets another answer there says nothing of a plan: whoever decides leaves the one that stands then.
    """
    pushed, now = one.pushed, one.standing
    released = pushed.mode == "released"
    content = now.content if released and now.content is not None else pushed.content
    if now.content is not None:
        plan = None if outcome == "conflict" else now.content.plan
        content = replace(content, comment=now.content.comment, plan=plan)
    write = Write(
        write_id=pushed.write_id,
        question=one.question,
        base_revision=now.revision if outcome != "conflict" else 0,
        state=content.state,
        value=content.value,
        reason=content.reason,
    )
    return vars(content) | {
        "assessment_id": one.target.assessment_id,
        "write_id": pushed.write_id,
        "question": one.question,
        "base_revision": write.base_revision,
        "revision": now.revision + 1 if outcome == "saved" else now.revision,
        "outcome": outcome,
        "number": number,
        "body_hash": write.hash_body(one.target.assessment_id).hex(),
        "provenance": provenance,
        "carried_from": now.carried_from if released else pushed.source_id,
        "carried_question": now.carried_question if released else pushed.question,
        "member": pushed.pushed_by,
        "was": answers.describe_standing(None if now.content is None else now),
        "push_id": pushed.push_id,
        "has_documents": not released and outcome != "conflict" and (outcome == "saved" or _is_from_source(one)),
    }


def _is_from_source(one: _Placed) -> bool:
    standing = one.standing
    return standing.carried_from == one.pushed.source_id and standing.provenance in (LOCKED, "to_confirm")
