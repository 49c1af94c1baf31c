"""The portal's server as operators start it, which also tells how late its event loop came to what was due.

Run as a process of its own: `python -m tests.bench.watched`; the lags in milliseconds since somebody asked before are told
at the port in BENCH_WATCH_PORT.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator

from graphql_schema.context import Services
from portal import __main__ as command_line
from portal import app
from tests.bench import watching

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

    def take(self) -> list[float]:
        taken, self.found = self.found, []
        return taken


@contextlib.asynccontextmanager
async def run_watched(services: Services) -> AsyncIterator[None]:
    """What runs beside the application, and the watch on its loop."""
    lags = Lags()
    watching.tell(int(os.environ["BENCH_WATCH_PORT"]), lags.take)
    task = asyncio.create_task(lags.watch())
    try:
        async with run_services(services):
            yield
    finally:
        task.cancel()


if __name__ == "__main__":
    app.run_services = run_watched
    sys.argv = ["portal", "serve"]
    command_line.main()
