"""Consent that ends is over everywhere in the next call: list, filters, sorts, counts, profile, nodes, files, database.

Each test lets the second buyer read a submission that it has no other way to, and compares all that it gets afterwards
with all that it got before the share began.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from graphql_schema import nodes
from tests import databases, people
from tests.hostile import house as houses
from tests.hostile import probes, surface, walls
from tests.hostile.house import House, decode, mark

pytestmark = pytest.mark.slow  # every path into a portal full of data

OPENED = {"sections": ["facts", "labour", "safety"], "includeEvidence": True}
FOUND = "query ($f: SupplierFilter!) { suppliers(filter: $f, sort: TOTAL_HIGHEST) { totalCount nodes { total band } } }"
SORTS = sorted(surface.SCHEMA.get_type("SupplierSort").values)  # type: ignore[union-attr]
SHARED = ("submission", "submission_section", "submission_evidence", "result", "evidence", "share", "result_section")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    with databases.copy_template(database_server, database_template) as made:
        async with houses.open_house(made, tmp_path_factory.mktemp("files"), everything=False) as opened:
            later = "INSERT INTO portal.result_section SELECT supplier_id, submission_id, 2, section, trace"
            await people.run_sql(made, f"{later} FROM portal.submission_section")
            yield opened


class Reader:
    """What the second buyer gets of one supplier, whichever way it asks."""

    def __init__(self, house: House, supplier: str) -> None:
        self.house, self.supplier = house, supplier
        self.record = house.made[f"b2 record {supplier}"]
        _, owner, row = decode(house.made[f"{supplier} submission own"]) or ("", None, None)
        assert owner is not None
        assert row is not None
        self.result = surface.encode_id("shrd", owner, row)
        self.evidence = house.made[f"{supplier} evidence own"]
        self.share = self.link = ""

    async def read(self, name: str, arguments: dict[str, str], only: str | None = None) -> list[str]:
        """What every field below one of the query root says."""
        documents = surface.list_documents(name, arguments, only)
        return [walls.normalize(await self.house.post("b2", one, **arguments)) for one in documents]

    async def look(self) -> list[str]:
        """Every field of profile, list and node, all orders and filters, the file, and the tables beneath."""
        said = await self.read("supplier", {"id": self.record, "questionnaire": "sample"})
        said += await self.read("node", {"id": self.result}, only="SharedResult")
        for sort in SORTS:
            said += await self.read("suppliers", {"sort": sort, "filter": surface.Raw('{questionnaire: "sample"}')})
        said += await self.read("supplierBenchmarks", {"questionnaire": "sample"})
        filters = [{"band": [one]} for one in ("a", "c", "d")] + [{"tier": [one]} for one in ("MICRO", "BASIC")]
        said += [json.dumps(await self.count(**one)) for one in filters]
        many = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        said.append(walls.normalize(await self.house.post("b2", many, ids=[self.result, self.evidence])))
        said.append(json.dumps((await self.ask_for_file())["__typename"]))
        said.append(str((await self.fetch_link()).status_code) if self.link else "404")
        said.append(await self.fetch_table())
        return said + [f"{table} {count}" for table, count in (await self.count_rows()).items()]

    async def count(self, **wanted: Any) -> Any:
        return (await self.house.ask("b2", FOUND, f={"questionnaire": "sample"} | wanted))["suppliers"]

    async def ask_for_file(self) -> Any:
        document = surface.write_change("createEvidenceDownload")
        return (await self.house.ask("b2", document, input={"evidenceId": self.evidence}))["result"]

    async def fetch_link(self) -> httpx.Response:
        return await self.house.client.get(httpx.URL(self.link).raw_path.decode())

    async def fetch_table(self) -> str:
        """The buyer's list for a spreadsheet."""
        headers = {"authorization": f"Bearer {self.house.tokens['b2']}"}
        response = await self.house.client.get("/suppliers.csv", params={"questionnaire": "sample"}, headers=headers)
        assert response.status_code == 200
        return response.text

    def share_line(self, table: str) -> bool:
        """Whether a line of the table holds a result."""
        return any(
            cell in ("MICRO", "BASIC", "micro", "basic") for line in table.splitlines() for cell in line.split(",")
        )

    async def compare(self) -> list[str]:
        """The suppliers that stand beside their cohort."""
        document = '{ supplierBenchmarks(questionnaire: "sample") { edges { node { supplierId } } } }'
        found = (await self.house.ask("b2", document))["supplierBenchmarks"]
        return [edge["node"]["supplierId"] for edge in found["edges"]]

    async def count_rows(self) -> dict[str, int]:
        """What raw SQL in the buyer's name sees of the supplier's rows."""
        connection = await walls.connect(self.house.database.superuser_url)
        buyer, supplier = (self.house.parties[name] for name in ("b2", self.supplier))
        try:
            async with probes.act_as(connection, probes.Who("b2", buyer.organization, buyer.person.id)):
                statement = "SELECT count(*) FROM portal.{} WHERE supplier_id = $1"
                return {
                    table: await connection.fetchval(statement.format(table), supplier.organization) for table in SHARED
                }
        finally:
            await connection.close()

    async def open_share(self, **changed: Any) -> list[str]:
        """Share everything with the buyer and see that it gets it; what it gets, with a link to the file."""
        buyer = surface.encode_id("orga", nodes.NO_OWNER, self.house.parties["b2"].organization)
        given = {"submissionId": self.house.made[f"{self.supplier} submission own"], "buyerId": buyer}
        made = await self.house.do(self.supplier, "shareResult", **given, **OPENED, purpose="Trust", **changed)
        self.share = made["share"]["id"]
        async with asyncio.timeout(20):
            while not (await self.count(tier=["MICRO", "BASIC"]))["totalCount"]:
                await asyncio.sleep(0.05)
        self.link = (await self.ask_for_file())["url"]
        response = await self.fetch_link()
        assert response.status_code == 200
        assert mark(self.supplier, "answer").encode() in response.content
        seen = await self.look()
        assert self.share_line(await self.fetch_table())
        assert self.record in await self.compare()
        assert mark(self.supplier, "answer") in "".join(seen)
        return seen


