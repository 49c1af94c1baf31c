"""What is open while answers go on: conflicts of a queue that counted its own revisions, and what waits."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from portal.assessments import (
    answers,
    assessments,
    changes,
    commenting,
    conflicts,
    discarding,
    discards,
    preview,
    publishing,
    submissions,
    upgrading,
    waiting,
)
from portal.assessments.answers import AnswersSaved
from portal.assessments.writes import Write
from portal.database import ids
from tests.graphql_schema.assessments import successors
from tests.portal.assessments.changes import list_changes
from tests.portal.assessments.house import END, FULL, START, Caller, House, write


@pytest.fixture
async def supplier(house: House) -> Caller:
    return await house.sign_up("supplier")


@pytest.fixture
async def draft(house: House, supplier: Caller) -> UUID:
    async with house.act(supplier) as (session, actor):
        made = await assessments.start_assessment(
            session, actor, questionnaire="sample", tier="basic", period_start=START, period_end=END
        )
        return made.id


async def save(house: House, caller: Caller, assessment: UUID, *sent: Write) -> list[str]:
    return [one.status for one in (await send(house, caller, assessment, *sent)).outcomes]


async def send(house: House, caller: Caller, assessment: UUID, *sent: Write) -> AnswersSaved:
    async with house.act(caller) as (session, actor):
        return await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)


async def submit(house: House, supplier: Caller, assessment: UUID) -> None:
    saved = await send(house, supplier, assessment, *[write(key, value) for key, value in FULL.items()])
    async with house.act(supplier) as (session, actor):
        await submissions.submit_assessment(
            session, actor, assessment_id=assessment, expected_change_number=saved.change_number
        )


async def correct(house: House, supplier: Caller, assessment: UUID) -> UUID:
    async with house.act(supplier) as (session, actor):
        return (await assessments.correct_assessment(session, actor, assessment_id=assessment)).assessment.id


async def list_open(house: House, caller: Caller, assessment: UUID) -> list[tuple[Any, Any]]:
    """What is in conflict: what was written, and what stands."""
    async with house.act(caller) as (session, actor):
        _, found = await conflicts.list_conflicts(session, actor, assessment_id=assessment, limit=10)
    return [(one.written.value, one.standing.content and one.standing.content.value) for one in found]


async def read(house: House, caller: Caller, assessment: UUID) -> dict[str, Any]:
    async with house.act(caller) as (session, actor):
        found = await list_changes(session, actor, assessment_id=assessment, after=0, limit=None)
    return {one.question: one.content.value for one in found.answers if one.content is not None}


async def test_a_queue_never_writes_over_what_it_has_not_seen(house: House, supplier: Caller, draft: UUID) -> None:
    """The revision that its second write rests on was to be made by its first one, and is a colleague's."""
    colleague = await house.join(supplier, "editor")
    assert await save(house, colleague, draft, write("headcount", "100")) == ["saved"]
    queue = [write("headcount", str(5 + base), base=base) for base in range(3)]
    for sent in (reversed(queue), queue):  # a reply that got lost
        assert set(await save(house, supplier, draft, *sent)) == {"conflict"}
    assert await list_open(house, supplier, draft) == [("7", "100"), ("6", "100"), ("5", "100")]
    # Whoever looks at what stands decides, by a choice or by another answer.
    assert await save(house, supplier, draft, write("headcount", "8", base=1)) == ["saved"]
    assert await list_open(house, supplier, draft) == []


