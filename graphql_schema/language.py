"""The language of texts: which one a caller reads, what is given in it, and where each text is from."""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias, cast

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info, Session
from graphql_schema.scalars import Locale
from graphql_schema.tier import QuestionnaireTier
from portal import access
from portal.assessments import translations
from portal.assessments.definitions import Version
from questionnaires import languages, messages, texts
from questionnaires.definition import Definition, Tier
from questionnaires.translation import FELL_BACK, ORIGINS, Translation

Wanted: TypeAlias = Annotated[
    Locale | None,
    strawberry.argument(
        description="The language to read; without it that of the account, then those of the header Accept-Language."
        " es-MX is given es; where there is none for it, the language of the source is given."
    ),
]


@strawberry.enum(description="Which way a language is read.")
class TextDirection(enum.Enum):
    LTR = strawberry.enum_value("ltr", description="From left to right.")
    RTL = strawberry.enum_value("rtl", description="From right to left.")


@strawberry.enum(description="Whose words a text is in.")
class TextSource(enum.Enum):
    SOURCE = strawberry.enum_value("source", description="The author's: in the language it was written in, as chosen.")
    HUMAN = strawberry.enum_value("human", description="A translation that a human wrote or looked through.")
    MACHINE = strawberry.enum_value("machine", description="A translation that a machine wrote.")
    STALE = strawberry.enum_value(
        "stale", description="The author's, in the language of the source: it changed after it was translated."
    )
    MISSING = strawberry.enum_value(
        "missing", description="The author's, in the language of the source: nobody has translated it."
    )


@rules.type(access.PUBLIC, description="Whose words one text of an object is in.")
class TextOrigin:
    field: str = rules.field(description="The field of the object, like title.")
    source: TextSource = rules.field(description="Whose words they are.")


@rules.type(access.PUBLIC, description="A text that is given in the language of the source, though another was chosen.")
class FallenText:
    path: str = rules.field(description="Where it stands, like questions.headcount.title.")
    source: TextSource = rules.field(description="STALE or MISSING.")


@rules.type(access.PUBLIC, description="How many texts are in whose words.")
class TranslationCoverage:
    source: int = rules.field(description="In the language of the source, which was chosen.")
    human: int = rules.field(description="Translated by a human.")
    machine: int = rules.field(description="Translated by a machine.")
    stale: int = rules.field(description="In the language of the source, since it changed after the translation.")
    missing: int = rules.field(description="In the language of the source, since there is no translation.")


@rules.type(access.PUBLIC, description="The language that texts are given in, and which of them fell back.")
class SpokenLanguage:
    told: strawberry.Private[Translation]
    locale: Locale = rules.field(description="The language, of all texts but those that fell back.")
    direction: TextDirection = rules.field(description="Which way it is read.")
    source_locale: Locale = rules.field(description="The language it was written in: of the texts that fell back.")
    source_direction: TextDirection = rules.field(description="Which way that is read.")
    wanted: Locale | None = rules.field(
        description="The language that the caller reads best; null where none is known."
    )
    is_fallback: bool = rules.field(
        description="Whether there is none of the languages that the caller reads, and the source is given instead."
    )
    document_path: str | None = rules.field(
        description="Where the translation can be fetched and cached for ever; null for the source."
    )

    @rules.method(access.PUBLIC, description="How many texts are in whose words.")
    def coverage(
        self,
        tier: Annotated[
            QuestionnaireTier | None, strawberry.argument(description="Only the texts that this tier shows.")
        ] = None,
    ) -> TranslationCoverage:
        counts = Counter(self.told.origins[path] for path in list_paths(self.told, tier))
        return TranslationCoverage(**{origin: counts[origin] for origin in ORIGINS})

    @rules.method(
        access.PUBLIC, description="The texts that are in the language of the source all the same.", list_size=20
    )
    def fell_back(
        self,
        tier: Annotated[
            QuestionnaireTier | None, strawberry.argument(description="Only those that this tier shows.")
        ] = None,
    ) -> list[FallenText]:
        origins = self.told.origins
        return [
            FallenText(path=path, source=TextSource(origins[path]))
            for path in list_paths(self.told, tier)
            if origins[path] in FELL_BACK
        ]


