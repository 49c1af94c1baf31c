"""The portal's server as operators start it, which also tells how late its event loop came to what was due.

Run as a process of its own: `python -m tests.bench.watched`. Who connects to the port in BENCH_WATCH_PORT gets the lags in
milliseconds since somebody asked before, as JSON.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator

import orjson

from graphql_schema.context import Services
from portal import __main__ as command_line
from portal import app
from tests.bench.load import HOST

SLEEP_SECONDS = 0.005
run_services = app.run_services


class Lags:
    """How late a task woke that sleeps again and again."""

    def __init__(self) -> None:
        self.found: list[float] = []

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(SLEEP_SECONDS)
            self.found.append(1_000 * (time.perf_counter() - begun - SLEEP_SECONDS))

    async def tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken, self.found = self.found, []
        writer.write(orjson.dumps(taken))
        await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def run_watched(services: Services) -> AsyncIterator[None]:
    """What runs beside the application, and the watch on its loop."""
    lags = Lags()
    watching = asyncio.create_task(lags.watch())
    try:
        watch = await asyncio.start_server(lags.tell, HOST, int(os.environ["BENCH_WATCH_PORT"]))
        async with watch, run_services(services):
            yield
    finally:
        watching.cancel()


async def ask_lags(port: int) -> list[float]:
    """The lags of a watched server, in milliseconds, since this was asked before."""
    reader, writer = await asyncio.open_connection(HOST, port)
    lags: list[float] = orjson.loads(await reader.read())
    writer.close()
    await writer.wait_closed()
    return lags


if __name__ == "__main__":
    app.run_services = run_watched
    sys.argv = ["portal", "serve"]
    command_line.main()
