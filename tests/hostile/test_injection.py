"""sqlmap on every route that takes something, and on texts of operations: nothing that is sent becomes SQL.

It is a program of an environment of its own (`./.ci/setup attackers`); it takes minutes and so runs in soak.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from portal.assessments import publishing
from portal.database import embedded, ids
from portal.http import imports, supplier_table
from portal.identity import attempts
from tests import absences, databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Portal
from tests.hostile.tenants.town import keep_lines
from tests.hostile.test_fuzzing import run_program
from tests.portal.assessments import sample

# What each route takes behind its path; all that is in braces and all of these are tried.
TAKES: dict[str, tuple[str, ...]] = {
    "/graphql": ("query", "variables", "operationName"),
    "/downloads/evidence": ("token",),
    "/suppliers.csv": tuple(sorted({*supplier_table.ONCE, *supplier_table.LISTS})),
    "/personal-data.json": ("until", "proof"),
    "/letters/stop": ("token", "about"),
    "/letters/answer": ("token", "say"),
    "/sso/{connection:uuid}/start": ("challenge",),
    "/sso/callback": ("state", "code", "iss", "error"),
    "/v1/benchmarks/{release:int}.csv": ("since",),
    "/imports/assessments/{id}": ("apply", "locale", *imports.FLAGS),
}
LOCALIZED = ("/exports/", "/questionnaires/")
NAMES = re.compile(r'query_params(?:\.get(?:list)?\(|\[)"(\w+)"|(?:once|lists)=\(([^)]+)\)')
VALUES = {"query": "{ service { version } }", "variables": "{}", "sort": "NAME", "country": "VN", "tier": "MICRO"}
SEARCHES = (
    "query ($x: String!) { suppliers(filter: {search: $x}) { totalCount } }",
    "query ($x: String!) { supplierByVendorNumber(vendorNumber: $x) { id } }",
    "query ($x: ID!) { node(id: $x) { id } }",
    "query ($x: String!) { suppliers(after: $x) { totalCount } }",
    "query ($x: String!) { invitation(token: $x) { kind } }",
)
CLEAN = "do not appear to be injectable"
FOUND = "identified the following injection point"


def list_targets(portal: Portal) -> list[list[str]]:
    """The options that name what to try, for each route of the running portal that takes anything."""
    targets = []
    for route in portal.app.routes:
        methods = getattr(route, "methods", None) or ()
        taken = TAKES.get(route.path, ("locale", "tier") if route.path.startswith(LOCALIZED) else ())
        path = "/".join(fill(part) for part in route.path.split("/"))
        if methods and (taken or "*" in path):
            query = "&".join(f"{name}={VALUES.get(name, 'x')}*" for name in taken)
            method = ["--method", "POST", "--data", "x"] if "GET" not in methods else []
            targets.append(["-u", f"http://127.0.0.1:{portal.port}{path}?{query}", *method])
    upload = f"http://127.0.0.1:{portal.port}/uploads"
    targets.append(["-u", upload, "--method", "PUT", "--data", "x", "-H", "Upload-Token: x*"])
    for search in SEARCHES:
        body = json.dumps({"query": search, "variables": {"x": "a*"}})
        targets.append(["-u", portal.url, "--data", body, "-H", "Content-Type: application/json"])
    return targets


def fill(part: str) -> str:
    """A part of a path with something in the place of what is in braces, marked to be tried."""
    head, _, rest = part.partition("{")
    if not rest:
        return part
    name, _, ending = rest.partition("}")
    value = {"release:int": "1", "section": "facts", "content_hash": "0" * 64}.get(name, str(ids.new_id()))
    return f"{head}{value}*{ending}"


async def attack(folder: Path, target: list[str], token: str = "") -> str:
    """What sqlmap says of a target."""
    assert absences.SQLMAP is not None
    credential = ["-H", f"Authorization: Bearer {token}"] if token else []
    _, said = await run_program(
        folder, absences.SQLMAP, *target, *credential, "--batch", "--level", "2", "--dbms", "PostgreSQL",
        "--disable-coloring", "--flush-session", "--output-dir", str(folder), "--answers", "custom injection=Y",
        "--ignore-code", "*",
    )  # fmt: skip
    return said


def test_every_parameter_of_a_route_is_tried() -> None:
    """One that is new belongs into the table above."""
    sources = [path.read_text(encoding="utf-8") for path in Path(imports.__file__).parent.glob("*.py")]
    found = {
        name for text in sources for one, many in NAMES.findall(text) for name in re.findall(r"[a-z_]+", one or many)
    }
    assert len(found) > 6  # the others are named by constants of their modules
    assert found <= {"locale", "tier", *(name for names in TAKES.values() for name in names)}


@absences.needs_sqlmap
@pytest.mark.soak(part="sqlmap")
async def test_nothing_that_is_sent_becomes_sql(
    database: databases.TestDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    async with serve_faulty(database) as url:  # or that nothing is found would show nothing
        assert FOUND in await attack(tmp_path, ["-u", f"{url}/?name=x*"])
    for name in attempts.LIMITS:  # or nothing but the first tries would reach anything
        monkeypatch.setitem(attempts.LIMITS, name, attempts.Limit(10**6, 10**6, 60))
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    lines: list[str] = []
    with keep_lines(lines):
        async with portals.run_portal(
            database,
            storage_url=f"file://{tmp_path / 'files'}",
            secret_key="only for tests and as long as keys have to be",
        ) as portal:
            person = await people.add_person(database)
            await people.add_organization(database, (person, "owner"), roles=("supplier", "buyer"))
            targets = list_targets(portal)
            found = [(target, await attack(tmp_path, target, person.token)) for target in targets]
    assert [(target, said[-2_000:]) for target, said in found if CLEAN not in said or FOUND in said] == []
    requests = sum("'event': 'request'" in line for line in lines)
    assert [line for line in lines if "'event': 'fault'" in line] == []
    record_property(
        "figures", f"{len(targets)} routes and operations, {requests:,} requests of sqlmap; 0 findings, 0 faults"
    )


@asynccontextmanager
async def serve_faulty(database: databases.TestDatabase) -> AsyncIterator[str]:
    """A server with the fault that is looked for."""

    async def answer(request: Any) -> PlainTextResponse:
        connection = await asyncpg.connect(database.app_url.replace("+asyncpg", ""))
        try:
            found = await connection.fetch(f"SELECT 1 WHERE 'x' = '{request.query_params['name']}'")
            return PlainTextResponse("yes, there is one of this name" if found else "no")
        except asyncpg.PostgresError as error:
            return PlainTextResponse(str(error), 500)
        finally:
            await connection.close()

    port = embedded._find_free_port()
    served = Starlette(routes=[Route("/", answer)])
    server = uvicorn.Server(uvicorn.Config(served, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving
