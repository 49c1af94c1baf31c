"""A bound on what one process does at the same time: some calls at work, some that wait, and the rest sent away."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from portal import errors


@dataclass(frozen=True, eq=False)
class _Waiting:
    """Who waits for a turn; the lowest round goes first, and of one round who came first."""

    round: int
    called: asyncio.Future[None]


class Turnstile:
    """Gives out places, and turns at the work to those who hold one; for one process and one event loop.

    One client holds at most `share` places, half where nothing is said, so that there is room for others. The turns go
    round: with many calls of one client waiting, the first call of another is next. `words` say what is too much, and
    that nothing was done.
    """

    def __init__(self, at_once: int, waiting: int, words: str, *, share: int | None = None) -> None:
        self.places = at_once + waiting
        self.share = -(-self.places // 2) if share is None else share
        self.words = words
        self._held: Counter[Hashable] = Counter()
        self._free = at_once
        self._waiting: list[_Waiting] = []
        self._round = 0
        self._next_rounds: dict[Hashable, int] = {}

    @contextmanager
    def hold_place(self, client: Hashable = None) -> Iterator[None]:
        """Hold a place; raises Busy where none is left, without waiting."""
        most = self.places if client is None else self.share
        if self._held.total() >= self.places or self._held[client] >= most:
            raise errors.Busy(self.words)
        self._held[client] += 1
        try:
            yield
        finally:
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]

    @asynccontextmanager
    async def take_turn(self, client: Hashable = None) -> AsyncIterator[None]:
        """Wait for a turn and keep it; whoever waits here holds a place."""
        one = _Waiting(self._choose_round(client), asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._call_next()
        try:
            await one.called
            yield
        finally:
            if one in self._waiting:  # gave up
                self._waiting.remove(one)
            else:
                self._free += 1
                self._call_next()

    def _choose_round(self, client: Hashable) -> int:
        """Each client has one turn in a round, from the one that is under way on."""
        chosen = max(self._round, self._next_rounds.get(client, 0))
        self._next_rounds[client] = chosen + 1
        return chosen

    def _call_next(self) -> None:
        while self._free and self._waiting:
            one = min(self._waiting, key=lambda waiting: waiting.round)
            self._waiting.remove(one)
            self._free -= 1
            self._round = one.round
            self._next_rounds = {client: at for client, at in self._next_rounds.items() if at > self._round}
            if not one.called.done():
                one.called.set_result(None)

    @asynccontextmanager
    async def enter(self, client: Hashable = None) -> AsyncIterator[None]:
        """A place, and then a turn; raises Busy."""
        with self.hold_place(client):
            async with self.take_turn(client):
                yield
