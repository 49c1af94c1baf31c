"""A head office that answers once for its sites: pushing what the organization answered, and releasing it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, drafts, joining, pushed_answers, pushes, teamwork, writes
from portal.assessments.drafts import Draft
from portal.assessments.pushed_answers import Left, Mode, Pushed, Target
from portal.assessments.writes import Content
from portal.database import audit, idempotency, ids
from portal.database.tables.directory import Site

MAX_QUESTIONS = 200
MOST_ANSWERS = 5_000  # questions times sites, of one act
MAX_NOTE = 1_000  # characters

SOURCE = text(
    """
    SELECT question, revision, state, value, reason FROM portal.answer
     WHERE supplier_id = :supplier AND assessment_id = :source AND row_id = '' AND NOT deleted
       AND question = ANY (CAST(:questions AS text[]))
    """
)
# The act, and what stands by it from now on.
KEEP = text(
    """
    WITH act AS (
        INSERT INTO portal.answer_push (supplier_id, id, source_id, mode, note, pushed_by)
        VALUES (CAST(:supplier AS uuid), :push, :source, :mode, :note, CAST(:member AS uuid))
    )
    INSERT INTO portal.pushed_answer AS p (supplier_id, questionnaire, period_start, period_end, site_id, question,
                                           push_id, content_hash, state, value, reason, source_revision)
    SELECT CAST(:supplier AS uuid), :questionnaire, CAST(:period_start AS date), CAST(:period_end AS date), site,
           question, CAST(:push AS uuid), :content_hash, state, value, reason, revision
      FROM unnest(CAST(:sites AS uuid[])) AS site
     CROSS JOIN jsonb_to_recordset(CAST(:answers AS jsonb)) AS x (
           question text, state text, value jsonb, reason text, revision integer)
    ON CONFLICT (supplier_id, questionnaire, period_start, period_end, site_id, question) DO UPDATE SET
        push_id = excluded.push_id, content_hash = excluded.content_hash, state = excluded.state,
        value = excluded.value, reason = excluded.reason, source_revision = excluded.source_revision
    """
)
RELEASE = text(
    """
    WITH act AS (
        INSERT INTO portal.answer_push (supplier_id, id, source_id, mode, note, pushed_by)
        VALUES (CAST(:supplier AS uuid), :push, :source, 'released', :note, CAST(:member AS uuid))
    )
    UPDATE portal.pushed_answer p SET push_id = :push
     WHERE p.supplier_id = :supplier AND p.questionnaire = :questionnaire
       AND p.period_start = CAST(:period_start AS date) AND p.period_end = CAST(:period_end AS date)
       AND p.site_id = ANY (CAST(:sites AS uuid[]))
       AND (CAST(:questions AS text[]) IS NULL OR p.question = ANY (CAST(:questions AS text[])))
       AND EXISTS (SELECT FROM portal.answer_push u
                    WHERE u.supplier_id = p.supplier_id AND u.id = p.push_id AND u.mode <> 'released')
    RETURNING p.site_id, p.question, p.content_hash, p.state, p.value, p.reason, p.source_revision
    """
)
# The newest assessment of each site for the place of the organization's own, locked where it is a draft.
NEWEST = text(
    """
    SELECT a.id, a.site_id, a.version, a.tier, a.state, a.change_number, a.reopened
      FROM portal.assessment a
     WHERE a.supplier_id = :supplier AND a.questionnaire = :questionnaire
       AND a.period_start = CAST(:period_start AS date) AND a.period_end = CAST(:period_end AS date)
       AND a.subject = 'site' AND a.site_id = ANY (CAST(:sites AS uuid[]))
       AND NOT EXISTS (SELECT FROM portal.assessment n
                        WHERE n.supplier_id = a.supplier_id AND n.questionnaire = a.questionnaire
                          AND n.subject_key = a.subject_key AND n.period_start = a.period_start
                          AND n.period_end = a.period_end AND n.revision > a.revision)
     ORDER BY a.id FOR NO KEY UPDATE OF a
    """
)
REPORT = text("UPDATE portal.answer_push SET report = :report WHERE supplier_id = :supplier AND id = :push")


async def push_answers(
    session: AsyncSession,
    actor: Actor,
    *,
    source_id: UUID,
    questions: Sequence[str],
    mode: Mode,
    site_ids: Sequence[UUID] | None = None,
    note: str | None = None,
    idempotency_key: str | None = None,
) -> pushes.Act:
    """Set answers of the organization's assessment for its sites, all of those in use where none are named.

    They reach open drafts now, and later ones when those begin. What cannot be pushed is told and keeps nothing else.
    Raises NotFound, InvalidInput SUBJECT, EMPTY, TOO_MANY, LENGTH or CHARACTERS, Conflict UPGRADED or NEWER_REVISION.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    said = teamwork.read_words(note, MAX_NOTE, "note")
    _check_count(questions, "questions")
    body = {"source": source_id, "questions": questions, "mode": mode, "sites": site_ids, "note": said}
    made = await idempotency.find_made(session, actor, idempotency_key, "pushAnswers", body)
    if made is not None:
        return await pushes.tell_act(session, actor, UUID(made[0]))
    await joining.take_turn(session, actor)
    source = await _open_source(session, actor, source_id)
    sites = await _find_sites(session, actor, site_ids)
    _check_product(questions, sites)
    push_id = ids.new_id()
    chosen, left = await _choose(session, actor, source, questions)
    parameters = _name_place(actor, source) | {
        "push": push_id,
        "source": source_id,
        "mode": mode,
        "note": said,
        "member": actor.user_id,
        "sites": [str(one) for one in sites],
        "content_hash": source.subject.content_hash,
        "answers": writes.dump_json([row._asdict() for row in chosen]),
    }
    await session.execute(KEEP, parameters)
    pushed = [_make_pushed(actor, source, push_id, mode, site, row) for site in sites for row in chosen]
    await _deliver(session, actor, source, push_id, sites, pushed, left)
    detail = {"mode": mode, "sites": len(sites), "questions": len(chosen)}
    await audit.add_audit(session, actor, "answers.pushed", "assessment", source_id, detail=detail)
    await idempotency.keep_made(session, actor, idempotency_key, "pushAnswers", body, [push_id])
    return await pushes.tell_act(session, actor, push_id)


