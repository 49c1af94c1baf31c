"""All writes to one question, the newest first."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, drafts, writes
from portal.database.tables import assessments as tables
from questionnaires.definition import Definition


async def list_history(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, question: str, row_id: str | None, limit: int
) -> tuple[Definition, list[tables.AnswerWrite]]:
    """Every write that reached the portal for one question and row, the newest first; raises NotFound."""
    subject = await drafts.find_subject(session, actor, assessment_id)
    definition = await definitions.load_definition(session, subject.content_hash)
    if question not in definition.questions:
        raise errors.NotFound("This questionnaire has no such question.", path=("question",))
    table = tables.AnswerWrite
    found = await session.scalars(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.assessment_id == assessment_id,
            table.question == question,
            table.row_id == writes.make_readable(row_id or ""),
        )
        .order_by(table.received_at.desc(), table.write_id.desc())
        .limit(limit)
    )
    return definition, list(found)
