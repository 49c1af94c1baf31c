"""Published questionnaires: versions by content hash."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

import orjson
import strawberry

from graphql_schema import projection, rules
from graphql_schema.context import Info
from graphql_schema.file_formats import QuestionnaireFile
from graphql_schema.language import (
    SpokenLanguage,
    TextDirection,
    TextOrigin,
    Wanted,
    list_wanted,
    make_language,
    name_origins,
)
from graphql_schema.outline import PillarOutline, ScoringOutline, TierOutline, list_tiers, make_scoring
from graphql_schema.question import QuestionnaireSection, make_section
from graphql_schema.scalars import JSON, Locale
from graphql_schema.tier import QuestionnaireTier
from portal import access, errors
from portal.assessments import definitions, profile_words, translations
from questionnaires import languages
from questionnaires.translation import Translation


@strawberry.enum(description="What a questionnaire is for.")
class QuestionnairePurpose(enum.Enum):
    SELF_ASSESSMENT = strawberry.enum_value("self_assessment", description="A supplier about itself.")
    SPOT_CHECK = strawberry.enum_value("spot_check", description="A buyer on a visit.")
    PULSE = strawberry.enum_value("pulse", description="A short survey on working together.")


@strawberry.enum(description="Who sees a questionnaire.")
class QuestionnaireVisibility(enum.Enum):
    PRIVATE = strawberry.enum_value("private", description="Its publisher, and the suppliers that it asks.")
    CONNECTED = strawberry.enum_value(
        "connected",
        description="Also every supplier that is linked with its publisher, which has to be a buyer: nobody is linked "
        "with a partner.",
    )
    PUBLIC = strawberry.enum_value("public", description="Everybody; of an organization's, what the operator approved.")


@strawberry.enum(description="Whether something may begin with a version.")
class QuestionnaireState(enum.Enum):
    PUBLISHED = strawberry.enum_value("published", description="It may, where it is the current one.")
    DEPRECATED = strawberry.enum_value("deprecated", description="Only what was asked for before.")
    RETIRED = strawberry.enum_value("retired", description="Nothing; what was begun is finished on it.")


@rules.type(access.PUBLIC, description="A translation of a questionnaire, that serves all its versions.")
class PublishedTranslation:
    locale: Locale = rules.field(description="Its language.")
    direction: TextDirection = rules.field(description="Which way that is read.")
    content_hash: str = rules.field(description="SHA-256 of its document, in hexadecimal.")
    document_path: str = rules.field(
        description="Where it can be fetched and cached for ever: texts by path, each with the first 16 digits of the"
        " SHA-256 of the text that it was made from. Where a version has another text there, it is stale."
    )


@dataclass(frozen=True)
class Speech:
    """What decides the language of a version's texts: what the caller reads, and what there is."""

    wanted: tuple[str, ...] = ()
    overlays: Mapping[str, str] = field(default_factory=dict)  # the hash of each language's translation

    def choose(self, source: str) -> tuple[str, str | None]:
        """The locale, and the hash of its overlay; none for the source."""
        locale = languages.choose_locale(self.wanted, self.overlays, source)
        return locale, None if locale == source else self.overlays[locale]