async def release_answers(
    session: AsyncSession,
    actor: Actor,
    *,
    source_id: UUID,
    questions: Sequence[str] | None = None,
    site_ids: Sequence[UUID] | None = None,
    note: str | None = None,
    idempotency_key: str | None = None,
) -> pushes.Act:
    """Let sites answer for themselves again: what was locked waits for a look there, and nothing is set any more.

    For all sites, archived ones too, and all questions where none are named. Raises as `push_answers`.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    said = teamwork.read_words(note, MAX_NOTE, "note")
    if questions is not None:
        _check_count(questions, "questions")
    body = {"source": source_id, "questions": questions, "sites": site_ids, "note": said}
    made = await idempotency.find_made(session, actor, idempotency_key, "releaseAnswers", body)
    if made is not None:
        return await pushes.tell_act(session, actor, UUID(made[0]))
    await joining.take_turn(session, actor)
    source = await _open_source(session, actor, source_id)
    sites = await _find_sites(session, actor, site_ids, archived=True)
    push_id = ids.new_id()
    parameters = _name_place(actor, source) | {
        "push": push_id,
        "source": source_id,
        "note": said,
        "member": actor.user_id,
        "sites": [str(one) for one in sites],
        # No question has a key that the database cannot be asked for.
        "questions": None if questions is None else [one for one in questions if writes.is_readable(one)],
    }
    rows = (await session.execute(RELEASE, parameters)).all()
    act = {"push_id": push_id, "mode": "released", "source_id": source_id, "pushed_by": actor.user_id}
    pushed = [pushed_answers.read_pushed(SimpleNamespace(**row._asdict(), **act)) for row in rows]
    reached = list(dict.fromkeys(one.site_id for one in pushed))
    await _deliver(session, actor, source, push_id, reached, pushed, [])
    detail = {"sites": len(reached), "answers": len(pushed)}
    await audit.add_audit(session, actor, "answers.released", "assessment", source_id, detail=detail)
    await idempotency.keep_made(session, actor, idempotency_key, "releaseAnswers", body, [push_id])
    return await pushes.tell_act(session, actor, push_id)


def _make_pushed(actor: Actor, source: Draft, push_id: UUID, mode: Mode, site: UUID, row: Any) -> Pushed:
    return Pushed(
        push_id=push_id,
        site_id=site,
        question=row.question,
        mode=mode,
        content=Content(state=row.state, value=row.value, reason=row.reason),
        content_hash=source.subject.content_hash,
        source_id=source.row.id,
        source_revision=row.revision,
        pushed_by=actor.user_id,
    )


def _check_count(given: Sequence[Any], name: str) -> None:
    if not 1 <= len(given) <= MAX_QUESTIONS:
        words = f"Name 1 to {MAX_QUESTIONS} {name} at once; these are {len(given)}."
        raise errors.InvalidInput(words, code="TOO_MANY" if given else "EMPTY", path=(name,))


def _check_product(questions: Sequence[str], sites: Sequence[UUID]) -> None:
    count = len(questions) * len(sites)
    if count > MOST_ANSWERS:
        words = f"At most {MOST_ANSWERS:,} answers at once; these are {count:,}. Name fewer sites or questions."
        raise errors.InvalidInput(words, code="TOO_MANY", path=("siteIds",))


async def _open_source(session: AsyncSession, actor: Actor, source_id: UUID) -> Draft:
    """The organization's own assessment in its newest revision, which nobody changes meanwhile."""
    source = await drafts.load_draft(session, actor, source_id, lock=True)
    if source.row.subject != "organization":
        words = "Answers are pushed from an assessment of the organization as a whole; this one is about a site."
        raise errors.InvalidInput(words, code="SUBJECT", path=("assessmentId",))
    if source.row.state == "replaced":
        joining.check_open(source.row)
    latest = await joining.find_latest(session, actor, joining.read_place(source.row))
    if latest is None or latest.id != source_id:
        raise errors.Conflict("There is a newer revision already; go on with that one.", code="NEWER_REVISION")
    return source


