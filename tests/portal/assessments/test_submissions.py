"""Submitting: what is demanded, frozen, sealed, scored and superseded, and what an export lets others check."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from portal import errors
from portal.assessments import answers, assessments, exports, preview, results, snapshots, submissions
from portal.assessments.submissions import InvalidAnswers, Submitted
from portal.database import ids
from questionnaires import canonical, sealing, trace
from tests.portal.assessments.house import END, FULL, START, Caller, House, write


@pytest.fixture
async def supplier(house: House) -> Caller:
    return await house.sign_up("supplier")


async def start(house: House, supplier: Caller, tier: str = "basic", **values: Any) -> tuple[UUID, int]:
    """A draft with answers, and its change number."""
    async with house.act(supplier) as (session, actor):
        made = await assessments.start_assessment(
            session, actor, questionnaire="sample", tier=tier, period_start=START, period_end=END
        )
        sent = [write(key, value) for key, value in (FULL | values).items()]
        sent += [write("sites", True, row_id="a"), write("site_people", "5", row_id="a")] if tier == "basic" else []
        saved = await answers.save_answers(session, actor, assessment_id=made.id, sent=sent)
    return made.id, saved.change_number


async def submit(house: House, supplier: Caller, assessment: UUID, number: int, key: str | None = None) -> Submitted:
    async with house.act(supplier) as (session, actor):
        return await submissions.submit_assessment(
            session, actor, assessment_id=assessment, expected_change_number=number, idempotency_key=key
        )


async def test_a_submission_is_scored_at_its_tier_and_below(house: House, supplier: Caller) -> None:
    made = await submit(house, supplier, *await start(house, supplier, waste=["paper"]))
    assert made.assessment.state == "submitted"
    async with house.act(supplier) as (session, actor):
        own, lower = (await results.list_results(session, actor, [made.submission.id]))[made.submission.id]
    assert (own.tier_scored, own.is_own_tier, own.total, own.band) == ("basic", True, 9333, "a")
    assert (lower.tier_scored, lower.is_own_tier, lower.total, lower.band) == ("micro", False, 10000, None)
    assert [(one["key"], one["score"]) for one in own.pillars] == [("labour", 10000), ("safety", 8333)]
    assert own.coverage == 10000
    assert (own.valid_until - made.submission.submitted_at.date()).days == 365


async def test_a_critical_answer_caps_the_band(house: House, supplier: Caller) -> None:
    made = await submit(house, supplier, *await start(house, supplier, exits_locked=True))
    async with house.act(supplier) as (session, actor):
        own = (await results.list_results(session, actor, [made.submission.id]))[made.submission.id][0]
    assert (own.band, own.band_reason) == ("d", "critical_rule")
    assert own.critical == [{"rule": "locked", "section": "safety"}]


async def test_seals_fit_and_show_what_was_changed(house: House, supplier: Caller) -> None:
    made = await submit(house, supplier, *await start(house, supplier, remark="A word"))
    async with house.act(supplier) as (session, actor):
        rows = await submissions.list_sections(session, actor, made.submission.id)
    sealed = tuple(snapshots.read_section(row) for row in rows)
    hashes = {section.key: section.hash for section in sealed}
    root, header = made.submission.root_hash.hex(), made.submission.header
    assert sealing.find_mismatches(root, header, hashes, sealed) == []
    assert rows[0].answers["remark"] == {"state": "value", "value": "A word"}
    rows[0].trace = {"lines": [{"points": "100"}], "critical": [], "critical_open": []}
    assert sealing.find_mismatches(root, header, hashes, (snapshots.read_section(rows[0]),)) != []
    assert sealing.find_mismatches(root, header | {"tier": "micro"}, hashes) != []
    salts = [section.salt for section in sealed]
    assert len(set(salts)) == len(salts) == 3


async def test_only_what_is_asked_is_frozen(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier, headcount="1")
    made = await submit(house, supplier, assessment, number)
    async with house.act(supplier) as (session, actor):
        rows = {row.section: row.answers for row in await submissions.list_sections(session, actor, made.submission.id)}
    assert set(rows["labour"]) == {"trained"}
    assert rows["facts"]["sites"]["value"] == [
        {"row": "a", "answers": {"site_people": {"state": "value", "value": "5"}}}
    ]


async def test_everything_in_the_way_is_named_at_once(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier, "standard", headcount="10000", trained="50.55", remark="x" * 300)
    with pytest.raises(InvalidAnswers) as caught:
        await submit(house, supplier, assessment, number)
    assert [(one.question, one.code) for one in caught.value.answer_problems] == [
        ("headcount", "above_max"),
        ("remark", "text_too_long"),
        ("fees_repaid", "evidence_missing"),
        ("trained", "too_many_decimals"),
    ]
    assert caught.value.problems[0].path == ("headcount",)
    async with house.act(supplier) as (session, actor):
        listed = await assessments.list_problems(session, actor, assessment)
    assert tuple(listed) == caught.value.answer_problems


@pytest.mark.parametrize(("state", "is_enough"), [("available", True), ("quarantined", False), ("awaiting", False)])
async def test_evidence_counts_once_it_is_here(house: House, supplier: Caller, state: str, is_enough: bool) -> None:
    assessment, number = await start(house, supplier, "standard")
    document = ids.new_id()
    await house.fetch(
        "INSERT INTO portal.evidence (supplier_id, id, file_name, kind, state, sha256)"
        " VALUES ($1, $2, 'receipts.pdf', 'record', $3, decode('ab', 'hex'))",
        supplier.organization,
        document,
        state,
    )
    await house.fetch(
        "INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, evidence_id)"
        " VALUES ($1, $2, 'fees_repaid', $3)",
        supplier.organization,
        assessment,
        document,
    )
    if not is_enough:
        with pytest.raises(InvalidAnswers):
            await submit(house, supplier, assessment, number)
        return
    made = await submit(house, supplier, assessment, number)
    frozen = await house.fetch("SELECT submission_id, section, question, evidence_id FROM portal.submission_evidence")
    assert [tuple(row) for row in frozen] == [(made.submission.id, "labour", "fees_repaid", document)]
    async with house.act(supplier) as (session, actor):
        rows = await submissions.list_sections(session, actor, made.submission.id)
    labour = snapshots.read_section(rows[1])
    assert "ab" in [secret.text for secret in labour.secrets.values()]


async def test_a_newer_answer_stops_the_submission(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier)
    with pytest.raises(errors.Conflict) as caught:
        await submit(house, supplier, assessment, number - 1)
    assert caught.value.code == "CHANGED"
    assert (await submit(house, supplier, assessment, number)).submission.revision == 1


async def test_submitting_twice(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier)
    first = await submit(house, supplier, assessment, number, "key-of-the-phone")
    again = await submit(house, supplier, assessment, number, "key-of-the-phone")
    assert again.submission.id == first.submission.id
    without = await submit(house, supplier, assessment, number)
    assert without.submission.id == first.submission.id
    for other in (number - 1, number + 1):
        with pytest.raises(errors.Conflict) as caught:
            await submit(house, supplier, assessment, other)
        assert caught.value.code == "ALREADY_SUBMITTED"


async def test_submitting_on_two_devices_at_once_makes_one(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier)
    outcomes = await asyncio.gather(*(submit(house, supplier, assessment, number) for _ in range(3)))
    assert len({one.submission.id for one in outcomes}) == 1
    assert (await house.fetch("SELECT count(*) FROM portal.submission"))[0][0] == 1


async def test_a_correction_supersedes(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier)
    first = await submit(house, supplier, assessment, number)
    async with house.act(supplier) as (session, actor):
        new = (await assessments.correct_assessment(session, actor, assessment_id=assessment)).assessment
    second = await submit(house, supplier, new.id, new.change_number)
    assert second.submission.revision == 2
    states = await house.fetch("SELECT id, state FROM portal.submission")
    assert {row[0]: row[1] for row in states} == {first.submission.id: "superseded", second.submission.id: "current"}
    async with house.act(supplier) as (session, actor):
        with pytest.raises(errors.Conflict) as caught:
            await assessments.correct_assessment(session, actor, assessment_id=assessment)
        listed = await submissions.list_submissions(session, actor, limit=10)
    assert caught.value.code == "NEWER_REVISION"
    assert [row.id for row in listed] == [second.submission.id, first.submission.id]


async def test_the_preview_is_what_submission_gives(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier, fees_repaid="partly", waste=["metal"])
    async with house.act(supplier) as (session, actor):
        seen = await preview.preview_score(session, actor, assessment_id=assessment)
    assert seen.problems == ()
    assert [one.question for one in seen.advice] == ["fees_repaid", "waste"]
    made = await submit(house, supplier, assessment, number)
    assert made.submission.header["summary"] == seen.trace["summary"]


async def test_the_checks_speak_before_submission(house: House, supplier: Caller) -> None:
    assessment, _ = await start(house, supplier, headcount="3")
    async with house.act(supplier) as (session, actor):
        seen = await preview.preview_score(session, actor, assessment_id=assessment)
    assert [(one.check, one.left, one.right) for one in seen.inconsistencies] == [("sites_fit", "5", "3")]


async def test_an_export_recomputes_to_the_same_score(house: House, supplier: Caller) -> None:
    assessment, number = await start(house, supplier, waste=["paper"])
    made = await submit(house, supplier, assessment, number)
    async with house.act(supplier) as (session, actor):
        frozen = await exports.export_submission(session, actor, submission_id=made.submission.id)
        draft = await exports.export_assessment(session, actor, assessment_id=assessment)
    exported = orjson.loads(orjson.dumps(frozen))
    assert canonical.hash_document(exported["definition"]) == exported["content_hash"]
    assert canonical.hash_document(exported["profile"]) == exported["profile_hash"]
    again = trace.recompute(exported["trace"])
    stated = exported["trace"]["summary"]
    assert {key: again[key] for key in ("total", "band", "coverage")} == {
        key: stated[key] for key in ("total", "band", "coverage")
    }
    assert exported["answers"] == orjson.loads(orjson.dumps(draft["answers"]))
    assert exported["trace"]["sections"] == orjson.loads(orjson.dumps(draft["trace"]["sections"]))


async def test_withdrawing_takes_it_out_of_lists(house: House, supplier: Caller) -> None:
    made = await submit(house, supplier, *await start(house, supplier))
    other = await house.sign_up("supplier")
    async with house.act(other) as (session, actor):
        for act in (submissions.withdraw_submission, exports.export_submission):
            with pytest.raises(errors.NotFound):
                await act(session, actor, submission_id=made.submission.id)
    async with house.act(supplier) as (session, actor):
        for _ in range(2):
            row = await submissions.withdraw_submission(session, actor, submission_id=made.submission.id)
            assert row.state == "withdrawn"
    told = await house.fetch("SELECT count(*) FROM portal.outbox WHERE topic = 'submission.withdrawn'")
    assert told[0][0] == 1


async def test_statements_do_not_grow_with_the_answers(house: House, supplier: Caller) -> None:
    counts = []
    for rows in (1, 5):
        caller = await house.sign_up("supplier")
        assessment, _ = await start(house, caller)
        async with house.act(caller) as (session, actor):
            sent = [write("site_people", "2", row_id=f"r{place}") for place in range(rows - 1)]
            sent.append(write("remark", "x"))
            saved = await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)
        with house.count_statements() as statements:
            await submit(house, caller, assessment, saved.change_number)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 17
