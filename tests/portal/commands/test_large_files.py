"""A real server takes a file of 200 MB, whole and in pieces, checks it and gives it back, in flat memory."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portal import uploads
from portal.database import engine
from tests import buckets, databases
from tests.clients import NOBODY
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import SECRET, UPLOAD
from tests.portal.assessments.house import House
from tests.portal.commands import processes
from tests.portal.database import launching

pytestmark = pytest.mark.slow

SIZE, SMALL = 200_000_000, 10_000_000
LIMIT = 250_000_000
MOST_GROWTH = 60  # megabytes; a file that is held once would be 200
PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
BLOCK = bytes(range(256)) * 4096
STATE = "query ($id: ID!) { node(id: $id) { ... on Evidence { state size sha256 } } }"


def pour(size: int, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """A PDF of so many bytes, or a part of one, made as it is sent."""
    head, tail = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n", b"\nstartxref\n9\n%%EOF\n"
    place, end = 0, size if end is None else end

    def pieces() -> Iterator[bytes]:
        yield head
        left = size - len(head) - len(tail)
        while left:
            yield BLOCK[: min(left, len(BLOCK))]
            left -= min(left, len(BLOCK))
        yield tail

    for piece in pieces():
        part = piece[max(0, start - place) : max(0, end - place)]
        place += len(piece)
        if part:
            yield part


def read_peak(process: int) -> int:
    """The most memory that a process ever had resident, in megabytes."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


class Client:
    """Somebody with a session who sends, waits and fetches."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120, verify=NOBODY)
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, query: str, **variables: object) -> dict[str, dict[str, object]]:
        body = {"query": query, "variables": variables}
        answer = self.http.post("/graphql", json=body, headers=self.headers).json()
        assert "errors" not in answer, answer
        found: dict[str, dict[str, object]] = answer["data"]
        return found

    def announce(self) -> tuple[str, str]:
        made = self.ask(UPLOAD, input={"fileName": "film.pdf", "kind": "RECORD"})["createEvidenceUpload"]
        return made["evidence"]["id"], made["upload"]["headers"][0]["value"]  # type: ignore[index]

    def send_whole(self, size: int) -> str:
        evidence, token = self.announce()
        sent = self.http.put("/uploads", content=pour(size), headers={uploads.HEADER: token})
        assert sent.status_code == 201, sent.text
        return evidence

    def send_in_pieces(self, size: int) -> str:
        evidence, token = self.announce()
        half = size // 2
        for start, end, more in [(0, half, {}), (half, size, {"Upload-Length": str(size)})]:
            headers = {**PIECE, uploads.HEADER: token, "Upload-Offset": str(start), **more}
            sent = self.http.patch("/uploads", content=pour(size, start, end), headers=headers)
            assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(end)), sent.text
        return evidence

    async def fetch(self, evidence: str) -> str:
        """The hash of what is given back, once it was checked."""
        async with asyncio.timeout(60):
            while (found := self.ask(STATE, id=evidence)["node"])["state"] != "AVAILABLE":
                assert found["state"] == "QUARANTINED", found
                await asyncio.sleep(0.2)
        url = self.ask(documents.DOWNLOAD, input={"evidenceId": evidence})["createEvidenceDownload"]["url"]
        digest = hashlib.sha256()
        with self.http.stream("GET", httpx.URL(str(url)).raw_path.decode()) as answer:
            for part in answer.iter_bytes(1 << 20):
                digest.update(part)
        assert digest.hexdigest() == found["sha256"]
        return digest.hexdigest()


@pytest.fixture(params=["folder", "s3"])
def kept_in(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings of each kind of storage; a folder is what nothing is said of."""
    if request.param == "folder":
        yield {}
        return
    with buckets.run_s3() as address:
        yield {"PORTAL_STORAGE_URL": f"s3://{buckets.BUCKET}/large", **buckets.list_settings(address)}


async def test_a_large_file_takes_no_memory(database: databases.TestDatabase, kept_in: dict[str, str]) -> None:
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    caller = await House(database, opened).sign_up("supplier")
    await opened.close()
    settings = {
        "PORTAL_ENVIRONMENT": "production",
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_SECRET_KEY": SECRET,
        "PORTAL_MAX_UPLOAD_BYTES": str(LIMIT),
        **kept_in,
    }
    with launching.make_reachable_folder() as folder, processes.serve(folder / "data", **settings) as serving:
        serving.wait_until_ready()
        client = Client(serving.url, caller.credential.token)
        for send in (client.send_whole, client.send_in_pieces):
            await client.fetch(send(SMALL))
        before = read_peak(serving.process.pid)
        expected = hashlib.sha256(b"".join(pour(SIZE))).hexdigest()
        for send in (client.send_whole, client.send_in_pieces):
            assert await client.fetch(send(SIZE)) == expected
        after = read_peak(serving.process.pid)
        client.http.close()
        print(f"peak of the server: {before} MB with files of 10 MB, {after} MB with files of 200 MB")
        assert "Traceback" not in serving.read_log()
    assert after - before < MOST_GROWTH, (before, after)
