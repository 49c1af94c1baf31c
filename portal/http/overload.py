"""A bound on the requests that one process has under way: whoever comes on top is told at once to come again."""

from collections import Counter
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from portal.http import refusals

RETRY_SECONDS = 5
ALWAYS = ("/health/live", "/health/ready")
WORDS = "The server has more to do than it takes at once. Nothing was done; send this again in a few seconds."


def count_none() -> int:
    """Where nobody counts connections."""
    return 0


class Overload:
    """Wraps the application: a 503 is written before anything of a request is read, so that it costs next to nothing.

    Probes of health are answered in any case, or a server that is busy would be taken for dead and started anew. One
    address has half of the places at most, so that a client which keeps all of its own busy leaves room for others.
    Places are given back as answers end, so nothing has to be reset.
    """

    def __init__(
        self, app: ASGIApp, *, most: int, most_connections: int, count_connections: Callable[[], int] = count_none
    ) -> None:
        self.app = app
        self.most = most
        self.share = -(-most // 2)
        self.most_connections = most_connections
        self.count_connections = count_connections
        self._held: Counter[str] = Counter()
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        if self.count_connections() > self.most_connections:
            # The connection is what there is too much of: it is closed with the answer.
            await refuse(scope, receive, send, {"Connection": "close"})
        elif self._under_way >= self.most or self._held[address] >= self.share:
            await refuse(scope, receive, send)
        else:
            await self._answer(address, scope, receive, send)

    async def _answer(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._under_way += 1
        self._held[address] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._under_way -= 1
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]


async def refuse(scope: Scope, receive: Receive, send: Send, headers: dict[str, str] | None = None) -> None:
    """503, in the form of every other refusal."""
    told = {"Retry-After": str(RETRY_SECONDS), **(headers or {})}
    await refusals.write_refusal(503, "OVERLOADED", WORDS, told)(scope, receive, send)
