"""`portal demo`: the whole portal on this machine with one command, filled with made-up data."""

import asyncio
from typing import Annotated

import typer

from portal import settings as configuration
from portal import storage
from portal.commands import installation, listening, logs, server
from portal.demo import loading, welcome
from portal.demo.sign_ins import SignIns
from portal.settings import Settings


def demo(
    port: Annotated[int | None, typer.Option(help="The port to listen on instead of PORTAL_PORT or PORT.")] = None,
) -> None:
    """Start the portal with made-up data and an embedded database; a second start keeps the data."""
    settings = configuration.read_settings(**({} if port is None else {"port": port}))
    logs.configure_logs(quiet_logs(settings))
    # Somebody whose port is taken should not have to wait for the data to learn it.
    listening.open_listener(settings).close()
    with installation.open_installation(settings, migrate=True) as complete:
        sign_ins = fill_database(complete)
        server.run_server(complete, announce=lambda: typer.echo(welcome.write_welcome(complete, sign_ins)))


def quiet_logs(settings: Settings) -> Settings:
    """No line for every request, unless asked for: they would carry the sign-ins off the screen."""
    chosen = "log_level" in settings.model_fields_set
    return settings if chosen else settings.model_copy(update={"log_level": "warning"})


def fill_database(settings: Settings) -> SignIns:
    """Load the made-up data where they are missing; completes what an interrupted start left. Raises SetupError."""
    owner = installation.require(settings.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
    worker = installation.require(settings.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
    store = storage.open_storage(settings.storage_url)
    with installation.explain_database(owner):
        prepared = asyncio.run(loading.load_demo(owner, store, settings.data_dir))
        if prepared.is_new:
            typer.echo(f"Made up {prepared.suppliers} suppliers with two years of submissions.", err=True)
        if asyncio.run(loading.publish_benchmarks(worker)):
            typer.echo("Released benchmarks for the last two quarters.", err=True)
    return prepared.sign_ins
