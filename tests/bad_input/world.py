"""What the table's cases are sent to: a server, its callers, the things that `@name` stands for, and commands."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from graphql import GraphQLInputObjectType, get_named_type

from graphql_schema import nodes, schema
from graphql_schema import supplier as supplier_nouns
from tests import databases, forking, people
from tests.bad_input.cases import Case
from tests.clients import open_client
from tests.journeys import supplying
from tests.journeys.documents import Caller
from tests.journeys.world import World
from tests.portal.commands import processes

PROBLEM = (
    "__typename ... on Problem { code path message } ... on InvalidInput { problems { code path message } }"
    " ... on RateLimited { retryAfter }"
)
MORE = {
    "saveAnswers": " ... on AnswersSaved { results { problem { question code message } } }",
    "submitAssessment": " ... on InvalidAnswers { problems { question code message } }",
}


@dataclass(frozen=True)
class Outcome:
    """What came back, in the terms of the table."""

    code: str
    path: tuple[str, ...]
    message: str
    status: int = 200


@dataclass
class Stage:
    """The server, who calls it, and what a case may name."""

    portal: World
    folder: Path
    tokens: dict[str, str | None] = field(default_factory=lambda: {"nobody": None})
    names: dict[str, str] = field(default_factory=dict)

    def fill(self, given: Any) -> Any:
        """What is given, with `@name` replaced."""
        if isinstance(given, dict):
            return {key: self.fill(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self.fill(value) for value in given]
        if isinstance(given, str):
            for name in sorted(self.names, key=len, reverse=True):
                given = given.replace(f"@{name}", self.names[name])
        return given

    async def post(self, content: Any, by: str = "nobody", **headers: str) -> httpx.Response:
        """Send a body to /graphql."""
        sent = {"content-type": "application/json"} | {key.replace("_", "-"): value for key, value in headers.items()}
        if self.tokens[by]:
            sent["authorization"] = f"Bearer {self.tokens[by]}"
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        async with open_client(timeout=30) as client:
            return await client.post(f"{self.portal.url}/graphql", content=body, headers=sent)

    async def mutate(self, name: str, given: Any, by: str) -> dict[str, Any]:
        """What a mutation gives."""
        response = await self.post({"query": write_mutation(name), "variables": {"input": self.fill(given)}}, by)
        answer: dict[str, Any] = response.json()
        return answer

    def caller(self, by: str) -> Caller:
        return Caller(self.portal.url, "supplier", self.tokens[by])


def write_mutation(name: str) -> str:
    """The mutation with all that problems hold."""
    found = schema.get_schema()._schema.mutation_type
    assert found is not None
    kind = get_named_type(found.fields[name].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    return f"mutation ($input: {kind.name}!) {{ result: {name}(input: $input) {{ {PROBLEM}{MORE.get(name, '')} }} }}"


async def set_stage(portal: World, folder: Path) -> Stage:
    """Callers of each kind, a draft, a submission, a linked record, and what waits for its file."""
    stage = Stage(portal, folder)
    organizations = {}
    for name, roles in (("supplier", ("supplier",)), ("buyer", ("buyer",)), ("partner", ("partner",))):
        person = await people.add_person(portal.database)
        organizations[name] = await people.add_organization(portal.database, (person, "owner"), name=name, roles=roles)
        stage.tokens[name] = person.token
    stage.tokens["operator"] = (await people.add_person(portal.database, operator=True)).token
    record = await people.add_record(portal.database, organizations["buyer"])
    await people.run_sql(
        portal.database,
        "UPDATE portal.supplier_record SET supplier_id = $1, state = 'linked' WHERE id = $2",
        organizations["supplier"],
        record,
    )
    stage.names |= {
        "record": nodes.encode_id(supplier_nouns.SUPPLIER, record, organizations["buyer"]),
        "buyer_uuid": str(organizations["buyer"]),
        "soon": str(datetime.now(UTC).date() + timedelta(days=30)),
    }
    await add_works(stage)
    write_files(stage)
    return stage


async def add_works(stage: Stage) -> None:
    """What the callers have made before."""
    ids = {
        "buyer": ("buyer", "query { viewer { organization { id } } }", None),
        "assessment": ("supplier", start(2026), "startAssessment.assessment"),
        "other": ("supplier", start(2025), "startAssessment.assessment"),
        "empty": ("supplier", start(2024), "startAssessment.assessment"),
        **{
            f"strange_{one['question']}": ("supplier", start(2023 - at), "startAssessment.assessment")
            for at, one in enumerate(STRANGE)
        },
        "evidence": ("supplier", UPLOAD, "createEvidenceUpload.evidence"),
        "waiting_list": ("buyer", LIST, "createSupplierListUpload.supplierList"),
        "terms": ("partner", TERMS, None),
    }
    for name, (by, query, place) in ids.items():
        found: Any = (await stage.post({"query": query}, by)).json()["data"]
        for part in (place or "viewer.organization").split("."):
            found = found.get(part, found)
        stage.names[name] = str(found.get("id", ""))
    supplier = stage.caller("supplier")
    other = stage.names["other"]
    await supplying.save(supplier, other, *map(supplying.write, supplying.ANSWERS))
    done = await supplier.do("SubmitAssessment", assessmentId=other, expectedChangeNumber=len(supplying.ANSWERS))
    stage.names["submission"] = done["submission"]["id"]
    for one in STRANGE:
        assert await supplying.save(supplier, stage.names[f"strange_{one['question']}"], one) == [("SAVED", 1)]


def start(year: int) -> str:
    period = f'periodStart: "{date(year, 1, 1)}", periodEnd: "{date(year, 12, 31)}"'
    tier = "MICRO" if year == 2025 else "BASIC"
    given = f'{{questionnaire: "responsible-sourcing", tier: {tier}, {period}}}'
    return f"mutation {{ startAssessment(input: {given}) {{ ... on AssessmentStarted {{ assessment {{ id }} }} }} }}"


UPLOAD = (
    'mutation { createEvidenceUpload(input: {fileName: "a.pdf", kind: RECORD}) {'
    " ... on EvidenceUploadCreated { evidence { id } } } }"
)
LIST = (
    'mutation { createSupplierListUpload(input: {fileName: "a.csv"}) {'
    " ... on SupplierListUploadCreated { supplierList { id } } } }"
)
TERMS = 'mutation { acceptPartnerTerms(input: {version: "2026-2"}) { __typename } }'


# A draft keeps what only its submission refuses; each of these is kept by a draft of its own.
STRANGE = [
    supplying.write("headcount", number="0"),
    supplying.write("safety_training_share", number="101"),
    supplying.write("work_hazards", choices=["machines", "none_of_these"]),
    supplying.write("injured_people", number="100001"),
]


def write_files(stage: Stage) -> None:
    """The files that command lines name."""
    made = {
        "list": ("list.csv", b"Name,Country\nMill,Viet Nam\n"),
        "picture": ("list.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
        "questionnaire": ("faulty.yaml", b"key: [1, 2\n"),
    }
    for name, (file_name, content) in made.items():
        path = stage.folder / file_name
        path.write_bytes(content)
        stage.names[name] = str(path)


async def try_case(stage: Stage, case: Case) -> Outcome:
    """Send a case over HTTP, and what came back of it."""
    match case.way:
        case "mutation":
            return read_mutation(await stage.mutate(case.more["mutation"], case.given, case.by), case.path)
        case "query":
            body = {"query": stage.fill(case.given), "variables": dict(case.more)}
            return read_errors(await stage.post(body, case.by))
        case "http":
            return read_errors(await stage.post(case.given, **case.more))
        case "upload":
            return await try_upload(stage, case)
        case "evidence":
            return await try_evidence(stage, case)
        case "list":
            return await try_list(stage, case)
    raise AssertionError(case.way)


def read_mutation(answer: dict[str, Any], wanted: tuple[str, ...] = ()) -> Outcome:
    """The problem of a mutation's result that stands where it is wanted, else the first."""
    result = (answer.get("data") or {}).get("result")
    if result is None:
        return read_answer(answer, 200)
    problems = [one["problem"] for one in result.get("results", ())] or result.get("problems") or [result]
    found = [
        Outcome(
            one.get("code", "NONE"),
            ("input", one["question"]) if "question" in one else tuple(one.get("path", ())),
            one.get("message", str(result)),
        )
        for one in problems
    ]
    return next((one for one in found if one.path == wanted), found[0])


