"""`portal questionnaires score`: what the answers in a file would earn, without a server, and nothing of it is kept."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from portal import errors
from portal.commands import questionnaire_files
from questionnaires import (
    answer_table,
    applicability,
    document,
    json_source,
    nesting,
    scoring,
    submission,
    trace,
    workbook_reading,
)
from questionnaires.answers import Answers, Problem
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition, Tier
from questionnaires.faults import FaultList
from questionnaires.filling import Filled, Stamp
from questionnaires.profile import Profile
from questionnaires.result import BandReason, Result
from questionnaires.wording import Words
from questionnaires.xlsx_cells import WorkbookRefused

FAULTY = 1
ENDINGS = (".json", ".csv", ".xlsx")
WORDS = Words("en")
REASONS: Mapping[BandReason, str] = {
    "total": "the total decides",
    "coverage": "too little is answered for the next one",
    "floor": "a pillar is below the floor of the next one",
    "critical_rule": "a critical answer caps it",
    "critical_open": "nobody knows whether a critical rule is hit",
    "not_rated": "nothing could be rated",
}
Given = Annotated[
    Path, typer.Argument(help="Answers: JSON as in questionnaires/conformance, or a workbook or CSV of `export`.")
]
Day = Annotated[str | None, typer.Option("--day", help="The day of submission (YYYY-MM-DD); without it, today.")]
Trace = Annotated[Path | None, typer.Option("--trace", help="Where to write every point and why, as JSON.")]


def score(packaged: Packaged, path: Path, *, tier: str | None, day: date | None, target: Path | None) -> None:
    """Print what a version's newest profile gives the answers, and what stands against submitting them.

    Exits with 1 where something does. Raises SetupError and InvalidInput.
    """
    definition = packaged.definition
    if not packaged.profiles:
        words = f"There is no scoring profile beside {definition.key} {definition.version}, so nothing is scored."
        raise errors.InvalidInput(words, code="NO_PROFILE")
    profile, asked = packaged.profiles[-1], questionnaire_files.find_tier(definition, tier)
    answers, refused = read_answers(path, definition, asked)
    on = day or datetime.now(UTC).date()
    open_now = applicability.find_applicable(definition, asked, answers)
    problems = submission.check_submission(open_now, day=on)
    result = scoring.score_answers(definition, profile, asked, answers, on)
    written = trace.write_trace(result, definition, profile)
    if target is not None:
        questionnaire_files.write_new(target, orjson.dumps(written, option=orjson.OPT_INDENT_2))
    for line in (*refused, *map(describe, problems)):
        typer.echo(line, err=True)
    titles = {pillar.key: pillar.title for pillar in definition.pillars}
    summary = written["summary"]
    typer.echo(f"{definition.key} {definition.version}, profile {profile.number}, {asked}, {on}")
    typer.echo(f"total {summary['total'] or 'none'}, band {result.band or 'none'}, coverage {summary['coverage']} %")
    typer.echo(f"band {result.band or 'none'}: {REASONS[result.band_reason]}")
    for line in list_critical(result, profile):
        typer.echo(f"  {line}")
    for pillar in summary["pillars"]:
        typer.echo(f"  {titles[pillar['key']]}: {pillar['score'] or 'none'}")
    if refused or problems:
        raise typer.Exit(FAULTY)


def list_critical(result: Result, profile: Profile) -> Iterator[str]:
    """A line for each critical rule that an answer hit, and for each that nobody can decide."""
    titles = {rule.key: rule.title for rule in profile.critical}
    for hit in result.fired:
        yield f"critical: {titles[hit.rule]} ({_place(hit.question, hit.row_id)}), at most band {hit.cap_band}"
    for left in result.open_rules:
        yield f"critical, open: {titles[left.rule]} ({_place(left.question, left.row_id)} is {left.state})"


def read_answers(path: Path, definition: Definition, tier: Tier) -> tuple[Answers, list[str]]:
    """The answers of a file that can be kept, and in words those that cannot. Raises SetupError and InvalidInput."""
    if not path.is_file():
        raise errors.SetupError(f"There is no file {path}.")
    if path.suffix not in ENDINGS:
        raise errors.InvalidInput(f"{path.name} is none of {', '.join(ENDINGS)}.", code="ANSWERS")
    if path.suffix == ".json":
        return _read_json(path, definition)
    try:
        filled = _read_form(path, definition, tier)
    except WorkbookRefused as refused:
        raise errors.InvalidInput(f"{path}: {refused.message}", code=refused.code) from None
    answers = {one.key: one.answer for one in filled.given if one.answer is not None}
    return answers, [f"{one.place}: {WORDS.explain(one.problem)}" for one in filled.refused]


def _read_json(path: Path, definition: Definition) -> tuple[Answers, list[str]]:
    faults = FaultList("answers", file=str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise errors.InvalidInput(f"{path} is not in UTF-8.", code="ANSWERS") from None
    found = json_source.read_json(text, faults)
    if faults.errors:
        raise errors.InvalidInput(str(faults.errors[0]), code="ANSWERS")
    answers, problems = nesting.read_nested(definition, found)
    return answers, [describe(one) for one in problems]


def _read_form(path: Path, definition: Definition, tier: Tier) -> Filled:
    content_hash, data = document.hash_content(definition), path.read_bytes()
    if path.suffix == ".csv":
        stamp = Stamp(questionnaire=definition.key, version=definition.version, content_hash=content_hash, tier=tier)
        table = answer_table.open_table(data)
        _check_version(path, table.version, f"{definition.key} {definition.version}")
        return answer_table.read_table(table, definition, stamp)
    book = workbook_reading.open_workbook(data)
    _check_version(path, book.stamp.content_hash, content_hash)
    return workbook_reading.read_workbook(book, definition)


def _check_version(path: Path, found: str, wanted: str) -> None:
    if found and found != wanted:
        raise errors.InvalidInput(f"{path} holds answers to {found}, not to {wanted}.", code="OTHER_VERSION")


def describe(problem: Problem) -> str:
    """A problem with its place, as a person reads it."""
    return f"{_place(problem.question, problem.row_id)}: {WORDS.explain(problem)}"


def _place(question: str, row_id: str | None) -> str:
    return question if row_id is None else f"{question}[{row_id}]"
