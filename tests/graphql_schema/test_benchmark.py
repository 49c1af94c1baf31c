"""Benchmarks through HTTP: the same figures for supplier, buyer and partner, reciprocity, terms, keys, and CSV."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from portal.assessments import publishing
from portal.benchmarks import exports, releases, terms
from portal.http import compression
from portal.identity import provisioning, tokens
from questionnaires.catalogue import Packaged
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Caller, Portal, codes
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import MARKED
from tests.portal.benchmarks.population import LATER, RECENT, Firm, Population, spread

pytestmark = pytest.mark.slow  # each works on two releases of its own

COHORT = 'questionnaire: "sample", tier: BASIC, sector: "C", region: ASIA'
CELL = "release measure status countBand mean p10 p25 p50 p75 p90 figuresFromRelease cohort { sector region size }"
BENCHMARK = (
    'query ($size: OrganizationSize = SMALL, $measure: String! = "total", $release: Int)'
    f" {{ benchmark({COHORT}, size: $size, measure: $measure, release: $release)"
    f" {{ release {{ number periodEnd }} cell {{ {CELL} }} foldedTo {{ sector region size }} }} }}"
)
CELLS = (
    "query ($release: Int! = 1, $first: Int! = 100, $after: String, $filter: BenchmarkCellFilter)"
    " { benchmarkCells(release: $release, first: $first, after: $after, filter: $filter)"
    f" {{ edges {{ node {{ questionnaire {CELL} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)
MINE = (
    '{ myBenchmark(questionnaire: "sample") { takesPart contributes absence { reason since until } release { number }'
    " ownCohort { tier sector region size }"
    f" comparisons {{ measure value quarter cell {{ {CELL} }} }} }} }}"
)
SUPPLIERS = (
    "query ($first: Int! = 25, $after: String)"
    ' { supplierBenchmarks(questionnaire: "sample", first: $first, after: $after)'
    f" {{ edges {{ node {{ supplierId name total quarter cell {{ {CELL} }} }} }}"
    " pageInfo { hasNextPage endCursor } } }"
)
RELEASES = "{ benchmarkReleases { number periodStart periodEnd fewestForMean fewestForTails termsVersion } }"
TERMS = "{ partnerTerms { version text } }"
ACCEPT = (
    "mutation ($version: String!) { result: acceptPartnerTerms(input: {version: $version})"
    " { __typename ... on PartnerTermsAccepted { version } ... on Problem { code path } } }"
)
TAKE_PART = (
    "mutation ($takesPart: Boolean!) { result: changeBenchmarkParticipation(input: {takesPart: $takesPart})"
    " { __typename ... on BenchmarkParticipationChanged { takesPart } ... on Problem { code } } }"
)


@dataclass
class Stage:
    """A server, a population of 24 firms in one cell, and one caller of each kind."""

    house: Portal
    firms: Population
    supplier: Caller
    buyer: Caller
    partner: Caller
    key: str

    async def release(self, *arguments: Any) -> None:
        await self.firms.release(*arguments)

    async def add_key(self, organization: UUID, *scopes: str) -> str:
        async with people.open_session(self.house.database.owner_url) as session:
            return await provisioning.create_api_key(session, organization=organization, name="Machine", scopes=scopes)

    async def fetch_csv(
        self, token: str | None, release: object = 1, query: str = "", **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        async with self.house.client() as client:
            return await client.get(f"/v1/benchmarks/{release}.csv{query}", headers=sent)


@pytest.fixture
async def stage(database: databases.TestDatabase) -> AsyncIterator[Stage]:
    packaged = Packaged(sample.make_definition(MARKED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with portals.run_portal(database) as house, population.open_population(database) as firms:
        yield await set_stage(house, firms)


async def set_stage(house: Portal, firms: Population) -> Stage:
    supplier, buyer, partner = [await house.sign_up(role) for role in ("supplier", "buyer", "partner")]
    (group,) = await firms.add_groups(1)
    await firms.connection.execute(
        "UPDATE portal.organization SET sector_scheme = 'ISIC Rev.4', sector = '14', country = 'BD',"
        " size_band = 'small' WHERE id = $1",
        supplier.organization,
    )
    own = Firm(supplier.organization, group)
    await firms.insert("group_member", [{"organization_id": own.id, "group_id": group}])
    others = await firms.add_firms(23)
    await firms.ask([own], firms.buyer)  # as the others, so that no buyer asked all but one of them first
    await firms.ask([own, *others], buyer.organization)
    submissions = await firms.submit([own, *others], spread(24), points={"exits_locked": ["50", "25", "75"] * 8})
    await firms.share([own, *others[:9]], submissions[:10], buyer.organization)
    await firms.submit(await firms.add_firms(3, sector="62"), spread(3))
    await firms.submit(await firms.add_firms(11, country="DE"), spread(11), at=RECENT)
    async with people.open_session(house.database.worker_url) as session:
        await refresh_cards(session, buyer.organization)
    stage = Stage(house, firms, supplier, buyer, partner, "")
    stage.key = await stage.add_key(partner.organization, "benchmarks:read")
    accepted = await house.ask(ACCEPT, partner.token, version=terms.VERSION)
    assert accepted["data"]["result"] == {"__typename": "PartnerTermsAccepted", "version": terms.VERSION}
    await stage.release()
    return stage


async def refresh_cards(session: Any, buyer: UUID) -> None:
    await session.execute(text("SELECT portal.refresh_cards(:buyer, NULL)"), {"buyer": buyer})


async def read(stage: Stage, query: str, token: str, **variables: Any) -> Any:
    answer = await stage.house.ask(query, token, **variables)
    assert "errors" not in answer, answer
    (found,) = answer["data"].values()
    return found


async def test_supplier_buyer_and_partner_read_the_same_figures(stage: Stage) -> None:
    callers = (stage.supplier.token, stage.buyer.token, stage.partner.token, stage.key)
    answers = [await read(stage, BENCHMARK, token) for token in callers]
    assert all(answer == answers[0] for answer in answers)
    cell = answers[0]["cell"]
    assert (cell["status"], cell["countBand"], cell["figuresFromRelease"]) == ("PUBLISHED", "20-39", 1)
    assert None not in (cell["mean"], cell["p25"], cell["p50"], cell["p75"])
    assert (cell["p10"], cell["p90"]) == (None, None)
    assert answers[0]["foldedTo"] is None
    row = next(
        row
        for row in csv.DictReader(io.StringIO((await stage.fetch_csv(stage.key)).text))
        if (row["measure"], row["region"], row["size_band"]) == ("total", "Asia", "small")
    )
    names = {"mean": "mean", "p25": "p25", "p50": "p50", "p75": "p75", "count_band": "countBand"}
    assert {name: row[name] for name in names} == {name: str(cell[spelled]) for name, spelled in names.items()}
    mine = await read(stage, MINE, stage.supplier.token)
    assert mine["comparisons"][0]["cell"] == cell
    suppliers = await read(stage, SUPPLIERS, stage.buyer.token)
    assert suppliers["edges"][0]["node"]["cell"] == cell


async def test_a_supplier_sees_itself_beside_its_cohort(stage: Stage) -> None:
    mine = await read(stage, MINE, stage.supplier.token)
    assert (mine["takesPart"], mine["contributes"], mine["release"]["number"]) == (True, True, 1)
    assert mine["absence"] is None
    assert mine["ownCohort"] == {"tier": "BASIC", "sector": "C", "region": "ASIA", "size": "SMALL"}
    compared = {one["measure"]: (one["value"], one["quarter"]) for one in mine["comparisons"]}
    assert compared == {
        "total": ("30.00", 1),
        "pillar:labour": ("30.00", 1),
        "question:exits_locked": ("50.00", compared["question:exits_locked"][1]),
    }


RESCORED = (
    "INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, coverage,"
    " pillars, critical, valid_until) SELECT supplier_id, submission_id, 2, tier_scored, is_own_tier, 7000, coverage,"
    " pillars, critical, valid_until FROM portal.result",
    "INSERT INTO portal.result_section SELECT supplier_id, submission_id, 2, section,"
    """ '{"lines": [{"question": "exits_locked", "row": null, "points": "10"}]}' FROM portal.submission_section""",
    # Those that have no question of a benchmark, as if they had been submitted under the second profile.
    """UPDATE portal.submission s SET header = '{"profile": 2}' WHERE NOT EXISTS (
        SELECT FROM portal.submission_section t WHERE t.submission_id = s.id)""",
)


async def test_own_values_are_of_the_profile_that_the_release_counted(stage: Stage) -> None:
    for statement in RESCORED:
        await stage.house.run_sql(statement)
    await stage.release(*LATER)
    for release, values in ((1, ("30.00", "50.00")), (2, ("70.00", "10.00"))):
        asked = MINE.replace("(questionnaire", f"(release: {release}, questionnaire")
        compared = {
            one["measure"]: one["value"] for one in (await read(stage, asked, stage.supplier.token))["comparisons"]
        }
        assert (compared["total"], compared["question:exits_locked"]) == values


async def test_a_buyer_sees_its_suppliers_page_by_page(stage: Stage) -> None:
    first = await read(stage, SUPPLIERS, stage.buyer.token, first=6)
    rest = await read(stage, SUPPLIERS, stage.buyer.token, after=first["pageInfo"]["endCursor"])
    seen = [edge["node"] for edge in first["edges"] + rest["edges"]]
    totals = [float(one["total"]) for one in seen]
    assert (len(seen), len({one["supplierId"] for one in seen})) == (10, 10)
    assert totals == sorted(totals, reverse=True)
    assert [one["total"] for one in seen] == [f"{total:.2f}" for total in totals]  # "100.00", as everywhere else
    assert {one["quarter"] for one in seen} <= {1, 2, 3, 4}
    await stage.house.run_sql("UPDATE portal.share SET revoked_at = $1", RECENT)
    await stage.house.run_sql("UPDATE portal.relationship_card SET shared_until = $1", RECENT)
    gone = await stage.house.ask(SUPPLIERS, stage.buyer.token)
    assert codes(gone) == ["NO_SHARED_RESULTS"]


ENDING = """
WITH ended AS (
    UPDATE portal.share SET until = portal.clock() - interval '1 second', starts_at = portal.clock() - interval '1 day'
     WHERE supplier_id = $1 RETURNING *)
INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                          purpose)
SELECT supplier_id, buyer_id, gen_random_uuid(), questionnaire, subject_key, submission_id, follows_from, 'snapshot',
       purpose FROM ended
"""
OVERDUE = """
UPDATE portal.relationship_card SET shared_until = portal.clock() - interval '1 second',
       next_change_at = portal.clock() - interval '1 second' WHERE supplier_id = $1
"""


async def test_a_share_that_ended_hides_no_supplier_that_another_one_shows(stage: Stage) -> None:
    before = await read(stage, SUPPLIERS, stage.buyer.token)
    for statement in (ENDING, OVERDUE):
        await stage.house.run_sql(statement, stage.supplier.organization)
    await stage.house.run_sql("SELECT portal.sweep_cards($1)", stage.buyer.organization)  # as the worker does
    assert await read(stage, SUPPLIERS, stage.buyer.token) == before


async def test_an_unknown_questionnaire_is_not_an_empty_list(stage: Stage) -> None:
    unknown = await stage.house.ask(SUPPLIERS.replace('"sample"', '"simple"'), stage.buyer.token)
    assert codes(unknown) == ["NOT_FOUND"]
    filtered = await stage.house.ask(CELLS, stage.key, filter={"questionnaire": "simple"})
    assert codes(filtered) == ["NOT_FOUND"]
    assert filtered["errors"][0]["message"] == "There is no such questionnaire."


async def test_reciprocity(stage: Stage) -> None:
    stranger = await stage.house.sign_up("supplier")
    assert codes(await stage.house.ask(BENCHMARK, stranger.token)) == ["NOT_CONTRIBUTING"]
    none = await read(stage, MINE, stranger.token)
    assert none["absence"] == {"reason": "NOT_SUBMITTED", "since": None, "until": None}
    assert (none["takesPart"], none["contributes"], none["ownCohort"], none["comparisons"]) == (True, False, None, [])
    other = await stage.house.sign_up("buyer")
    assert codes(await stage.house.ask(BENCHMARK, other.token)) == ["NO_SHARED_RESULTS"]
    await stage.house.run_sql(
        "UPDATE portal.organization_role SET decided_at = portal.clock() WHERE organization_id = $1", other.organization
    )
    assert (await read(stage, BENCHMARK, other.token))["cell"]["status"] == "PUBLISHED"
    waiting = await stage.house.sign_up("partner")
    assert codes(await stage.house.ask(BENCHMARK, waiting.token)) == ["TERMS_NOT_ACCEPTED"]
    assert codes(await stage.house.ask(CELLS, waiting.token)) == ["TERMS_NOT_ACCEPTED"]
    assert codes(await stage.house.ask(CELLS, stage.supplier.token)) == ["NOT_A_PARTNER"]
    assert codes(await stage.house.ask(BENCHMARK)) == ["UNAUTHENTICATED"]
    nobody = await stage.house.sign_up()
    assert codes(await stage.house.ask(RELEASES, nobody.token)) == ["NOT_ALLOWED"]


async def test_a_supplier_that_withdraws_reads_past_releases_only(stage: Stage) -> None:
    chosen = await read(stage, TAKE_PART, stage.supplier.token, takesPart=False)
    assert chosen == {"__typename": "BenchmarkParticipationChanged", "takesPart": False}
    await stage.release(*LATER)
    mine = await read(stage, MINE, stage.supplier.token)
    assert (mine["takesPart"], mine["contributes"]) == (False, False)
    assert mine["absence"] == {"reason": "OPTED_OUT", "since": "2026-07-10", "until": None}
    assert codes(await stage.house.ask(BENCHMARK, stage.supplier.token)) == ["NOT_CONTRIBUTING"]
    assert (await read(stage, BENCHMARK, stage.supplier.token, release=1))["release"]["number"] == 1
    back = await read(stage, TAKE_PART, stage.supplier.token, takesPart=True)
    assert back["takesPart"] is True
    viewer = await stage.house.sign_up("supplier", member="viewer")
    assert (await read(stage, TAKE_PART, viewer.token, takesPart=False))["code"] == "NOT_ALLOWED"


async def test_a_supplier_that_does_not_contribute_reads_why(stage: Stage) -> None:
    """Each of its own affairs as it was for the release; the first release is made anew after each."""
    own = stage.supplier.organization

    async def explain(*changes: str) -> dict[str, Any]:
        async with people.open_session(stage.house.database.worker_url) as session:
            for statement in changes:
                await stage.house.run_sql(statement, own)
            await releases.make_release(session, correction="Another try.")
        mine = await read(stage, MINE, stage.supplier.token)
        assert (mine["contributes"], mine["ownCohort"], mine["comparisons"]) == (False, None, [])
        found: dict[str, Any] = mine["absence"]
        return found

    refused = await explain("UPDATE portal.request SET state = 'declined' WHERE supplier_id = $1")
    assert refused == {"reason": "NO_REQUEST", "since": None, "until": None}
    back = "UPDATE portal.request SET state = 'accepted' WHERE supplier_id = $1"
    expired = await explain(back, "UPDATE portal.result SET valid_until = '2026-05-31' WHERE supplier_id = $1")
    assert expired == {"reason": "NOT_VALID", "since": "2026-05-31", "until": None}
    valid = "UPDATE portal.result SET valid_until = '2027-05-31' WHERE supplier_id = $1"
    recent = "UPDATE portal.submission SET submitted_at = '2026-06-01T10:00Z' WHERE supplier_id = $1"
    waiting = await explain(valid, recent)
    assert waiting == {"reason": "TOO_RECENT", "since": "2026-06-01", "until": "2026-08-30"}
    withdraw = "UPDATE portal.submission SET state = 'withdrawn', withdrawn_at = '2026-07-02T08:00Z'"
    withdrawn = await explain(f"{withdraw} WHERE supplier_id = $1")
    assert withdrawn == {"reason": "WITHDRAWN", "since": "2026-07-02", "until": None}
    late = await explain("UPDATE portal.submission SET period_end = '2026-07-31' WHERE supplier_id = $1")
    assert late["reason"] == "NOT_SUBMITTED"
    await stage.house.run_sql("DELETE FROM portal.release_cell")
    assert (await read(stage, MINE, stage.supplier.token))["absence"]["reason"] == "NOT_COMPARED"


async def test_who_came_back_since_reads_that_it_had_opted_out(stage: Stage) -> None:
    await read(stage, TAKE_PART, stage.supplier.token, takesPart=False)
    await stage.release(*LATER)
    await stage.firms.set_clock(LATER[1] + timedelta(days=1))
    await read(stage, TAKE_PART, stage.supplier.token, takesPart=True)
    mine = await read(stage, MINE, stage.supplier.token)
    assert (mine["takesPart"], mine["contributes"]) == (True, False)
    assert mine["absence"] == {"reason": "OPTED_OUT", "since": None, "until": "2026-10-11"}


async def test_too_small_cohorts_lead_to_their_fold_and_withheld_ones_say_no_more(stage: Stage) -> None:
    folded = await read(stage, BENCHMARK, stage.key, size="LARGE")
    assert folded["foldedTo"] == {"sector": None, "region": None, "size": None}
    assert (folded["cell"]["status"], folded["cell"]["mean"]) == ("NOT_PUBLISHED", None)
    cells = [edge["node"] for edge in (await read(stage, CELLS, stage.key))["edges"]]
    assert {cell["status"] for cell in cells} == {"PUBLISHED", "NOT_PUBLISHED"}
    withheld = [cell for cell in cells if cell["status"] == "NOT_PUBLISHED"]
    blank = ("countBand", "mean", "p10", "p25", "p50", "p75", "p90", "figuresFromRelease")
    assert all(cell[name] is None for cell in withheld for name in blank)
    assert {"TOO_FEW", "TOO_RECENT"} <= {
        row["reason"] for row in await people.run_sql(stage.house.database, "SELECT reason FROM portal.release_cell")
    }
    told = str(await stage.house.ask(CELLS, stage.key)) + (await stage.fetch_csv(stage.key)).text
    for reason in ("TOO_FEW", "TOO_RECENT", "DOMINATED", "UNCHANGED", "WOULD_DISCLOSE"):
        assert reason not in told


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ('tier: BASIC, sector: "14"', "COHORT"),
        ("tier: BASIC, region: ASIA", "COHORT"),
        ('tier: BASIC, sector: "C", size: SMALL', "COHORT"),
        ('tier: BASIC, measure: "price"', "MEASURE"),
        ('tier: BASIC, measure: "question:"', "MEASURE"),
        ("tier: BASIC, release: 99", "NO_RELEASE"),
        ("tier: BASIC, release: -1", "NO_RELEASE"),
    ],
)
async def test_what_cannot_be_asked(stage: Stage, changed: str, code: str) -> None:
    query = f'{{ benchmark(questionnaire: "sample", {changed}) {{ cell {{ mean }} }} }}'
    assert codes(await stage.house.ask(query, stage.key)) == [code]


async def test_what_cannot_be_asked_is_named_as_the_argument_is(stage: Stage) -> None:
    query = '{ benchmark(questionnaire: "sample", tier: BASIC, sector: "C", size: SMALL) { cell { mean } } }'
    (error,) = (await stage.house.ask(query, stage.key))["errors"]
    assert [one["path"] for one in error["extensions"]["problems"]] == [["size"]]


async def test_cells_of_what_is_no_measure_are_refused(stage: Stage) -> None:
    answer = await stage.house.ask(CELLS, stage.key, filter={"measure": "totl"})
    assert codes(answer) == ["MEASURE"]
    assert 'A measure is "total", or the key of something behind "pillar:"' in answer["errors"][0]["message"]
    assert [one["path"] for one in answer["errors"][0]["extensions"]["problems"]] == [["filter", "measure"]]


async def test_an_unknown_measure_is_not_published(stage: Stage) -> None:
    nothing = await read(stage, BENCHMARK, stage.key, measure="question:nothing_like_it")
    assert (nothing["cell"]["status"], nothing["foldedTo"]) == ("NOT_PUBLISHED", None)


async def test_cells_come_page_by_page_filtered_and_since_a_release(stage: Stage) -> None:
    everything = await read(stage, CELLS, stage.key)
    seen: list[Any] = []
    after = None
    while True:
        page = await read(stage, CELLS, stage.key, first=2, after=after)
        seen += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == everything["edges"]
    totals = await read(stage, CELLS, stage.key, filter={"measure": "total", "sector": "C", "size": "SMALL"})
    assert [edge["node"]["measure"] for edge in totals["edges"]] == ["total", "total"]
    await stage.release(*LATER)
    newer = await read(stage, CELLS, stage.key, release=2, filter={"newerThanRelease": 1})
    assert {edge["node"]["cohort"]["region"] for edge in newer["edges"]} == {"EUROPE"}
    assert codes(await stage.house.ask(CELLS, stage.key, release=3)) == ["NO_RELEASE"]
    assert codes(await stage.house.ask(CELLS, stage.key, first=101)) == ["PAGE_SIZE"]


async def test_releases_explain_themselves(stage: Stage) -> None:
    (one,) = await read(stage, RELEASES, stage.supplier.token)
    assert one == {
        "number": 1,
        "periodStart": "2026-04-01",
        "periodEnd": "2026-06-30",
        "fewestForMean": 10,
        "fewestForTails": 40,
        "termsVersion": terms.VERSION,
    }


async def test_terms_are_accepted_by_owners_of_partners_in_the_version_in_force(stage: Stage) -> None:
    partner, viewer = await stage.house.sign_up("partner"), await stage.house.sign_up("partner", member="viewer")
    old = await read(stage, ACCEPT, partner.token, version="1999-1")
    assert (old["__typename"], old["code"]) == ("Conflict", "TERMS_CHANGED")
    assert (await read(stage, ACCEPT, viewer.token, version=terms.VERSION))["code"] == "NOT_ALLOWED"
    assert (await read(stage, ACCEPT, stage.buyer.token, version=terms.VERSION))["code"] == "NOT_A_PARTNER"
    assert (await read(stage, ACCEPT, stage.key, version=terms.VERSION))["code"] == "NOT_ALLOWED"
    assert (await read(stage, ACCEPT, partner.token, version=terms.VERSION))["version"] == terms.VERSION
    assert (await read(stage, ACCEPT, partner.token, version=terms.VERSION))["version"] == terms.VERSION
    found = await stage.house.ask("{ partnerTerms { version text } }")
    assert found["data"]["partnerTerms"]["version"] == terms.VERSION


async def test_a_key_without_scope_expired_or_revoked_is_refused(stage: Stage) -> None:
    organization = stage.partner.organization
    wrong = await stage.add_key(stage.supplier.organization, "assessments:read")
    assert codes(await stage.house.ask(BENCHMARK, wrong)) == ["NOT_ALLOWED"]
    assert (await stage.fetch_csv(wrong)).status_code == 403
    for column in ("expires_at", "revoked_at"):
        key = await stage.add_key(organization, "benchmarks:read")
        assert (await stage.fetch_csv(key)).status_code == 200
        await stage.house.run_sql(
            f"UPDATE portal.api_key SET {column} = portal.clock() WHERE key_hash = $1", tokens.hash_token(key)
        )
        assert codes(await stage.house.ask(BENCHMARK, key)) == ["UNAUTHENTICATED"]
        refused = await stage.fetch_csv(key)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    await stage.house.run_sql("UPDATE portal.organization_role SET status = 'refused' WHERE role = 'partner'")
    assert (await stage.fetch_csv(stage.key)).status_code == 403


async def test_a_key_needs_the_scope_for_own_comparisons_too(stage: Stage) -> None:
    for caller, scope, query in (
        (stage.supplier, "assessments:read", MINE),
        (stage.buyer, "suppliers:read", SUPPLIERS),
    ):
        narrow = await stage.add_key(caller.organization, scope)
        assert codes(await stage.house.ask(query, narrow)) == ["NOT_ALLOWED"]
        both = await stage.add_key(caller.organization, scope, "benchmarks:read")
        assert await read(stage, query, both)


@pytest.mark.parametrize("given", ["\x00", "x" * 5_000, "'; --", "\ud800", ""])
async def test_strange_words_find_nothing(stage: Stage, given: str) -> None:
    query = "query ($key: String!) { benchmark(questionnaire: $key, tier: BASIC) { cell { status } } }"
    found = await stage.house.ask(query, stage.key, key=given)
    assert found.get("data") is None or found["data"]["benchmark"]["cell"]["status"] == "NOT_PUBLISHED"
    filtered = await stage.house.ask(CELLS, stage.key, filter={"questionnaire": given, "sector": given})
    assert filtered.get("data") is None or filtered["data"]["benchmarkCells"]["edges"] == []


async def test_csv_for_partners_with_a_tag(stage: Stage) -> None:
    whole = await stage.fetch_csv(stage.key)
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert whole.headers["cache-control"] == "private, no-cache"
    assert whole.headers["vary"] == "Authorization, Accept-Encoding"
    assert ("content-encoding" in whole.headers) is (len(whole.content) >= compression.SMALLEST)
    rows = list(csv.DictReader(io.StringIO(whole.text)))
    assert list(rows[0]) == list(exports.COLUMNS)
    assert len(rows) == len((await read(stage, CELLS, stage.key))["edges"])
    tag = whole.headers["etag"]
    for given in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        known = await stage.fetch_csv(stage.key, if_none_match=given)
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert (await stage.fetch_csv(stage.key, if_none_match='"other"')).status_code == 200
    assert (await stage.fetch_csv(None, if_none_match=tag)).status_code == 401
    assert (await stage.fetch_csv(stage.key, query="?since=0")).text.count("\r\n") > 1
    await stage.release(*LATER)
    assert (await stage.fetch_csv(stage.key)).headers["etag"] == tag
    assert (await stage.fetch_csv(stage.key, release=2)).headers["etag"] != tag


@pytest.mark.parametrize(
    ("release", "query", "status", "code"),
    [
        ("2", "", 404, "NO_RELEASE"),
        ("99999999999999999999", "", 404, "NO_RELEASE"),
        ("one", "", 404, "HTTP"),
        ("-1", "", 404, "HTTP"),
        ("1", "?since=x", 400, "SINCE"),
        ("1", "?since=1&since=2", 400, "SINCE"),
        ("1", "?since=-1", 400, "SINCE"),
        ("1", "?sinse=1", 400, "PARAMETER"),
        ("1", "?since=1&measure=total", 400, "PARAMETER"),
    ],
)
async def test_csv_that_does_not_exist(stage: Stage, release: str, query: str, status: int, code: str) -> None:
    answer = await stage.fetch_csv(stage.key, release, query)
    assert (answer.status_code, codes(answer.json())) == (status, [code])


async def test_csv_is_for_partners(stage: Stage) -> None:
    for token, status in ((stage.supplier.token, 403), (stage.buyer.token, 403), ("spk_wrong", 401), (None, 401)):
        assert (await stage.fetch_csv(token)).status_code == status
    async with stage.house.client() as client:
        refused = await client.get("/v1/benchmarks/1.csv", headers={"authorization": "Basic abc"})
        dictionary = await client.get("/v1/benchmarks/dictionary.csv")
    assert refused.status_code == 401
    columns = [row["column"] for row in csv.DictReader(io.StringIO(dictionary.text))]
    assert columns == list(exports.COLUMNS)
    async with stage.house.client() as client:
        known = await client.get("/v1/benchmarks/dictionary.csv", headers={"if-none-match": dictionary.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def get(stage: Stage, query: str, token: str | None = None, tag: str = "", **variables: Any) -> httpx.Response:
    sent = {"authorization": f"Bearer {token}"} if token else {}
    sent |= {"if-none-match": tag} if tag else {}
    async with stage.house.client() as client:
        return await client.get("/graphql", params={"query": query, "variables": json.dumps(variables)}, headers=sent)


async def test_released_figures_are_asked_for_by_their_tag(stage: Stage) -> None:
    for query, token in ((CELLS, stage.key), (RELEASES, stage.key), (BENCHMARK, stage.buyer.token), (TERMS, None)):
        whole = await get(stage, query, token)
        assert (whole.status_code, whole.headers["cache-control"]) == (200, "private, no-cache")
        assert {"Authorization", "Accept"} <= set(whole.headers["vary"].split(", "))
        tag = whole.headers["etag"]
        for given in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            known = await get(stage, query, token, given)
            assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
            for name in ("cache-control", "vary"):
                assert known.headers[name] == whole.headers[name]
        assert (await get(stage, query, token, '"other"')).json() == whole.json()
        posted = await stage.house.post({"query": query}, token)
        assert posted.headers["cache-control"] == "no-store"
        assert "etag" not in posted.headers
    before = await get(stage, RELEASES, stage.key)
    await stage.release(*LATER)
    after = await get(stage, RELEASES, stage.key, before.headers["etag"])
    assert (after.status_code, len(after.json()["data"]["benchmarkReleases"])) == (200, 2)


async def test_a_tag_opens_nothing_to_those_who_may_not_read(stage: Stage) -> None:
    tag = (await get(stage, CELLS, stage.key)).headers["etag"]
    for token, code in (
        (None, "UNAUTHENTICATED"),
        ("spk_wrong", "UNAUTHENTICATED"),
        (stage.buyer.token, "NOT_A_PARTNER"),
    ):
        refused = await get(stage, CELLS, token, tag)
        assert (refused.status_code, codes(refused.json())) == (200, [code])
        assert (refused.headers["cache-control"], "etag" in refused.headers) == ("no-store", False)
    await stage.house.run_sql("UPDATE portal.api_key SET revoked_at = portal.clock()")
    assert codes((await get(stage, CELLS, stage.key, tag)).json()) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "query",
    [
        MINE,
        SUPPLIERS,
        "{ __typename }",
        "{ service { version } }",
        "{ benchmarkReleases { number } service { version } }",
        "{ ... { ...F } } fragment F on Query { partnerTerms { version } viewer: service { version } }",
        "{ partnerTerms { version } __schema { queryType { name } } }",
        "{ partnerTerms { nothing } }",
    ],
)
async def test_whatever_else_is_asked_is_never_kept(stage: Stage, query: str) -> None:
    answer = await get(stage, query, stage.supplier.token)
    assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)


async def test_fragments_and_a_choice_of_operations_lead_to_the_same_root_fields(stage: Stage) -> None:
    query = "query A { ... on Query { ...F } __typename } fragment F on Query { terms: partnerTerms { version } }"
    assert "etag" in (await get(stage, query)).headers
    async with stage.house.client() as client:
        for name, kept in (("A", True), ("B", False)):
            both = {"query": f"{query} query B {{ service {{ version }} }}", "operationName": name}
            assert ("etag" in (await client.get("/graphql", params=both)).headers) is kept


async def test_cells_are_read_by_an_index(stage: Stage) -> None:
    connection = await asyncpg.connect(stage.house.database.app_url.replace("+asyncpg", ""))
    try:
        await connection.execute("SET enable_seqscan = off")
        plan = "\n".join(
            row[0]
            for row in await connection.fetch(
                "EXPLAIN SELECT mean FROM portal.release_cell WHERE release_number = 1 AND questionnaire = 'sample'"
                " AND measure IN ('total', 'pillar:labour') AND tier = 'basic' AND sector IN ('C', '*')"
                " AND region IN ('Asia', '*') AND size_band IN ('small', '*')"
            )
        )
    finally:
        await connection.close()
    assert "Index Cond: ((release_number = 1)" in plan
    assert "Filter" not in plan


async def test_an_unknown_questionnaire_is_an_error(stage: Stage) -> None:
    one = '{ benchmark(questionnaire: "nope", tier: BASIC) { cell { status } } }'
    mine = '{ myBenchmark(questionnaire: "nope") { contributes } }'
    for document, token in ((one, stage.supplier.token), (one, stage.key), (mine, stage.supplier.token)):
        answer = await stage.house.ask(document, token)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
