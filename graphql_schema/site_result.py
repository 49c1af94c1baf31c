"""The results of a supplier's sites side by side, for the supplier and for a buyer that they are shared with."""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.answer import SITE
from graphql_schema.context import Info
from graphql_schema.questionnaire_request import SUPPLIER
from graphql_schema.result import BandReason
from graphql_schema.shared_result import RESULT
from graphql_schema.submission import SUBMISSION
from graphql_schema.tier import QuestionnaireTier
from portal import access
from portal.assessments import site_results
from portal.assessments.site_results import SiteResult as Found
from portal.assessments.site_results import SiteResults as AllFound


@strawberry.enum(description="Whether the total of a site stands beside those of the others.")
class SiteComparison(enum.Enum):
    COMPARED = strawberry.enum_value("compared", description="It does.")
    NO_RESULT = strawberry.enum_value("no_result", description="Nothing was submitted for the site.")
    NOT_RATED = strawberry.enum_value("not_rated", description="It has no total.")
    EXPIRED = strawberry.enum_value("expired", description="It is not valid any more.")
    OTHER_TIER = strawberry.enum_value("other_tier", description="It was answered at another tier than most.")
    QUESTIONS_DIFFER = strawberry.enum_value(
        "questions_differ", description="Its version asks or scores other questions than that of most."
    )
    SCORING_DIFFERS = strawberry.enum_value(
        "scoring_differs", description="The same questions have other points or weights there."
    )


@rules.type(rules.AS_PARENT, description="A site with its result of the latest period.")
class SiteResult:
    name: str | None = rules.field(
        description="The name of the site; for a buyer, as it was when the result was submitted."
    )
    site_id: strawberry.ID | None = rules.field(description="The site; null for a buyer.")
    archived_at: datetime | None = rules.field(
        description="Since when the site is out of use; null while it is in use, and for a buyer."
    )
    result_id: strawberry.ID | None = rules.field(
        description="What to read more of with `node`: a Submission of the supplier's own, or for a buyer the"
        " SharedResult. Null with NO_RESULT."
    )
    comparison: SiteComparison = rules.field(description="Whether it is compared, or why not.")
    version: str | None = rules.field(description="The version that was answered.")
    tier: QuestionnaireTier | None = rules.field(description="The tier that was answered.")
    profile_number: int | None = rules.field(description="The number of the scoring profile.")
    period_start: date | None = rules.field(description="The first day that it speaks of.")
    period_end: date | None = rules.field(description="The last day that it speaks of.")
    submitted_at: datetime | None = rules.field(description="When it was submitted.")
    total: Decimal | None = rules.field(description="0 to 100, two decimals; null where nothing could be rated.")
    band: str | None = rules.field(description="The key of the band; null where there is none.")
    band_reason: BandReason | None = rules.field(description="What the band rests on, or why there is none.")
    coverage: Decimal | None = rules.field(description="Percent of the weight that was answered, 0 to 100.")
    valid_until: date | None = rules.field(description="The last day the result is valid.")


@rules.type(
    rules.AS_PARENT,
    description="Sites side by side. There is no figure for all of them together: it would hide the worst.",
)
class SiteResults:
    questionnaire: str = rules.field(description="The key of the questionnaire.")
    version: str | None = rules.field(
        description="The version of most results that can be compared; null where there is none."
    )
    tier: QuestionnaireTier | None = rules.field(description="Their tier.")
    profile_number: int | None = rules.field(description="The number of their scoring profile.")
    compared_count: int = rules.field(description="How many results are compared.")
    not_compared_count: int = rules.field(
        description="How many results there are that cannot be compared with those; each says why."
    )
    worst: SiteResult | None = rules.field(description="The lowest total of those that are compared.")
    median: Decimal | None = rules.field(
        description="The median of the totals that are compared, 0 to 100, two decimals: of an even number the mean of"
        " the two in the middle."
    )
    sites: list[SiteResult] = rules.field(
        description="The sites, at most 1,000: those that are compared first, the worst first.", list_size=25
    )


def show_hundredths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-2)


def make_results(found: AllFound, actor: access.Actor) -> SiteResults:
    footing = found.footing
    worst = found.worst
    return SiteResults(
        questionnaire=found.questionnaire,
        version=None if footing is None else footing[0],
        tier=None if footing is None else QuestionnaireTier(footing[2]),
        profile_number=None if footing is None else footing[3],
        compared_count=found.count(compared=True),
        not_compared_count=found.count(compared=False),
        worst=None if worst is None else make_result(worst, actor),
        median=show_hundredths(found.median),
        sites=[make_result(one, actor) for one in found.sites],
    )


def make_result(one: Found, actor: access.Actor) -> SiteResult:
    row = one.row
    kind = RESULT if row.site_id is None else SUBMISSION
    return SiteResult(
        name=row.name,
        site_id=None if row.site_id is None else nodes.encode_id(SITE, row.site_id, actor.organization),
        archived_at=row.archived_at,
        result_id=None if row.id is None else nodes.encode_id(kind, row.id, row.supplier_id),
        comparison=SiteComparison(one.comparison),
        version=row.version,
        tier=None if row.tier is None else QuestionnaireTier(row.tier),
        profile_number=row.profile_number,
        period_start=row.period_start,
        period_end=row.period_end,
        submitted_at=row.submitted_at,
        total=show_hundredths(row.total),
        band=row.band,
        band_reason=None if row.band_reason is None else BandReason(row.band_reason),
        coverage=show_hundredths(row.coverage),
        valid_until=row.valid_until,
    )


@strawberry.type
class SiteResultQuery:
    @rules.query(
        access.SUPPLIER,
        description="The organization's own sites with what each submitted for its latest period: those in use, and"
        " closed ones that something was submitted for.",
    )
    async def site_results(
        self, info: Info, questionnaire: Annotated[str, strawberry.argument(description="The questionnaire's key.")]
    ) -> SiteResults:
        async with info.context.transaction() as (session, actor):
            found = await site_results.list_own(session, actor, questionnaire=questionnaire)
            return make_results(found, actor)

    @rules.query(
        access.BUYER,
        description="The sites of a supplier, as far as their results are shared: the newest of each. The supplier sees"
        " who looked. Null where there is none of the caller's with this id.",
    )
    async def supplier_site_results(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="One of `suppliers`.")],
        questionnaire: Annotated[str, strawberry.argument(description="The questionnaire's key.")],
    ) -> SiteResults | None:
        wanted = nodes.decode_id(id, SUPPLIER, path=("id",))
        async with info.context.transaction() as (session, actor):
            if wanted.owner != actor.organization:
                return None
            found = await site_results.list_shared(
                session, actor, record_id=wanted.id, questionnaire=questionnaire, noted=info.context.noted
            )
            return None if found is None else make_results(found, actor)
