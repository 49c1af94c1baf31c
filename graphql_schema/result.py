"""Results and their traces: total, pillars and band of a submission, and a line for every measure."""

import datetime
import enum
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import strawberry

from graphql_schema import rules
from graphql_schema.gap import DeclaredGap, GapState
from graphql_schema.tier import QuestionnaireTier
from questionnaires.answers import AnswerKey
from questionnaires.definition import Definition
from questionnaires.points import round_hundredths
from questionnaires.result import PillarScore as Scored


@strawberry.enum(description="What decided the band.")
class BandReason(enum.Enum):
    TOTAL = strawberry.enum_value("total", description="The total.")
    COVERAGE = strawberry.enum_value("coverage", description="Too little was answered for the next band.")
    FLOOR = strawberry.enum_value("floor", description="A pillar is below the floor of the next band.")
    CRITICAL_RULE = strawberry.enum_value("critical_rule", description="A critical answer caps it.")
    CRITICAL_OPEN = strawberry.enum_value(
        "critical_open",
        description="A critical question, or what decides whether it is asked, is unknown or declined: no band.",
    )
    NOT_RATED = strawberry.enum_value("not_rated", description="Nothing could be rated.")


@strawberry.enum(description="How a pillar stands.")
class PillarState(enum.Enum):
    RATED = strawberry.enum_value("rated", description="It has a score.")
    NO_QUESTIONS = strawberry.enum_value("no_questions", description="This tier asks nothing of it.")
    NOTHING_TO_SCORE = strawberry.enum_value("nothing_to_score", description="No answer of it counts.")
    TOO_MUCH_NOT_APPLICABLE = strawberry.enum_value(
        "too_much_not_applicable", description="Too much of it does not apply."
    )


@strawberry.enum(description="How a measure stands in the score.")
class TraceStatus(enum.Enum):
    VALUE = strawberry.enum_value("value", description="Answered; its points count.")
    UNKNOWN = strawberry.enum_value("unknown", description="Not known: no points, and it counts.")
    UNANSWERED = strawberry.enum_value("unanswered", description="Not answered: no points, and it counts.")
    NOT_APPLICABLE = strawberry.enum_value("not_applicable", description="Left out; its weight is spread.")
    DECLINED = strawberry.enum_value("declined", description="Left out; its weight is spread.")
    DISABLED = strawberry.enum_value("disabled", description="Not asked; its weight is spread.")


@rules.type(rules.AS_PARENT, description="The score of a pillar.")
class PillarScore:
    key: str = rules.field(description="The pillar's key.")
    title: str = rules.field(
        description="Its title: in a stored result in the language of the source; `pillars` of the version has others."
    )
    score: Decimal | None = rules.field(description="0 to 100 points; null unless rated.")
    weight: Decimal = rules.field(description="Its weight in the total, before that of unrated pillars is spread.")
    state: PillarState = rules.field(description="How it stands.")


@rules.type(rules.AS_PARENT, description="A critical rule that an answer hit.")
class CriticalHit:
    rule: str = rules.field(description="The rule's key; `scoring` of the version has its title.")
    section: str = rules.field(description="The section of the answer.")


@rules.type(rules.AS_PARENT, description="The score of a submission at one tier: made once, never changed.")
class Result:
    tier: QuestionnaireTier = rules.field(description="The tier that was scored.")
    is_own_tier: bool = rules.field(
        description="Whether that is the tier which was answered; lower ones serve comparison and have no band."
    )
    total: Decimal | None = rules.field(description="0 to 100 points; null where nothing could be rated.")
    band: str | None = rules.field(
        description="The band's key; `scoring` of the version has its title. See bandReason."
    )
    band_reason: BandReason | None = rules.field(description="What decided the band; null for lower tiers.")
    coverage: Decimal = rules.field(description="Percent of the weight that was answered with a value.")
    pillars: list[PillarScore] = rules.field(description="The pillars, in order.", list_size=6)
    critical_hits: list[CriticalHit] = rules.field(description="The critical rules that were hit.", list_size=3)
    profile_number: int = rules.field(description="The scoring profile's number.")
    valid_until: datetime.date = rules.field(description="The last day on which it holds.")
    is_valid: bool = rules.field(description="Whether it holds today.")