async def test_a_device_goes_on_with_its_queue_in_other_calls(house: House, supplier: Caller, draft: UUID) -> None:
    colleague = await house.join(supplier, "editor")
    await save(house, colleague, draft, write("headcount", "100"), write("trained", "50"))
    first, second = (write("headcount", str(5 + base), base=base, device="Phone") for base in range(2))
    assert await save(house, supplier, draft, first) == ["conflict"]
    assert await save(house, supplier, draft, second) == ["conflict"]
    assert await read(house, supplier, draft) == {"headcount": "100", "trained": "50"}
    async with house.act(supplier) as (session, actor):
        done = await conflicts.decide_conflict(
            session,
            actor,
            assessment_id=draft,
            conflict_id=second.write_id,
            winner="written",
            write_id=ids.new_id(),
            base_revision=1,
        )
    assert [one.status for one in done.outcomes] == ["saved"]
    assert await list_open(house, supplier, draft) == []
    assert await save(house, supplier, draft, write("headcount", "7", base=2, device="Phone")) == ["saved"]
    # What was refused makes no revision for the next one either.
    queue = [write("trained", "many"), write("trained", "60", base=1)]
    assert await save(house, supplier, draft, *queue) == ["refused", "conflict"]


async def test_what_waited_of_one_queue_is_judged_as_one(house: House, supplier: Caller, draft: UUID) -> None:
    colleague = await house.join(supplier, "editor")
    await submit(house, supplier, draft)
    queue = [write("headcount", "77"), write("headcount", "78", base=1)]
    assert await save(house, supplier, draft, *queue) == ["pending", "pending"]
    assert await save(house, colleague, draft, write("headcount", "79", base=1)) == ["pending"]
    new = await correct(house, supplier, draft)
    assert (await read(house, supplier, new))["headcount"] == "79"
    assert await list_open(house, supplier, new) == [("77", "79"), ("78", "79")]


async def test_who_goes_back_to_what_was_submitted_is_heard(house: House, supplier: Caller, draft: UUID) -> None:
    await submit(house, supplier, draft)
    assert await save(house, supplier, draft, write("headcount", "12", base=1)) == ["unchanged"]
    late = write("headcount", "77", base=1)
    back = [write("headcount", "12", base=1), write("trained", "95", base=1)]
    assert await save(house, supplier, draft, late) == ["pending"]
    assert await save(house, supplier, draft, *back) == ["pending", "unchanged"]
    async with house.act(supplier) as (session, actor):
        await waiting.dismiss(session, actor, assessment_id=draft, write_ids=[late.write_id])
    new = await correct(house, supplier, draft)
    assert (await read(house, supplier, new))["headcount"] == "12"
    assert await list_open(house, supplier, new) == []


async def test_both_values_are_there_where_neither_was_dismissed(house: House, supplier: Caller, draft: UUID) -> None:
    await submit(house, supplier, draft)
    await save(house, supplier, draft, write("headcount", "77", base=1))
    assert await save(house, supplier, draft, write("headcount", "12", base=1)) == ["pending"]
    new = await correct(house, supplier, draft)
    assert await list_open(house, supplier, new) == [("12", "77")]


@pytest.mark.parametrize("winner", ["standing", "written"])
async def test_a_conflict_stays_open_behind_a_submission(
    house: House, supplier: Caller, draft: UUID, winner: conflicts.Winner
) -> None:
    colleague = await house.join(supplier, "editor")
    await save(house, supplier, draft, write("headcount", "11"))
    late = write("headcount", "99")
    assert await save(house, colleague, draft, late) == ["conflict"]
    async with house.act(supplier) as (session, actor):
        assert (await preview.preview_score(session, actor, assessment_id=draft)).open_conflicts == 1
    await save(house, supplier, draft, write("headcount", "12", base=1))
    await submit(house, supplier, draft)
    new = await correct(house, supplier, draft)
    assert await save(house, supplier, new, write("headcount", "13", base=2)) == ["saved"]
    for one in (draft, new):
        assert await list_open(house, supplier, one) == [("99", "13")]
    async with house.act(supplier) as (session, actor):
        done = await conflicts.decide_conflict(
            session,
            actor,
            assessment_id=new,
            conflict_id=late.write_id,
            winner=winner,
            write_id=ids.new_id(),
            base_revision=3,
        )
    assert (done.assessment_id, [one.status for one in done.outcomes]) == (
        new,
        ["saved" if winner == "written" else "unchanged"],
    )
    assert (await read(house, supplier, new))["headcount"] == ("99" if winner == "written" else "13")
    for one in (draft, new):
        assert await list_open(house, supplier, one) == []


