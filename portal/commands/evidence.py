"""`portal evidence verify`: whether stored files and the database agree."""

import asyncio
from typing import Annotated

import obstore.exceptions
import typer

from portal import errors, storage
from portal import settings as configuration
from portal.commands import installation
from portal.database import engine
from portal.delivery import stored_files
from portal.delivery.stored_files import Count, Fault

DIFFERENT = 1

app = typer.Typer(
    help="Look after the files of documents and lists. Uses the login of PORTAL_WORKER_DATABASE_URL, or the embedded "
    "database, and PORTAL_STORAGE_URL.",
    no_args_is_help=True,
)


@app.callback()
def main() -> None:
    """Look after the files of documents and lists."""


@app.command("verify")
def verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Remove files that no row needs and that are older than a day; no more.")
    ] = False,
) -> None:
    """Compare every row with its file by size and SHA-256, and every file older than a day with the rows.

    Exit code 1 where they do not agree, and were not brought to.
    """
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
        with installation.explain_database(url):
            count, found, removed = asyncio.run(_verify(url, complete.storage_url, repair))
    for one in found:
        typer.echo(f"{one.code} {one.key}{f' of {one.id}' if one.id else ''}", err=True)
    looked = f"{count.rows} rows, {count.files} files"
    left = len(found) - removed
    typer.echo(f"{looked}: all agree." if not found else f"{looked}: {left} do not agree, {removed} were removed.")
    if left:
        raise typer.Exit(DIFFERENT)


async def _verify(url: str, storage_url: str, repair: bool) -> tuple[Count, list[Fault], int]:
    database, count = engine.Database(engine.create_engine(url, pool_size=1)), Count()
    try:
        store = storage.open_storage(storage_url)
        found = [one async for one in stored_files.verify_rows(database, store, count)]
        orphans = [one async for one in stored_files.list_orphans(database, store, count)]
        removed = await stored_files.remove_orphans(database, store, orphans) if repair else 0
    except (OSError, obstore.exceptions.BaseError) as error:
        raise errors.SetupError(f"PORTAL_STORAGE_URL cannot be read: {type(error).__name__}.") from error
    finally:
        await database.close()
    return count, found + orphans, removed
