"""A new scoring profile for what was submitted before: results are added, exactly, once, and nothing is rewritten."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.assessments import explaining, exports, publishing, rescoring, results
from portal.database import engine
from questionnaires import nesting, scoring, sealing, trace
from questionnaires.catalogue import Packaged
from questionnaires.profile import Profile
from tests.portal.assessments import sample
from tests.portal.assessments.house import House
from tests.portal.assessments.test_submissions import start, submit
from tests.portal.commands.processes import run_portal
from tests.portal.database.launching import make_reachable_folder
from tests.statements import record_statements

CHANGES = (
    ("number: 1, description: For tests.", "number: 2, description: What is sorted weighs more."),
    ("waste: {weight: 1, sum: {paper: 50", "waste: {weight: 6, sum: {paper: 10"),
    ("validity_days: 365", "validity_days: 100"),
)
TOLD = "SELECT ids FROM portal.outbox WHERE topic = 'band.changed'"
SECTIONS = "SELECT * FROM portal.result_section ORDER BY supplier_id, submission_id, section"
ROWS = "SELECT * FROM portal.result WHERE profile_number = $1 ORDER BY supplier_id, submission_id, tier_scored"


def make_second(*more: tuple[str, str]) -> Profile:
    text = sample.PROFILE
    for old, new in CHANGES + more:
        assert old in text
        text = text.replace(old, new)
    return sample.make_profile(text)


@asynccontextmanager
async def act_as_worker(house: House) -> AsyncIterator[AsyncSession]:
    made = engine.create_engine(house.made.worker_url, pool_size=1)
    try:
        async with AsyncSession(made) as session, session.begin():
            yield session
    finally:
        await made.dispose()


async def run(
    house: House, *, limit: int = 500, steps: int | None = None, number: int | None = None, **options: bool
) -> Counter[Any]:
    """All steps, or as many until it is stopped; how bands changed."""
    moves, after = Counter[Any](), rescoring.BEFORE_ALL
    while steps is None or steps > 0:
        async with act_as_worker(house) as session:
            opened = await rescoring.open_rescoring(session, sample.KEY, "1.0.0", number)
            made = await rescoring.rescore_batch(session, opened, after, limit=limit, **options)
        if made is None:
            break
        moves, after = moves + made.moves, made.last
        steps = None if steps is None else steps - 1
    return moves


async def submit_several(house: House) -> list[Any]:
    """Submissions of three suppliers, at two tiers and with different answers."""
    made = []
    for tier, given in (("basic", {"waste": ["paper"]}), ("basic", {"waste": ["paper", "metal"]}), ("micro", {})):
        supplier = await house.sign_up("supplier")
        made.append((supplier, await submit(house, supplier, *await start(house, supplier, tier, **given))))
    second = Packaged(sample.make_definition(), (sample.make_profile(), make_second()))
    await publishing.publish_with_login(house.made.owner_url, [second])
    return made


async def test_results_are_added_as_the_interpreter_scores_and_old_ones_stay(house: House) -> None:
    made = await submit_several(house)
    before = await house.fetch(ROWS, 1)
    assert await run(house) == {("a", "c"): 1, ("a", "a"): 2}
    assert await house.fetch(ROWS, 1) == before
    profile, definition = make_second(), sample.make_definition()
    for supplier, done in made:
        submission = done.submission
        sections = await house.fetch(
            "SELECT answers FROM portal.submission_section WHERE submission_id = $1", submission.id
        )
        nested = {key: value for row in sections for key, value in orjson.loads(row["answers"]).items()}
        answers, problems = nesting.read_nested(definition, nested)
        assert not problems
        day = submission.submitted_at.date()
        expected = results.write_results(
            definition, scoring.score_answers(definition, profile, submission.tier, answers, day)
        )
        found = [dict(row) for row in await house.fetch(ROWS, 2) if row["submission_id"] == submission.id]
        assert len(found) == len(expected)
        for row in expected:
            (stored,) = [one for one in found if one["tier_scored"] == row["tier_scored"]]
            loaded = {name: orjson.loads(stored[name]) for name in ("pillars", "critical")}
            assert {name: (stored | loaded)[name] for name in row} == row
        assert found[0]["supplier_id"] == supplier.organization
        assert (found[0]["valid_until"] - day).days == 100


async def test_the_trace_of_each_section_stands_beside_the_sealed_one(house: House) -> None:
    (supplier, done), *_ = await submit_several(house)
    sealed = await house.fetch("SELECT * FROM portal.submission_section ORDER BY submission_id, section")
    await run(house)
    assert await house.fetch("SELECT * FROM portal.submission_section ORDER BY submission_id, section") == sealed
    async with house.act(supplier) as (session, actor):
        exported = await exports.export_submission(session, actor, submission_id=done.submission.id)
        explained = [
            await explaining.explain_submission(session, actor, done.submission.id, number) for number in (1, 2, None)
        ]
        with pytest.raises(errors.NotFound):
            await explaining.explain_submission(session, actor, done.submission.id, 3)
    answers, _ = nesting.read_nested(sample.make_definition(), exported["answers"])
    day = done.submission.submitted_at.date()
    result = scoring.score_answers(sample.make_definition(), make_second(), "basic", answers, day)
    expected = trace.write_trace(result, sample.make_definition(), make_second())["sections"]
    assert explained == [exported["trace"]["sections"], expected, expected]
    assert expected != exported["trace"]["sections"]
    assert list(expected) == list(explained[2]) == ["facts", "labour", "safety"]
    seal = exported["seal"]
    assert seal["header"]["profile"] == 1
    assert [section["content"]["trace"] for section in seal["sections"]] == list(explained[0].values())
    for section in seal["sections"]:
        assert sealing.hash_section(section["salt"], section["content"]) == section["hash"]


async def test_the_newest_profile_is_what_is_shown_and_cards_follow(house: House) -> None:
    (supplier, done), *_ = await submit_several(house)
    await run(house)
    async with house.act(supplier) as (session, actor):
        listed = (await results.list_results(session, actor, [done.submission.id]))[done.submission.id]
    assert [(one.profile_number, one.tier_scored) for one in listed] == [
        (2, "basic"),
        (2, "micro"),
        (1, "basic"),
        (1, "micro"),
    ]
    events = await house.fetch("SELECT ids FROM portal.outbox WHERE topic = 'submission.rescored'")
    assert str(supplier.organization) in {orjson.loads(row["ids"])["supplier"] for row in events}
    assert len(events) == 3


async def test_a_run_that_was_stopped_goes_on_where_it_was(house: House) -> None:
    await submit_several(house)
    assert sum((await run(house, limit=1, steps=2)).values()) == 2
    async with act_as_worker(house) as session:
        opened = await rescoring.open_rescoring(session, sample.KEY, "1.0.0")
        assert await rescoring.count_waiting(session, opened) == 1
    assert sum((await run(house)).values()) == 1
    assert sum((await run(house)).values()) == 0
    assert len(await house.fetch(ROWS, 2)) == 5


async def test_a_look_before_writes_nothing(house: House) -> None:
    await submit_several(house)
    assert await run(house, keep=False, limit=2) == {("a", "c"): 1, ("a", "a"): 2}
    assert await house.fetch(ROWS, 2) == []
    assert (await house.fetch(SECTIONS), await house.fetch(TOLD)) == ([], [])


async def test_a_step_takes_two_statements_however_many_it_scores(house: House) -> None:
    await submit_several(house)
    made = engine.create_engine(house.made.worker_url, pool_size=1)
    try:
        async with AsyncSession(made) as session:
            opened = await rescoring.open_rescoring(session, sample.KEY, "1.0.0")
            for limit in (1, 2):
                with record_statements(made.sync_engine) as sent:
                    await rescoring.rescore_batch(session, opened, rescoring.BEFORE_ALL, limit=limit)
                assert len(sent) == 2
                await session.rollback()
    finally:
        await made.dispose()


async def test_results_that_were_added_without_a_trace_get_it(house: House) -> None:
    """As a portal of before left them; they stay, and nobody is told again."""
    (supplier, done), *_ = await submit_several(house)
    await run(house)
    added = await house.fetch(ROWS, 2)
    traces = await house.fetch(SECTIONS)
    await house.fetch("DELETE FROM portal.result_section")
    await house.fetch("DELETE FROM portal.outbox")
    async with house.act(supplier) as (session, actor):
        with pytest.raises(errors.NotFound, match="before such lines were kept"):
            await explaining.explain_submission(session, actor, done.submission.id, 2)
        with pytest.raises(errors.NotFound, match="was not scored"):
            await explaining.explain_submission(session, actor, done.submission.id, 3)
    assert sum((await run(house)).values()) == 3
    assert (await house.fetch(ROWS, 2), await house.fetch(SECTIONS)) == (added, traces)
    assert (len(traces), await house.fetch(TOLD)) == (9, [])


async def test_only_a_current_submission_whose_band_became_another_is_told(house: House) -> None:
    (supplier, done), *_ = await submit_several(house)
    for state in ("superseded", "withdrawn"):
        await house.fetch("UPDATE portal.submission SET state = $1", state)
        await run(house)
        assert await house.fetch(TOLD) == []
        await forget_second(house)
    await house.fetch("UPDATE portal.submission SET state = 'current'")
    await run(house, letters=False)
    assert await house.fetch(TOLD) == []
    await forget_second(house)
    submitted = "UPDATE portal.submission SET submitted_at = submitted_at - CAST($1 AS interval)"
    await house.fetch(submitted, timedelta(days=120))  # the profile's results hold for 100 days
    await run(house)
    assert await house.fetch(TOLD) == []
    await forget_second(house)
    await house.fetch(submitted, timedelta(days=-120))
    await run(house)
    (told,) = await house.fetch(TOLD)
    parts = {"supplier": str(supplier.organization), "submission": str(done.submission.id)}
    assert orjson.loads(told["ids"]) == parts | {"before": 1, "profile": 2}


async def forget_second(house: House) -> None:
    await house.fetch("DELETE FROM portal.result_section")
    await house.fetch("DELETE FROM portal.result WHERE profile_number = 2")


async def test_an_older_profile_changes_nothing_that_is_shown(house: House) -> None:
    await submit_several(house)
    supplier = await house.sign_up("supplier")
    third = make_second(("number: 2", "number: 3"))
    profiles = (sample.make_profile(), make_second(), third)
    await publishing.publish_with_login(house.made.owner_url, [Packaged(sample.make_definition(), profiles)])
    made = await submit(house, supplier, *await start(house, supplier, "basic", waste=["paper"]))
    assert made.submission.header["profile"] == 3
    assert await run(house, number=1) == {("c", "a"): 1}
    assert await house.fetch(TOLD) == []
    async with house.act(supplier) as (session, actor):
        shown, newest, oldest = [
            await explaining.explain_submission(session, actor, made.submission.id, number) for number in (None, 3, 1)
        ]
    assert shown == newest != oldest


async def test_two_runs_at_once_tell_a_supplier_once(house: House) -> None:
    await submit_several(house)
    async with act_as_worker(house) as first:
        opened = await rescoring.open_rescoring(first, sample.KEY, "1.0.0")
        await rescoring.rescore_batch(first, opened, rescoring.BEFORE_ALL)
        second = asyncio.create_task(run(house))
        await house.wait_for_lock()
    assert sum((await second).values()) == 3
    assert len(await house.fetch(TOLD)) == 1
    assert len(await house.fetch(ROWS, 2)) == 5


async def test_answers_that_their_version_does_not_know_stop_the_run(house: House) -> None:
    (_, done), *_ = await submit_several(house)
    statement = """
        UPDATE portal.submission_section SET answers = answers || '{"waist": {"state": "unknown"}}'
         WHERE submission_id = $1 AND position = 0
    """
    await house.write_rows(statement, [(done.submission.id,)])
    with pytest.raises(errors.SetupError, match="answers that do not fit the version: waist"):
        await run(house)


async def test_an_unknown_version_or_profile_is_refused(house: House) -> None:
    async with act_as_worker(house) as session:
        for version, number in (("9.9.9", None), ("1.0.0", 7)):
            with pytest.raises(errors.NotFound):
                await rescoring.open_rescoring(session, sample.KEY, version, number)


@pytest.mark.slow
async def test_the_command_tells_what_changed(house: House) -> None:
    await submit_several(house)
    settings = {"PORTAL_DATABASE_URL": house.made.app_url, "PORTAL_WORKER_DATABASE_URL": house.made.worker_url}
    with make_reachable_folder() as made:
        folder = Path(made) / "data"
        looked = run_portal(folder, "questionnaires", "rescore", "sample@1.0.0", "--dry-run", **settings)
        assert looked.stdout == (
            "profile 2: results of 3 submissions would be added; nothing was written; 1 bands differ.\n  a -> c: 1\n"
            "Suppliers would be told of 1 by letter.\n"
        ), looked.stderr
        quiet = run_portal(folder, "questionnaires", "rescore", "sample@1.0.0", "--dry-run", "--no-letters", **settings)
        assert quiet.stdout.endswith("Suppliers would be told of 0 by letter.\n")
        done = run_portal(folder, "questionnaires", "rescore", "sample@1.0.0", **settings)
        told = "1 bands differ.\n  a -> c: 1\nSuppliers are told of 1 by letter.\n"
        assert done.stdout == f"profile 2: results of 3 submissions were added; {told}"
        again = run_portal(folder, "questionnaires", "rescore", "sample@1.0.0", "--profile", "2", **settings)
        assert again.stdout == "profile 2: results of 0 submissions were added; 0 bands differ.\n"
        wrong = run_portal(folder, "questionnaires", "rescore", "sample", **settings)
        assert (wrong.returncode, "KEY@VERSION" in wrong.stderr) == (1, True), wrong.stderr
