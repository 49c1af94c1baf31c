"""What one request carries: the credential, the services, and at most one transaction at a time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import strawberry

from portal import access
from portal.database.engine import Database
from portal.delivery.events import EventBroker
from portal.identity import attempts
from portal.settings import Settings

TRANSACTION_SECONDS = 20.0

# What the surface passes on to the functions of the portal without looking into it.
Session: TypeAlias = Any


@dataclass(frozen=True)
class Services:
    """What lives as long as the process and every request uses."""

    settings: Settings
    database: Database
    events: EventBroker
    storage: Any = None


@dataclass
class Gate:
    """The rule of the root field that is being resolved, and whether a transaction has checked it."""

    rule: access.Rule
    checked: bool = False


_gate: ContextVar[Gate | None] = ContextVar("gate", default=None)


@contextlib.contextmanager
def enter_gate(rule: access.Rule) -> Iterator[Gate]:
    """Make `rule` the one that transactions opened inside check before they hand out their session."""
    gate = Gate(rule)
    token = _gate.set(gate)
    try:
        yield gate
    finally:
        _gate.reset(token)


@dataclass
class Context:
    """One request, or one connection of a WebSocket."""

    services: Services
    credential: access.Credential
    client_address: str
    request_id: str
    actor: access.Actor | None = None  # of the last transaction; None before the first
    retry_after: int | None = None  # seconds, for the Retry-After header
    connection_params: dict[str, object] | None = None  # what a WebSocket client sent with connection_init
    end_connection: Callable[[], Awaitable[None]] | None = None  # of a WebSocket only
    batches: dict[str, Any] = field(default_factory=dict, repr=False)  # see graphql_schema/batches.py
    noted: set[tuple[UUID, str]] = field(default_factory=set, repr=False)  # what this call has left receipts for
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def settings(self) -> Settings:
        return self.services.settings

    @property
    def events(self) -> EventBroker:
        return self.services.events

    @property
    def storage(self) -> Any:
        return self.services.storage

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[tuple[Session, access.Actor]]:
        """A session and the caller, authenticated anew and let in by the rule of the field being resolved.

        Resolvers that run side by side take turns, so a request holds one connection at most.
        Raises Unauthenticated, NotAllowed, and TimeoutError after TRANSACTION_SECONDS.
        """
        async with self._turn, asyncio.timeout(TRANSACTION_SECONDS), self._open() as (session, actor):
            self._let_in(actor)
            yield session, actor

    @contextlib.asynccontextmanager
    async def reading(self, *, writes: bool = False) -> AsyncIterator[tuple[Session, access.Actor]]:
        """As `transaction`, for what `portal.reading` reads: it costs half as much.

        Where it also `writes` receipts, no replica answers.
        """
        database = self.services.database
        opened = attempts.count_refusals(
            database, self.credential, database.reading(self.credential, writes=writes), address=self.client_address
        )
        async with self._turn, asyncio.timeout(TRANSACTION_SECONDS), opened as (reader, actor):
            self._let_in(actor)
            yield reader, actor

    def _let_in(self, actor: access.Actor) -> None:
        self.actor = actor
        gate = _gate.get()
        if gate is not None:
            gate.checked = True
            access.require(actor, gate.rule)

    async def authenticate(self) -> access.Actor:
        """Who is calling, read from the database now; raises Unauthenticated for a credential that has ended."""
        async with self._turn, self._open() as (_, actor):
            self.actor = actor
        return actor

    def _open(self) -> contextlib.AbstractAsyncContextManager[tuple[Session, access.Actor]]:
        return attempts.open_transaction(self.services.database, self.credential, address=self.client_address)

    async def check(self, rule: access.Rule) -> None:
        """Authenticate now and raise where the rule does not let the caller in."""
        access.require(await self.authenticate(), rule)


Info: TypeAlias = strawberry.Info[Context, None]
