"""What a device fetches of an assessment misses nothing, in whatever order transactions overlap; over HTTP."""

import asyncio
import contextlib
from typing import Any

import pytest

from portal import access
from portal.assessments import answers
from portal.assessments.writes import Write
from portal.database import ids
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal
from tests.statements import record_statements

CHANGED = (
    "query ($id: ID!, $after: Int!, $first: Int) { assessment(id: $id) { changeNumber"
    " answers(changedAfter: $after, first: $first) { changeNumber hasMore answers { question changeNumber"
    " content { deleted value { number } } } } } }"
)


async def read_changed(house: Portal, caller: Caller, assessment: str, after: int, first: int = 100) -> Any:
    answer = await house.ask(CHANGED, caller.token, id=assessment, after=after, first=first)
    return answer["data"]["assessment"]["answers"]


@pytest.mark.parametrize("commits", [True, False])
async def test_a_change_that_comes_late_is_never_skipped(house: Portal, commits: bool) -> None:
    """The number is handed out under the lock of the assessment: the later one cannot be seen before the earlier one.

    One transaction has its number and is not over, a second one comes; whoever reads meanwhile sees neither.
    """
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    database = house.app.state.services.database
    wanted = documents.decode(assessment)
    with contextlib.suppress(InterruptedError):
        async with database.transaction(access.Credential("session", supplier.token)) as (session, actor):
            early = Write(write_id=ids.new_id(), question="headcount", base_revision=0, value="12")
            saved = await answers.save_answers(session, actor, assessment_id=wanted, sent=[early])
            assert saved.change_number == 1
            late = asyncio.create_task(
                do(house, documents.SAVE, supplier, assessmentId=assessment, answers=[write("trained", number="95")])
            )
            await documents.wait_for_lock(house)
            seen = await read_changed(house, supplier, assessment, 0)
            assert (seen["changeNumber"], seen["answers"]) == (0, [])
            assert not late.done()
            if not commits:
                raise InterruptedError
    assert (await late)["changeNumber"] == (2 if commits else 1)
    found = await read_changed(house, supplier, assessment, 0)
    expected = [("headcount", 1), ("trained", 2)] if commits else [("trained", 1)]
    assert [(one["question"], one["changeNumber"]) for one in found["answers"]] == expected


async def test_pages_tell_each_change_once_and_removed_answers_too(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=[write("trained", 1, deleted=True)])
    after, told = 0, []
    while True:
        page = await read_changed(house, supplier, assessment, after, 1)
        told += [(one["question"], one["content"]["deleted"]) for one in page["answers"]]
        after = page["answers"][-1]["changeNumber"]
        if not page["hasMore"]:
            break
    assert told == [("headcount", False), ("fees_repaid", False), ("exits_locked", False), ("trained", True)]
    assert (after, (await read_changed(house, supplier, assessment, after))["answers"]) == (5, [])


async def test_statements_do_not_grow_with_the_questions(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    counts = []
    for year, sent in (("2023", write_all()), ("2024", write_all()[:1]), ("2025", write_all())):  # one to warm up
        given = {"periodStart": f"{year}-01-01", "periodEnd": f"{year}-12-31"}
        assessment = await start(house, supplier, **given)
        with record_statements(house.app.state.services.database.engine.sync_engine) as statements:
            await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=sent)
            await read_changed(house, supplier, assessment, 0)
        counts.append(len(statements))
    assert counts[1] == counts[2]
