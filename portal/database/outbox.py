"""Events written by the transaction that caused them; the relay passes them on after the commit."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database import ids

# The caller may not read the outbox, so nothing may be returned from this insert. Many events are one run of it.
INSERT = text(
    """
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT made.id, CAST(:topic AS text), CAST(made.parts AS jsonb)
      FROM unnest(CAST(:ids AS uuid[]), CAST(:parts AS text[])) AS made (id, parts)
    """
)

# What the relay does with each is in portal/delivery/. Ids only: whoever handles one reads under its own rights.
TOPICS = frozenset(
    {
        "assessment.changed",  # supplier, assessment
        "assessment.submitted",  # supplier, assessment, submission
        "section.assigned",  # supplier, assessment, section, user: a letter to that member
        "sign_off.demanded",  # as section.assigned
        "submission.withdrawn",  # supplier, submission
        "submission.rescored",  # supplier, questionnaire, version
        "band.changed",  # supplier, submission, before and profile (numbers): letters to the supplier
        "share.changed",  # supplier, buyer, share, act: created, changed, revoked, started or ended (by its date)
        "request.asked",  # buyer, request, record: also letters to a supplier that is linked
        "request.renewed",  # as request.asked, by a cadence
        "request.added",  # buyer, request, record: a second part, which goes along with the letter of the first
        "request.reminded",  # as request.asked
        "request.extended",  # as request.asked
        "request.withdrawn",  # as request.asked
        "request.changed",  # buyer, request, record, supplier; state where that changed
        "feedback.given",  # supplier, buyer, submission: letters to the supplier
        "record.changed",  # buyer, record
        "suggestion.accepted",  # buyer, supplier, suggestion: letters to the supplier
        "campaign.created",  # buyer, campaign
        "campaign.changed",  # buyer, campaign_act
        "cadence.set",  # buyer, cadence: also one that is removed
        "evidence.received",  # supplier, evidence
        "evidence.checked",  # supplier, evidence
        "evidence.changed",  # supplier, evidence: what is said of it, or that it is there or gone
        "redaction.requested",  # supplier, redaction
        "redaction.declined",  # supplier, redaction
        # `to` is the organization whose people get the letter.
        "engagement.proposed",  # supplier, engagement, to
        "engagement.accepted",  # as engagement.proposed
        "engagement.consented",  # as engagement.proposed
        "engagement.ended",  # as engagement.proposed
        "clarification.asked",  # supplier, clarification, to
        "clarification.replied",  # supplier, clarification, to
        "clarification.withdrawn",  # as clarification.asked
        "clarification.due",  # as clarification.asked
        "statement.made",  # supplier, submission, statement, to: also the shares of points anew
        "dispute.opened",  # supplier, dispute, to
        "dispute.decided",  # supplier, dispute, to
        "dispute.withdrawn",  # supplier, dispute, to
        "dispute.commented",  # supplier, dispute, comment, to
        "access.requested",  # supplier, access (the request): a letter to the supplier
        "access.withdrawn",  # as access.requested
        "access.answered",  # supplier, access, user (who asked): a letter to that member of the buyer
        "standing_rule.used",  # supplier, share: a letter to the supplier
        "validity.ending",  # supplier, notice: a letter to the supplier
        "gap.due",  # supplier, notice, user: a letter to that member
        "evidence.ending",  # supplier, notice
        "evidence.deleted",  # supplier, evidence, content (the hash of its file)
        "supplier_list.received",  # buyer, supplier_import
        "invitation.due",  # invitation
        "password_reset.due",  # user
        "account_exists.due",  # user
        "email_change.asked",  # change, side (old or new): a letter to that address
        "account.changed",  # user, what (a word), call (its X-Request-ID, if any): a letter to that person
        "confirmation.due",  # registration
        "person.erased",  # person, farewell: a last letter, and the trail tells of the person no more
        "organization.closed",  # to: letters to its owners
        "role.applied",  # organization, role: also a letter to every operator
        "role.decided",  # organization, role
        "questionnaire.asked",  # questionnaire, version: a letter to every operator
        "questionnaire.decided",  # questionnaire, version
        "translation.asked",  # questionnaire, locale: a letter to every operator
        "translation.decided",  # questionnaire, locale, content (the hash of its document)
        "profile.published",  # questionnaire, version, profile (its number): a letter to every operator
        "release.made",  # release (its number)
        "glass.opened",  # to, glass: letters to the owners of that organization
        "glass.ended",  # as glass.opened
        "webhook.disabled",  # to, endpoint: letters to the owners of that organization
        "webhook.pinged",  # organization, endpoint: a message to try it with
        "session.ended",  # session
        "member.changed",  # organization, user
    }
)


async def add_event(session: AsyncSession, topic: str, /, **parts: UUID | str | int | None) -> None:
    """Write one event; its parts are ids. Raises KeyError for a topic that is not listed."""
    await add_events(session, topic, [parts])


async def add_events(
    session: AsyncSession, topic: str, events: Sequence[Mapping[str, UUID | str | int | None]]
) -> None:
    """Write several events of one topic in one statement; raises KeyError for a topic that is not listed."""
    rows = make_rows(topic, events)
    if rows:
        parts = [orjson.dumps(row["ids"]).decode() for row in rows]
        await session.execute(INSERT, {"topic": topic, "ids": [row["id"] for row in rows], "parts": parts})


def make_rows(topic: str, events: Sequence[Mapping[str, UUID | str | int | None]]) -> list[dict[str, Any]]:
    """The rows of events, for a statement that writes them with their cause; raises KeyError for an unlisted topic."""
    if topic not in TOPICS:
        raise KeyError(topic)
    return [{"id": ids.new_id(), "topic": topic, "ids": _write_parts(parts)} for parts in events]


def _write_parts(parts: Mapping[str, UUID | str | int | None]) -> dict[str, str | int | None]:
    return {name: part if isinstance(part, int) or part is None else str(part) for name, part in parts.items()}
