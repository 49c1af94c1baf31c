"""Which letter a row of mail asks for, written in its reader's language with its links."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import (
    account_letters,
    buyer_letters,
    colleague_letters,
    consent_letters,
    document_letters,
    gap_reminders,
    glass_letters,
    questionnaire_letters,
    reminders,
    request_letters,
    result_reminders,
    review_letters,
    role_letters,
    scoring_letters,
    stopping,
    suggestion_letters,
    webhook_letters,
)
from portal.delivery.letter_texts import LetterTexts
from portal.delivery.letters import Draft, Letter, Occasion, write_letter

Drafter = Callable[[AsyncSession, Occasion], Awaitable[Draft | None]]
DRAFTERS: Mapping[str, Drafter] = {
    "invitation": account_letters.draft_invitation,
    "invitation_reminder": account_letters.draft_invitation,
    "confirmation": account_letters.draft_confirmation,
    "password_reset": account_letters.draft_personal,
    "account_exists": account_letters.draft_personal,
    "account_changed": account_letters.draft_change,
    "email_change": account_letters.draft_email_change,
    "account_erased": account_letters.draft_farewell,
    **dict.fromkeys(request_letters.REQUEST_STATES, request_letters.draft_request),
    "reminder": reminders.draft_reminder,
    "evidence_ending": document_letters.draft_ending,
    "redaction_requested": document_letters.draft_redaction,
    **dict.fromkeys(consent_letters.KINDS, consent_letters.draft),
    "colleague_suggested": suggestion_letters.draft_suggested,
    "validity_ending": result_reminders.draft_ending,
    "gap_due": gap_reminders.draft_due,
    "feedback_given": buyer_letters.draft_feedback,
    "buyer_digest": buyer_letters.draft_digest,
    **dict.fromkeys(review_letters.SOURCES, review_letters.draft_review),
    "band_changed": scoring_letters.draft_band,
    "profile_published": scoring_letters.draft_profile,
    **dict.fromkeys(colleague_letters.COLLEAGUES, colleague_letters.draft_colleague),
    "organization_closed": role_letters.draft_closed,
    "role_applied": role_letters.draft_application,
    "role_decided": role_letters.draft_role,
    "questionnaire_asked": questionnaire_letters.draft_approval,
    "questionnaire_decided": questionnaire_letters.draft_decision,
    "translation_asked": questionnaire_letters.draft_translation,
    "translation_decided": questionnaire_letters.draft_decided_translation,
    "webhook_disabled": webhook_letters.draft_disabled,
    **dict.fromkeys(glass_letters.KINDS, glass_letters.draft),
}


async def compose(
    session: AsyncSession,
    kind: str,
    ids: Mapping[str, Any],
    public_url: str,
    texts: LetterTexts,
    secret_key: str = "",
    letter_id: UUID | None = None,
    client_url: str = "",
) -> Letter | None:
    """The letter for a row of mail in its reader's language, or none where its occasion has passed (used, gone).

    Raises KeyError for a kind that there is not.
    """
    draft = await DRAFTERS[kind](session, Occasion(kind, ids, public_url, secret_key, letter_id, client_url))
    if draft is None or draft.reader is None:
        return None if draft is None else write_letter(draft, texts)
    return write_letter(draft, texts, stop_link=stopping.make_link(public_url, secret_key, draft.reader, draft.about))
