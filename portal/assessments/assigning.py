"""Who of the colleagues answers which section, and until when."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import EDITING_ROLES, Actor
from portal.assessments import joining, teamwork
from portal.database import audit, outbox
from portal.database.tables.teamwork import Assignment

MAX_NOTE = 1_000  # characters


async def assign_section(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    section: str,
    member_id: UUID | None,
    due_on: date | None = None,
    note: str | None = None,
) -> None:
    """Give a section of a draft to a colleague, who gets one letter, or to nobody; again changes nothing.

    Raises NotFound, Conflict where it takes no changes or the colleague cannot answer, InvalidInput for a section that
    is none, a day that is over where the firm is, or a note that is too long.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    subject, definition = await teamwork.open_assessment(session, actor, assessment_id)
    joining.check_open(subject.row)
    teamwork.check_section(definition, section)
    words = teamwork.read_words(note, MAX_NOTE, "note")
    wanted = {"member_id": member_id, "due_on": due_on if member_id else None, "note": words if member_id else None}
    before = await find_assignment(session, actor, assessment_id, section)
    if _is_same(before, wanted):
        return
    if member_id is not None:
        role = await teamwork.find_colleague(session, actor, member_id)
        if role not in EDITING_ROLES:
            told = (
                f"A {role} answers nothing; give the section to an owner or editor, or make this one an editor first."
            )
            raise errors.Conflict(told, code="CANNOT_ANSWER", path=("memberId",))
    if due_on is not None and due_on < subject.own_day:
        told = f"A section is due today at the earliest; this day is {due_on}."
        raise errors.InvalidInput(told, code="DUE_PASSED", path=("dueOn",))
    number = await teamwork.take_number(session, actor, assessment_id)
    await _keep(session, actor, assessment_id, section, wanted, number)
    if member_id not in (None, actor.user_id, before and before.member_id):
        await outbox.add_event(
            session,
            "section.assigned",
            supplier=actor.organization,
            assessment=assessment_id,
            section=section,
            user=member_id,
        )
    detail = {"section": section, "member": None if member_id is None else str(member_id)}
    await audit.add_audit(session, actor, "section.assigned", "assessment", assessment_id, detail=detail)


async def find_assignment(session: AsyncSession, actor: Actor, assessment_id: UUID, section: str) -> Assignment | None:
    """Who has a section; none where it was never given to anybody."""
    return await session.get(Assignment, (actor.organization, assessment_id, section), populate_existing=True)


def _is_same(before: Assignment | None, wanted: dict[str, Any]) -> bool:
    if before is None:
        return wanted["member_id"] is None
    return all(getattr(before, name) == value for name, value in wanted.items())


async def _keep(
    session: AsyncSession, actor: Actor, assessment_id: UUID, section: str, wanted: dict[str, Any], number: int
) -> None:
    values = wanted | {"assigned_by": actor.user_id, "changed_at_number": number}
    statement = insert(Assignment).values(
        supplier_id=actor.organization, assessment_id=assessment_id, section=section, **values
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["supplier_id", "assessment_id", "section"],
            set_=values | {"assigned_at": func.portal.clock()},
        )
    )


async def list_assignments(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, list[Assignment]]:
    """Who has which section of these assessments, in one statement."""
    table = Assignment
    found = await session.scalars(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.assessment_id.in_(wanted),
            table.member_id.is_not(None),
        )
        .order_by(table.section)
        .execution_options(populate_existing=True)
    )
    listed: dict[UUID, list[Assignment]] = {one: [] for one in wanted}
    for row in found:
        listed[row.assessment_id].append(row)
    return listed
