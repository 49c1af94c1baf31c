"""Benchmarks: releases, one cell, all cells for partners, a supplier's own standing, a buyer's suppliers, and terms."""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, projection, rules, selection
from graphql_schema.context import Info
from graphql_schema.language import TextOrigin, Wanted, name_origins, tell_version
from graphql_schema.organization import OrganizationSize
from graphql_schema.questionnaire_request import SUPPLIER
from graphql_schema.tier import QuestionnaireTier
from portal import access, errors, reading
from portal.assessments import definitions
from portal.benchmarks import absence, cohorts, entitlement, participation, reads, series, standing, terms
from portal.benchmarks.absence import Absence
from portal.benchmarks.cohorts import ALL, Cohort
from portal.benchmarks.entitlement import Release
from portal.benchmarks.reads import Cell, SupplierComparison
from portal.reading import benchmarks as nouns
from questionnaires.rates import POINTS
from questionnaires.translation import Translation

NO_FIGURES: dict[str, Any] = dict.fromkeys(("count_band", "mean", "p10", "p25", "p50", "p75", "p90"))
MEASURES = (
    '"total", "pillar:<key>", "question:<key>" or "indicator:<key>"; "upper:<key>" and "rest:<key>" are the points of a'
    " question in the upper quarter of the total and in the rest."
)
ABSENT = "null where it would show an end of the range or tell too much of somebody"
MOST_DIFFERENCES = 20
BY_TOTAL = paging.Order("supplierBenchmarks.total", (int,))

Questionnaire = Annotated[
    str, strawberry.argument(description='The questionnaire\'s key, like "responsible-sourcing".')
]
ReleaseNumber = Annotated[int | None, strawberry.argument(description="A release's number; the newest without it.")]
Measure = Annotated[str, strawberry.argument(description=MEASURES)]
Tier = Annotated[QuestionnaireTier, strawberry.argument(description="The tier answered.")]
Sector = Annotated[
    str | None,
    strawberry.argument(description='Section of ISIC Rev.4, like "C"; without it the rest, not all: see `benchmark`.'),
]


@strawberry.enum(description="A region of UN M49.")
class BenchmarkRegion(enum.Enum):
    AFRICA = strawberry.enum_value("Africa", description="M49 002.")
    AMERICAS = strawberry.enum_value("Americas", description="M49 019.")
    ASIA = strawberry.enum_value("Asia", description="M49 142.")
    EUROPE = strawberry.enum_value("Europe", description="M49 150.")
    OCEANIA = strawberry.enum_value("Oceania", description="M49 009.")


Region = Annotated[
    BenchmarkRegion | None,
    strawberry.argument(description="Only with a sector; without it the rest of the sector."),
]
Size = Annotated[
    OrganizationSize | None,
    strawberry.argument(description="Only with a region; without it the rest of the region."),
]


@strawberry.enum(
    description="Whether a cell has figures; why one has none is not told, since a reason tells something."
)
class BenchmarkStatus(enum.Enum):
    PUBLISHED = strawberry.enum_value("published", description="The figures are there.")
    NOT_PUBLISHED = strawberry.enum_value("not_published", description="There are none.")


@strawberry.enum(description="Where better lies.")
class BenchmarkDirection(enum.Enum):
    UP = strawberry.enum_value("up", description="More is better, as with points.")
    DOWN = strawberry.enum_value("down", description="Less is better.")
    NEUTRAL = strawberry.enum_value("neutral", description="Neither.")


@rules.type(access.BENCHMARK_READER, description="A frozen set of figures for one quarter, the same for everybody.")
class BenchmarkRelease:
    number: int = rules.field(description="Its number; releases are numbered without gaps, their figures never change.")
    period_start: date = rules.field(description="First day of its quarter.")
    period_end: date = rules.field(description="Last day of its quarter; submissions counted were 90 days old then.")
    created_at: datetime = rules.field(description="When it was made.")
    terms_version: str = rules.field(description="The terms of use for partners when it was made.")
    fewest_for_mean: int = rules.field(description="Corporate groups that a mean needs.")
    fewest_for_quartiles: int = rules.field(description="Corporate groups that quartiles need.")
    fewest_for_tails: int = rules.field(description="Corporate groups that the 10th and 90th percentile need.")
    fewest_changes: int = rules.field(description="Corporate groups that must differ before a cell gets new figures.")
    corrects: int | None = rules.field(description="The release for the same quarter that this one corrects.")
    correction_reason: str | None = rules.field(description="Why it corrects another.")
    corrected_by: int | None = rules.field(
        description="The release that corrects this one; the one in force is the newest of a quarter."
    )


