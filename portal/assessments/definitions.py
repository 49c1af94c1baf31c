"""Published versions and profiles as values, kept in memory by the hash of their content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables import publishing as tables
from portal.shelf import Shelf
from questionnaires import reading
from questionnaires.definition import Definition
from questionnaires.profile import Profile

CACHED = 64
KNOWN = "SELECT key::text FROM portal.questionnaire WHERE key = $1"
# A hash never stands for anything else, so nothing goes stale.
_definitions: Shelf[str, Definition] = Shelf(CACHED)
_profiles: Shelf[str, Profile] = Shelf(CACHED)


@dataclass(frozen=True)
class Version:
    """A published version: its definition under its hash."""

    content_hash: str
    definition: Definition


async def load_definition(session: Session, content_hash: str) -> Definition:
    """The definition with this hash; raises NotFound where none is published that the caller may see."""
    kept = _definitions.find(content_hash)
    if kept is not None:
        return kept
    document = await load_document(session, content_hash)
    return _definitions.keep(content_hash, reading.load_definition(orjson.loads(document)))


async def load_document(session: Session, content_hash: str) -> str:
    """The canonical JSON with this hash; raises NotFound."""
    statement = "SELECT document::text FROM portal.questionnaire_version WHERE content_hash = $1"
    document = await (await reader.take_reader(session)).fetch_text(statement, [content_hash])
    if document is None:
        raise errors.NotFound("No questionnaire version with this content hash is published.")
    return document


async def load_profile(session: AsyncSession, definition: Definition, number: int, content_hash: str) -> Profile:
    """A scoring profile of a version; raises NotFound where it is not published."""
    kept = _profiles.find(content_hash)
    if kept is not None:
        return kept
    table = tables.ScoringProfile
    document = await session.scalar(
        select(table.document).where(
            table.questionnaire == definition.key, table.version == definition.version, table.number == number
        )
    )
    if document is None:
        raise errors.NotFound(f"{definition.key} {definition.version} has no scoring profile {number}.")
    return _profiles.keep(content_hash, reading.load_profile(orjson.loads(document)))


async def load_current(session: AsyncSession, questionnaire: str) -> Version:
    """The version that new assessments start on; raises NotFound for a key that the caller may not see."""
    table, version = tables.Questionnaire, tables.QuestionnaireVersion
    content_hash = await session.scalar(
        select(version.content_hash)
        .join(table, (table.key == version.questionnaire) & (table.current_version == version.version))
        .where(table.key == questionnaire)
    )
    if content_hash is None:
        raise errors.NotFound("There is no such questionnaire.", path=("questionnaire",))
    return Version(content_hash, await load_definition(session, content_hash))


async def load_version(session: AsyncSession, questionnaire: str, version: str) -> Version:
    """A version by its name; raises NotFound."""
    table = tables.QuestionnaireVersion
    content_hash = await session.scalar(
        select(table.content_hash).where(table.questionnaire == questionnaire, table.version == version)
    )
    if content_hash is None:
        raise errors.NotFound("There is no such version of a questionnaire.", path=("version",))
    return Version(content_hash, await load_definition(session, content_hash))


async def load_latest_profile(session: AsyncSession, definition: Definition) -> tuple[Profile, str]:
    """The profile with the highest number, and its hash; raises NotFound where the version has none."""
    table = tables.ScoringProfile
    found = (
        await session.execute(
            select(table.number, table.content_hash)
            .where(table.questionnaire == definition.key, table.version == definition.version)
            .order_by(table.number.desc())
            .limit(1)
        )
    ).one_or_none()
    if found is None:
        raise errors.NotFound(f"{definition.key} {definition.version} has no scoring profile.", code="NO_PROFILE")
    return await load_profile(session, definition, found.number, found.content_hash), found.content_hash


async def check_questionnaire(session: Session, key: str, path: Sequence[str | int] = ("questionnaire",)) -> None:
    """Raise NotFound for a key that the caller may not see, where nothing else would tell it from an empty list."""
    if await (await reader.take_reader(session)).fetch_text(KNOWN, [key.replace("\x00", "")]) is None:
        raise errors.NotFound("There is no such questionnaire.", path=path)


@dataclass(frozen=True)
class Listed:
    """A published version without its document."""

    questionnaire: str
    version: str
    content_hash: str
    locale: str
    published_at: datetime
    is_current: bool


LISTED = """
SELECT json_agg(l)::text FROM (
SELECT v.questionnaire, v.version, v.content_hash, v.locale, v.published_at,
       coalesce(q.current_version = v.version, false) AS is_current
  FROM portal.questionnaire_version v JOIN portal.questionnaire q ON q.key = v.questionnaire
 WHERE ($1::text IS NULL OR v.questionnaire = $1) AND ($2::text IS NULL OR v.content_hash = $2)) l
"""


async def list_versions(
    session: Session, *, questionnaire: str | None = None, content_hash: str | None = None
) -> list[Listed]:
    """The versions that the caller may see, of each questionnaire the newest first."""
    text = await (await reader.take_reader(session)).fetch_text(LISTED, [questionnaire, content_hash])
    rows = [row | {"published_at": datetime.fromisoformat(row["published_at"])} for row in orjson.loads(text or "[]")]
    found = [Listed(**row) for row in rows]
    return sorted(found, key=lambda one: (one.questionnaire, [-int(part) for part in one.version.split(".")]))


def find_kept(content_hash: str) -> Definition | None:
    """A definition that is in memory already."""
    return _definitions.find(content_hash)
