"""Connections, and the one transaction of a use case: begun with the caller's credential, ended whole."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import orjson
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from portal import access, errors, tracing
from portal.database import faults, roles
from portal.database.credential_uses import CredentialUses
from portal.database.lending import Lender, Lent, open_reader
from portal.database.prompt import MOST_CALLERS, Callers, Guess, PromptReader
from portal.database.reader import Reader
from portal.database.replica import Replica
from portal.shelf import Shelf

AUTHENTICATE = "SELECT * FROM portal.authenticate($1, $2)"
AUTHENTICATE_SPELLED = "SELECT a.*, a::text AS spelled FROM portal.authenticate($1, $2) a"
POSITION = "SELECT pg_current_wal_insert_lsn()::text"
AUTHENTICATE_AT = "SELECT a.*, pg_current_wal_insert_lsn()::text AS position FROM portal.authenticate($1, $2) a"


def create_engine(
    url: str, *, pool_size: int = 10, behind_pgbouncer: bool = False, timeout_ms: int = 15_000, is_pooled: bool = True
) -> AsyncEngine:
    """An engine over asyncpg; behind pgbouncer in transaction mode both statement caches are off.

    One that is not pooled opens a connection whenever it is asked for one, and keeps none.
    """
    arguments: dict[str, Any] = {"timeout": 10, "async_creator_fn": connect}
    if behind_pgbouncer:
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    else:
        arguments["max_cacheable_statement_size"] = 0  # no limit: a large selection is prepared once, too
        arguments["server_settings"] = {"statement_timeout": str(timeout_ms), "application_name": "portal"}
    pool: dict[str, Any] = {"poolclass": NullPool}
    if is_pooled:
        # The connection used last knows the most statements.
        pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10, "pool_use_lifo": True}
    made = create_async_engine(
        url,
        **pool,
        pool_pre_ping=False,
        connect_args=arguments,
        hide_parameters=True,  # answers and names never reach a log through an error's text
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    if tracing.is_on():
        tracing.follow_engine(made.sync_engine)
    return made


async def connect(*given: Any, **settings: Any) -> Any:
    """A connection of the driver's; raises ConnectionError for whatever is in the way, such as a name without place."""
    try:
        return await asyncpg.connect(*given, **settings)
    except ConnectionError:
        raise
    except OSError as error:
        raise ConnectionError(f"There is no way to the database: {type(error).__name__}.") from error


