"""The database a command works with: the one the settings name, or the embedded one of the data folder."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError

from portal.assessments import publishing
from portal.database import cluster as clusters
from portal.database import embedded, engine, faults, migrating, roles
from portal.database.embedded import RunningServer
from portal.errors import EmbeddedServerError, SetupError
from portal.settings import Settings

logger = structlog.get_logger(__name__)
DATABASE = "portal"
FOLDER = "database"
WATCH_SECONDS = 1.0
COME_BACK_SECONDS = 30.0
# Commands that start together prepare the database one after the other.
PREPARING_LOCK = 7_203_411_005


@contextmanager
def open_installation(settings: Settings, *, migrate: bool = False) -> Iterator[Settings]:
    """The settings with the addresses of all logins in place; an embedded server that nobody else uses ends here.

    Where another process of ours runs the embedded server already (`portal serve` in another window), that one is
    used. With `migrate` the database is made where there is none and brought to this code's schema; without it must be
    there and at that schema. Raises SetupError.
    """
    if settings.database_url:
        run_migrations(settings) if migrate else asyncio.run(check_database(settings))
        yield settings
        return
    folder = settings.data_dir / FOLDER
    if not migrate:
        refuse_empty(settings)
    with embedded.join(folder) as server, _watch(server):
        yield _prepare(server, settings, migrate=migrate)


@contextmanager
def open_server(settings: Settings, *, makes: bool = False) -> Iterator[Settings]:
    """The same whatever schema the database has, none included; what `makes` one begins an embedded server.

    Of a database of the operator's own nothing is looked at. Raises SetupError.
    """
    if settings.database_url or settings.backup_database_url:
        yield settings
        return
    if not makes:
        refuse_empty(settings)
    with embedded.join(settings.data_dir / FOLDER) as server, _watch(server):
        asyncio.run(_prepare_database(server))
        yield settings.model_copy(update=list_addresses(server))


def _prepare(server: RunningServer, settings: Settings, *, migrate: bool) -> Settings:
    """The settings with the addresses of an embedded server that is ready; once more where it was killed meanwhile."""
    deadline = time.monotonic() + COME_BACK_SECONDS
    while True:
        pid = server.pid
        try:
            asyncio.run(_prepare_database(server))
            complete = settings.model_copy(update=list_addresses(server))
            run_migrations(complete) if migrate else asyncio.run(check_database(complete))
        except Exception as problem:
            is_passing = faults.find_passing(problem) is not None or server.pid != pid
            if time.monotonic() > deadline or not (is_passing or not asyncio.run(_answers(server))):
                raise
            time.sleep(WATCH_SECONDS)  # whoever watches it starts it again
        else:
            return complete


async def _answers(server: RunningServer) -> bool:
    """Whether a server takes connections; one that was killed is away, and then recovers."""
    try:
        connection = await asyncpg.connect(server.superuser_url().replace("+asyncpg", ""))
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


def refuse_empty(settings: Settings) -> None:
    """Raise SetupError where the data folder holds no database: made here, it would hide a wrong folder."""
    if clusters.find_cluster(settings.data_dir / FOLDER) is None:
        raise SetupError(
            f"There is no portal in {settings.data_dir}. Name its folder in PORTAL_DATA_DIR, or begin one there with "
            "`portal serve`, `portal migrate` or `portal demo`."
        )


def list_addresses(server: RunningServer) -> dict[str, str]:
    """The settings that lead to an embedded server."""
    return {
        "database_url": server.url(roles.APP, DATABASE),
        "listen_url": server.url(roles.APP, DATABASE),
        "owner_database_url": server.url(roles.OWNER, DATABASE),
        "worker_database_url": server.url(roles.WORKER, DATABASE),
        "backup_database_url": server.url(roles.BACKUP, DATABASE),
        "admin_database_url": server.superuser_url(DATABASE),
    }


def run_migrations(settings: Settings) -> None:
    """Bring the database to this code's schema and publish the packaged questionnaires.

    Raises SetupError where the owner's login is missing or refused.
    """
    url = require(settings.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
    with explain_database(url):
        asyncio.run(migrating.upgrade(url))
        asyncio.run(publishing.publish_packaged(url))


async def check_database(settings: Settings) -> None:
    """Raise SetupError unless the application's login is harmless and the schema is this code's."""
    url = require(settings.database_url, "PORTAL_DATABASE_URL")
    database = engine.Database(engine.create_engine(url, pool_size=1, behind_pgbouncer=settings.behind_pgbouncer))
    try:
        with explain_database(url):
            await database.refuse_privileged_login()
            async with database.connection() as connection:
                revision = await migrating.current_revision(connection)
    finally:
        await database.close()
    if revision != migrating.head_revision():
        raise SetupError(
            f"The database is at revision {revision or 'none'}, this code needs {migrating.head_revision()}: run "
            "`portal migrate`."
        )


@contextmanager
def explain_database(url: str) -> Iterator[None]:
    """Turns what the driver says about a connection into a SetupError that names the server, never the password."""
    try:
        yield
    except DBAPIError as problem:
        if problem.statement is not None:  # it was reached, so this is no matter of the address
            raise
        raise _describe_refusal(url, problem.orig) from None
    except (OSError, asyncpg.PostgresError, asyncpg.ClientConfigurationError) as problem:
        raise _describe_refusal(url, problem) from None


def require(url: str | None, variable: str) -> str:
    """The address, or SetupError naming the variable that is missing."""
    if not url:
        raise SetupError(f"{variable} is not set; it is needed for this beside PORTAL_DATABASE_URL.")
    return url


def _describe_refusal(url: str, problem: BaseException | None) -> SetupError:
    place = urlsplit(url)
    words = str(problem or "no reason given").rpartition(": ")[2].splitlines()[0]
    return SetupError(
        f"The database {place.path.strip('/')!r} on {place.hostname}:{place.port or 5432} cannot be used with the "
        f"login {place.username!r}: {words}."
    )


async def _prepare_database(server: RunningServer) -> None:
    """Make the portal's database and roles in an embedded server.

    Who started the server brings them up to this code, too; others change nothing where they exist.
    """
    admin = await asyncpg.connect(server.superuser_url().replace("+asyncpg", ""))
    try:
        # Ends with the connection. Two who alter one role or database at once fail with "tuple concurrently updated".
        await admin.execute("SELECT pg_advisory_lock($1)", PREPARING_LOCK)
        if server.own_guard is None and await roles.are_made(admin, DATABASE):
            return
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await admin.execute(f"CREATE DATABASE {DATABASE}")
        async with admin.transaction():  # so that where the roles are, their rights are
            await roles.create_roles(admin, DATABASE, server.passwords)
    finally:
        await admin.close()


@contextmanager
def _watch(server: RunningServer) -> Iterator[None]:
    """Start the embedded server again, on the same port, should it be killed while a command runs."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(WATCH_SECONDS):
            if not server.is_running():
                logger.warning("database.restarts", folder=str(server.folder))
                try:
                    server.restart()
                except EmbeddedServerError as problem:
                    logger.error("database.lost", reason=str(problem))

    watcher = threading.Thread(target=watch, name="embedded-database", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