async def test_a_choice_that_waits_closes_its_conflict_once_it_is_taken(
    house: House, supplier: Caller, draft: UUID
) -> None:
    colleague = await house.join(supplier, "editor")
    await save(house, supplier, draft, write("headcount", "12"))
    late = write("headcount", "99")
    await save(house, colleague, draft, late)
    await submit(house, supplier, draft)
    async with house.act(supplier) as (session, actor):
        done = await conflicts.decide_conflict(
            session,
            actor,
            assessment_id=draft,
            conflict_id=late.write_id,
            winner="written",
            write_id=ids.new_id(),
            base_revision=1,
        )
    assert [one.status for one in done.outcomes] == ["pending"]
    new = await correct(house, supplier, draft)
    assert await list_open(house, supplier, new) == []
    assert (await read(house, supplier, new))["headcount"] == "99"


async def test_what_is_said_of_what_was_submitted_is_said_where_people_look(
    house: House, supplier: Caller, draft: UUID
) -> None:
    async def say(assessment: UUID, body: str, thread: UUID | None = None, key: UUID | None = None) -> UUID:
        async with house.act(supplier) as (session, actor):
            made = await commenting.add_comment(
                session,
                actor,
                assessment_id=assessment,
                comment_id=key or ids.new_id(),
                body=body,
                question=None if thread else "headcount",
                thread_id=thread,
            )
            return made.id

    async def settle(assessment: UUID, thread: UUID) -> None:
        async with house.act(supplier) as (session, actor):
            await commenting.resolve_thread(session, actor, assessment_id=assessment, thread_id=thread, resolved=True)

    async def read_threads(assessment: UUID) -> list[list[str | None]]:
        async with house.act(supplier) as (session, actor):
            found = await commenting.list_comments(session, actor, assessment_id=assessment)
        threads: dict[UUID, list[str | None]] = {}
        for one in found:
            threads.setdefault(one.thread_id, []).append(one.body)
        return list(threads.values())

    first, settled = await say(draft, "Who counts?"), await say(draft, "Settled?")
    await settle(draft, settled)
    await submit(house, supplier, draft)
    new = await correct(house, supplier, draft)
    key = ids.new_id()
    for _ in range(2):  # a reply that got lost
        await say(draft, "Look here", key=key)
    await say(draft, "The office", first)
    await say(draft, "Not quite", settled)
    assert await read_threads(draft) == [["Who counts?"], ["Settled?"]]
    assert await read_threads(new) == [["Who counts?", "The office"], ["Look here"], ["Not quite"]]
    await settle(draft, first)
    async with house.act(supplier) as (session, actor):
        found = await commenting.list_comments(session, actor, assessment_id=new, is_open=True)
    assert [one.body for one in found] == ["Look here", "Not quite"]
    async with house.act(supplier) as (session, actor):
        await commenting.remove_comment(session, actor, assessment_id=draft, comment_id=key)
    assert await read_threads(new) == [["Who counts?", "The office"], [None], ["Not quite"]]


