"""What a published version is made of besides its questions: tiers, pillars, bands and critical rules."""

from decimal import Decimal

from graphql_schema import rules
from graphql_schema.language import TextOrigin, name_origins
from graphql_schema.tier import QuestionnaireTier
from portal import access
from questionnaires import asking
from questionnaires.translation import Translation


@rules.type(access.PUBLIC, description="A tier of a version.")
class TierOutline:
    key: QuestionnaireTier = rules.field(description="Which tier.")
    title: str = rules.field(description="Its title.")
    description: str = rules.field(description="Who it is for; may be empty.")
    question_count: int = rules.field(description="How many questions it has, groups and conditional ones included.")
    minutes: Decimal = rules.field(description="Minutes to answer all of them once.")
    origins: list[TextOrigin] = rules.field(description="Whose words each of its own texts is in.", list_size=2)


@rules.type(access.PUBLIC, description="A pillar of a version.")
class PillarOutline:
    key: str = rules.field(description="Its key.")
    title: str = rules.field(description="Its title.")
    description: str = rules.field(description="What it covers; may be empty.")
    origins: list[TextOrigin] = rules.field(description="Whose words each of its own texts is in.", list_size=2)


@rules.type(access.PUBLIC, description="A grade that a total may earn.")
class BandOutline:
    key: str = rules.field(description="Its key, as results name it.")
    title: str = rules.field(description="Its title.")
    minimum: Decimal = rules.field(description="The least total of it, 0 to 100 points.")
    requires_coverage: Decimal = rules.field(description="The least percent of the weight that must be answered.")
    origins: list[TextOrigin] = rules.field(description="Whose words each of its own texts is in.", list_size=1)


@rules.type(access.PUBLIC, description="An answer that caps the band, whatever the points.")
class CriticalRuleOutline:
    key: str = rules.field(description="Its key, as results name it.")
    question: str = rules.field(description="The question's key.")
    title: str = rules.field(description="What is wrong.")
    explanation: str = rules.field(description="Why it weighs so much.")
    cap_band: str = rules.field(description="The key of the best band that is left.")
    origins: list[TextOrigin] = rules.field(description="Whose words each of its own texts is in.", list_size=2)


@rules.type(
    access.PUBLIC, description="What the keys in a result stand for: the bands and critical rules of a profile."
)
class ScoringOutline:
    number: int = rules.field(description="The scoring profile's number.")
    description: str | None = rules.field(
        description="What its author says of it, such as what it corrects, in the language of the source; null for "
        "nothing, and for what a later profile of a version that everybody sees says before the operator has read it."
    )
    bands: list[BandOutline] = rules.field(description="The bands, the lowest first.", list_size=5)
    critical_rules: list[CriticalRuleOutline] = rules.field(description="The critical rules.", list_size=12)


def list_tiers(told: Translation) -> list[TierOutline]:
    return [
        TierOutline(
            key=QuestionnaireTier(tier.key),
            title=tier.title,
            description=tier.description,
            question_count=len(asking.list_asked(told.definition, tier.key)),
            minutes=asking.sum_minutes(told.definition, tier.key),
            origins=name_origins(told, f"tiers.{tier.key}", "title", "description"),
        )
        for tier in told.definition.tiers
    ]


def make_scoring(told: Translation, description: str | None) -> ScoringOutline | None:
    profile = told.profile
    if profile is None:
        return None
    return ScoringOutline(
        number=profile.number,
        description=description,
        bands=[
            BandOutline(
                key=one.key,
                title=one.title,
                minimum=one.min,
                requires_coverage=one.requires_coverage,
                origins=name_origins(told, f"profile.bands.{one.key}", "title"),
            )
            for one in profile.bands
        ],
        critical_rules=[
            CriticalRuleOutline(
                key=one.key,
                question=one.question,
                title=one.title,
                explanation=one.explanation,
                cap_band=one.cap_band,
                origins=name_origins(told, f"profile.critical.{one.key}", "title", "explanation"),
            )
            for one in profile.critical
        ],
    )
