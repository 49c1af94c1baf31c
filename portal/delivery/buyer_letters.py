"""Letters between a buyer and its suppliers about results: what a buyer said, and what it owes."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import linkless
from portal.delivery import stopping, titles
from portal.delivery.letters import Draft, Lines, Occasion, Phrase
from portal.delivery.titles import Titles

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
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key,
           s.version, s.period_start, s.period_end, f.state, coalesce(f.words, '') AS words, u.name, u.email, u.locale
      FROM portal.result_feedback f
      JOIN portal.submission s ON s.supplier_id = f.supplier_id AND s.id = f.submission_id
      JOIN portal.questionnaire q ON q.key = s.questionnaire
      JOIN portal.organization b ON b.id = f.buyer_id
      JOIN portal.organization o ON o.id = f.supplier_id
      JOIN portal.member m ON m.organization_id = f.supplier_id AND m.user_id = :user AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_result_letters
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
           q.key AS questionnaire_key, s.period_start, s.period_end
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
# What suppliers did or did not, as far as it holds still; "detail" is what they said.
NEWS = text(
    """
    SELECT told.* FROM (
        SELECT w.kind, w.day, o.name, q.title AS questionnaire, q.key AS questionnaire_key, s.period_start,
               s.period_end, NULL AS detail
          FROM portal.buyer_news w
          JOIN portal.submission s ON s.id = w.thing_id AND s.state = 'current'
          JOIN portal.result_feedback f ON f.supplier_id = s.supplier_id AND f.buyer_id = w.buyer_id
           AND f.submission_id = s.id AND f.given_at IS NULL
          JOIN portal.questionnaire q ON q.key = s.questionnaire
          JOIN portal.organization o ON o.id = s.supplier_id
         WHERE w.buyer_id = :buyer AND w.digest_id = :digest AND w.kind = 'shared'
           AND EXISTS (SELECT FROM portal.share h
                        WHERE h.supplier_id = s.supplier_id AND h.buyer_id = w.buyer_id AND NOT h.sections_only
                          AND portal.share_is_live(h) AND portal.share_covers(h, s))
        UNION ALL
        SELECT w.kind, w.day, c.name, q.title, q.key, r.period_start, r.period_end, r.state_reason
          FROM portal.buyer_news w
          JOIN portal.request r ON r.buyer_id = w.buyer_id AND r.id = w.thing_id
           AND (r.state = w.kind OR (w.kind = 'reopened' AND r.state = 'accepted')
                OR (w.kind = 'overdue' AND r.state IN ('open', 'accepted') AND r.due_on = w.day))
          JOIN portal.supplier_record c ON c.buyer_id = r.buyer_id AND c.id = r.supplier_record_id
          JOIN portal.questionnaire q ON q.key = r.questionnaire
         WHERE w.buyer_id = :buyer AND w.digest_id = :digest AND w.kind IN ('declined', 'not_us', 'overdue', 'reopened')
        UNION ALL
        SELECT CASE WHEN g.name IS NULL THEN 'wrong_contact' ELSE w.kind END, w.day, c.name, q.title,
               q.key, r.period_start, r.period_end, concat_ws(', ', g.name, g.email)
          FROM portal.buyer_news w
          JOIN portal.contact_suggestion g ON g.buyer_id = w.buyer_id AND g.id = w.thing_id AND g.state = 'open'
          JOIN portal.supplier_record c ON c.buyer_id = g.buyer_id AND c.id = g.supplier_record_id
          LEFT JOIN portal.request r ON r.buyer_id = g.buyer_id AND r.id = g.request_id
          LEFT JOIN portal.questionnaire q ON q.key = r.questionnaire
         WHERE w.buyer_id = :buyer AND w.digest_id = :digest AND w.kind = 'suggestion') told
     ORDER BY told.kind, told.name, told.questionnaire, told.period_start LIMIT :most
    """
)
DEEDS = {
    "shared": "has shared a result with you",
    "declined": "declines",
    "not_us": "says that another company is meant",
    "suggestion": "names somebody else to ask",
    "wrong_contact": BOUNCES["wrong_contact"],
    "overdue": "has not answered by its day",
    "reopened": "has withdrawn its answer, and the request waits again",
}
MOST_LINES = 100


async def draft_feedback(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor of the supplier: what the buyer says now, whatever it said when this was asked for."""
    values = {name: UUID(occasion.ids[name]) for name in ("supplier", "buyer", "submission", "user")}
    found = (await session.execute(FEEDBACK, values)).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found, found.version)
    names = ("buyer", "organization", "period_start", "period_end", "words", "name")
    parts: dict[str, str | Lines] = {name: str(getattr(found, name)) for name in names}
    parts |= {"questionnaire": told.questionnaire, "state": Phrase(STATES[found.state]), "link": occasion.entry}
    return Draft("feedback_given", found.email, (found.locale,), parts, values["user"], stopping.RESULTS)


async def draft_digest(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor of the buyer, about what is in the digest and still so; none where nothing is."""
    ids = {name: UUID(occasion.ids[name]) for name in ("buyer", "digest", "user")}
    reader = (await session.execute(READER, {"buyer": ids["buyer"], "user": ids["user"]})).one_or_none()
    if reader is None:
        return None
    wanted = {"buyer": ids["buyer"], "digest": ids["digest"], "most": MOST_LINES}
    contacts = (await session.execute(CONTACTS, wanted)).all()
    results = (await session.execute(RESULTS, wanted | {"time_zone": reader.time_zone})).all()
    news = (await session.execute(NEWS, wanted)).all()
    if not contacts and not results and not news:
        return None
    told = await titles.load_all(session, reader.locale, (*results, *news))
    unreached = tuple(
        (row.name, row.email, Phrase(BOUNCES[row.reason or "refused"]), *((row.code,) if row.code else ()))
        for row in contacts
    )
    owed = tuple(
        tuple(
            str(cell)
            for cell in (
                row.since,
                row.name,
                told[row.questionnaire_key].questionnaire,
                row.period_start,
                row.period_end,
            )
        )
        for row in results
    )
    parts: dict[str, str | Lines] = {
        "organization": reader.organization,
        "name": reader.name,
        "news": tuple(_tell(row, told[row.questionnaire_key]) for row in news) or Phrase("none"),
        "contacts": unreached or Phrase("none"),
        "results": owed or Phrase("none"),
        "link": occasion.entry,
    }
    return Draft("buyer_digest", reader.email, (reader.locale,), parts, reader=ids["user"])


def _tell(row: Row[Any], told: Titles) -> tuple[str, ...]:
    """A line: who did what and when, for which questionnaire and period, and in which words."""
    period = () if row.period_start is None else (f"{row.period_start} – {row.period_end}",)
    said = (told.questionnaire, *period, linkless.strip_links(row.detail or ""))
    return (row.name, Phrase(DEEDS[row.kind]), str(row.day), *(one for one in said if one))
