"""Publishing an organization's draft for ever, and scoring profiles that come later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, publishing
from portal.authoring import drafting, inspection, publishers
from portal.database import audit, idempotency, outbox
from portal.database.tables.publishing import Questionnaire, QuestionnaireDraft, QuestionnaireVersion, ScoringProfile
from questionnaires import reading, texts
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from questionnaires.reading import TextFormat

MOST_PROFILE = 100_000  # characters


@dataclass(frozen=True)
class Publishing:
    """A draft as its author saw it, which is checked beside the event loop while no transaction waits for it."""

    questionnaire: str
    revision: int
    idempotency_key: str | None
    made: tuple[str, str] | None = None  # key and version, where the same call published it before
    publisher: str = ""
    documents: tuple[str | None, str | None] = (None, None)
    values: tuple[Definition, Profile | None] | None = None

    @property
    def body(self) -> dict[str, object]:
        return {"questionnaire": self.questionnaire, "revision": self.revision}


async def open_draft(session: AsyncSession, actor: Actor, asked: Publishing) -> Publishing:
    """What is to be published; raises NotFound, Conflict DRAFT_CHANGED or FAULTY."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    made = await _find_made(session, actor, asked)
    if made is not None:
        return replace(asked, made=made)
    draft = await _get_seen(session, actor, asked)
    return replace(
        asked,
        publisher=await publishers.get_name(session, actor),
        documents=(draft.document, draft.profile_document),
        values=drafting.read_values(draft),
    )


async def _find_made(session: AsyncSession, actor: Actor, asked: Publishing) -> tuple[str, str] | None:
    made = await idempotency.find_made(session, actor, asked.idempotency_key, "publishQuestionnaire", asked.body)
    return None if made is None else (made[0], made[1])


async def _get_seen(
    session: AsyncSession, actor: Actor, asked: Publishing, *, lock: bool = False
) -> QuestionnaireDraft:
    draft = await drafting.get_draft(session, actor, asked.questionnaire, lock=lock)
    if draft.revision != asked.revision:
        words = f"Somebody changed this draft: it is at revision {draft.revision}, not {asked.revision}."
        raise errors.Conflict(words, code="DRAFT_CHANGED", path=("revision",))
    return draft


async def inspect_draft(opened: Publishing) -> Packaged | None:
    """Check it by the rules of now, which may be stricter than those of its draft; none where it is published.

    Raises InvalidInput FAULTY with every error.
    """
    if opened.values is None:
        return None
    definition, profile = opened.values
    inspected = await inspection.inspect_values(definition, profile, opened.publisher)
    if not inspected.is_sound or inspected.profile is None:
        raise _name_draft("This cannot be published.", "FAULTY", drafting.name_problems(inspected.findings))
    return Packaged(definition, (inspected.profile,))


async def publish_draft(
    session: AsyncSession, actor: Actor, opened: Publishing, packaged: Packaged | None
) -> tuple[str, str]:
    """Publish a draft as it was seen and checked, and remove it; gives key and version.

    Raises NotFound, Conflict DRAFT_CHANGED or NAME_CHANGED, InvalidInput where the version is numbered too low for what
    changed, with every change that needs a higher step, or uses a key anew.
    """
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    made = opened.made or await _find_made(session, actor, opened)
    if made is not None:
        return made
    if packaged is None:
        raise errors.NotFound("There is no such draft.", path=("questionnaire",))
    questionnaire = opened.questionnaire
    draft = await _get_seen(session, actor, opened, lock=True)
    if (draft.document, draft.profile_document) != opened.documents:  # thrown away, and begun anew
        raise errors.Conflict("Somebody changed this draft.", code="DRAFT_CHANGED", path=("revision",))
    await publishers.hold_same_name(session, actor, opened.publisher)
    try:
        done = await publishing.publish_version(session, packaged, owner=actor.organization)
    except errors.InvalidInput as refused:
        raise _name_draft(refused.message, refused.code, refused.problems) from None
    await drafting.remove_draft(session, actor, questionnaire)
    detail = {"version": done.version, "content_hash": done.content_hash}
    await audit.add_audit(session, actor, "questionnaire.published", "questionnaire", questionnaire, detail=detail)
    await idempotency.keep_made(
        session,
        actor,
        opened.idempotency_key,
        "publishQuestionnaire",
        opened.body,
        [questionnaire, done.version],
    )
    return questionnaire, done.version


def _name_draft(words: str, code: str, problems: Sequence[errors.FieldProblem]) -> errors.InvalidInput:
    """What is wrong in a draft, which the call names by its key: the place in its text is told in words."""
    at = ("questionnaire",)
    told = [
        errors.FieldProblem(at, one.code, f"{'.'.join(map(str, one.path))}: {one.message}" if one.path else one.message)
        for one in problems
    ]
    return errors.InvalidInput(words, code=code, path=at, problems=told)


