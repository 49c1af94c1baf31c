"""`portal migrate`: brings the database to the schema of this code."""

import asyncio
from typing import Annotated

import asyncpg
import typer
from sqlalchemy.engine import make_url

from portal import settings as configuration
from portal.commands import installation
from portal.database import roles
from portal.settings import Settings


def migrate(
    create_roles: Annotated[
        bool,
        typer.Option(
            "--create-roles",
            help="First make or update the four logins, with PORTAL_ADMIN_DATABASE_URL; their passwords are those of "
            "the other PORTAL_..._URL settings.",
        ),
    ] = False,
) -> None:
    """Bring the database to the schema of this code; does nothing where it is there."""
    settings = configuration.read_settings()
    if create_roles and settings.database_url:
        make_roles(settings)
    elif create_roles:
        typer.echo("The embedded database has its logins already: nothing was needed for --create-roles.", err=True)
    with installation.open_installation(settings, migrate=True):
        typer.echo("The database is at the schema of this code.")


def make_roles(settings: Settings) -> None:
    """Make the four logins on a server of the operator's own. Raises SetupError."""
    admin_url = installation.require(settings.admin_database_url, "PORTAL_ADMIN_DATABASE_URL")
    database = make_url(installation.require(settings.database_url, "PORTAL_DATABASE_URL")).database or "portal"
    passwords = {
        role: read_password(url, variable)
        for role, url, variable in (
            (roles.OWNER, settings.owner_database_url, "PORTAL_OWNER_DATABASE_URL"),
            (roles.APP, settings.database_url, "PORTAL_DATABASE_URL"),
            (roles.WORKER, settings.worker_database_url, "PORTAL_WORKER_DATABASE_URL"),
            (roles.BACKUP, settings.backup_database_url, "PORTAL_BACKUP_DATABASE_URL"),
        )
    }
    with installation.explain_database(admin_url):
        asyncio.run(_make_roles(admin_url, database, passwords))


def read_password(url: str | None, variable: str) -> str:
    """The password in an address, or SetupError naming the variable that lacks it."""
    password = make_url(installation.require(url, variable)).password
    return installation.require(str(password) if password else None, f"The password in {variable}")


async def _make_roles(admin_url: str, database: str, passwords: dict[str, str]) -> None:
    admin = await asyncpg.connect(admin_url.replace("+asyncpg", ""))
    try:
        await roles.create_roles(admin, database, passwords)
    finally:
        await admin.close()
