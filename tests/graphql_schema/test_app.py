"""The application as a whole: what development adds, what TLS adds, and what a wrong path gets."""

import contextlib
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

import portal as package
from portal import app, errors
from portal.http import envelope
from portal.settings import Settings
from tests.clients import open_client
from tests.databases import TestDatabase
from tests.graphql_schema import portals, sample, test_socket

ROOT = Path(__file__).parents[2]


async def test_the_explorer_needs_nothing_but_our_own_server(database: TestDatabase) -> None:
    settings = Settings(environment="development", database_url=database.app_url)
    transport = httpx.ASGITransport(app.create_app(settings))
    async with open_client(transport=transport, base_url="http://portal") as client:
        page = (await client.get("/graphiql")).text
        parts = re.findall(r'(?:href|src)="([^"]+)"', page)
        assert parts
        for part in parts:
            assert part.startswith("/explorer/")
            assert (await client.get(part)).status_code == 200
        assert "http://" not in page + (await client.get("/explorer/explorer.js")).text


async def test_the_explorer_says_that_only_trusted_documents_run(database: TestDatabase) -> None:
    for only in (True, False):
        settings = Settings(environment="development", database_url=database.app_url, only_trusted_documents=only)
        transport = httpx.ASGITransport(app.create_app(settings))
        async with open_client(transport=transport, base_url="http://portal") as client:
            page = await client.get("/graphiql")
        assert page.headers["content-type"].startswith("text/html")
        assert ("trusted documents only" in page.text) is only


async def test_a_path_that_does_not_exist_gets_the_usual_shape(database: TestDatabase) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        response = await client.get("/nothing")
        assert (response.status_code, portals.codes(response.json())) == (404, ["HTTP"])
        # POST /graphql must not be redirected, and /graphql/ is another path.
        assert (await client.post("/graphql/", json={})).status_code in (307, 404)


async def test_a_server_that_stops_tells_its_sockets(database: TestDatabase) -> None:
    async with contextlib.AsyncExitStack() as clients:
        async with portals.run_portal(database, sample.build()) as portal:
            caller = await portal.sign_up("supplier")
            client = await clients.enter_async_context(test_socket.signed_in(portal, caller))
            await client.say(test_socket.SUBSCRIBE)
            await test_socket.wait_for_listeners(portal)
        code, _ = await client.hear_close()
    assert code in (1001, 1012)
    assert portal.app.state.services.events.count_listeners() == 0


async def test_only_a_portal_over_tls_asks_for_tls() -> None:
    async def answer(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    for over_tls in (True, False):
        transport = httpx.ASGITransport(envelope.Envelope(answer, over_tls=over_tls))  # type: ignore[arg-type]
        async with open_client(transport=transport, base_url="http://portal") as client:
            response = await client.get("/")
        assert ("strict-transport-security" in response.headers) is over_tls


def test_without_a_database_there_is_no_application() -> None:
    with pytest.raises(errors.SetupError, match="PORTAL_DATABASE_URL"):
        app.create_app(Settings(environment="production"))


def test_a_folder_of_fonts_is_there(tmp_path: Path) -> None:
    assert app.list_font_folders(Settings()) == []
    assert app.list_font_folders(Settings(font_folder=tmp_path)) == [str(tmp_path)]
    with pytest.raises(errors.SetupError, match="PORTAL_FONT_FOLDER: there is no folder"):
        app.list_font_folders(Settings(font_folder=tmp_path / "gone"))


def test_origins_are_our_own_and_those_added() -> None:
    settings = Settings(public_url="https://portal.example/", allowed_origins=["https://app.example"])
    assert app.list_origins(settings) == ["https://portal.example", "https://app.example"]


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == package.VERSION


@pytest.mark.parametrize(("name", "floor"), [("strawberry-graphql", (0, 315, 7)), ("starlette", (1, 3, 1))])
def test_libraries_with_known_holes_are_newer(name: str, floor: tuple[int, ...]) -> None:
    assert tuple(int(part) for part in version(name).split(".")[:3]) >= floor


def test_forms_are_not_read_at_all() -> None:
    pinned = (ROOT / ".ci" / "requirements.txt").read_text(encoding="utf-8")
    assert "python-multipart" not in pinned
