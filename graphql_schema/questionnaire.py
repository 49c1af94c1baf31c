"""Published questionnaires: versions by content hash, sections and questions with their passports."""

import enum
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, cast

import orjson
import strawberry

from graphql_schema import projection, rules
from graphql_schema.context import Info
from graphql_schema.scalars import JSON, Locale
from portal import access, errors
from portal.assessments import definitions
from questionnaires.definition import Condition, Definition, Tier, contains
from questionnaires.definition import Question as Asked
from questionnaires.definition import Section as Part


@strawberry.enum(description="How deep a questionnaire is answered; each tier contains the ones before it.")
class QuestionnaireTier(enum.Enum):
    MICRO = strawberry.enum_value("micro", description="The few questions that matter most.")
    BASIC = strawberry.enum_value("basic", description="What most buyers ask.")
    STANDARD = strawberry.enum_value("standard", description="What an audit looks at.")
    ADVANCED = strawberry.enum_value("advanced", description="What leaders do.")


@strawberry.enum(description="What a questionnaire is for.")
class QuestionnairePurpose(enum.Enum):
    SELF_ASSESSMENT = strawberry.enum_value("self_assessment", description="A supplier about itself.")
    SPOT_CHECK = strawberry.enum_value("spot_check", description="A buyer on a visit.")
    PULSE = strawberry.enum_value("pulse", description="A short survey on working together.")


@strawberry.enum(description="What a question takes as an answer.")
class QuestionType(enum.Enum):
    BOOLEAN = strawberry.enum_value("boolean", description="Yes or no.")
    CHOICE = strawberry.enum_value("choice", description="One option.")
    MULTI_CHOICE = strawberry.enum_value("multi_choice", description="One or more options.")
    INTEGER = strawberry.enum_value("integer", description="A whole number in the question's unit.")
    DECIMAL = strawberry.enum_value("decimal", description="A number in the question's unit.")
    PERCENT = strawberry.enum_value("percent", description="A number of percent.")
    DATE = strawberry.enum_value("date", description="A day.")
    TEXT = strawberry.enum_value("text", description="Free text.")
    GROUP = strawberry.enum_value("group", description="Rows, each with answers to the questions inside.")


@strawberry.enum(description="Whether a question counts.")
class QuestionKind(enum.Enum):
    MEASURE = strawberry.enum_value("measure", description="It is scored, and can be improved.")
    FACT = strawberry.enum_value("fact", description="It describes, and is never scored.")


@strawberry.enum(description="How the clauses of a condition go together.")
class ConditionMatch(enum.Enum):
    ALL = strawberry.enum_value("all", description="Every clause must hold.")
    ANY = strawberry.enum_value("any", description="One clause is enough.")


@strawberry.enum(description="How a mapped clause of a standard relates to a question.")
class ReferenceRelation(enum.Enum):
    EQUAL = strawberry.enum_value("equal", description="Both ask the same.")
    SUBSET = strawberry.enum_value("subset", description="The question asks a part of the clause.")
    SUPERSET = strawberry.enum_value("superset", description="The question asks more than the clause.")
    INTERSECTS = strawberry.enum_value("intersects", description="They overlap.")


@strawberry.enum(description="Whether a firm of some size must be able to decline a question.")
class RequestLimit(enum.Enum):
    NECESSARY = strawberry.enum_value("necessary", description="It may be asked for.")
    VOLUNTARY = strawberry.enum_value(
        "voluntary",
        description="The firm may decline: no effect on its points, but it counts as not known in coverage.",
    )
    UNKNOWN = strawberry.enum_value("unknown", description="The rules do not say.")


@rules.type(access.PUBLIC, description="One option of a choice.")
class QuestionOption:
    key: str = rules.field(description="What an answer names.")
    title: str = rules.field(description="What a person reads.")
    help: str = rules.field(description="A word of explanation; may be empty.")
    exclusive: bool = rules.field(description="Whether it cannot be combined with others.")


@rules.type(access.PUBLIC, description="One comparison with the answer of an earlier question.")
class ConditionClause:
    question: str = rules.field(description="The earlier question's key.")
    op: str = rules.field(description="eq, in, gt, gte, lt, lte, answered, includes_any or includes_all.")
    values: list[str] = rules.field(description="What it is compared with, as text; true and false for booleans.")


@rules.type(access.PUBLIC, description="When a question is asked, or evidence is demanded: flat, without nesting.")
class QuestionCondition:
    match: ConditionMatch = rules.field(description="How the clauses go together.")
    clauses: list[ConditionClause] = rules.field(description="The comparisons.", list_size=4)