async def test_what_is_left_open_is_in_the_feed_and_tells_followers(
    house: House, supplier: Caller, draft: UUID
) -> None:
    """Colleagues who follow an assessment hear of a conflict, of what waits, of a choice, and of what was dismissed."""
    colleague = await house.join(supplier, "editor")
    await submit(house, supplier, draft)
    second = await correct(house, supplier, draft)
    late, waits = write("headcount", "99"), write("trained", "50", base=1)

    async def dismiss() -> None:
        async with house.act(supplier) as (session, actor):
            await waiting.dismiss(session, actor, assessment_id=second, write_ids=[waits.write_id])

    async def decide() -> None:
        async with house.act(supplier) as (session, actor):
            await conflicts.decide_conflict(
                session,
                actor,
                assessment_id=second,
                conflict_id=late.write_id,
                winner="standing",
                write_id=ids.new_id(),
                base_revision=1,
            )

    async def submit_second() -> None:
        async with house.act(supplier) as (session, actor):
            await submissions.submit_assessment(session, actor, assessment_id=second, expected_change_number=4)

    for act, is_told in (
        (lambda: save(house, colleague, second, late), True),
        (lambda: save(house, colleague, second, late), False),  # a replay
        (decide, True),
        (submit_second, True),
        (lambda: save(house, colleague, second, waits), True),
        (dismiss, True),
        (dismiss, False),
    ):
        async with house.act(supplier) as (session, actor):
            cursor = (await changes.list_changes(session, actor, side="supplier", after=None, limit=100)).cursor
        before = await house.fetch("SELECT count(*) FROM portal.outbox WHERE topic = 'assessment.changed'")
        await act()
        after = await house.fetch("SELECT count(*) FROM portal.outbox WHERE topic = 'assessment.changed'")
        async with house.act(supplier) as (session, actor):
            page = await changes.list_changes(session, actor, side="supplier", after=cursor, limit=100)
        noted = {one.object_id for one in page.changes if one.kind == "assessment"}
        assert (noted, after[0][0] - before[0][0]) == (({second}, 1) if is_told else (set(), 0))


async def test_a_conflict_and_a_comment_come_through_an_upgrade_that_renames(
    house: House, supplier: Caller, draft: UUID
) -> None:
    """What the later version asks under another key is decided there; what it means otherwise has no choice left."""
    colleague = await house.join(supplier, "editor")
    await save(house, supplier, draft, write("headcount", "12"), write("trained", "50"))
    late = write("headcount", "99")
    assert await save(house, colleague, draft, late, write("trained", "60")) == ["conflict", "conflict"]
    await publishing.publish_with_login(house.made.owner_url, [successors.make_successor()])
    async with house.act(supplier) as (session, actor):
        new = (await upgrading.upgrade_assessment(session, actor, assessment_id=draft, version="2.0.0")).assessment.id
        made = await commenting.add_comment(
            session, actor, assessment_id=draft, comment_id=ids.new_id(), body="How many?", question="headcount"
        )
    assert (made.assessment_id, made.question) == (new, "people")
    for one in (draft, new):
        assert await list_open(house, supplier, one) == [("99", "12")]
    async with house.act(supplier) as (session, actor):
        _, ((found),) = await conflicts.list_conflicts(session, actor, assessment_id=new, limit=10)
        assert found.row.question == "people"
        done = await conflicts.decide_conflict(
            session,
            actor,
            assessment_id=new,
            conflict_id=late.write_id,
            winner="written",
            write_id=ids.new_id(),
            base_revision=found.standing.revision,
        )
    assert [one.status for one in done.outcomes] == ["saved"]
    assert (await read(house, supplier, new))["people"] == "99"
    assert await list_open(house, supplier, new) == []


async def test_a_write_that_meets_a_discard_hears_of_it(house: House, supplier: Caller, draft: UUID) -> None:
    async with house.act(supplier) as (session, actor):
        await discarding.discard_assessment(session, actor, assessment_id=draft, expected_change_number=0)
        late = asyncio.create_task(save(house, supplier, draft, write("headcount", "20")))
        await house.wait_for_lock()
    with pytest.raises(discards.Discarded) as refused:
        await late
    assert (refused.value.discard.discarded_by, refused.value.discard.newest_id) == (supplier.user, None)


async def test_a_write_that_meets_the_discard_of_a_correction_waits(
    house: House, supplier: Caller, draft: UUID
) -> None:
    await submit(house, supplier, draft)
    made = await correct(house, supplier, draft)
    async with house.act(supplier) as (session, actor):
        row = await assessments.get_assessment(session, actor, made)
        await discarding.discard_assessment(
            session, actor, assessment_id=made, expected_change_number=row.change_number
        )
        late = asyncio.create_task(save(house, supplier, draft, write("headcount", "20", base=1)))
        await house.wait_for_lock()
    assert await late == ["pending"]
