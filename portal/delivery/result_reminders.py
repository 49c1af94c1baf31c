"""What suppliers are told by the clock of their results: that the validity of one ends, once, in time to renew it."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database import ids, outbox
from portal.delivery import stopping, titles
from portal.delivery.letters import Draft, Occasion, Phrase
from portal.delivery.workplace import Workplace
from portal.reading.assessments import RENEWAL_DAYS

REMIND = text("SELECT portal.remind_of_results(:days, :notice)")
READ = text(
    """
    SELECT o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key, s.subject_name,
           s.period_start, s.period_end, r.valid_until, u.name, u.email, u.locale
      FROM portal.result_reminder r
      JOIN portal.submission s ON s.supplier_id = r.supplier_id AND s.id = r.submission_id AND s.state = 'current'
      JOIN portal.organization o ON o.id = r.supplier_id
      JOIN portal.questionnaire q ON q.key = s.questionnaire
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_result_letters
     WHERE r.supplier_id = :supplier AND r.notice = :notice
     ORDER BY r.valid_until, q.title, s.subject_name NULLS FIRST, s.id
    """
)


async def remind_of_results(workplace: Workplace) -> None:
    """Ask for one letter to each supplier about all that ends soon; what was told already is not told again."""
    notice = ids.new_id()
    async with workplace.database.transaction() as (session, _):
        suppliers = list(await session.scalars(REMIND, {"days": RENEWAL_DAYS, "notice": notice}))
        events = [{"supplier": one, "notice": notice} for one in suppliers]
        await outbox.add_events(session, "validity.ending", events)


async def draft_ending(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor, about those results of a notice that count still; none where none does."""
    found = (
        await session.execute(READ, {name: UUID(occasion.ids[name]) for name in ("supplier", "notice", "user")})
    ).all()
    if not found:
        return None
    first = found[0]
    told = await titles.load_all(session, first.locale, found)
    lines = tuple(
        (
            row.valid_until.isoformat(),
            told[row.questionnaire_key].questionnaire,
            row.subject_name or Phrase("the whole organization"),
            f"{row.period_start.isoformat()} – {row.period_end.isoformat()}",
        )
        for row in found
    )
    parts = {
        "organization": first.organization,
        "name": first.name,
        "link": occasion.entry,
        "results": lines,
    }
    reader = UUID(occasion.ids["user"])
    return Draft("validity_ending", first.email, (first.locale,), parts, reader, stopping.RESULTS)
