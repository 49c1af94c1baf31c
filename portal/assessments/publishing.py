"""Publishing questionnaire versions and scoring profiles: for ever, under the hash of their content."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from portal import errors
from portal.access import OWNER_LOGIN
from portal.assessments import succession, translations
from portal.assessments.translations import Translated, TranslationFile
from portal.database import audit, outbox
from portal.database.tables import publishing as tables
from questionnaires import canonical, catalogue, document, reading
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from questionnaires.difference import order_version
from questionnaires.faults import ReadingError
from questionnaires.profile import Profile

# Between the name of a publisher and that of its questionnaire; the operator's own keys do not have it.
OWNER_MARK = "--"
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
        done = [await publish_version(session, one, is_packaged=True) for one in packaged]
        await translations.publish_packaged(session)
        return done


async def publish_with_login(owner_url: str, versions: Iterable[Packaged]) -> list[Published]:
    """Publish versions in one transaction of the owner's login, all or none."""
    return (await publish_all(owner_url, versions, ()))[0]


async def publish_all(
    owner_url: str, versions: Iterable[Packaged], files: Iterable[TranslationFile]
) -> tuple[list[Published], list[Translated]]:
    """The same for versions and then translations of them."""
    async with _open_publishing(owner_url) as session:
        done = [await publish_version(session, packaged) for packaged in versions]
        packaged_files = {one.path for one in translations.list_packaged()}
        translated = [
            await translations.publish_file(session, file, is_packaged=file.path in packaged_files) for file in files
        ]
        await _note(session, done, translated)
        return done, translated


async def _note(session: AsyncSession, done: Iterable[Published], translated: Iterable[Translated]) -> None:
    """What is new of it stands in the trail of the portal itself, by what it is and the hash of what it says."""
    for one in done:
        if one.is_new or one.new_profiles:
            facts = {"hash": one.content_hash, "is_new": one.is_new, "profiles": list(one.new_profiles)}
            named = f"{one.questionnaire}@{one.version}"
            await audit.add_audit(session, OWNER_LOGIN, "questionnaire.published", "questionnaire", named, detail=facts)
    for file in translated:
        if file.is_new:
            facts = {"locale": file.locale, "hash": file.content_hash}
            await audit.add_audit(
                session, OWNER_LOGIN, "translation.published", "questionnaire", file.questionnaire, detail=facts
            )


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


async def publish_version(
    session: AsyncSession, packaged: Packaged, *, is_packaged: bool = False, owner: UUID | None = None
) -> Published:
    """Publish a version and its profiles; the same content again changes nothing.

    What the product ships was held against what it shipped before: an operator's own version of the same questionnaire
    must not keep a newer portal from starting. Of an `owner`, an organization, a further version of what is public
    waits for the operator's word before anybody else sees it or begins with it.

    Raises Conflict where the version, or a profile's number, stands for another content already, and InvalidInput
    where the version is numbered too low for what changed, uses a key anew, or has the key of an organization.
    """
    definition = packaged.definition
    if owner is None:
        _refuse_owned_key(definition)
    header = await _add_questionnaire(session, definition, owner)
    waits = owner is not None and header.visibility == "public"
    content_hash, is_new = await _add_version(session, definition, is_held=not is_packaged, waits=waits)
    added = [profile.number for profile in packaged.profiles if await add_profile(session, profile)]
    if not waits:
        await _raise_current(session, definition)
    return Published(definition.key, definition.version, content_hash, is_new, tuple(added))


def _refuse_owned_key(definition: Definition) -> None:
    if OWNER_MARK in definition.key:
        words = f'{definition.key} has "{OWNER_MARK}", as keys of organizations have: they publish by themselves.'
        raise errors.InvalidInput(words, code="KEY_OF_PUBLISHER", path=("questionnaire", "key"))


async def _add_questionnaire(session: AsyncSession, definition: Definition, owner: UUID | None) -> tables.Questionnaire:
    """The questionnaire's row, locked against who publishes at the same moment."""
    header, table = definition.questionnaire, tables.Questionnaire
    visibility = "public" if owner is None else "private"
    await session.execute(
        insert(table)
        .values(key=header.key, title=header.title, purpose=header.purpose, owner_id=owner, visibility=visibility)
        .on_conflict_do_nothing()
    )
    return await session.get_one(table, header.key, with_for_update={"key_share": True}, populate_existing=True)


async def _add_version(
    session: AsyncSession, definition: Definition, *, is_held: bool, waits: bool
) -> tuple[str, bool]:
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
                **({"approval": "asked", "approval_asked_at": func.portal.clock()} if waits else {}),
            )
        )
    if kept is None and waits:
        place = {"questionnaire": definition.key, "version": definition.version}
        await outbox.add_event(session, "questionnaire.asked", **place)
    return content_hash, kept is None


async def add_profile(session: AsyncSession, profile: Profile) -> bool:
    """Publish a scoring profile, unless the very same is there; raises Conflict where its number is taken."""
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