@rules.type(access.PUBLIC, description="What may be attached to an answer, and when it must be.")
class EvidenceRule:
    accept: list[str] = rules.field(description="Kinds of documents, like certificate or record.")
    required_from: QuestionnaireTier | None = rules.field(description="The tier from which it is demanded, if any.")
    required_when: QuestionCondition | None = rules.field(description="Which answers demand it; null: every value.")
    max_age_days: int | None = rules.field(
        description="Days since its issue after which it no longer counts, unless it says until when it is valid."
    )
    hint: str = rules.field(description="What serves well; may be empty.")


@rules.type(access.PUBLIC, description="A clause of a standard or law that a question maps to.")
class StandardReference:
    standard: str = rules.field(description="The standard's key.")
    ref: str = rules.field(description="The clause's number.")
    relation: ReferenceRelation = rules.field(description="How the two relate.")


@rules.type(access.PUBLIC, description="The series of figures that a question feeds.")
class ImpactIndicator:
    name: str = rules.field(description="What is measured.")
    unit: str = rules.field(description="In which unit.")
    direction: str = rules.field(description="up, down or neutral: where better lies.")


@rules.type(access.PUBLIC, description="How a visitor can see for himself.")
class QuestionProbe:
    ask: str = rules.field(description="What to ask.")
    look: str = rules.field(description="What to look for.")


@rules.type(
    access.PUBLIC, description="A question with its passport: why it is asked, what it maps to, who may decline."
)
class Question:
    key: str = rules.field(description="Its key, the same across versions.")
    type: QuestionType = rules.field(description="What it takes.")
    tier: QuestionnaireTier = rules.field(description="The lowest tier that asks it.")
    kind: QuestionKind = rules.field(description="Whether it counts.")
    title: str = rules.field(description="The question.")
    help: str = rules.field(description="Plain words on how to answer; may be empty.")
    why: str = rules.field(description="Why it is asked.")
    action: str = rules.field(description="What to do to improve; empty for facts.")
    required: bool = rules.field(description="Whether submission needs an answer where it is asked.")
    meaning: int = rules.field(description="Raised when the same key is asked so that the answer may change.")
    concept: str | None = rules.field(description="The fact it asks for, shared across questionnaires.")
    unit: str | None = rules.field(description="The unit of numbers.")
    min: Decimal | None = rules.field(description="The least number that is possible.")
    max: Decimal | None = rules.field(description="The largest number that is possible.")
    decimals: int | None = rules.field(description="The most digits behind the point.")
    max_length: int | None = rules.field(description="The most characters of a text.")
    options: list[QuestionOption] = rules.field(description="The options of a choice.", list_size=8)
    allows_not_applicable: bool = rules.field(description="Whether it may not apply; a reason is needed then.")
    not_applicable_help: str | None = rules.field(description="When it does not apply.")
    enable_when: QuestionCondition | None = rules.field(description="When it is asked; null: always.")
    evidence: EvidenceRule | None = rules.field(description="What may or must be attached.")
    maps_to: list[StandardReference] = rules.field(description="Clauses of standards and laws.", list_size=5)
    limit_up_to_10: RequestLimit | None = rules.field(description="Of firms with at most 10 people.")
    limit_up_to_1000: RequestLimit | None = rules.field(description="Of firms with 11 to 1,000 people.")
    benchmark: bool = rules.field(description="Whether its answers may enter benchmarks.")
    indicator: ImpactIndicator | None = rules.field(description="The series it feeds.")
    probe: QuestionProbe | None = rules.field(description="How a visitor sees for himself.")
    minutes: Decimal = rules.field(description="Minutes that one answer takes.")
    min_rows: int | None = rules.field(description="The least rows of a group.")
    max_rows: int | None = rules.field(description="The most rows of a group.")
    questions: list["Question"] = rules.field(description="The questions of each row of a group.", list_size=2)


@rules.type(access.PUBLIC, description="A section of a questionnaire, in the order it is asked.")
class QuestionnaireSection:
    key: str = rules.field(description="Its key.")
    title: str = rules.field(description="Its title.")
    intro: str = rules.field(description="Plain words ahead of it; may be empty.")
    pillar: str | None = rules.field(description="The pillar it counts for; null for facts.")
    questions: list[Question] = rules.field(description="Its questions, in order.", list_size=10)


