"""Traces, as a receiver gets them: whole from request to statement and job, and nothing of anybody in them."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from portal.assessments import publishing
from tests import databases
from tests.clients import NOBODY
from tests.portal.assessments import sample
from tests.portal.commands.processes import Serving, serve
from tests.portal.database.launching import make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # starts servers

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CANARY = "canary"
REGISTER = """
mutation canaryOperation($email: String!, $name: String!) { canaryAlias: registerAccount(input: {
  email: $email, password: "canary-password-0123456789", name: $name
}) { __typename ... on Problem { message } } }
"""
SIGN_IN = """
mutation { signIn(input: {email: "canary@canary.example", password: "canary-wrong-password"}) { __typename } }
"""
FIND = """
query ($key: String!) { questionnaireVersion(questionnaire: $key) { contentHash } canaryTitle: questionnaires { key } }
"""


class Receiver:
    """An OTLP receiver over HTTP, and what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []

    @property
    def spans(self) -> list[Any]:
        found: list[Any] = []
        for body in self.bodies:
            asked = ExportTraceServiceRequest()
            asked.ParseFromString(body)
            found += [span for one in asked.resource_spans for scope in one.scope_spans for span in scope.spans]
        return found

    def find(self, name: str, trace: str = "") -> list[Any]:
        return [one for one in self.spans if one.name == name and trace in (one.trace_id.hex(), "")]


@contextmanager
def receive() -> Iterator[tuple[str, Receiver]]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            receiver.headers.append(dict(self.headers))
            receiver.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", receiver
        server.shutdown()


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


@pytest.fixture
def settings(database: databases.TestDatabase) -> dict[str, str]:
    return {
        "PORTAL_ENVIRONMENT": "production",
        "PORTAL_PUBLIC_URL": "https://suppliers.example",
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }


def read_attributes(span: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


async def test_a_trace_goes_from_the_request_to_its_statements_and_tells_nothing_of_anybody(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    with receive() as (url, receiver):
        given = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=ours"}
        with serve(folder, "serve", **settings, **given) as serving:
            serving.wait_until_ready()
            use(serving)
            wait_until(lambda: bool(receiver.find("job send_mail")), 60)
            assert serving.interrupt() == 0
        (request,) = receiver.find("POST /graphql", TRACE)
        assert request.parent_span_id.hex() == SPAN
        told = {"http.request.method": "POST", "http.route": "/graphql", "http.response.status_code": 200}
        assert read_attributes(request) == told
        (operation,) = receiver.find("query", TRACE)
        assert operation.parent_span_id == request.span_id
        assert read_attributes(operation)["graphql.operation.outcome"] == "ok"
        statements = [one for one in receiver.spans if one.parent_span_id == operation.span_id]
        assert statements
        for one in statements:
            assert read_attributes(one)["db.system.name"] == "postgresql"
            assert read_attributes(one)["db.query.text"]
        assert len(receiver.find("mutation")) == 2
        assert receiver.find("GET none")  # a path that nobody has
        job = receiver.find("job send_mail")[0]
        assert any(one.trace_id == job.trace_id and one.name == "SELECT" for one in receiver.spans)
        assert {one["x-tenant"] for one in receiver.headers} == {"ours"}
        for body in receiver.bodies:
            assert CANARY.encode() not in body.lower()
            assert b"127.0.0.1" not in body
            assert b"portal_app" not in body


def use(serving: Serving) -> None:
    """Calls with a word that must not come out again in whatever a client can write."""
    named = {"authorization": "Bearer canary-token", "user-agent": CANARY, "x-request-id": "canary-request"}
    with httpx.Client(base_url=serving.url, timeout=30, verify=NOBODY) as client:
        variables = {"email": "canary@canary.example", "name": "Canary Person"}
        client.post("/graphql", json={"query": REGISTER, "variables": variables, "operationName": "canaryOperation"})
        client.post("/graphql", json={"query": SIGN_IN})
        client.get("/canary/path?token=canary", headers=named)
        client.post("/graphql", json={"query": "{ viewer { canary } }"}, headers=named)
        client.post("/graphql", json={"query": "{ viewer { user { name } } }"}, headers=named)
        asked = {"query": FIND, "variables": {"key": "canary-key"}}
        answer = client.post("/graphql", json=asked, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
        assert answer.json()["data"]["canaryTitle"], answer.text
        serving_line = wait_for_line(serving, TRACE)
        assert serving_line["event"] == "request"
        assert len(serving_line["request_id"]) == 32


def wait_for_line(serving: Serving, trace: str) -> dict[str, Any]:
    """The line of the log with a trace's id beside that of its request."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        lines = [json.loads(one) for one in serving.read_log().splitlines() if one.startswith("{")]
        found[:] = [one for one in lines if one.get("trace_id") == trace and one["event"] == "request"]
        return bool(found)

    wait_until(look)
    return found[0]


def test_nothing_is_made_or_sent_without_an_address(folder: Path, settings: dict[str, str]) -> None:
    with receive() as (_, receiver), serve(folder, "serve", **settings) as serving:
        serving.wait_until_ready()
        httpx.post(f"{serving.url}/graphql", json={"query": "{ __typename }"}, timeout=30, verify=NOBODY)
        assert serving.interrupt() == 0
        assert "trace_id" not in serving.read_log()
        assert receiver.bodies == []
    loaded = (
        "import sys, portal.app, portal.commands.server; print([one for one in sys.modules if 'opentelemetry' in one])"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=databases.ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_receiver_that_is_away_hinders_nobody(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "serve", **settings, PORTAL_TRACE_ENDPOINT="http://127.0.0.1:9") as serving:
        serving.wait_until_ready()
        for _ in range(5):
            assert (
                httpx.post(
                    f"{serving.url}/graphql", json={"query": "{ __typename }"}, timeout=30, verify=NOBODY
                ).status_code
                == 200
            )
        assert serving.interrupt() == 0, serving.read_log()
