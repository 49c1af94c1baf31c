"""The operator's release and the partner's chapters, told with the operations of partner.graphql."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import httpx

from portal import storage
from portal.demo import loading
from tests.clients import open_client
from tests.journeys import buying
from tests.journeys.documents import Caller
from tests.journeys.world import World
from tests.portal.commands import processes

PARTNER = "figures@index.example"


async def fill(world: World) -> None:
    """Made-up suppliers with two years of submissions, none of them released yet."""
    with tempfile.TemporaryDirectory() as folder:
        files = storage.open_storage(f"file://{folder}/files")
        await loading.load_demo(world.database.owner_url, files, Path(folder))


def release(world: World) -> None:
    """The operator approves the questionnaire, makes the release of the last quarter, and verifies it."""
    settings = {
        "PORTAL_DATABASE_URL": world.database.app_url,
        "PORTAL_OWNER_DATABASE_URL": world.database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": world.database.worker_url,
    }
    with tempfile.TemporaryDirectory() as folder:
        said = [
            processes.run_portal(Path(folder) / "data", "benchmarks", *arguments, **settings)
            for arguments in (["approve", "responsible-sourcing"], ["release"], ["verify", "1"])
        ]
    for one in said:
        assert (one.returncode, "Traceback" in one.stderr) == (0, False), one.stderr
    assert "Release 1 for" in said[1].stdout


async def found_partner(world: World) -> Caller:
    """A partner registers, is approved, and accepts the terms."""
    partner = Caller(world.url, "partner")
    await partner.do("RegisterPartner", email=PARTNER, password=buying.PASSWORD, name="Ida Index")
    token = await world.mailbox.read_token(PARTNER)
    partner.token = (await partner.do("ConfirmPartner", token=token, password=buying.PASSWORD))["token"]
    await partner.do("FoundPartner", name="The Index", country="NL")
    applied = await partner.do("ApplyAsPartner", role="PARTNER")
    assert applied["role"]["status"] == "PENDING"
    await buying.approve(world, "PARTNER", "The Index")
    terms = await partner.ask("ReadTerms")
    accepted = await partner.do("AcceptTerms", version=terms["version"])
    assert accepted["version"] == terms["version"]
    return partner


async def read_release(partner: Caller) -> None:
    """A machine with the partner's key reads the release by pages, one cell, and the same as CSV; then the key ends."""
    created = await partner.do("CreateKey", name="Nightly pull", scopes=["BENCHMARKS_READ"])
    machine = Caller(partner.url, "partner", created["secret"])
    (newest,) = await machine.ask("ReadReleases")
    cells = await read_cells(machine, newest["number"])
    assert {cell["status"] for cell in cells} == {"PUBLISHED", "NOT_PUBLISHED"}
    shown = [cell for cell in cells if cell["status"] == "PUBLISHED" and cell["measure"] == "total"]
    assert len(shown) >= 6
    assert all(cell["mean"] is not None and cell["countBand"] for cell in shown)
    assert all(cell["mean"] is None for cell in cells if cell["status"] == "NOT_PUBLISHED")
    one = await machine.ask("ReadCell", questionnaire="responsible-sourcing", **shown[0]["cohort"])
    assert (one["cell"], one["foldedTo"]) == (shown[0], None)
    lines = list(csv.reader(io.StringIO((await fetch_csv(machine, newest["number"])).text)))
    assert len(lines) == len(cells) + 1
    await partner.do("RevokeKey", apiKeyId=created["apiKey"]["id"])
    assert (await fetch_csv(machine, newest["number"])).status_code == 401
    partner.done += machine.done


async def read_cells(machine: Caller, release: int) -> list[dict[str, Any]]:
    """All cells of a release, page by page."""
    cells: list[dict[str, Any]] = []
    after = None
    while True:
        page = await machine.ask("ReadCells", release=release, first=100, after=after)
        cells += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return cells
        after = page["pageInfo"]["endCursor"]


async def fetch_csv(machine: Caller, release: int) -> httpx.Response:
    async with open_client(timeout=30, base_url=machine.url, headers=machine.headers) as client:
        return await client.get(f"/v1/benchmarks/{release}.csv")
