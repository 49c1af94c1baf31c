"""The operator's page of questionnaires, and translations of them, that organizations want to show to everybody."""

import asyncio
import enum
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import orjson
import strawberry

from graphql_schema import nodes, rules
from graphql_schema.context import Info
from graphql_schema.organization import ORGANIZATION
from graphql_schema.own_translation import TranslationAuthor
from graphql_schema.question import QuestionnaireSection, make_section
from graphql_schema.scalars import Locale
from portal import access
from portal.authoring import awaited, visibility
from questionnaires import reading, texts, translation
from questionnaires.definition import Definition
from questionnaires.translation import Entry, Overlay

MOST = 20
DESCRIPTION = "profile.description"


@strawberry.enum(description="What the operator decides.")
class ApprovalDecision(enum.Enum):
    APPROVE = strawberry.enum_value("approved", description="Everybody may see it and ask for it, for good.")
    REFUSE = strawberry.enum_value("refused", description="It is not shown; a reason is needed.")


@rules.type(access.OPERATOR, description="A text that suppliers would read.")
class AwaitedText:
    path: str = rules.field(description="Where it stands, like questions.fire_exits.title.")
    text: str = rules.field(description="The text.")


@rules.type(access.OPERATOR, description="A translation of a text that suppliers would read.")
class AwaitedTranslatedText:
    path: str = rules.field(description="Where it stands, like questions.fire_exits.title.")
    source: str | None = rules.field(description="The text it was made from; null where no version has it there.")
    version: str | None = rules.field(description="The highest version that has that text there.")
    text: str = rules.field(description="The translation.")
    by: TranslationAuthor = rules.field(description="Who wrote it.")


@rules.type(access.OPERATOR, description="What a version is translated to.")
class AwaitedLanguage:
    locale: Locale = rules.field(description="The language.")
    texts: list[AwaitedTranslatedText] = rules.field(
        description="Every translation that suppliers would read with the version.", list_size=50
    )


@rules.type(access.OPERATOR, description="A translation of what everybody sees, handed in by its organization.")
class AwaitedTranslation:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="Its highest version that everybody sees, or that waits for it.")
    locale: Locale = rules.field(description="The language.")
    content_hash: str = rules.field(description="SHA-256 of what waits, in hexadecimal: a decision names it.")
    organization_id: strawberry.ID = rules.field(description="Whose it is.")
    organization_name: str = rules.field(description="Its name.")
    asked_at: datetime = rules.field(description="Since when it waits.")
    texts: list[AwaitedTranslatedText] = rules.field(
        description="Every translation that is not shown yet.", list_size=50
    )


@rules.type(access.OPERATOR, description="A version that an organization wants to show to everybody.")
class AwaitedApproval:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="The version.")
    content_hash: str = rules.field(description="SHA-256 of the canonical document, in hexadecimal.")
    read_hash: str = rules.field(
        description="SHA-256 of the version, its scoring profiles and its translations together, in hexadecimal: a"
        " decision names it."
    )
    title: str = rules.field(description="Its title.")
    description: str = rules.field(description="What it is about.")
    organization_id: strawberry.ID = rules.field(description="Who asks.")
    organization_name: str = rules.field(description="Its name.")
    asked_at: datetime = rules.field(description="Since when it waits.")
    sections: list[QuestionnaireSection] = rules.field(description="Its sections with all questions.", list_size=12)
    texts: list[AwaitedText] = rules.field(
        description="Every text of the version and of its scoring profiles, such as bands and critical rules.",
        list_size=50,
    )
    translations: list[AwaitedLanguage] = rules.field(
        description="What it is translated to; everybody sees these, too, once the version is approved.", list_size=6
    )


@strawberry.input(description="What was decided on which version.")
class DecideQuestionnaireInput:
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    version: str = strawberry.field(description="The version that waits.")
    read_hash: str = strawberry.field(
        description="`readHash` of what was read; NOT_FOUND where other words, or figures, wait by now."
    )
    decision: ApprovalDecision = strawberry.field(description="Yes or no.")
    reason: str | None = strawberry.field(
        default=None, description="Its owner reads it; at most 500 characters, needed to refuse."
    )


@strawberry.input(description="What was decided on which translation.")
class DecideTranslationInput:
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    locale: Locale = strawberry.field(description="The language.")
    content_hash: str = strawberry.field(description="What was read; NOT_FOUND where something else waits by now.")
    decision: ApprovalDecision = strawberry.field(description="Yes or no.")
    reason: str | None = strawberry.field(
        default=None, description="Its owner reads it; at most 500 characters, needed to refuse."
    )


@rules.type(rules.AS_PARENT, description="The decision holds from now on.")
class TranslationDecided:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    locale: Locale = rules.field(description="The language.")