@rules.type(access.PUBLIC, description="A published version: immutable, known by the hash of its content.")
class QuestionnaireVersion:
    speech: strawberry.Private[Speech]
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="MAJOR.MINOR.PATCH.")
    content_hash: str = rules.field(description="SHA-256 of the canonical document, in hexadecimal.")
    locale: Locale = rules.field(description="The language it was written in; for that of its texts see `language`.")
    published_at: datetime = rules.field(description="When it was published.")
    is_current: bool = rules.field(description="Whether new assessments start on it.")
    visibility: QuestionnaireVisibility = rules.field(description="Who sees its questionnaire.")
    state: QuestionnaireState = rules.field(description="Whether something may begin with it today.")
    deprecated_on: date | None = rules.field(description="From when on nothing new begins with it.")
    retired_on: date | None = rules.field(description="From when on not even what was asked for before begins.")

    @rules.method(access.PUBLIC, description="The name it is published under; portal for what the operator publishes.")
    async def publisher(self, info: Info) -> str:
        return (await read_told(info, self)).definition.questionnaire.publisher

    @rules.method(access.PUBLIC, description="Its title.")
    async def title(self, info: Info) -> str:
        return (await read_told(info, self)).definition.questionnaire.title

    @rules.method(access.PUBLIC, description="What it is about.")
    async def description(self, info: Info) -> str:
        return (await read_told(info, self)).definition.questionnaire.description

    @rules.method(access.PUBLIC, description="What it is for.")
    async def purpose(self, info: Info) -> QuestionnairePurpose:
        return QuestionnairePurpose((await read_told(info, self)).definition.questionnaire.purpose)

    @rules.method(access.PUBLIC, description="The language that its texts are given in, and what fell back.")
    async def language(self, info: Info) -> SpokenLanguage:
        told = await read_told(info, self)
        return make_language(told, self.speech.wanted, self.speech.choose(self.locale)[1])

    @rules.method(access.PUBLIC, description="Whose words its title and description are in.", list_size=2)
    async def origins(self, info: Info) -> list[TextOrigin]:
        return name_origins(await read_told(info, self), "", "title", "description")

    @rules.method(access.PUBLIC, description="The languages that it is translated to, by locale.", list_size=6)
    def translations(self) -> list[PublishedTranslation]:
        return [
            PublishedTranslation(
                locale=Locale(locale),
                direction=TextDirection(languages.find_direction(locale)),
                content_hash=content_hash,
                document_path=f"/translations/{content_hash}.json",
            )
            for locale, content_hash in self.speech.overlays.items()
        ]

    @rules.method(access.PUBLIC, description="Its tiers, the smallest first.", list_size=4)
    async def tiers(self, info: Info) -> list[TierOutline]:
        return list_tiers(await read_told(info, self))

    @rules.method(access.PUBLIC, description="Its pillars, in order.", list_size=8)
    async def pillars(self, info: Info) -> list[PillarOutline]:
        told = await read_told(info, self)
        return [
            PillarOutline(
                key=one.key,
                title=one.title,
                description=one.description,
                origins=name_origins(told, f"pillars.{one.key}", "title", "description"),
            )
            for one in told.definition.pillars
        ]

    @rules.method(access.PUBLIC, description="Its sections with their questions, in order.", list_size=12)
    async def sections(
        self,
        info: Info,
        tier: Annotated[QuestionnaireTier | None, strawberry.argument(description="Only what this tier asks.")] = None,
    ) -> list[QuestionnaireSection]:
        told = await read_told(info, self)
        return projection.finish_once(  # type: ignore[no-any-return]
            info,
            (self.content_hash, self.speech.choose(self.locale)[1], tier),
            lambda: [make_section(told, one, tier) for one in told.definition.sections],
        )

    @rules.method(access.PUBLIC, description="The bands and critical rules of a scoring profile; null without one.")
    async def scoring(
        self,
        info: Info,
        profile_number: Annotated[
            int | None, strawberry.argument(description="The number that a result names; without it the newest.")
        ] = None,
    ) -> ScoringOutline | None:
        overlay = self.speech.choose(self.locale)[1]
        async with info.context.transaction() as (session, _):
            definition = await definitions.load_definition(session, self.content_hash)
            found = await definitions.find_profile(session, definition, profile_number)
            if found is None:
                return None
            profile, profile_hash = found
            told = await translations.load_translation(
                session, definition, (self.content_hash, overlay, profile_hash), profile
            )
            description = await profile_words.find_description(session, profile)
        return make_scoring(told, description)

    @rules.method(access.PUBLIC, description="Where the document can be fetched and cached for ever.")
    def document_path(self) -> str:
        return f"/questionnaires/{self.content_hash}.json"

    @rules.method(
        access.PUBLIC,
        description="Where it can be fetched as a file; `?tier=` makes it one of a lower tier.",
    )
    def file_path(
        self, format: Annotated[QuestionnaireFile, strawberry.argument(description="The kind of file.")]
    ) -> str:
        return f"/questionnaires/{self.content_hash}.{format.value}"

    @rules.method(access.PUBLIC, description="The canonical document as a whole, in the language it was written in.")
    async def document(self, info: Info) -> JSON:
        async with info.context.reading() as (session, _):
            return JSON(orjson.loads(await definitions.load_document(session, self.content_hash)))


