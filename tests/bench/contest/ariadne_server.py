"""The contender on Ariadne: rows by asyncpg, DataLoaders, and documents parsed and validated once.

Run as a process of its own in its own environment, which has nothing of the portal: `python -m
tests.bench.contest.ariadne_server PORT`, with the database's address in BENCH_DATABASE_URL.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
import uvicorn
from ariadne import graphql, make_executable_schema
from graphql import parse
from graphql import validate as validate_document
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.contest.ariadne_loaders import Loaders
from tests.bench.contest.ariadne_resolvers import BINDABLES, TYPES

AUTHENTICATE = "SELECT * FROM portal.authenticate('session', $1)"
SCHEMA = make_executable_schema(TYPES, *BINDABLES, convert_names_case=True)
DOCUMENTS: dict[str, Any] = {}


def parse_once(context: Any, data: dict[str, Any]) -> Any:
    """The document of a text, parsed and validated the first time it is seen."""
    text = data["query"]
    if text not in DOCUMENTS:
        document = parse(text)
        problems = validate_document(SCHEMA, document)
        if problems:
            raise problems[0]
        DOCUMENTS[text] = document
    return DOCUMENTS[text]


def validate_nothing(*_: Any, **__: Any) -> list[Any]:
    """What was parsed was validated as well."""
    return []


async def answer(request: Request) -> Response:
    """One transaction for each operation, begun with the session look-up, which sets the tenant."""
    data = orjson.loads(await request.body())
    secret = hashlib.sha256(request.headers["authorization"].removeprefix("Bearer ").encode()).digest()
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        caller = await connection.fetchrow(AUTHENTICATE, secret)
        context = {"caller": caller, "loaders": Loaders(connection)}
        _, result = await graphql(
            SCHEMA, data, context_value=context, query_parser=parse_once, query_validator=validate_nothing
        )
    return Response(orjson.dumps(result), media_type="application/json")


async def prepare_connection(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads, schema="pg_catalog"
    )


@contextlib.asynccontextmanager
async def open_pool(app: Starlette) -> AsyncIterator[None]:
    url, size = os.environ["BENCH_DATABASE_URL"].replace("+asyncpg", ""), int(os.environ["BENCH_POOL_SIZE"])
    options = {"min_size": size, "max_size": size, "init": prepare_connection, "reset": keep_connection}
    async with asyncpg.create_pool(url, **options) as app.state.pool:
        yield


async def keep_connection(connection: asyncpg.Connection) -> None:
    """No reset when it is given back: nothing here outlives its transaction."""


APP = Starlette(lifespan=open_pool, routes=[Route("/graphql", answer, methods=["POST"])])

if __name__ == "__main__":
    port = int(sys.argv[1])
    uvicorn.run(APP, port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False)
