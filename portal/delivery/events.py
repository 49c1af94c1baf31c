"""Events inside one process: the relay publishes what the database told it, subscriptions listen by topic."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import orjson

from portal import errors

QUEUE_LENGTH = 100
MAX_TOPICS = 200


@dataclass(frozen=True)
class Event:
    """A thin notice that something changed; who gets it reads the object again under its own rights.

    `topic` is what listeners ask for, like "assessment:<uuid>"; `name` what happened, like "assessment.changed".
    """

    topic: str
    name: str
    id: UUID
    revision: int = 0

    def encode(self) -> str:
        """The text of a notification, well below the 8,000 bytes that PostgreSQL allows."""
        return orjson.dumps([self.topic, self.name, str(self.id), self.revision]).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read a notification; raises ValueError for one that is not ours."""
        match orjson.loads(text):
            case [str(topic), str(name), str(id_), int(revision)]:
                return cls(topic, name, UUID(id_), revision)
        raise ValueError("This notification is not an event.")


class Listener:
    """The events of some topics from now on, as an asynchronous iterator that must be closed (`async with`)."""

    def __init__(self, broker: "EventBroker", topics: frozenset[str]) -> None:
        self.topics = topics
        self._broker = broker
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue(QUEUE_LENGTH + 1)
        self._failure: errors.PortalError | None = None

    def _offer(self, event: Event) -> bool:
        """Queue an event; a listener that has fallen too far behind is closed instead, so memory stays bounded."""
        if self._waiting.qsize() < QUEUE_LENGTH:
            self._waiting.put_nowait(event)
            return True
        self._end(errors.Unavailable("Too many events are waiting to be read; subscribe again.", code="TOO_SLOW"))
        return False

    def _end(self, failure: errors.PortalError | None = None) -> None:
        if self._failure is None:
            self._failure = failure
            if not self._waiting.full():
                self._waiting.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._failure is not None:
            raise self._failure
        event = await self._waiting.get()
        if event is None:
            if self._failure is not None:
                raise self._failure
            raise StopAsyncIteration
        return event

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._broker.forget(self)


class EventBroker:
    """Hands each event to every listener of its topic; for one process and one event loop."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._closed = False

    def listen(self, topics: Iterable[str]) -> Listener:
        """Start listening now, so that nothing published after this call is missed; raises InvalidInput TOO_MANY."""
        wanted = frozenset(topics)
        if len(wanted) > MAX_TOPICS:
            raise errors.InvalidInput(f"At most {MAX_TOPICS} things can be followed at once.", code="TOO_MANY")
        if self._closed:
            raise errors.Unavailable("The server is stopping; subscribe again in a moment.", code="STOPPING")
        listener = Listener(self, wanted)
        for topic in wanted:
            self._listeners[topic].add(listener)
        return listener

    def publish(self, event: Event) -> int:
        """Give the event to all who listen; returns how many took it."""
        taken = 0
        for listener in tuple(self._listeners.get(event.topic, ())):
            if listener._offer(event):
                taken += 1
            else:
                self.forget(listener)
        return taken

    def forget(self, listener: Listener) -> None:
        """Stop handing events to a listener."""
        for topic in listener.topics:
            others = self._listeners.get(topic)
            if others is not None:
                others.discard(listener)
                if not others:
                    del self._listeners[topic]

    def count_listeners(self) -> int:
        """How many listeners there are, each counted once."""
        return len({listener for listeners in self._listeners.values() for listener in listeners})

    def close(self) -> None:
        """End every listener, once it has read what waits; new ones are refused."""
        self._closed = True
        for listener in {one for listeners in self._listeners.values() for one in listeners}:
            listener._end()
            self.forget(listener)
