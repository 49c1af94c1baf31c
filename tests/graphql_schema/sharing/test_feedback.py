"""Feedback: owed by whoever may read a submission, seen by both sides, told by letter, and listed in the digest."""

from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from portal.assessments import received
from portal.delivery import digests, mail
from portal.delivery.letter_texts import read_packaged
from portal.directory import suggesting
from tests import people
from tests.graphql_schema.sharing.stage import Stage

pytestmark = pytest.mark.slow  # waits for a real worker

GIVEN = "state text givenAt isOwed"
GIVE = f"""mutation ($input: GiveFeedbackInput!) {{ giveFeedback(input: $input) {{ __typename
  ... on Problem {{ code path }} ... on FeedbackGiven {{ feedback {{ {GIVEN} }} }} }} }}"""
OWED = """{ owedFeedback { totalCount nodes { resultId supplierId supplierName questionnaire periodStart dueAt } } }"""
SHARED = f"""query ($id: ID!) {{ supplier(id: $id, questionnaire: "sample") {{ latestResult {{ id
  feedback {{ receivedAt dueAt {GIVEN} }} }} }} }}"""
OWN = f"query ($id: ID!) {{ node(id: $id) {{ ... on Submission {{ feedback {{ buyer {{ name }} {GIVEN} }} }} }} }}"


async def read_letters(stage: Stage, kind: str) -> list[Any]:
    """The letters of a kind, written with the worker's login."""
    rows = await stage.house.fetch("SELECT ids::text AS ids FROM portal.mail WHERE kind = $1 ORDER BY id", kind)
    made = []
    for row in rows:
        async with people.open_session(stage.house.made.worker_url) as session:
            ids = orjson.loads(row["ids"])
            made.append(await mail.compose(session, kind, ids, "https://portal.example", read_packaged(), "k"))
    return made


async def plan_digests(stage: Stage) -> int:
    connection = await asyncpg.connect(stage.house.made.worker_url.replace("+asyncpg", ""))
    try:
        return await digests.plan_digests(connection)
    finally:
        await connection.close()


async def move_to_noon(stage: Stage, days: int) -> None:
    await stage.house.fetch(
        "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS"
        f" $$ SELECT date_trunc('day', pg_catalog.now()) + interval '{days} days 12 hours' $$"
    )


async def test_feedback_is_owed_after_a_while_given_once_and_told(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, submitted)
    await stage.wait_for_jobs()
    record = stage.name_record(stage.maker, stage.weaver)
    fresh = (await stage.ask(stage.maker, SHARED, id=record))["supplier"]["latestResult"]
    assert (fresh["feedback"]["state"], fresh["feedback"]["isOwed"]) == (None, False)
    assert (await stage.ask(stage.maker, OWED))["owedFeedback"]["totalCount"] == 0
    await move_to_noon(stage, 1)
    assert (await plan_digests(stage), await plan_digests(stage)) == (1, 0)
    (letter,) = await read_letters(stage, "buyer_digest")
    assert " | has shared a result with you | " in letter.body
    assert " | Sample | 2026-01-01 – 2026-12-31\n" in letter.body
    await stage.house.fetch("DELETE FROM portal.mail WHERE kind = 'buyer_digest'")

    await move_to_noon(stage, 32)
    (owed,) = (await stage.ask(stage.maker, OWED))["owedFeedback"]["nodes"]
    assert (owed["resultId"], owed["supplierId"], owed["dueAt"]) == (fresh["id"], record, fresh["feedback"]["dueAt"])
    (seen,) = (await stage.ask(stage.weaver, OWN, id=submitted.node))["node"]["feedback"]
    assert (seen["isOwed"], seen["state"]) == (True, None)
    assert (await stage.ask(stage.trader, OWED))["owedFeedback"]["nodes"] == []
    assert (await plan_digests(stage), await plan_digests(stage)) == (1, 0)
    (letter,) = await read_letters(stage, "buyer_digest")
    assert " | Sample | 2026-01-01 | 2026-12-31\n" in letter.body
    assert "\nnone\n" in letter.body  # no contact

    refused = await stage.change(stage.maker, GIVE, resultId=fresh["id"], state="QUESTIONS")
    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "text"])
    foreign = await stage.change(stage.trader, GIVE, resultId=fresh["id"], state="THANKS")
    assert foreign["__typename"] == "NotFound"
    for _ in range(2):
        given = await stage.change(stage.maker, GIVE, resultId=fresh["id"], state="QUESTIONS", text=" Who trains? ")
        assert (given["feedback"]["state"], given["feedback"]["text"]) == ("QUESTIONS", "Who trains?")
    (seen,) = (await stage.ask(stage.weaver, OWN, id=submitted.node))["node"]["feedback"]
    assert (seen["state"], seen["text"], seen["isOwed"]) == ("QUESTIONS", "Who trains?", False)
    assert (await stage.ask(stage.maker, OWED))["owedFeedback"]["nodes"] == []
    events = await stage.house.fetch("SELECT ids FROM portal.outbox WHERE topic = 'feedback.given'")
    assert len(events) == 1
    assert await read_letters(stage, "buyer_digest") == [None]
    await stage.wait_for_letters("feedback_given")
    (told,) = await read_letters(stage, "feedback_given")
    assert "says: there are questions\nWho trains?\n" in told.body


