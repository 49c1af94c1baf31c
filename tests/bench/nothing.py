"""A server that only answers, to find out what the load generator can do: `python -m tests.bench.nothing PORT`."""

import asyncio
import sys

import uvloop

from tests.bench.load import HOST

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}"


class Nothing(asyncio.Protocol):
    """Takes each piece that arrives for one whole request, which holds for small ones."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Nothing, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