@rules.type(access.BENCHMARK_READER, description="A group of peers: a cell of the partition that releases use.")
class BenchmarkCohort:
    tier: QuestionnaireTier = rules.field(description="The tier they answered; tiers are never mixed.")
    sector: str | None = rules.field(description="Section of ISIC Rev.4, A to U; null in the cell of the rest.")
    region: BenchmarkRegion | None = rules.field(description="Region; null in the cell of the rest of a sector.")
    size: OrganizationSize | None = rules.field(description="Size band; null in the cell of the rest of a region.")


@rules.type(
    access.BENCHMARK_READER,
    description="One measure of one cohort in one release. Figures are whole steps of the unit: points of 100, or"
    " so many `step`s of what an indicator is in; from 100 steps on with two significant digits.",
)
class BenchmarkCell:
    release: int = rules.field(description="The release's number.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    measure: str = rules.field(description=MEASURES)
    unit: str | None = rules.field(
        description='"point", or the unit of an indicator; null where the release has no such measure of the cohort.'
    )
    step: Decimal | None = rules.field(description="So much of the unit is one in figures: 1 for points and percent.")
    direction: BenchmarkDirection | None = rules.field(description="Where better lies.")
    cohort: BenchmarkCohort = rules.field(description="Whose figures these are.")
    status: BenchmarkStatus = rules.field(description="Whether there are figures.")
    count_band: str | None = rules.field(description='How many corporate groups, as a band, like "20-39".')
    mean: int | None = rules.field(description="Mean in steps, every group weighing the same.")
    p10: int | None = rules.field(description=f"10th percentile, from 40 groups on; {ABSENT}.")
    p25: int | None = rules.field(description=f"Lower quartile, from 20 groups on; {ABSENT}.")
    p50: int | None = rules.field(description=f"Median, from 20 groups on; {ABSENT}.")
    p75: int | None = rules.field(description=f"Upper quartile, from 20 groups on; {ABSENT}.")
    p90: int | None = rules.field(description=f"90th percentile, from 40 groups on; {ABSENT}.")
    figures_from_release: int | None = rules.field(
        description="The release that made the figures: an older one where too little had changed since, or where newer"
        " ones could not go out without telling too much of somebody; which of the two is not told."
    )


@rules.type(access.BENCHMARK_READER, description="The answer for a cohort that was asked for.")
class Benchmark:
    release: BenchmarkRelease = rules.field(description="The release.")
    cell: BenchmarkCell = rules.field(description="The cell that holds the cohort.")
    folded_to: BenchmarkCohort | None = rules.field(
        description="The parent that the cohort was folded into, being too small alone; null where it has its own cell."
    )


@rules.type(access.SUPPLIER, description="An own value beside the figures of the cohort.")
class BenchmarkComparison:
    measure: str = rules.field(description='"total", "pillar:<key>", "question:<key>" or "indicator:<key>".')
    value: Decimal | None = rules.field(
        description="The own value in the cell's unit, points with two decimals; null where it did not count."
    )
    quarter: int | None = rules.field(
        description="The quarter of the cohort it stands in, 1 (lowest) to 4; null where the quartiles do not tell."
    )
    cell: BenchmarkCell = rules.field(description="The cohort's figures.")


@rules.type(
    access.SUPPLIER,
    description="A question that those in the upper quarter of the total answer differently: points of 100, as means of"
    " at least ten corporate groups each.",
)
class BenchmarkDifference:
    question: str = rules.field(description="The question's key.")
    title: str = rules.field(description="The question.")
    action: str = rules.field(description="What to do to improve.")
    upper: int = rules.field(description="Mean of the upper quarter.")
    rest: int = rules.field(description="Mean of the rest.")
    value: Decimal | None = rules.field(description="The own points, two decimals; null where it did not count.")
    figures_from_release: int = rules.field(description="The release that made both means.")
    origins: list[TextOrigin] = rules.field(description="Whose words title and action are in.", list_size=2)


@rules.type(access.BENCHMARK_READER, description="What the cell that holds a cohort showed in one release.")
class BenchmarkPoint:
    release: BenchmarkRelease = rules.field(description="The release.")
    cell: BenchmarkCell = rules.field(
        description="The figures; its cohort is another one where the cohort was folded into that then."
    )
    value: Decimal | None = rules.field(
        description="A supplier's own value in the cell's unit, as the release counted it; null where it did not, and"
        " for an API key without assessments:read."
    )
    quarter: int | None = rules.field(
        description="The quarter of the cohort it stands in, 1 (lowest) to 4; null where the quartiles do not tell."
    )


@rules.type(access.BENCHMARK_READER, description="A measure of a cohort over the releases.")
class BenchmarkSeries:
    questionnaire: str = rules.field(description="The questionnaire's key.")
    measure: str = rules.field(description=MEASURES)
    points: list[BenchmarkPoint] = rules.field(
        description="One for each quarter whose release the caller may read, the oldest first; at most 100.",
        list_size=20,
    )


@strawberry.enum(description="Why a release did not count a supplier; of several reasons the first one here.")
class BenchmarkAbsenceReason(enum.Enum):
    TOO_RECENT = strawberry.enum_value(
        absence.TOO_RECENT,
        description="It submitted, too late to be old enough; it counts where the quarter ends on `until` or later.",
    )
    NOT_COMPARED = strawberry.enum_value(
        absence.NOT_COMPARED, description="The release compares nothing of this questionnaire."
    )
    OPTED_OUT = strawberry.enum_value(absence.OPTED_OUT, description="It does not take part, or did not then.")
    NOT_SUBMITTED = strawberry.enum_value(
        absence.NOT_SUBMITTED, description="It had submitted nothing on a period that was over with the quarter."
    )
    WITHDRAWN = strawberry.enum_value(absence.WITHDRAWN, description="It withdrew what it had submitted.")
    NOT_VALID = strawberry.enum_value(
        absence.NOT_VALID, description="No result of it was valid any more at the end of the quarter."
    )
    NO_REQUEST = strawberry.enum_value(
        absence.NO_REQUEST,
        description="It had accepted no request for this questionnaire of an approved buyer outside its group.",
    )


@rules.type(access.SUPPLIER, description="Why a release did not count the caller's organization.")
class BenchmarkAbsence:
    reason: BenchmarkAbsenceReason = rules.field(description="Why.")
    since: date | None = rules.field(
        description="The day on which it submitted, withdrew or opted out, or the last one on which a result was valid."
    )
    until: date | None = rules.field(
        description="The first day on which that is over: when a submission is old enough, or it took part again."
    )


@rules.type(access.SUPPLIER, description="Where the caller's organization stands among its peers.")
class MyBenchmark:
    takes_part: bool = rules.field(description="Whether its submissions may enter future releases.")
    contributes: bool = rules.field(description="Whether this release counted it; only then are there comparisons.")
    absence: BenchmarkAbsence | None = rules.field(description="Why it did not, from its own affairs alone.")
    release: BenchmarkRelease = rules.field(description="The release.")
    own_cohort: BenchmarkCohort | None = rules.field(
        description="Its own sector, region and size; the cells of the comparisons say what that was folded into."
    )
    comparisons: list[BenchmarkComparison] = rules.field(
        description="Every measure of its cell: the total, pillars, questions, indicators.", list_size=20
    )
    differences: list[BenchmarkDifference] = rules.field(
        description="What the upper quarter does differently: questions that it asks of the caller too, the largest"
        " difference first; none unless both parts of its cell may be shown.",
        list_size=5,
    )


@rules.type(access.BUYER, description="A supplier's shared total beside the figures of that supplier's cohort.")
class SupplierBenchmark:
    supplier_id: strawberry.ID = rules.field(description="The supplier, for `node`.")
    name: str = rules.field(description="Its name in the caller's records.")
    total: Decimal = rules.field(description="The total it shares, 0 to 100, two decimals.")
    quarter: int | None = rules.field(
        description="The quarter of its cohort, 1 (lowest) to 4; null where the quartiles do not tell."
    )
    own_cohort: BenchmarkCohort = rules.field(
        description="The tier it answered, its own sector, region and size; the cell says what that is folded into."
    )
    cell: BenchmarkCell = rules.field(description="Its cohort's figures for the total, and which cohort that is.")


@rules.type(access.PUBLIC, description="The terms of use that a partner accepts before it reads releases.")
class PartnerTerms:
    version: str = rules.field(description="The version in force.")
    text: str = rules.field(description="What a partner may do and what it promises, a line for each.")
    path: str = rules.field(description="Where everybody reads them as plain text: the licence of the figures.")


@strawberry.input(description="Which cells of a release; what is left out is no restriction.")
class BenchmarkCellFilter:
    questionnaire: str | None = strawberry.field(
        description="The questionnaire's key; an error where there is none with it.", default=None
    )
    measure: str | None = strawberry.field(description=MEASURES, default=None)
    tier: QuestionnaireTier | None = strawberry.field(description="The tier answered.", default=None)
    sector: str | None = strawberry.field(description='Section of ISIC Rev.4, like "C"; "*" for folded.', default=None)
    region: BenchmarkRegion | None = strawberry.field(description="Region.", default=None)
    size: OrganizationSize | None = strawberry.field(description="Size band.", default=None)
    newer_than_release: int | None = strawberry.field(
        description="Only what has changed since this older release was pulled: other figures than it had, and cells "
        "that it had figures for and that have none any more, also where the release no longer names them; of a "
        "correction every total, so that it is noticed. 0 is no restriction.",
        default=None,
    )


@strawberry.input(description="Which version of the terms is accepted.")
class AcceptPartnerTermsInput:
    version: str = strawberry.field(description="The version that was read, as `partnerTerms` gives it.")


@strawberry.input(description="Whether to take part.")
class ChangeBenchmarkParticipationInput:
    takes_part: bool = strawberry.field(description="False to withdraw from future releases, true to come back.")


@rules.type(rules.AS_PARENT, description="The organization reads releases under these terms from now on.")
class PartnerTermsAccepted:
    version: str = rules.field(description="The version accepted.")
    accepted_at: datetime = rules.field(description="When it was accepted first.")


@rules.type(rules.AS_PARENT, description="The choice holds from the next release on; past ones never change.")
class BenchmarkParticipationChanged:
    takes_part: bool = rules.field(description="The choice now.")


def make_release(found: Release) -> BenchmarkRelease:
    return BenchmarkRelease(
        number=found.number,
        period_start=found.period_start,
        period_end=found.period_end,
        created_at=found.created_at,
        terms_version=found.terms_version,
        fewest_for_mean=found.policy["for_mean"],
        fewest_for_quartiles=found.policy["for_quartiles"],
        fewest_for_tails=found.policy["for_tails"],
        fewest_changes=found.policy["changed"],
        corrects=found.corrects,
        correction_reason=found.correction_reason,
        corrected_by=found.corrected_by,
    )


def make_cohort(cohort: Cohort) -> BenchmarkCohort:
    named = {name: value for name, value in vars(cohort).items() if value not in (ALL, cohorts.UNKNOWN)}
    return BenchmarkCohort(
        tier=QuestionnaireTier(cohort.tier),
        sector=named.get("sector"),
        region=BenchmarkRegion(named["region"]) if "region" in named else None,
        size=OrganizationSize(named["size_band"]) if "size_band" in named else None,
    )


def make_cell(cell: Cell) -> BenchmarkCell:
    scale = cell.scale
    return BenchmarkCell(
        release=cell.release,
        questionnaire=cell.questionnaire,
        measure=cell.measure,
        unit=None if scale is None else scale.unit,
        step=None if scale is None else scale.step,
        direction=None if scale is None else BenchmarkDirection(scale.direction),
        cohort=make_cohort(cell.cohort),
        status=BenchmarkStatus.PUBLISHED if cell.figures else BenchmarkStatus.NOT_PUBLISHED,
        figures_from_release=cell.figures_from,
        **(vars(cell.figures) if cell.figures else NO_FIGURES),
    )


def make_supplier_benchmark(found: SupplierComparison, buyer: UUID) -> SupplierBenchmark:
    return SupplierBenchmark(
        supplier_id=nodes.encode_id(SUPPLIER, found.record_id, buyer),
        name=found.name,
        total=show_hundredths(found.total),
        quarter=found.quarter,
        own_cohort=make_cohort(found.leaf),
        cell=make_cell(found.cell),
    )


def make_comparison(found: standing.Comparison) -> BenchmarkComparison:
    return BenchmarkComparison(
        measure=found.measure,
        value=show_value(found.value, found.cell),
        quarter=found.quarter,
        cell=make_cell(found.cell),
    )


def make_absence(found: Absence) -> BenchmarkAbsence:
    return BenchmarkAbsence(reason=BenchmarkAbsenceReason(found.reason), since=found.since, until=found.until)


def make_difference(told: Translation, found: standing.Difference) -> BenchmarkDifference:
    place, asked = f"questions.{found.question}", told.definition.questions[found.question]
    return BenchmarkDifference(
        question=found.question,
        title=told.say(f"{place}.title", asked.title),
        action=told.say(f"{place}.action", asked.action),
        upper=found.upper,
        rest=found.rest,
        value=None if found.value is None else show_hundredths(found.value),
        figures_from_release=found.figures_from,
        origins=name_origins(told, place, "title", "action"),
    )


def make_point(found: series.Point) -> BenchmarkPoint:
    return BenchmarkPoint(
        release=make_release(found.release),
        cell=make_cell(found.cell),
        value=show_value(found.value, found.cell),
        quarter=found.quarter,
    )


def show_value(value: int | None, cell: Cell) -> Decimal | None:
    """Hundredths of a point or of the cell's step in its unit."""
    return None if value is None else show_hundredths(value) * (cell.scale or POINTS).step


def show_hundredths(points: int) -> Decimal:
    """Points as everywhere else: with two decimals, also where they are zero."""
    return Decimal(points).scaleb(-2)


def _name(chosen: enum.Enum | None) -> str | None:
    return None if chosen is None else str(chosen.value)


@strawberry.type
class BenchmarkQuery:
    @rules.query(access.BENCHMARK_READER, conditional=True, description="The releases, the newest first; at most 100.")
    async def benchmark_releases(self, info: Info) -> list[BenchmarkRelease]:
        async with info.context.reading() as (session, actor):
            return [make_release(one) for one in await entitlement.list_releases(session, actor)]

    @rules.query(
        access.BENCHMARK_READER,
        conditional=True,
        description="A measure of a cohort. Suppliers read releases they contribute to, buyers those that results "
        "shared with them take part in, once they answered `purchasing-practice` themselves (or any in their first 180 "
        "days), partners any, under the terms. Cells never "
        "overlap: without a sector, region or size this is the cell of the rest, which holds whoever no narrower cell "
        "does. There is no figure of all.",
    )
    async def benchmark(
        self,
        info: Info,
        questionnaire: Questionnaire,
        tier: Tier,
        sector: Sector = None,
        region: Region = None,
        size: Size = None,
        measure: Measure = "total",
        release: ReleaseNumber = None,
    ) -> Benchmark:
        asked = Cohort(str(tier.value), sector or ALL, _name(region) or ALL, _name(size) or ALL)
        async with info.context.reading() as (session, actor):
            found, cell = await reads.read_cell(
                session, actor, questionnaire=questionnaire, cohort=asked, measure=measure, release=release
            )
        folded = make_cohort(cell.cohort) if cell.cohort != asked else None
        made = Benchmark(release=make_release(found), cell=make_cell(cell), folded_to=folded)
        return projection.finish(info, made)  # type: ignore[no-any-return]

    @rules.query(
        access.BENCHMARK_READER,
        conditional=True,
        description="All cells of a release in a fixed order, for partners that accepted the terms. A page counts with "
        "the rows it asks for as part of those that a partner may read in a day; then it is an error QUOTA with "
        "`retryAfter`, in seconds.",
    )
    async def benchmark_cells(
        self,
        info: Info,
        release: Annotated[int, strawberry.argument(description="The release's number.")],
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        filter: Annotated[BenchmarkCellFilter | None, strawberry.argument(description="Which cells.")] = None,
    ) -> paging.Connection[BenchmarkCell]:
        selected = selection.read(info)
        if filter is not None and filter.measure is not None:
            reads.check_measure(filter.measure, ("filter", "measure"))
        newer_than = None if filter is None else filter.newer_than_release
        if newer_than is not None:
            reads.check_older(release, newer_than, ("filter", "newerThanRelease"))
        quota = (first, info.context.settings.benchmark_rows_per_day)
        async with info.context.reading(writes=True) as (session, actor):
            opening = entitlement.ask_for_partner(actor, release, quota)
            listed = nouns.CHANGED_CELLS if newer_than else nouns.CELLS
            cells, told = await reading.read_connection_beside(session, actor, listed, selected, opening)
            entitlement.admit_partner(told, release, quota)
            if filter is not None and filter.questionnaire is not None:
                await definitions.check_questionnaire(session, filter.questionnaire, ("filter", "questionnaire"))
        return cells  # type: ignore[no-any-return]

    @rules.query(
        access.SUPPLIER,
        description="The caller's own values beside its cohort's figures, in a release that it contributes to.",
    )
    async def my_benchmark(
        self,
        info: Info,
        questionnaire: Questionnaire,
        release: ReleaseNumber = None,
        differences: Annotated[
            int, strawberry.argument(description="How many differences of the upper quarter are named, 0 to 20.")
        ] = 5,
        locale: Wanted = None,
    ) -> MyBenchmark:
        if not 0 <= differences <= MOST_DIFFERENCES:
            words = f"`differences` must be 0 to {MOST_DIFFERENCES}; it is {differences}."
            raise errors.InvalidInput(words, code="TOO_MANY", path=("differences",))
        async with info.context.transaction() as (session, actor):
            found = await standing.read_standing(session, actor, questionnaire=questionnaire, release=release)
            named = found.differences[:differences]
            told = None
            if named and found.version is not None:
                version = found.version
                told, _ = await tell_version(info, session, actor, version.definition, version.content_hash, locale)
        return MyBenchmark(
            takes_part=found.takes_part,
            contributes=found.contributes,
            absence=None if found.absence is None else make_absence(found.absence),
            release=make_release(found.release),
            own_cohort=None if found.leaf is None else make_cohort(found.leaf),
            comparisons=[make_comparison(one) for one in found.comparisons],
            differences=[] if told is None else [make_difference(told, one) for one in named],
        )

    @rules.query(
        access.BENCHMARK_READER,
        description="A measure of a cohort over the releases that the caller may read, as `benchmark` gives it for one,"
        " and beside it the caller's own value where a release counted it.",
    )
    async def benchmark_series(
        self,
        info: Info,
        questionnaire: Questionnaire,
        tier: Tier,
        sector: Sector = None,
        region: Region = None,
        size: Size = None,
        measure: Measure = "total",
    ) -> BenchmarkSeries:
        asked = Cohort(str(tier.value), sector or ALL, _name(region) or ALL, _name(size) or ALL)
        async with info.context.transaction() as (session, actor):
            found = await series.read_series(session, actor, questionnaire=questionnaire, cohort=asked, measure=measure)
        return BenchmarkSeries(questionnaire=questionnaire, measure=measure, points=[make_point(one) for one in found])

    @rules.query(
        access.BUYER,
        description="The caller's suppliers that share a total now, the highest first, each beside its own cohort; it "
        "needs what `benchmark` needs of a buyer.",
    )
    async def supplier_benchmarks(
        self,
        info: Info,
        questionnaire: Questionnaire,
        release: ReleaseNumber = None,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
    ) -> paging.Connection[SupplierBenchmark]:
        page = paging.read_page(BY_TOTAL, first, after)
        place: tuple[int, UUID] | None = None
        if page.after is not None:
            place = (page.after.keys[0], page.after.id)  # type: ignore[assignment]  # its order's one key is a number
        async with info.context.transaction() as (session, actor):
            _, rows = await reads.list_supplier_comparisons(
                session, actor, questionnaire=questionnaire, release=release, limit=page.limit, after=place
            )
            buyer = actor.organization
        return paging.build_connection(
            page,
            rows,
            keys=lambda row: ([row.total], row.record_id),
            node=lambda row: make_supplier_benchmark(row, buyer),
        )

    @rules.query(access.PUBLIC, conditional=True, description="The terms of use for partners that are in force.")
    async def partner_terms(self, info: Info) -> PartnerTerms:
        return PartnerTerms(version=terms.VERSION, text=terms.TEXT, path=terms.PATH)


@strawberry.type
class BenchmarkMutation:
    @rules.mutation(
        access.OWNER, description="Accept the terms of use for a partner; without them no release can be read."
    )
    async def accept_partner_terms(
        self, info: Info, input: Annotated[AcceptPartnerTermsInput, strawberry.argument(description="Which version.")]
    ) -> PartnerTermsAccepted:
        async with info.context.transaction() as (session, actor):
            made = await participation.accept_terms(session, actor, version=input.version)
        return PartnerTermsAccepted(version=made.version, accepted_at=made.accepted_at)

    @rules.mutation(access.OWNER, description="Withdraw a supplier from future releases, or let it come back.")
    async def change_benchmark_participation(
        self,
        info: Info,
        input: Annotated[ChangeBenchmarkParticipationInput, strawberry.argument(description="The choice.")],
    ) -> BenchmarkParticipationChanged:
        async with info.context.transaction() as (session, actor):
            chosen = await participation.change_participation(session, actor, taking_part=input.takes_part)
        return BenchmarkParticipationChanged(takes_part=chosen)
