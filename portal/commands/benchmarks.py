"""`portal benchmarks ...`: approve questionnaires, plan, make, show and verify releases."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal import settings as configuration
from portal.benchmarks import approval, attack, contributors, corrections, ledger, releases, verification
from portal.benchmarks.attack import Finding
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.corrections import Correction
from portal.benchmarks.disclosure import Decision, Policy
from portal.benchmarks.ledger import CellOutcome
from portal.benchmarks.releases import Made
from portal.commands import installation, operator
from portal.database import engine
from portal.identity import operators
from questionnaires.rates import POINTS, Scale

Result = TypeVar("Result")
STATEMENT_HOURS = 6
DIFFERENT = 1
PLANNED = "Planned"  # a reason that nobody reads
STAGES = {
    "contributors": "Choosing submissions",
    "values": "Computing contributions",
    "decisions": "Deciding on cells",
    "attacks": "Attacking the figures",
}

app = typer.Typer(
    help="Make quarterly benchmark releases and look after them. Uses the login of PORTAL_WORKER_DATABASE_URL (for "
    "approve: PORTAL_OWNER_DATABASE_URL), or the embedded database.",
    no_args_is_help=True,
)
QuarterOption = Annotated[
    str | None, typer.Option("--quarter", help="Such as 2026Q3; by default the last one that is over.")
]
All = Annotated[bool, typer.Option("--all", help="Every measure, not the total alone.")]
Correct = Annotated[
    bool, typer.Option("--correct", help="A further release for the quarter of the newest one, which was faulty.")
]
Number = Annotated[int, typer.Argument(help="The number of a release.", min=1)]


class _Discarded(Exception):
    """Ends the transaction of a plan without keeping it."""


def run_as_worker(work: Callable[[AsyncSession], Awaitable[Result]], *, keep: bool = True) -> Result:
    """Do work in one transaction of the worker's login, kept or thrown away. Raises SetupError."""
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
        with installation.explain_database(url):
            return asyncio.run(_run(url, work, keep))


async def _run(url: str, work: Callable[[AsyncSession], Awaitable[Result]], keep: bool) -> Result:
    made = engine.create_engine(url, pool_size=1, timeout_ms=STATEMENT_HOURS * 3_600_000)
    done: list[Result] = []
    try:
        async with AsyncSession(made, expire_on_commit=False) as session, session.begin():
            done.append(await work(session))
            if not keep:
                raise _Discarded
    except _Discarded:
        pass
    finally:
        await made.dispose()
    return done[0]


def read_quarter(written: str | None) -> Quarter | None:
    """A quarter as people write it; raises InvalidInput."""
    if written is None:
        return None
    match = re.fullmatch(r"(2[01]\d\d)-?Q([1-4])", written.strip().upper())
    if match is None:
        raise errors.InvalidInput(f"A quarter looks like 2026Q3, not {written[:20]!r}.", code="QUARTER")
    return Quarter(int(match[1]), int(match[2]))


def make(quarter: str | None, *, keep: bool, correction: str | None = None) -> Made:
    """Make a release with a progress bar on standard error."""
    chosen = read_quarter(quarter)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {stage: bar.add_task(words, total=None, visible=False) for stage, words in STAGES.items()}

        def show(stage: str, steps: int) -> None:
            bar.update(tasks[stage], advance=steps, visible=True)

        return run_as_worker(
            lambda session: releases.make_release(session, chosen, correction=correction, progress=show), keep=keep
        )


@app.command("approve")
def approve(
    questionnaire: Annotated[str, typer.Argument(help="The questionnaire's key.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Keep it out of future releases instead.")] = False,
) -> None:
    """Let a questionnaire into releases; without this word of the operator nothing of it is compared."""
    since = operator.run_as_owner(
        lambda session: approval.approve_questionnaire(
            session, operators.OWNER_LOGIN, questionnaire=questionnaire, approved=not withdraw
        )
    )
    state = "is kept out of future releases" if since is None else f"is in releases since {since:%Y-%m-%d}"
    typer.echo(f"{questionnaire} {state}.")


@app.command("plan")
def plan(quarter: QuarterOption = None, correct: Correct = False, every: All = False) -> None:
    """Show what a release would publish and withhold, and why; nothing is kept."""
    made = make(quarter, keep=False, correction=PLANNED if correct else None)
    typer.echo(describe(made, planned=made.is_new))
    print_outcomes(made.outcomes, every)


@app.command("release")
def release(
    quarter: QuarterOption = None,
    correct: Correct = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why it is corrected; everybody who reads releases reads it.")
    ] = None,
    every: All = False,
) -> None:
    """Make the release of a quarter, for ever; again changes nothing. With --correct make a further one for it."""
    if correct != (reason is not None):
        raise errors.InvalidInput("--correct and --reason go together: a correction says why.", code="REASON")
    made = make(quarter, keep=True, correction=reason)
    typer.echo(describe(made))
    print_outcomes(made.outcomes, every)


@app.command("show")
def show(number: Number, every: All = False) -> None:
    """Show a release with its scoring profiles, and with the reasons, which only the operator sees."""

    async def read(session: AsyncSession) -> tuple[list[CellOutcome], list[tuple[str, int]], list[str]]:
        outcomes = await ledger.list_outcomes(session, number)
        corrected = describe_corrections(number, *await corrections.find_corrections(session, number))
        return outcomes, await contributors.list_profiles(session, number), corrected

    outcomes, profiles, corrected = run_as_worker(read)
    for line in corrected:
        typer.echo(line)
    for version, profile in profiles:
        typer.echo(f"{version} by scoring profile {profile}")
    print_outcomes(outcomes, every)


