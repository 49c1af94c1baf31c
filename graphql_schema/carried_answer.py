"""What becomes of each answer in another version or another year, told before anything is done."""

import enum
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import answer, language, nodes, rules
from graphql_schema.answer import ASSESSMENT, AnswerContent
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EVIDENCE
from graphql_schema.language import SpokenLanguage, Telling, TextOrigin, TextSource, name_origins
from graphql_schema.questionnaire_difference import VersionStep
from graphql_schema.scalars import Locale
from graphql_schema.sentence import LOCALE, SOURCE, tell_change, tell_problem
from portal import access
from portal.assessments.carried_documents import CarriedDocument
from portal.assessments.carrying import Carrying
from portal.assessments.drafts import Draft
from portal.assessments.figures import Figure
from portal.assessments.reusing import Reusable
from portal.assessments.writes import Content
from questionnaires import answers as given
from questionnaires import carryover, reasons
from questionnaires.answers import Problem
from questionnaires.carryover import Carried
from questionnaires.definition import Definition

LEFT_DOCUMENTS = 10


@strawberry.enum(description="What becomes of an answer.")
class AnswerFate(enum.Enum):
    CARRIED = strawberry.enum_value("carried", description="It stands as it is.")
    CONFIRM = strawberry.enum_value(
        "confirm", description="It is taken over, and stands once somebody has looked at it."
    )
    BLANK = strawberry.enum_value(
        "blank",
        description="The question is asked anew; the old answer is shown beside it. For another period that is so with"
        " every figure (FIGURE_OF_PERIOD).",
    )
    DROPPED = strawberry.enum_value("dropped", description="It stays in the old response only.")
    NEW = strawberry.enum_value(
        "new",
        description="There is no earlier answer: the question was not asked before (QUESTION_ADDED or TYPE_CHANGED "
        "says so), or it was not answered (no reason).",
    )


@rules.type(rules.AS_PARENT, description="Why an answer has its fate.")
class CarryReason:
    code: str = rules.field(description="A stable code, like OPTION_ADDED.")
    sentence: str = rules.field(description="What it means, in plain words.")
    locale: Locale = rules.field(description=LOCALE)
    source: TextSource = rules.field(description=SOURCE)


@rules.type(rules.AS_PARENT, description="One place with its earlier answer and what becomes of it.")
class CarriedAnswer:
    fate: AnswerFate = rules.field(description="What becomes of it.")
    question: str | None = rules.field(
        description="The question's key in the version it goes to; null where it is gone."
    )
    row_id: str | None = rules.field(description="The row, in groups.")
    old_question: str | None = rules.field(description="Its key in the version it comes from; null where it is new.")
    title: str = rules.field(description="The question as it is asked now, or was asked where it is gone.")
    origins: list[TextOrigin] = rules.field(description="Whose words its title is in.", list_size=1)
    reasons: list[CarryReason] = rules.field(description="Why; empty where nothing changed.", list_size=2)
    earlier: AnswerContent | None = rules.field(description="The earlier answer; null where it is new.")


@rules.type(rules.AS_PARENT, description="A document of an earlier answer that does not come along with it.")
class LeftDocument:
    evidence_id: strawberry.ID = rules.field(description="The document, which stays where it is.")
    name: str = rules.field(description="Its title, or the name of its file.")
    question: str = rules.field(description="The key of the question that it is attached to there.")
    row_id: str | None = rules.field(description="The row, in groups.")
    valid_until: date | None = rules.field(description="Until when it was, or is, valid.")
    reason: CarryReason = rules.field(
        description="Why: EXPIRED, REJECTED, ANSWER_LEFT (its answer does not come along), or NOT_REUSED (from another"
        " questionnaire answers come alone)."
    )


