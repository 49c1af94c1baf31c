"""Everything of one assessment as one document, with which anybody can check and recompute it away from the portal."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import definitions, drafts, snapshots, submissions
from questionnaires import document, nesting, scoring, trace

FORMAT = "assessment-export/1"


async def export_assessment(session: AsyncSession, actor: Actor, *, assessment_id: UUID) -> dict[str, Any]:
    """The draft as it is now: definition, profile, answers, and the trace of its score. Raises NotFound."""
    draft = await drafts.load_draft(session, actor, assessment_id)
    profile = await drafts.load_profile(session, draft)
    kept = draft.find_applicable().keep_enabled()
    result = scoring.score_answers(draft.definition, profile, draft.tier, kept, draft.subject.day)
    return {
        "format": FORMAT,
        "assessment": _describe(draft.row),
        "content_hash": draft.subject.content_hash,
        "profile_hash": draft.subject.profile_hash,
        "definition": document.write_document(draft.definition),
        "profile": document.write_document(profile),
        "tier": draft.row.tier,
        "answers": nesting.write_nested(draft.definition, draft.answers),
        "trace": trace.write_trace(result, draft.definition, profile),
    }


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
