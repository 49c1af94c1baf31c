"""All writes to one question, the newest first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, drafts, writes
from portal.database.tables import assessments as tables
from questionnaires.definition import Definition


async def list_history(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    question: str,
    row_id: str | None,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[Definition, list[tables.AnswerWrite]]:
    """Every write that reached the portal for one question and row, the newest first; raises NotFound.

    `after` is the moment and id of the last one seen.
    """
    subject = await drafts.find_subject(session, actor, assessment_id)
    definition = await definitions.load_definition(session, subject.content_hash)
    if question not in definition.questions:
        raise errors.NotFound("This questionnaire has no such question.", path=("question",))
    table = tables.AnswerWrite
    statement = select(table).where(
        table.supplier_id == actor.organization,
        table.assessment_id == assessment_id,
        table.question == question,
        table.row_id == writes.make_readable(row_id or ""),
    )
    if after is not None:
        statement = statement.where(tuple_(table.received_at, table.write_id) < tuple_(*after))
    found = await session.scalars(statement.order_by(table.received_at.desc(), table.write_id.desc()).limit(limit))
    return definition, list(found)