def read_errors(response: httpx.Response) -> Outcome:
    return read_answer(response.json(), response.status_code)


def read_answer(answer: dict[str, Any], status: int) -> Outcome:
    """The first error of an answer, or the first problem that it names."""
    error = (answer.get("errors") or [{}])[0]
    extensions = error.get("extensions", {})
    problem = (extensions.get("problems") or [{}])[0]
    path = tuple(str(part) for part in problem.get("path", ()))
    return Outcome(
        problem.get("code") or extensions.get("code", "NONE"),
        path,
        problem.get("message") or error.get("message", str(answer)),
        status,
    )


async def open_upload(
    stage: Stage, mutation: str, made_type: str, part: str, **given: Any
) -> tuple[str, dict[str, Any]]:
    """A new upload: the id of the thing and where to send its file."""
    query = f"... on {made_type} {{ {part} {{ id }} upload {{ url method headers {{ name value }} }} }} {PROBLEM}"
    input_type = f"{mutation[0].upper()}{mutation[1:]}Input"
    body = {"query": f"mutation ($input: {input_type}!) {{ result: {mutation}(input: $input) {{ {query} }} }}"}
    by = "supplier" if part == "evidence" else "buyer"
    made = (await stage.post(body | {"variables": {"input": given}}, by)).json()["data"]["result"]
    return made[part]["id"], made["upload"]


