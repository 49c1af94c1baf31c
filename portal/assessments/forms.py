"""An assessment or a submission as a file for people and for other tools: workbook, CSV, FHIR, PDF.

Each function loads what the file needs and gives back the making of it, which needs no transaction any more.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, drafts, joining, speaking, submissions
from portal.assessments.drafts import Draft
from portal.assessments.speaking import Told, Wish
from portal.database.tables.identity import Organization
from questionnaires import answer_table, fhir_response, fhir_terms, nesting, printed, workbook
from questionnaires.answers import Answers
from questionnaires.definition import Definition, Tier
from questionnaires.filling import Stamp
from questionnaires.printed import Shown
from questionnaires.wording import Words

Make = Callable[[], bytes]
Fonts = Sequence[str]  # folders beside the fonts that ship


def make_stamp(draft: Draft, told: Told) -> Stamp:
    """What a form of this draft in a language is marked with, so that it is known when it comes back."""
    return Stamp(
        questionnaire=draft.definition.key,
        version=draft.definition.version,
        content_hash=draft.subject.content_hash,
        tier=draft.tier,
        assessment=str(draft.row.id),
        change_number=draft.row.change_number,
        locale=told.definition.questionnaire.locale,
        overlay=told.overlay or "",
        place=_name_place(draft),
    )


def _name_place(draft: Draft) -> str:
    place = joining.read_place(draft.row)
    return f"{draft.row.supplier_id} {place.site_id or ''} {place.period_start} {place.period_end}"


async def load_workbook(session: AsyncSession, actor: Actor, id: UUID, wish: Wish) -> Make:
    """The answers of a draft as an Excel workbook to fill in. Raises NotFound."""
    draft, told = await _load_draft(session, actor, id, wish)
    stamp = make_stamp(draft, told)
    return lambda: workbook.write_workbook(told.definition, draft.answers, stamp)


async def load_table(session: AsyncSession, actor: Actor, id: UUID, wish: Wish) -> Make:
    """The answers of a draft as CSV. Raises NotFound."""
    draft, told = await _load_draft(session, actor, id, wish)
    stamp = make_stamp(draft, told)
    return lambda: answer_table.write_table(told.definition, draft.answers, stamp)


async def load_response(session: AsyncSession, actor: Actor, id: UUID, wish: Wish) -> Make:
    """The answers of a draft as a QuestionnaireResponse of FHIR. Raises NotFound."""
    draft, told = await _load_draft(session, actor, id, wish)
    kept = draft.find_applicable().keep_enabled()
    return lambda: fhir_terms.write_json(
        fhir_response.write_response(
            told.definition, kept, tier=draft.tier, status="in-progress", authored=draft.row.updated_at
        )
    )


async def load_print(session: AsyncSession, actor: Actor, id: UUID, wish: Wish, *, fonts: Fonts = ()) -> Make:
    """The answers of a draft on paper. Raises NotFound."""
    draft, told = await _load_draft(session, actor, id, wish)
    definition = told.definition
    words = Words(definition.questionnaire.locale)
    facts = [await _name_firm(session, actor, words), _name_period(words, draft.row)]
    return lambda: printed.print_answers(definition, draft.tier, draft.answers, Shown(facts=facts), font_folders=fonts)


async def load_submitted_table(session: AsyncSession, actor: Actor, id: UUID, wish: Wish) -> Make:
    """The answers that were submitted, as CSV. Raises NotFound."""
    row, definition, answers = await _load_submission(session, actor, id)
    told = (await speaking.tell(session, actor, definition, row.content_hash, wish)).definition
    stamp = Stamp(questionnaire=row.questionnaire, version=row.version, content_hash=row.content_hash, tier=row.tier)
    return lambda: answer_table.write_table(told, answers, stamp)


async def load_submitted_response(session: AsyncSession, actor: Actor, id: UUID, wish: Wish) -> Make:
    """The answers that were submitted, as a QuestionnaireResponse of FHIR. Raises NotFound."""
    row, definition, answers = await _load_submission(session, actor, id)
    told = (await speaking.tell(session, actor, definition, row.content_hash, wish)).definition
    tier: Tier = row.tier
    return lambda: fhir_terms.write_json(
        fhir_response.write_response(told, answers, tier=tier, status="completed", authored=row.submitted_at)
    )


async def load_submitted_print(session: AsyncSession, actor: Actor, id: UUID, wish: Wish, *, fonts: Fonts = ()) -> Make:
    """What was submitted on paper, with the result of that moment. Raises NotFound."""
    row, definition, answers = await _load_submission(session, actor, id)
    profile = await definitions.load_profile(session, definition, row.header["profile"], row.header["profile_hash"])
    spoken = await speaking.tell(
        session,
        actor,
        definition,
        row.content_hash,
        wish,
        profile=profile,
        profile_hash=row.header["profile_hash"],
    )
    words = Words(spoken.definition.questionnaire.locale)
    facts = [
        await _name_firm(session, actor, words),
        _name_period(words, row),
        (words.say("submitted_on"), row.submitted_at.date().isoformat()),
        (words.say("check_hash"), row.root_hash.hex()),
    ]
    bands = {band.key: band.title for band in (spoken.profile or profile).bands}
    shown = Shown(facts=facts, summary=row.header["summary"], bands=bands)
    return lambda: printed.print_answers(spoken.definition, row.tier, answers, shown, font_folders=fonts)


async def _load_draft(session: AsyncSession, actor: Actor, id: UUID, wish: Wish) -> tuple[Draft, Told]:
    """A draft, and its version in the language of the caller."""
    draft = await drafts.load_draft(session, actor, id)
    told = await speaking.tell(session, actor, draft.definition, draft.subject.content_hash, wish)
    return draft, told


async def _load_submission(session: AsyncSession, actor: Actor, id: UUID) -> tuple[Any, Definition, Answers]:
    row = await submissions.get_submission(session, actor, id)
    sections = await submissions.list_sections(session, actor, id)
    definition = await definitions.load_definition(session, row.content_hash)
    nested = {key: entry for section in sections for key, entry in section.answers.items()}
    answers, problems = nesting.read_nested(definition, nested)
    if problems:
        raise errors.Unavailable(f"The answers of {len(problems)} places cannot be read.")
    return row, definition, answers


async def _name_firm(session: AsyncSession, actor: Actor, words: Words) -> tuple[str, str]:
    name = await session.scalar(select(Organization.name).where(Organization.id == actor.organization))
    return words.say("firm"), name or ""


def _name_period(words: Words, row: Any) -> tuple[str, str]:
    return words.say("period"), f"{row.period_start} – {row.period_end}"
