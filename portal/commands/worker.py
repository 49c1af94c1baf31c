"""`portal worker`: jobs, letters and the relay in a process of their own."""

import asyncio
import contextlib
import signal

import typer
import uvloop

from portal import metering, signing, storage, tracing
from portal import settings as configuration
from portal.commands import exposing, installation, logs
from portal.database import engine
from portal.delivery import letter_texts, workplace
from portal.delivery import worker as delivery
from portal.settings import Settings


def run() -> None:
    """Run jobs, letters and the relay until Ctrl-C; any number may run, one of them leads."""
    settings = configuration.read_settings()
    letter_texts.read_texts(settings.letters_folder)
    logs.configure_logs(settings)
    with (
        installation.open_installation(settings) as complete,
        exposing.expose(settings),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        tracing.start(settings.trace_endpoint)
        runner.run(_run(signing.ensure_signing_key(configuration.ensure_secret_key(complete))))
    tracing.stop()
    typer.echo("The worker has stopped.")


async def work(settings: Settings) -> None:
    """Work until cancelled, with the worker's own login. Raises SetupError where none is set."""
    metering.tell_version()
    url = installation.require(settings.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
    database = engine.Database(engine.create_engine(url, pool_size=3))
    try:
        await delivery.run_worker(
            workplace.Workplace(settings, database, storage.open_storage(settings.storage_url)), url
        )
    finally:
        await database.close()


async def _run(settings: Settings) -> None:
    task = asyncio.create_task(work(settings))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
