"""Two years of a supplier side by side: what can be compared, and why not where it cannot."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import carried_answer, language, nodes, result, rules
from graphql_schema.answer import AnswerContent
from graphql_schema.context import Info, Session
from graphql_schema.language import SpokenLanguage, Telling, TextOrigin, TextSource, Wanted, name_origins
from graphql_schema.scalars import Locale
from graphql_schema.sentence import LOCALE, SOURCE, tell_change
from graphql_schema.submission import SUBMISSION
from graphql_schema.tier import QuestionnaireTier
from portal import access
from portal.assessments import comparing
from portal.assessments.comparing import Compared, Comparison, Side
from portal.assessments.definitions import Version
from questionnaires.answers import Answer
from questionnaires.definition import Definition
from questionnaires.difference import REMOVED


@rules.type(rules.AS_PARENT, description="Whether two figures or answers can be compared.")
class Comparability:
    is_comparable: bool = rules.field(description="Whether they can.")
    code: str = rules.field(description="SAME, or a stable code of why not, like MEANING_RAISED.")
    sentence: str = rules.field(description="What it means, in plain words.")
    locale: Locale = rules.field(description=LOCALE)
    source: TextSource = rules.field(description=SOURCE)


@rules.type(rules.AS_PARENT, description="One question (and row) in two years.")
class ComparedAnswer:
    question: str = rules.field(description="The question's key in the later version, or in the earlier one if gone.")
    row_id: str | None = rules.field(description="The row, in groups.")
    title: str = rules.field(description="The question as it was asked later, or earlier where it is gone.")
    origins: list[TextOrigin] = rules.field(description="Whose words its title is in.", list_size=1)
    earlier: AnswerContent | None = rules.field(description="What was said earlier; null for nothing.")
    later: AnswerContent | None = rules.field(description="What was said later; null for nothing.")
    comparability: Comparability = rules.field(description="Whether the two can be set side by side.")


@rules.type(rules.AS_PARENT, description="One year of a comparison.")
class ComparedYear:
    submission_id: strawberry.ID = rules.field(description="The submission.")
    version: str = rules.field(description="The version that was answered.")
    tier: QuestionnaireTier = rules.field(description="The tier that was answered.")
    total: Decimal | None = rules.field(description="The total at the tier compared at, 0 to 100.")


@rules.type(access.SUPPLIER, description="Two submissions of one questionnaire about one subject, side by side.")
class YearComparison:
    earlier: ComparedYear = rules.field(description="The earlier one.")
    later: ComparedYear = rules.field(description="The later one.")
    tier: QuestionnaireTier = rules.field(description="The highest tier that both were scored at.")
    totals: Comparability = rules.field(description="Whether the two totals stand on the same footing.")
    language: SpokenLanguage = rules.field(
        description="The language of the titles; what says whether two can be compared tells its own."
    )
    answers: list[ComparedAnswer] = rules.field(
        description="Every place with an answer in either year, in order; then what is gone.", list_size=160
    )


async def tell_comparison(
    info: Info, session: Session, actor: access.Actor, found: Comparison, locale: str | None
) -> YearComparison:
    """A comparison in the caller's language."""
    versions = [Version(one.submission.content_hash, one.definition) for one in (found.earlier, found.later)]
    telling = await language.tell_versions(info, session, actor, versions, locale)
    return make_comparison(found, telling, actor.organization)


def make_comparison(found: Comparison, telling: Telling, owner: UUID) -> YearComparison:
    return YearComparison(
        earlier=_make_year(found.earlier, owner),
        later=_make_year(found.later, owner),
        tier=QuestionnaireTier(found.tier),
        totals=_make_comparability(found.totals, telling.locale),
        language=telling.find_language(found.later.submission.content_hash),
        answers=[_make_compared(found, telling, one) for one in found.rows],
    )


def _make_year(side: Side, owner: UUID) -> ComparedYear:
    hundredths = None if side.result is None else side.result.total
    return ComparedYear(
        submission_id=nodes.encode_id(SUBMISSION, side.submission.id, owner),
        version=side.submission.version,
        tier=QuestionnaireTier(side.submission.tier),
        total=None if hundredths is None else result.show_figure(Fraction(hundredths, 100)),
    )


def _make_compared(found: Comparison, telling: Telling, one: Compared) -> ComparedAnswer:
    key = one.question.key
    side = found.earlier if one.reason == REMOVED else found.later
    told = telling.find_told(side.submission.content_hash)
    return ComparedAnswer(
        question=key,
        row_id=one.row_id,
        title=told.definition.questions[key].title,
        origins=name_origins(told, f"questions.{key}", "title"),
        earlier=_make_content(found.earlier.definition, one.earlier),
        later=_make_content(found.later.definition, one.later),
        comparability=_make_comparability(one.reason, telling.locale),
    )


def _make_content(definition: Definition, said: Answer | None) -> AnswerContent | None:
    return None if said is None else carried_answer.make_earlier(definition, said)


def _make_comparability(code: str, locale: str) -> Comparability:
    told = tell_change(code, locale)
    return Comparability(
        is_comparable=code == "same", code=code.upper(), sentence=told.text, locale=told.locale, source=told.source
    )


@strawberry.type
class YearComparisonQuery:
    @rules.query(
        access.SUPPLIER,
        description="Two of the organization's submissions of one questionnaire about the same subject, side by side.",
    )
    async def compare_submissions(
        self,
        info: Info,
        earlier: Annotated[strawberry.ID, strawberry.argument(description="The submission of the earlier period.")],
        later: Annotated[strawberry.ID, strawberry.argument(description="The submission of the later period.")],
        locale: Wanted = None,
    ) -> YearComparison:
        wanted = [
            nodes.decode_id(value, SUBMISSION, path=(name,)).id
            for name, value in (("earlier", earlier), ("later", later))
        ]
        async with info.context.transaction() as (session, actor):
            found = await comparing.compare_submissions(session, actor, earlier_id=wanted[0], later_id=wanted[1])
            return await tell_comparison(info, session, actor, found, locale)
