"""What a head office pushed: each act as it went, and what stands for sites now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import definitions, drafts
from portal.assessments.pushed_answers import Left
from portal.database.tables.site_answers import AnswerPush
from questionnaires.definition import Definition

SiteState = Literal["written", "waiting", "submitted", "nothing"]

ACT = text("SELECT * FROM portal.answer_push WHERE supplier_id = :supplier AND id = :push")
DONE = text(
    """
    SELECT w.*, a.site_id, a.questionnaire, a.version FROM portal.answer_write w
      JOIN portal.assessment a ON a.supplier_id = w.supplier_id AND a.id = w.assessment_id
     WHERE w.supplier_id = :supplier AND w.push_id = :push AND w.assessment_id = ANY (CAST(:assessments AS uuid[]))
     ORDER BY a.site_id, w.question
    """
)

# Of the site that an assessment is about, or of all for the organization's own, in its period. Where an answer stands
# at the site, it is told by its provenance; `own` is what the organization's newest assessment says now.
STANDING = text(
    """
    SELECT p.site_id, p.question, p.content_hash, p.state, p.value, p.reason, u.mode, u.note, u.pushed_by, u.pushed_at,
           u.source_id, p.push_id, t.id AS assessment_id, a.provenance, a.revision, a.deleted,
           o.id IS NOT NULL AND (own.question IS NULL OR own.deleted
               OR (own.state, own.value, own.reason) IS DISTINCT FROM (p.state, p.value, p.reason)) AS is_outdated
      FROM portal.pushed_answer p
      JOIN portal.answer_push u ON u.supplier_id = p.supplier_id AND u.id = p.push_id AND u.mode <> 'released'
      LEFT JOIN LATERAL (SELECT n.id FROM portal.assessment n
                          WHERE n.supplier_id = p.supplier_id AND n.questionnaire = p.questionnaire
                            AND n.subject_key = p.site_id AND n.period_start = p.period_start
                            AND n.period_end = p.period_end
                          ORDER BY n.revision DESC LIMIT 1) t ON true
      LEFT JOIN portal.answer a ON a.supplier_id = p.supplier_id AND a.assessment_id = t.id AND a.question = p.question
                               AND a.row_id = ''
      LEFT JOIN LATERAL (SELECT n.id FROM portal.assessment n
                          WHERE n.supplier_id = p.supplier_id AND n.questionnaire = p.questionnaire
                            AND n.subject_key = p.supplier_id AND n.period_start = p.period_start
                            AND n.period_end = p.period_end
                          ORDER BY n.revision DESC LIMIT 1) o ON true
      LEFT JOIN portal.answer own ON own.supplier_id = p.supplier_id AND own.assessment_id = o.id
                                 AND own.question = p.question AND own.row_id = ''
     WHERE p.supplier_id = :supplier AND p.questionnaire = :questionnaire AND p.period_start = :period_start
       AND p.period_end = :period_end AND (CAST(:site AS uuid) IS NULL OR p.site_id = CAST(:site AS uuid))
       AND (CAST(:after AS text) IS NULL OR (p.question, p.site_id) > (CAST(:after AS text) COLLATE "C",
                                                                       CAST(:after_site AS uuid)))
     ORDER BY p.question, p.site_id LIMIT :most
    """
)


@dataclass(frozen=True, kw_only=True)
class SitePush:
    """What became of an act at one site: the writes it made there, as rows of the history.

    `waiting`: nothing was started there, the draft to come gets them. `submitted`: its correction gets them. `nothing`:
    there was nothing to push, or all of it was left out.
    """

    site_id: UUID
    state: SiteState
    assessment_id: UUID | None
    rows: Sequence[Any]
    definitions: Mapping[str, Definition]  # by the version that a row names


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act of pushing or releasing, as it went."""

    push_id: UUID
    source_id: UUID
    sites: Sequence[SitePush]
    left: Sequence[Left]


async def list_standing(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    limit: int,
    after: tuple[str, UUID] | None = None,
) -> tuple[dict[str, Definition], Sequence[Any]]:
    """What the head office set for the site of an assessment, or from the organization's for all sites, with the
    versions that it was answered in; `after` is the question and site of the last one seen. Raises NotFound."""
    row = (await drafts.find_subject(session, actor, assessment_id)).row
    question, site = after or (None, None)
    parameters = {
        "supplier": actor.organization,
        "questionnaire": row.questionnaire,
        "period_start": row.period_start,
        "period_end": row.period_end,
        "site": row.site_id,
        "after": question,
        "after_site": site,
        "most": limit,
    }
    rows = (await session.execute(STANDING, parameters)).all()
    versions = {one: await definitions.load_definition(session, one) for one in {row.content_hash for row in rows}}
    return versions, rows


async def find_notes(session: AsyncSession, actor: Actor, wanted: Iterable[UUID | None]) -> dict[UUID, str]:
    """Why these acts were done, in one statement; none where nobody asks, or nobody said."""
    acts = {one for one in wanted if one is not None}
    if not acts:
        return {}
    table = AnswerPush
    found = await session.execute(
        select(table.id, table.note).where(
            table.supplier_id == actor.organization, table.id.in_(acts), table.note.is_not(None)
        )
    )
    return {row.id: row.note for row in found}


async def tell_act(session: AsyncSession, actor: Actor, push_id: UUID) -> Act:
    """What an act did, read from what it left; the same again for a repeated call."""
    act = (await session.execute(ACT, {"supplier": actor.organization, "push": push_id})).one()
    listed = act.report["sites"]
    reached = [one["assessment"] for one in listed if one["state"] == "written"]
    parameters = {"supplier": actor.organization, "push": push_id, "assessments": reached}
    rows: dict[str, list[Any]] = {}
    for row in await session.execute(DONE, parameters):
        rows.setdefault(str(row.site_id), []).append(row)
    known = {
        row.version: (await definitions.load_version(session, row.questionnaire, row.version)).definition
        for row in {found[0].version: found[0] for found in rows.values()}.values()
    }
    return Act(
        push_id=push_id,
        source_id=act.source_id,
        sites=[_tell_site(one, rows.get(one["site"], []), known) for one in listed],
        left=[
            Left(
                site_id=None if one["site"] is None else UUID(one["site"]),
                question=one["question"],
                reason=one["reason"],
            )
            for one in act.report["left"]
        ],
    )


def _tell_site(one: dict[str, Any], rows: Sequence[Any], known: Mapping[str, Definition]) -> SitePush:
    return SitePush(
        site_id=UUID(one["site"]),
        state=one["state"],
        assessment_id=None if one["assessment"] is None else UUID(one["assessment"]),
        rows=rows,
        definitions=known,
    )