@app.command("verify")
def verify(number: Number) -> None:
    """Recompute a release from its contributions; exit code 1 where anything differs."""
    faults = run_as_worker(lambda session: verification.verify_release(session, number))
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(DIFFERENT)
    typer.echo(f"Release {number} agrees with its contributions.")


@app.command("attack")
def attack_figures(number: Number, every: All = False) -> None:
    """Try to compute contributors' scores from all that was published up to a release; exit code 1 if one is exposed.

    The total alone, unless every measure is wanted. Outsiders, pairs of contributors, and every reader of shared
    results with all that it knows are tried.
    """
    with Progress(
        SpinnerColumn(),
        TextColumn("Attacking"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("Attacking", total=None)
        findings = run_as_worker(
            lambda session: attack.attack_release(
                session,
                number,
                lambda measure: every or measure == TOTAL,
                lambda steps: bar.update(task, advance=steps),
            )
        )
    near = sorted((one for one in findings if one.is_near), key=measure_room)
    for one in near:
        since = "" if one.by_newest else " (as before this release, by what was shown since)"
        words = f"{one.insider} finds {spell_value(one.low, one.scale)} to {spell_value(one.high, one.scale)}{since}"
        typer.echo(f"{one.cell} {one.measure}: {words}", err=True)
    typer.echo(summarize(findings, number, len(near)))
    if any(one.by_newest for one in near):
        raise typer.Exit(DIFFERENT)


def summarize(findings: list[Finding], number: int, near: int) -> str:
    """One line on an attack."""
    if not findings:
        return f"Nothing is published up to release {number}."
    nearest = min(findings, key=measure_room)
    exact = sum(one.width == 0 for one in findings)
    allowed = f"{Policy.least_range // 100} points"
    if any(one.scale != POINTS for one in findings):
        allowed += " or a tenth of the range of a rate"
    unsolved = sum(not one.is_exact for one in findings)
    return (
        f"{len(findings)} tries on all figures up to release {number}: {exact} values computed, {near} to within "
        f"{allowed}{f', {unsolved} not solved in time' if unsolved else ''}. Nearest: "
        f"{spell_value(nearest.width, nearest.scale)} {spell_unit(nearest.scale)}, by {nearest.insider}, "
        f"in {nearest.cell}."
    )


def measure_room(finding: Finding) -> float:
    """How near an attack came, as a share of what it may not."""
    return finding.width / finding.least_range


def spell_unit(scale: Scale) -> str:
    """The unit after a number."""
    return "points" if scale == POINTS else scale.unit


def spell_value(value: int, scale: Scale) -> str:
    """A value in hundredths of a step, in its unit."""
    return f"{(value * scale.step / 100).normalize():f}"


def describe(made: Made, *, planned: bool = False) -> str:
    """A line on a release, and one on organizations that the operator placed in no confirmed group."""
    what = "would be made" if planned else "is made" if made.is_new else "was made already"
    about = "" if made.corrects is None else f", which corrects release {made.corrects},"
    line = (
        f"Release {made.number} for {made.quarter}{about} {what}: {made.contributors} submissions count, "
        f"{made.waiting} wait until they are old enough."
    )
    if not made.ungrouped:
        return line
    are = "organization has" if made.ungrouped == 1 else "organizations have"
    hint = "portal operator place-in-group and confirm-group"
    return f"{line}\n{made.ungrouped} {are} no confirmed corporate group; all such count as one: {hint}."


def describe_corrections(number: int, own: Correction | None, later: int | None) -> list[str]:
    """A line on what a release corrects, and one on what corrects it."""
    told = [] if own is None else [f"Release {number} corrects release {own.corrects}: {own.reason}"]
    return told if later is None else [*told, f"Release {number} is corrected by release {later}."]


def print_outcomes(outcomes: list[CellOutcome], every: bool) -> None:
    """A line for each decision, and how many there are of each kind."""
    shown = [one for one in outcomes if every or one.measure == TOTAL]
    for one in shown:
        typer.echo(f"{one.cell:60} {one.measure:28} {spell(one)}")
    counted = Counter(one.decision.reason or "PUBLISHED" for one in shown)
    typer.echo(", ".join(f"{count} {reason}" for reason, count in sorted(counted.items())) or "No cell.")


def count_contributors(decision: Decision) -> str:
    """How many groups stand behind a decision, in words."""
    count = decision.detail.get("contributors")
    return f"{count} contributor{'' if count == 1 else 's'}"


def spell(outcome: CellOutcome) -> str:
    """Figures or the reason, on one line; a unit is named where it is not points."""
    decision, figures, scale = outcome.decision, outcome.decision.figures, outcome.scale
    if figures is None:
        more = decision.detail.get("rule")
        return f"{decision.reason}{f' ({more})' if more else ''}, {count_contributors(decision)}"
    named = ((name, getattr(figures, name)) for name in ("p10", "p25", "p50", "p75", "p90"))
    quantiles = [f"{name} {scale.spell(value)}" for name, value in named if value is not None]
    unit = "" if scale == POINTS else f" {scale.unit}"
    rule = decision.detail.get("rule")
    left = f" (without {', '.join(decision.detail['left_out'])}: {rule})" if decision.detail.get("left_out") else ""
    more = f", {rule}" if rule else ""
    kept = f" (of release {decision.kept_from}: {decision.reason}{more})" if decision.kept_from else ""
    return " ".join([figures.count_band, f"mean {scale.spell(figures.mean)}", *quantiles]) + unit + left + kept