@rules.type(rules.AS_PARENT, description="What taking over would make of the answers; nothing of it is done yet.")
class CarryPreview:
    from_id: strawberry.ID = rules.field(description="The assessment that the answers come from.")
    from_version: str = rules.field(description="The version that it is on.")
    from_period_start: date = rules.field(description="The first day of the period that they were given for.")
    from_period_end: date = rules.field(description="Its last day.")
    to_version: str = rules.field(description="The version that they go to.")
    step: VersionStep = rules.field(description="How much changed between the two.")
    carried_count: int = rules.field(description="Answers that stand as they are.")
    confirm_count: int = rules.field(description="Answers that somebody has to look at.")
    blank_count: int = rules.field(description="Questions that are asked anew.")
    dropped_count: int = rules.field(description="Answers that stay in the old response only.")
    new_count: int = rules.field(description="Questions without an earlier answer.")
    language: SpokenLanguage = rules.field(
        description="The language of the titles; each reason tells that of its sentence."
    )
    answers: list[CarriedAnswer] = rules.field(
        description="Each place: in the order of the questions, then what is gone.", list_size=160
    )
    documents_left: list[LeftDocument] = rules.field(
        description="The documents that would not come along: where one is needed, a new one is to be attached.",
        list_size=LEFT_DOCUMENTS,
    )


@rules.type(rules.AS_PARENT, description="An answer to another questionnaire that fits an open question.")
class ReusableAnswer:
    question: str = rules.field(description="The open question's key.")
    from_id: strawberry.ID = rules.field(description="The assessment that has the answer.")
    from_questionnaire: str = rules.field(description="Its questionnaire's key.")
    from_question: str = rules.field(description="The question's key there.")
    from_title: str = rules.field(description="The question as it was asked there.")
    origins: list[TextOrigin] = rules.field(description="Whose words its `fromTitle` is in.", list_size=1)
    language: SpokenLanguage = rules.field(description="The language of its `fromTitle`.")
    from_period_start: date = rules.field(description="The first day of the period that it was given for.")
    from_period_end: date = rules.field(description="Its last day.")
    content: AnswerContent = rules.field(description="What was said.")
    documents_left: list[LeftDocument] = rules.field(
        description="Its documents, which do not come along; attach here what belongs here too.", list_size=2
    )


