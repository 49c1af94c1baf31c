"""An organization's published questionnaires: who sees them, the end of a version, further scoring profiles."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info, Session
from graphql_schema.questionnaire import QuestionnaireVisibility
from graphql_schema.scalars import Locale
from portal import access
from portal.authoring import ending, inspection, own_translations, publication, visibility
from portal.authoring.inspection import SourceFormat
from questionnaires.source import MAX_NODES

AUTHOR = access.QUESTIONNAIRE_AUTHOR
MOST = inspection.MOST_CHARACTERS


@strawberry.enum(description="What the operator says to showing a version to everybody.")
class QuestionnaireApproval(enum.Enum):
    ASKED = strawberry.enum_value("asked", description="The operator has not decided.")
    APPROVED = strawberry.enum_value("approved", description="Everybody sees it.")
    REFUSED = strawberry.enum_value("refused", description="It is not shown; see the reason.")


@strawberry.enum(description="How a text is written.")
class QuestionnaireFormat(enum.Enum):
    YAML = strawberry.enum_value(
        "yaml",
        description=f"YAML 1.2 without anchors, aliases and tags, at most {MOST['yaml']:,} characters and "
        f"{MAX_NODES:,} keys and values.",
    )
    JSON = strawberry.enum_value(
        "json", description=f"JSON, as `QuestionnaireVersion.document` gives it, at most {MOST['json']:,} characters."
    )
    XLSFORM = strawberry.enum_value(
        "xlsform",
        description=f"For questionnaires only: an XLSForm (.xlsx) in Base64, at most {MOST['xlsform']:,} characters.",
    )


@strawberry.enum(description="Whether a translation is shown.")
class TranslationState(enum.Enum):
    SHOWN = strawberry.enum_value("shown", description="Whoever sees the questionnaire reads it.")
    ASKED = strawberry.enum_value(
        "asked", description="It waits for the operator; until then what was shown before is shown."
    )
    REFUSED = strawberry.enum_value("refused", description="The operator refused it; see the reason.")


@rules.type(AUTHOR, description="A language that an own questionnaire is translated to.")
class OwnTranslationLanguage:
    locale: Locale = rules.field(description="The language.")
    state: TranslationState = rules.field(description="Whether what was handed in last is shown.")
    reason: str | None = rules.field(description="Why the operator refused it.")


@rules.type(AUTHOR, description="A published version of an own questionnaire.")
class OwnQuestionnaireVersion:
    version: str = rules.field(description="MAJOR.MINOR.PATCH.")
    content_hash: str = rules.field(description="SHA-256 of the canonical document, in hexadecimal.")
    published_at: datetime = rules.field(description="When it was published.")
    is_current: bool = rules.field(description="Whether new requests and assessments begin with it.")
    deprecated_on: date | None = rules.field(description="From when on nothing new begins with it.")
    retired_on: date | None = rules.field(description="From when on not even what was asked for before begins.")
    approval: QuestionnaireApproval | None = rules.field(
        description="What the operator says to showing it to everybody; null where nobody asked."
    )
    approval_reason: str | None = rules.field(description="Why the operator refused.")
    profile_numbers: list[int] = rules.field(description="Its scoring profiles; the highest counts.", list_size=3)


@rules.type(AUTHOR, description="A published questionnaire of the organization's own.")
class OwnQuestionnaire:
    key: str = rules.field(description="Its key, for ever the same.")
    title: str = rules.field(description="The title of its current version.")
    visibility: QuestionnaireVisibility = rules.field(description="Who sees it.")
    current_version: str | None = rules.field(description="The version that new requests and assessments begin with.")
    versions: list[OwnQuestionnaireVersion] = rules.field(description="All versions, the newest first.", list_size=5)
    translations: list[OwnTranslationLanguage] = rules.field(
        description="The languages it is translated to; see `ownTranslation` for what is left to do.", list_size=6
    )


@strawberry.input(description="Who is to see which questionnaire.")
class SetQuestionnaireVisibilityInput:
    questionnaire: str = strawberry.field(description="The key of an own questionnaire.")
    visibility: QuestionnaireVisibility = strawberry.field(
        description="PUBLIC asks the operator about the highest version; nothing changes until it is approved, and "
        "until then PRIVATE or CONNECTED takes the question back."
    )


@strawberry.input(description="Until when something may begin with which version.")
class EndQuestionnaireVersionInput:
    questionnaire: str = strawberry.field(description="The key of an own questionnaire.")
    version: str = strawberry.field(description="A published version.")
    deprecated_on: date | None = strawberry.field(
        default=None,
        description="From this day on, today at the earliest, no request or assessment begins with it, but for requests"
        " that are open; null: not at all, or with retiredOn.",
    )
    retired_on: date | None = strawberry.field(
        default=None,
        description="From this day on nothing begins with it. Drafts that were begun are finished on it, and "
        "everything stays readable.",
    )


@strawberry.input(description="A further scoring profile of a published version.")
class AddScoringProfileInput:
    questionnaire: str = strawberry.field(description="The key of an own questionnaire.")
    version: str = strawberry.field(description="A published version.")
    format: QuestionnaireFormat = strawberry.field(description="How the text is written.")
    text: str = strawberry.field(
        description="The profile in the format scoring-profile/1, at most 100,000 characters, with a number higher "
        "than those there are. Where the operator was asked to show the version to everybody, no text may be new but "
        "the profile's `description`, which says what it corrects: nobody is told it before the operator has read it."
    )


@rules.type(rules.AS_PARENT, description="The visibility is set, or the operator was asked.")
class QuestionnaireVisibilitySet:
    questionnaire: OwnQuestionnaire = rules.field(description="The questionnaire as it is now.")


@rules.type(rules.AS_PARENT, description="The days are set.")
class QuestionnaireVersionEnded:
    questionnaire: OwnQuestionnaire = rules.field(description="The questionnaire as it is now.")


@rules.type(rules.AS_PARENT, description="Submissions from now on are scored with it; results that are there stay.")
class ScoringProfileAdded:
    number: int = rules.field(description="The profile's number.")
    questionnaire: OwnQuestionnaire = rules.field(description="The questionnaire as it is now.")


def make_version(row: Any, current: str | None, numbers: Sequence[int]) -> OwnQuestionnaireVersion:
    return OwnQuestionnaireVersion(
        version=row.version,
        content_hash=row.content_hash,
        published_at=row.published_at,
        is_current=row.version == current,
        deprecated_on=row.deprecated_on,
        retired_on=row.retired_on,
        approval=None if row.approval is None else QuestionnaireApproval(row.approval),
        approval_reason=row.approval_reason,
        profile_numbers=list(numbers),
    )


async def make_own(session: Session, rows: Sequence[Any]) -> list[OwnQuestionnaire]:
    """Questionnaires with versions, profiles and languages, in three statements however many there are."""
    keys = [row.key for row in rows]
    versions = await publication.list_versions(session, keys)
    numbers = await publication.list_profiles(session, keys)
    languages = await own_translations.list_languages(session, keys)
    return [
        OwnQuestionnaire(
            key=row.key,
            title=row.title,
            visibility=QuestionnaireVisibility(row.visibility),
            current_version=row.current_version,
            versions=[
                make_version(one, row.current_version, numbers.get((row.key, one.version), ()))
                for one in versions
                if one.questionnaire == row.key
            ],
            translations=[
                OwnTranslationLanguage(locale=Locale(locale), state=TranslationState(state), reason=reason)
                for locale, state, reason in languages.get(row.key, ())
            ],
        )
        for row in rows
    ]


async def read_own(session: Session, actor: access.Actor, key: str) -> OwnQuestionnaire:
    """One of them; raises NotFound."""
    return (await make_own(session, [await publication.get_own(session, actor, key)]))[0]


@strawberry.type
class OwnQuestionnaireQuery:
    @rules.query(AUTHOR, description="The organization's published questionnaires, by key.")
    async def own_questionnaires(self, info: Info) -> list[OwnQuestionnaire]:
        async with info.context.transaction() as (session, actor):
            return await make_own(session, await publication.list_own(session, actor))


@strawberry.type
class OwnQuestionnaireMutation:
    @rules.mutation(
        AUTHOR,
        description="Show an own questionnaire to whom it is asked of (PRIVATE), to all linked suppliers (CONNECTED), "
        "or ask the operator to show it to everybody (PUBLIC), which is for good. Only a buyer asks suppliers and is "
        "linked with them: a partner reaches them by PUBLIC, and CONNECTED is refused (NOT_A_BUYER).",
    )
    async def set_questionnaire_visibility(
        self, info: Info, input: Annotated[SetQuestionnaireVisibilityInput, strawberry.argument(description="Who.")]
    ) -> QuestionnaireVisibilitySet:
        async with info.context.transaction() as (session, actor):
            wanted = str(input.visibility.value)
            await visibility.set_visibility(session, actor, questionnaire=input.questionnaire, wanted=wanted)
            return QuestionnaireVisibilitySet(questionnaire=await read_own(session, actor, input.questionnaire))

    @rules.mutation(
        AUTHOR,
        description="Deprecate and retire a version on these days; days that have not come can be moved or taken back.",
    )
    async def end_questionnaire_version(
        self, info: Info, input: Annotated[EndQuestionnaireVersionInput, strawberry.argument(description="When.")]
    ) -> QuestionnaireVersionEnded:
        async with info.context.transaction() as (session, actor):
            await ending.end_version(
                session,
                actor,
                questionnaire=input.questionnaire,
                version=input.version,
                deprecated_on=input.deprecated_on,
                retired_on=input.retired_on,
            )
            return QuestionnaireVersionEnded(questionnaire=await read_own(session, actor, input.questionnaire))

    @rules.mutation(
        AUTHOR,
        description="Publish a further scoring profile of an own version. What is submitted from now on is scored with "
        "it; results that are there stay until the operator, who is told by letter, adds those of the new profile "
        "(`portal questionnaires rescore`).",
    )
    async def add_scoring_profile(
        self, info: Info, input: Annotated[AddScoringProfileInput, strawberry.argument(description="The profile.")]
    ) -> ScoringProfileAdded:
        form = inspection.read_profile_format(cast(SourceFormat, input.format.value), "format")
        async with info.context.transaction() as (session, actor):
            definition = await publication.load_own_version(session, actor, input.questionnaire, input.version)
        async with info.context.services.reading.enter(actor.organization):
            profile = await publication.read_profile(definition, form, input.text)
        async with info.context.transaction() as (session, actor):
            number = await publication.add_profile(session, actor, profile)
            questionnaire = await read_own(session, actor, input.questionnaire)
            return ScoringProfileAdded(number=number, questionnaire=questionnaire)