async def _find_sites(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID] | None, *, archived: bool = False
) -> list[UUID]:
    """The sites that are named, or all; raises NotFound for one that is not the caller's or, unless asked, archived."""
    statement = select(Site.id).where(Site.organization_id == actor.organization)
    if not archived:
        statement = statement.where(Site.archived_at.is_(None))
    if wanted is not None:
        statement = statement.where(Site.id.in_(wanted))
    found = set(await session.scalars(statement))
    for place, one in enumerate(wanted or ()):
        if one not in found:
            raise errors.NotFound("There is no such site.", path=("siteIds", place))
    if not found and not archived:
        raise errors.InvalidInput("There is no site to push to; add one first.", code="EMPTY", path=("siteIds",))
    return sorted(found)


async def _choose(
    session: AsyncSession, actor: Actor, source: Draft, questions: Sequence[str]
) -> tuple[list[Any], list[Left]]:
    """The answers to push, as the head office gave them itself; and what there is none of."""
    reasons = {key: _find_reason(source, key) for key in dict.fromkeys(questions)}
    left = [
        Left(site_id=None, question=writes.make_readable(key), reason=reason)
        for key, reason in reasons.items()
        if reason
    ]
    wanted = [key for key, reason in reasons.items() if reason is None]
    parameters = {"supplier": actor.organization, "source": source.row.id, "questions": wanted}
    return list(await session.execute(SOURCE, parameters)), left


def _find_reason(source: Draft, key: str) -> str | None:
    question = source.definition.questions.get(key)
    if question is None:
        return "unknown_question"
    if question.type == "group" or key in source.definition.parents:
        return "in_group"
    if (key, None) not in source.answers:
        return "unanswered"
    return "unconfirmed" if (key, None) in source.unconfirmed else None


def _name_place(actor: Actor, source: Draft) -> dict[str, Any]:
    row = source.row
    return {
        "supplier": actor.organization,
        "questionnaire": row.questionnaire,
        "period_start": row.period_start,
        "period_end": row.period_end,
    }


async def _deliver(
    session: AsyncSession,
    actor: Actor,
    source: Draft,
    push_id: UUID,
    sites: Sequence[UUID],
    pushed: Sequence[Pushed],
    left: Sequence[Left],
) -> None:
    """Write to the drafts that are open, and keep with the act where each site stood."""
    place = _name_place(actor, source)
    found = (await session.execute(NEWEST, place | {"sites": [str(one) for one in sites]})).all()
    targets = await _make_targets(session, source, [row for row in found if row.state == "draft"])
    left = [*left, *await pushed_answers.deliver(session, actor, targets, pushed)]
    states = {row.site_id: row for row in found}
    not_there = {(one.site_id, one.question) for one in left}
    reached = {one.site_id for one in pushed if (one.site_id, one.question) not in not_there}
    report = {
        "sites": [_report_site(site, states.get(site), is_reached=site in reached) for site in sites],
        "left": [
            {"site": None if one.site_id is None else str(one.site_id), "question": one.question, "reason": one.reason}
            for one in left
        ],
    }
    parameters = {"supplier": actor.organization, "push": push_id, "report": writes.dump_json(report)}
    await session.execute(REPORT, parameters)


async def _make_targets(session: AsyncSession, source: Draft, rows: Sequence[Any]) -> list[Target]:
    versions = {
        version: await definitions.load_version(session, source.row.questionnaire, version)
        for version in {row.version for row in rows}
    }
    return [
        Target(
            assessment_id=row.id,
            site_id=row.site_id,
            version=versions[row.version],
            tier=row.tier,
            change_number=row.change_number,
            reopened=row.reopened,
        )
        for row in rows
    ]


def _report_site(site: UUID, row: Any, *, is_reached: bool) -> dict[str, Any]:
    if row is None:
        return {"site": str(site), "state": "waiting" if is_reached else "nothing", "assessment": None}
    state = "written" if row.state == "draft" else "submitted"
    return {"site": str(site), "state": state if is_reached else "nothing", "assessment": str(row.id)}
