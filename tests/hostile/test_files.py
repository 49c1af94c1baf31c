"""Hostile files come in as anybody's do: each is refused with its reason, and none is kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import storage
from tests import buckets, databases
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import UPLOAD, Stage
from tests.graphql_schema.sharing.test_stored_files import verify
from tests.portal.assessments import files, test_file_checks

pytestmark = pytest.mark.slow  # waits for files to be checked

AT_ONCE = 6
LEAST = 40  # distinct files
NAMES = {
    "../../../etc/cron.d/job.pdf": "FILE_NAME",
    "..\\..\\autorun.pdf": "FILE_NAME",
    "invoice\u202efdp.exe.pdf": "FILE_NAME",
    "invoice\u2066.pdf": "FILE_NAME",
    "a\r\nSet-Cookie: x.pdf": "FILE_NAME",
    "a\x1b[2J.pdf": "FILE_NAME",
    "invoice.pdf.exe": "TYPE_NOT_ALLOWED",
    "page.html": "TYPE_NOT_ALLOWED",
    "drawing.svg": "TYPE_NOT_ALLOWED",
    "link.lnk": "TYPE_NOT_ALLOWED",
    "disc.iso": "TYPE_NOT_ALLOWED",
    "macro.docm": "MACROS",
    "old.xls": "OLD_FORMAT",
}


async def try_file(stage: Stage, turn: asyncio.Semaphore, name: str, content: bytes) -> str:
    """The reason for which a file was refused, at whatever step that was."""
    async with turn:
        made = await stage.change(stage.weaver, UPLOAD, fileName=name, kind="RECORD")
        if made["__typename"] == "InvalidInput":
            found: str = made["problems"][0]["code"]
            return found
        sent = await stage.put(made["upload"]["headers"][0]["value"], content)
        if sent.status_code != 201:
            return str(sent.json()["errors"][0]["extensions"]["code"])
        judged = await stage.wait_for(stage.weaver, made["evidence"]["id"])
        return judged["refusalCode"] or judged["state"]


@pytest.fixture(params=["folder", "s3"])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each kind of storage."""
    if request.param == "folder":
        yield f"file://{tmp_path}"
        return
    with buckets.run_s3() as address:
        for name, value in buckets.list_settings(address).items():
            monkeypatch.setenv(name, value)
        yield f"s3://{buckets.BUCKET}/hostile"


async def test_hostile_files_are_refused_one_and_all(
    database: databases.TestDatabase, tmp_path: Path, storage_url: str
) -> None:
    async with stages.set_stage(database, tmp_path, storage_url=storage_url) as stage:
        turn, cases = asyncio.Semaphore(AT_ONCE), test_file_checks.BAD
        assert len({content for _, _, content, _ in cases}) >= LEAST
        found = await asyncio.gather(*(try_file(stage, turn, name, content) for _, name, content, _ in cases))
        told = {what: (code, is_so) for (what, _, _, code), is_so in zip(cases, found, strict=True) if code != is_so}
        assert told == {}
        good = await stage.wait_for(stage.dyer, await stage.send(stage.dyer, files.make_pdf()))
        assert good["state"] == "AVAILABLE"
        await stage.wait_for_jobs()
        store = storage.open_storage(stage.settings.storage_url)
        faults, count = await verify(stage, store)
        assert (faults, count.rows, count.files) == ([], 1, 1)
        held = await stage.house.fetch("SELECT 1 FROM queue.pgqueuer")
        assert held == []


async def test_hostile_names_are_refused_before_a_file_comes(database: databases.TestDatabase, tmp_path: Path) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        for name, code in NAMES.items():
            made = await stage.change(stage.weaver, UPLOAD, fileName=name, kind="RECORD")
            assert [one["code"] for one in made["problems"]] == [code], name
        nul = {"fileName": "a\x00.pdf", "kind": "RECORD"}
        answer = await stage.portal.ask(UPLOAD, stage.weaver.credential.token, input=nul)
        assert "errors" in answer or answer["data"]["createEvidenceUpload"]["__typename"] == "InvalidInput"
        assert await stage.house.fetch("SELECT 1 FROM portal.evidence") == []
