"""Whoever has to know of a review is told by letter, and nothing that the letter's reader may not read any more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database import engine, ids
from portal.delivery import clarification_reminders, letter_texts, mail, review_letters, workplace
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import Review, find
from tests.graphql_schema.reviewing.test_clarifications import ask
from tests.graphql_schema.sharing.test_evidence_counts import UPDATE
from tests.graphql_schema.sharing.test_redactions import ASK as ASK_REDACTION
from tests.graphql_schema.sharing.test_redactions import DECLINE, LIST
from tests.portal.assessments.house import Caller

pytestmark = pytest.mark.slow  # waits for files and the worker

CHANGES = "query ($after: String) { changes(after: $after) { endCursor changes { kind id } } }"
REVOKE = "mutation ($input: RevokeShareInput!) { revokeShare(input: $input) { __typename ... on Problem { code } } }"


@asynccontextmanager
async def open_workers(review: Review) -> AsyncIterator[engine.Database]:
    workers = engine.Database(engine.create_engine(review.stage.house.made.worker_url, pool_size=1))
    try:
        yield workers
    finally:
        await workers.close()


async def list_told(review: Review, kind: str) -> set[Any]:
    """The organizations whose people were told."""
    await review.stage.wait_for_jobs()
    rows = await review.stage.house.fetch("SELECT ids FROM portal.mail WHERE kind = $1", kind)
    return {orjson.loads(row["ids"])["to"] for row in rows}


def name(*callers: Caller) -> set[str]:
    return {str(one.organization) for one in callers}


async def compose(session: AsyncSession, review: Review, kind: str) -> mail.Letter | None:
    """The newest letter of a kind, as it would be sent now."""
    (row,) = await review.stage.house.fetch(
        "SELECT ids FROM portal.mail WHERE kind = $1 ORDER BY created_at DESC LIMIT 1", kind
    )
    texts = letter_texts.read_packaged()
    return await mail.compose(session, kind, orjson.loads(row["ids"]), "https://portal.example", texts)


async def test_the_parties_of_an_engagement_hear_what_the_others_decide(
    review: Review, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = review.stage
    await review.share(stage.maker)
    first = (await review.propose(stage.maker))["engagement"]["id"]
    for _ in range(2):  # again the same, and no second letter
        await stage.change(review.reviewer, documents.ACCEPT, engagementId=first)
    assert await list_told(review, "engagement_accepted") == name(stage.weaver, stage.maker)
    await stage.change(stage.weaver, documents.CONSENT, engagementId=first)
    assert await list_told(review, "engagement_consented") == name(review.reviewer, stage.maker)
    await stage.change(review.reviewer, documents.END, engagementId=first)
    assert await list_told(review, "engagement_ended") == name(stage.weaver, stage.maker)
    second = (await review.propose(stage.maker))["engagement"]["id"]
    await stage.change(stage.weaver, documents.END, engagementId=second)
    await stage.wait_for_jobs()
    printed = capsys.readouterr().out
    for words, count in (
        ("has accepted to review", 4),  # in subject and text, to two
        ("has consented that", 2),
        ("has ended the review", 2),
        ("has declined that", 2),
    ):
        assert printed.count(words) == count, words
    # A share that is revoked ends the engagement as well.
    await stage.house.fetch("DELETE FROM portal.mail")
    await review.engage()
    (share,) = await stage.house.fetch("SELECT id FROM portal.share WHERE sections_only AND revoked_at IS NULL")
    await stage.change(stage.weaver, REVOKE, shareId=stage.name("shar", stage.weaver, share["id"]))
    assert await list_told(review, "engagement_ended") == name(review.reviewer)


async def test_a_letter_tells_its_reader_only_what_it_may_read(review: Review) -> None:
    stage = review.stage
    share = await review.share(stage.maker, "labour")
    statement = (await review.state(stage.maker, find("fees_repaid", "CONTRADICTED")))["statement"]["id"]
    disputed = {"statementId": statement, "question": "fees_repaid", "reason": "The receipts are there."}
    dispute = (await stage.change(stage.weaver, documents.OPEN, **disputed))["dispute"]["id"]
    for caller in (stage.weaver, stage.maker):
        said = {"disputeId": dispute, "commentId": str(ids.new_id()), "body": "Look at page 2."}
        for _ in range(2):  # again the same
            await stage.change(caller, documents.SAY, **said)
    asked = (await ask(review, stage.maker, "trained"))["clarification"]["id"]
    await stage.change(stage.weaver, documents.REPLY, clarificationId=asked, reply="As it says.")
    await stage.change(stage.weaver, documents.LET_GO, disputeId=dispute)
    again = (await ask(review, stage.maker, "trained"))["clarification"]["id"]
    await stage.change(stage.maker, documents.TAKE_BACK, clarificationId=again)
    assert await list_told(review, "dispute_commented") == name(stage.weaver, stage.maker)
    assert len(await stage.house.fetch("SELECT FROM portal.mail WHERE kind = 'dispute_commented'")) == 2
    await stage.house.fetch("DELETE FROM portal.mail WHERE kind = 'dispute_commented' AND ids ->> 'to' = $1",
                            str(stage.weaver.organization))  # fmt: skip
    assert await list_told(review, "dispute_withdrawn") == name(stage.maker)
    assert await list_told(review, "clarification_withdrawn") == name(stage.weaver)
    theirs = ("clarification_replied", "dispute_commented", "dispute_withdrawn")
    async with open_workers(review) as workers:
        async with workers.transaction() as (session, _):
            letters = [await compose(session, review, kind) for kind in theirs]
            own = await compose(session, review, "clarification_withdrawn")
        assert [one is not None for one in letters] == [True] * 3
        assert letters[1] is not None
        assert "Look at page 2." in letters[1].body
        assert own is not None
        await stage.change(stage.weaver, REVOKE, shareId=share)
        await review.share(stage.maker, "safety")
        async with workers.transaction() as (session, _):
            letters = [await compose(session, review, kind) for kind in theirs]
            own = await compose(session, review, "clarification_withdrawn")
        assert [one is not None for one in letters] == [True, False, False]  # it reads the submission, not the section
        assert own is not None


async def test_a_reply_that_comes_due_is_called_to_mind(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour")
    zones = "UPDATE portal.organization SET time_zone = 'Pacific/Kiritimati' WHERE id = $1"  # 14 hours before UTC
    await stage.house.fetch(zones, stage.weaver.organization)
    today = datetime.now(UTC).replace(hour=22, minute=0)  # noon of the next day there
    due = (today + timedelta(days=20)).date()
    asked = (await ask(review, stage.maker, "fees_repaid", dueOn=due.isoformat()))["clarification"]["id"]
    told = []
    async with open_workers(review) as workers:
        place = workplace.Workplace(stage.settings, workers, None)  # type: ignore[arg-type]
        for days in (11, 12, 12, 14, 17, 18, 19):  # where the supplier is it is a day later
            await stage.house.set_clock(today + timedelta(days=days))
            await clarification_reminders.remind_of_clarifications(place)
            rows = await stage.house.fetch("SELECT FROM portal.outbox WHERE topic = 'clarification.due'")
            told.append(len(rows))
        assert told == [0, 1, 1, 1, 1, 2, 2]  # 7 days before, and 1
        assert await list_told(review, "clarification_due") == name(stage.weaver)
        async with workers.transaction() as (session, _):
            letter = await compose(session, review, "clarification_due")
        assert letter is not None
        assert due.isoformat() in letter.subject
        await stage.change(stage.weaver, documents.REPLY, clarificationId=asked, reply="All were repaid.")
        async with workers.transaction() as (session, _):
            assert await compose(session, review, "clarification_due") is None


async def test_documents_are_news_without_a_draft_too(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", includeEvidence=True)
    evidence, _ = await stage.announce(stage.weaver, "later.pdf", kind="RECORD")
    await stage.change(stage.weaver, UPDATE, evidenceId=evidence, title="Later")
    await stage.change(stage.maker, ASK_REDACTION, evidenceId=review.document, reason="Names")
    mark = (await stage.ask(stage.weaver, CHANGES))["changes"]["endCursor"]
    (request,) = (await stage.ask(stage.weaver, LIST))["redactionRequests"]["nodes"]
    await stage.change(stage.weaver, DECLINE, requestId=request["id"], answer="No names")
    told = (await stage.ask(stage.weaver, CHANGES, after=mark))["changes"]["changes"]
    assert {"kind": "EVIDENCE", "id": review.document} in told
    topics = "SELECT topic FROM portal.outbox WHERE topic IN ('evidence.changed', 'redaction.declined') ORDER BY topic"
    found = [row["topic"] for row in await stage.house.fetch(topics)]
    assert found.count("redaction.declined") == 1
    assert found.count("evidence.changed") == 4  # two documents of the stage, and one that was made and changed


def test_each_letter_of_a_review_can_be_stopped_in_every_language() -> None:
    texts = letter_texts.read_packaged()
    for kind in (*review_letters.SOURCES, *review_letters.INSTEAD.values()):
        for locale in ("ar", "en", "es", "fr", "vi", "zh-Hans"):
            assert "{stop}" in texts.find(kind, locale).body, (kind, locale)
