"""Letters between a buyer and its suppliers about results: what a buyer said, and what it owes."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery.letters import Draft, Lines, Occasion, Phrase

STATES = {
    "received": "received, and being read",
    "thanks": "thanks",
    "questions": "there are questions",
    "accepted": "accepted",
    "not_accepted": "not accepted",
}
BOUNCES = {
    "refused": "refused by the mail server",
    "put_off": "put off by the mail server for days",
    "bad_address": "an address that cannot be",
    "wrong_contact": "says that somebody else is meant",
}
FEEDBACK = text(
    """
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, s.period_start, s.period_end, f.state,
           coalesce(f.words, '') AS words, u.name, u.email, u.locale
      FROM portal.result_feedback f
      JOIN portal.submission s ON s.supplier_id = f.supplier_id AND s.id = f.submission_id
      JOIN portal.questionnaire q ON q.key = s.questionnaire
      JOIN portal.organization b ON b.id = f.buyer_id
      JOIN portal.organization o ON o.id = f.supplier_id
      JOIN portal.member m ON m.organization_id = f.supplier_id AND m.user_id = :user AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id
     WHERE f.supplier_id = :supplier AND f.buyer_id = :buyer AND f.submission_id = :submission AND f.state IS NOT NULL
    """
)
READER = text(
    """
    SELECT o.name AS organization, u.name, u.email, u.locale, o.time_zone
      FROM portal.organization o
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_request_letters
     WHERE o.id = :buyer
    """
)
# What the buyer has dealt with since is not told any more.
CONTACTS = text(
    """
    SELECT r.name, c.email, c.bounce_reason AS reason, c.bounce_code AS code
      FROM portal.supplier_contact c
      JOIN portal.supplier_record r ON r.buyer_id = c.buyer_id AND r.id = c.supplier_record_id
     WHERE c.buyer_id = :buyer AND c.digest_id = :digest AND c.bounced_at IS NOT NULL AND r.archived_at IS NULL
     ORDER BY r.name, c.email LIMIT :most
    """
)
RESULTS = text(
    """
    SELECT portal.tell_local_time(:time_zone, f.due_at)::date AS since, o.name, q.title AS questionnaire,
           s.period_start, s.period_end
      FROM portal.result_feedback f
      JOIN portal.submission s ON s.supplier_id = f.supplier_id AND s.id = f.submission_id AND s.state = 'current'
      JOIN portal.questionnaire q ON q.key = s.questionnaire
      JOIN portal.organization o ON o.id = f.supplier_id
     WHERE f.buyer_id = :buyer AND f.digest_id = :digest AND f.given_at IS NULL
       AND EXISTS (SELECT FROM portal.share h
                    WHERE h.supplier_id = f.supplier_id AND h.buyer_id = f.buyer_id AND NOT h.sections_only
                      AND portal.share_is_live(h) AND portal.share_covers(h, s))
     ORDER BY f.due_at, o.name LIMIT :most
    """
)
MOST_LINES = 100


async def draft_feedback(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor of the supplier: what the buyer says now, whatever it said when this was asked for."""
    values = {name: UUID(occasion.ids[name]) for name in ("supplier", "buyer", "submission", "user")}
    found = (await session.execute(FEEDBACK, values)).one_or_none()
    if found is None:
        return None
    names = ("buyer", "organization", "questionnaire", "period_start", "period_end", "words", "name")
    parts: dict[str, str | Lines] = {name: str(getattr(found, name)) for name in names}
    parts |= {"state": Phrase(STATES[found.state]), "link": f"{occasion.public_url}/"}
    return Draft("feedback_given", found.email, (found.locale,), parts)


async def draft_digest(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor of the buyer, about what is in the digest and still so; none where nothing is."""
    ids = {name: UUID(occasion.ids[name]) for name in ("buyer", "digest", "user")}
    reader = (await session.execute(READER, {"buyer": ids["buyer"], "user": ids["user"]})).one_or_none()
    if reader is None:
        return None
    wanted = {"buyer": ids["buyer"], "digest": ids["digest"], "most": MOST_LINES}
    contacts = (await session.execute(CONTACTS, wanted)).all()
    results = (await session.execute(RESULTS, wanted | {"time_zone": reader.time_zone})).all()
    if not contacts and not results:
        return None
    unreached = tuple(
        (row.name, row.email, Phrase(BOUNCES[row.reason or "refused"]), *((row.code,) if row.code else ()))
        for row in contacts
    )
    owed = tuple(
        tuple(str(cell) for cell in (row.since, row.name, row.questionnaire, row.period_start, row.period_end))
        for row in results
    )
    parts: dict[str, str | Lines] = {
        "organization": reader.organization,
        "name": reader.name,
        "contacts": unreached or Phrase("none"),
        "results": owed or Phrase("none"),
        "link": f"{occasion.public_url}/",
    }
    return Draft("buyer_digest", reader.email, (reader.locale,), parts, reader=ids["user"])
