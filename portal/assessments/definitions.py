"""Published versions and profiles as values, kept in memory by the hash of their content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables import publishing as tables
from portal.shelf import Shelf
from questionnaires import reading
from questionnaires.compiled import CompiledProfile, CompiledVersion
from questionnaires.definition import Definition
from questionnaires.profile import Profile

CACHED = 64
KNOWN = "SELECT key::text FROM portal.questionnaire WHERE key = $1"
# A hash never stands for anything else, so nothing goes stale.
_definitions: Shelf[str, Definition] = Shelf(CACHED)
_profiles: Shelf[str, Profile] = Shelf(CACHED)
_compiled: Shelf[str, CompiledVersion] = Shelf(CACHED)
_scorers: Shelf[tuple[str, str], CompiledProfile] = Shelf(CACHED)


@dataclass(frozen=True)
class Life:
    """Until when something may begin with a version; `day` is today's."""

    deprecated_on: date | None = None
    retired_on: date | None = None
    day: date = date.min

    @property
    def state(self) -> str:
        """published, deprecated or retired."""
        if self.retired_on is not None and self.retired_on <= self.day:
            return "retired"
        return "deprecated" if self.deprecated_on is not None and self.deprecated_on <= self.day else "published"


@dataclass(frozen=True)
class Version:
    """A published version: its definition under its hash."""

    content_hash: str
    definition: Definition
    life: Life = Life()

    def check_begin(self, *, was_asked: bool = False) -> None:
        """Raise Conflict DEPRECATED or RETIRED where nothing begins with it any more.

        What was asked for before a version was deprecated may still begin, until the version is retired.
        """
        state = self.life.state
        if state == "retired" or (state == "deprecated" and not was_asked):
            since = self.life.retired_on if state == "retired" else self.life.deprecated_on
            words = f"{self.definition.key} {self.definition.version} is {state} since {since}: nothing begins with it."
            raise errors.Conflict(words, code=state.upper(), path=("questionnaire",))


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


async def load_numbered_profile(session: AsyncSession, definition: Definition, number: int) -> Profile:
    """A scoring profile of a version by its number; raises NotFound where it is not published."""
    table = tables.ScoringProfile
    content_hash = await session.scalar(
        select(table.content_hash).where(
            table.questionnaire == definition.key, table.version == definition.version, table.number == number
        )
    )
    if content_hash is None:
        raise errors.NotFound(f"{definition.key} {definition.version} has no scoring profile {number}.")
    return await load_profile(session, definition, number, content_hash)


def compile_version(content_hash: str, definition: Definition) -> CompiledVersion:
    """The compiled form of the definition with this hash."""
    kept = _compiled.find(content_hash)
    if kept is not None and kept.definition is definition:
        return kept
    return _compiled.keep(content_hash, CompiledVersion(definition))


def compile_profile(
    version: CompiledVersion, content_hash: str, profile: Profile, profile_hash: str
) -> CompiledProfile:
    """The compiled form of a profile, by its hash and that of its version."""
    key = (content_hash, profile_hash)
    kept = _scorers.find(key)
    if kept is not None and kept.version is version and kept.profile is profile:
        return kept
    return _scorers.keep(key, CompiledProfile(version, profile))


async def load_current(session: AsyncSession, questionnaire: str) -> Version:
    """The version that new assessments start on; raises NotFound for a key that the caller may not see."""
    table, version = tables.Questionnaire, tables.QuestionnaireVersion
    found = (
        await session.execute(
            select(version.content_hash, version.deprecated_on, version.retired_on, func.portal.clock().label("now"))
            .join(table, (table.key == version.questionnaire) & (table.current_version == version.version))
            .where(table.key == questionnaire)
        )
    ).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such questionnaire.", path=("questionnaire",))
    life = Life(found.deprecated_on, found.retired_on, found.now.date())
    return Version(found.content_hash, await load_definition(session, found.content_hash), life)


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
    found = await find_profile(session, definition)
    if found is None:
        raise errors.NotFound(f"{definition.key} {definition.version} has no scoring profile.", code="NO_PROFILE")
    return found


async def find_profile(
    session: AsyncSession, definition: Definition, number: int | None = None
) -> tuple[Profile, str] | None:
    """The profile with a number, or with the highest, and its hash; none where there is none."""
    table = tables.ScoringProfile
    statement = select(table.number, table.content_hash).where(
        table.questionnaire == definition.key, table.version == definition.version
    )
    if number is not None:
        statement = statement.where(table.number == number)
    found = (await session.execute(statement.order_by(table.number.desc()).limit(1))).one_or_none()
    if found is None:
        return None
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
    visibility: str
    deprecated_on: date | None
    retired_on: date | None
    state: str
    translations: Mapping[str, str]  # the hash of the current translation by locale
    reader_locale: str | None  # of the account that asks


LISTED = """
SELECT json_agg(l)::text FROM (
SELECT v.questionnaire, v.version, v.content_hash, v.locale, v.published_at,
       coalesce(q.current_version = v.version, false) AS is_current, q.visibility, v.deprecated_on, v.retired_on,
       CASE WHEN v.retired_on <= portal.clock()::date THEN 'retired'
            WHEN v.deprecated_on <= portal.clock()::date THEN 'deprecated' ELSE 'published' END AS state,
       coalesce((SELECT json_object_agg(t.locale, t.content_hash ORDER BY t.locale)
                   FROM portal.questionnaire_translation t
                  WHERE t.questionnaire = v.questionnaire AND t.is_current), '{}') AS translations,
       (SELECT u.locale FROM portal.user_account u WHERE u.id = $3) AS reader_locale
  FROM portal.questionnaire_version v JOIN portal.questionnaire q ON q.key = v.questionnaire
 WHERE ($1::text IS NULL OR v.questionnaire = $1) AND ($2::text IS NULL OR v.content_hash = $2)) l
"""


async def list_versions(
    session: Session,
    *,
    questionnaire: str | None = None,
    content_hash: str | None = None,
    user_id: UUID | None = None,
) -> list[Listed]:
    """The versions that the caller may see, of each questionnaire the newest first; `user_id` is the one who asks."""
    text = await (await reader.take_reader(session)).fetch_text(LISTED, [questionnaire, content_hash, user_id])
    found = [_read_listed(row) for row in orjson.loads(text or "[]")]
    return sorted(found, key=lambda one: (one.questionnaire, [-int(part) for part in one.version.split(".")]))


def _read_listed(row: dict[str, Any]) -> Listed:
    days = {name: row[name] and date.fromisoformat(row[name]) for name in ("deprecated_on", "retired_on")}
    return Listed(**row | days | {"published_at": datetime.fromisoformat(row["published_at"])})


def find_kept(content_hash: str) -> Definition | None:
    """A definition that is in memory already."""
    return _definitions.find(content_hash)