async def get_own(session: AsyncSession, actor: Actor, questionnaire: str) -> Questionnaire:
    """A published questionnaire of the caller's organization; raises NotFound."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    table = Questionnaire
    found: Questionnaire | None = await session.scalar(
        select(table)
        .where(table.key == questionnaire, table.owner_id == actor.organization)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise errors.NotFound("There is no such questionnaire of yours.", path=("questionnaire",))
    return found


async def lock_own(session: AsyncSession, actor: Actor, questionnaire: str) -> Questionnaire:
    """The same, while nobody else changes what hangs on it."""
    await get_own(session, actor, questionnaire)
    return await session.get_one(
        Questionnaire, questionnaire, with_for_update={"key_share": True}, populate_existing=True
    )


async def list_own(session: AsyncSession, actor: Actor) -> list[Questionnaire]:
    """All published questionnaires of the caller's organization, by key."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    table = Questionnaire
    return list(await session.scalars(select(table).where(table.owner_id == actor.organization).order_by(table.key)))


async def list_versions(session: AsyncSession, keys: Sequence[str]) -> list[QuestionnaireVersion]:
    """Their versions, the newest first by the time they were published."""
    table = QuestionnaireVersion
    found = await session.scalars(
        select(table)
        .where(table.questionnaire.in_(keys))
        .order_by(table.questionnaire, table.published_at.desc(), table.version.desc())
        .execution_options(populate_existing=True)
    )
    return list(found)


async def list_profiles(session: AsyncSession, keys: Sequence[str]) -> dict[tuple[str, str], list[int]]:
    """The numbers of their scoring profiles by questionnaire and version, the lowest first."""
    table = ScoringProfile
    found = await session.execute(
        select(table.questionnaire, table.version, table.number)
        .where(table.questionnaire.in_(keys))
        .order_by(table.number)
    )
    numbers: dict[tuple[str, str], list[int]] = {}
    for row in found:
        numbers.setdefault((row.questionnaire, row.version), []).append(row.number)
    return numbers


async def load_own_version(session: AsyncSession, actor: Actor, questionnaire: str, version: str) -> Definition:
    """A published version of the caller's organization. Raises NotFound."""
    await get_own(session, actor, questionnaire)
    return (await definitions.load_version(session, questionnaire, version)).definition


async def add_profile(session: AsyncSession, actor: Actor, profile: Profile) -> int:
    """Publish a further scoring profile of an own version; results that are there stay. Gives its number.

    Operators hear by letter of submissions that they may apply it to.

    Raises NotFound, InvalidInput NOT_APPROVED, Conflict NUMBER_TOO_LOW or ALREADY_PUBLISHED.
    """
    questionnaire, version = profile.profile.questionnaire, profile.profile.version
    await lock_own(session, actor, questionnaire)
    await _check_words(session, profile)
    numbers = (await list_profiles(session, [questionnaire])).get((questionnaire, version), [])
    if profile.number not in numbers and profile.number < max(numbers, default=0):
        words = f"{questionnaire} {version} has profile {max(numbers)} already; number this one higher."
        raise errors.Conflict(words, code="NUMBER_TOO_LOW", path=("text", "profile", "number"))
    if await publishing.add_profile(session, profile):
        detail = {"version": version, "number": profile.number}
        await audit.add_audit(session, actor, "profile.published", "questionnaire", questionnaire, detail=detail)
        await outbox.add_event(
            session, "profile.published", questionnaire=questionnaire, version=version, profile=profile.number
        )
    return profile.number


async def _check_words(session: AsyncSession, profile: Profile) -> None:
    """What everybody sees, or soon will, says what the operator has read: a later profile changes figures alone."""
    header, version, table = profile.profile, QuestionnaireVersion, ScoringProfile
    place = (table.questionnaire == header.questionnaire, table.version == header.version)
    known = await session.scalars(
        select(table.document)
        .join(version, (version.questionnaire == table.questionnaire) & (version.version == table.version))
        .where(*place, version.approval.in_(("asked", "approved")))
    )
    told = [texts.list_profile_texts(reading.load_profile(orjson.loads(one))).items() for one in known]
    new = [
        path for path, text in texts.list_profile_texts(profile).items() if not any((path, text) in one for one in told)
    ]
    if told and new:
        words = "The operator has not read these words; a later profile of this version changes figures alone."
        problems = [
            errors.FieldProblem(("text", *errors.write_keys(path.split(".")[1:])), "NOT_APPROVED", words)
            for path in new
        ]
        raise errors.InvalidInput("This profile cannot be published.", code="NOT_APPROVED", problems=problems)


async def read_profile(definition: Definition, format: TextFormat, text: str) -> Profile:
    """Read a scoring profile beside the event loop; raises InvalidInput TOO_LONG, or FAULTY with every error."""
    if len(text) > MOST_PROFILE:
        words = f"This has {len(text)} characters; at most {MOST_PROFILE:,} are allowed."
        raise errors.InvalidInput(words, code="TOO_LONG", path=("text",))
    profile, findings = await inspection.inspect_profile(definition, format, text)
    problems = [
        errors.FieldProblem(("text", *errors.write_keys(one.path)), "FAULTY", one.message)
        for one in findings
        if one.severity == "error"
    ]
    if problems:
        raise errors.InvalidInput("This profile cannot be published.", code="FAULTY", path=("text",), problems=problems)
    return profile
