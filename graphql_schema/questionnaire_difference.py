"""What changed between two published versions of a questionnaire, and what that does to answers."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import strawberry

from graphql_schema import language, rules
from graphql_schema.context import Info
from graphql_schema.language import SpokenLanguage, Telling, TextOrigin, TextSource, Wanted, name_origins
from graphql_schema.scalars import Locale
from graphql_schema.sentence import LOCALE, SOURCE, tell_change
from portal import access, errors
from portal.assessments import definitions, differences
from portal.assessments.definitions import Version
from questionnaires.change_texts import find_text
from questionnaires.difference import REMOVED, Change, Difference, order_version
from questionnaires.translation import Translation


@strawberry.enum(description="How much of a version number a change needs to raise.")
class VersionStep(Enum):
    NONE = strawberry.enum_value("none", description="Nothing changed.")
    PATCH = strawberry.enum_value("patch", description="Words and order: every answer stands.")
    MINOR = strawberry.enum_value("minor", description="More is asked, or by other rules: answers are looked at.")
    MAJOR = strawberry.enum_value("major", description="Something means something else or is gone.")


@rules.type(access.PUBLIC, description="One change between two versions.")
class QuestionnaireChange:
    code: str = rules.field(description="What kind of change it is, like question_added; codes stay the same.")
    step: VersionStep = rules.field(description="What it needs to raise.")
    path: str = rules.field(description="Where it is in the document.")
    question: str | None = rules.field(
        description="The question's key in the later version, or in the earlier one where it is gone there."
    )
    title: str | None = rules.field(description="The question; null for a change that is about none.")
    sentence: str = rules.field(description="What it means, in plain words.")
    locale: Locale = rules.field(description=LOCALE)
    source: TextSource = rules.field(description=SOURCE)
    old: str = rules.field(
        description="What stood there before; empty for nothing. A title, description, help, why or action is given in"
        " the caller's language, anything else as the document has it."
    )
    new: str = rules.field(description="What stands there now, in the same way; empty for nothing.")
    origins: list[TextOrigin] = rules.field(
        description="Whose words its title, old and new are in, where they are texts.", list_size=3
    )


@rules.type(access.PUBLIC, description="What changed from one version of a questionnaire to another.")
class QuestionnaireDifference:
    questionnaire: str = rules.field(description="Its key.")
    old_version: str = rules.field(description="The earlier version.")
    new_version: str = rules.field(description="The later version.")
    least_step: VersionStep = rules.field(description="The step that the changes need together.")
    least_version: str = rules.field(description="The lowest number that the later version may have.")
    language: SpokenLanguage = rules.field(
        description="The language of the texts of the later version; each change tells that of its sentence."
    )
    changes: list[QuestionnaireChange] = rules.field(
        description="Every change, in the order of the later document.", list_size=200
    )


def make_difference(found: Difference, old: Version, new: Version, telling: Telling) -> QuestionnaireDifference:
    told = _Told(found, telling.find_told(old.content_hash), telling.find_told(new.content_hash))
    return QuestionnaireDifference(
        questionnaire=found.new.key,
        old_version=found.old.version,
        new_version=found.new.version,
        least_step=VersionStep(found.least_step),
        least_version=found.least_version,
        language=telling.find_language(new.content_hash),
        changes=[make_change(told, one, telling.locale) for one in found.changes],
    )


@dataclass(frozen=True)
class _Told:
    """A difference, and its two versions in the caller's language."""

    found: Difference
    old: Translation
    new: Translation

    def find_old(self, change: Change) -> str | None:
        """The path of the text that stood before; none for what is no text."""
        key = None if change.question is None else self.found.find_old_key(change.question)
        return find_text(self.found.old, change, key) if change.old else None

    def find_new(self, change: Change) -> str | None:
        """The path of the text that stands now; none for what is no text."""
        return find_text(self.found.new, change, change.question) if change.new else None

    def find_version(self, change: Change) -> Translation:
        """The version that asks the question of a change: the later one where both do."""
        return self.old if change.code == REMOVED else self.new


def make_change(told: _Told, change: Change, locale: str) -> QuestionnaireChange:
    sentence, key = tell_change(change.code, locale), change.question
    old, new = told.find_old(change), told.find_new(change)
    origins = name_origins(told.old, "", old=old or "") + name_origins(told.new, "", new=new or "")
    if key is not None:
        origins = name_origins(told.find_version(change), f"questions.{key}", "title") + origins
    return QuestionnaireChange(
        code=change.code,
        step=VersionStep(change.step),
        path=change.path,
        question=key,
        title=None if key is None else told.find_version(change).definition.questions[key].title,
        sentence=sentence.text,
        locale=sentence.locale,
        source=sentence.source,
        old=change.old if old is None else told.old.say(old, change.old),
        new=change.new if new is None else told.new.say(new, change.new),
        origins=origins,
    )


@strawberry.type
class QuestionnaireDifferenceQuery:
    @rules.query(
        access.PUBLIC,
        conditional=True,
        description="What changed between two published versions of a questionnaire; the earlier one is given first.",
    )
    async def questionnaire_difference(
        self,
        info: Info,
        questionnaire: Annotated[str, strawberry.argument(description="A questionnaire's key.")],
        old_version: Annotated[str, strawberry.argument(description="The earlier version, like 1.0.0.")],
        new_version: Annotated[str, strawberry.argument(description="The later version.")],
        locale: Wanted = None,
    ) -> QuestionnaireDifference:
        async with info.context.transaction() as (session, actor):
            old, new = [
                await definitions.load_version(session, questionnaire, one) for one in (old_version, new_version)
            ]
            if order_version(old_version) > order_version(new_version):
                raise errors.InvalidInput("Give the earlier version first.", code="ORDER", path=("new_version",))
            found = await differences.compare(session, old, new)
            telling = await language.tell_versions(info, session, actor, (old, new), locale)
        return make_difference(found, old, new, telling)
