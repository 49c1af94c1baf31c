"""What a good engineer would write by hand for the measured cases: asyncpg, orjson and Starlette, nothing between.

The same database, login, session look-up, tenant setting and row-level security as the portal's; the rules of the
questionnaire (checking, scoring, sealing) are the product's own in both, so what is compared is all that is around them.
Run as a process of its own: `python -m tests.bench.handwritten PORT`, with the database's address in BENCH_DATABASE_URL.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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

from tests.bench import handwritten_reads, handwritten_writes

AUTHENTICATE = "SELECT * FROM portal.authenticate($1, $2)"
EDITORS = ("owner", "editor")
POOL_SIZE = 10
Act = Callable[[asyncpg.Connection, Mapping[str, Any], Request], Awaitable[bytes | str]]


class PlainConnection(asyncpg.Connection):
    """A connection that is given back without a reset: nothing here outlives its transaction."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


def answer_with(act: Act, role: str, *, editing: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint: one transaction, begun with the session look-up, that sets the tenant."""

    async def answer(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        secret = hashlib.sha256(token.encode()).digest()
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            caller = await connection.fetchrow(AUTHENTICATE, "session", secret)
            if caller is None:
                raise HTTPException(401)
            if role not in caller["organization_roles"] or (editing and caller["member_role"] not in EDITORS):
                raise HTTPException(403)
            content = await act(connection, caller, request)
        return Response(content, media_type="application/json")

    return answer


async def save_answers(connection: asyncpg.Connection, caller: Mapping[str, Any], request: Request) -> bytes:
    body = orjson.loads(await request.body())
    return await handwritten_writes.save_answers(connection, caller, UUID(body["assessmentId"]), body["answers"])


async def submit(connection: asyncpg.Connection, caller: Mapping[str, Any], request: Request) -> bytes:
    body = orjson.loads(await request.body())
    wanted = UUID(body["assessmentId"])
    return await handwritten_writes.submit(connection, caller, wanted, body["expectedChangeNumber"])


async def list_suppliers(connection: asyncpg.Connection, caller: Mapping[str, Any], request: Request) -> str:
    first, after = int(request.query_params["first"]), request.query_params.get("after")
    return await handwritten_reads.list_suppliers(connection, caller, first, after)


async def show_profile(connection: asyncpg.Connection, caller: Mapping[str, Any], request: Request) -> str:
    found = await handwritten_reads.show_profile(connection, caller, request.path_params["id"])
    if found is None:
        raise HTTPException(404)
    return found


async def show_cell(connection: asyncpg.Connection, caller: Mapping[str, Any], request: Request) -> str:
    found = await handwritten_reads.show_cell(connection, caller, request.query_params)
    if found is None:
        raise HTTPException(404)
    return found


@contextlib.asynccontextmanager
async def open_pool(app: Starlette) -> AsyncIterator[None]:
    url = os.environ["BENCH_DATABASE_URL"].replace("+asyncpg", "")
    async with asyncpg.create_pool(
        url, min_size=POOL_SIZE, max_size=POOL_SIZE, connection_class=PlainConnection
    ) as app.state.pool:
        yield


def make_app() -> Starlette:
    return Starlette(
        lifespan=open_pool,
        routes=[
            Route("/answers", answer_with(save_answers, "supplier", editing=True), methods=["POST"]),
            Route("/submissions", answer_with(submit, "supplier", editing=True), methods=["POST"]),
            Route("/suppliers", answer_with(list_suppliers, "buyer")),
            Route("/suppliers/{id}", answer_with(show_profile, "buyer")),
            Route("/benchmark", answer_with(show_cell, "buyer")),
        ],
    )


if __name__ == "__main__":
    port = int(sys.argv[1])
    uvicorn.run(make_app(), port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False)
