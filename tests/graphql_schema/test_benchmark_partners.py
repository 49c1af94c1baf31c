"""What partners are given through HTTP: rows of a day, the terms as a text, and word of what was corrected."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.assessments import publishing
from portal.benchmarks import releases, terms
from questionnaires.catalogue import Packaged
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.portals import codes
from tests.graphql_schema.test_benchmark import BENCHMARK, CELLS, Stage, read, set_stage
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import MARKED
from tests.portal.benchmarks.population import LATER, NOW, QUARTER

pytestmark = pytest.mark.slow  # each works on a release of its own

ROWS = 36  # that a partner may read in a day
REASON = "Two groups were counted as four."
RELEASES = "{ benchmarkReleases { number corrects correctedBy correctionReason } }"
WITHDRAW = (
    "UPDATE portal.submission SET state = 'withdrawn' WHERE id IN (SELECT submission_id"
    " FROM portal.release_contributor WHERE sector = 'C' AND NOT waits ORDER BY submission_id LIMIT 16)"
)
TAKEN = "SELECT tries FROM portal.credential_attempt WHERE kind = 'released_rows'"
YESTERDAY = "UPDATE portal.credential_attempt SET window_start = window_start - interval '1 day'"


@pytest.fixture
async def stage(database: databases.TestDatabase) -> AsyncIterator[Stage]:
    packaged = Packaged(sample.make_definition(MARKED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with (
        portals.run_portal(database, benchmark_rows_per_day=ROWS) as house,
        population.open_population(database) as firms,
    ):
        yield await set_stage(house, firms)


async def count_taken(stage: Stage) -> int:
    return sum(row["tries"] for row in await people.run_sql(stage.house.database, TAKEN))


async def correct(stage: Stage) -> None:
    async with people.open_session(stage.house.database.worker_url) as session:
        await releases.make_release(session, correction=REASON)


async def test_a_partner_reads_so_many_rows_a_day(stage: Stage) -> None:
    whole = await stage.fetch_csv(stage.key)
    rows = whole.text.count("\r\n") - 1
    assert (rows, await count_taken(stage)) == (12, 12)
    assert (await stage.fetch_csv(stage.key, if_none_match=whole.headers["etag"])).status_code == 304
    assert await count_taken(stage) == 12  # what the client has is not read
    await read(stage, CELLS, stage.partner.token, first=20)
    assert await count_taken(stage) == 32
    assert (await stage.fetch_csv(stage.key)).status_code == 200  # begun within the day's rows, so it is whole
    refused = await stage.fetch_csv(stage.key)
    assert (refused.status_code, codes(refused.json())) == (429, ["QUOTA"])
    assert 86_000 < int(refused.headers["retry-after"]) <= 86_400
    assert "36 rows" in refused.json()["errors"][0]["message"]
    assert await count_taken(stage) == 44
    other = await stage.add_key(stage.partner.organization, "benchmarks:read")  # no more rows by another key
    answer = await stage.house.post({"query": CELLS}, other)
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "QUOTA"
    assert 86_000 < error["extensions"]["retryAfter"] <= 86_400
    assert answer.headers["retry-after"] == str(error["extensions"]["retryAfter"])
    assert (await read(stage, BENCHMARK, stage.key))["cell"]["status"] == "PUBLISHED"  # a single figure is always there
    await stage.house.run_sql(YESTERDAY)
    assert (await stage.fetch_csv(stage.key)).status_code == 200
    assert await count_taken(stage) == 12


async def test_rows_are_taken_by_those_alone_who_may_read_them(stage: Stage) -> None:
    waiting = await stage.house.sign_up("partner")
    for caller in (waiting, stage.supplier, stage.buyer):
        assert (await stage.fetch_csv(caller.token)).status_code == 403
        assert "errors" in await stage.house.ask(CELLS, caller.token)
    assert codes(await stage.house.ask(CELLS, stage.key, release=7)) == ["NO_RELEASE"]
    assert codes(await stage.house.ask(CELLS, stage.key, first=101)) == ["PAGE_SIZE"]
    assert await count_taken(stage) == 0
    second = await stage.house.sign_up("partner")
    await read(stage, CELLS, stage.key, first=ROWS)
    assert codes(await stage.house.ask(CELLS, stage.key)) == ["QUOTA"]
    await stage.house.run_sql(
        "INSERT INTO portal.partner_terms (organization_id, terms_version) VALUES ($1, $2)",
        second.organization,
        terms.VERSION,
    )
    assert len((await read(stage, CELLS, second.token))["edges"]) == 12


async def test_the_terms_are_there_as_a_text_for_everybody(stage: Stage) -> None:
    told = (await stage.house.ask("{ partnerTerms { version text path } }"))["data"]["partnerTerms"]
    async with stage.house.client() as client:
        found = await client.get(told["path"])
        known = await client.get(told["path"], headers={"if-none-match": found.headers["etag"]})
        strange = await client.get(told["path"], params={"version": "1"})
    assert (found.status_code, found.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert found.headers["cache-control"] == "public, max-age=3600"
    title, *paragraphs = found.text.rstrip("\n").split("\n\n")
    assert title.endswith(f"version {told['version']}")
    assert paragraphs == told["text"].split("\n")
    assert (known.status_code, known.content) == (304, b"")
    assert (strange.status_code, codes(strange.json())) == (400, ["PARAMETER"])
    links = (await stage.fetch_csv(stage.key)).headers["link"]
    assert f'<{told["path"]}>; rel="license"' in links


async def list_rows(stage: Stage, release: int, query: str = "") -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO((await stage.fetch_csv(stage.key, release, query)).text)))


async def test_a_correction_is_told_wherever_the_release_is_read(stage: Stage) -> None:
    faulty = await stage.fetch_csv(stage.key)
    await correct(stage)
    listed = await read(stage, RELEASES, stage.key)
    assert listed == [
        {"number": 2, "corrects": 1, "correctedBy": None, "correctionReason": REASON},
        {"number": 1, "corrects": None, "correctedBy": 2, "correctionReason": None},
    ]
    assert (await read(stage, BENCHMARK, stage.supplier.token))["release"]["number"] == 2
    told = {(row["corrects_release"], row["corrected_by_release"], row["correction_reason"])
            for row in await list_rows(stage, 2)}  # fmt: skip
    assert told == {("1", "", REASON)}
    changed = await stage.fetch_csv(stage.key, 1, if_none_match=faulty.headers["etag"])
    assert changed.status_code == 200
    before, after = (list(csv.DictReader(io.StringIO(one.text))) for one in (faulty, changed))
    assert {row["corrected_by_release"] for row in after} == {"2"}
    assert [row | {"corrected_by_release": ""} for row in after] == before
    settled = await stage.fetch_csv(stage.key, 1, if_none_match=changed.headers["etag"])
    assert settled.status_code == 304


async def test_figures_since_a_release_are_those_made_after_it(stage: Stage) -> None:
    await stage.release(*LATER)
    whole = await list_rows(stage, 2)
    newer = [row for row in whole if row["figures_from_release"] == "2"]
    assert 0 < len(newer) < len(whole)
    assert await list_rows(stage, 2, "?since=1") == newer


async def test_figures_that_are_gone_since_a_release_are_told(stage: Stage) -> None:
    """Whoever keeps a copy by changes alone has what is in force."""
    had = {row["measure"] for row in await list_rows(stage, 1) if row["status"] == "PUBLISHED"}
    await stage.house.run_sql(WITHDRAW)
    await correct(stage)
    changed = await list_rows(stage, 2, "?since=1")
    assert had == {"total", "pillar:labour", "question:exits_locked"}
    others = {("total", "Europe", "NOT_PUBLISHED", ""), ("total", "*", "NOT_PUBLISHED", "")}  # it is a correction
    assert {(row["measure"], row["region"], row["status"], row["mean"]) for row in changed} == others | {
        (measure, "Asia", "NOT_PUBLISHED", "") for measure in had
    }
    answer = await read(stage, CELLS, stage.key, release=2, first=10, filter={"newerThanRelease": 1})
    assert {edge["node"]["measure"] for edge in answer["edges"]} == had
    assert {edge["node"]["status"] for edge in answer["edges"]} == {"NOT_PUBLISHED"}


async def test_older_figures_that_stand_again_are_told(stage: Stage) -> None:
    await stage.house.run_sql(WITHDRAW)
    await correct(stage)
    await stage.house.run_sql("UPDATE portal.submission SET state = 'current' WHERE state = 'withdrawn'")
    await correct(stage)
    back = [row for row in await list_rows(stage, 3, "?since=2") if row["status"] == "PUBLISHED"]
    assert {row["measure"] for row in back} == {"total", "pillar:labour", "question:exits_locked"}
    assert {(row["release"], row["figures_from_release"]) for row in back} == {("3", "1")}


async def test_cells_that_a_release_no_longer_names_are_told(stage: Stage) -> None:
    """After four quarters cells are folded anew, and what was too small goes into another one."""
    had = {row["measure"] for row in await list_rows(stage, 1) if row["status"] == "PUBLISHED"}
    await stage.house.run_sql(WITHDRAW)
    await stage.house.run_sql("UPDATE portal.result SET valid_until = '2030-01-01'")
    await stage.release(QUARTER.shift(4), NOW.replace(year=NOW.year + 1))
    assert not [row for row in await list_rows(stage, 2) if row["region"] == "Asia"]
    changed = await list_rows(stage, 2, "?since=1")
    gone = [row for row in changed if row["region"] == "Asia"]
    blank = ("count_band", "mean", "p10", "p25", "p50", "p75", "p90", "figures_from_release")
    assert {(row["measure"], row["status"], row["release"], row["unit"]) for row in gone} == {
        (measure, "NOT_PUBLISHED", "2", "point") for measure in had
    }
    assert {row[name] for row in gone for name in blank} == {""}
    seen: list[Any] = []
    after, more = None, True
    while more:
        page = await read(stage, CELLS, stage.key, release=2, first=2, after=after, filter={"newerThanRelease": 1})
        seen += [edge["node"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert [(one["measure"], one["status"], one["mean"]) for one in seen] == [
        (row["measure"], row["status"], int(row["mean"]) if row["mean"] else None) for row in changed
    ]
    assert {one["release"] for one in seen} == {2}


async def test_a_correction_that_changes_nothing_is_told_to_who_reads_changes_alone(stage: Stage) -> None:
    await correct(stage)
    told = await list_rows(stage, 2, "?since=1")
    assert told == [row for row in await list_rows(stage, 2) if row["measure"] == "total"] != []
    assert {(row["corrects_release"], row["correction_reason"]) for row in told} == {("1", REASON)}


async def test_changes_are_asked_for_since_an_older_release(stage: Stage) -> None:
    for since in (-1, 1, 77):
        answer = await stage.house.ask(CELLS, stage.key, filter={"newerThanRelease": since})
        assert codes(answer) == ["NOT_OLDER"]
        (problem,) = answer["errors"][0]["extensions"]["problems"]
        assert problem["path"] == ["filter", "newerThanRelease"]
        refused = await stage.fetch_csv(stage.key, 1, f"?since={since}")
        assert (refused.status_code, codes(refused.json())) == (400, ["SINCE"])
    assert (await stage.fetch_csv(stage.key, 1, "?since=0")).text == (await stage.fetch_csv(stage.key)).text
    whole = await read(stage, CELLS, stage.key, first=6)
    assert await read(stage, CELLS, stage.key, first=6, filter={"newerThanRelease": 0}) == whole
