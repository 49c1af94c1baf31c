"""Letters about questionnaires of organizations: to operators who decide, and to their owners."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery.letters import Draft, Occasion, Phrase

# A version of an organization's questionnaire, as its letters name it.
VERSION_PARTS = ("questionnaire", "key", "version")


NO_REASON = "(it came without a word on what it changes)"


VERSION = """
               v.document::jsonb #>> '{questionnaire,title}' AS questionnaire, v.questionnaire AS key, v.version
          FROM portal.questionnaire_version v
          JOIN portal.questionnaire q ON q.key = v.questionnaire
          JOIN portal.organization o ON o.id = q.owner_id
"""


TRANSLATION_PARTS = ("questionnaire", "key", "locale")


TRANSLATION = """
               q.title AS questionnaire, q.key, t.locale
          FROM portal.questionnaire_translation t
          JOIN portal.questionnaire q ON q.key = t.questionnaire
          JOIN portal.organization o ON o.id = q.owner_id
"""


async def draft_approval(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one operator, while that person is one and the version waits."""
    query = text(
        f"""
        SELECT u.email, u.name, u.locale, o.name AS organization, v.locale AS source,
               portal.hash_awaited_version(v.questionnaire, v.version) AS hash,
               ARRAY(SELECT t.locale FROM portal.questionnaire_translation t
                      WHERE t.questionnaire = v.questionnaire AND t.is_current ORDER BY t.locale) AS locales, {VERSION}
          JOIN portal.user_account u ON u.id = :operator AND u.is_operator
         WHERE v.questionnaire = :questionnaire AND v.version = :version AND v.approval = 'asked'
        """  # noqa: S608
    )
    parameters = {"operator": UUID(occasion.ids["operator"]), **name_version(occasion.ids)}
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    parts = {key: str(getattr(found, key)) for key in ("name", "organization", "hash", *VERSION_PARTS)}
    return Draft("questionnaire_asked", found.email, (found.locale,), parts | _name_exports(found))


def _name_exports(found: Any) -> dict[str, str]:
    """What everybody would read after an approval, and the command that gives each language of it."""
    command = f"portal questionnaires export {found.key}@{found.version} --format pdf"
    return {
        "source": found.source,
        "locales": ", ".join(found.locales) or Phrase("no other language"),
        "exports": "\n".join([command, *(f"{command} --locale {locale}" for locale in found.locales)]),
    }


async def draft_decision(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To the first owner, while the decision stands: a version that was asked about again waits."""
    query = text(
        f"""
        SELECT u.email, u.locale, o.name AS organization, v.approval,
               coalesce(v.approval_reason, '') AS reason, {VERSION}
          JOIN portal.member m ON m.organization_id = o.id AND m.role = 'owner'
          JOIN portal.user_account u ON u.id = m.user_id
         WHERE v.questionnaire = :questionnaire AND v.version = :version AND v.approval IN ('approved', 'refused')
         ORDER BY m.created_at LIMIT 1
        """
    )
    found = (await session.execute(query, name_version(occasion.ids))).one_or_none()
    if found is None:
        return None
    parts = {key: str(getattr(found, key)) for key in ("organization", "reason", *VERSION_PARTS)}
    return Draft(f"questionnaire_{found.approval}", found.email, (found.locale,), parts | {"link": occasion.entry})


async def draft_translation(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one operator, while that person is one and a translation to the language waits."""
    query = text(
        f"""
        SELECT u.email, u.name, u.locale AS spoken, o.name AS organization, {TRANSLATION}
          JOIN portal.user_account u ON u.id = :operator AND u.is_operator
         WHERE t.questionnaire = :questionnaire AND t.locale = :locale AND t.approval = 'asked'
        """
    )
    parameters = {
        "operator": UUID(occasion.ids["operator"]),
        **{key: occasion.ids[key] for key in ("questionnaire", "locale")},
    }
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    parts = {key: str(getattr(found, key)) for key in ("name", "organization", *TRANSLATION_PARTS)}
    return Draft("translation_asked", found.email, (found.spoken,), parts)


async def draft_decided_translation(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To the first owner, while the decision stands: what was handed in again waits, or is another one."""
    query = text(
        f"""
        SELECT u.email, u.locale AS spoken, o.name AS organization, t.approval,
               coalesce(t.approval_reason, '') AS reason, {TRANSLATION}
          JOIN portal.member m ON m.organization_id = o.id AND m.role = 'owner'
          JOIN portal.user_account u ON u.id = m.user_id
         WHERE t.content_hash = :content AND t.approval IN ('approved', 'refused')
         ORDER BY m.created_at LIMIT 1
        """
    )
    found = (await session.execute(query, {"content": occasion.ids["content"]})).one_or_none()
    if found is None:
        return None
    parts = {key: str(getattr(found, key)) for key in ("organization", "reason", *TRANSLATION_PARTS)}
    return Draft(f"translation_{found.approval}", found.email, (found.spoken,), parts | {"link": occasion.entry})


def name_version(ids: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ids.get(name) for name in ("questionnaire", "version")}
