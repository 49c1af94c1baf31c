"""A line that fails: a proxy of TCP between two parties, which cuts, resets, delays, throttles, or swallows at a byte.

Which fault a connection gets is decided when it is made, by a plan: a function of its number. What is on the line can
be cut at any time, and the line can be down, as while a server is started again.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["cut", "reset", "swallow", "delay", "throttle"]
PIECE = 4_096
NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """What happens to one direction of a connection once so many bytes of it went through."""

    kind: Kind
    towards: Literal["server", "client"]
    at: int = 0
    words: bytes = b""  # or once a piece holds these, which then does not go through
    seconds: float = 0.0  # for a piece, of a delay; for a kilobyte, of a throttle

    def is_due(self, carried: int, piece: bytes) -> bool:
        return self.words in piece if self.words else carried + len(piece) > self.at


Plan = Callable[[int], Fault | None]


@dataclass
class Faulty:
    """The proxy: where it listens, what it does to the next connections, and what it did."""

    target: tuple[str, int]
    plan: Plan = lambda number: None
    is_down: bool = False
    port: int = 0
    made: int = 0
    hit: int = 0
    _lines: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            _reset(writer)
            return
        self.made += 1
        fault = self.plan(self.made)
        try:
            there, back = await asyncio.open_connection(*self.target)
        except OSError:
            _reset(writer)
            return
        self._writers |= {writer, back}
        ways = [self._carry(reader, back, fault, "server"), self._carry(there, writer, fault, "client")]
        tasks = [asyncio.create_task(way) for way in ways]
        self._lines |= set(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, back):
            (_reset if fault is not None and fault.kind == "reset" else _close)(one)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lines -= set(tasks)
        self._writers -= {writer, back}

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None, towards: str
    ) -> None:
        """Hand bytes on until the end, or until the fault of this direction ends it."""
        mine = fault if fault is not None and fault.towards == towards else None
        carried = 0
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                if mine is not None and mine.is_due(carried, piece):
                    self.hit += 1
                    if mine.kind in ("cut", "reset"):
                        writer.write(b"" if mine.words else piece[: mine.at - carried])
                        await writer.drain()
                        return
                    if mine.kind == "swallow":  # half open: it takes everything, and nothing comes out
                        while await reader.read(PIECE):
                            pass
                        return
                    await asyncio.sleep(mine.seconds * (1 if mine.kind == "delay" else len(piece) / 1_024))
                carried += len(piece)
                writer.write(piece)
                await writer.drain()

    def cut(self) -> None:
        """Reset everything that is on the line now."""
        for writer in list(self._writers):
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a machine does that was switched off and on again."""
    found = writer.get_extra_info("socket")
    if found is not None and not writer.is_closing():
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()


@asynccontextmanager
async def lay(host: str, port: int, plan: Plan = lambda number: None) -> AsyncIterator[Faulty]:
    """A proxy to a place, on a free port of this machine."""
    made = Faulty((host, port), plan)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.cut()
