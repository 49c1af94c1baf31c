"""`portal serve`: the web server, by default with the worker in the same process."""

from collections.abc import Callable
from typing import Annotated

import typer

from portal import settings as configuration
from portal import signing
from portal.commands import exposing, installation, listening, logs, processes
from portal.delivery import letter_texts
from portal.settings import Settings

MOST_PROCESSES = 64


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on instead of PORTAL_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on instead of PORTAL_PORT.")] = None,
    worker: Annotated[
        bool | None, typer.Option(help="Whether to run the worker here too, instead of PORTAL_WORKER_IN_SERVER.")
    ] = None,
    count: Annotated[
        int,
        typer.Option("--processes", min=1, max=MOST_PROCESSES, help="How many processes answer; one for each core."),
    ] = 1,
) -> None:
    """Serve the portal until Ctrl-C; starts and migrates the embedded database unless PORTAL_DATABASE_URL is set."""
    given = {"host": host, "port": port, "worker_in_server": worker}
    settings = configuration.read_settings(**{name: value for name, value in given.items() if value is not None})
    logs.configure_logs(settings)
    with installation.open_installation(settings, migrate=not settings.database_url) as complete:
        if count == 1:
            run_server(complete)
        else:
            processes.run_processes(complete, count)


def run_server(settings: Settings, *, announce: Callable[[], None] | None = None) -> None:
    """Listen and answer until a signal says to stop; requests under way are ended first. Raises SetupError.

    `announce` is called once requests are answered; without it one line tells where.
    """
    ready = signing.ensure_signing_key(configuration.ensure_secret_key(settings))
    letter_texts.read_texts(ready.letters_folder)
    with listening.open_listener(ready) as listener, exposing.expose(ready):
        tell = announce or (lambda: listening.announce_ready(ready, listener))
        listening.run_listener(ready, listener, announce=tell)