async def try_upload(stage: Stage, case: Case) -> Outcome:
    _, upload = await open_upload(
        stage, "createEvidenceUpload", "EvidenceUploadCreated", "evidence", fileName="a.pdf", kind="RECORD"
    )
    headers = {header["name"].lower(): header["value"] for header in upload["headers"]}
    headers |= {key.replace("_", "-"): value for key, value in case.more.items()}
    async with open_client(timeout=30, base_url=stage.portal.url) as client:
        return read_errors(await client.put(upload["url"], content=case.given, headers=headers))


async def try_evidence(stage: Stage, case: Case) -> Outcome:
    """Send a document and wait for the worker's word."""
    given = {"fileName": case.more["file_name"], "kind": "RECORD"}
    evidence, upload = await open_upload(stage, "createEvidenceUpload", "EvidenceUploadCreated", "evidence", **given)
    await stage.caller("supplier").send_file(upload, case.given)
    query = {"query": f'{{ node(id: "{evidence}") {{ ... on Evidence {{ state refusalCode refusalReason }} }} }}'}
    async with asyncio.timeout(30):
        while True:
            found = (await stage.post(query, "supplier")).json()["data"]["node"]
            if found["state"] not in ("AWAITING", "QUARANTINED"):
                return Outcome(found["refusalCode"] or found["state"], (), found["refusalReason"] or "")
            await asyncio.sleep(0.1)


async def try_list(stage: Stage, case: Case) -> Outcome:
    """Upload a list and look at it: what is wrong with all of it, or with its first bad row."""
    list_id, upload = await open_upload(
        stage, "createSupplierListUpload", "SupplierListUploadCreated", "supplierList", fileName="list.csv"
    )
    await stage.caller("buyer").send_file(upload, case.given)
    rows = "problems { line column value code reason allowed } missing rows { warnings { column code reason allowed } }"
    query = (
        "mutation ($input: PreviewSupplierListInput!) { result: previewSupplierList(input: $input) {"
        f" {PROBLEM} ... on SupplierListPreviewed {{ preview {{ {rows} }} }} }} }}"
    )
    answer = (await stage.post({"query": query, "variables": {"input": {"supplierListId": list_id}}}, "buyer")).json()
    result = (answer.get("data") or {}).get("result") or {}
    preview = result.get("preview")
    if preview is None:
        return read_mutation(answer)
    found = preview["problems"] or [one for row in preview["rows"] for one in row["warnings"]]
    if not found:
        return Outcome("MISSING" if preview["missing"] else "NONE", (), " ".join(preview["missing"]))
    return Outcome(found[0]["code"], (found[0]["column"],), f"{found[0]['reason']} {found[0]['allowed']}")


def run_commands(stage: Stage, cases: Sequence[Case], database: databases.TestDatabase) -> list[Outcome]:
    """Run command lines one after another, each in a process of its own."""
    logins = {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
    }
    environment = processes.list_environment(stage.folder / "data")
    found = []
    for case in cases:
        settings = dict(case.more) or logins
        done = forking.run(*stage.fill(case.given), environment=environment | settings, cwd=stage.folder)
        found.append(Outcome(f"EXIT {done.returncode}", (), done.stdout + done.stderr))
    return found
