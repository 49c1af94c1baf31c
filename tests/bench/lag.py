"""How late the server's event loop comes to what is due while ten people sign in again and again."""

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import uvloop

from portal.identity import passwords
from tests.bench import load, processes, reads, watching, world
from tests.bench.load import Generator, WrongAnswer
from tests.bench.reads import Reads
from tests.bench.world import BUYER, World

CASE = "sign-in lag"
CLIENTS = 10
PASSWORD = "correct horse battery"
MOST_LAG = 25.0  # milliseconds
WARM_UP_SECONDS = 1.0
CHEAP = "{ viewer { user { id } } }"
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignedIn { token } } }"


class SignIns:
    """Each of some people signs in, in turn."""

    def __init__(self) -> None:
        self.requests = [write_sign_in(1 + number) for number in range(CLIENTS)]
        self.place = 0

    def take(self) -> tuple[bytes, Any]:
        self.place = (self.place + 1) % len(self.requests)
        return self.requests[self.place], None

    def give(self, tag: Any, body: bytes) -> None:
        if reads.read_data(body)["signIn"]["__typename"] != "SignedIn":
            raise WrongAnswer(f"Somebody could not sign in: {body!r}")


def write_sign_in(number: int) -> bytes:
    given = {"email": f"owner{number}@example.com", "password": PASSWORD}
    body = orjson.dumps({"query": SIGN_IN, "variables": {"input": given}})
    return load.write_request("POST", "/graphql", "", body).replace(b"authorization: Bearer \r\n", b"")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Set up, measure, print; gives the figures. The server may use all cores, as nobody pins it in production."""
    watch = processes.find_free_port()
    command = ("-m", "tests.bench.watched")
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        with processes.run_database(folder / "database") as database:
            made = asyncio.run(world.fill(database, CLIENTS, templates=1))
            with processes.serve_portal(folder, made.app_url, None, command, BENCH_WATCH_PORT=str(watch)) as server:
                try:
                    figures = uvloop.run(_measure(made, server.port, watch, options.duration))
                except WrongAnswer as problem:
                    raise SystemExit(f"{problem}\n{server.read_log()}") from problem
    print(write_words(figures), flush=True)
    return figures


async def _measure(made: World, port: int, watch: int, seconds: float) -> dict[str, Any]:
    """The same query one after the other, first alone, then while people sign in."""
    people, reader = Generator(port, CLIENTS), Generator(port, 1)
    signing, reading = SignIns(), Reads([reads.ask_portal(world.make_token(BUYER), CHEAP)])
    async with clear_tries(made):
        for work, generator in ((signing, people), (reading, reader)):
            await generator.run(work, min(WARM_UP_SECONDS, seconds))
        await asyncio.to_thread(watching.ask, watch)
        alone = await reader.run(reading, seconds)
        quiet = await asyncio.to_thread(watching.ask, watch)
        signed, beside = await asyncio.gather(people.run(signing, seconds), reader.run(reading, seconds))
        busy = await asyncio.to_thread(watching.ask, watch)
    people.close()
    reader.close()
    return {
        "sign_ins_per_second": round(signed.count / signed.seconds, 1),
        "without": {"lag_ms": describe(quiet), "query_ms": describe([1_000 * one for one in alone.latencies])},
        "with": {"lag_ms": describe(busy), "query_ms": describe([1_000 * one for one in beside.latencies])},
    }


@contextlib.asynccontextmanager
async def clear_tries(made: World) -> AsyncIterator[None]:
    """Give the people passwords, and forget again and again that they all come from one address."""
    admin = await made.connect()
    hashed = await passwords.hash_password(PASSWORD)
    await admin.execute("UPDATE portal.user_account SET password_hash = $1", hashed)

    async def clear() -> None:
        while True:
            await admin.execute("DELETE FROM portal.credential_attempt")
            await asyncio.sleep(0.5)

    clearing = asyncio.create_task(clear())
    try:
        yield
    finally:
        clearing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await clearing
        await admin.close()


def describe(values: Sequence[float]) -> dict[str, float]:
    """The middle, the tail and the end of values in milliseconds."""
    found = sorted(values)
    return {
        "p50": round(found[len(found) // 2], 2),
        "p99": round(found[min(len(found) - 1, int(0.99 * len(found)))], 2),
        "max": round(found[-1], 2),
    }


def write_words(figures: dict[str, Any]) -> str:
    """The figures as people read them."""
    lines = ["", f"{CLIENTS} people sign in at the same time: {figures['sign_ins_per_second']:.1f} sign-ins/s."]
    lines.append(f"{'':<20}   lag of the event loop, ms     a cheap query, ms")
    lines.append(f"{'':<20}       p50     p99     max       p50     p99     max")
    for which in ("without", "with"):
        lag, query = figures[which]["lag_ms"], figures[which]["query_ms"]
        numbers = "".join(f"{lag[name]:8.2f}" for name in lag) + "  " + "".join(f"{query[name]:8.2f}" for name in query)
        lines.append(f"{which + ' sign-ins':<20}  {numbers}")
    verdict = "at most" if figures["with"]["lag_ms"]["p99"] <= MOST_LAG else "above"
    lines.append(f"p99 of the lag is {verdict} the {MOST_LAG:.0f} ms that were promised.")
    return "\n".join(lines)