class Database:
    """The application's database: hands out sessions whose organization is the caller's, and nobody else's."""

    def __init__(
        self,
        engine: AsyncEngine,
        replica: AsyncEngine | None = None,
        *,
        prompts: bool = True,
        beside: AsyncEngine | None = None,
    ) -> None:
        """Behind pgbouncer nothing `prompts`: outside a transaction it may send two halves of a read to two servers.

        `beside` gives health checks a connection while all of the pool are at work.
        """
        self.engine = engine
        self.beside = beside or engine
        self.lender = Lender(engine)
        self.replica = None if replica is None else Replica(Lender(replica))
        self.credential_uses = CredentialUses()
        self.callers: Callers | None = Shelf(MOST_CALLERS) if prompts and replica is None else None

    @asynccontextmanager
    async def transaction(
        self, credential: access.Credential = access.NO_CREDENTIAL
    ) -> AsyncIterator[tuple[AsyncSession, access.Actor]]:
        """One transaction under the caller's credential: commits at the end, rolls back on any exception.

        Raises Unauthenticated where a credential is given that is wrong, ended or revoked, and Unavailable where the
        database is away or too busy for the moment.
        """
        self.lender.make_room()
        self.credential_uses.note(credential)
        with explain_passing():
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                with explain_passing(is_before_commit=True):
                    actor = await authenticate(session, credential)
                    yield session, actor

    @asynccontextmanager
    async def reading(
        self, credential: access.Credential = access.NO_CREDENTIAL, *, writes: bool = False
    ) -> AsyncIterator[tuple[Reader, access.Actor]]:
        """The same for a call that only reads by the read model; raises what `transaction` raises.

        One that `writes`, such as receipts, never goes to a replica.
        """
        self.credential_uses.note(credential)
        with explain_passing():
            async with AsyncExitStack() as stack:
                found = None if writes else await self._enter_replica(stack, credential)
                if found is None:
                    reader = await stack.enter_async_context(open_reader(self.lender))
                    found = reader, await self._authenticate(reader, credential)
                yield found

    async def guess(self, credential: access.Credential) -> tuple[PromptReader, Lent] | None:
        """A reader for the caller of the last time, with the connection that its user gives back; None for nobody.

        It must `confirm` before anything leaves, and its statements raise CallerChanged.
        """
        guess = None if self.callers is None else self.callers.find(credential.secret_hash)
        if self.callers is None or guess is None:
            return None
        self.credential_uses.note(credential)
        lent = await self.lender.take()
        return PromptReader(lent.driver, credential, guess, self.callers), lent

    async def _authenticate(self, reader: Reader, credential: access.Credential) -> access.Actor:
        if credential.kind == "none":
            return access.ANONYMOUS
        row = await reader.fetch_row(AUTHENTICATE_SPELLED, credential.kind, credential.secret_hash)
        actor = _make_actor(row)
        if self.callers is not None and row is not None:
            self.callers.keep(credential.secret_hash, Guess(actor, row["spelled"]))
        return actor

    async def _enter_replica(
        self, stack: AsyncExitStack, credential: access.Credential
    ) -> tuple[Reader, access.Actor] | None:
        replica = self.replica
        if replica is None or replica.is_resting:
            return None
        actor, position = await _authenticate_alone(self.lender, credential)
        reader = await stack.enter_async_context(replica.read(actor, position))
        return None if reader is None else (reader, actor)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection for health checks; it sees no organization's rows, and does not wait for the pool."""
        self.lender.make_room()
        chosen = self.engine if self.lender.has_room() else self.beside
        async with chosen.connect() as connection:
            yield connection

    async def refuse_privileged_login(self) -> None:
        """Raise SetupError where this login could see past row-level security."""
        async with self.engine.connect() as connection:
            await roles.refuse_privileged_login(connection)

    async def close(self) -> None:
        """Give all connections back to the server."""
        self.lender.close()
        await self.engine.dispose()
        if self.replica is not None:
            self.replica.lender.close()
            await self.replica.lender.engine.dispose()


@contextmanager
def explain_passing(*, is_before_commit: bool = False) -> Iterator[None]:
    """Turns failures of the database that pass by themselves into Unavailable.

    A connection that is lost before the commit was sent takes the transaction with it; later nobody knows.
    """
    try:
        yield
    except errors.PortalError:
        raise
    except Exception as error:
        passing = faults.find_passing(error)
        if passing is None:
            raise
        if is_before_commit and passing.code == faults.AWAY:
            passing.is_undone = True
        raise passing from error


async def authenticate(session: AsyncSession, credential: access.Credential) -> access.Actor:
    """The caller behind a credential; sets its organization for the rest of the transaction, and only for that."""
    if credential.kind == "none":
        return access.ANONYMOUS
    connection = await session.connection()
    found = (await connection.exec_driver_sql(AUTHENTICATE, (credential.kind, credential.secret_hash))).one_or_none()
    return _make_actor(found)


async def _authenticate_alone(lender: Lender, credential: access.Credential) -> tuple[access.Actor, str]:
    """The caller, and how far the log had come by then."""
    async with open_reader(lender) as reader:
        if credential.kind == "none":
            return access.ANONYMOUS, str(await reader.fetch_text(POSITION, []))
        found = await reader.fetch_row(AUTHENTICATE_AT, credential.kind, credential.secret_hash)
    return _make_actor(found), "" if found is None else found["position"]


def _make_actor(found: Any) -> access.Actor:
    """The caller of a row in the order of the function's columns; raises Unauthenticated without one."""
    if found is None:
        raise errors.Unauthenticated("This credential is not valid, has ended or was revoked. Sign in again.")
    user_id, api_key_id, organization_id, member_role, roles_, scopes, is_operator, _, session_id, held, since, *_ = (
        found
    )
    return access.Actor(
        user_id=user_id,
        api_key_id=api_key_id,
        organization_id=organization_id,
        member_role=member_role,
        organization_roles=frozenset(roles_),
        scopes=frozenset(scopes),
        is_operator=is_operator,
        session_id=session_id,
        held_role=held,
        suspended_since=since,
    )
