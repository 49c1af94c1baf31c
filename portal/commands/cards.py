"""`portal cards verify`: whether what buyers' lists show agrees with the rows behind it."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from portal import settings as configuration
from portal.commands import installation
from portal.database import engine
from portal.delivery import cards
from portal.delivery.cards import NOBODY, Batch, Difference, Place

DIFFERENT = 1
SECOND_LOOK_SECONDS = 5.0  # a change made just now reaches its card within seconds

app = typer.Typer(
    help="Look after the cards that lists of suppliers are read from. Uses the login of PORTAL_WORKER_DATABASE_URL, or "
    "the embedded database.",
    no_args_is_help=True,
)


@app.callback()
def main() -> None:
    """Look after the cards that lists of suppliers are read from."""


@app.command("verify")
def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Keep the cards as they were written anew.")] = False,
) -> None:
    """Write every card anew and compare; exit code 1 where one differs and was not repaired."""
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
        with installation.explain_database(url):
            count, found = asyncio.run(_verify(url, repair))
    for one in found:
        typer.echo(f"{one.buyer_id} {one.record_id} {one.questionnaire}: {', '.join(one.fields)}", err=True)
    state = "were repaired" if repair else "differ"
    typer.echo(f"{count} records: {len(found)} cards {state}." if found else f"{count} records: all cards agree.")
    if found and not repair:
        raise typer.Exit(DIFFERENT)


async def _verify(url: str, repair: bool) -> tuple[int, list[Difference]]:
    made = engine.create_engine(url, pool_size=1)
    try:
        count, found = await _look_at_all(made, repair)
        if found and not repair:
            await asyncio.sleep(SECOND_LOOK_SECONDS)
            found = [one for first in found for one in await _look_again(made, first)]
        return count, found
    finally:
        await made.dispose()


async def _look_at_all(made: AsyncEngine, repair: bool) -> tuple[int, list[Difference]]:
    count, found, after = 0, list[Difference](), (NOBODY, NOBODY)
    columns = (SpinnerColumn(), TextColumn("{task.completed} records"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Comparing", total=None)
        while (batch := await _look(made, after, repair)) is not None:
            count, after = count + len(batch.records), batch.last
            found += batch.differences
            bar.update(task, completed=count)
    return count, found


async def _look(made: AsyncEngine, after: Place, keep: bool) -> Batch | None:
    async with AsyncSession(made) as session:
        batch = await cards.verify_batch(session, after)
        await (session.commit() if keep else session.rollback())
        return batch


async def _look_again(made: AsyncEngine, first: Difference) -> list[Difference]:
    async with AsyncSession(made) as session:
        found = await cards.compare_cards(session, first.buyer_id, [first.record_id])
        await session.rollback()
        return [one for one in found if one.questionnaire == first.questionnaire]
