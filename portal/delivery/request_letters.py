"""Letters about requests to the people of a supplier."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import letter_answers, titles
from portal.delivery.letter_answers import SAID, Reader
from portal.delivery.letters import Draft, Occasion, Phrase

# In which states of a request its letters are still true.
REQUEST_STATES = {
    "request": ("open", "accepted"),
    "request_reminded": ("open", "accepted"),
    "request_renewed": ("open", "accepted"),
    "request_extended": ("open", "accepted"),
    "request_withdrawn": ("withdrawn",),
}


async def draft_request(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor of the supplier, where that person still is and the request stands as the letter says."""
    query = text(
        """
        SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key,
               r.minimum_tier AS tier, r.due_on, r.subject, r.subject_name, r.period_start, r.period_end, r.legal_basis,
               r.every_months, r.after_period_end, r.purpose, r.message, u.name, u.email, u.locale
          FROM portal.request r
          JOIN portal.organization b ON b.id = r.buyer_id AND b.status = 'active'
          JOIN portal.organization o ON o.id = r.supplier_id
          JOIN portal.questionnaire q ON q.key = r.questionnaire
          JOIN portal.member m ON m.organization_id = o.id AND m.role IN ('owner', 'editor')
          JOIN portal.user_account u ON u.id = m.user_id AND u.wants_request_letters
         WHERE r.buyer_id = :buyer AND r.id = :request AND r.state = ANY (:states) AND m.user_id = :user
           AND NOT EXISTS (SELECT FROM portal.wrong_contact w
                            WHERE w.buyer_id = r.buyer_id AND w.request_id = r.id AND w.user_id = m.user_id)
        """
    )
    if occasion.ids.get("user") is None:
        return None
    parameters: dict[str, Any] = {name: UUID(occasion.ids[name]) for name in ("buyer", "request", "user")}
    parameters["states"] = list(REQUEST_STATES[occasion.kind])
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found)
    parts = {key: str(getattr(found, key)) for key in ("buyer", "organization", "purpose", "name")}
    parts |= {
        "questionnaire": told.questionnaire,
        "tier": told.find_tier(found.tier),
        "minutes": told.sum_minutes(found.tier),
        "message": found.message or Phrase("none"),
    }
    parts |= {name: getattr(found, name).isoformat() for name in ("period_start", "period_end")}
    parts |= {
        "subject": say_subject(found.subject, found.subject_name),
        "legal_basis": found.legal_basis or Phrase("none named"),
        "due": found.due_on.isoformat(),
        "link": occasion.entry,
    }
    if found.every_months is not None:
        parts |= {"months": str(found.every_months), "last": found.after_period_end.isoformat()}
    reader = Reader(buyer=parameters["buyer"], request=parameters["request"], person=parameters["user"])
    for said in SAID:
        parts[said] = letter_answers.make_link(occasion.public_url, occasion.secret_key, reader, said)
    return Draft(occasion.kind, found.email, (found.locale,), parts, reader=UUID(occasion.ids["user"]))


def say_subject(subject: str, name: str | None) -> str:
    """What a request is about: the whole organization, or a site as its buyer calls it."""
    if subject == "organization":
        return Phrase("the whole organization")
    return name or Phrase("one of your sites")
