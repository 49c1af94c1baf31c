"""The contenders written by hand: asyncpg, orjson and Starlette, nothing between, with a session look-up or without.

Run as a process of its own: `python -m tests.bench.contest.raw PORT owner|session`, with the database's address in
BENCH_DATABASE_URL. As `owner` it believes who the caller says it is, and no policy filters rows; as `session` each request is
one transaction of the application's login that begins with the look-up, which sets the tenant.
"""

import base64
import contextlib
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.contest import outline, raw_statements
from tests.bench.handwritten import AUTHENTICATE, POOL_SIZE, PlainConnection

Connection = asyncpg.Connection
Act = Callable[[Connection, UUID, Request], Awaitable[str]]
AS_OWNER = sys.argv[2:] == ["owner"]
PAGE = 50


class Versions:
    """Published questionnaires, which never change: the bytes of their outlines, and the types of their questions."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, list[str], list[str]]] = {}

    async def find(self, connection: Connection, questionnaire: str) -> tuple[str, list[str], list[str]]:
        content_hash = await connection.fetchval(raw_statements.CURRENT_VERSION, questionnaire)
        if content_hash not in self.kept:
            document = orjson.loads(await connection.fetchval(raw_statements.DOCUMENT, content_hash))
            types = outline.list_types(document)
            text = orjson.dumps(outline.make_outline(document)).decode()
            self.kept[content_hash] = (text, list(types), list(types.values()))
        return self.kept[content_hash]


VERSIONS = Versions()


def answer_with(act: Act, role: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for callers of one role."""

    async def answer_owner(request: Request) -> Response:
        async with request.app.state.pool.acquire() as connection:
            content = await act(connection, UUID(request.headers["x-organization"]), request)
        return Response(content, media_type="application/json")

    async def answer_session(request: Request) -> Response:
        secret = hashlib.sha256(request.headers["authorization"].removeprefix("Bearer ").encode()).digest()
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            caller = await connection.fetchrow(AUTHENTICATE, "session", secret)
            if caller is None or role not in caller["organization_roles"]:
                raise HTTPException(403)
            content = await act(connection, caller["organization_id"], request)
        return Response(content, media_type="application/json")

    return answer_owner if AS_OWNER else answer_session


async def list_suppliers(connection: Connection, organization: UUID, request: Request) -> str:
    name, record = read_cursor(request)
    return write_page(await connection.fetchrow(raw_statements.LIST, organization, PAGE, name, UUID(record)))


async def list_by_score(connection: Connection, organization: UUID, request: Request) -> str:
    total, record = read_cursor(request)
    return write_page(await connection.fetchrow(raw_statements.DEEP_PAGE, organization, PAGE, total, UUID(record)))


async def show_profile(connection: Connection, organization: UUID, request: Request) -> str:
    return found(await connection.fetchval(raw_statements.PROFILE, organization, read_id(request)))


async def list_cells(connection: Connection, organization: UUID, request: Request) -> str:
    after = read_cursor(request)[0] if "after" in request.query_params else None
    row = await connection.fetchrow(raw_statements.CELLS, 1, PAGE, after)
    cursor = write_cursor([str(row["key"])]) if row["count"] == PAGE else "null"
    return f'{{"nodes":{row["nodes"]},"next":{cursor}}}'


async def show_assessment(connection: Connection, organization: UUID, request: Request) -> str:
    text, keys, types = await VERSIONS.find(connection, "generated")
    own = found(await connection.fetchval(raw_statements.ASSESSMENT, organization, read_id(request), keys, types))
    return f'{{"assessment":{own},"questionnaireVersion":{text}}}'


def found(content: str | None) -> str:
    if content is None:
        raise HTTPException(404)
    return content


def read_id(request: Request) -> UUID:
    packed = request.path_params["id"]
    return UUID(bytes=base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))[20:36])


def read_cursor(request: Request) -> list[Any]:
    content: list[Any] = orjson.loads(base64.urlsafe_b64decode(request.query_params["after"]))
    return content


def write_cursor(content: list[Any]) -> str:
    return f'"{base64.urlsafe_b64encode(orjson.dumps(content)).decode()}"'


def write_page(row: Any) -> str:
    cursor = write_cursor([row["key"], str(row["record"])]) if row["count"] == PAGE else "null"
    return f'{{"nodes":{row["nodes"]},"next":{cursor}}}'


@contextlib.asynccontextmanager
async def open_pool(app: Starlette) -> AsyncIterator[None]:
    url = os.environ["BENCH_DATABASE_URL"].replace("+asyncpg", "")
    # Every statement has one good plan, so none is planned again for each call, which would cost a third more.
    options = {"connection_class": PlainConnection, "server_settings": {"plan_cache_mode": "force_generic_plan"}}
    async with asyncpg.create_pool(url, min_size=POOL_SIZE, max_size=POOL_SIZE, **options) as app.state.pool:
        yield


APP = Starlette(
    lifespan=open_pool,
    routes=[
        Route("/suppliers", answer_with(list_suppliers, "buyer")),
        Route("/suppliers/by-score", answer_with(list_by_score, "buyer")),
        Route("/suppliers/{id}", answer_with(show_profile, "buyer")),
        Route("/cells", answer_with(list_cells, "partner")),
        Route("/assessments/{id}", answer_with(show_assessment, "supplier")),
    ],
)

if __name__ == "__main__":
    port = int(sys.argv[1])
    uvicorn.run(APP, port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False)
