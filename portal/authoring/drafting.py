"""Drafts of questionnaires: kept as they were sent, faults and all, replaced at will until they are published."""

import re
from collections.abc import Sequence
from dataclasses import asdict

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from portal import access, errors
from portal.access import Actor
from portal.assessments import publishing, succession
from portal.authoring import house_rules, inspection, publishers
from portal.authoring.inspection import Finding, Inspected, Source
from portal.database import audit
from portal.database.tables.publishing import QuestionnaireDraft, QuestionnaireVersion
from questionnaires import canonical, difference, document, reading
from questionnaires.definition import QUESTIONNAIRE_KEY, VERSION, Definition
from questionnaires.difference import Difference
from questionnaires.faults import make_printable
from questionnaires.profile import Profile

MOST_DRAFTS = 50


async def keep_draft(
    session: AsyncSession, actor: Actor, *, source: Source, inspected: Inspected, publisher: str, base_revision: int
) -> QuestionnaireDraft:
    """Keep what was sent as the draft of its key; the very same again changes nothing.

    `base_revision` is the draft's revision that was seen last, 0 for none. Raises InvalidInput UNREADABLE where not
    even key and version can be read, Conflict NAME_CHANGED, DRAFT_CHANGED, ALREADY_PUBLISHED or TOO_MANY.
    """
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    await publishers.hold_same_name(session, actor, publisher)
    _check_named(inspected, publisher)
    key, version = inspected.definition.key, inspected.definition.version
    kept = await find_draft(session, actor, key, lock=True)
    if kept is not None and _is_same(kept, source):
        return kept
    if (0 if kept is None else kept.revision) != base_revision:
        words = f"Somebody changed this draft: it is at revision {kept.revision if kept else 0}, not {base_revision}."
        raise errors.Conflict(words, code="DRAFT_CHANGED", path=("base_revision",))
    await _refuse_published(session, key, version)
    if kept is None:
        await _refuse_too_many(session, actor)
    breaches = await _find_breaches(session, inspected)
    return await _write_draft(session, actor, key, _make_values(source, inspected, breaches), base_revision)


def _check_named(inspected: Inspected, publisher: str) -> None:
    header = inspected.definition.questionnaire
    named = re.fullmatch(QUESTIONNAIRE_KEY, header.key) and re.fullmatch(VERSION, header.version)
    if named and header.key.startswith(house_rules.name_prefix(publisher)):
        return
    problems = name_problems(inspected.findings)
    words = (
        f'The key has to begin with "{house_rules.name_prefix(publisher)}", which is your own name, and the version is'
        " like 1.0.0: a draft is kept by both."
    )
    # About the text as a whole: what kept its reader from reading on to the key.
    unread = [one.message for one in problems if one.path == ("text",)]
    if unread and not header.key:
        words = f"This text cannot be read: {'; '.join(one.rstrip('.') for one in unread[: errors.MOST_REASONS])}."
        # A profile beside nothing is wrong everywhere, which says nothing new.
        problems = [one for one in problems if one.path[0] == "text"]
    raise errors.InvalidInput(words, code="UNREADABLE", path=("text",), problems=problems)


def name_problems(findings: Sequence[Finding]) -> list[errors.FieldProblem]:
    """Findings that are errors, as problems of the texts they are in."""
    place = {"questionnaire": "text", "profile": "profile_text"}
    return [
        errors.FieldProblem((place[one.part], *errors.write_keys(one.path)), "FAULTY", one.message)
        for one in findings
        if one.severity == "error"
    ]


async def _find_breaches(session: AsyncSession, inspected: Inspected) -> list[Finding]:
    """What publishing would refuse beside the published versions: a number too low, or a key that stood for another.

    The draft of a key is the only way to publish one more version of it, so this stays true while the draft is kept.
    """
    if not inspected.is_sound:
        return []
    try:
        await succession.check_succession(session, inspected.definition)
    except errors.InvalidInput as refused:
        path = ("questionnaire", "version") if refused.code == "VERSION_TOO_LOW" else tuple(map(str, refused.path))
        return [inspection.make_error("questionnaire", path, refused.message)]
    return []


async def _refuse_published(session: AsyncSession, key: str, version: str) -> None:
    table = QuestionnaireVersion
    if await session.scalar(select(table.version).where(table.questionnaire == key, table.version == version)):
        words = f"{key} {version} is published, and what is published never changes; raise the version."
        raise errors.Conflict(words, code="ALREADY_PUBLISHED", path=("text", "questionnaire", "version"))


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    table = QuestionnaireDraft
    count = await session.scalar(select(func.count()).where(table.owner_id == actor.organization))
    if (count or 0) >= MOST_DRAFTS:
        words = f"There are {MOST_DRAFTS} drafts; publish or discard one first."
        raise errors.Conflict(words, code="TOO_MANY")


def _is_same(kept: QuestionnaireDraft, source: Source) -> bool:
    return (
        Source(
            format=kept.format,  # type: ignore[arg-type]  # the table's CHECK holds the names of the type
            text=kept.source,
            profile_format=kept.profile_format,  # type: ignore[arg-type]
            profile_text=kept.profile_source,
        )
        == source
    )


