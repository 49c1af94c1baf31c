"""Translations of published questionnaires: publishing them, finding those there are, laying them over versions."""

import asyncio
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables import publishing as tables
from portal.shelf import Shelf
from questionnaires import canonical, catalogue, document, reading, translation
from questionnaires.definition import Definition
from questionnaires.faults import ReadingError
from questionnaires.profile import Profile
from questionnaires.translation import Overlay, Translation

CACHED = 96  # a version of 160 questions takes 0.4 MB in each language
CURRENT = """
SELECT json_object_agg(locale, content_hash)::text FROM portal.questionnaire_translation
 WHERE questionnaire = $1 AND is_current
"""
DOCUMENT = "SELECT document FROM portal.questionnaire_translation WHERE content_hash = $1"
LOCALE = "SELECT locale FROM portal.user_account WHERE id = $1"
# The content hashes of a version, of an overlay (none for the source), and of a profile where its texts are wanted.
Hashes: TypeAlias = tuple[str, str | None, str | None]
# No hash ever stands for anything else, so nothing goes stale.
_laid: Shelf[Hashes, Translation] = Shelf(CACHED)


@dataclass(frozen=True)
class Translated:
    """What publishing one translation did."""

    questionnaire: str
    locale: str
    content_hash: str
    is_new: bool


@dataclass(frozen=True)
class TranslationFile:
    """A translation's file, to be published."""

    questionnaire: str
    locale: str
    path: Path

    @functools.cached_property
    def file_hash(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


async def publish_packaged(session: AsyncSession) -> list[Translated]:
    """Publish the translations that the product ships, where their file is another than the one that is current.

    A translation that the operator published stays the current one: it may hold what people corrected. A file is not
    read again for what is published already.
    """
    done = []
    for file in list_packaged():
        current = await _find_current(session, file)
        if current is None or (current.is_packaged and current.file_hash != file.file_hash):
            done.append(await publish_file(session, file, is_packaged=True))
    return done


def list_packaged() -> list[TranslationFile]:
    """Every translation that the product ships."""
    keys = dict.fromkeys(key for key, _ in catalogue.name_packaged())
    return [file for key in keys for file in list_files(catalogue.find_content_folder() / key, key)]


def list_files(folder: Path, key: str) -> list[TranslationFile]:
    """The translations in the folder of one questionnaire."""
    paths = sorted((folder / reading.TRANSLATIONS).glob("*.yaml"))
    return [TranslationFile(key, path.stem, path) for path in paths]


def check_files(folder: Path, key: str) -> list[TranslationFile]:
    """The same, each held against the versions in the folder. Raises InvalidInput with every fault of all of them."""
    found = list_files(folder, key)
    versions = reading.inspect_versions(folder) if found else []
    faults = [fault for file in found for fault in reading.inspect_translation(file.path, versions)[1].errors]
    if faults:
        problems = [errors.FieldProblem((fault.file,), "FAULTY", str(fault)) for fault in faults]
        raise errors.InvalidInput(f"The translations of {key} cannot be published.", code="FAULTY", problems=problems)
    return found


async def publish_file(session: AsyncSession, file: TranslationFile, *, is_packaged: bool = False) -> Translated:
    """Make a translation the current one of its language; what was current stays under its hash.

    Raises InvalidInput where the file cannot be read.
    """
    table = tables.QuestionnaireTranslation
    overlay = _read_overlay(file)
    content = document.write_document(overlay)
    content_hash = canonical.hash_document(content)
    values = {
        "content_hash": content_hash,
        "questionnaire": overlay.questionnaire,
        "locale": overlay.locale,
        "file_hash": file.file_hash,
        "document": canonical.write_canonical(content).decode(),
        "is_packaged": is_packaged,
    }
    is_new = await session.get(table, content_hash) is None
    same = (table.questionnaire == overlay.questionnaire, table.locale == overlay.locale)
    await session.execute(update(table).where(*same, table.is_current).values(is_current=False))
    made = insert(table).values(values | {"is_current": True})
    again = {"is_current": True, "is_packaged": is_packaged, "file_hash": file.file_hash}
    await session.execute(made.on_conflict_do_update(index_elements=[table.content_hash], set_=again))
    return Translated(overlay.questionnaire, overlay.locale, content_hash, is_new)


async def _find_current(session: AsyncSession, file: TranslationFile) -> tables.QuestionnaireTranslation | None:
    table = tables.QuestionnaireTranslation
    return (
        await session.scalars(
            select(table)
            .where(table.questionnaire == file.questionnaire, table.locale == file.locale, table.is_current)
            .execution_options(populate_existing=True)
        )
    ).one_or_none()


def _read_overlay(file: TranslationFile) -> Overlay:
    try:
        if file in list_packaged():
            return catalogue.read_translation(file.questionnaire, file.locale)
        return reading.read_translation(file.path)
    except ReadingError as error:
        problems = [errors.FieldProblem((fault.file,), "FAULTY", str(fault)) for fault in error.faults]
        raise errors.InvalidInput(f"{file.path.name} cannot be published.", code="FAULTY", problems=problems) from None


async def list_translations(session: Session, questionnaire: str) -> dict[str, str]:
    """The hash of the current translation by locale."""
    text = await (await reader.take_reader(session)).fetch_text(CURRENT, [questionnaire])
    found: dict[str, str] = orjson.loads(text) if text else {}
    return dict(sorted(found.items()))


async def read_locale(session: Session, actor: Actor) -> str | None:
    """The language of the caller's account; none of a machine's or of nobody."""
    if actor.user_id is None:
        return None
    return await (await reader.take_reader(session)).fetch_text(LOCALE, [actor.user_id])


async def load_document(session: Session, content_hash: str) -> str:
    """The canonical JSON with this hash; raises NotFound."""
    found = await (await reader.take_reader(session)).fetch_text(DOCUMENT, [content_hash])
    if found is None:
        raise errors.NotFound("No translation with this content hash is published.")
    return found


def find_kept(version: str, overlay: str | None, profile: str | None = None) -> Translation | None:
    """A version in one language that is in memory already; all three are content hashes."""
    return _laid.find((version, overlay, profile))


async def load_translation(
    session: Session, definition: Definition, hashes: Hashes, profile: Profile | None = None
) -> Translation:
    """A version, and its profile, in the language of an overlay, or of the source where there is none."""
    kept = find_kept(*hashes)
    if kept is not None:
        return kept
    if hashes[1] is None:
        return _laid.keep(hashes, translation.tell_source(definition, profile))
    content = await load_document(session, hashes[1])
    # Beside the event loop: an organization may hand in as many texts as its questionnaire has.
    overlay = await asyncio.to_thread(reading.load_translation, orjson.loads(content))
    return _laid.keep(hashes, translation.translate(definition, overlay, profile))
