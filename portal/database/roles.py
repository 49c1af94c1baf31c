"""The four database roles, made once from an administrator's login, and the refusal of logins that may do too much."""

from collections.abc import Mapping

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from portal import errors

OWNER, APP, WORKER, BACKUP = "portal_owner", "portal_app", "portal_worker", "portal_backup"
ROLES = (OWNER, APP, WORKER, BACKUP)
STATEMENT_TIMEOUT = "15s"


async def create_roles(admin: asyncpg.Connection, database: str, passwords: Mapping[str, str]) -> None:
    """Make or update the four logins and let the owner build its schemas in `database`; safe to run again.

    The administrator needs CREATEROLE and ownership (or superuser) of the database. Raises asyncpg errors as they come.
    """
    for role in ROLES:
        known = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if known else "CREATE"
        secret = await admin.fetchval("SELECT quote_literal($1::text)", passwords[role])
        # A password cannot be a parameter of this statement; the literal is quoted by the server itself.
        await admin.execute(f"{verb} ROLE {role} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {secret}")
    # Behind a pooler a connection cannot say so itself; where it is direct, PORTAL_STATEMENT_TIMEOUT_MS overrides this.
    await admin.execute(f"ALTER ROLE {APP} SET statement_timeout = '{STATEMENT_TIMEOUT}'")
    await grant_database(admin, database)


async def are_made(admin: asyncpg.Connection, database: str) -> bool:
    """Whether the database and all four logins are there."""
    known = await admin.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = ANY($1::text[])", ROLES)
    return known == len(ROLES) and bool(
        await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", database)
    )


async def grant_database(admin: asyncpg.Connection, database: str) -> None:
    """Let the owner create its schemas and the others connect; nobody else may."""
    name = await admin.fetchval("SELECT quote_ident($1)", database)
    await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await admin.execute(f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {name} TO {OWNER}")
    await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {APP}, {WORKER}, {BACKUP}")


PRIVILEGES = text(
    """
    SELECT r.rolsuper, r.rolbypassrls,
           pg_has_role(r.oid, n.nspowner, 'MEMBER') AS owns,
           EXISTS (SELECT FROM pg_roles wide WHERE wide.rolname = ANY(:wide)
                   AND pg_has_role(r.oid, wide.oid, 'MEMBER')) AS reads_across
      FROM pg_roles r LEFT JOIN pg_namespace n ON n.nspname = 'portal'
     WHERE r.rolname = current_user
    """
)


async def refuse_privileged_login(connection: AsyncConnection) -> None:
    """Raise SetupError where the login is a superuser, owns the schema or may read across organizations."""
    found = (await connection.execute(PRIVILEGES, {"wide": [WORKER, BACKUP]})).one()
    faults = [
        reason
        for reason, is_so in (
            ("is a superuser", found.rolsuper),
            ("bypasses row-level security", found.rolbypassrls),
            ("owns the portal's schema, or may become its owner", bool(found.owns)),
            (f"has the rights of {WORKER} or {BACKUP}", found.reads_across),
        )
        if is_so
    ]
    if faults:
        raise errors.SetupError(
            f"The login of PORTAL_DATABASE_URL {' and '.join(faults)}, so rows of one organization would not be kept "
            f"from another. Use the login {APP} (`portal migrate --create-roles` makes it)."
        )
