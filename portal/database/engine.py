"""Connections, and the one transaction of a use case: begun with the caller's credential, ended whole."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from portal import access, errors
from portal.database import faults, roles

AUTHENTICATE = text("SELECT * FROM portal.authenticate(:kind, :secret_hash)")


def create_engine(
    url: str, *, pool_size: int = 10, behind_pgbouncer: bool = False, timeout_ms: int = 15_000
) -> AsyncEngine:
    """An engine over asyncpg; behind pgbouncer in transaction mode both statement caches are off."""
    arguments: dict[str, Any] = {"timeout": 10}
    if behind_pgbouncer:
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    else:
        arguments["server_settings"] = {"statement_timeout": str(timeout_ms), "application_name": "portal"}
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        connect_args=arguments,
        hide_parameters=True,  # answers and names never reach a log through an error's text
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )


class Database:
    """The application's database: hands out sessions whose organization is the caller's, and nobody else's."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def transaction(
        self, credential: access.Credential = access.NO_CREDENTIAL
    ) -> AsyncIterator[tuple[AsyncSession, access.Actor]]:
        """One transaction under the caller's credential: commits at the end, rolls back on any exception.

        Raises Unauthenticated where a credential is given that is wrong, ended or revoked, and Unavailable where the
        database is away or too busy for the moment.
        """
        try:
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                actor = await authenticate(session, credential)
                yield session, actor
        except errors.PortalError:
            raise
        except Exception as error:
            passing = faults.find_passing(error)
            if passing is None:
                raise
            raise passing from error

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection for health checks; it sees no organization's rows."""
        async with self.engine.connect() as connection:
            yield connection

    async def refuse_privileged_login(self) -> None:
        """Raise SetupError where this login could see past row-level security."""
        async with self.engine.connect() as connection:
            await roles.refuse_privileged_login(connection)

    async def close(self) -> None:
        """Give all connections back to the server."""
        await self.engine.dispose()


async def authenticate(session: AsyncSession, credential: access.Credential) -> access.Actor:
    """The caller behind a credential; sets its organization for the rest of the transaction, and only for that."""
    if credential.kind == "none":
        return access.ANONYMOUS
    parameters = {"kind": credential.kind, "secret_hash": credential.secret_hash}
    found = (await session.execute(AUTHENTICATE, parameters)).one_or_none()
    if found is None:
        raise errors.Unauthenticated("This credential is not valid, has ended or was revoked. Sign in again.")
    return access.Actor(
        user_id=found.user_id,
        api_key_id=found.api_key_id,
        organization_id=found.organization_id,
        member_role=found.member_role,
        organization_roles=frozenset(found.organization_roles),
        scopes=frozenset(found.scopes),
        is_operator=found.is_operator,
        session_id=found.session_id,
    )
