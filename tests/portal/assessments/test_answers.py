"""Saving answers: outcomes, replays, conflicts, removals, what is refused, and what waits after submission."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal import errors
from portal.assessments import (
    answer_history,
    answers,
    assessments,
    discarding,
    drafts,
    publishing,
    revisions,
    submissions,
    upgrading,
    writes,
)
from portal.assessments.answers import AnswersSaved, Outcome
from portal.assessments.writes import Write, read_write
from portal.database import ids
from questionnaires import messages
from questionnaires.answers import Problem
from questionnaires.catalogue import Packaged
from tests.portal.assessments import sample
from tests.portal.assessments.changes import list_changes
from tests.portal.assessments.house import END, FULL, START, Caller, House, write


@pytest.fixture
async def supplier(house: House) -> Caller:
    return await house.sign_up("supplier")


@pytest.fixture
async def draft(house: House, supplier: Caller) -> UUID:
    return await start(house, supplier)


async def start(
    house: House, supplier: Caller, tier: str = "basic", period_start: date = START, period_end: date = END
) -> UUID:
    async with house.act(supplier) as (session, actor):
        made = await assessments.start_assessment(
            session, actor, questionnaire="sample", tier=tier, period_start=period_start, period_end=period_end
        )
        return made.id


async def save(house: House, supplier: Caller, assessment: UUID, *sent: Write) -> AnswersSaved:
    async with house.act(supplier) as (session, actor):
        return await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)


async def read(house: House, supplier: Caller, assessment: UUID) -> dict[tuple[str, str | None], Any]:
    async with house.act(supplier) as (session, actor):
        loaded = await drafts.load_draft(session, actor, assessment)
    return {key: answer.value if answer.state == "value" else answer.state for key, answer in loaded.answers.items()}


async def submit(house: House, supplier: Caller, assessment: UUID, number: int) -> Any:
    async with house.act(supplier) as (session, actor):
        return await submissions.submit_assessment(
            session, actor, assessment_id=assessment, expected_change_number=number
        )


def statuses(saved: AnswersSaved) -> list[tuple[str, int | None]]:
    return [(outcome.status, outcome.revision) for outcome in saved.outcomes]


async def test_a_write_makes_a_revision_and_a_change(house: House, supplier: Caller, draft: UUID) -> None:
    first = await save(house, supplier, draft, write("headcount", "12"), write("remark", "Hello"))
    assert statuses(first) == [("saved", 1), ("saved", 1)]
    assert first.change_number == 2
    again = await save(house, supplier, draft, write("headcount", "13", base=1))
    assert statuses(again) == [("saved", 2)]
    assert await read(house, supplier, draft) == {("headcount", None): "13", ("remark", None): "Hello"}


async def test_a_replay_gives_the_same_outcome_again(house: House, supplier: Caller, draft: UUID) -> None:
    good, bad = write("headcount", "12"), write("headcount", "twelve")
    before = await save(house, supplier, draft, good, bad)
    await save(house, supplier, draft, write("headcount", "14", base=1))
    after = await save(house, supplier, draft, bad, good, good)
    assert statuses(after) == [("refused", None), ("saved", 1), ("saved", 1)]
    assert after.outcomes[0].problem == before.outcomes[1].problem
    assert after.outcomes[1].current.revision == 2
    assert after.change_number == 2


async def test_an_id_that_two_assessments_take_at_once_is_refused(house: House, supplier: Caller, draft: UUID) -> None:
    other = await start(house, supplier, tier="basic", period_start=date(2024, 1, 1), period_end=date(2024, 12, 31))
    same = write("headcount", "12")
    async with house.act(supplier) as (session, actor):
        await answers.save_answers(session, actor, assessment_id=draft, sent=[same])
        second = asyncio.create_task(save(house, supplier, other, same))
        await house.wait_for_lock()
    with pytest.raises(errors.Conflict) as refused:
        await second
    assert refused.value.code == "WRITE_ID_REUSED"
    again = await save(house, supplier, other, same)
    assert (again.outcomes[0].status, again.outcomes[0].problem.code) == ("refused", "write_id_reused")  # type: ignore[union-attr]
    assert await read(house, supplier, other) == {}


async def test_an_id_used_for_another_content_is_refused(house: House, supplier: Caller, draft: UUID) -> None:
    first = write("headcount", "12")
    await save(house, supplier, draft, first)
    other = write("headcount", "99", base=1, write_id=first.write_id)
    saved = await save(house, supplier, draft, other)
    assert saved.outcomes[0].status == "refused"
    assert saved.outcomes[0].problem is not None
    assert saved.outcomes[0].problem.code == "write_id_reused"
    twice = [write("remark", "a", write_id=(one := ids.new_id())), write("remark", "b", write_id=one)]
    assert sorted(status for status, _ in statuses(await save(house, supplier, draft, *twice))) == ["refused", "saved"]


async def test_a_conflict_gives_both_values_and_changes_nothing(house: House, supplier: Caller, draft: UUID) -> None:
    await save(house, supplier, draft, write("headcount", "12"))
    saved = await save(house, supplier, draft, write("headcount", "15"))
    outcome = saved.outcomes[0]
    assert (outcome.status, outcome.revision) == ("conflict", 1)
    assert outcome.current.content is not None
    assert outcome.yours is not None
    assert (outcome.current.content.value, outcome.yours.value) == ("12", "15")
    assert saved.change_number == 1
    assert await read(house, supplier, draft) == {("headcount", None): "12"}


@pytest.mark.parametrize("spelled", ["12", "12.0", "+12", "0012", "١٢", "१२", "１２", "۱۲.۰", "1２"])
async def test_an_equal_value_is_never_a_conflict(house: House, supplier: Caller, draft: UUID, spelled: str) -> None:
    await save(house, supplier, draft, write("headcount", "12"))
    assert statuses(await save(house, supplier, draft, write("headcount", spelled, base=0))) == [("unchanged", 1)]


async def test_writes_of_one_call_may_come_in_any_order(house: House, supplier: Caller, draft: UUID) -> None:
    first, second = write("headcount", "1"), write("headcount", "2", base=1)
    saved = await save(house, supplier, draft, second, first)
    assert statuses(saved) == [("saved", 2), ("saved", 1)]
    assert await read(house, supplier, draft) == {("headcount", None): "2"}


async def test_calls_may_come_in_any_order(house: House, supplier: Caller, draft: UUID) -> None:
    """What is ahead of what stands is not judged for ever; nothing of it is kept until those before it came."""
    first, second, third = (write("headcount", str(10 + base), base=base) for base in range(3))
    again = write("headcount", "10", base=3)  # what stands meanwhile, and yet not the same as unchanged
    for one in (third, again):
        assert statuses(await save(house, supplier, draft, one)) == [("ahead", None)]
    ahead = (await save(house, supplier, draft, third)).outcomes[0]
    assert (ahead.current.revision, ahead.yours and ahead.yours.value) == (0, "12")
    assert statuses(await save(house, supplier, draft, first)) == [("saved", 1)]
    assert statuses(await save(house, supplier, draft, again, third)) == [("ahead", None), ("ahead", None)]
    assert statuses(await save(house, supplier, draft, second)) == [("saved", 2)]
    assert statuses(await save(house, supplier, draft, again, third)) == [("saved", 4), ("saved", 3)]
    assert statuses(await save(house, supplier, draft, third, again)) == [("saved", 3), ("saved", 4)]
    assert await read(house, supplier, draft) == {("headcount", None): "10"}


async def test_of_equal_bases_the_first_sent_stands(house: House, supplier: Caller, draft: UUID) -> None:
    for base in range(6):
        sent = [replace(write("headcount", str(10 * base + n), base=base), write_id=uuid4()) for n in range(4)]
        saved = await save(house, supplier, draft, *sent)
        assert [one.status for one in saved.outcomes] == ["saved", "conflict", "conflict", "conflict"]
        assert await read(house, supplier, draft) == {("headcount", None): str(10 * base)}
    async with house.act(supplier) as (session, actor):
        _, history = await answer_history.list_history(
            session, actor, assessment_id=draft, question="headcount", row_id=None, limit=4
        )
    assert [one.write_id for one in history] == [one.write_id for one in reversed(sent)]


async def correct(house: House, supplier: Caller, assessment: UUID) -> revisions.Revision:
    async with house.act(supplier) as (session, actor):
        return await assessments.correct_assessment(session, actor, assessment_id=assessment)


def tell(outcomes: Sequence[Outcome]) -> list[tuple[UUID, str, int | None, Any, Any]]:
    """Each write with its status, the revision it met, what stands and what was sent."""
    return [
        (
            one.write_id, one.status, one.revision, one.current.content and one.current.content.value,
            one.yours and one.yours.value,
        )
        for one in outcomes
    ]  # fmt: skip


@pytest.mark.parametrize("comes_later", [False, True])
async def test_what_is_ahead_of_a_correction_is_a_conflict_for_ever(
    house: House, supplier: Caller, draft: UUID, comes_later: bool
) -> None:
    """Whoever sent it was told that it waits and may have forgotten it: a person decides, and nothing waits on."""
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    ahead, before = write("headcount", "14", base=2), write("headcount", "13", base=1)
    assert statuses(await save(house, supplier, draft, ahead)) == [("pending", None)]
    second = await correct(house, supplier, draft)
    assert tell(second.outcomes) == [(ahead.write_id, "conflict", 1, "12", "14")]
    if comes_later:
        assert statuses(await save(house, supplier, draft, before)) == [("saved", 2)]
    stands = "13" if comes_later else "12"
    told = [(ahead.write_id, "conflict", 1, stands, "14")]
    assert tell((await save(house, supplier, draft, ahead)).outcomes) == told
    await submit(house, supplier, second.assessment.id, saved.change_number + comes_later)
    assert tell((await save(house, supplier, draft, ahead)).outcomes) == told
    third = await correct(house, supplier, second.assessment.id)
    assert third.outcomes == ()
    assert tell((await save(house, supplier, draft, ahead)).outcomes) == told
    async with house.act(supplier) as (session, actor):
        _, history = await answer_history.list_history(
            session, actor, assessment_id=second.assessment.id, question="headcount", row_id=None, limit=5
        )
    assert [(one.outcome, one.value) for one in history] == [("saved", "13")] * comes_later + [("conflict", "14")]
    decided = write("headcount", "14", base=1 + comes_later)
    assert statuses(await save(house, supplier, draft, decided)) == [("saved", 2 + comes_later)]


async def test_what_is_ahead_of_a_correction_is_a_conflict_though_equal(
    house: House, supplier: Caller, draft: UUID
) -> None:
    """Called unchanged, it would be lost to the write before it that is still to come."""
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    back = write("headcount", "12", base=2)
    assert statuses(await save(house, supplier, draft, back)) == [("pending", None)]
    made = await correct(house, supplier, draft)
    assert tell(made.outcomes) == [(back.write_id, "conflict", 1, "12", "12")]


async def test_what_waited_in_any_order_of_calls_is_judged_by_its_base(
    house: House, supplier: Caller, draft: UUID
) -> None:
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    ahead, before = write("headcount", "14", base=2), write("headcount", "13", base=1)
    for one in (ahead, before):
        assert statuses(await save(house, supplier, draft, one)) == [("pending", None)]
    made = await correct(house, supplier, draft)
    assert [(one.write_id, one.status, one.revision) for one in made.outcomes] == [
        (ahead.write_id, "saved", 3),
        (before.write_id, "saved", 2),
    ]


async def test_the_history_is_in_the_order_sent_and_never_in_the_future(
    house: House, supplier: Caller, draft: UUID
) -> None:
    sent = [write("headcount", str(10 + base), base=base) for base in (2, 0, 1)]
    async with house.act(supplier) as (session, actor):
        await answers.save_answers(session, actor, assessment_id=draft, sent=sent)
        _, history = await answer_history.list_history(
            session, actor, assessment_id=draft, question="headcount", row_id=None, limit=5
        )
        now = await session.scalar(select(func.portal.clock()))
    assert [one.write_id for one in reversed(history)] == [one.write_id for one in sent]
    assert now == history[0].received_at


async def test_a_removed_row_takes_its_answers_along_and_brings_them_back(
    house: House, supplier: Caller, draft: UUID
) -> None:
    await save(
        house,
        supplier,
        draft,
        write("sites", True, row_id="a"),
        write("site_people", "5", row_id="a"),
        write("sites", True, row_id="b"),
    )
    removed = await save(house, supplier, draft, write("sites", row_id="a", base=1, deleted=True))
    assert statuses(removed) == [("saved", 2)]
    assert await read(house, supplier, draft) == {("sites", "b"): True}
    async with house.act(supplier) as (session, actor):
        changes = await list_changes(session, actor, assessment_id=draft, after=3, limit=10)
    assert [(one.question, one.row_id, one.content and one.content.deleted) for one in changes.answers] == [
        ("sites", "a", True)
    ]
    await save(house, supplier, draft, write("sites", True, row_id="a", base=2))
    assert await read(house, supplier, draft) == {
        ("sites", "a"): True,
        ("site_people", "a"): "5",
        ("sites", "b"): True,
    }


async def test_removing_an_answer_leaves_its_row(house: House, supplier: Caller, draft: UUID) -> None:
    await save(
        house, supplier, draft, write("sites", True, row_id="a"), write("site_people", "5", row_id="a"),
        write("site_dorm", True, row_id="a"),
    )  # fmt: skip
    await save(house, supplier, draft, write("site_people", row_id="a", base=1, deleted=True))
    assert await read(house, supplier, draft) == {("sites", "a"): True, ("site_dorm", "a"): True}


async def test_changes_come_in_pages(house: House, supplier: Caller, draft: UUID) -> None:
    await save(house, supplier, draft, write("headcount", "1"), write("remark", "x"), write("area", "2.50"))
    seen: list[str] = []
    after, more = 0, True
    while more:
        async with house.act(supplier) as (session, actor):
            page = await list_changes(session, actor, assessment_id=draft, after=after, limit=2)
        seen += [one.question for one in page.answers]
        after, more = page.answers[-1].changed_at_number, page.has_more
    assert sorted(seen) == ["area", "headcount", "remark"]
    assert after == page.change_number == 3


async def test_the_history_keeps_every_write(house: House, supplier: Caller, draft: UUID) -> None:
    for sent in (write("headcount", "1"), write("headcount", "x"), write("headcount", "9"), write("headcount", "2", 1)):
        await save(house, supplier, draft, sent)
    async with house.act(supplier) as (session, actor):
        _, history = await answer_history.list_history(
            session, actor, assessment_id=draft, question="headcount", row_id=None, limit=10
        )
    assert [(one.outcome, one.value) for one in reversed(history)] == [
        ("saved", "1"),
        ("refused", None),
        ("conflict", "9"),
        ("saved", "2"),
    ]
    assert {one.member_id for one in history} == {supplier.user}


BAD = [
    ({"question": "no_such", "value": "1"}, "unknown_question"),
    ({"question": "no\x00such", "value": "1"}, "unknown_question"),
    ({"question": "\ud800", "value": "1"}, "unknown_question"),
    ({"question": "x" * 100_000, "value": "1"}, "unknown_question"),
    ({"question": "site_people", "value": "1"}, "row_missing"),
    ({"question": "headcount", "value": "1", "row_id": "a"}, "row_not_expected"),
    ({"question": "site_people", "value": "1", "row_id": "a b"}, "row_malformed"),
    ({"question": "site_people", "value": "1", "row_id": "a\x00"}, "row_malformed"),
    ({"question": "sites", "row_id": "r" * 65, "value": True}, "row_malformed"),
    ({"question": "sites", "row_id": "a", "state": "unknown"}, "row_state"),
    ({"question": "sites", "row_id": "a", "value": "yes"}, "wrong_type"),
    ({"question": "sites", "value": ["a"]}, "wrong_type"),
    ({"question": "headcount", "value": "twelve"}, "wrong_type"),
    ({"question": "headcount", "value": True}, "wrong_type"),
    ({"question": "headcount", "value": "1.5"}, "not_whole"),
    ({"question": "headcount", "value": "NaN"}, "wrong_type"),
    ({"question": "headcount", "value": "十二"}, "wrong_type"),
    ({"question": "headcount", "value": "¹²"}, "wrong_type"),
    ({"question": "headcount", "value": "١٢٫٥"}, "wrong_type"),
    ({"question": "headcount", "value": "१२.५"}, "not_whole"),
    ({"question": "headcount", "value": "1" * 25}, "number_too_long"),
    ({"question": "headcount", "value": None}, "wrong_type"),
    ({"question": "headcount", "state": "unknown", "value": "1"}, "value_not_expected"),
    ({"question": "headcount", "state": "not_applicable"}, "not_applicable_not_allowed"),
    ({"question": "headcount", "state": "declined"}, "decline_not_allowed"),
    ({"question": "headcount", "state": "maybe"}, "unknown_state"),
    ({"question": "founded", "value": "2026-02-30"}, "wrong_type"),
    ({"question": "founded", "value": "20260101"}, "wrong_type"),
    ({"question": "fees_repaid", "value": "perhaps"}, "unknown_option"),
    ({"question": "fees_repaid", "value": "a\x00b"}, "unknown_option"),
    ({"question": "fees_repaid", "value": ["yes"]}, "wrong_type"),
    ({"question": "fees_repaid", "state": "not_applicable", "reason": "r" * 2_001}, "reason_too_long"),
    ({"question": "fees_repaid", "state": "not_applicable", "reason": "a\x00"}, "text_unreadable"),
    ({"question": "waste", "value": ["paper", "gold"]}, "unknown_option"),
    ({"question": "waste", "value": []}, "wrong_type"),
    ({"question": "exits_locked", "value": "no"}, "wrong_type"),
    ({"question": "remark", "value": "a\x00b"}, "text_unreadable"),
    ({"question": "remark", "value": "\ud83d"}, "text_unreadable"),
    ({"question": "remark", "value": "   "}, "wrong_type"),
    ({"question": "remark", "value": "x" * 10_001}, "text_too_long"),
    ({"question": "remark", "value": "x", "comment": "c" * 2_001}, "text_too_long"),
    ({"question": "remark", "value": "x", "comment": "\ud800"}, "text_unreadable"),
    ({"question": "area", "value": "3", "unit": "acre"}, "wrong_unit"),
    ({"question": "remark", "value": "x", "base_revision": -1}, "base_revision"),
    ({"question": "remark", "value": "x", "base_revision": 2**31}, "base_revision"),
    ({"question": "nothing", "deleted": True}, "unknown_question"),
    ({"question": "site_people", "deleted": True}, "row_missing"),
]


@pytest.mark.parametrize(("sent", "code"), BAD)
async def test_what_cannot_be_kept_is_refused_beside_what_can(
    house: House, supplier: Caller, draft: UUID, sent: dict[str, Any], code: str
) -> None:
    bad, good = write(**({"value": None} | sent)), write("trained", "50.5")
    for _ in range(2):  # the second time it is a replay
        saved = await save(house, supplier, draft, bad, good)
        assert [outcome.status for outcome in saved.outcomes] == ["refused", "saved"]
        problem = saved.outcomes[0].problem
        assert problem is not None
        assert problem.code == code
        assert writes.write_message(problem)
    assert await read(house, supplier, draft) == {("trained", None): "50.5"}


@pytest.mark.parametrize("locale", messages.list_locales())
def test_another_kind_of_value_is_told_in_the_words_of_a_language(locale: str) -> None:
    definition = sample.make_definition()
    places = [(key, None if key not in definition.parents else "a") for key in definition.questions]
    for question, row in [*places, ("sites", "a")]:
        kind = "date" if definition.questions[question].type != "date" else "number"
        problem = read_write(definition, write(question, "x", row_id=row, kind=kind))
        assert isinstance(problem, Problem) and problem.code == "wrong_type"
        expected = problem.parameters["expected"]
        phrase = expected if locale == "en" else messages.read_phrases(locale)[expected]
        assert phrase in writes.write_message(problem, locale)


@pytest.mark.parametrize(("count", "code"), [(0, "EMPTY"), (201, "TOO_MANY")])
async def test_a_call_takes_1_to_200_writes(house: House, supplier: Caller, draft: UUID, count: int, code: str) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        await save(house, supplier, draft, *[write("remark", str(place)) for place in range(count)])
    assert caught.value.code == code


async def test_statements_do_not_grow_with_the_answers(house: House, supplier: Caller, draft: UUID) -> None:
    await save(house, supplier, draft, write("headcount", "1"))
    counts = []
    for size in (1, 200):
        sent = [write("site_people", str(place), row_id=f"r{size}-{place}") for place in range(size)]
        with house.count_statements() as statements:
            saved = await save(house, supplier, draft, *sent)
        assert {outcome.status for outcome in saved.outcomes} == {"saved"}
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6


async def test_a_write_after_submission_waits_and_is_taken_into_the_correction(
    house: House, supplier: Caller, draft: UUID
) -> None:
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    late = write("headcount", "20", base=1)
    for _ in range(2):
        waiting = await save(house, supplier, draft, late, write("trained", "95"), write("nothing", "1"))
        assert [outcome.status for outcome in waiting.outcomes] == ["pending", "unchanged", "refused"]
    assert (await read(house, supplier, draft))["headcount", None] == "12"
    async with house.act(supplier) as (session, actor):
        correction = await assessments.correct_assessment(session, actor, assessment_id=draft)
    assert correction.applied == 1
    new = correction.assessment
    assert (new.revision, new.corrects, new.state) == (2, draft, "draft")
    assert (await read(house, supplier, new.id))["headcount", None] == "20"
    assert (await read(house, supplier, draft))["headcount", None] == "12"


async def test_a_write_that_waits_for_a_correction_is_judged_in_it(house: House, supplier: Caller, draft: UUID) -> None:
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    async with house.act(supplier) as (session, actor):
        made = await assessments.correct_assessment(session, actor, assessment_id=draft)
        second = asyncio.create_task(save(house, supplier, draft, write("headcount", "20", base=1)))
        await house.wait_for_lock()
    late = await second
    assert (late.assessment_id, statuses(late)) == (made.assessment.id, [("saved", 2)])


async def test_a_write_that_meets_a_discarded_upgrade_goes_to_the_draft_before_it(
    house: House, supplier: Caller, draft: UUID
) -> None:
    chain = [draft]
    for version in ("1.1.0", "1.2.0"):
        numbered = ("version: 1.0.0", f"version: {version}")
        texts = [text.replace(*numbered) for text in (sample.QUESTIONNAIRE, sample.PROFILE)]
        made = Packaged(sample.make_definition(texts[0]), (sample.make_profile(texts[1]),))
        await publishing.publish_with_login(house.made.owner_url, [made])
        async with house.act(supplier) as (session, actor):
            done = await upgrading.upgrade_assessment(session, actor, assessment_id=chain[-1], version=version)
        chain.append(done.assessment.id)
    async with house.act(supplier) as (session, actor):
        await discarding.discard_assessment(session, actor, assessment_id=chain[2], expected_change_number=0)
        second = asyncio.create_task(save(house, supplier, chain[0], write("headcount", "20")))
        await house.wait_for_lock()
    late = await second
    assert (late.assessment_id, statuses(late)) == (chain[1], [("saved", 1)])


async def test_more_waits_than_one_call_takes(house: House, supplier: Caller, draft: UUID) -> None:
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    rows = [write("site_people", str(place), row_id=f"r{place}") for place in range(250)]
    for part in (rows[:200], rows[200:]):
        await save(house, supplier, draft, *part)
    async with house.act(supplier) as (session, actor):
        made = await assessments.correct_assessment(session, actor, assessment_id=draft)
    assert {one.write_id for one in made.outcomes} == {one.write_id for one in rows}
    assert (made.applied, made.assessment.change_number) == (250, saved.change_number + 250)


async def test_the_history_of_what_waited_is_in_the_order_judged(house: House, supplier: Caller, draft: UUID) -> None:
    """Also where it takes more than one turn: the last of one turn comes before the first of the next."""
    saved = await save(house, supplier, draft, *[write(key, value) for key, value in FULL.items()])
    await submit(house, supplier, draft, saved.change_number)
    waiting = [write("headcount", str(1_000 + base), base=base) for base in range(1, 251)]
    for part in (waiting[:200], waiting[200:]):
        await save(house, supplier, draft, *part)
    made = await correct(house, supplier, draft)
    assert made.applied == 250
    async with house.act(supplier) as (session, actor):
        _, history = await answer_history.list_history(
            session, actor, assessment_id=made.assessment.id, question="headcount", row_id=None, limit=250
        )
    assert [one.revision for one in history] == list(range(251, 1, -1))


async def test_nobody_else_can_save_or_read(house: House, supplier: Caller, draft: UUID) -> None:
    await save(house, supplier, draft, write("headcount", "12"))
    other, viewer = await house.sign_up("supplier"), await house.sign_up("supplier", member="viewer")
    with pytest.raises(errors.NotFound):
        await save(house, other, draft, write("headcount", "13", base=1))
    with pytest.raises(errors.NotFound):
        await read(house, other, draft)
    with pytest.raises(errors.NotAllowed):
        await save(house, viewer, draft, write("headcount", "13", base=1))
    own = await start(house, other)
    mine = write("headcount", "99")
    assert statuses(await save(house, other, own, mine)) == [("saved", 1)]
    # The same id in another organization is another write.
    assert statuses(await save(house, supplier, draft, Write(**(vars(mine) | {"base_revision": 1})))) == [("saved", 2)]


async def test_a_refused_write_is_answered_with_what_stands(house: House, supplier: Caller, draft: UUID) -> None:
    await save(house, supplier, draft, write("headcount", "12"))
    refused = (await save(house, supplier, draft, write("headcount", "many", base=1))).outcomes[0]
    assert (refused.status, refused.revision, refused.current.revision) == ("refused", None, 1)
    assert refused.current.content is not None
    assert refused.current.content.value == "12"
