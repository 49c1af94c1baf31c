"""What one request carries: the credential, the services, and at most one transaction at a time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import strawberry

from graphql_schema.budgets import Budgets
from portal import access, errors
from portal.database import credential_uses, engine, faults
from portal.database.engine import Database
from portal.database.lending import Lent
from portal.delivery.events import EventBroker
from portal.documents import TrustedDocuments
from portal.identity import attempts
from portal.settings import Settings
from portal.turnstile import Turnstile

TRANSACTION_SECONDS = 20.0

# What the surface passes on to the functions of the portal without looking into it.
Session: TypeAlias = Any


@dataclass(frozen=True)
class Services:
    """What lives as long as the process and every request uses."""

    settings: Settings
    database: Database
    events: EventBroker
    trusted_documents: TrustedDocuments
    budgets: Budgets  # of clients, for operations
    reading: Turnstile  # files that people hand in, whatever they are for
    storage: Any = None


@dataclass(frozen=True)
class Kind:
    """What of an operation decides how its answer may be sent: whether it only reads, and what never changes."""

    is_query: bool
    is_conditional: bool  # a client may keep the answer and ask whether it still holds


@dataclass
class Gate:
    """The rule of the root field that is being resolved, and whether a transaction has checked it."""

    rule: access.Rule
    checked: bool = False
    has_written: bool = False  # whether something that was done for it may stand already
    may_repeat: bool = False  # whether nothing does, after its first transaction failed
    may_guess: bool = False  # whether its resolver can start again where the caller is not the one of the last time


_gate: ContextVar[Gate | None] = ContextVar("gate", default=None)


@contextlib.contextmanager
def enter_gate(rule: access.Rule, *, may_guess: bool = False) -> Iterator[Gate]:
    """Make `rule` the one that transactions opened inside check before they hand out their session."""
    gate = Gate(rule, may_guess=may_guess)
    token = _gate.set(gate)
    try:
        yield gate
    finally:
        _gate.reset(token)


@dataclass
class KeptReader:
    """The reader that the fields of one operation share: at most one, and given back before anything else is opened."""

    is_shared: bool = False
    _pair: tuple[Session, access.Actor] | None = None
    _lent: Lent | None = None  # the connection of a reader that guesses
    _opened: contextlib.AsyncExitStack | None = None  # what surrounds any other
    _writes: bool = False

    async def take(self, context: "Context", *, writes: bool, guess: bool) -> tuple[Session, access.Actor]:
        """The reader there is, or a new one where it is of the other kind or guesses and must not."""
        fits = self._writes == writes or context.services.database.replica is None
        if self._pair is not None and fits and (guess or not self._pair[0].guesses):
            return self._pair
        await self.release()
        guessed = await context.services.database.guess(context.credential) if guess else None
        if guessed is None:
            self._pair = await self._open(context, writes=writes)
        else:
            reader, self._lent = guessed
            self._pair = reader, reader.guess.actor
        self._writes = writes
        return self._pair

    async def _open(self, context: "Context", *, writes: bool) -> tuple[Session, access.Actor]:
        database, credential = context.services.database, context.credential
        opened = database.reading(credential, writes=writes)
        counted = attempts.count_refusals(database, credential, opened, address=context.client_address)
        self._opened = contextlib.AsyncExitStack()
        return await self._opened.enter_async_context(counted)

    def fail(self, error: BaseException) -> BaseException:
        """The error as the caller is to see it; after one of the database nothing more is read in its transaction."""
        if isinstance(error, errors.PortalError) and not isinstance(error, errors.Unavailable):
            return error
        self._pair = None
        if self._lent is not None and (not isinstance(error, Exception) or self._lent.driver.is_closed()):
            self._lent.end()
        passing = faults.find_passing(error) if isinstance(error, Exception) else None
        return passing or error

    async def release(self) -> None:
        """Give the connection back, with what was written by it."""
        lent, opened = self._lent, self._opened
        self._pair = self._lent = self._opened = None
        with engine.explain_passing():
            if lent is not None:
                await lent.finish()
            if opened is not None:
                await opened.aclose()


@dataclass
class Context:
    """One request, or one connection of a WebSocket."""

    services: Services
    credential: access.Credential
    client_address: str
    request_id: str
    actor: access.Actor | None = None  # of the last transaction; None before the first
    retry_after: int | None = None  # seconds, for the Retry-After header
    kind: Kind | None = None  # of the operation, once it passed validation
    accept_language: str = ""  # the header of that name
    connection_params: dict[str, object] | None = None  # what a WebSocket client sent with connection_init
    end_connection: Callable[[], Awaitable[None]] | None = None  # of a WebSocket only
    batches: dict[str, Any] = field(default_factory=dict, repr=False)  # see graphql_schema/batches.py
    noted: set[tuple[UUID, str]] = field(default_factory=set, repr=False)  # what this call has left receipts for
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _kept: KeptReader = field(default_factory=KeptReader, repr=False)

    @property
    def settings(self) -> Settings:
        return self.services.settings

    @property
    def database(self) -> Database:
        """For functions that make transactions of their own, after which nothing is done again."""
        _note_written()
        return self.services.database

    def charge(self, cost: int) -> None:
        """Take an operation's cost from the caller's budget; raises RateLimited where that is spent."""
        self.services.budgets.charge(self.credential, self.client_address, cost)

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
        async with self._turn, asyncio.timeout(TRANSACTION_SECONDS):
            await self._kept.release()
            noted = set(self.noted)
            try:
                with _note_undone():
                    async with self._open() as (session, actor):
                        self._let_in(actor)
                        yield session, actor
            except BaseException:
                self.noted.intersection_update(noted)  # what is undone left no receipts
                raise
            _note_written()

    @contextlib.asynccontextmanager
    async def reading(self, *, writes: bool = False) -> AsyncIterator[tuple[Session, access.Actor]]:
        """As `transaction`, for what `portal.reading` reads: it costs half as much.

        The fields of one operation that read one after the other share it. Where it also `writes` receipts, no replica
        answers. Raises CallerChanged, after which the resolver starts again.
        """
        async with self._turn, asyncio.timeout(TRANSACTION_SECONDS):
            gate, noted = _gate.get(), set(self.noted)
            try:
                guess = gate is not None and gate.may_guess
                reader, actor = await self._kept.take(self, writes=writes, guess=guess)
                async with _confirm(reader):
                    self._let_in(actor)
                    yield reader, actor
                if writes:  # what it read leaves only with its receipt, whatever becomes of the other fields
                    _note_written()
                    await self._kept.release()
            except BaseException as error:
                self.noted.intersection_update(noted)  # where it fails, no receipts were left
                seen = self._kept.fail(error)
                if isinstance(seen, errors.Unavailable) and seen.code == faults.AWAY:
                    seen.is_undone = True  # what only reads may always be read again
                with _note_undone():
                    if seen is error:
                        raise
                    raise seen from error
            finally:
                if not self._kept.is_shared:
                    await self._kept.release()

    async def note_uses(self) -> None:
        """Write down which keys and sessions were used, now and not within the minute; again it does no harm."""
        await credential_uses.write_down(self.services.database.credential_uses, self.services.database)

    @contextlib.asynccontextmanager
    async def operate(self) -> AsyncIterator[None]:
        """One operation: what its fields read by is given back at the end.

        A database that is lost by then takes nothing with it: receipts were committed with their field, and what was
        read was read.
        """
        self._kept.is_shared = True
        try:
            yield
        finally:
            self._kept.is_shared = False
            with contextlib.suppress(errors.Unavailable):
                await self._kept.release()

    def _let_in(self, actor: access.Actor) -> None:
        self.actor = actor
        gate = _gate.get()
        if gate is not None:
            gate.checked = True
            access.require(actor, gate.rule)

    async def authenticate(self) -> access.Actor:
        """Who is calling, read from the database now; raises Unauthenticated for a credential that has ended."""
        async with self._turn:
            await self._kept.release()  # so that a request holds one connection at most
            async with self._open() as (_, actor):
                self.actor = actor
        return actor

    def _open(self) -> contextlib.AbstractAsyncContextManager[tuple[Session, access.Actor]]:
        return attempts.open_transaction(self.services.database, self.credential, address=self.client_address)

    async def check(self, rule: access.Rule) -> None:
        """Authenticate now and raise where the rule does not let the caller in."""
        access.require(await self.authenticate(), rule)


def _note_written() -> None:
    """From here on something that was done for the root field that is being resolved may stand."""
    gate = _gate.get()
    if gate is not None:
        gate.has_written = True


@contextlib.contextmanager
def _note_undone() -> Iterator[None]:
    """Note where the transaction inside failed and is undone, and nothing was done before it."""
    try:
        yield
    except errors.Unavailable as error:
        gate = _gate.get()
        if gate is not None:
            gate.may_repeat = error.is_undone and not gate.has_written
        raise


@contextlib.asynccontextmanager
async def _confirm(reader: Session) -> AsyncIterator[None]:
    """Neither an answer nor a refusal leaves on a guess about the caller alone."""
    try:
        yield
    except errors.Unavailable:
        raise
    except errors.PortalError:
        await reader.confirm()
        raise
    await reader.confirm()


Info: TypeAlias = strawberry.Info[Context, None]