@rules.type(access.PUBLIC, description="A tier of a version.")
class TierOutline:
    key: QuestionnaireTier = rules.field(description="Which tier.")
    title: str = rules.field(description="Its title.")
    description: str = rules.field(description="Who it is for; may be empty.")
    question_count: int = rules.field(description="How many questions it has, groups and conditional ones included.")
    minutes: Decimal = rules.field(description="Minutes to answer all of them once.")


@rules.type(access.PUBLIC, description="A pillar of a version.")
class PillarOutline:
    key: str = rules.field(description="Its key.")
    title: str = rules.field(description="Its title.")
    description: str = rules.field(description="What it covers; may be empty.")


@rules.type(access.PUBLIC, description="A published version: immutable, known by the hash of its content.")
class QuestionnaireVersion:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="MAJOR.MINOR.PATCH.")
    content_hash: str = rules.field(description="SHA-256 of the canonical document, in hexadecimal.")
    locale: Locale = rules.field(description="The language it was written in.")
    published_at: datetime = rules.field(description="When it was published.")
    is_current: bool = rules.field(description="Whether new assessments start on it.")

    @rules.method(access.PUBLIC, description="Its title.")
    async def title(self, info: Info) -> str:
        return (await read_definition(info, self.content_hash)).questionnaire.title

    @rules.method(access.PUBLIC, description="What it is about.")
    async def description(self, info: Info) -> str:
        return (await read_definition(info, self.content_hash)).questionnaire.description

    @rules.method(access.PUBLIC, description="What it is for.")
    async def purpose(self, info: Info) -> QuestionnairePurpose:
        return QuestionnairePurpose((await read_definition(info, self.content_hash)).questionnaire.purpose)

    @rules.method(access.PUBLIC, description="Its tiers, the smallest first.", list_size=4)
    async def tiers(self, info: Info) -> list[TierOutline]:
        return list_tiers(await read_definition(info, self.content_hash))

    @rules.method(access.PUBLIC, description="Its pillars, in order.", list_size=8)
    async def pillars(self, info: Info) -> list[PillarOutline]:
        definition = await read_definition(info, self.content_hash)
        return [PillarOutline(key=one.key, title=one.title, description=one.description) for one in definition.pillars]

    @rules.method(access.PUBLIC, description="Its sections with their questions, in order.", list_size=12)
    async def sections(
        self,
        info: Info,
        tier: Annotated[QuestionnaireTier | None, strawberry.argument(description="Only what this tier asks.")] = None,
    ) -> list[QuestionnaireSection]:
        definition = await read_definition(info, self.content_hash)
        return projection.finish_once(  # type: ignore[no-any-return]
            info,
            (self.content_hash, tier),
            lambda: [make_section(definition, one, tier) for one in definition.sections],
        )

    @rules.method(access.PUBLIC, description="Where the document can be fetched and cached for ever.")
    def document_path(self) -> str:
        return f"/questionnaires/{self.content_hash}.json"

    @rules.method(access.PUBLIC, description="The canonical document as a whole.")
    async def document(self, info: Info) -> JSON:
        async with info.context.reading() as (session, _):
            return JSON(orjson.loads(await definitions.load_document(session, self.content_hash)))


@rules.type(access.PUBLIC, description="A questionnaire: a key for ever, and its published versions.")
class Questionnaire:
    key: str = rules.field(description="Its key, for ever the same.")
    current: QuestionnaireVersion | None = rules.field(description="The version that new assessments start on.")
    versions: list[QuestionnaireVersion] = rules.field(description="All versions, the newest first.", list_size=5)


async def read_definition(info: Info, content_hash: str) -> Definition:
    """The definition behind a version that the caller has been given."""
    kept = definitions.find_kept(content_hash)
    if kept is not None:
        return kept
    async with info.context.reading() as (session, _):
        return await definitions.load_definition(session, content_hash)


def list_tiers(definition: Definition) -> list[TierOutline]:
    asked = list(definition.questions.values())
    outlines = []
    for tier in definition.tiers:
        own = [question for question in asked if contains(tier.key, question.tier)]
        outlines.append(
            TierOutline(
                key=QuestionnaireTier(tier.key),
                title=tier.title,
                description=tier.description,
                question_count=len(own),
                minutes=sum((question.minutes for question in own), Decimal(0)),
            )
        )
    return outlines


def make_section(definition: Definition, section: Part, tier: QuestionnaireTier | None) -> QuestionnaireSection:
    return QuestionnaireSection(
        key=section.key,
        title=section.title,
        intro=section.intro,
        pillar=section.pillar,
        questions=make_questions(definition, section.questions, tier),
    )