@rules.type(access.PUBLIC, description="A questionnaire: a key for ever, and its published versions.")
class Questionnaire:
    key: str = rules.field(description="Its key, for ever the same.")
    current: QuestionnaireVersion | None = rules.field(description="The version that new assessments start on.")
    versions: list[QuestionnaireVersion] = rules.field(description="All versions, the newest first.", list_size=5)


async def read_told(info: Info, version: QuestionnaireVersion) -> Translation:
    """A version that the caller has been given, in the caller's language."""
    hashes = (version.content_hash, version.speech.choose(version.locale)[1], None)
    kept = translations.find_kept(*hashes)
    if kept is not None:
        return kept
    async with info.context.reading() as (session, _):
        definition = await definitions.load_definition(session, version.content_hash)
        return await translations.load_translation(session, definition, hashes)


def make_version(info: Info, found: definitions.Listed, locale: str | None) -> QuestionnaireVersion:
    return QuestionnaireVersion(
        speech=Speech(list_wanted(info, locale, found.reader_locale), found.translations),
        questionnaire=found.questionnaire,
        version=found.version,
        content_hash=found.content_hash,
        locale=Locale(found.locale),
        published_at=found.published_at,
        is_current=found.is_current,
        visibility=QuestionnaireVisibility(found.visibility),
        state=QuestionnaireState(found.state),
        deprecated_on=found.deprecated_on,
        retired_on=found.retired_on,
    )


@strawberry.type
class QuestionnaireQuery:
    @rules.query(access.PUBLIC, description="The published questionnaires that the caller may see, by key.")
    async def questionnaires(self, info: Info, locale: Wanted = None) -> list[Questionnaire]:
        async with info.context.reading() as (session, actor):
            found = await definitions.list_versions(session, user_id=actor.user_id)
        versions = [make_version(info, one, locale) for one in found]
        return [
            Questionnaire(
                key=key,
                current=next((one for one in versions if one.questionnaire == key and one.is_current), None),
                versions=[one for one in versions if one.questionnaire == key],
            )
            for key in dict.fromkeys(one.questionnaire for one in found)
        ]

    @rules.query(
        access.PUBLIC,
        description="One published version: by its content hash, by questionnaire and version, or the current one of a "
        "questionnaire.",
    )
    async def questionnaire_version(
        self,
        info: Info,
        content_hash: Annotated[str | None, strawberry.argument(description="The hash of a version.")] = None,
        questionnaire: Annotated[str | None, strawberry.argument(description="A questionnaire's key.")] = None,
        version: Annotated[
            str | None,
            strawberry.argument(description="MAJOR.MINOR.PATCH, beside `questionnaire`; without it the current one."),
        ] = None,
        locale: Wanted = None,
    ) -> QuestionnaireVersion | None:
        if (content_hash is None) == (questionnaire is None) or "\x00" in f"{content_hash}{questionnaire}":
            raise errors.InvalidInput(
                "Give either contentHash or questionnaire.", code="ONE_OF", path=("content_hash",)
            )
        if version is not None and questionnaire is None:
            raise errors.InvalidInput("Give the version with its questionnaire.", code="ONE_OF", path=("version",))
        async with info.context.reading() as (session, actor):
            found = await definitions.list_versions(
                session, questionnaire=questionnaire, content_hash=content_hash, user_id=actor.user_id
            )
        meant = (
            one for one in found if content_hash or (one.is_current if version is None else one.version == version)
        )
        return next((make_version(info, one, locale) for one in meant), None)
