"""Documents and the virus scanner: a real clamd where there is one, and one that misbehaves, which no real one does."""

import asyncio
import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.assessments import virus_scanning
from portal.settings import Settings
from tests import absences, databases
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import EVIDENCE, WAIT, Stage
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked

# The harmless file that every scanner calls a virus, in two parts so that this one is not called so.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n"
LIMIT = 6_000_000  # bytes that the scanner of these tests takes
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    """The address of a clamd that knows one signature."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "signatures").mkdir()
        (folder / "signatures" / "test.hdb").write_text(SIGNATURE)
        lines = f"DatabaseDirectory {folder}/signatures\nLocalSocket {folder}/socket\nForeground yes\nUser root\n"
        lines += f"StreamMaxLength {LIMIT}\n"
        (folder / "clamd.conf").write_text(lines if os.geteuid() == 0 else lines.replace("User root\n", ""))
        running = subprocess.Popen(
            [absences.SCANNER or "clamd", "-c", folder / "clamd.conf"], stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 60
            while not (folder / "socket").exists():
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"unix://{folder}/socket"
        finally:
            running.terminate()
            running.wait(20)


@contextlib.asynccontextmanager
async def run_scanner(answer: Answer) -> AsyncIterator[str]:
    """Something that listens where a scanner should."""
    handling = set[asyncio.Task[None] | None]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*(task for task in handling if task is not None))
        await asyncio.sleep(0.01)  # a transport that was closed is gone in the next round


async def read_all(reader: asyncio.StreamReader) -> bytes:
    """What comes in by the protocol, up to the empty piece at its end."""
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    content = b""
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(size)
    return content


@absences.needs_scanner
async def test_a_file_that_the_scanner_knows_is_refused(
    database: databases.TestDatabase, tmp_path: Path, clamd: str
) -> None:
    async with stages.set_stage(database, tmp_path, clamav_url=clamd) as stage:
        bad = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, EICAR, "note.txt"))
        assert (bad["state"], bad["refusalCode"]) == ("REJECTED", "VIRUS")
        assert "virus scanner" in bad["refusalReason"]
        good = files.make_pdf(bytes(5_000_000))
        assert (await stage.wait_for(stage.weaver, await stage.send(stage.weaver, good)))["state"] == "AVAILABLE"
        large = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, files.make_pdf(bytes(LIMIT))))
        assert (large["state"], large["refusalCode"]) == ("REJECTED", "TOO_LARGE_TO_SCAN")
        await stage.wait_for_jobs()
        assert len(stage.list_files()) == 1


async def look(stage: Stage, evidence: str) -> str:
    state: str = (await stage.ask(stage.weaver, EVIDENCE, id=evidence))["node"]["state"]
    return state


async def test_while_the_scanner_is_away_files_wait_and_are_asked_about_again(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    asked, is_well = 0, False

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        content = await read_all(reader)
        assert content.startswith(b"%PDF")
        asked += 1
        writer.write(b"stream: OK\0" if is_well else b"Can't allocate memory ERROR\0")

    async with run_scanner(answer) as url, stages.set_stage(database, tmp_path, clamav_url=url) as stage:
        evidence = await stage.send(stage.weaver, files.make_pdf())
        async with asyncio.timeout(WAIT):
            while not await stage.house.fetch("SELECT 1 FROM portal.evidence WHERE scan_due_at IS NOT NULL"):
                await asyncio.sleep(0.05)
        await stage.wait_for_jobs()
        assert (asked, await look(stage, evidence)) == (1, "QUARANTINED")
        assert await stage.house.fetch("SELECT 1 FROM queue.pgqueuer") == []  # nothing is held for the operator
        is_well = True
        await stage.house.set_clock(datetime.now(UTC) + timedelta(seconds=62))
        assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE"
        assert asked == 2


async def ask(answer: Answer) -> Any:
    """What is made of an answer, with a file of more than one piece."""
    with tempfile.TemporaryFile() as file:
        file.write(bytes(300_000))
        async with run_scanner(answer) as url:
            return await virus_scanning.is_infected(file, url)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"stream: OK\0", False), (b"stream: Bad.Thing FOUND\0", True), (b"stream: Bad.Thing.UNOFFICIAL FOUND\n", True)],
)
async def test_verdicts_are_read(said: bytes, expected: bool) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await read_all(reader) == bytes(300_000)
        writer.write(said)

    assert await ask(answer) is expected


async def test_a_scanner_that_stops_reading_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virus_scanning, "SECONDS", 0.3)
    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()

    with tempfile.TemporaryFile() as file:
        file.truncate(30_000_000)  # more than the sockets take in by themselves
        async with run_scanner(answer) as url:
            try:
                async with asyncio.timeout(20):
                    with pytest.raises(virus_scanning.ScannerAway, match="TimeoutError"):
                        await virus_scanning.is_infected(file, url)
            finally:
                done.set()


@pytest.mark.parametrize(
    "said", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"]
)
async def test_a_file_that_the_scanner_does_not_take_is_refused_for_good(
    said: bytes, database: databases.TestDatabase, tmp_path: Path
) -> None:
    """It says so and hangs up in the middle of the file, as clamd does."""
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readexactly(100)
        writer.write(said)
        await writer.drain()
        writer.transport.abort()

    async with run_scanner(answer) as url, stages.set_stage(database, tmp_path, clamav_url=url) as stage:
        evidence = await stage.send(stage.weaver, files.make_pdf(bytes(3_000_000)))
        found = await stage.wait_for(stage.weaver, evidence)
        assert (found["state"], found["refusalCode"]) == ("REJECTED", "TOO_LARGE_TO_SCAN")
        assert "larger than the virus scanner" in found["refusalReason"]
        await stage.wait_for_jobs()
        assert (asked, stage.list_files()) == (1, [])


@pytest.mark.parametrize("said", [b"", b"ERROR", b"\xff\xfe", b"stream: OKAY"])
async def test_what_is_no_verdict_is_none(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)  # and the rest is not wanted
        writer.write(said)

    with pytest.raises(virus_scanning.ScannerAway):
        await ask(answer)


async def test_a_scanner_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virus_scanning, "SECONDS", 0.2)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    with pytest.raises(virus_scanning.ScannerAway, match="TimeoutError"):
        await ask(answer)
    with tempfile.TemporaryFile() as file:
        for nobody in ("tcp://127.0.0.1:1", "unix:///nowhere/socket"):
            with pytest.raises(virus_scanning.ScannerAway):
                await virus_scanning.is_infected(file, nobody)


def test_an_address_that_is_none_is_refused() -> None:
    for wrong in ("127.0.0.1:3310", "http://scanner", "tcp://", "unix://"):
        with pytest.raises(ValueError, match="not an address like"):
            Settings(clamav_url=wrong)
