"""Logins and their rights, the server's version, the schema, a pooler in between, and the two clocks."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from portal.commands import installation
from portal.commands.doctoring.findings import AWAY, Finding, fail, ok, warn
from portal.database import engine, migrating, roles
from portal.errors import SetupError
from portal.settings import Settings

OLDEST, NEWEST = 15, 18
SKEW_SECONDS = 2.0  # links and sessions end by the database's clock, codes of second factors are judged by it
MOST_SKEW_SECONDS = 30.0
CREATE = "`portal migrate --create-roles` makes the four logins; their passwords are those of the settings."
RIGHTS = """
SELECT r.rolsuper OR r.rolbypassrls AS passes, pg_has_role(r.oid, $1, 'MEMBER') AS has
  FROM pg_roles r WHERE r.rolname = current_user
"""


@dataclass(frozen=True)
class Login:
    """One of the addresses, and who needs it."""

    check: str
    variable: str
    role: str
    url: str | None
    is_needed: bool
    use: str


def list_logins(settings: Settings) -> list[Login]:
    """The addresses in the order of their importance."""
    worker = settings.worker_in_server
    rows = [
        ("app", "PORTAL_DATABASE_URL", roles.APP, settings.database_url, True, "serving"),
        ("worker", "PORTAL_WORKER_DATABASE_URL", roles.WORKER, settings.worker_database_url, worker, "jobs, letters"),
        ("owner", "PORTAL_OWNER_DATABASE_URL", roles.OWNER, settings.owner_database_url, False, "`portal migrate`"),
        ("backup", "PORTAL_BACKUP_DATABASE_URL", roles.BACKUP, settings.backup_database_url, False, "backups"),
    ]
    optional = [
        ("replica", "PORTAL_REPLICA_DATABASE_URL", roles.APP, settings.replica_database_url),
        ("listen", "PORTAL_LISTEN_URL", roles.APP, settings.listen_url),
    ]
    rows += [(*one, True, "what was set") for one in optional if one[3]]
    return [Login(f"database.{check}", *rest) for check, *rest in rows]  # type: ignore[arg-type]


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as any pooler takes it."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=10, statement_cache_size=0)
    try:
        yield connection
    finally:
        await connection.close(timeout=2)


async def check_logins(settings: Settings) -> list[Finding]:
    """Whether each login gets in, and may do what it is for and no more."""
    return [await _check_login(one) for one in list_logins(settings)]


async def _check_login(login: Login) -> Finding:
    if login.url is None:
        advice = f"Set {login.variable}, which is needed for {login.use}. {CREATE}"
        return (fail if login.is_needed else warn)(login.check, f"{login.variable} is not set.", advice)
    place = urlsplit(login.url)
    where = f"{place.username} on {place.hostname}:{place.port or 5432}{place.path}"
    try:
        async with connect(login.url) as connection:
            rights = await connection.fetchrow(RIGHTS, login.role)
    except asyncpg.UndefinedObjectError:
        return fail(login.check, f"There is no role {login.role} on {place.hostname}.", CREATE)
    except AWAY as error:
        advice = f"Is PostgreSQL running there, are user, password and database of {login.variable} right? {CREATE}"
        return fail(login.check, f"{where} cannot be reached ({type(error).__name__}).", advice)
    if rights is None or not rights["has"]:
        return fail(login.check, f"{where} has not the rights of {login.role}.", f"Use that login. {CREATE}")
    if rights["passes"]:
        advice = f"Use the login {login.role}, which is held by row-level security. {CREATE}"
        return fail(login.check, f"{where} is a superuser or bypasses row-level security.", advice)
    return ok(login.check, f"{where} gets in.")


async def check_rights(settings: Settings) -> list[Finding]:
    """Whether the application's login is as harmless as a server wants it to be."""
    if settings.database_url is None:
        return []
    database = engine.Database(
        engine.create_engine(settings.database_url, pool_size=1, behind_pgbouncer=settings.behind_pgbouncer)
    )
    try:
        with installation.explain_database(settings.database_url):
            await database.refuse_privileged_login()
    except SetupError as problem:
        return [fail("database.rights", str(problem), CREATE)]
    finally:
        await database.close()
    return [ok("database.rights", "The application owns nothing and sees one organization at a time.")]


async def check_server(settings: Settings) -> list[Finding]:
    """Whether version and schema fit this code."""
    if settings.database_url is None:
        return []
    async with connect(settings.database_url) as connection:
        version = int(await connection.fetchval("SHOW server_version_num")) // 10_000
        try:
            revision = await connection.fetchval("SELECT version_num FROM migration.schema_version")
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
            revision = None
    return [judge_version(version), _judge_revision(revision)]


def judge_version(version: int) -> Finding:
    """Whether this code runs on a PostgreSQL of that version."""
    if version < OLDEST:
        advice = f"Upgrade the server: {OLDEST} to {NEWEST} will do."
        return fail("database.version", f"PostgreSQL {version} is too old.", advice)
    if version > NEWEST:
        advice = f"{OLDEST} to {NEWEST} were tried."
        return warn("database.version", f"PostgreSQL {version} was not tried with this code.", advice)
    return ok("database.version", f"PostgreSQL {version}.")


def _judge_revision(revision: str | None) -> Finding:
    head = migrating.head_revision()
    if revision == head:
        return ok("database.schema", f"The schema is that of this code ({head}).")
    message = f"The schema is at {revision or 'nothing'}, this code needs {head}."
    return fail("database.schema", message, "Run `portal migrate`; where it is newer than the code, upgrade the code.")


async def check_pooler(settings: Settings) -> list[Finding]:
    """Whether there is a pooler where the settings say so, and nowhere else: it has a number of its own."""
    if settings.database_url is None:
        return []
    found = []
    pooled = await _is_pooled(settings.database_url)
    if pooled and not settings.behind_pgbouncer:
        advice = "Set PORTAL_BEHIND_PGBOUNCER=true, and a direct PORTAL_LISTEN_URL."
        found.append(fail("database.pooler", "PORTAL_DATABASE_URL leads to a pooler, and no setting says so.", advice))
    elif settings.behind_pgbouncer and not pooled:
        advice = "Unset PORTAL_BEHIND_PGBOUNCER: a direct connection keeps what it prepared, and is faster."
        found.append(warn("database.pooler", "PORTAL_DATABASE_URL leads to PostgreSQL itself.", advice))
    listens = settings.listen_url or settings.worker_database_url
    if listens and await _is_pooled(listens):
        advice = "Name a direct connection in PORTAL_LISTEN_URL."
        found.append(fail("database.listen", "Notifications do not pass a pooler, so subscriptions stay mute.", advice))
    state = "There is a pooler, as set." if pooled else "There is no pooler in between."
    return found or [ok("database.pooler", state)]


async def _is_pooled(url: str) -> bool:
    async with connect(url) as connection:
        return bool(connection.get_server_pid() != await connection.fetchval("SELECT pg_backend_pid()"))


async def check_clock(settings: Settings, now: Callable[[], float] = time.time) -> list[Finding]:
    """Whether this machine and the database agree on the time."""
    if settings.database_url is None:
        return []
    async with connect(settings.database_url) as connection:
        before = now()
        there = float(await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())"))
        skew = there - (before + now()) / 2
    if abs(skew) <= SKEW_SECONDS:
        return [ok("clock", f"This machine and the database agree to {abs(skew):.1f} seconds.")]
    message = f"The database's clock is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} this machine's."
    advice = "Let both keep time by NTP: signed links, sessions and codes are judged by these clocks."
    return [(fail if abs(skew) > MOST_SKEW_SECONDS else warn)("clock", message, advice)]
