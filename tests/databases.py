"""A PostgreSQL for the tests: a server per test process, a migrated template, and a fast copy of it per test.

The server is the portal's own embedded one in a folder that stays between runs, in memory where the system has room
there; PORTAL_TEST_DATABASE_ADMIN_URL (a superuser of any PostgreSQL 15 to 18) takes its place.
"""

import asyncio
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.engine import URL, make_url

from portal.database import cluster, embedded, folder_lock, migrating, roles
from portal.errors import EmbeddedServerError

ROOT = Path(__file__).resolve().parent.parent
ADMIN_URL = "PORTAL_TEST_DATABASE_ADMIN_URL"
TEMPLATE = "portal_template_"
COPY = "portal_test_"
SLOTS = 16
MEMORY = Path("/dev/shm")
ROOM = 3 << 30
"""Bytes that must be free in memory before servers go there."""
SETTINGS = {"shared_buffers": "96MB", "max_wal_size": "128MB", "min_wal_size": "32MB"}
PASSWORDS = {role: f"only-for-tests-{role}" for role in roles.ROLES}
T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """Where test databases are made, and the passwords of the four logins there."""

    admin_url: str
    passwords: Mapping[str, str]

    def url(self, role: str, database: str) -> str:
        """The address of a database for one of the four logins."""
        place = make_url(self.admin_url)
        return _write_url(place.set(username=role, password=self.passwords[role], database=database))

    def superuser_url(self, database: str = "postgres") -> str:
        """The address of a database for the superuser."""
        return _write_url(make_url(self.admin_url).set(database=database))


@dataclass(frozen=True)
class TestDatabase:
    """One migrated, empty database for one test."""

    __test__ = False
    name: str
    owner_url: str
    app_url: str
    worker_url: str
    backup_url: str
    superuser_url: str


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end from code that may itself be called below a running event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


def administer(url: str, work: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
    """Run work on one connection, outside any transaction."""

    async def connect_and_work() -> T:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await work(connection)
        finally:
            await connection.close()

    return run(connect_and_work)


@contextmanager
def open_server() -> Iterator[Server]:
    """The server of this test process, with the roles in place and no copies left over from killed runs."""
    given = os.environ.get(ADMIN_URL)
    if given:
        server = Server(given, PASSWORDS)
        administer(server.superuser_url(), lambda admin: roles.create_roles(admin, "postgres", PASSWORDS))
        yield server
        return
    with _start_in_free_slot() as running:
        server = Server(running.superuser_url(), running.passwords)
        administer(server.superuser_url(), lambda admin: _make_logins(admin, running.passwords))
        administer(server.superuser_url(), _drop_leftovers)
        yield server


def make_template(server: Server) -> str:
    """The name of a database with all migrations in it, made once for each content of the migrations."""
    name = TEMPLATE + hash_migrations()
    draft = f"{COPY}draft_{secrets.token_hex(6)}"

    async def make(admin: asyncpg.Connection) -> None:
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return
        await admin.execute(f"CREATE DATABASE {draft}")
        try:
            await roles.grant_database(admin, draft)
            await migrating.upgrade(server.url("portal_owner", draft))
            await admin.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
        except asyncpg.DuplicateDatabaseError:  # another process was as fast
            await admin.execute(f"DROP DATABASE {draft} WITH (FORCE)")
        except BaseException:
            await admin.execute(f"DROP DATABASE {draft} WITH (FORCE)")
            raise

    administer(server.superuser_url(), make)
    return name


@contextmanager
def copy_template(server: Server, template: str | None) -> Iterator[TestDatabase]:
    """A database of its own for one test, dropped afterwards whoever is still connected; without a template empty."""
    name = COPY + secrets.token_hex(8)
    source = f"TEMPLATE {template} STRATEGY FILE_COPY" if template else ""

    async def copy(admin: asyncpg.Connection) -> None:
        await admin.execute(f"CREATE DATABASE {name} {source}")
        await roles.grant_database(admin, name)

    async def drop(admin: asyncpg.Connection) -> None:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    administer(server.superuser_url(), copy)
    try:
        yield TestDatabase(
            name,
            owner_url=server.url(roles.OWNER, name),
            app_url=server.url(roles.APP, name),
            worker_url=server.url(roles.WORKER, name),
            backup_url=server.url(roles.BACKUP, name),
            superuser_url=server.superuser_url(name),
        )
    finally:
        administer(server.superuser_url(), drop)


def hash_migrations() -> str:
    """What the content of a migrated database depends on."""
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "migrations").rglob("*"), *(ROOT / "portal/database").rglob("*.py")]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _start_in_free_slot() -> embedded.RunningServer:
    """Each test process takes the first folder that no other one holds."""
    home = _choose_place() / f"supplier-portal-tests-{os.geteuid()}"
    home.mkdir(mode=0o711, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise EmbeddedServerError(f"{home} belongs to another account; set TMPDIR to a folder of your own.")
    for folder in (home / f"slot-{number}" for number in range(SLOTS)):
        if folder_lock.is_locked(folder):
            continue
        try:
            return embedded.start(folder, durable=False, settings=SETTINGS)
        except EmbeddedServerError:
            if not folder_lock.is_locked(folder):  # else another test process was faster
                raise
    raise EmbeddedServerError(f"All {SLOTS} test servers in {home} are in use.")


def _choose_place() -> Path:
    """Memory copies a database twenty times faster than a disk whose file system is slow at making files."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK | os.X_OK):
        room = os.statvfs(MEMORY)
        if room.f_bavail * room.f_frsize > ROOM:
            return MEMORY
    return Path(tempfile.gettempdir())


async def _make_logins(admin: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """The logins with passwords that are hashed once: thousands of times took a sixth of every connection."""
    if admin.get_server_version().major >= 16:
        await admin.execute("SET scram_iterations = 1")
        secret = await admin.fetchval("SELECT quote_literal($1::text)", passwords[cluster.SUPERUSER])
        await admin.execute(f"ALTER ROLE {cluster.SUPERUSER} PASSWORD {secret}")
    await roles.create_roles(admin, "postgres", passwords)


async def _drop_leftovers(admin: asyncpg.Connection) -> None:
    kept = TEMPLATE + hash_migrations()
    for found in await admin.fetch("SELECT datname::text AS name FROM pg_database"):
        if found["name"].startswith((COPY, TEMPLATE)) and found["name"] != kept:
            await admin.execute(f"DROP DATABASE {found['name']} WITH (FORCE)")


def _write_url(url: URL) -> str:
    return url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
