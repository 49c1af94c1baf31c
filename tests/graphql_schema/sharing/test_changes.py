"""The change feed misses nothing, in whatever order transactions overlap, and tells what ended in whatever way."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.assessments import answers, assessments, changes, discarding, submissions
from tests.graphql_schema.portals import codes
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage
from tests.portal.assessments.house import END, START, Caller, write
from tests.statements import record_statements

PAGE = "hasMore endCursor changes { kind type id }"
OWN = f"query ($after: String, $first: Int! = 100) {{ changes(after: $after, first: $first) {{ {PAGE} }} }}"
BUYERS = OWN.replace(" changes(", " supplierChanges(")
ARCHIVE = (
    "mutation ($input: ArchiveSupplierInput!) { archiveSupplier(input: $input) { __typename"
    " ... on Problem { code message } } }"
)


class Follower:
    """Somebody who polls: `objects` are those that the feed says are there."""

    def __init__(self, stage: Stage, caller: Caller, query: str = OWN) -> None:
        self.stage, self.caller, self.query = stage, caller, query
        self.cursor: str | None = None
        self.objects: set[tuple[str, str]] = set()
        self.told: list[tuple[str, str, str]] = []

    async def poll(self, first: int = 100) -> list[tuple[str, str, str]]:
        """What is new, page by page."""
        told = []
        while True:
            data = await self.stage.ask(self.caller, self.query, after=self.cursor, first=first)
            (page,) = data.values()
            assert len(page["changes"]) <= first
            self.cursor = page["endCursor"]
            told += [(one["kind"], one["type"], one["id"]) for one in page["changes"]]
            if not page["hasMore"]:
                break
        for kind, type_, id_ in told:
            (self.objects.add if type_ == "UPSERTED" else self.objects.discard)((kind, id_))
        self.told += told
        return told

    async def hear(self, *expected: tuple[str, str, str]) -> list[tuple[str, str, str]]:
        """What is told until all of this is: any transaction on the server may hold entries back for a moment."""
        told: list[tuple[str, str, str]] = []
        async with asyncio.timeout(20):
            while not set(expected) <= set(told):
                told += await self.poll()
                await asyncio.sleep(0.02)
        return told


async def follow(stage: Stage, caller: Caller, query: str = OWN) -> Follower:
    """Somebody who has asked for a cursor."""
    follower = Follower(stage, caller, query)
    assert await follower.poll() == []
    return follower


async def start(stage: Stage, caller: Caller, year: int = 2026) -> Any:
    async with stage.house.act(caller) as (session, actor):
        made = await assessments.start_assessment(
            session,
            actor,
            questionnaire="sample",
            tier="basic",
            period_start=START.replace(year=year),
            period_end=END.replace(year=year),
        )
    return made.id


async def save(stage: Stage, caller: Caller, assessment: Any, base: int = 0) -> None:
    async with stage.house.act(caller) as (session, actor):
        sent = [write("headcount", str(base + 2), base=base)]
        await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)


@pytest.mark.parametrize("commits", [True, False])
async def test_an_early_transaction_that_is_over_late_is_not_skipped(unwatched: Stage, commits: bool) -> None:
    stage, weaver = unwatched, unwatched.weaver
    early, late = await start(stage, weaver, 2025), await start(stage, weaver, 2026)
    names = [stage.name("asmt", weaver, one) for one in (early, late)]
    follower = await follow(stage, weaver)
    with pytest.raises(InterruptedError):
        async with stage.house.act(weaver) as (session, actor):
            await answers.save_answers(session, actor, assessment_id=early, sent=[write("headcount", "12")])
            await save(stage, weaver, late)
            # What is over waits for what began before it, so that a cursor never stands behind what is still to come.
            assert await follower.poll() == []
            if commits:
                await session.commit()
            raise InterruptedError
    expected = [("ASSESSMENT", "UPSERTED", one) for one in (names if commits else names[1:])]
    assert await follower.hear(*expected) == expected
    assert await follower.poll() == []


async def test_many_overlapping_transactions_are_told_once_each(unwatched: Stage) -> None:
    """Eight writers at once, each with assessments of its own, and a reader that never stops."""
    stage, weaver = unwatched, unwatched.weaver
    drafts = [await start(stage, weaver, year) for year in range(2017, 2025)]
    follower = await follow(stage, weaver)
    told: list[tuple[str, str, str]] = []

    async def work(place: int) -> None:
        for base in range(6):
            async with stage.house.act(weaver) as (session, actor):
                sent = [write("headcount", str(base + 2), base=base)]
                await answers.save_answers(session, actor, assessment_id=drafts[place], sent=sent)
                await asyncio.sleep(((place * 7 + base * 3) % 5) / 200)

    writing = asyncio.gather(*(work(place) for place in range(8)))
    while not writing.done():
        told += await follower.poll(1)
    await writing
    # One more of each, so that the end is known; each of the changes is an entry of its own, and none is told twice.
    for one in drafts:
        await save(stage, weaver, one, 6)
    names = [stage.name("asmt", weaver, one) for one in drafts]
    async with asyncio.timeout(20):
        while [id_ for _, _, id_ in told].count(names[-1]) < 7:
            told += await follower.poll(1)
    assert {name: [id_ for _, _, id_ in told].count(name) for name in names} == dict.fromkeys(names, 7)


async def test_a_supplier_hears_of_all_that_it_has(stage: Stage) -> None:
    weaver, maker = stage.weaver, stage.maker
    follower = await follow(stage, weaver)
    stranger, buyer = await follow(stage, stage.dyer), await follow(stage, stage.trader, BUYERS)
    _, received = await stage.request(maker, weaver, accept=False)
    assert await follower.hear(("RECEIVED_REQUEST", "UPSERTED", received)) == [
        ("RECEIVED_REQUEST", "UPSERTED", received)
    ]
    draft = await stage.draft(weaver)
    assessment = stage.name("asmt", weaver, draft[0])
    assert await follower.hear(("ASSESSMENT", "UPSERTED", assessment)) == [("ASSESSMENT", "UPSERTED", assessment)]
    evidence, _ = await stage.announce(weaver)
    assert await follower.hear(("EVIDENCE", "UPSERTED", evidence)) == [("EVIDENCE", "UPSERTED", evidence)]
    counting = "SELECT count(*) FROM portal.change WHERE kind = 'evidence'"
    before = await stage.house.fetch(counting)
    # As a piece of an upload does, or a scanner that was away: nobody is shown that.
    await stage.house.fetch("UPDATE portal.evidence SET upload_expires_at = now(), scan_due_at = now()")
    assert await stage.house.fetch(counting) == before
    submitted = await stage.submit(weaver, draft)
    await follower.hear(("ASSESSMENT", "UPSERTED", assessment), ("SUBMISSION", "UPSERTED", submitted.node))
    share = await stage.share(weaver, maker, submitted)
    await follower.hear(("SHARE", "UPSERTED", share))
    other = await start(stage, weaver, 2025)
    gone = stage.name("asmt", weaver, other)
    await follower.hear(("ASSESSMENT", "UPSERTED", gone))
    async with stage.house.act(weaver) as (session, actor):
        await discarding.discard_assessment(session, actor, assessment_id=other, expected_change_number=0)
    assert await follower.hear(("ASSESSMENT", "REMOVED", gone)) == [("ASSESSMENT", "REMOVED", gone)]
    assert follower.objects == {
        ("RECEIVED_REQUEST", received),
        ("ASSESSMENT", assessment),
        ("EVIDENCE", evidence),
        ("SUBMISSION", submitted.node),
        ("SHARE", share),
    }
    assert await stranger.poll() == []
    assert await buyer.poll() == []


async def test_a_buyer_hears_of_what_is_opened_and_of_every_way_that_it_ends(stage: Stage) -> None:
    weaver, maker = stage.weaver, stage.maker
    follower = await follow(stage, maker, BUYERS)
    other = await follow(stage, stage.trader, BUYERS)
    request, _ = await stage.request(maker, weaver)
    await follower.hear(("REQUEST", "UPSERTED", stage.name("rqst", maker, request)))
    submitted = await stage.submit(weaver)
    result = stage.name("shrd", weaver, submitted.id)
    until = datetime.now(UTC) + timedelta(days=1)
    share = await stage.share(weaver, maker, submitted, until=until.isoformat())
    await follower.hear(("SHARED_RESULT", "UPSERTED", result))
    await stage.wait_for_jobs()
    await follower.hear(("SUPPLIER", "UPSERTED", stage.name_record(maker, weaver)))
    assert {one for one in follower.objects if one[0] == "SHARED_RESULT"} == {("SHARED_RESULT", result)}
    assert ("SUPPLIER", stage.name_record(maker, weaver)) in follower.objects
    # Its end needs no write: the sweep of the worker tells it.
    await stage.house.set_clock(until + timedelta(seconds=1))
    await follower.hear(("SHARED_RESULT", "REMOVED", result))
    assert share
    again = await stage.share(weaver, maker, submitted, mode="FOLLOWING")
    await follower.hear(("SHARED_RESULT", "UPSERTED", result))
    await stage.change(weaver, documents.REVOKE, shareId=again)
    await follower.hear(("SHARED_RESULT", "REMOVED", result))
    last = await stage.share(weaver, maker, submitted, mode="FOLLOWING")
    assert last
    await follower.hear(("SHARED_RESULT", "UPSERTED", result))
    async with stage.house.act(weaver) as (session, actor):
        await submissions.withdraw_submission(session, actor, submission_id=submitted.id)
    await follower.hear(("SHARED_RESULT", "REMOVED", result))
    await stage.change(maker, ARCHIVE, supplierId=stage.name_record(maker, weaver))
    await follower.hear(("SUPPLIER", "REMOVED", stage.name_record(maker, weaver)))
    # What is none of another buyer's is not told to it, not even by an id.
    await other.poll()
    assert {kind for kind, _, _ in other.told} <= {"SUPPLIER"}


async def test_a_share_that_keeps_to_one_submission_tells_of_no_other(stage: Stage) -> None:
    weaver, maker = stage.weaver, stage.maker
    first = await stage.submit(weaver)
    follower = await follow(stage, maker, BUYERS)
    await stage.share(weaver, maker, first)
    async with stage.house.act(weaver) as (session, actor):
        made = await assessments.correct_assessment(session, actor, assessment_id=first.assessment)
        number = made.assessment.change_number
    await stage.submit(weaver, (made.assessment.id, number))
    await stage.wait_for_jobs()
    await stage.change(maker, ARCHIVE, supplierId=stage.name_record(maker, weaver))
    await follower.hear(("SUPPLIER", "REMOVED", stage.name_record(maker, weaver)))
    shown = {id_ for kind, _, id_ in follower.told if kind == "SHARED_RESULT"}
    assert shown == {stage.name("shrd", weaver, first.id)}


async def test_an_old_cursor_or_one_of_another_database_starts_anew(unwatched: Stage) -> None:
    stage, weaver = unwatched, unwatched.weaver
    follower = await follow(stage, weaver)
    cursor = follower.cursor or ""

    async def refuse(after: str, query: str = OWN, caller: Caller = weaver) -> Any:
        return await stage.portal.ask(query, caller.credential.token, after=after)

    def alter(place: int, value: Any) -> str:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        parts[place] = value
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    assert codes(await refuse(alter(2, "12345"))) == ["START_ANEW"]
    assert codes(await refuse(alter(3, 2**60))) == ["START_ANEW"]
    for bad in ("", "x", "é", alter(3, -1), alter(3, "1"), alter(0, 1), alter(6, 2**62), alter(3, None), "A" * 600):
        assert codes(await refuse(bad)) == ["BAD_CURSOR"], bad
    assert codes(await refuse(cursor, BUYERS, stage.maker)) == ["BAD_CURSOR"]
    assert codes(await stage.portal.ask(OWN, weaver.credential.token, first=101)) == ["PAGE_SIZE"]
    assert codes(await stage.portal.ask(OWN, stage.maker.credential.token)) == ["NOT_ALLOWED"]
    assert codes(await stage.portal.ask(BUYERS, weaver.credential.token)) == ["NOT_ALLOWED"]
    now = datetime.now(UTC)
    await stage.house.set_clock(now + changes.GOOD_FOR - timedelta(minutes=1))
    assert "errors" not in await refuse(cursor)
    await stage.house.set_clock(now + changes.GOOD_FOR + timedelta(minutes=1))
    answer = await refuse(cursor)
    assert (codes(answer), answer["errors"][0]["path"]) == (["START_ANEW"], ["changes"])
    assert "without `after`" in answer["errors"][0]["message"]


async def test_a_cursor_from_the_future_of_a_restored_database_starts_anew(unwatched: Stage) -> None:
    """A copy of the disk that is put back has every number once more, for something else."""
    stage, weaver = unwatched, unwatched.weaver
    early = await follow(stage, weaver)
    kept = await start(stage, weaver, 2024)
    follower = await follow(stage, weaver)
    await follower.hear(("ASSESSMENT", "UPSERTED", stage.name("asmt", weaver, await start(stage, weaver, 2025))))
    # As it is in a copy from before the second draft, whose numbers then went to another one.
    last = "(SELECT max(number) FROM portal.change WHERE organization_id = $1)"
    moved = "UPDATE portal.change SET noted_at = noted_at + interval '1 second'"
    await stage.house.fetch(f"{moved} WHERE number = {last} AND organization_id = $1", weaver.organization)
    answer = await stage.portal.ask(OWN, weaver.credential.token, after=follower.cursor)
    assert codes(answer) == ["START_ANEW"]
    await stage.house.fetch(f"DELETE FROM portal.change WHERE number = {last}", weaver.organization)
    await start(stage, weaver, 2023)
    answer = await stage.portal.ask(OWN, weaver.credential.token, after=follower.cursor)
    assert codes(answer) == ["START_ANEW"]
    # Who was told nothing that is gone goes on, and misses nothing.
    await early.hear(("ASSESSMENT", "UPSERTED", stage.name("asmt", weaver, kept)))


async def test_what_is_kept_is_cleared_after_cursors_have_ended(stage: Stage) -> None:
    draft = await start(stage, stage.weaver)
    count = "SELECT count(*) AS count FROM portal.change WHERE object_id = $1"
    assert (await stage.house.fetch(count, draft))[0]["count"] == 1
    await stage.house.set_clock(datetime.now(UTC) + changes.GOOD_FOR + timedelta(days=2))
    async with asyncio.timeout(20):
        while (await stage.house.fetch(count, draft))[0]["count"]:
            await asyncio.sleep(0.1)


async def test_statements_do_not_grow_with_the_changes(unwatched: Stage) -> None:
    stage, weaver = unwatched, unwatched.weaver
    follower = await follow(stage, weaver)
    counts = []
    for years in (range(2017, 2018), range(2018, 2026)):
        expected = []
        for year in years:
            expected.append(("ASSESSMENT", "UPSERTED", stage.name("asmt", weaver, await start(stage, weaver, year))))
        cursor = follower.cursor
        await follower.hear(*expected)
        follower.cursor = cursor
        with record_statements(stage.portal.app.state.services.database.engine.sync_engine) as sent:
            assert await follower.poll() == expected
        counts.append(len(sent))
    assert counts[0] == counts[1]
