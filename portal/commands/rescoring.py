"""`portal questionnaires rescore`: a new scoring profile for what was submitted before."""

import asyncio
from collections import Counter
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from portal import errors
from portal import settings as configuration
from portal.access import OWNER_LOGIN
from portal.assessments import profile_words, rescoring
from portal.assessments.rescoring import Batch, Rescoring
from portal.commands import installation
from portal.database import audit, engine

Moves = Counter[tuple[str | None, str | None]]


def rescore(
    named: Annotated[
        str | None,
        typer.Argument(metavar="KEY@VERSION", help="A published version; without it, what waits is listed."),
    ] = None,
    profile: Annotated[int | None, typer.Option(help="The profile's number; without it, the newest one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how bands would change, and write nothing.")] = False,
    no_letters: Annotated[bool, typer.Option("--no-letters", help="Tell no supplier that its band changed.")] = False,
    description_read: Annotated[
        bool,
        typer.Option(
            "--description-read",
            help="You have read what an organization's profile says of itself: everybody may be told it.",
        ),
    ] = False,
) -> None:
    """Add results of a scoring profile to what was submitted before; older results stay as they are.

    Owners and editors of a supplier are told by letter where the band of a submission that counts became another one.
    It may be stopped at any time: the next run goes on with what has no result yet. Without a version those that wait
    for it are listed: which, the number of the newest profile, how many submissions. Uses the login of
    PORTAL_WORKER_DATABASE_URL, or the embedded database.
    """
    key, at, version = (named or "").partition("@")
    if named is not None and not at:
        raise errors.InvalidInput(f"Name a version as KEY@VERSION, not {named}.", code="VERSION")
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
        with installation.explain_database(url):
            if named is None:
                lines = asyncio.run(_list_behind(url))
            else:
                options = {"keep": not dry_run, "letters": not no_letters}
                lines = asyncio.run(_rescore(url, key, version, profile, options, is_read=description_read))
    for line in lines:
        typer.echo(line)


def describe(number: int, moves: Moves, told: int, *, kept: bool) -> list[str]:
    """How many results there are, which bands became which, and of how many the suppliers are told."""
    count = sum(moves.values())
    done = "were added" if kept else "would be added; nothing was written"
    changed = [(old, new, times) for (old, new), times in sorted(moves.items(), key=str) if old != new]
    lines = [f"profile {number}: results of {count} submissions {done}; {sum(c[2] for c in changed)} bands differ."]
    lines += [f"  {old or 'no band'} -> {new or 'no band'}: {times}" for old, new, times in changed]
    return lines + [f"Suppliers {'are' if kept else 'would be'} told of {told} by letter."] * bool(changed)


async def _list_behind(url: str) -> list[str]:
    made = engine.create_engine(url, pool_size=1)
    try:
        async with AsyncSession(made) as session:
            found = await rescoring.list_behind(session)
    finally:
        await made.dispose()
    lines = [f"{one.questionnaire}@{one.version}  profile {one.number}  submissions: {one.count}" for one in found]
    return lines or ["Every submission has a result of the newest profile of its version."]


async def _rescore(
    url: str, key: str, version: str, profile: int | None, options: dict[str, bool], *, is_read: bool
) -> list[str]:
    made = engine.create_engine(url, pool_size=1)
    try:
        async with AsyncSession(made) as session, session.begin():
            opened = await rescoring.open_rescoring(session, key, version, profile)
            waiting = await rescoring.count_waiting(session, opened)
            said = await _judge_description(session, opened, is_read=is_read and options["keep"])
            if options["keep"] and waiting:
                facts = {"profile": opened.scorer.profile.number, "submissions": waiting, "letters": options["letters"]}
                named = f"{key}@{version}"
                await audit.add_audit(session, OWNER_LOGIN, "profile.applied", "questionnaire", named, detail=facts)
        moves, told = await _run(made, opened, waiting, options)
    finally:
        await made.dispose()
    return [*said, *describe(opened.scorer.profile.number, moves, told, kept=options["keep"])]


async def _judge_description(session: AsyncSession, opened: Rescoring, *, is_read: bool) -> list[str]:
    """What an organization's profile says of itself where nobody is told it yet, and whether that is told now."""
    profile = opened.scorer.profile
    words = profile.profile.description
    if not words or await profile_words.is_read(session, profile):
        return []
    if is_read:
        await profile_words.note_read(session, profile)
    told = "Everybody may be told this" if is_read else "Nobody is told this before you give --description-read"
    return [f"profile {profile.number} says of itself: {words}", f"{told}."]


async def _run(made: AsyncEngine, opened: Rescoring, waiting: int, options: dict[str, bool]) -> tuple[Moves, int]:
    moves, told, after = Moves(), 0, rescoring.BEFORE_ALL
    columns = (TextColumn("Scoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Scoring", total=waiting)
        while (batch := await _step(made, opened, after, options)) is not None:
            moves, told, after = moves + batch.moves, told + batch.told, batch.last
            bar.advance(task, batch.count)
    return moves, told


async def _step(
    made: AsyncEngine, opened: Rescoring, after: tuple[UUID, UUID], options: dict[str, bool]
) -> Batch | None:
    """One batch, kept by itself."""
    async with AsyncSession(made) as session, session.begin():
        return await rescoring.rescore_batch(session, opened, after, **options)