async def test_nothing_is_owed_for_what_is_no_longer_shared(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, submitted)
    await stage.wait_for_jobs()
    await move_to_noon(stage, 32)
    await stage.house.fetch("UPDATE portal.share SET revoked_at = portal.clock()")
    assert (await stage.ask(stage.maker, OWED))["owedFeedback"]["nodes"] == []
    (seen,) = (await stage.ask(stage.weaver, OWN, id=submitted.node))["node"]["feedback"]
    assert seen["isOwed"] is False
    result = stage.name("shrd", stage.weaver, submitted.id)
    assert (await stage.change(stage.maker, GIVE, resultId=result, state="THANKS"))["__typename"] == "NotFound"
    assert await plan_digests(stage) == 1
    assert await read_letters(stage, "buyer_digest") == [None]


async def test_a_contact_that_letters_do_not_reach_is_told_once_until_it_happens_again(stage: Stage) -> None:
    await move_to_noon(stage, 1)
    contact = "UPDATE portal.supplier_contact SET bounced_at = {}, bounce_reason = 'refused', bounce_code = '550 5.1.1'"
    await stage.house.fetch(
        "INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, email)"
        " SELECT buyer_id, gen_random_uuid(), id, 'gone@mill.example' FROM portal.supplier_record WHERE buyer_id = $1"
        " LIMIT 1",
        stage.maker.organization,
    )
    assert await plan_digests(stage) == 0
    await stage.house.fetch(contact.format("portal.clock()"))
    assert (await plan_digests(stage), await plan_digests(stage)) == (1, 0)
    (letter,) = await read_letters(stage, "buyer_digest")
    assert " | gone@mill.example | refused by the mail server | 550 5.1.1\n" in letter.body
    await move_to_noon(stage, 2)
    assert await plan_digests(stage) == 0
    await stage.house.fetch(contact.format("NULL"))
    await stage.house.fetch(contact.format("portal.clock()"))
    assert await plan_digests(stage) == 1


async def test_a_buyer_hears_of_every_answer_once_and_only_of_what_still_holds(stage: Stage) -> None:
    await move_to_noon(stage, 0)
    day = (await stage.house.fetch("SELECT portal.clock()::date AS day"))[0]["day"] + timedelta(days=2)
    declined, _ = await stage.request(stage.maker, stage.weaver, accept=False, due_on=day)
    late, _ = await stage.request(stage.maker, stage.dyer, accept=False, due_on=day, subject="site")
    async with stage.house.act(stage.weaver) as (session, actor):
        await suggesting.suggest_contact(session, actor, request_id=declined, name="Mai", email="mai@mill.example")
        await received.decline_request(session, actor, request_id=declined, reason="No time, see https://evil.example")
    async with stage.house.act(stage.dyer) as (session, actor):
        await suggesting.suggest_contact(session, actor, request_id=late)
        await received.disown_request(session, actor, request_id=late, reason="Not us")
    await move_to_noon(stage, 1)
    assert (await plan_digests(stage), await plan_digests(stage)) == (1, 0)
    (letter,) = await read_letters(stage, "buyer_digest")
    assert " | declines | " in letter.body and " | No time, see […]\n" in letter.body
    assert " | names somebody else to ask | " in letter.body and " | Mai, mai@mill.example\n" in letter.body
    assert " | says that another company is meant | " in letter.body
    assert " | says that somebody else is meant | " in letter.body
    await stage.house.fetch("DELETE FROM portal.mail WHERE kind = 'buyer_digest'")
    await stage.house.fetch("UPDATE portal.request SET state = 'open'")
    await move_to_noon(stage, 2)
    assert await plan_digests(stage) == 0
    await move_to_noon(stage, 3)
    assert (await plan_digests(stage), await plan_digests(stage)) == (1, 0)
    (letter,) = await read_letters(stage, "buyer_digest")
    assert letter.body.count(f" | has not answered by its day | {day} | Sample | ") == 2
    await move_to_noon(stage, 4)
    assert await plan_digests(stage) == 0
    await stage.house.fetch("UPDATE portal.request SET state = 'withdrawn'")
    assert await read_letters(stage, "buyer_digest") == [None]
