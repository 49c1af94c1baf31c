"""Sections and questions of a published version, with their passports."""

import enum
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any, cast

import strawberry

from graphql_schema import rules
from graphql_schema.language import TextOrigin, TextSource, name_origins
from graphql_schema.scalars import Locale
from graphql_schema.sentence import LOCALE, SOURCE, tell_change
from graphql_schema.tier import QuestionnaireTier
from portal import access
from questionnaires.answers import may_decline
from questionnaires.definition import Condition, Tier, contains
from questionnaires.definition import Question as Asked
from questionnaires.definition import Section as Part
from questionnaires.translation import Translation

# The fields of a question that hold texts, and the steps of their paths below it.
QUESTION_TEXTS = {
    "title": "title",
    "help": "help",
    "why": "why",
    "action": "action",
    "unitLabel": "unit",
    "notApplicableHelp": "not_applicable.help",
    "evidence.hint": "evidence.hint",
    "indicator.name": "indicator.name",
    "probe.ask": "probe.ask",
    "probe.look": "probe.look",
}


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


@rules.type(access.PUBLIC, description="What a firm that may decline a question is shown before it does.")
class DeclineNotice:
    up_to: int = rules.field(
        description="The most people of a firm that it is for: 10, or 1,000 for those with 11 or more. The size is what"
        " the supplier declares: its answer on how many people it has, else its size band."
    )
    text: str = rules.field(description="Who may decline, and what that does to points, coverage and band.")
    law: str | None = rules.field(
        description="The law that it rests on; null in pulse surveys, where opinions are given freely."
    )
    locale: Locale = rules.field(description=LOCALE)
    source: TextSource = rules.field(description=SOURCE)


@rules.type(access.PUBLIC, description="One option of a choice.")
class QuestionOption:
    key: str = rules.field(description="What an answer names.")
    title: str = rules.field(description="What a person reads.")
    help: str = rules.field(description="A word of explanation; may be empty.")
    exclusive: bool = rules.field(description="Whether it cannot be combined with others.")
    origins: list[TextOrigin] = rules.field(description="Whose words each of its own texts is in.", list_size=2)


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
    unit: str | None = rules.field(description="The unit of numbers, as answers name it: the same in every language.")
    unit_label: str | None = rules.field(description="The unit as a person reads it.")
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
    decline_notices: list[DeclineNotice] = rules.field(
        description="For each size of firm that may decline it, the notice to show; empty where nobody may.",
        list_size=2,
    )
    benchmark: bool = rules.field(
        description="Whether its points may enter benchmarks, and the answers of an indicator that is a rate."
    )
    indicator: ImpactIndicator | None = rules.field(description="The series it feeds.")
    probe: QuestionProbe | None = rules.field(description="How a visitor sees for himself.")
    minutes: Decimal = rules.field(description="Minutes that one answer takes.")
    min_rows: int | None = rules.field(description="The least rows of a group.")
    max_rows: int | None = rules.field(description="The most rows of a group.")
    questions: list["Question"] = rules.field(description="The questions of each row of a group.", list_size=2)
    origins: list[TextOrigin] = rules.field(
        description="Whose words each of its own texts is in: title, help, why, action, unitLabel, notApplicableHelp,"
        " evidence.hint, indicator.name, probe.ask and probe.look, where it has them.",
        list_size=6,
    )


@rules.type(access.PUBLIC, description="A section of a questionnaire, in the order it is asked.")
class QuestionnaireSection:
    key: str = rules.field(description="Its key.")
    title: str = rules.field(description="Its title.")
    intro: str = rules.field(description="Plain words ahead of it; may be empty.")
    pillar: str | None = rules.field(description="The pillar it counts for; null for facts.")
    questions: list[Question] = rules.field(description="Its questions, in order.", list_size=10)
    origins: list[TextOrigin] = rules.field(description="Whose words each of its own texts is in.", list_size=2)


def make_section(told: Translation, section: Part, tier: QuestionnaireTier | None) -> QuestionnaireSection:
    return QuestionnaireSection(
        key=section.key,
        title=section.title,
        intro=section.intro,
        pillar=section.pillar,
        questions=make_questions(told, section.questions, tier),
        origins=name_origins(told, f"sections.{section.key}", "title", "intro"),
    )


def make_questions(told: Translation, asked: Iterable[Asked], tier: QuestionnaireTier | None) -> list[Question]:
    return [
        make_question(told, one, tier) for one in asked if tier is None or contains(cast(Tier, tier.value), one.tier)
    ]


def make_question(told: Translation, asked: Asked, tier: QuestionnaireTier | None) -> Question:
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
        unit_label=asked.unit and told.say(f"questions.{asked.key}.unit", asked.unit),
        min=asked.min,
        max=asked.max,
        decimals=asked.decimals,
        max_length=asked.max_length,
        options=make_options(told, asked),
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
        decline_notices=make_notices(told, asked),
        benchmark=asked.benchmark,
        indicator=None if asked.indicator is None else ImpactIndicator(**asdict(asked.indicator)),
        probe=None if asked.probe is None else QuestionProbe(**asdict(asked.probe)),
        minutes=asked.minutes,
        min_rows=None if repeat is None else repeat.min,
        max_rows=None if repeat is None else repeat.max,
        questions=make_questions(told, asked.questions, tier),
        origins=name_origins(told, f"questions.{asked.key}", **QUESTION_TEXTS),
    )


def make_notices(told: Translation, asked: Asked) -> list[DeclineNotice]:
    """The notices in the language of the question."""
    law = None if told.definition.questionnaire.purpose == "pulse" else tell_change("decline_law", told.locale).text
    notices = []
    for up_to in (10, 1_000):
        if may_decline(asked, up_to):
            words = tell_change(f"decline_up_to_{up_to}", told.locale)
            notice = DeclineNotice(up_to=up_to, text=words.text, law=law, locale=words.locale, source=words.source)
            notices.append(notice)
    return notices


def make_options(told: Translation, asked: Asked) -> list[QuestionOption]:
    path = f"questions.{asked.key}.options" if asked.options_ref is None else f"option_sets.{asked.options_ref}"
    return [
        QuestionOption(**asdict(one), origins=name_origins(told, f"{path}.{one.key}", "title", "help"))
        for one in told.definition.options(asked)
    ]


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