def make_questions(definition: Definition, asked: Iterable[Asked], tier: QuestionnaireTier | None) -> list[Question]:
    return [
        make_question(definition, one, tier)
        for one in asked
        if tier is None or contains(cast(Tier, tier.value), one.tier)
    ]


def make_question(definition: Definition, asked: Asked, tier: QuestionnaireTier | None) -> Question:
    rule, limit, repeat = asked.evidence, asked.request_limit, asked.repeat
    return Question(
        key=asked.key,
        type=QuestionType(asked.type),
        tier=QuestionnaireTier(asked.tier),
        kind=QuestionKind(asked.kind),
        title=asked.title,
        help=asked.help,
        why=asked.why,
        action=asked.action,
        required=asked.required,
        meaning=asked.meaning,
        concept=asked.concept,
        unit=asked.unit,
        min=asked.min,
        max=asked.max,
        decimals=asked.decimals,
        max_length=asked.max_length,
        options=[QuestionOption(**asdict(one)) for one in definition.options(asked)],
        allows_not_applicable=asked.allows_not_applicable,
        not_applicable_help=asked.not_applicable.help if asked.not_applicable else None,
        enable_when=make_condition(asked.enable_when),
        evidence=None
        if rule is None
        else EvidenceRule(
            accept=list(rule.accept),
            required_from=None if rule.required_from is None else QuestionnaireTier(rule.required_from),
            required_when=make_condition(rule.required_when),
            max_age_days=rule.max_age_days,
            hint=rule.hint,
        ),
        maps_to=[
            StandardReference(standard=one.standard, ref=one.ref, relation=ReferenceRelation(one.relation))
            for one in asked.maps_to
        ],
        limit_up_to_10=None if limit is None else RequestLimit(limit.up_to_10),
        limit_up_to_1000=None if limit is None else RequestLimit(limit.up_to_1000),
        benchmark=asked.benchmark,
        indicator=None if asked.indicator is None else ImpactIndicator(**asdict(asked.indicator)),
        probe=None if asked.probe is None else QuestionProbe(**asdict(asked.probe)),
        minutes=asked.minutes,
        min_rows=None if repeat is None else repeat.min,
        max_rows=None if repeat is None else repeat.max,
        questions=make_questions(definition, asked.questions, tier),
    )


def make_condition(condition: Condition | None) -> QuestionCondition | None:
    if condition is None:
        return None
    return QuestionCondition(
        match=ConditionMatch.ALL if condition.all else ConditionMatch.ANY,
        clauses=[
            ConditionClause(question=clause.q, op=clause.op, values=spell_values(clause.value))
            for clause in condition.clauses
        ],
    )


def spell_values(value: Any) -> list[str]:
    values = value if isinstance(value, tuple) else (value,)
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def make_version(found: definitions.Listed) -> QuestionnaireVersion:
    return QuestionnaireVersion(**{**vars(found), "locale": Locale(found.locale)})


@strawberry.type
class QuestionnaireQuery:
    @rules.query(access.PUBLIC, description="The published questionnaires, by key.")
    async def questionnaires(self, info: Info) -> list[Questionnaire]:
        async with info.context.reading() as (session, _):
            found = await definitions.list_versions(session)
        versions = [make_version(one) for one in found]
        return [
            Questionnaire(
                key=key,
                current=next((one for one in versions if one.questionnaire == key and one.is_current), None),
                versions=[one for one in versions if one.questionnaire == key],
            )
            for key in dict.fromkeys(one.questionnaire for one in found)
        ]

    @rules.query(
        access.PUBLIC, description="One published version: by its content hash, or the current one of a questionnaire."
    )
    async def questionnaire_version(
        self,
        info: Info,
        content_hash: Annotated[str | None, strawberry.argument(description="The hash of a version.")] = None,
        questionnaire: Annotated[str | None, strawberry.argument(description="A questionnaire's key.")] = None,
    ) -> QuestionnaireVersion | None:
        if (content_hash is None) == (questionnaire is None) or "\x00" in f"{content_hash}{questionnaire}":
            raise errors.InvalidInput(
                "Give either contentHash or questionnaire.", code="ONE_OF", path=("content_hash",)
            )
        async with info.context.reading() as (session, _):
            found = await definitions.list_versions(session, questionnaire=questionnaire, content_hash=content_hash)
        return next((make_version(one) for one in found if content_hash is not None or one.is_current), None)
