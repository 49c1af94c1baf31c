"""The line of a client to a portal whose processes are killed: what is under way, and what was cut off.

Whoever wants to kill in the middle of something of a kind looks here for it; a client sends again until it has heard.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from portal.database import faults

KINDS = ("save", "upload", "submit")
PASSING = {code for code, _ in faults.PASSING.values()} | {"UNAVAILABLE", "BUSY"}
LOST_REPLIES = 0.1  # the share of replies that a client behaves as if it never got
PAUSE = 0.05  # seconds before another try


@dataclass
class Traffic:
    """Calls by kind, and by the address of the server that has them; read by another thread, which only looks."""

    under_way: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    by_server: Counter[str] = field(default_factory=Counter)  # answers
    cut: Counter[str] = field(default_factory=Counter)  # calls that a server had and never answered
    refused: int = 0  # calls that no server took
    dropped: int = 0

    @contextmanager
    def enter(self, kind: str, server: str) -> Iterator[None]:
        """One call."""
        self.under_way[kind, server] += 1
        try:
            yield
        except httpx.ConnectError:
            self.refused += 1
            raise
        except httpx.TransportError:
            self.cut[kind] += 1
            raise
        else:
            self.answered[kind] += 1
            self.by_server[server] += 1
        finally:
            self.under_way[kind, server] -= 1

    def find_server(self, kind: str) -> str | None:
        """The address of a server that has a call of a kind just now, and has answered before."""
        found = [server for (one, server), count in list(self.under_way.items()) if one == kind and count]
        return next((server for server in found if self.by_server[server]), None)


@dataclass
class Line:
    """One client: it asks whichever server it finds, as often as it takes."""

    client: httpx.AsyncClient
    find_url: Callable[[], str]
    traffic: Traffic
    chance: random.Random

    async def try_once(self, kind: str, method: str, path: str, **sent: Any) -> httpx.Response | None:
        """An answer, or nothing where none came or the portal asks to try again."""
        server = self.find_url()
        try:
            with self.traffic.enter(kind, server):
                answer = await self.client.request(method, f"{server}{path}", **sent)
        except httpx.TransportError:
            answer = None
        if answer is None or is_unavailable(answer):
            await asyncio.sleep(PAUSE)
            return None
        return answer

    async def send(self, kind: str, method: str, path: str, **sent: Any) -> httpx.Response:
        """An answer at last."""
        while (answer := await self.try_once(kind, method, path, **sent)) is None:
            pass
        return answer

    async def post(self, kind: str, query: str, /, **variables: Any) -> Any:
        """The data of an operation of GraphQL, which must have no other errors."""
        answer = await self.send(kind, "POST", "/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200 and "errors" not in answer.json(), answer.text
        (data,) = answer.json()["data"].values()
        return data

    async def do(self, kind: str, query: str, same: Callable[[Any], Any], /, **given: Any) -> Any:
        """What became of a mutation; sent again where its reply got lost, whatever is the `same` must be so.

        Only of documents that were still being checked may something else be said a moment later.
        """
        first = await self.post(kind, query, input=given)
        if self.chance.random() >= LOST_REPLIES:
            return first
        self.traffic.dropped += 1
        again = await self.post(kind, query, input=given)
        assert is_being_checked(first) or same(again) == same(first), (first, again)
        return again


def is_being_checked(made: Any) -> bool:
    """Whether nothing but documents that the worker has not looked at yet stands in the way."""
    return {one.get("code") for one in made.get("problems", ())} == {"EVIDENCE_BEING_CHECKED"}


def is_unavailable(answer: httpx.Response) -> bool:
    """Whether the portal asks to try again; any other fault of its own is one."""
    if not answer.content:  # to HEAD, and where all is well
        assert answer.status_code in (200, 204, 503), answer.status_code
        return answer.status_code == 503
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    assert codes <= PASSING or 400 <= answer.status_code < 500, answer.text
    return bool(codes & PASSING)


async def send_slowly(content: bytes, seconds: float) -> AsyncIterator[bytes]:
    """The bytes of a file as a slow line brings them."""
    size = max(1, len(content) // 8)
    for start in range(0, len(content), size):
        await asyncio.sleep(seconds / 8)
        yield content[start : start + size]