@rules.type(
    rules.AS_PARENT, description="A figure that was given for another period: true of that one alone, shown as a hint."
)
class FigureOfOtherPeriod:
    question: str = rules.field(description="The open question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    from_id: strawberry.ID = rules.field(description="The assessment that has the figure.")
    from_questionnaire: str = rules.field(description="Its questionnaire's key.")
    from_question: str = rules.field(description="The question's key there.")
    from_title: str = rules.field(description="The question as it was asked there.")
    origins: list[TextOrigin] = rules.field(description="Whose words its `fromTitle` is in.", list_size=1)
    language: SpokenLanguage = rules.field(description="The language of its `fromTitle`.")
    from_period_start: date = rules.field(description="The first day of the period that it was given for.")
    from_period_end: date = rules.field(description="Its last day.")
    content: AnswerContent = rules.field(description="What was said.")


async def tell_preview(
    info: Info, session: Session, actor: access.Actor, found: Carrying, locale: str | None
) -> CarryPreview:
    """A preview in the caller's language."""
    telling = await language.tell_versions(info, session, actor, [found.source.version, found.version], locale)
    return make_preview(found, telling, actor.organization)


def make_preview(found: Carrying, telling: Telling, owner: UUID) -> CarryPreview:
    fates = [one.fate for one in found.items]
    return CarryPreview(
        from_id=nodes.encode_id(ASSESSMENT, found.source.row.id, owner),
        from_version=found.source.definition.version,
        from_period_start=found.source.row.period_start,
        from_period_end=found.source.row.period_end,
        to_version=found.target.version,
        step=VersionStep(found.changed.least_step),
        carried_count=fates.count("carried"),
        confirm_count=fates.count("confirm"),
        blank_count=fates.count("blank"),
        dropped_count=fates.count("dropped"),
        new_count=fates.count("new"),
        language=telling.find_language(found.version.content_hash),
        answers=[make_carried(found, telling, one) for one in found.items],
        documents_left=[make_left(one, telling.locale, owner) for one in found.left],
    )


def make_left(one: CarriedDocument, locale: str, owner: UUID) -> LeftDocument:
    told = tell_change(f"document_{one.reason}", locale)
    return LeftDocument(
        evidence_id=nodes.encode_id(EVIDENCE, one.evidence_id, owner),
        name=one.name,
        question=one.old_question,
        row_id=one.row_id,
        valid_until=one.valid_until,
        reason=CarryReason(code=str(one.reason).upper(), sentence=told.text, locale=told.locale, source=told.source),
    )


async def tell_left(
    info: Info, session: Session, actor: access.Actor, left: Sequence[CarriedDocument]
) -> list[LeftDocument]:
    """Documents that did not come along, in the caller's language, which is looked up only where there are some."""
    if not left:
        return []
    locale = await language.choose_for_problems(info, session, actor)
    return [make_left(one, locale, actor.organization) for one in left]


def make_carried(found: Carrying, telling: Telling, one: Carried) -> CarriedAnswer:
    is_asked = one.question in found.target.questions
    key = (one.question if is_asked else one.old_question) or ""
    told = telling.find_told(found.version.content_hash if is_asked else found.source.subject.content_hash)
    return CarriedAnswer(
        fate=AnswerFate(one.fate),
        question=one.question,
        row_id=one.row_id,
        old_question=one.old_question,
        title=told.definition.questions[key].title,
        origins=name_origins(told, f"questions.{key}", "title"),
        reasons=[explain(found, one, code, telling.locale) for code in one.reasons],
        earlier=None if one.old is None else make_earlier(found.source.definition, one.old),
    )


def make_earlier(definition: Definition, old: given.Answer) -> AnswerContent | None:
    content = Content(state=old.state, value=old.value, reason=old.reason or None)
    return answer.make_content(definition, old.question, content)


def explain(found: Carrying, one: Carried, code: str, locale: str) -> CarryReason:
    """A code of a change, of taking over, or of what the answer breaks in the version it goes to."""
    if reasons.has_sentence(code):
        told = tell_change(code, locale)
    else:
        told = tell_problem(_find_problem(found, one, code), locale)
    return CarryReason(code=code.upper(), sentence=told.text, locale=told.locale, source=told.source)


def _find_problem(found: Carrying, one: Carried, code: str) -> Problem:
    """The problem again, with the parameters of its sentence."""
    question = found.target.questions.get(one.question or "")
    problem = None
    if question is not None and one.old is not None:
        moved = given.Answer(
            question=question.key, row_id=one.row_id, state=one.old.state, value=one.old.value, reason=one.old.reason
        )
        problem = carryover.check_answer(found.target, question, moved)
    return problem or Problem(code=code, question=one.question or "")


async def tell_reusable(
    info: Info, session: Session, actor: access.Actor, found: Sequence[Reusable], locale: str | None
) -> list[ReusableAnswer]:
    """What can be reused, in the caller's language."""
    versions = [one.source.version for one in found]
    telling = await language.tell_versions(info, session, actor, versions, locale)
    return [make_reusable(one, telling, actor.organization) for one in found]


def make_reusable(one: Reusable, telling: Telling, owner: UUID) -> ReusableAnswer:
    return ReusableAnswer(
        question=one.question,
        documents_left=[make_left(left, telling.locale, owner) for left in one.left],
        **tell_source(one.source, one.old, telling, owner),
    )


def tell_source(source: Draft, old: given.Answer, telling: Telling, owner: UUID) -> dict[str, Any]:
    """What was said elsewhere, and where: the fields that are shared by all that tells of it."""
    content = make_earlier(source.definition, old)
    assert content is not None
    told = telling.find_told(source.subject.content_hash)
    return {
        "from_id": nodes.encode_id(ASSESSMENT, source.row.id, owner),
        "from_questionnaire": source.definition.key,
        "from_question": old.question,
        "from_title": told.definition.questions[old.question].title,
        "origins": name_origins(told, f"questions.{old.question}", fromTitle="title"),
        "language": telling.find_language(source.subject.content_hash),
        "from_period_start": source.row.period_start,
        "from_period_end": source.row.period_end,
        "content": content,
    }


async def tell_figures(
    info: Info, session: Session, actor: access.Actor, found: Sequence[Figure], locale: str | None
) -> list[FigureOfOtherPeriod]:
    """Figures of other periods, in the caller's language."""
    telling = await language.tell_versions(info, session, actor, [one.source.version for one in found], locale)
    return [
        FigureOfOtherPeriod(
            question=one.question,
            row_id=one.row_id,
            **tell_source(one.source, one.old, telling, actor.organization),
        )
        for one in found
    ]
