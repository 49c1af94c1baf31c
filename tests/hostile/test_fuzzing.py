"""Operations that schemathesis makes up from the schema, sent to a running portal by callers of every kind.

It is a program of an environment of its own (`./.ci/setup attackers`) and loads `fuzzing_checks.py` there.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from portal.assessments import publishing
from tests import absences, databases, people
from tests.graphql_schema import portals
from tests.portal.assessments import sample

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SDL = databases.ROOT / "graphql_schema/schema.graphql"
CALLERS = ("supplier", "buyer", "partner", "operator", "nobody")


@dataclass
class Stand:
    """A portal, and what each caller sends as its credential."""

    portal: portals.Portal
    tokens: dict[str, str]
    folder: Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stand]:
    folder = tmp_path_factory.mktemp("files")
    with databases.copy_template(database_server, database_template) as made:
        await publishing.publish_with_login(made.owner_url, [sample.make_packaged()])
        async with portals.run_portal(
            made, storage_url=f"file://{folder}", secret_key="only for tests and as long as keys have to be"
        ) as running:
            tokens = {}
            for role in CALLERS[:3]:
                person = await people.add_person(made)
                await people.add_organization(made, (person, "owner"), roles=(role,))
                tokens[role] = person.token
            tokens["operator"] = (await people.add_person(made, operator=True)).token
            yield Stand(running, tokens, folder)


async def run_program(folder: Path, *command: str, **environment: str) -> tuple[int, str]:
    """A program to its end, which may leave files in a folder: its exit code and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **environment}, cwd=folder, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode("utf-8", "replace")


async def fuzz(stand: Stand, caller: str, *options: str) -> int:
    """How many operations were made up and answered as they should be; anything else fails with what was found."""
    assert absences.FUZZER is not None
    credential = ["-H", f"Authorization: Bearer {stand.tokens[caller]}"] if caller in stand.tokens else []
    code, said = await run_program(
        stand.folder, absences.FUZZER, "run", str(SDL), "--url", stand.portal.url, "--checks", "answers_conform",
        "--phases", "fuzzing", "--seed", "1", "--no-color", "--suppress-health-check", "all",
        "--exclude-name", "Mutation.signOut", "--exclude-name", "Mutation.endOtherSessions", *credential, *options,
        SCHEMATHESIS_HOOKS="fuzzing_checks", PYTHONPATH=str(HERE),
    )  # fmt: skip
    assert code == 0, said[-6_000:]
    found = re.search(r"(\d[\d,]*) generated", said)
    assert found is not None, said[-3_000:]
    return int(found.group(1).replace(",", ""))


@absences.needs_fuzzer
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("caller", CALLERS)
async def test_made_up_operations_get_no_fault_and_what_the_schema_says(stand: Stand, caller: str) -> None:
    assert await fuzz(stand, caller, "--max-examples", "1") > 200


@absences.needs_fuzzer
@pytest.mark.soak(part="fuzzing")
@pytest.mark.asyncio(loop_scope="module")
async def test_made_up_operations_get_no_fault_for_long(
    stand: Stand, record_property: Callable[[str, object], None]
) -> None:
    """Twenty minutes, of which every caller has as much."""
    counts = [await fuzz(stand, caller, "--max-time", "240") for caller in CALLERS]
    record_property(
        "figures",
        f"20 minutes of schemathesis as {len(CALLERS)} callers, {sum(counts):,} operations made up from the schema;"
        " 0 faults, 0 answers that are not what the schema says",
    )


FAULTY = {
    "is no String": ("200 OK", {"data": {"service": {"__typename": "Service", "version": 7}}}),
    "INTERNAL": ("200 OK", {"data": None, "errors": [{"message": "x", "extensions": {"code": "INTERNAL"}}]}),
    "status 503": ("503 Service Unavailable", {"errors": []}),
}


@absences.needs_fuzzer
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("words", FAULTY)
async def test_a_faulty_answer_is_a_finding(stand: Stand, words: str) -> None:
    status, answer = FAULTY[words]

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = orjson.dumps(answer)
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}"
        )
        writer.write(f"{head}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    faulty = Stand(portals.Portal(stand.portal.database, port, None), {}, stand.folder)
    with pytest.raises(AssertionError, match=words):
        await fuzz(faulty, "nobody", "--max-examples", "20", "--include-name", "Query.service")
    server.close()