def _make_values(source: Source, inspected: Inspected, breaches: Sequence[Finding]) -> dict[str, object]:
    """The row of a draft; one whose only errors are beside its text can still be tried and compared."""
    header, is_sound = inspected.definition.questionnaire, inspected.is_sound
    return {
        "version": header.version,
        "title": make_printable(header.title)[:200] or header.key,
        "format": source.format,
        "source": source.text,
        "profile_format": source.profile_format,
        "profile_source": source.profile_text,
        "findings": [asdict(one) for one in (*breaches, *inspected.findings)],
        "document": _write(inspected.definition) if is_sound else None,
        "profile_document": _write(inspected.profile) if is_sound and inspected.profile else None,
    }


def _write(value: Definition | Profile) -> str:
    return canonical.write_canonical(document.write_document(value)).decode()


async def _write_draft(
    session: AsyncSession, actor: Actor, key: str, values: dict[str, object], base_revision: int
) -> QuestionnaireDraft:
    table = QuestionnaireDraft
    if base_revision:
        await session.execute(
            update(table)
            .where(table.owner_id == actor.organization, table.questionnaire == key)
            .values(**values, revision=base_revision + 1, updated_at=func.portal.clock())
            .execution_options(synchronize_session=False)
        )
    else:
        made = await session.scalar(
            insert(table)
            .values(owner_id=actor.organization, questionnaire=key, revision=1, **values)
            .on_conflict_do_nothing()
            .returning(table.questionnaire)
        )
        if made is None:  # in this very moment
            raise errors.Conflict("Somebody else began this draft.", code="DRAFT_CHANGED", path=("base_revision",))
    await audit.add_audit(session, actor, "questionnaire.drafted", "questionnaire", key)
    return await get_draft(session, actor, key)


async def find_draft(
    session: AsyncSession, actor: Actor, questionnaire: str, *, lock: bool = False
) -> QuestionnaireDraft | None:
    """The draft of a key; none where there is none of the caller's organization."""
    table = QuestionnaireDraft
    statement = select(table).where(table.owner_id == actor.organization, table.questionnaire == questionnaire)
    if lock:
        statement = statement.with_for_update()
    found: QuestionnaireDraft | None = await session.scalar(statement.execution_options(populate_existing=True))
    return found


async def get_draft(
    session: AsyncSession, actor: Actor, questionnaire: str, *, lock: bool = False
) -> QuestionnaireDraft:
    """The same; raises NotFound."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    found = await find_draft(session, actor, questionnaire, lock=lock)
    if found is None:
        raise errors.NotFound("There is no such draft.", path=("questionnaire",))
    return found


async def list_drafts(session: AsyncSession, actor: Actor) -> list[QuestionnaireDraft]:
    """All drafts of the caller's organization, by key, without their texts, which may be long."""
    access.require(actor, access.QUESTIONNAIRE_AUTHOR)
    table = QuestionnaireDraft
    texts = (table.source, table.profile_source, table.document, table.profile_document)
    found = await session.scalars(
        select(table)
        .where(table.owner_id == actor.organization)
        .order_by(table.questionnaire)
        .options(*(defer(text, raiseload=True) for text in texts))
    )
    return list(found)


async def discard_draft(session: AsyncSession, actor: Actor, *, questionnaire: str) -> None:
    """Throw a draft away; what is published stays. Raises NotFound."""
    await get_draft(session, actor, questionnaire, lock=True)
    await remove_draft(session, actor, questionnaire)
    await audit.add_audit(session, actor, "questionnaire.discarded", "questionnaire", questionnaire)


async def remove_draft(session: AsyncSession, actor: Actor, questionnaire: str) -> None:
    """Delete the row of a draft, which was published or thrown away."""
    table = QuestionnaireDraft
    await session.execute(
        delete(table).where(table.owner_id == actor.organization, table.questionnaire == questionnaire)
    )


async def compare_draft(session: AsyncSession, actor: Actor, questionnaire: str) -> Difference | None:
    """What a draft changes against the published version before it; none where it has errors or is the first."""
    draft = await get_draft(session, actor, questionnaire)
    if draft.document is None:
        return None
    definition, _ = read_values(draft)
    before = await succession.find_predecessor(session, definition)
    return None if before is None else difference.compare(before, definition)


def read_values(draft: QuestionnaireDraft) -> tuple[Definition, Profile | None]:
    """A sound draft as values; raises Conflict FAULTY for one with errors."""
    if draft.document is None:
        words = "This draft has errors: see its findings, and import it again."
        told = [one["message"] for one in draft.findings if one["severity"] == "error"]
        raise errors.Conflict(
            f"{words} {errors.join_reasons(told, 'its findings')}", code="FAULTY", path=("questionnaire",)
        )
    definition = reading.load_definition(publishing.read_document(draft.document))
    if draft.profile_document is None:
        return definition, None
    return definition, reading.load_profile(orjson.loads(draft.profile_document))
