"""Translations of an organization's own questionnaires: handing them in, what is left to do, taking them away."""

import asyncio
import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Self, cast

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.context import Info
from graphql_schema.language import TextDirection, TextSource
from graphql_schema.own_questionnaire import AUTHOR, QuestionnaireFormat, TranslationState
from graphql_schema.scalars import Locale
from graphql_schema.tier import QuestionnaireTier
from portal import errors
from portal.authoring import handed_translations, own_translations
from portal.authoring.handed_translations import MOST_TEXTS, Handed, Text
from questionnaires import languages, translating, translation_template
from questionnaires.definition import Tier
from questionnaires.texts import Version
from questionnaires.translating import OpenText

BY_PLACE = paging.Order("ownTranslation.untranslated", (int,))
MOST_FINDINGS = 200
Upto = Annotated[
    QuestionnaireTier | None, strawberry.argument(description="Only the texts that this tier shows; without it all.")
]


@strawberry.enum(description="Who wrote a translation.")
class TranslationAuthor(enum.Enum):
    HUMAN = strawberry.enum_value("human", description="A human wrote it, or looked it through.")
    MACHINE = strawberry.enum_value("machine", description="A machine wrote it, and nobody looked it through.")


@rules.type(AUTHOR, description="How much of a version is translated to a language.")
class TranslationProgress:
    total: int = rules.field(description="All texts.")
    translated: int = rules.field(description="Those with a translation that holds: human and machine.")
    human: int = rules.field(description="Translated by a human.")
    machine: int = rules.field(description="Translated by a machine.")
    stale: int = rules.field(description="Translated from another text: the source is shown.")
    missing: int = rules.field(description="Not translated: the source is shown.")
    share: Decimal = rules.field(description="Percent that is translated, rounded down to two digits.")


@rules.type(AUTHOR, description="A text that is left to translate.")
class UntranslatedText:
    path: str = rules.field(description="Where it stands, like questions.headcount.title.")
    text: str = rules.field(description="The text, in the language it was written in.")
    source: TextSource = rules.field(description="STALE or MISSING.")
    former: str | None = rules.field(description="The translation of the text that stood there before; null if none.")


@rules.type(AUTHOR, description="A file to fill in offline and to hand in as YAML.")
class TranslationTemplate:
    text: str = rules.field(
        description="YAML: each text of the source as a comment, and below it the lines to fill in. Lines that stay "
        "empty are passed over, and `by` is machine until somebody puts human."
    )
    part: int = rules.field(description="Which part it is, from 1.")
    parts: int = rules.field(description="How many parts there are: about 1,000 texts each.")


@rules.type(AUTHOR, description="Something that is worth a look in what was handed in.")
class TranslationFinding:
    path: str = rules.field(description="The path of the text.")
    line: int | None = rules.field(description="The line of a YAML text, from 1.")
    message: str = rules.field(description="What it is, in plain words.")


@dataclass(frozen=True)
class Loaded:
    """A version, and what its owner handed in for it last."""

    version: Version
    own: own_translations.OwnTranslation

    def read_tier(self, tier: QuestionnaireTier | None) -> Tier:
        return self.version[0].tier_keys[-1] if tier is None else cast(Tier, tier.value)


