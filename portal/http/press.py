"""Files that are costly to make and the same for everybody: each is made once for all who ask, and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TypeAlias

from portal import errors
from portal.http import tags
from portal.shelf import Shelf
from portal.turnstile import Turnstile

Admit: TypeAlias = Callable[[], Awaitable[None]]
KEPT = 48  # files in memory; a PDF has 70 to 700 kB


@dataclass(frozen=True)
class Made:
    """The bytes of a file, and the tag that stands for them."""

    content: bytes
    tag: str


async def admit_all() -> None:
    """For files that anybody may have made as often as wished."""


class Press:
    """Makes files beside the event loop, as many at once as the turnstile lets in; for one process and one event loop.

    A name stands for everything that a file is made of, so nothing goes stale.
    """

    def __init__(self, turnstile: Turnstile) -> None:
        self._turnstile = turnstile
        self._kept: Shelf[Hashable, Made] = Shelf(KEPT)
        self._making: dict[Hashable, asyncio.Task[Made]] = {}

    def find(self, name: Hashable) -> Made | None:
        """A file that is kept."""
        return self._kept.find(name)

    async def make(self, name: Hashable, make: Callable[[], bytes], *, client: str, admit: Admit = admit_all) -> Made:
        """A file that is kept, is being made, or is made now for `client`; raises Busy, and what `admit` raises.

        `admit` is asked where the file is made for this client and there is a place, so that nothing else is counted.
        """
        while True:
            kept = self.find(name)
            if kept is not None:
                return kept
            is_first = name not in self._making
            if is_first:
                self._making[name] = asyncio.create_task(self._make(name, make, client, admit))
            try:
                # Who goes away takes nothing from the others that wait for the same file.
                return await asyncio.shield(self._making[name])
            except (errors.Busy, errors.RateLimited):
                if is_first:
                    raise  # else it was said to another client, and this one has not asked yet

    async def _make(self, name: Hashable, make: Callable[[], bytes], client: str, admit: Admit) -> Made:
        try:
            with self._turnstile.hold_place(client):
                await admit()
                async with self._turnstile.take_turn(client):
                    content = await asyncio.to_thread(make)
            return self._kept.keep(name, Made(content, tags.hash_content(content)))
        finally:
            del self._making[name]
