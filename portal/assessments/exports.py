"""Everything of one assessment as documents: what anybody can recompute it with, and what colleagues did on it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import colleagues, definitions, drafts, gaps, snapshots, submissions
from portal.database.tables.assessments import AnswerWrite
from portal.database.tables.site_answers import AnswerPush
from portal.database.tables.teamwork import AnswerComment, Assignment, SignOff
from questionnaires import document, nesting

FORMAT = "assessment-export/1"
TEAM_FORMAT = "assessment-team/1"
UNTOLD = ("supplier_id", "assessment_id", "body_hash", "changed_at_number")  # said once, or nobody's business
PEOPLE = ("member_id", "author_id", "resolved_by", "assigned_by", "demanded_by", "pushed_by")


async def export_assessment(session: AsyncSession, actor: Actor, *, assessment_id: UUID) -> dict[str, Any]:
    """The draft as it is now: definition, profile, answers, and the trace of its score. Raises NotFound."""
    draft = await drafts.load_draft(session, actor, assessment_id)
    profile = await drafts.load_profile(session, draft)
    kept = draft.find_applicable().keep_enabled()
    _, traced = draft.compile_profile(profile).score_and_trace(draft.tier, kept, draft.subject.day)
    return {
        "format": FORMAT,
        "assessment": _describe(draft.row),
        "content_hash": draft.subject.content_hash,
        "profile_hash": draft.subject.profile_hash,
        "definition": document.write_document(draft.definition),
        "profile": document.write_document(profile),
        "tier": draft.row.tier,
        "answers": nesting.write_nested(draft.definition, draft.answers),
        "plans": [
            {"question": key, "row": row, **(gaps.write_pledge(pledge) or {})}
            for (key, row), pledge in sorted(draft.plans.items(), key=str)
        ],
        "trace": traced,
    }


async def export_team(session: AsyncSession, actor: Actor, *, assessment_id: UUID) -> dict[str, Any]:
    """What colleagues did on an assessment, oldest first: every write, comments, assignments, sign-offs.

    Beside it are the acts of the head office that reached it, or were done from it.

    People stand under `people` by their ids, with the names of those who are members now. Raises NotFound.
    """
    row = (await drafts.find_subject(session, actor, assessment_id)).row
    tables: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "writes": (AnswerWrite, (AnswerWrite.received_at, AnswerWrite.write_id)),
        "comments": (AnswerComment, (AnswerComment.created_at, AnswerComment.id)),
        "assignments": (Assignment, (Assignment.section,)),
        "sign_offs": (SignOff, (SignOff.section, SignOff.member_id)),
    }
    listed: dict[str, list[dict[str, Any]]] = {}
    for name, (table, order) in tables.items():
        columns = [column for column in table.__table__.c if column.name not in UNTOLD]
        statement = (
            select(*columns)
            .where(table.supplier_id == actor.organization, table.assessment_id == assessment_id)
            .order_by(*order)
        )
        listed[name] = [dict(one) for one in (await session.execute(statement)).mappings()]
    listed["pushes"] = await _list_pushes(session, actor, assessment_id)
    people = {one[part] for rows in listed.values() for one in rows for part in PEOPLE if part in one}
    names = await colleagues.find_names(session, actor, people)
    told = {str(person): names.get(person) for person in people if person is not None}
    return {"format": TEAM_FORMAT, "assessment": _describe(row), "people": told, **listed}


async def _list_pushes(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[dict[str, Any]]:
    reached = select(AnswerWrite.push_id).where(
        AnswerWrite.supplier_id == actor.organization,
        AnswerWrite.assessment_id == assessment_id,
        AnswerWrite.push_id.is_not(None),
    )
    columns = [column for column in AnswerPush.__table__.c if column.name not in (*UNTOLD, "report")]
    statement = (
        select(*columns)
        .where(
            AnswerPush.supplier_id == actor.organization,
            AnswerPush.id.in_(reached) | (AnswerPush.source_id == assessment_id),
        )
        .order_by(AnswerPush.pushed_at, AnswerPush.id)
    )
    return [dict(one) for one in (await session.execute(statement)).mappings()]


async def export_submission(session: AsyncSession, actor: Actor, *, submission_id: UUID) -> dict[str, Any]:
    """What was frozen: definition, profile, answers, trace, and every salt and hash of the seal. Raises NotFound."""
    row = await submissions.get_submission(session, actor, submission_id)
    sections = await submissions.list_sections(session, actor, submission_id)
    definition = await definitions.load_definition(session, row.content_hash)
    profile = await definitions.load_profile(session, definition, row.header["profile"], row.header["profile_hash"])
    return {
        "format": FORMAT,
        "submission": _describe(row),
        "content_hash": row.content_hash,
        "profile_hash": row.header["profile_hash"],
        "definition": document.write_document(definition),
        "profile": document.write_document(profile),
        "tier": row.tier,
        "answers": {key: entry for section in sections for key, entry in section.answers.items()},
        "trace": {
            "format": "trace/1",
            "summary": row.header["summary"],
            "sections": {section.section: section.trace for section in sections},
        },
        "seal": {
            "root": row.root_hash.hex(),
            "header": row.header,
            "sections": [asdict(snapshots.read_section(section)) for section in sections],
        },
    }


IDENTITY = (
    "id",
    "questionnaire",
    "version",
    "tier",
    "subject",
    "subject_key",
    "period_start",
    "period_end",
    "revision",
)


def _describe(row: Any) -> dict[str, Any]:
    return {name: _write_plain(getattr(row, name)) for name in IDENTITY}


def _write_plain(value: Any) -> Any:
    """Ids and days by their text."""
    return value if isinstance(value, int) else str(value)
