"""Letters between colleagues: a section was assigned, a sign-off is asked for."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import titles
from portal.delivery.letters import Draft, Occasion, Phrase

# What a letter to a colleague rests on.
COLLEAGUES = {
    "section_assigned": (
        "SELECT supplier_id, assessment_id, section, member_id, due_on, note, assigned_by AS by_id"
        " FROM portal.assignment"
    ),
    "sign_off_demanded": (
        "SELECT supplier_id, assessment_id, section, member_id, NULL::date AS due_on, NULL AS note,"
        " demanded_by AS by_id FROM portal.sign_off WHERE withdrawn_at IS NULL"
    ),
}


async def draft_colleague(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one member, while what it tells still stands and the draft is open."""
    query = text(
        f"""
        SELECT u.name, u.email, u.locale, o.name AS organization, q.title AS questionnaire,
               q.key AS questionnaire_key, a.version, w.section, w.due_on, w.note, a.period_start, a.period_end,
               b.name AS by
          FROM ({COLLEAGUES[occasion.kind]}) w
          JOIN portal.assessment a ON a.supplier_id = w.supplier_id AND a.id = w.assessment_id AND a.state = 'draft'
          JOIN portal.questionnaire q ON q.key = a.questionnaire
          JOIN portal.organization o ON o.id = a.supplier_id
          JOIN portal.member m ON m.organization_id = o.id AND m.user_id = w.member_id
          JOIN portal.user_account u ON u.id = m.user_id
          LEFT JOIN portal.user_account b ON b.id = w.by_id
         WHERE w.supplier_id = :supplier AND w.assessment_id = :assessment AND w.section = :section
           AND w.member_id = :user
        """  # noqa: S608  # no part of it comes from outside
    )
    parameters: dict[str, Any] = {name: UUID(occasion.ids[name]) for name in ("supplier", "assessment", "user")}
    found = (await session.execute(query, parameters | {"section": occasion.ids["section"]})).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found, found.version)
    parts = {
        "name": found.name,
        "organization": found.organization,
        "questionnaire": told.questionnaire,
        "by": found.by or Phrase("A colleague"),
        "period": f"{found.period_start.isoformat()} – {found.period_end.isoformat()}",
        "section": told.find_section(found.section) or Phrase("the whole questionnaire"),
        "due": found.due_on.isoformat() if found.due_on else Phrase("no due date"),
        "note": f"{found.note}\n" if found.note else "",
        "link": occasion.entry,
    }
    return Draft(occasion.kind, found.email, (found.locale,), parts)
