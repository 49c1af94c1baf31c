"""A server that receives webhooks, and the check of their signatures by code that shares nothing with the portal's."""

import asyncio
import base64
import contextlib
import hashlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

WAIT = 20.0


@dataclass(frozen=True)
class Message:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def count_signatures(self, secret: str) -> int:
        """How many of its signatures are by this secret: HMAC by its definition in RFC 2104, over what is signed."""
        key = base64.b64decode(secret.removeprefix("whsec_")).ljust(64, b"\0")
        text = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        inner = hashlib.sha256(bytes(one ^ 0x36 for one in key) + text).digest()
        mac = hashlib.sha256(bytes(one ^ 0x5C for one in key) + inner).digest()
        expected = f"v1,{base64.b64encode(mac).decode()}"
        return self.headers["webhook-signature"].split(" ").count(expected)


@dataclass
class Receiver:
    """Keeps what comes; `answer` says with which status, or raises to hang up."""

    port: int = 0
    scheme: str = "http"
    messages: list[Message] = field(default_factory=list)
    answer: Callable[[Message], str] = lambda message: "204 No Content"
    hold: asyncio.Event | None = None  # answers wait for it

    def url(self, path: str = "/hook") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    async def wait(self, count: int = 1) -> list[Message]:
        """The messages once there are so many."""
        async with asyncio.timeout(WAIT):
            while len(self.messages) < count:
                await asyncio.sleep(0.02)
        return self.messages

    def list_types(self) -> list[str]:
        return sorted(message.event["type"] for message in self.messages)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:-2])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            message = Message(head[0].split(" ")[1], headers, body)
            self.messages.append(message)
            if self.hold is not None:
                await self.hold.wait()
            with contextlib.suppress(ConnectionError):
                status = self.answer(message)
                writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()


@asynccontextmanager
async def receive(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    made = Receiver(scheme="http" if tls is None else "https")
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        if made.hold is not None:
            made.hold.set()
        server.close()
