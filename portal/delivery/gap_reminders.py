"""What the owner of a plan for a declared gap is told before its day and once after: one letter with all of them."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database import ids, outbox
from portal.delivery import stopping, titles
from portal.delivery.letters import Draft, Lines, Occasion, Phrase
from portal.delivery.workplace import Workplace

MARKS = [30, 7, -1]  # days before the day of a plan, and once after it
REMIND = text("SELECT supplier, person FROM portal.remind_of_gaps(CAST(:marks AS integer[]), :notice)")
READ = text(
    """
    SELECT DISTINCT r.due_on, r.days < 0 AS is_late, q.title AS questionnaire,
           q.key AS questionnaire_key, g.value ->> 'plan' AS plan,
           o.name AS organization, u.name, u.email, u.locale
      FROM portal.gap_reminder r
      JOIN portal.submission s ON s.supplier_id = r.supplier_id AND s.id = r.submission_id AND s.state = 'current'
      JOIN portal.questionnaire q ON q.key = s.questionnaire
      JOIN portal.submission_section c ON c.supplier_id = s.supplier_id AND c.submission_id = s.id
     CROSS JOIN LATERAL jsonb_array_elements(c.gaps) g (value)
      JOIN portal.organization o ON o.id = r.supplier_id AND o.status = 'active'
      JOIN portal.member m ON m.organization_id = r.supplier_id AND m.user_id = r.user_id
      JOIN portal.user_account u ON u.id = r.user_id AND u.wants_result_letters
     WHERE r.supplier_id = :supplier AND r.notice = :notice AND r.user_id = :user
       AND g.value ->> 'question' = r.question AND coalesce(g.value ->> 'row', '') = r.row_id
     ORDER BY r.due_on, questionnaire, plan
    """
)


async def remind_of_gaps(workplace: Workplace) -> None:
    """Ask for one letter to each owner about all plans that come due; what was told already is not told again.

    Of a plan whose owner has left the owners of the supplier are told.
    """
    notice = ids.new_id()
    async with workplace.database.transaction() as (session, _):
        found = (await session.execute(REMIND, {"marks": MARKS, "notice": notice})).all()
        events = [{"supplier": row.supplier, "notice": notice, "user": row.person} for row in found]
        await outbox.add_events(session, "gap.due", events)


async def draft_due(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner, about those plans of a notice that are still submitted; none where nothing is."""
    parameters = {name: UUID(occasion.ids[name]) for name in ("supplier", "notice", "user")}
    found = (await session.execute(READ, parameters)).all()
    if not found:
        return None
    first = found[0]
    told = await titles.load_all(session, first.locale, found)
    lines = tuple(
        (
            row.due_on.isoformat(),
            *((Phrase("overdue"),) if row.is_late else ()),
            told[row.questionnaire_key].questionnaire,
            " ".join(row.plan.split()),
        )
        for row in found
    )
    parts: dict[str, str | Lines] = {
        "organization": first.organization,
        "name": first.name,
        "link": occasion.entry,
    }
    parts = {**parts, "plans": lines}
    return Draft("gap_due", first.email, (first.locale,), parts, parameters["user"], stopping.RESULTS)