@rules.type(
    rules.AS_PARENT,
    description="Why a measure earned its points: one of the first fields is set, none where it earned none; the others"
    " tell what was taken off.",
)
class TraceReason:
    option: str | None = rules.field(description="The option that was chosen.", default=None)
    options: list[str] | None = rules.field(description="The options whose points were added.", default=None)
    band_from: Decimal | None = rules.field(description="The least value of the band it fell into.", default=None)
    below: Decimal | None = rules.field(description="The value, which is below every band.", default=None)
    ramp: Decimal | None = rules.field(description="The value on the ramp.", default=None)
    closed_by: str | None = rules.field(
        description="The question of a lower level that is not complete: until it is, this level earns nothing.",
        default=None,
    )
    fresh: str | None = rules.field(
        description="The points of 100 before age took some away, as an exact fraction.", default=None
    )
    age_days: int | None = rules.field(description="How old it is, by the date that counts for it.", default=None)
    undated: str | None = rules.field(
        description="The question whose date is missing: it counts as the oldest.", default=None
    )


@rules.type(
    rules.AS_PARENT, description="One measure (in one row): exact figures, from which the score can be recomputed."
)
class TraceLine:
    section: str = rules.field(description="Its section.")
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    pillar: str = rules.field(description="The pillar it counts for.")
    status: TraceStatus = rules.field(description="How it stands.")
    weight: str = rules.field(description='Its weight as an exact fraction, like "3" or "1/2".')
    points: str | None = rules.field(description="Its points of 100 as an exact fraction; null where left out.")
    share: str = rules.field(description="Its share of the total as an exact fraction of 1.")
    why: TraceReason = rules.field(description="Why it earned its points.")
    declared_gap_due_on: datetime.date | None = rules.field(
        description="The day of the plan with which the supplier declared the gap here; null where it declared none."
        " It stands beside the sealed line: points are points.",
        default=None,
    )
    declared_gap_state: GapState | None = rules.field(
        description="Whether that plan holds today; null likewise.", default=None
    )


@rules.type(rules.AS_PARENT, description="A critical rule that nobody can decide.")
class OpenRule:
    rule: str = rules.field(description="The rule's key in the scoring profile.")
    section: str = rules.field(description="The section of the question.")
    question: str = rules.field(description="The question that is open.")
    row_id: str | None = rules.field(description="The row, in groups.")
    state: str = rules.field(
        description="UNKNOWN, DECLINED or UNANSWERED: the question, or the one that decides whether it is asked."
    )


def make_lines(
    section: str, trace: Mapping[str, Any], declared: Mapping[AnswerKey, DeclaredGap] | None = None
) -> list[TraceLine]:
    """The lines of one section's part of a trace."""
    return [
        TraceLine(
            section=section,
            question=line["question"],
            row_id=line["row"],
            pillar=line["pillar"],
            status=TraceStatus(line["status"]),
            weight=line["weight"],
            points=line["points"],
            share=line["share"],
            why=make_reason(line["why"]),
            declared_gap_due_on=None if gap is None else gap.due_on,
            declared_gap_state=None if gap is None else gap.state,
        )
        for line in trace["lines"]
        for gap in [(declared or {}).get((line["question"], line["row"]))]
    ]


def make_reason(why: Mapping[str, Any]) -> TraceReason:
    return TraceReason(
        option=why.get("option"),
        options=why.get("options"),
        band_from=None if "from" not in why else Decimal(why["from"]),
        below=None if "below" not in why else Decimal(why["below"]),
        ramp=None if "ramp" not in why else Decimal(why["ramp"]),
        closed_by=why.get("closed_by"),
        fresh=why.get("fresh"),
        age_days=None if "age" not in why else int(why["age"]),
        undated=why.get("undated"),
    )


def make_pillars(definition: Definition, scored: tuple[Scored, ...]) -> list[PillarScore]:
    titles = {pillar.key: pillar.title for pillar in definition.pillars}
    return [
        PillarScore(
            key=one.key,
            title=titles[one.key],
            score=round_exact(one.score),
            weight=show_figure(one.weight),
            state=PillarState(one.state),
        )
        for one in scored
    ]


def round_exact(exact: Fraction | None) -> Decimal | None:
    """A figure as it is shown, with two decimals like those of a stored result."""
    return None if exact is None else show_figure(exact)


def show_figure(exact: Fraction) -> Decimal:
    return round_hundredths(exact).quantize(Decimal("0.01"))
