"""Translations that an organization hands in for its own questionnaires: what came, what holds, and what is left."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions
from portal.authoring import publication
from portal.authoring.handed_translations import Handed
from portal.database import audit, outbox
from portal.database.tables.publishing import QuestionnaireTranslation, QuestionnaireVersion
from questionnaires import canonical, document, reading, translating, translation
from questionnaires.faults import make_printable
from questionnaires.texts import Version
from questionnaires.translation import MOST_ENTRIES, Overlay

MOST_LANGUAGES = 60
MOST_CHARACTERS = 4_000_000  # of a whole translation as it is kept
KEEP = text("SELECT portal.keep_translation(:key, :locale, :content)")
DROP = text("SELECT portal.drop_translation(:key, :locale)")
HELD = ("asked", "refused")


@dataclass(frozen=True)
class OwnTranslation:
    """What a questionnaire has in one language: what is shown, and what its owner handed in last.

    The two differ while the operator has not said yes to what everybody would read.
    """

    locale: str
    shown: Overlay | None = None
    last: Overlay | None = None
    state: str | None = None  # shown, asked or refused; none where nothing is there
    reason: str | None = None  # why the operator refused


async def load_versions(session: AsyncSession, actor: Actor, questionnaire: str, version: str) -> list[Version]:
    """All versions of an own questionnaire, each with its newest profile: the named one, and then the newest first.

    Raises NotFound.
    """
    await publication.get_own(session, actor, questionnaire)
    table = QuestionnaireVersion
    hashes = await session.scalars(select(table.content_hash).where(table.questionnaire == questionnaire))
    found = []
    for content_hash in hashes:
        definition = await definitions.load_definition(session, content_hash)
        profile = await definitions.find_profile(session, definition)
        found.append((definition, None if profile is None else profile[0]))
    newest_first = reading.sort_versions(found)
    named = [one for one in newest_first if one[0].version == version]
    if not named:
        raise errors.NotFound("There is no such version of a questionnaire.", path=("version",))
    return [*named, *(one for one in newest_first if one[0].version != version)]


async def load_version(session: AsyncSession, actor: Actor, questionnaire: str, version: str) -> Version:
    """A version of an own questionnaire with its newest profile. Raises NotFound."""
    await publication.get_own(session, actor, questionnaire)
    definition = (await definitions.load_version(session, questionnaire, version)).definition
    profile = await definitions.find_profile(session, definition)
    return definition, None if profile is None else profile[0]


async def list_languages(session: AsyncSession, keys: Sequence[str]) -> dict[str, list[tuple[str, str, str | None]]]:
    """By questionnaire each language there is something in, the state of what was handed in last, and its reason."""
    table = QuestionnaireTranslation
    rows = await session.execute(
        select(table.questionnaire, table.locale, table.approval, table.approval_reason)
        .where(table.questionnaire.in_(keys), table.is_current | table.approval.in_(HELD))
        .order_by(table.questionnaire, table.locale, table.is_current.desc())  # what is held comes last, and counts
    )
    found: dict[str, dict[str, tuple[str, str, str | None]]] = {}
    for row in rows:
        state = row.approval if row.approval in HELD else "shown"
        found.setdefault(row.questionnaire, {})[row.locale] = (row.locale, state, row.approval_reason)
    return {key: list(languages.values()) for key, languages in found.items()}


async def load_own(session: AsyncSession, questionnaire: str, locale: str) -> OwnTranslation:
    """What an own questionnaire has in a language."""
    table = QuestionnaireTranslation
    rows = await session.scalars(
        select(table)
        .where(
            table.questionnaire == questionnaire,
            table.locale == locale,
            table.is_current | table.approval.in_(HELD),
        )
        .execution_options(populate_existing=True)
    )
    found = OwnTranslation(locale)
    for row in sorted(rows, key=lambda row: not row.is_current):
        overlay = await asyncio.to_thread(reading.load_translation, orjson.loads(row.document))
        if row.is_current:
            found = OwnTranslation(locale, shown=overlay, last=overlay, state="shown")
        else:
            found = OwnTranslation(locale, found.shown, overlay, row.approval, row.approval_reason)
    return found


async def hand_in(
    session: AsyncSession, actor: Actor, *, version: Version, locale: str, handed: Handed
) -> tuple[OwnTranslation, Sequence[str]]:
    """Take texts in by path, beside those that are there; the very same again changes nothing.

    Gives what there is then, and the paths whose texts were not taken, since the one that is there holds for a version
    that is newer than those `handed` holds for. What everybody would read waits for the operator. Raises NotFound, and
    Conflict TOO_MANY.
    """
    key = version[0].key
    before = await _lock_own(session, actor, key, locale)
    if before.state is None:
        await _refuse_too_many(session, key)
    last = before.last or replace(handed.overlay, entries={})
    done = translating.merge_entries(
        last, handed.overlay.entries, handed.sources, translation.settle_entries(last, version[0])
    )
    merged = done.overlay
    if not merged.entries or merged == before.last:
        return before, done.stayed
    state = await _keep(session, merged)
    detail = {"version": version[0].version, "texts": len(handed.overlay.entries) - len(done.stayed)}
    await _note(session, actor, "translation.handed_in", merged, state, detail)
    await _tell_operators(session, before, state, key)
    return OwnTranslation(locale, merged if state == "shown" else before.shown, merged, state), done.stayed


async def remove(
    session: AsyncSession, actor: Actor, *, questionnaire: str, locale: str, paths: Sequence[str] | None
) -> OwnTranslation:
    """Take translations of texts away, or a whole language: the source is shown at once, to everybody.

    Raises NotFound, and InvalidInput for no path, or one that has no translation; then nothing is removed.
    """
    if paths is not None and not paths:
        words = "Name at least one path, or give null for the whole language."
        raise errors.InvalidInput(words, code="REQUIRED", path=("paths",))
    before = await _lock_own(session, actor, questionnaire, locale)
    if before.last is None:
        raise errors.NotFound(f"There is no translation to {locale}.", path=("locale",))
    known = {*before.last.entries, *(before.shown.entries if before.shown else ())}
    _refuse_unknown(paths or (), known)
    gone = known if paths is None else set(paths)
    last = translating.leave_out(before.last, gone)
    state = await _show_less(session, before.shown, gone, last)
    if last.entries and state is None:
        state = await _keep(session, last)
    await _note(session, actor, "translation.removed", last, state or "removed", {"texts": len(gone)})
    left = await load_own(session, questionnaire, locale)
    await _tell_operators(session, before, left.state, questionnaire)
    return left


async def _show_less(session: AsyncSession, shown: Overlay | None, gone: Collection[str], last: Overlay) -> str | None:
    """Take the texts out of what is shown; gives the state where nothing else was handed in."""
    less = None if shown is None else translating.leave_out(shown, gone)
    if less is None or not less.entries:
        await session.execute(DROP, {"key": last.questionnaire, "locale": last.locale})
        return None
    state = await _keep(session, less)
    return state if less == last else None


def _refuse_unknown(paths: Sequence[str], known: Collection[str]) -> None:
    problems = [
        errors.FieldProblem(("paths", index), "NOT_FOUND", f'No translation is there of "{make_printable(path)[:80]}".')
        for index, path in enumerate(paths)
        if path not in known
    ]
    if problems:
        raise errors.InvalidInput("Nothing was removed.", problems=problems)


async def _lock_own(session: AsyncSession, actor: Actor, questionnaire: str, locale: str) -> OwnTranslation:
    """What there is, while nobody else changes it. Raises NotFound."""
    await publication.lock_own(session, actor, questionnaire)
    return await load_own(session, questionnaire, locale)


async def _keep(session: AsyncSession, overlay: Overlay) -> str:
    """Keep what was handed in as a whole, and tell whether it is shown. Raises Conflict TOO_MANY."""
    content = canonical.write_canonical(document.write_document(overlay)).decode()
    if len(overlay.entries) > MOST_ENTRIES or len(content) > MOST_CHARACTERS:
        words = (
            f"With this the translation would have {len(overlay.entries)} texts and {len(content)} characters; at most"
            f" {MOST_ENTRIES:,} and {MOST_CHARACTERS:,} are kept."
        )
        raise errors.Conflict(words, code="TOO_MANY")
    given = {"key": overlay.questionnaire, "locale": overlay.locale, "content": content}
    state: str | None = await session.scalar(KEEP, given)
    if state is None:
        raise errors.NotFound("There is no such questionnaire of yours.", path=("questionnaire",))
    return state


async def _refuse_too_many(session: AsyncSession, questionnaire: str) -> None:
    languages = (await list_languages(session, [questionnaire])).get(questionnaire, [])
    if len(languages) >= MOST_LANGUAGES:
        words = f"There are translations to {MOST_LANGUAGES} languages; remove one first."
        raise errors.Conflict(words, code="TOO_MANY", path=("locale",))


async def _tell_operators(session: AsyncSession, before: OwnTranslation, state: str | None, questionnaire: str) -> None:
    """By one letter each, however often something is added to what waits."""
    if state == "asked" and before.state != "asked":
        await outbox.add_event(session, "translation.asked", questionnaire=questionnaire, locale=before.locale)


async def _note(
    session: AsyncSession, actor: Actor, action: str, overlay: Overlay, state: str, detail: dict[str, Any]
) -> None:
    facts = {"locale": overlay.locale, "state": state, "content_hash": document.hash_content(overlay)}
    await audit.add_audit(session, actor, action, "questionnaire", overlay.questionnaire, detail=facts | detail)
