"""Publishing questionnaire versions and scoring profiles: for ever, under the hash of their content."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from portal import errors
from portal.assessments import succession
from portal.database.tables import publishing as tables
from questionnaires import canonical, catalogue, document, reading
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from questionnaires.difference import order_version
from questionnaires.faults import ReadingError
from questionnaires.profile import Profile

# Two portals that start together publish one after the other.
PUBLISHING_LOCK = 7_203_411_003


@dataclass(frozen=True)
class Published:
    """What publishing one version did: nothing of it is new where it was there already."""

    questionnaire: str
    version: str
    content_hash: str
    is_new: bool
    new_profiles: tuple[int, ...]


async def publish_packaged(owner_url: str) -> list[Published]:
    """Publish what the product ships and is not published yet, with the owner's login; safe to run at every start.

    What is published is not read again: that takes seconds, and a released file does not change.
    """
    async with _open_publishing(owner_url) as session:
        missing = await _list_missing(session)
        packaged = [catalogue.read_packaged(key, version) for key, version in missing]
        return [await publish_version(session, one, is_packaged=True) for one in packaged]


async def publish_with_login(owner_url: str, versions: Iterable[Packaged]) -> list[Published]:
    """Publish versions in one transaction of the owner's login, all or none."""
    async with _open_publishing(owner_url) as session:
        return [await publish_version(session, packaged) for packaged in versions]


@asynccontextmanager
async def _open_publishing(owner_url: str) -> AsyncIterator[AsyncSession]:
    engine = create_async_engine(owner_url)
    try:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(select(func.pg_advisory_xact_lock(PUBLISHING_LOCK)))
            yield session
    finally:
        await engine.dispose()


async def _list_missing(session: AsyncSession) -> list[tuple[str, str]]:
    """The packaged versions of which the version or a profile is not published yet."""
    version, profile = tables.QuestionnaireVersion, tables.ScoringProfile
    versions = await session.execute(select(version.questionnaire, version.version))
    profiles = await session.execute(select(profile.questionnaire, profile.version, profile.number))
    published = {(row.questionnaire, row.version) for row in versions}
    numbers = {((row.questionnaire, row.version), row.number) for row in profiles}
    return [
        place
        for place, wanted in catalogue.name_packaged().items()
        if place not in published or not {(place, number) for number in wanted} <= numbers
    ]


def read_files(path: Path) -> Packaged:
    """A version's file with the profiles beside it, held to what the packaged ones are held to.

    Raises InvalidInput that names every fault, or the file to give instead of a profile's.
    """
    if reading.is_profile(path):
        words = (
            f"{path.name} is a scoring profile. Give {reading.find_questionnaire(path).name}, its questionnaire: the"
            " profiles beside that are published with it."
        )
        raise errors.InvalidInput(words, code="PROFILE")
    try:
        definition = reading.read_questionnaire(
            path, tier_caps=catalogue.TIER_CAPS, standards=catalogue.read_standards()
        )
        beside = sorted(path.parent.glob(f"{definition.version}.profile-*.yaml"))
        profiles = [reading.read_profile(file, definition) for file in beside]
    except ReadingError as error:
        problems = [errors.FieldProblem((fault.file,), "FAULTY", str(fault)) for fault in error.faults]
        raise errors.InvalidInput(f"{path.name} cannot be published.", code="FAULTY", problems=problems) from None
    return Packaged(definition, tuple(sorted(profiles, key=lambda profile: profile.number)))


async def publish_version(session: AsyncSession, packaged: Packaged, *, is_packaged: bool = False) -> Published:
    """Publish a version and its profiles; the same content again changes nothing.

    What the product ships was held against what it shipped before: an operator's own version of the same questionnaire
    must not keep a newer portal from starting.

    Raises Conflict where the version, or a profile's number, stands for another content already, and InvalidInput
    where the version is numbered too low for what changed, or uses a key anew.
    """
    definition = packaged.definition
    await _add_questionnaire(session, definition)
    content_hash, is_new = await _add_version(session, definition, is_held=not is_packaged)
    added = [profile.number for profile in packaged.profiles if await _add_profile(session, profile)]
    await _raise_current(session, definition)
    return Published(definition.key, definition.version, content_hash, is_new, tuple(added))


async def _add_questionnaire(session: AsyncSession, definition: Definition) -> None:
    header = definition.questionnaire
    await session.execute(
        insert(tables.Questionnaire)
        .values(key=header.key, title=header.title, purpose=header.purpose)
        .on_conflict_do_nothing()
    )


async def _add_version(session: AsyncSession, definition: Definition, *, is_held: bool) -> tuple[str, bool]:
    content = document.write_document(definition)
    content_hash = canonical.hash_document(content)
    table = tables.QuestionnaireVersion
    kept = await session.scalar(
        select(table.content_hash).where(table.questionnaire == definition.key, table.version == definition.version)
    )
    _refuse_other_content(f"{definition.key} {definition.version}", kept, content_hash)
    if kept is None and is_held:
        await succession.check_succession(session, definition)
    if kept is None:
        await session.execute(
            insert(table).values(
                questionnaire=definition.key,
                version=definition.version,
                content_hash=content_hash,
                locale=definition.questionnaire.locale,
                document=canonical.write_canonical(content).decode(),
            )
        )
    return content_hash, kept is None


async def _add_profile(session: AsyncSession, profile: Profile) -> bool:
    content = document.write_document(profile)
    content_hash = canonical.hash_document(content)
    table, header = tables.ScoringProfile, profile.profile
    place = (table.questionnaire == header.questionnaire, table.version == header.version)
    kept = await session.scalar(select(table.content_hash).where(*place, table.number == header.number))
    _refuse_other_content(f"profile {header.number} of {header.questionnaire} {header.version}", kept, content_hash)
    if kept is None:
        await session.execute(
            insert(table).values(
                questionnaire=header.questionnaire,
                version=header.version,
                number=header.number,
                content_hash=content_hash,
                document=canonical.write_canonical(content).decode(),
            )
        )
    return kept is None


def _refuse_other_content(subject: str, kept: str | None, content_hash: str) -> None:
    if kept is not None and kept != content_hash:
        raise errors.Conflict(
            f"{subject} is published already with another content ({kept[:12]}, not {content_hash[:12]}); what is "
            "published never changes, so give the new one a new version or number.",
            code="ALREADY_PUBLISHED",
        )


async def _raise_current(session: AsyncSession, definition: Definition) -> None:
    """New assessments start on the highest version; title and purpose are those of that version."""
    table, header = tables.Questionnaire, definition.questionnaire
    kept = await session.get_one(table, definition.key)
    if kept.current_version is None or order_version(header.version) >= order_version(kept.current_version):
        kept.current_version, kept.title, kept.purpose = header.version, header.title, header.purpose
        await session.flush()


async def list_published(session: AsyncSession) -> list[tables.QuestionnaireVersion]:
    """All versions that the caller may see, by key and age."""
    table = tables.QuestionnaireVersion
    found = await session.scalars(select(table).order_by(table.questionnaire, table.published_at, table.version))
    return list(found)


def read_document(text: str) -> object:
    """A published document as plain JSON."""
    return orjson.loads(text)