@rules.type(AUTHOR, description="An own version in a language, as it was handed in last.")
class OwnTranslation:
    loaded: strawberry.Private[Loaded]
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="The version.")
    locale: Locale = rules.field(description="The language.")
    direction: TextDirection = rules.field(description="Which way it is read.")
    source_locale: Locale = rules.field(description="The language that the version was written in.")
    state: TranslationState | None = rules.field(description="Whether it is shown; null where nothing is there.")
    reason: str | None = rules.field(description="Why the operator refused it.")

    @rules.method(AUTHOR, description="How much of the version is translated.")
    async def progress(self, tier: Upto = None) -> TranslationProgress:
        version, own = self.loaded.version, self.loaded.own
        found = await asyncio.to_thread(translating.measure_coverage, own.last, version, self.loaded.read_tier(tier))
        counts, total = found.counts, found.total
        translated = counts["human"] + counts["machine"]
        return TranslationProgress(
            total=total,
            translated=translated,
            **{name: counts[name] for name in ("human", "machine", "stale", "missing")},
            share=Decimal(10_000 * translated // total) / 100,
        )

    @rules.method(AUTHOR, description="The texts that are stale or missing, in the order of the document.")
    async def untranslated(
        self, first: paging.First = paging.PAGE, after: paging.After = None, tier: Upto = None
    ) -> paging.Connection[UntranslatedText]:
        page = paging.read_page(BY_PLACE, first, after)
        own, chosen = self.loaded.own, self.loaded.read_tier(tier)
        found = await asyncio.to_thread(translating.list_open, own.last, self.loaded.version, chosen)
        place = int(str(page.after.keys[0])) if page.after else -1
        rows = [one for one in found if one.place > place][: page.limit]
        return paging.build_connection(page, rows, keys=lambda one: ([one.place], nodes.NO_OWNER), node=make_open)

    @rules.method(
        AUTHOR, description="A file to fill in, with what is stale or missing; UNKNOWN_PART for a wrong part."
    )
    async def template(
        self,
        tier: Upto = None,
        everything: Annotated[
            bool, strawberry.argument(description="Also what is translated already, to be looked through.")
        ] = False,
        part: Annotated[
            int, strawberry.argument(description="Which part, from 1; the same texts are in it each time.")
        ] = 1,
    ) -> TranslationTemplate:
        made = await asyncio.to_thread(self._write_template, tier, everything, part)
        return TranslationTemplate(text=made.text, part=made.part, parts=made.parts)

    def _write_template(
        self, tier: QuestionnaireTier | None, everything: bool, part: int
    ) -> translation_template.Template:
        own, chosen = self.loaded.own, self.loaded.read_tier(tier)
        try:
            return translation_template.write_template(
                own.last, self.loaded.version, chosen, self.locale, everything=everything, part=part
            )
        except IndexError as unknown:
            words = f"There is no part {part}: {unknown}."
            raise errors.InvalidInput(words, code="UNKNOWN_PART", path=("part",)) from None

    @classmethod
    def make(cls, version: Version, own: own_translations.OwnTranslation) -> Self:
        header = version[0].questionnaire
        return cls(
            loaded=Loaded(version, own),
            questionnaire=header.key,
            version=header.version,
            locale=Locale(own.locale),
            direction=TextDirection(languages.find_direction(own.locale)),
            source_locale=Locale(header.locale),
            state=None if own.state is None else TranslationState(own.state),
            reason=own.reason,
        )


def make_open(found: OpenText) -> UntranslatedText:
    return UntranslatedText(path=found.path, text=found.source, source=TextSource(found.origin), former=found.former)


@strawberry.input(description="A translation of one text.")
class TranslatedTextInput:
    path: str = strawberry.field(description="Where it stands, like questions.headcount.title.")
    text: str = strawberry.field(description="The translation of the text that the version has there.")
    by: TranslationAuthor = strawberry.field(description="Who wrote it.")


@strawberry.input(description="Translations of texts of an own version. Exactly one of text and entries.")
class HandInTranslationInput:
    questionnaire: str = strawberry.field(description="The key of an own questionnaire.")
    version: str = strawberry.field(
        description="The published version that they were made for; texts of other versions that are the same have "
        "them, too. Each path has one translation: that of a newer version stays."
    )
    locale: Locale = strawberry.field(description="The language they are in.")
    format: QuestionnaireFormat | None = strawberry.field(
        default=None, description="How the text is written: YAML or JSON."
    )
    text: str | None = strawberry.field(
        default=None,
        description="A filled-in template, a document as `/translations/<hash>.json` has it, or a flat worksheet: "
        "texts by their paths, as `portal questionnaires worksheet` prints it.",
    )
    by: TranslationAuthor = strawberry.field(
        default=TranslationAuthor.HUMAN,
        description="Who wrote a flat worksheet, or looked it through; other texts say it themselves.",
    )
    entries: list[TranslatedTextInput] | None = strawberry.field(
        default=None, description=f"Texts by their paths, at most {MOST_TEXTS:,}."
    )


@strawberry.input(description="Which translations are to go.")
class RemoveTranslationInput:
    questionnaire: str = strawberry.field(description="The key of an own questionnaire.")
    locale: Locale = strawberry.field(description="The language.")
    paths: list[str] | None = strawberry.field(
        default=None, description="The paths of the texts, at least one; null for the whole language."
    )


@rules.type(rules.AS_PARENT, description="The texts are taken in; whether they are shown tells the state.")
class TranslationHandedIn:
    taken: int = rules.field(
        description="How many texts were taken, without those that were left empty and those that hold only for an "
        "older version than the translation that is there: that stays, and a finding says so."
    )
    findings: list[TranslationFinding] = rules.field(
        description=f"What is worth a look, such as what was made from an older text; at most {MOST_FINDINGS}.",
        list_size=20,
    )
    translation: OwnTranslation = rules.field(description="The version in that language as it is now.")


@rules.type(rules.AS_PARENT, description="The source is shown in their place.")
class TranslationRemoved:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    locale: Locale = rules.field(description="The language.")
    state: TranslationState | None = rules.field(description="Of what is left; null where nothing is.")


async def inspect(given: HandInTranslationInput, versions: Sequence[Version]) -> Handed:
    """What was handed in; raises InvalidInput with everything that is wrong."""
    handed_translations.check_locale(given.locale, versions[0])
    if (given.text is None) == (given.entries is None):
        words = "Give either a text with its format, or entries."
        raise errors.InvalidInput(words, code="EXACTLY_ONE", path=("text",))
    if given.entries is not None:
        texts = [Text(one.path, one.text, cast(Any, one.by.value)) for one in given.entries]
        return await handed_translations.inspect_texts(texts, versions, given.locale)
    if given.format not in (QuestionnaireFormat.YAML, QuestionnaireFormat.JSON):
        words = "A translation is written as YAML or JSON."
        raise errors.InvalidInput(words, code="FORMAT", path=("format",))
    return await handed_translations.inspect_text(
        given.text or "", cast(Any, given.format.value), versions, given.locale, cast(Any, given.by.value)
    )


def make_findings(handed: Handed, stayed: Collection[str]) -> list[TranslationFinding]:
    return [
        TranslationFinding(path=one.path, line=one.line, message=one.message)
        for one in handed_translations.list_warnings(handed, stayed)[:MOST_FINDINGS]
    ]


@strawberry.type
class OwnTranslationQuery:
    @rules.query(
        AUTHOR, description="A version of an own questionnaire in a language: how far it is, and what is left to do."
    )
    async def own_translation(
        self,
        info: Info,
        questionnaire: Annotated[str, strawberry.argument(description="The key of an own questionnaire.")],
        version: Annotated[str, strawberry.argument(description="A published version.")],
        locale: Annotated[Locale, strawberry.argument(description="The language.")],
    ) -> OwnTranslation | None:
        async with info.context.transaction() as (session, actor):
            found = await own_translations.load_version(session, actor, questionnaire, version)
            handed_translations.check_locale(locale, found)
            return OwnTranslation.make(found, await own_translations.load_own(session, questionnaire, locale))


@strawberry.type
class OwnTranslationMutation:
    @rules.mutation(
        AUTHOR,
        description="Hand in translations of texts of an own version, each in the place of the one that its path had. "
        "Everything that is wrong is told at once, and then nothing is taken in. Of a questionnaire that everybody "
        "sees, or that waits for it, what is new is shown when the operator has approved it; else at once.",
    )
    async def hand_in_translation(
        self, info: Info, input: Annotated[HandInTranslationInput, strawberry.argument(description="The texts.")]
    ) -> TranslationHandedIn:
        async with info.context.transaction() as (session, actor):
            versions = await own_translations.load_versions(session, actor, input.questionnaire, input.version)
        async with info.context.services.reading.enter(actor.organization):
            handed = await inspect(input, versions)
        async with info.context.transaction() as (session, actor):
            own, stayed = await own_translations.hand_in(
                session, actor, version=versions[0], locale=input.locale, handed=handed
            )
        return TranslationHandedIn(
            taken=len(handed.overlay.entries) - len(stayed),
            findings=make_findings(handed, stayed),
            translation=OwnTranslation.make(versions[0], own),
        )

    @rules.mutation(
        AUTHOR,
        description="Take translations away, of some texts or of a whole language; everybody is shown the source at "
        "once.",
    )
    async def remove_translation(
        self, info: Info, input: Annotated[RemoveTranslationInput, strawberry.argument(description="Which.")]
    ) -> TranslationRemoved:
        async with info.context.transaction() as (session, actor):
            left = await own_translations.remove(
                session, actor, questionnaire=input.questionnaire, locale=input.locale, paths=input.paths
            )
        state = None if left.state is None else TranslationState(left.state)
        return TranslationRemoved(questionnaire=input.questionnaire, locale=input.locale, state=state)
