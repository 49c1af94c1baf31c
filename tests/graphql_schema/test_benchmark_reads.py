"""Series over releases, what the upper quarter does differently, and a buyer's suppliers, through HTTP."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.assessments import publishing
from portal.benchmarks import exports, terms
from questionnaires.catalogue import Packaged
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.portals import codes
from tests.graphql_schema.test_benchmark import ACCEPT, COHORT, Stage, read, refresh_cards
from tests.portal.assessments import sample
from tests.portal.assessments.sample import make_overlay, write_translation
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import INDICATED
from tests.portal.benchmarks.population import LATER, Firm, Population

pytestmark = pytest.mark.slow  # each works on a release of its own

COUNT = 48
FIGURES = "status unit step direction countBand mean p25 p75 figuresFromRelease cohort { sector region size }"
SERIES = (
    'query ($measure: String! = "total", $size: OrganizationSize = SMALL)'
    f" {{ benchmarkSeries({COHORT}, size: $size, measure: $measure) {{ measure points"
    f" {{ release {{ number periodEnd }} value quarter cell {{ {FIGURES} }} }} }} }}"
)
MINE = (
    "query ($differences: Int = 5, $locale: Locale)"
    ' { myBenchmark(questionnaire: "sample", differences: $differences, locale: $locale)'
    f" {{ comparisons {{ measure value quarter cell {{ {FIGURES} }} }} differences {{ question title action upper rest"
    " value figuresFromRelease origins { field source } } } }"
)
SUPPLIERS = (
    "query ($first: Int! = 25, $after: String, $release: Int)"
    ' { supplierBenchmarks(questionnaire: "sample", first: $first, after: $after, release: $release)'
    " { edges { node { supplierId total quarter ownCohort { tier sector region size }"
    " cell { release status cohort { tier sector region size } } } } pageInfo { hasNextPage endCursor } } }"
)
CELLS = (
    "query ($measure: String!) { benchmarkCells(release: 1, filter: {measure: $measure})"
    f" {{ edges {{ node {{ {FIGURES} }} }} }} }}"
)


@pytest.fixture
async def stage(database: databases.TestDatabase) -> AsyncIterator[Stage]:
    """Forty-eight firms in one cell, of which the caller is the lowest; the better their total, the more they do."""
    packaged = Packaged(sample.make_definition(INDICATED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with portals.run_portal(database) as house, population.open_population(database) as firms:
        yield await set_stage(house, firms)


async def set_stage(house: portals.Portal, firms: Population) -> Stage:
    supplier, buyer, partner = [await house.sign_up(role) for role in ("supplier", "buyer", "partner")]
    (group,) = await firms.add_groups(1)
    await firms.connection.execute(
        "UPDATE portal.organization SET sector_scheme = 'ISIC Rev.4', sector = '14', country = 'BD',"
        " size_band = 'small' WHERE id = $1",
        supplier.organization,
    )
    own = Firm(supplier.organization, group)
    await firms.insert("group_member", [{"organization_id": own.id, "group_id": group}])
    everybody = [own, *(await firms.add_firms(COUNT - 1))]
    await firms.ask([own], firms.buyer)  # as the others, so that no buyer asked all but one of them first
    await firms.ask(everybody, buyer.organization)
    submissions = await firms.submit(
        everybody,
        [3000 + 100 * place for place in range(COUNT)],
        points={
            "exits_locked": [str(3 + 2 * place) for place in range(COUNT)],
            "trained": [str(5 + 3 * (place // 2)) for place in range(COUNT)],
        },
        answers={"energy": [f"{20 - place / 4:.1f}" for place in range(COUNT)]},
    )
    shared = [everybody[place] for place in (0, *range(1, 30, 3))]
    await firms.share(shared, [submissions[everybody.index(one)] for one in shared], buyer.organization)
    async with people.open_session(house.database.worker_url) as session:
        await refresh_cards(session, buyer.organization)
    stage = Stage(house, firms, supplier, buyer, partner, "")
    stage.key = await stage.add_key(partner.organization, "benchmarks:read")
    await house.ask(ACCEPT, partner.token, version=terms.VERSION)
    await stage.release()
    return stage


async def test_a_series_has_a_point_for_each_release_with_the_own_value(stage: Stage) -> None:
    await stage.release(*LATER)
    found = await read(stage, SERIES, stage.supplier.token, measure="indicator:energy")
    assert found["measure"] == "indicator:energy"
    first, second = found["points"]
    assert [one["release"]["number"] for one in (first, second)] == [1, 2]
    assert (first["value"], first["quarter"]) == ("20.000", 4)
    cell = first["cell"]
    assert (cell["unit"], cell["step"], cell["direction"]) == ("kWh/piece", "0.1", "DOWN")
    assert (cell["status"], cell["mean"], cell["figuresFromRelease"]) == ("PUBLISHED", 140, 1)  # 14 kWh per piece
    assert second["cell"] == cell  # nothing changed, so the older figures stand
    total = await read(stage, SERIES, stage.supplier.token)
    assert [one["value"] for one in total["points"]] == ["30.00", "30.00"]
    pillar = await read(stage, SERIES, stage.supplier.token, measure="pillar:labour")
    assert {one["cell"]["unit"] for one in (*total["points"], *pillar["points"])} == {"point"}


async def test_everybody_reads_the_same_series_and_no_own_value_but_its_own(stage: Stage) -> None:
    mine = await read(stage, SERIES, stage.supplier.token, measure="upper:exits_locked")
    assert mine["points"][0]["value"] == "3.00"
    for token in (stage.buyer.token, stage.key):
        theirs = await read(stage, SERIES, token, measure="upper:exits_locked")
        assert [one["cell"] for one in theirs["points"]] == [one["cell"] for one in mine["points"]]
        assert [(one["value"], one["quarter"]) for one in theirs["points"]] == [(None, None)]


async def test_a_key_for_releases_alone_reads_no_own_value(stage: Stage) -> None:
    for scopes, value in ((("benchmarks:read",), None), (("benchmarks:read", "assessments:read"), "30.00")):
        key = await stage.add_key(stage.supplier.organization, *scopes)
        (point,) = (await read(stage, SERIES, key))["points"]
        assert (point["value"], point["cell"]["status"]) == (value, "PUBLISHED")


async def test_a_series_leaves_out_releases_that_the_caller_does_not_contribute_to(stage: Stage) -> None:
    await stage.firms.insert(
        "benchmark_choice", [{"organization_id": stage.supplier.organization, "takes_part": False}]
    )
    await stage.release(*LATER)
    found = await read(stage, SERIES, stage.supplier.token)
    assert [one["release"]["number"] for one in found["points"]] == [1]
    partners = await read(stage, SERIES, stage.key)
    assert [one["release"]["number"] for one in partners["points"]] == [1, 2]
    stranger = await stage.house.sign_up("supplier")
    assert codes(await stage.house.ask(SERIES, stranger.token)) == ["NOT_CONTRIBUTING"]
    other = await stage.house.sign_up("buyer")
    assert codes(await stage.house.ask(SERIES, other.token)) == ["NO_SHARED_RESULTS"]
    waiting = await stage.house.sign_up("partner")
    assert codes(await stage.house.ask(SERIES, waiting.token)) == ["TERMS_NOT_ACCEPTED"]
    assert codes(await stage.house.ask(SERIES)) == ["UNAUTHENTICATED"]


async def test_a_series_names_the_cell_that_a_cohort_is_folded_into(stage: Stage) -> None:
    found = await read(stage, SERIES, stage.key, size="LARGE", measure="indicator:energy")
    (point,) = found["points"]
    assert point["cell"]["cohort"] == {"sector": None, "region": None, "size": None}
    assert (point["cell"]["status"], point["cell"]["unit"]) == ("NOT_PUBLISHED", "kWh/piece")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"total"', '"price"', "MEASURE"),
        ('"total"', '"indicator:"', "MEASURE"),
        ('sector: "C", ', "", "COHORT"),
        ('"sample"', '"nothing"', "NOT_FOUND"),
    ],
)
async def test_what_is_no_series(stage: Stage, old: str, new: str, code: str) -> None:
    assert codes(await stage.house.ask(SERIES.replace(old, new), stage.key)) == [code]


async def test_the_upper_quarters_differences_come_with_texts_the_largest_first(stage: Stage) -> None:
    found = await read(stage, MINE, stage.supplier.token)
    assert found["differences"] == [
        {
            "question": "exits_locked",
            "title": "Locked?",
            "action": "Unlock.",
            "upper": 86,  # of 75 to 97
            "rest": 38,  # of 3 to 73
            "value": "3.00",
            "figuresFromRelease": 1,
            "origins": [{"field": "title", "source": "SOURCE"}, {"field": "action", "source": "SOURCE"}],
        },
        {
            "question": "trained",
            "title": "Trained",
            "action": "Train.",
            "upper": 67,
            "rest": 31,
            "value": "5.00",
            "figuresFromRelease": 1,
            "origins": [{"field": "title", "source": "SOURCE"}, {"field": "action", "source": "SOURCE"}],
        },
    ]
    measures = [one["measure"] for one in found["comparisons"]]
    assert measures == ["total", "pillar:labour", "question:exits_locked", "question:trained", "indicator:energy"]
    energy = found["comparisons"][-1]
    assert (energy["value"], energy["quarter"], energy["cell"]["mean"]) == ("20.000", 4, 140)
    assert [
        one["question"] for one in (await read(stage, MINE, stage.supplier.token, differences=1))["differences"]
    ] == ["exits_locked"]
    assert (await read(stage, MINE, stage.supplier.token, differences=0))["differences"] == []
    assert codes(await stage.house.ask(MINE, stage.supplier.token, differences=21)) == ["TOO_MANY"]


async def test_differences_are_told_in_the_callers_language(stage: Stage, tmp_path: Path) -> None:
    files = [write_translation(tmp_path, make_overlay())]
    await publishing.publish_all(stage.house.database.owner_url, [], files)
    first = (await read(stage, MINE, stage.supplier.token, locale="es"))["differences"][0]
    assert (first["title"], first["origins"][0]["source"]) == ("¡Locked?!", "MACHINE")


async def test_there_are_no_differences_where_a_part_is_withheld(stage: Stage) -> None:
    """Twenty-four groups are left: a quarter of them are too few."""
    await stage.house.run_sql(
        "INSERT INTO portal.benchmark_choice (organization_id, takes_part)"
        " SELECT id, false FROM portal.organization WHERE name LIKE 'Made-up Firm %' ORDER BY id LIMIT 24"
    )
    await stage.release(*LATER)
    found = await read(stage, MINE.replace('"sample",', '"sample", release: 2,'), stage.supplier.token)
    assert found["comparisons"][0]["cell"]["figuresFromRelease"] == 2
    assert found["differences"] == []


async def test_partners_get_every_measure_with_its_unit(stage: Stage) -> None:
    rows = list(csv.DictReader(io.StringIO((await stage.fetch_csv(stage.key)).text)))
    by = {row["measure"]: row for row in rows if row["size_band"] == "small"}
    assert {measure for measure, row in by.items() if row["status"] == "PUBLISHED"} == {
        "total", "pillar:labour", "question:exits_locked", "question:trained", "indicator:energy",
        "upper:exits_locked", "rest:exits_locked", "upper:trained", "rest:trained",
    }  # fmt: skip
    # What nobody has answered is listed, as what few have: a row tells of no answer.
    hidden = {measure: row["unit"] for measure, row in by.items() if row["status"] != "PUBLISHED"}
    assert hidden == {
        "pillar:safety": "point", "indicator:cover": "percent", "indicator:site_share": "percent",
        "indicator:trained": "percent",
    }  # fmt: skip
    energy, upper = by["indicator:energy"], by["upper:exits_locked"]
    assert (energy["unit"], energy["step"], energy["direction"], energy["mean"]) == ("kWh/piece", "0.1", "down", "14.0")
    assert (upper["unit"], upper["step"], upper["mean"], upper["count_band"], upper["p50"]) == (
        "point", "1", "86", "10-19", "",
    )  # fmt: skip
    assert {"unit", "step", "direction"} <= set(exports.COLUMNS)
    edges = (await read(stage, CELLS, stage.key, measure="indicator:energy"))["edges"]
    (node,) = (edge["node"] for edge in edges if edge["node"]["mean"] is not None)
    assert (node["unit"], node["step"], node["direction"], node["mean"]) == ("kWh/piece", "0.1", "DOWN", 140)
    (edge,) = (await read(stage, CELLS, stage.key, measure="rest:trained"))["edges"]
    assert (edge["node"]["unit"], edge["node"]["step"], edge["node"]["mean"]) == ("point", "1", 31)


async def list_suppliers(stage: Stage, first: int, **variables: Any) -> list[Any]:
    seen: list[Any] = []
    after = None
    while True:
        page = await read(stage, SUPPLIERS, stage.buyer.token, first=first, after=after, **variables)
        seen += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return seen


async def test_a_buyers_suppliers_say_their_quarter_and_cohort_page_by_page(stage: Stage) -> None:
    await stage.house.run_sql("UPDATE portal.relationship_card SET total = 4500 WHERE total BETWEEN 3500 AND 5000")
    whole = await list_suppliers(stage, 25)
    assert len(whole) == 11
    for first in (1, 2, 4):
        assert await list_suppliers(stage, first) == whole  # also through those whose totals are the same
    small = {"tier": "BASIC", "sector": "C", "region": "ASIA", "size": "SMALL"}
    assert all(one["ownCohort"] == one["cell"]["cohort"] == small for one in whole)
    assert {one["quarter"] for one in whole} == {1, 2, 3}
    assert {one["cell"]["release"] for one in whole} == {1}


async def test_a_supplier_in_a_folded_cohort_names_both(stage: Stage) -> None:
    await stage.house.run_sql(
        "UPDATE portal.organization SET size_band = 'large' WHERE id = $1", stage.supplier.organization
    )
    lowest = (await list_suppliers(stage, 25))[-1]
    assert lowest["ownCohort"]["size"] == "LARGE"
    assert lowest["cell"]["cohort"] == {"tier": "BASIC", "sector": None, "region": None, "size": None}
    assert (lowest["cell"]["status"], lowest["quarter"]) == ("NOT_PUBLISHED", None)


async def test_suppliers_stand_beside_the_release_that_was_asked_for(stage: Stage) -> None:
    await stage.release(*LATER)
    for release in (1, 2):
        assert {one["cell"]["release"] for one in await list_suppliers(stage, 25, release=release)} == {release}
    assert codes(await stage.house.ask(SUPPLIERS, stage.buyer.token, release=9)) == ["NO_RELEASE"]
