"""Who may see an organization's questionnaire: itself and whom it asks, its linked suppliers, or everybody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.authoring import publication
from portal.database import audit, ids, outbox
from portal.identity.wording import Reading
from questionnaires.difference import order_version

CHOICES = ("private", "connected", "public")
DECISIONS = ("approved", "refused")
SET = text("SELECT portal.set_questionnaire_visibility(:key, :wanted)")
WITHDRAW = text("SELECT portal.withdraw_questionnaire_approval(:key)")
ASK = text("SELECT portal.ask_questionnaire_approval(:key, :version)")
LIST = text(
    "SELECT questionnaire, version, content_hash, read_hash, organization_id, organization_name, asked_at, document,"
    " profiles, translations FROM portal.list_awaited_versions(:most)"
)
DECIDE = text("SELECT portal.decide_read_questionnaire(:event, :key, :version, :hash, :decision, :reason)")
LIST_TRANSLATIONS = text(
    "SELECT questionnaire, locale, content_hash, organization_id, organization_name, asked_at, document, shown,"
    " sources, profiles FROM portal.list_awaited_translations(:most)"
)
DECIDE_TRANSLATION = text("SELECT portal.decide_translation(:event, :key, :locale, :hash, :decision, :reason)")


@dataclass(frozen=True)
class Approval:
    """A version that an organization wants to show to everybody, with all its text, profiles and translations.

    `read_hash` is that of all of these together; `content_hash` of the version alone.
    """

    questionnaire: str
    version: str
    content_hash: str
    read_hash: str
    organization_id: UUID
    organization_name: str
    asked_at: datetime
    document: str
    profiles: list[str]
    translations: list[str]

    @property
    def locales(self) -> list[str]:
        """What it is translated to, which everybody reads with it."""
        return [orjson.loads(one)["locale"] for one in self.translations]


@dataclass(frozen=True)
class TranslationApproval:
    """A translation that waits, beside the one that is shown meanwhile, and the versions its texts may be made from.

    Those that everybody sees, or that wait, come first, and of these the highest.
    """

    questionnaire: str
    locale: str
    content_hash: str
    organization_id: UUID
    organization_name: str
    asked_at: datetime
    document: str
    shown: str | None
    sources: list[str]
    profiles: list[str]


async def set_visibility(session: AsyncSession, actor: Actor, *, questionnaire: str, wanted: str) -> None:
    """Show an own questionnaire to fewer or more; `public` asks the operators, by a letter, about its highest version.

    Any other choice takes the question back while nothing is decided.

    Raises NotFound, Conflict PUBLIC for what is public, which it stays, NOTHING_TO_APPROVE, and NOT_A_BUYER where
    nobody can be linked with the organization.
    """
    reading = Reading()
    reading.read_choice("visibility", wanted, CHOICES)
    reading.finish()
    own = await publication.lock_own(session, actor, questionnaire)
    detail: dict[str, object] = {"wanted": wanted}
    if wanted == "public":
        await _ask_approval(session, questionnaire)
    elif own.visibility == "public":
        words = "This is public, and others may ask for it; end its versions instead."
        raise errors.Conflict(words, code="PUBLIC", path=("visibility",))
    elif wanted == "connected" and "buyer" not in actor.organization_roles:
        words = (
            "Suppliers are linked with buyers alone, and your organization acts as none: apply for the role BUYER, or "
            "ask for PUBLIC."
        )
        raise errors.Conflict(words, code="NOT_A_BUYER", path=("visibility",))
    else:
        await session.execute(SET, {"key": questionnaire, "wanted": wanted})
        detail["withdrawn"] = bool(await session.scalar(WITHDRAW, {"key": questionnaire}))
    await audit.add_audit(session, actor, "questionnaire.visibility", "questionnaire", questionnaire, detail=detail)


async def _ask_approval(session: AsyncSession, questionnaire: str) -> None:
    versions = await publication.list_versions(session, [questionnaire])
    highest = max(versions, key=lambda row: order_version(row.version))
    if highest.approval == "approved":
        words = f"The operator approved {questionnaire} {highest.version} already."
        raise errors.Conflict(words, code="NOTHING_TO_APPROVE", path=("visibility",))
    if highest.approval != "asked":
        await session.execute(ASK, {"key": questionnaire, "version": highest.version})
        await outbox.add_event(session, "questionnaire.asked", questionnaire=questionnaire, version=highest.version)


async def list_approvals(session: AsyncSession, actor: Actor, *, limit: int) -> list[Approval]:
    """The versions that wait for the operator, the first asked first."""
    access.require(actor, access.OPERATOR)
    return [Approval(**row._mapping) for row in await session.execute(LIST, {"most": limit})]


async def list_translation_approvals(session: AsyncSession, actor: Actor, *, limit: int) -> list[TranslationApproval]:
    """The translations that wait for the operator, the first asked first."""
    access.require(actor, access.OPERATOR)
    told: dict[str, dict[str, list[str]]] = {}  # versions and profiles come with the first language of each
    found = []
    for row in await session.execute(LIST_TRANSLATIONS, {"most": limit}):
        sources = told.setdefault(row.questionnaire, {"sources": row.sources, "profiles": row.profiles})
        found.append(TranslationApproval(**{**row._mapping, **sources}))
    return found


async def decide_translation(
    session: AsyncSession,
    actor: Actor,
    *,
    questionnaire: str,
    locale: str,
    content_hash: str,
    decision: str,
    reason: str | None,
) -> None:
    """Show a translation of what everybody sees, exactly as it was read, or not; a refusal needs a reason.

    Its owner gets a letter. Raises InvalidInput, and NotFound where it does not wait (any more).
    """
    access.require(actor, access.OPERATOR)
    given = {"key": questionnaire, "locale": locale, "hash": content_hash} | _read_decision(decision, reason)
    await audit.tell_origin(session)
    if not await session.scalar(DECIDE_TRANSLATION, given):
        raise errors.NotFound("No such translation waits for approval.", path=("content_hash",))
    named = {"questionnaire": questionnaire, "locale": locale, "content": content_hash}
    await outbox.add_event(session, "translation.decided", **named)


async def decide(
    session: AsyncSession,
    actor: Actor,
    *,
    questionnaire: str,
    version: str,
    read_hash: str,
    decision: str,
    reason: str | None,
) -> None:
    """Approve or refuse showing a version to everybody, exactly as it was read; a refusal needs a reason.

    Its owner gets a letter. Raises InvalidInput, and NotFound where nothing waits under that name, or other words do.
    """
    access.require(actor, access.OPERATOR)
    given = {"key": questionnaire, "version": version, "hash": read_hash} | _read_decision(decision, reason)
    await audit.tell_origin(session)
    if not await session.scalar(DECIDE, given):
        words = "No such version waits for approval, or not as it was read: read it again."
        raise errors.NotFound(words, path=("questionnaire",))
    await outbox.add_event(session, "questionnaire.decided", questionnaire=questionnaire, version=version)


def _read_decision(decision: str, reason: str | None) -> dict[str, object]:
    reading = Reading()
    reading.read_choice("decision", decision, DECISIONS)
    why = reading.read_remark("reason", reason, needed=decision == "refused")
    reading.finish()
    return {"event": ids.new_id(), "decision": decision, "reason": why}
