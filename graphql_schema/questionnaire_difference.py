"""What changed between two published versions of a questionnaire, and what that does to answers."""

from enum import Enum
from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from portal import access, errors
from portal.assessments import definitions
from portal.shelf import Shelf
from questionnaires import difference
from questionnaires.definition import Definition
from questionnaires.difference import Change, Difference, order_version

MOST_KEPT = 32


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
    sentence: str = rules.field(description="What it means, in English.")
    old: str = rules.field(description="What stood there before; empty for nothing.")
    new: str = rules.field(description="What stands there now; empty for nothing.")


@rules.type(access.PUBLIC, description="What changed from one version of a questionnaire to another.")
class QuestionnaireDifference:
    questionnaire: str = rules.field(description="Its key.")
    old_version: str = rules.field(description="The earlier version.")
    new_version: str = rules.field(description="The later version.")
    least_step: VersionStep = rules.field(description="The step that the changes need together.")
    least_version: str = rules.field(description="The lowest number that the later version may have.")
    changes: list[QuestionnaireChange] = rules.field(
        description="Every change, in the order of the later document.", list_size=200
    )


def make_difference(found: Difference) -> QuestionnaireDifference:
    return QuestionnaireDifference(
        questionnaire=found.new.key,
        old_version=found.old.version,
        new_version=found.new.version,
        least_step=VersionStep(found.least_step),
        least_version=found.least_version,
        changes=[make_change(one) for one in found.changes],
    )


_kept: Shelf[tuple[str, str], QuestionnaireDifference] = Shelf(MOST_KEPT)


def _compare(old_hash: str, new_hash: str, old: Definition, new: Definition) -> QuestionnaireDifference:
    """Made once for two hashes: neither version ever changes."""
    found = _kept.find((old_hash, new_hash))
    return found or _kept.keep((old_hash, new_hash), make_difference(difference.compare(old, new)))


def make_change(change: Change) -> QuestionnaireChange:
    return QuestionnaireChange(
        code=change.code,
        step=VersionStep(change.step),
        path=change.path,
        question=change.question,
        sentence=change.sentence,
        old=change.old,
        new=change.new,
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
    ) -> QuestionnaireDifference:
        async with info.context.transaction() as (session, _):
            old, new = [
                await definitions.load_version(session, questionnaire, one) for one in (old_version, new_version)
            ]
        if order_version(old_version) > order_version(new_version):
            raise errors.InvalidInput("Give the earlier version first.", code="ORDER", path=("new_version",))
        return _compare(old.content_hash, new.content_hash, old.definition, new.definition)
