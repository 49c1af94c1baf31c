"""Writing an organization's own questionnaires: the publisher's name, drafts with their findings, publishing."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from graphql_schema.language import Wanted, tell_versions
from graphql_schema.own_questionnaire import AUTHOR, OwnQuestionnaire, QuestionnaireFormat, read_own
from graphql_schema.questionnaire_difference import QuestionnaireDifference, make_difference
from portal.assessments.definitions import Version
from portal.authoring import drafting, inspection, publication, publishers
from portal.authoring.inspection import Source
from questionnaires import document


@strawberry.enum(description="Which text a finding is in.")
class QuestionnairePart(enum.Enum):
    QUESTIONNAIRE = strawberry.enum_value("questionnaire", description="The questionnaire.")
    PROFILE = strawberry.enum_value("profile", description="The scoring profile.")


@strawberry.enum(description="Whether a finding is in the way.")
class FindingSeverity(enum.Enum):
    ERROR = strawberry.enum_value("error", description="It must be mended before anything can be published.")
    WARNING = strawberry.enum_value("warning", description="Worth a look.")


@rules.type(AUTHOR, description="One thing that is wrong with a questionnaire, or may be.")
class QuestionnaireFinding:
    part: QuestionnairePart = rules.field(description="The text it is in.")
    severity: FindingSeverity = rules.field(description="Whether it is in the way.")
    path: list[str] = rules.field(description="Where in the text: keys and positions, outermost first.")
    question: str | None = rules.field(description="The question's key, where it is about one.")
    line: int | None = rules.field(description="The line of a YAML text, or the row of an XLSForm, from 1.")
    message: str = rules.field(description="What is wrong and what is allowed, in plain words.")


@rules.type(AUTHOR, description="A version that is being written: replaced at will until it is published.")
class QuestionnaireDraft:
    questionnaire: str = rules.field(description="The questionnaire's key; there is one draft for each.")
    version: str = rules.field(description="The version it is to be.")
    title: str = rules.field(description="Its title.")
    revision: int = rules.field(description="Raised with each change; what publishes or replaces it names it.")
    is_sound: bool = rules.field(
        description="Whether it has no errors, so that it can be published. One whose only error is a version that is "
        "too low can be tried, and its `change` says why."
    )
    findings: list[QuestionnaireFinding] = rules.field(
        description="Every error and warning, errors first; at most 201.", list_size=20
    )
    created_at: datetime = rules.field(description="When it was begun.")
    updated_at: datetime = rules.field(description="When it last changed.")

    @rules.method(
        AUTHOR,
        description="What it changes against the published version before it, and how high its number must be; null "
        "where its text has errors or it is the first.",
    )
    async def change(self, info: Info, locale: Wanted = None) -> QuestionnaireDifference | None:
        async with info.context.transaction() as (session, actor):
            found = await drafting.compare_draft(session, actor, self.questionnaire)
            if found is None:
                return None
            old, new = [Version(document.hash_content(one), one) for one in (found.old, found.new)]
            telling = await tell_versions(info, session, actor, (old, new), locale)
        return make_difference(found, old, new, telling)

    @classmethod
    def make(cls, row: Any) -> Self:
        return cls(
            questionnaire=row.questionnaire,
            version=row.version,
            title=row.title,
            revision=row.revision,
            is_sound=not any(one["severity"] == "error" for one in row.findings),
            findings=make_findings(row.findings),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@rules.type(AUTHOR, description="The texts of a draft, as they were sent.")
class QuestionnaireDraftSource:
    revision: int = rules.field(description="The draft's revision.")
    format: QuestionnaireFormat = rules.field(description="How the questionnaire's text is written.")
    text: str = rules.field(description="The questionnaire's text, as it was sent.")
    profile_format: QuestionnaireFormat | None = rules.field(description="How the profile's text is written.")
    profile_text: str | None = rules.field(description="The scoring profile's text, as it was sent.")


@strawberry.input(description="The name to publish under.")
class ClaimPublisherNameInput:
    name: str = strawberry.field(
        description="2 to 30 letters a to z, digits and single hyphens. Keys of own questionnaires begin with it and "
        "two hyphens, as in north-mills--code, and own concepts with by_north_mills."
    )


@strawberry.input(description="The name to give back.")
class ReleasePublisherNameInput:
    name: str = strawberry.field(description="The name that the organization publishes under.")


@strawberry.input(description="A questionnaire, and the scoring profile that goes with it.")
class ImportQuestionnaireInput:
    format: QuestionnaireFormat = strawberry.field(description="How the text is written.")
    text: str = strawberry.field(
        description="The questionnaire in the format questionnaire/1, or an XLSForm. The key of a form that has no "
        "publisher's name in its form_id begins with yours."
    )
    profile_format: QuestionnaireFormat | None = strawberry.field(
        default=None, description="How the profile's text is written."
    )
    profile_text: str | None = strawberry.field(
        default=None,
        description="The scoring profile in the format scoring-profile/1; questionnaires of facts need none.",
    )
    base_revision: int = strawberry.field(
        default=0, description="The revision of the draft that was last seen; 0 where there was none."
    )


@strawberry.input(description="Which draft.")
class DiscardQuestionnaireDraftInput:
    questionnaire: str = strawberry.field(description="The key of a draft.")


@strawberry.input(description="Which draft, as it was seen.")
class PublishQuestionnaireInput:
    questionnaire: str = strawberry.field(description="The key of a draft.")
    revision: int = strawberry.field(description="The draft's revision that was looked at; a newer one stops it.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="8 to 100 characters: the same key again publishes once, for 30 days."
    )


@rules.type(rules.AS_PARENT, description="The name is the organization's.")
class PublisherNameClaimed:
    name: str = rules.field(description="The name.")


@rules.type(rules.AS_PARENT, description="The name is nobody's; anybody may claim it.")
class PublisherNameReleased:
    name: str = rules.field(description="The name it was.")


@rules.type(rules.AS_PARENT, description="The draft is kept as it was sent, also where it has errors.")
class QuestionnaireImported:
    draft: QuestionnaireDraft = rules.field(description="The draft as it is now.")


@rules.type(rules.AS_PARENT, description="The draft is gone; what is published stays.")
class QuestionnaireDraftDiscarded:
    questionnaire: str = rules.field(description="The key it had.")


@rules.type(rules.AS_PARENT, description="The version is published, for ever as it is.")
class QuestionnairePublished:
    version: str = rules.field(description="The version.")
    questionnaire: OwnQuestionnaire = rules.field(description="The questionnaire as it is now.")


def make_findings(found: Sequence[Any]) -> list[QuestionnaireFinding]:
    return [
        QuestionnaireFinding(
            part=QuestionnairePart(one["part"]),
            severity=FindingSeverity(one["severity"]),
            path=list(one["path"]),
            question=one["question"],
            line=one["line"],
            message=one["message"],
        )
        for one in found
    ]


def read_source(given: Any) -> Source:
    """Both texts of an input; raises InvalidInput where they are too long."""
    profile_format = given.profile_format
    source = Source(
        format=given.format.value,
        text=given.text,
        profile_format=(
            None if profile_format is None else inspection.read_profile_format(profile_format.value, "profile_format")
        ),
        profile_text=given.profile_text,
    )
    inspection.check_size(source)
    return source


@strawberry.type
class QuestionnaireDraftQuery:
    @rules.query(AUTHOR, description="The name the organization publishes under; null where it has claimed none.")
    async def publisher_name(self, info: Info) -> str | None:
        async with info.context.transaction() as (session, actor):
            return await publishers.find_name(session, actor)

    @rules.query(AUTHOR, description="The organization's drafts of questionnaires, by key; at most 50.")
    async def questionnaire_drafts(self, info: Info) -> list[QuestionnaireDraft]:
        async with info.context.transaction() as (session, actor):
            return [QuestionnaireDraft.make(row) for row in await drafting.list_drafts(session, actor)]

    @rules.query(AUTHOR, description="The texts of a draft, to go on with; null where there is none.")
    async def questionnaire_draft_source(
        self, info: Info, questionnaire: Annotated[str, strawberry.argument(description="The key of a draft.")]
    ) -> QuestionnaireDraftSource | None:
        async with info.context.transaction() as (session, actor):
            row = await drafting.find_draft(session, actor, questionnaire)
        if row is None:
            return None
        return QuestionnaireDraftSource(
            revision=row.revision,
            format=QuestionnaireFormat(row.format),
            text=row.source,
            profile_format=None if row.profile_format is None else QuestionnaireFormat(row.profile_format),
            profile_text=row.profile_source,
        )


@strawberry.type
class QuestionnaireDraftMutation:
    @rules.mutation(
        AUTHOR,
        description="Take the name to publish under, one for each organization; NAME_TAKEN where another one has it.",
    )
    async def claim_publisher_name(
        self, info: Info, input: Annotated[ClaimPublisherNameInput, strawberry.argument(description="The name.")]
    ) -> PublisherNameClaimed:
        async with info.context.transaction() as (session, actor):
            return PublisherNameClaimed(name=await publishers.claim_name(session, actor, name=input.name))

    @rules.mutation(
        AUTHOR,
        description="Give the name back that nothing was published under: NAME_PUBLISHED where a questionnaire has it, "
        "whose key begins with it for ever, NAME_HAS_DRAFTS where a draft is left.",
    )
    async def release_publisher_name(
        self, info: Info, input: Annotated[ReleasePublisherNameInput, strawberry.argument(description="The name.")]
    ) -> PublisherNameReleased:
        async with info.context.transaction() as (session, actor):
            await publishers.release_name(session, actor, name=input.name)
        return PublisherNameReleased(name=input.name)

    @rules.mutation(
        AUTHOR,
        description="Keep a questionnaire as the draft of its key, and say everything that is wrong with it. A draft "
        "with errors is kept too, as long as key and version can be read; the same again changes nothing.",
    )
    async def import_questionnaire(
        self, info: Info, input: Annotated[ImportQuestionnaireInput, strawberry.argument(description="The texts.")]
    ) -> QuestionnaireImported:
        source = read_source(input)
        async with info.context.transaction() as (session, actor):
            publisher = await publishers.get_name(session, actor)
        async with info.context.services.reading.enter(actor.organization):
            inspected = await inspection.inspect_source(source, publisher)
        async with info.context.transaction() as (session, actor):
            row = await drafting.keep_draft(
                session,
                actor,
                source=source,
                inspected=inspected,
                publisher=publisher,
                base_revision=input.base_revision,
            )
            return QuestionnaireImported(draft=QuestionnaireDraft.make(row))

    @rules.mutation(AUTHOR, description="Throw a draft away.")
    async def discard_questionnaire_draft(
        self, info: Info, input: Annotated[DiscardQuestionnaireDraftInput, strawberry.argument(description="Which.")]
    ) -> QuestionnaireDraftDiscarded:
        async with info.context.transaction() as (session, actor):
            await drafting.discard_draft(session, actor, questionnaire=input.questionnaire)
        return QuestionnaireDraftDiscarded(questionnaire=input.questionnaire)

    @rules.mutation(
        AUTHOR,
        description="Publish a draft for ever. A number that is too low for what changed is refused with every reason "
        "(VERSION_TOO_LOW). At first only the organization and the suppliers it asks see the questionnaire; a further "
        "version of a public one waits for the operator.",
    )
    async def publish_questionnaire(
        self, info: Info, input: Annotated[PublishQuestionnaireInput, strawberry.argument(description="Which draft.")]
    ) -> QuestionnairePublished:
        asked = publication.Publishing(input.questionnaire, input.revision, input.idempotency_key)
        async with info.context.transaction() as (session, actor):
            opened = await publication.open_draft(session, actor, asked)
        async with info.context.services.reading.enter(actor.organization):
            packaged = await publication.inspect_draft(opened)
        async with info.context.transaction() as (session, actor):
            key, version = await publication.publish_draft(session, actor, opened, packaged)
            return QuestionnairePublished(version=version, questionnaire=await read_own(session, actor, key))
