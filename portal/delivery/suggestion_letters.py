"""What the owners of a supplier are told of a person whom a buyer was told to ask, and who is no member there yet."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import titles
from portal.delivery.letters import Draft, Occasion, Phrase

# Whoever is in by now sees what is asked without being invited.
READ = text(
    """
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key,
           g.name AS person, g.email AS address, u.name, u.email, u.locale
      FROM portal.contact_suggestion g
      JOIN portal.request r ON r.buyer_id = g.buyer_id AND r.id = g.request_id AND r.state IN ('open', 'accepted')
      JOIN portal.questionnaire q ON q.key = r.questionnaire
      JOIN portal.organization b ON b.id = g.buyer_id AND b.status = 'active'
      JOIN portal.organization o ON o.id = g.supplier_id AND o.status = 'active'
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role = 'owner'
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_request_letters
     WHERE g.buyer_id = :buyer AND g.id = :suggestion AND g.state = 'accepted' AND g.name IS NOT NULL
       AND NOT EXISTS (SELECT FROM portal.member x JOIN portal.user_account y ON y.id = x.user_id
                        WHERE x.organization_id = o.id AND y.email = g.email)
    """
)


async def draft_suggested(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner, who alone can invite a colleague: a buyer has no say in who is a member of its supplier."""
    ids = {name: UUID(occasion.ids[name]) for name in ("buyer", "suggestion", "user")}
    found = (await session.execute(READ, ids)).one_or_none()
    if found is None:
        return None
    parts = {name: str(getattr(found, name)) for name in ("buyer", "organization", "person", "name")}
    told = await titles.load(session, found.locale, found)
    parts |= {
        "questionnaire": told.questionnaire,
        "address": found.address or Phrase("none named"),
        "link": occasion.entry,
    }
    return Draft("colleague_suggested", found.email, (found.locale,), parts, reader=ids["user"])