@rules.type(rules.AS_PARENT, description="The decision holds from now on.")
class QuestionnaireDecided:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="The version.")


def make_awaited(found: visibility.Approval) -> AwaitedApproval:
    definition = reading.load_definition(orjson.loads(found.document))
    profiles = [reading.load_profile(orjson.loads(one)) for one in found.profiles]
    told = translation.tell_source(definition)
    words = [*texts.list_texts(definition).items()]
    words += dict.fromkeys(pair for profile in profiles for pair in texts.list_profile_texts(profile).items())
    said = dict.fromkeys(profile.profile.description for profile in profiles if profile.profile.description)
    return AwaitedApproval(
        questionnaire=found.questionnaire,
        version=found.version,
        content_hash=found.content_hash,
        read_hash=found.read_hash,
        title=definition.questionnaire.title,
        description=definition.questionnaire.description,
        organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
        organization_name=found.organization_name,
        asked_at=found.asked_at,
        sections=[make_section(told, one, None) for one in definition.sections],
        texts=[AwaitedText(path=path, text=text) for path, text in [*words, *((DESCRIPTION, one) for one in said)]],
        translations=[
            make_awaited_language(awaited.read_overlay(one), definition, words) for one in found.translations
        ],
    )


def make_awaited_language(
    overlay: Overlay, definition: Definition, words: Iterable[tuple[str, str]]
) -> AwaitedLanguage:
    """The entries that hold for one of the texts of a version, of which two profiles may have two at one path."""
    entries = translation.settle_entries(overlay, definition)
    held = [
        make_translated(path, source, definition.version, entry)
        for path, source in words
        if (entry := entries.get(path)) and translation.judge_entry(entry, source) not in translation.FELL_BACK
    ]
    return AwaitedLanguage(locale=Locale(overlay.locale), texts=held)


def make_translated(path: str, source: str | None, version: str | None, entry: Entry) -> AwaitedTranslatedText:
    by = TranslationAuthor(entry.by)
    return AwaitedTranslatedText(path=path, source=source, version=version, text=entry.text, by=by)


def make_awaited_translation(found: visibility.TranslationApproval) -> AwaitedTranslation:
    read = awaited.read_awaited(found)
    return AwaitedTranslation(
        questionnaire=found.questionnaire,
        version=read.version,
        locale=Locale(found.locale),
        content_hash=found.content_hash,
        organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
        organization_name=found.organization_name,
        asked_at=found.asked_at,
        texts=[make_translated(*one) for one in read.texts],
    )


@strawberry.type
class QuestionnaireApprovalQuery:
    @rules.query(
        access.OPERATOR,
        description=f"Versions that wait to be shown to everybody, the first asked first; at most {MOST}.",
    )
    async def questionnaire_approvals(self, info: Info) -> list[AwaitedApproval]:
        async with info.context.transaction() as (session, actor):
            found = await visibility.list_approvals(session, actor, limit=MOST)
        return await asyncio.to_thread(lambda: [make_awaited(one) for one in found])

    @rules.query(
        access.OPERATOR,
        description="Translations of questionnaires that everybody sees, or that wait for it, which are not shown "
        f"before they are approved; the first asked first, at most {MOST}.",
    )
    async def translation_approvals(self, info: Info) -> list[AwaitedTranslation]:
        async with info.context.transaction() as (session, actor):
            found = await visibility.list_translation_approvals(session, actor, limit=MOST)
        return await asyncio.to_thread(lambda: [make_awaited_translation(one) for one in found])


@strawberry.type
class QuestionnaireApprovalMutation:
    @rules.mutation(access.OPERATOR, description="Show an organization's version to everybody, as it was read, or not.")
    async def decide_questionnaire(
        self, info: Info, input: Annotated[DecideQuestionnaireInput, strawberry.argument(description="The decision.")]
    ) -> QuestionnaireDecided:
        async with info.context.transaction() as (session, actor):
            await visibility.decide(
                session,
                actor,
                questionnaire=input.questionnaire,
                version=input.version,
                read_hash=input.read_hash,
                decision=str(input.decision.value),
                reason=input.reason,
            )
        return QuestionnaireDecided(questionnaire=input.questionnaire, version=input.version)

    @rules.mutation(access.OPERATOR, description="Show a translation of what everybody sees, as it was read, or not.")
    async def decide_translation(
        self, info: Info, input: Annotated[DecideTranslationInput, strawberry.argument(description="The decision.")]
    ) -> TranslationDecided:
        async with info.context.transaction() as (session, actor):
            await visibility.decide_translation(
                session,
                actor,
                questionnaire=input.questionnaire,
                locale=input.locale,
                content_hash=input.content_hash,
                decision=str(input.decision.value),
                reason=input.reason,
            )
        return TranslationDecided(questionnaire=input.questionnaire, locale=input.locale)
