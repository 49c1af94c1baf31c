"""Letters about how submissions are scored: another band, another profile."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.assessments import definitions, profile_words, rescoring, speaking
from portal.assessments.definitions import Version
from portal.assessments.speaking import Told, Wish
from portal.delivery import stopping
from portal.delivery.letters import Draft, Occasion, Phrase
from portal.delivery.questionnaire_letters import NO_REASON, VERSION, VERSION_PARTS, name_version


async def draft_band(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor of the supplier, where that person still is and the submission still counts."""
    query = text(
        f"""
        SELECT o.name AS organization, s.questionnaire, s.version, s.subject_name, s.period_start,
               s.period_end, was.band AS before, made.band AS after, {profile_words.IS_READ} AS is_read, u.name,
               u.email, u.locale
          FROM portal.submission s
          JOIN portal.organization o ON o.id = s.supplier_id AND o.status = 'active'
          JOIN portal.questionnaire q ON q.key = s.questionnaire
          JOIN portal.questionnaire_version v ON v.questionnaire = s.questionnaire AND v.version = s.version
          JOIN portal.result was ON was.supplier_id = s.supplier_id AND was.submission_id = s.id AND was.is_own_tier
           AND was.profile_number = :before
          JOIN portal.result made ON made.supplier_id = s.supplier_id AND made.submission_id = s.id
           AND made.is_own_tier AND made.profile_number = :profile
          JOIN portal.scoring_profile p ON p.questionnaire = s.questionnaire AND p.version = s.version
           AND p.number = made.profile_number
          JOIN portal.member m ON m.organization_id = s.supplier_id AND m.role IN ('owner', 'editor')
          JOIN portal.user_account u ON u.id = m.user_id AND u.wants_result_letters
         WHERE s.supplier_id = :supplier AND s.id = :submission AND s.state = 'current' AND m.user_id = :user
        """  # noqa: S608
    )
    parameters: dict[str, Any] = {name: UUID(occasion.ids[name]) for name in ("supplier", "submission", "user")}
    found = (
        await session.execute(
            query, parameters | {"before": occasion.ids["before"], "profile": occasion.ids["profile"]}
        )
    ).one_or_none()
    if found is None:
        return None
    version = await definitions.load_version(session, found.questionnaire, found.version)
    old, new = [
        await _tell_profile(session, found.locale, version, int(occasion.ids[name])) for name in ("before", "profile")
    ]
    parts = {key: str(getattr(found, key)) for key in ("version", "period_start", "period_end", "name")}
    site = f", {found.subject_name}" if found.subject_name else ""
    parts |= {
        "organization": f"{found.organization}{site}",
        "questionnaire": new.definition.questionnaire.title,
        "before": _name_band(old, found.before),
        "after": _name_band(new, found.after),
        "number": str(occasion.ids["profile"]),
        "reason": (found.is_read and new.profile is not None and new.profile.profile.description) or Phrase(NO_REASON),
        "link": occasion.entry,
    }
    return Draft("band_changed", found.email, (found.locale,), parts, parameters["user"], stopping.RESULTS)


async def _tell_profile(session: AsyncSession, locale: str, version: Version, number: int) -> Told:
    """A version and one of its profiles as the reader calls them."""
    found = await definitions.find_profile(session, version.definition, number)
    profile, profile_hash = found or (None, None)
    return await speaking.tell(
        session,
        access.ANONYMOUS,
        version.definition,
        version.content_hash,
        Wish(asked=locale),
        profile=profile,
        profile_hash=profile_hash,
    )


def _name_band(told: Told, band: str | None) -> str:
    bands = () if told.profile is None else told.profile.bands
    return next((one.title for one in bands if one.key == band), Phrase("no band"))


async def draft_profile(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one operator, while that person is one and the profile is the newest and has something to be applied to."""
    query = text(
        f"""
        SELECT u.email, u.name, u.locale, o.name AS organization,
               p.document::jsonb #>> '{{profile,description}}' AS description,
               {profile_words.IS_READ} AS is_read, {VERSION}
          JOIN portal.user_account u ON u.id = :operator AND u.is_operator
          JOIN portal.scoring_profile p ON p.questionnaire = v.questionnaire AND p.version = v.version
         WHERE v.questionnaire = :questionnaire AND v.version = :version AND p.number = :number
           AND NOT EXISTS (SELECT FROM portal.scoring_profile n WHERE n.questionnaire = v.questionnaire
                              AND n.version = v.version AND n.number > p.number)
        """  # noqa: S608
    )
    place = name_version(occasion.ids) | {"number": occasion.ids["profile"]}
    found = (await session.execute(query, {"operator": UUID(occasion.ids["operator"]), **place})).one_or_none()
    if found is None:
        return None
    count = await rescoring.count_behind(session, **place)
    if not count and (found.is_read or not found.description):
        return None
    parts = {key: str(getattr(found, key)) for key in ("name", "organization", *VERSION_PARTS)}
    parts |= {
        "number": str(occasion.ids["profile"]),
        "count": str(count),
        "description": found.description or Phrase(NO_REASON),
    }
    return Draft("profile_published", found.email, (found.locale,), parts)
