"""A running portal for tests of the surface: a real server on a free port over a real database, and its callers."""

import asyncio
import hashlib
import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import uvicorn

from portal import app
from portal.database import ids
from portal.settings import Settings
from tests.clients import open_client
from tests.databases import TestDatabase

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Caller:
    """A member of an organization, with a session."""

    token: str
    user: UUID
    organization: UUID


@dataclass
class Portal:
    """A running server, and what a test asks of it."""

    database: TestDatabase
    port: int
    app: Any
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with open_client(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as client:
            yield client

    async def post(self, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
        """Send a body as it is (bytes) or as JSON."""
        sent = {"content-type": "application/json", "accept": "application/graphql-response+json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.client() as client:
            return await client.post("/graphql", content=content, headers=sent)

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Run an operation and give back its response, which must not be a fault."""
        response = await self.post({"query": query, "variables": variables}, token)
        answer: dict[str, Any] = response.json()
        assert response.status_code < 500, answer
        assert "INTERNAL" not in codes(answer), answer
        return answer

    async def sign_up(self, *roles: str, member: str = "owner", operator: bool = False) -> Caller:
        """A new organization with these roles and one member who is signed in."""
        token, user, organization = secrets.token_urlsafe(24), ids.new_id(), ids.new_id()
        connection = await asyncpg.connect(self.database.superuser_url.replace("+asyncpg", ""))
        try:
            await connection.execute(
                "INSERT INTO portal.organization (id, name) VALUES ($1, $2)", organization, f"Firm {organization}"
            )
            for role in roles:
                await connection.execute(
                    "INSERT INTO portal.organization_role (organization_id, role, status) VALUES ($1, $2, 'active')",
                    organization,
                    role,
                )
            await _add_member(connection, organization, user, token, "Somebody", member, operator)
        finally:
            await connection.close()
        return Caller(token, user, organization)

    async def fetch(self, query: str, *values: Any) -> list[Any]:
        """Rows as the superuser sees them."""
        connection = await asyncpg.connect(self.database.superuser_url.replace("+asyncpg", ""))
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def join(self, colleague: Caller, name: str, member: str = "editor") -> Caller:
        """Another member of the same organization, signed in."""
        token, user = secrets.token_urlsafe(24), ids.new_id()
        connection = await asyncpg.connect(self.database.superuser_url.replace("+asyncpg", ""))
        try:
            await _add_member(connection, colleague.organization, user, token, name, member, False)
        finally:
            await connection.close()
        return Caller(token, user, colleague.organization)

    async def run_sql(self, statement: str, *values: Any) -> None:
        connection = await asyncpg.connect(self.database.superuser_url.replace("+asyncpg", ""))
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()


async def _add_member(
    connection: asyncpg.Connection,
    organization: UUID,
    user: UUID,
    token: str,
    name: str,
    member: str,
    operator: bool,
) -> None:
    await connection.execute(
        "INSERT INTO portal.user_account (id, email, password_hash, name, is_operator) VALUES ($1, $2, 'none', $3, $4)",
        user,
        f"{user}@example.com",
        name,
        operator,
    )
    await connection.execute(
        "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, $3)", organization, user, member
    )
    await connection.execute(
        "INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
        hashlib.sha256(token.encode()).digest(),
        ids.new_id(),
        user,
        organization,
        LATER,
    )


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


@asynccontextmanager
async def run_portal(database: TestDatabase, schema: Any = None, **changed: Any) -> AsyncIterator[Portal]:
    """Serve with production settings, except for those changed."""
    usual = {"environment": "production", "database_url": database.app_url, "pool_size": 4}
    # Tests ask for more in a moment than a person does in a minute.
    settings = Settings(**usual | {"cost_per_minute": 0} | changed)
    application = app.create_app(settings, schema=schema)
    config = uvicorn.Config(
        application, lifespan="on", ws="websockets-sansio", log_config=None, access_log=False, **app.SERVER_OPTIONS
    )
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # uvloop does it by itself, asyncio's loop does not
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            assert not serving.done(), serving
            await asyncio.sleep(0.01)
        yield Portal(database, listener.getsockname()[1], application)
    finally:
        server.should_exit = True
        await serving
