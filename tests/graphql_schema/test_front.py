"""The page at the address itself: served whole by our own server, and speaking the API as it is."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate

import portal
from graphql_schema import schema
from portal import app
from portal.delivery import mail
from portal.http import envelope, front
from portal.settings import Settings
from tests.clients import open_client
from tests.databases import TestDatabase

FOLDER = Path(portal.__file__).parent / "http" / "front"
PAGE = (FOLDER / "index.html").read_text(encoding="utf-8")
SCRIPT = (FOLDER / "front.js").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"^const ([A-Z_]+) = `(.*?)`;", SCRIPT, re.DOTALL | re.MULTILINE)


@pytest.fixture(params=["development", "production"])
async def client(request: pytest.FixtureRequest, database: TestDatabase) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(environment=request.param, database_url=database.app_url)
    application = app.create_app(settings)
    async with open_client(transport=httpx.ASGITransport(application), base_url="http://portal") as made:
        made.headers["x-environment"] = request.param
        yield made
    await application.state.services.database.close()


async def test_the_page_is_served_with_all_it_needs(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == envelope.HEADERS["Content-Security-Policy"]
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-cache")
    parts = re.findall(r'(?:href|src)="(front/[^"]+)"', page.text)
    kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
    assert len(parts) == 2
    for part in parts:
        found = await client.get(f"/{part}")
        assert (found.status_code, found.headers["content-type"]) == (200, kinds[part.rpartition(".")[2]])


async def test_it_leads_to_what_is_there(client: httpx.AsyncClient) -> None:
    links = re.findall(r'<a href="([^"]+)"', (await client.get("/")).text)
    expected = ["graphiql"] if client.headers["x-environment"] == "development" else []
    assert links == [*expected, "health/ready"]
    for link in links:
        assert (await client.get(f"/{link}")).status_code == 200


async def test_it_says_where_people_go_once_there_is_a_client(client: httpx.AsyncClient) -> None:
    assert "it has no web client yet" in (await client.get("/")).text
    for route in front.list_routes(with_explorer=False, client_url='https://app.example/?a="b"'):
        if route.path == "/":
            page = bytes((await route.endpoint(None)).body).decode()
    assert 'To sign in, to answer and to read, go to <a href="https://app.example/?a=&quot;b&quot;">' in page
    assert "no web client" not in page


async def test_it_is_read_and_not_written(client: httpx.AsyncClient) -> None:
    assert (await client.post("/")).status_code == 405


def test_it_needs_no_other_server_and_nothing_that_the_policy_forbids() -> None:
    for text in (PAGE, SCRIPT, (FOLDER / "front.css").read_text(encoding="utf-8")):
        assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", PAGE)
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", SCRIPT)


@pytest.mark.parametrize("document", [text for _, text in DOCUMENTS], ids=[name for name, _ in DOCUMENTS])
def test_what_it_asks_fits_the_schema(document: str) -> None:
    assert validate(schema.get_schema()._schema, parse(document)) == []


def test_it_opens_every_link_that_letters_have() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(mail.__file__).parent.glob("*.py"))
    kinds = set(re.findall(r"/#([a-z-]+)=", source))
    assert kinds == {"invitation", "confirmation", "password-reset", "email-change"}
    assert (
        kinds == set(re.findall(r'"([a-z-]+)": show', SCRIPT)) == kinds & set(re.findall(r'template id="(.*?)"', PAGE))
    )


def test_a_token_is_sent_in_a_body_and_kept_nowhere() -> None:
    (fetched,) = re.findall(r"fetch\((.*?)\)", SCRIPT)
    assert fetched.startswith('"graphql", { method: "POST"')
    assert not re.search(
        r"localStorage|sessionStorage|cookie|XMLHttpRequest|sendBeacon|location\.(href|search) ?=", SCRIPT
    )


def test_it_is_small_and_every_field_has_a_label() -> None:
    assert SCRIPT.count("\n") < 260
    fields = re.findall(r"<(?:input|select|textarea)\b", PAGE)
    labelled = re.findall(r"<label[^>]*>(?:(?!</label>).)*?<(?:input|select|textarea)\b", PAGE, re.DOTALL)
    assert len(fields) == len(labelled) > 15
