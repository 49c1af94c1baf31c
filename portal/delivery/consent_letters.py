"""Letters about what is shared: what a buyer asks to be shown, and what a supplier says to that."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import titles
from portal.delivery.letters import Draft, Lines, Occasion, Phrase
from portal.delivery.titles import Titles

KINDS = frozenset({"access_requested", "access_withdrawn", "access_answered", "standing_rule_used"})
STATES = {"access_requested": "open", "access_withdrawn": "withdrawn"}
OFFERS = {
    "none": "nothing else",
    "visit": "a visit, on which the answers can be looked at",
    "talk": "a talk with somebody who can explain",
    "less": "ask for less, and it may be granted",
    "later": "ask again later",
}
# What live shares open to the buyer already, in whichever revision or period.
SHARED = """
  FROM portal.share h
 WHERE h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = r.questionnaire
   AND h.subject_key = r.subject_key AND NOT h.sections_only AND portal.share_is_live(h)
"""
SHARED_SECTIONS = f"ARRAY(SELECT DISTINCT k.section FROM (SELECT unnest(h.sections) AS section {SHARED}) k ORDER BY 1)"  # noqa: S608  # our own words
OF_REQUEST = """
  FROM portal.access_request r
  JOIN portal.organization b ON b.id = r.buyer_id
  JOIN portal.organization o ON o.id = r.supplier_id
  JOIN portal.questionnaire q ON q.key = r.questionnaire
"""
ASKED = text(
    f"""
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key, r.purpose,
           r.message, r.include_evidence, r.sections, {SHARED_SECTIONS} AS shared,
           (SELECT bool_or(h.include_evidence) {SHARED}) AS shared_evidence,
           u.name, u.email, u.locale
    {OF_REQUEST}
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_request_letters
     WHERE r.supplier_id = :supplier AND r.id = :access AND r.state = :state
    """  # our own words
)
# To whoever asked; where that person has left, or a machine asked, to the first owner.
ANSWERED = text(
    f"""
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key, r.state,
           r.granted_until, r.granted_evidence AS include_evidence, r.granted_sections AS sections,
           coalesce(r.reason, '') AS reason, r.offer, coalesce(r.offer_text, '') AS offer_text, r.offer_from,
           u.name, u.email, u.locale
    {OF_REQUEST}
      JOIN portal.member m ON m.organization_id = b.id AND (m.user_id = r.asked_by OR m.role = 'owner')
      JOIN portal.user_account u ON u.id = m.user_id
     WHERE r.supplier_id = :supplier AND r.id = :access AND r.state IN ('granted', 'partly_granted', 'refused')
     ORDER BY m.user_id IS DISTINCT FROM r.asked_by, m.created_at LIMIT 1
    """  # noqa: S608  # our own words
)


USED = text(
    """
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key,
           s.version, h.until, h.include_evidence, h.sections, h.left_out, u.name, u.email, u.locale
      FROM portal.share h
      JOIN portal.submission s ON s.supplier_id = h.supplier_id AND s.id = h.submission_id
      JOIN portal.organization b ON b.id = h.buyer_id
      JOIN portal.organization o ON o.id = h.supplier_id
      JOIN portal.questionnaire q ON q.key = h.questionnaire
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id
     WHERE h.supplier_id = :supplier AND h.id = :share AND h.standing_rule_id IS NOT NULL AND h.until IS NOT NULL
    """
)


async def draft(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """The letter of one of KINDS; none where its occasion has passed."""
    ids, entry = occasion.ids, occasion.entry
    if occasion.kind == "access_answered":
        return await _draft_answer(session, ids, entry)
    if occasion.kind == "standing_rule_used":
        return await _draft_use(session, ids, entry)
    parameters: dict[str, Any] = {name: UUID(ids[name]) for name in ("supplier", "access", "user")}
    found = (await session.execute(ASKED, parameters | {"state": STATES[occasion.kind]})).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found)
    plain = ("buyer", "organization", "purpose", "name")
    parts: dict[str, str | Lines] = {key: str(getattr(found, key)) for key in plain}
    parts |= {"questionnaire": told.questionnaire, "message": found.message or Phrase("none"), "link": entry}
    parts["wanted"] = list_scope(told, found.sections, evidence=found.include_evidence)
    evidence: bool | None = found.shared_evidence  # none where nothing is shared
    nothing = ((Phrase("nothing yet"),),)
    parts["shared"] = nothing if evidence is None else list_scope(told, found.shared, evidence=evidence)
    return Draft(occasion.kind, found.email, (found.locale,), parts, reader=parameters["user"])


async def _draft_answer(session: AsyncSession, ids: Mapping[str, Any], entry: str) -> Draft | None:
    parameters = {name: UUID(ids[name]) for name in ("supplier", "access")}
    found = (await session.execute(ANSWERED, parameters)).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found)
    plain = ("organization", "reason", "offer_text", "name")
    parts: dict[str, str | Lines] = {key: str(getattr(found, key)) for key in plain}
    parts |= {"questionnaire": told.questionnaire, "link": entry}
    if found.state == "refused":
        day = () if found.offer_from is None else (found.offer_from.isoformat(),)
        parts["offer"] = ((Phrase(OFFERS[found.offer or "none"]), *day),)
        return Draft("access_refused", found.email, (found.locale,), parts)
    until = Phrase("without an end") if found.granted_until is None else found.granted_until.date().isoformat()
    parts |= {"until": until, "granted": list_scope(told, found.sections, evidence=found.include_evidence)}
    return Draft("access_granted", found.email, (found.locale,), parts)


async def _draft_use(session: AsyncSession, ids: Mapping[str, Any], entry: str) -> Draft | None:
    parameters = {name: UUID(ids[name]) for name in ("supplier", "share", "user")}
    found = (await session.execute(USED, parameters)).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found, found.version)
    plain = ("buyer", "organization", "name")
    parts: dict[str, str | Lines] = {key: str(getattr(found, key)) for key in plain}
    why = Phrase("not sent, since it asks more than when you agreed")
    parts |= {
        "questionnaire": told.questionnaire,
        "until": found.until.date().isoformat(),
        "granted": list_scope(told, found.sections, evidence=found.include_evidence),
        "left_out": tuple((told.find_section(key), why) for key in found.left_out),
        "link": entry,
    }
    return Draft("standing_rule_used", found.email, (found.locale,), parts)


def list_scope(told: Titles, sections: Sequence[str], *, evidence: bool) -> Lines:
    """What a share opens, a line for each."""
    lines: list[tuple[str, ...]] = [(Phrase("the summary: total, pillars, band and coverage"),)]
    lines += [(Phrase("the answers of the section"), told.find_section(key)) for key in sections]
    return (*lines, (Phrase("the documents"),)) if evidence else tuple(lines)