async def reset_clock(house: House) -> None:
    await people.move_clock(house.database, "0 seconds")


async def share_ending(reader: Reader) -> None:
    """The moment that the share names has come."""
    await reader.open_share(until=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    await people.move_clock(reader.house.database, "25 hours")


async def shortened(reader: Reader) -> None:
    """The supplier changes the end, and it comes."""
    await reader.open_share()
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    await reader.house.do(reader.supplier, "changeShare", shareId=reader.share, until=until)
    await people.move_clock(reader.house.database, "121 minutes")


async def revoked(reader: Reader) -> None:
    await reader.open_share()
    await reader.house.do(reader.supplier, "revokeShare", shareId=reader.share)


async def revoked_while_following(reader: Reader) -> None:
    await reader.open_share(mode="FOLLOWING")
    await reader.house.do(reader.supplier, "revokeShare", shareId=reader.share)


WAYS = {one.__name__: one for one in (share_ending, shortened, revoked, revoked_while_following)}


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_over_is_gone_in_the_next_call(house: House, way: str) -> None:
    reader = Reader(house, "s1")
    before = await reader.look()
    try:
        await WAYS[way](reader)
        assert await reader.look() == before
    finally:
        await reset_clock(house)
    if way in ("share_ending", "shortened"):  # with the clock turned back it holds again; end it for the next test
        await house.do("s1", "revokeShare", shareId=reader.share)
    assert await reader.look() == before


async def test_a_share_that_has_not_begun_shows_nothing(house: House) -> None:
    reader = Reader(house, "s1")
    before = await reader.look()
    shown = await reader.open_share()
    _, supplier, share = decode(reader.share) or ("", None, None)
    begin = "UPDATE portal.share SET starts_at = portal.clock() + interval '1 day' WHERE supplier_id = $1 AND id = $2"
    await house.fetch(begin, supplier, share)
    await house.fetch("SELECT portal.refresh_cards($1, NULL)", house.parties["b2"].organization)
    assert await reader.look() == before
    try:
        await people.move_clock(house.database, "25 hours")
        now = await reader.read("supplier", {"id": reader.record, "questionnaire": "sample"})
        assert mark("s1", "answer") in "".join(now)
        assert len(shown) == len(before)
    finally:
        await reset_clock(house)
    await house.do("s1", "revokeShare", shareId=reader.share)
    assert await reader.look() == before


async def test_a_narrowed_share_leaves_the_summary_alone(house: House) -> None:
    reader = Reader(house, "s1")
    before = await reader.look()
    shown = await reader.open_share()
    await house.do("s1", "changeShare", shareId=reader.share, sections=["safety"], includeEvidence=False)
    text = "".join(await reader.look())
    assert mark("s1", "answer") in "".join(shown)
    assert walls.list_foreign(house, "b2", text) == []
    rows = await reader.count_rows()
    assert (rows["submission"], rows["submission_section"]) == (1, 1)
    assert (rows["submission_evidence"], rows["evidence"]) == (0, 0)
    assert (await reader.ask_for_file())["__typename"] == "NotFound"
    assert (await reader.fetch_link()).status_code == 404
    assert (await reader.count(tier=["MICRO", "BASIC"]))["totalCount"] == 1
    await house.do("s1", "revokeShare", shareId=reader.share)
    assert await reader.look() == before


async def test_a_suspended_buyer_reads_nothing_and_fetches_nothing(house: House) -> None:
    reader = Reader(house, "s1")
    shown = await reader.open_share()
    status = "UPDATE portal.organization SET status = $2 WHERE id = $1"
    buyer = house.parties["b2"].organization
    await house.fetch(status, buyer, "suspended")
    try:
        for document in (
            *surface.list_documents("suppliers"),
            *surface.list_documents("node", {"id": reader.result}, only="SharedResult"),
        ):
            for actor in ("b2", "b2 key"):
                response = await house.post(actor, document, id=reader.result)
                assert walls.list_foreign(house, "nobody", response.text) == []
                assert response.json().get("errors") or response.json()["data"] == {"node": None}
        assert (await reader.fetch_link()).status_code == 404
    finally:
        await house.fetch(status, buyer, "active")
    assert await reader.look() == shown
    await house.do("s1", "revokeShare", shareId=reader.share)


async def test_a_withdrawn_submission_is_gone_from_every_share(house: House) -> None:
    reader = Reader(house, "s2")
    before = await reader.look()
    await reader.open_share()
    await house.do("s2", "withdrawSubmission", submissionId=house.made["s2 submission own"])
    after = await reader.look()
    assert [one for one in after if one not in before] == ["share 1"]  # the consent itself stands; it opens nothing
    assert walls.list_foreign(house, "b2", "".join(after)) == walls.list_foreign(house, "b2", "".join(before))