def list_paths(told: Translation, tier: QuestionnaireTier | None) -> list[str]:
    """The paths of the texts that a tier shows."""
    if tier is None:
        return list(told.origins)
    return texts.list_within(told.origins, told.definition, told.profile, cast(Tier, tier.value))


def name_origins(told: Translation, path: str, *fields: str, **renamed: str) -> list[TextOrigin]:
    """The origins of the texts of one object; those that are empty have none.

    `renamed` are fields that are called otherwise than the step of their path.
    """
    steps = dict(zip(fields, fields, strict=True)) | renamed
    paths = {name: f"{path}.{step}" if path else step for name, step in steps.items()}
    return [
        TextOrigin(field=name, source=TextSource(told.origins[place]))
        for name, place in paths.items()
        if place in told.origins
    ]


def make_language(told: Translation, wanted: Sequence[str], overlay: str | None) -> SpokenLanguage:
    return SpokenLanguage(
        told=told,
        locale=Locale(told.locale),
        direction=TextDirection(told.direction),
        source_locale=Locale(told.source_locale),
        source_direction=TextDirection(languages.find_direction(told.source_locale)),
        wanted=Locale(wanted[0]) if wanted else None,
        is_fallback=bool(wanted) and not any(languages.is_near(told.locale, locale) for locale in wanted),
        document_path=None if overlay is None else f"/translations/{overlay}.json",
    )


def list_wanted(info: Info, locale: str | None, account: str | None) -> tuple[str, ...]:
    """The languages that a caller reads, the most wanted first: the one asked for alone, or of account and browser."""
    if locale is not None:
        return (locale,)
    own = [account] if account else []
    return tuple(dict.fromkeys([*own, *languages.read_preferences(info.context.accept_language)]))


async def read_wanted(info: Info, session: Session, actor: access.Actor, locale: str | None) -> tuple[str, ...]:
    """The same, where the language of the account is not known yet."""
    account = None if locale is not None else await translations.read_locale(session, actor)
    return list_wanted(info, locale, account)


async def choose_for_problems(info: Info, session: Session, actor: access.Actor, locale: str | None = None) -> str:
    """The language that the caller is told problems in."""
    return messages.choose_language(await read_wanted(info, session, actor, locale))


async def tell_version(
    info: Info, session: Session, actor: access.Actor, definition: Definition, content_hash: str, locale: str | None
) -> tuple[Translation, SpokenLanguage]:
    """A version in the caller's language, and which that is."""
    wanted = await read_wanted(info, session, actor, locale)
    return await _tell(session, wanted, Version(content_hash, definition))


async def _tell(session: Session, wanted: Sequence[str], version: Version) -> tuple[Translation, SpokenLanguage]:
    definition = version.definition
    overlays = await translations.list_translations(session, definition.key)
    source = definition.questionnaire.locale
    chosen = languages.choose_locale(wanted, overlays, source)
    overlay = None if chosen == source else overlays[chosen]
    told = await translations.load_translation(session, definition, (version.content_hash, overlay, None))
    return told, make_language(told, wanted, overlay)


@dataclass(frozen=True)
class Telling:
    """What a caller is told versions in, by their content hashes, and the language of sentences about them."""

    locale: str
    versions: Mapping[str, tuple[Translation, SpokenLanguage]]

    def find_told(self, content_hash: str) -> Translation:
        return self.versions[content_hash][0]

    def find_language(self, content_hash: str) -> SpokenLanguage:
        return self.versions[content_hash][1]


async def tell_versions(
    info: Info, session: Session, actor: access.Actor, versions: Iterable[Version], locale: str | None
) -> Telling:
    """Several versions in the caller's language, and the one for sentences about them."""
    wanted = await read_wanted(info, session, actor, locale)
    by_hash = {one.content_hash: one for one in versions}
    told = {content_hash: await _tell(session, wanted, one) for content_hash, one in by_hash.items()}
    return Telling(messages.choose_language(wanted), told)


def find_source(spoken: str, locale: str) -> TextSource:
    """Whose words a sentence of ours is in, which comes in the language `spoken` to somebody who reads `locale`."""
    if spoken != messages.FALLBACK:
        return TextSource(messages.read_author(spoken))
    return TextSource.SOURCE if locale == messages.FALLBACK else TextSource.MISSING
