"""The language of a file: what was asked for, that of the account or of the browser, or that of the questionnaire."""

import re
from dataclasses import dataclass, replace

from portal import errors
from portal.access import Actor
from portal.assessments import translations
from portal.database.reader import Session
from questionnaires import languages
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from questionnaires.translation import Translation

HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Wish:
    """What a caller would read: one language that was asked for, or the header Accept-Language."""

    asked: str | None = None
    accepted: str = ""


@dataclass(frozen=True)
class Told:
    """A version, and its profile where that was wanted, with texts of one language; its header names it.

    `overlay` is the content hash of the translation; none for the source.
    """

    definition: Definition
    profile: Profile | None = None
    overlay: str | None = None  # the content hash of the translation; none where the texts are the source's


async def tell(
    session: Session,
    actor: Actor,
    definition: Definition,
    content_hash: str,
    wish: Wish,
    *,
    profile: Profile | None = None,
    profile_hash: str | None = None,
) -> Told:
    """The version in the language that fits the wish best; texts without a translation stay in their own."""
    overlays = await translations.list_translations(session, definition.key)
    source = definition.questionnaire.locale
    chosen = languages.choose_locale(await _list_wanted(session, actor, wish), overlays, source)
    if chosen == source:
        return Told(definition, profile)
    hashes = (content_hash, overlays[chosen], profile_hash)
    return _make_told(await translations.load_translation(session, definition, hashes, profile), overlays[chosen])


async def tell_as_then(session: Session, definition: Definition, content_hash: str, overlay: str) -> Told | None:
    """The version in a translation that a file names by its hash, current or not; none where it is no such one."""
    if HASH.fullmatch(overlay) is None:
        return None
    try:
        told = await translations.load_translation(session, definition, (content_hash, overlay, None))
    except (errors.NotFound, ValueError):  # gone, or of another questionnaire
        return None
    return _make_told(told, overlay)


def _make_told(told: Translation, overlay: str) -> Told:
    header = replace(told.definition.questionnaire, locale=told.locale)
    return Told(replace(told.definition, questionnaire=header), told.profile, overlay)


async def _list_wanted(session: Session, actor: Actor, wish: Wish) -> tuple[str, ...]:
    if wish.asked is not None:
        return (wish.asked,)
    own = await translations.read_locale(session, actor)
    return tuple(dict.fromkeys([*([own] if own else []), *languages.read_preferences(wish.accepted)]))
