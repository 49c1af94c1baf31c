"""A small load generator: raw HTTP/1.1 over a few kept connections, each sending its next request on an answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

HOST = "127.0.0.1"
LONGEST_WAIT = 30.0


class Work(Protocol):
    """Where requests come from and answers go."""

    def take(self) -> tuple[bytes, Any] | None:
        """The next request with a tag of its own; None where there is no more work."""

    def give(self, tag: Any, body: bytes) -> None:
        """The answer to a request; raises WrongAnswer for one that is not right."""


class WrongAnswer(Exception):
    """A server answered something else than was to be measured."""


@dataclass
class Measured:
    """What one run gave: latencies in seconds, and how long the whole took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.latencies)


def write_request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self.answered: Callable[[int, bytes], None] = lambda status, body: None
        self.lost: Callable[[], None] = lambda: None
        self.transport: Any = None
        self._head = b""
        self._parts: list[bytes] = []
        self._missing = -1  # bytes of the body that are still to come; -1 before its length is known

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.lost()

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head, data = self._head[:end].lower(), self._head[end + 4 :]
            self._head = head
            self._missing = _find_length(head)
        self._parts.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return
        status, body = int(self._head[9:12]), b"".join(self._parts)
        self._head, self._parts, self._missing = b"", [], -1
        self.answered(status, body)


def _find_length(head: bytes) -> int:
    start = head.find(b"content-length:")
    if start < 0:
        raise WrongAnswer("An answer came without its length.")
    end = head.find(b"\r\n", start)
    return int(head[start + 15 : end if end > 0 else len(head)])


class Generator:
    """A few connections to one server, kept between runs; those that the server closed meanwhile are opened anew."""

    def __init__(self, port: int, connections: int) -> None:
        self.port = port
        self.size = connections
        self._open: list[_Connection] = []

    async def _open_all(self) -> list[_Connection]:
        loop = asyncio.get_running_loop()
        self._open = [one for one in self._open if not one.transport.is_closing()]
        while len(self._open) < self.size:
            _, connection = await loop.create_connection(_Connection, HOST, self.port)
            self._open.append(connection)
        return self._open

    def close(self) -> None:
        """Close all connections; the next run opens new ones, none of which a server that waited long enough closes."""
        for connection in self._open:
            connection.lost = lambda: None
            connection.transport.close()
        self._open = []

    async def ask(self, request: bytes) -> bytes:
        """One answer; raises WrongAnswer where its status is not 200."""
        answers: list[bytes] = []

        class Once:
            def take(self) -> tuple[bytes, Any] | None:
                return (request, None) if not answers else None

            def give(self, tag: Any, body: bytes) -> None:
                answers.append(body)

        await self.run(Once(), LONGEST_WAIT, connections=1)
        return answers[0]

    async def run(self, work: Work, seconds: float, connections: int | None = None) -> Measured:
        """Send requests from all connections for some seconds, and wait for the last answers."""
        measured, finished = Measured(), asyncio.get_running_loop().create_future()
        used = (await self._open_all())[:connections]
        begin = time.perf_counter()
        runners = [_Runner(one, work, measured, begin + seconds) for one in used]
        waiting = len(runners)

        def end(problem: Exception | None) -> None:
            nonlocal waiting
            waiting -= 1
            if not finished.done() and (problem is not None or waiting == 0):
                finished.set_exception(problem) if problem is not None else finished.set_result(None)

        for runner in runners:
            runner.begin(end)
        await asyncio.wait_for(finished, seconds + LONGEST_WAIT)
        for connection in used:
            connection.lost = lambda: None
        measured.seconds = time.perf_counter() - begin
        return measured


class _Runner:
    """One connection's part of a run."""

    def __init__(self, connection: _Connection, work: Work, measured: Measured, deadline: float) -> None:
        self.connection = connection
        self.work = work
        self.measured = measured
        self.deadline = deadline
        self.tag: Any = None
        self.sent = 0.0

    def begin(self, end: Callable[[Exception | None], None]) -> None:
        self.end = end
        self.connection.answered = self._on_answer
        self.connection.lost = lambda: self.end(WrongAnswer("The server closed a connection."))
        self._send()

    def _send(self) -> None:
        taken = self.work.take() if time.perf_counter() < self.deadline else None
        if taken is None:
            self.end(None)
            return
        request, self.tag = taken
        self.sent = time.perf_counter()
        self.connection.transport.write(request)

    def _on_answer(self, status: int, body: bytes) -> None:
        self.measured.latencies.append(time.perf_counter() - self.sent)
        try:
            if status != 200:
                raise WrongAnswer(f"A server answered {status}: {body[:500]!r}")
            self.work.give(self.tag, body)
        except Exception as problem:
            self.end(problem)
            return
        self._send()
