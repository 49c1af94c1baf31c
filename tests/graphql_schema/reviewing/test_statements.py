"""A buyer's reviewer states what it found; it stands beside the result, for those whom the supplier lets read it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from portal import signing
from portal.commands.summaries import describe_assurance
from portal.database import engine
from portal.delivery import cards
from portal.delivery.cards import Difference
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import Review, find
from tests.graphql_schema.sharing.stage import SIGNING, Stage
from tests.graphql_schema.sharing.test_correction import CORRECT, correct
from tests.graphql_schema.sharing.test_evidence import ATTACH
from tests.graphql_schema.sharing.test_revisions import NUMBER
from tests.portal.assessments.house import Caller, write

pytestmark = pytest.mark.slow  # waits for files and the worker


SUMMARY_PATH = "query ($id: ID!) { node(id: $id) { ... on SharedResult { summaryPath } } }"
REVOKE = "mutation ($input: RevokeShareInput!) { revokeShare(input: $input) { __typename } }"
KEYS = signing.read_keys(SIGNING, "tests")
CARD = f"""
query ($id: ID!) {{
  suppliers(filter: {{questionnaire: "sample"}}) {{ nodes {{ id assurance {{ {documents.SUMMARY} }} }} }}
  supplier(id: $id, questionnaire: "sample") {{ assurance {{ {documents.SUMMARY} }} }} }}
"""


async def read_card(stage: Stage, buyer: Caller, supplier: Caller) -> tuple[Any, Any]:
    """The shares of points in the buyer's list and profile."""
    found = await stage.ask(buyer, CARD, id=stage.name_record(buyer, supplier))
    listed = {one["id"]: one["assurance"] for one in found["suppliers"]["nodes"]}
    profile = found["supplier"]
    return listed.get(stage.name_record(buyer, supplier)), None if profile is None else profile["assurance"]


async def check_cards(stage: Stage, buyer: Caller) -> list[Difference]:
    """What `portal cards verify` says of a buyer's cards, without keeping them."""
    made = engine.create_engine(stage.house.made.worker_url, pool_size=1)
    async with AsyncSession(made) as session:
        records = [key for (owner, _), key in stage.records.items() if owner == buyer.organization]
        found = await cards.compare_cards(session, buyer.organization, records)
    await made.dispose()
    return found


async def test_a_statement_stands_beside_the_result(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", "safety", includeEvidence=True)
    await review.share(stage.trader)  # the summary alone
    before = await review.read(stage.maker)
    assert before["assurance"] is None
    made = await review.state(
        stage.maker,
        find("fees_repaid", "DOCUMENTED", restsOn=[review.document], notShown="The year 2024", beyond="Two more sites"),
        find("exits_locked", "CONTRADICTED"),
        remark="A look at the files https://elsewhere.example",
    )
    assert made["__typename"] == "StatementMade", made
    assert (made["statement"]["isThirdParty"], made["statement"]["submissionId"]) == (False, None)
    await stage.wait_for_jobs()
    seen = await review.read(stage.maker)
    assert seen["total"] == before["total"]
    shares = {name: float(seen["assurance"][name]) for name in documents.SUMMARY.split()[1:5]}
    assert sum(shares.values()) == pytest.approx(100)
    assert shares["documented"] > 0
    assert shares["contradicted"] > 0
    labour, safety = seen["sections"]
    (found,) = labour["findings"]
    assert (found["level"], found["notShown"], found["beyond"]) == ("DOCUMENTED", "The year 2024", "Two more sites")
    assert found["documents"] == [{"evidenceId": review.document, "verdict": "ACCEPTED"}]
    assert found["reviewer"]["name"]
    assert [one["standing"] for one in safety["standings"]] == ["CONTRADICTED"]
    # The other buyer has the summary and no section: the four shares, and nothing of who stated what.
    other = await review.read(stage.trader)
    assert other["assurance"] == seen["assurance"]
    assert other["sections"] == []
    # Each buyer's list and profile have the same, as far as a share reaches.
    for buyer in (stage.maker, stage.trader):
        assert await read_card(stage, buyer, stage.weaver) == (seen["assurance"], seen["assurance"])
    assert await check_cards(stage, stage.maker) == []
    await stage.house.fetch("UPDATE portal.relationship_card SET verified = 1 WHERE assured_since IS NOT NULL")
    assert [one.fields for one in await check_cards(stage, stage.maker)] == [("verified",)]
    own = await review.read_own()
    assert own["review"]["assurance"] == seen["assurance"]
    assert own["result"]["total"] == before["total"]
    assert {one["question"] for one in own["review"]["standings"]} == {"fees_repaid", "exits_locked"}
    (statement,) = own["review"]["statements"]
    assert statement["reviewer"]["name"]
    # Opened to the other buyer, the section tells what was found and not which buyer found it.
    await review.share(stage.trader, "labour", includeEvidence=False)
    (section,) = (await review.read(stage.trader))["sections"]
    assert [(one["level"], one["reviewer"]) for one in section["findings"]] == [("DOCUMENTED", None)]
    alone = (await stage.ask(stage.trader, documents.ALONE, id=made["statement"]["id"]))["node"]
    assert (alone["reviewer"], len(alone["findings"])) == (None, 1)
    # Words on the whole tell of every section: they are for whoever reads all of them.
    assert alone["remark"] is None
    for caller in (stage.maker, stage.weaver):
        told = (await stage.ask(caller, documents.ALONE, id=made["statement"]["id"]))["node"]
        assert told["remark"] == "A look at the files […]"
    await review.share(stage.trader, "safety", includeEvidence=False)
    alone = (await stage.ask(stage.trader, documents.ALONE, id=made["statement"]["id"]))["node"]
    assert (alone["remark"], len(alone["findings"])) == ("A look at the files […]", 2)
    assert (await stage.ask(stage.dyer, documents.ALONE, id=made["statement"]["id"]))["node"] is None


async def test_the_newest_statement_counts_until_its_documents_end(review: Review) -> None:
    stage = review.stage
    share = await review.share(stage.maker, "labour", includeEvidence=True)
    await review.share(stage.trader, "labour")
    key = {"idempotencyKey": "a-statement-once"}
    rests = find("fees_repaid", "DOCUMENTED", restsOn=[review.document])
    first = await review.state(stage.maker, rests, **key)
    again = await review.state(stage.maker, rests, **key)
    assert again["statement"]["id"] == first["statement"]["id"]
    assert (await review.state(stage.maker, find("trained"), **key))["code"] == "IDEMPOTENCY_KEY_REUSED"
    await review.state(stage.trader, find("fees_repaid", "CONTRADICTED"))
    await stage.wait_for_jobs()
    (standing,) = (await review.read_own())["review"]["standings"]
    assert (standing["standing"], standing["inConflict"]) == ("CONTRADICTED", True)
    assert (await review.read(stage.maker))["assurance"]["conflicts"] == 1
    await review.state(stage.trader, find("fees_repaid", "DECLARED"))
    await stage.wait_for_jobs()
    (section,) = (await review.read(stage.maker))["sections"]
    assert [(one["level"], one["isSuperseded"]) for one in section["findings"]] == [
        ("DECLARED", False),
        ("CONTRADICTED", True),
        ("DOCUMENTED", False),
    ]
    (standing,) = section["standings"]
    assert (standing["standing"], standing["inConflict"]) == ("DOCUMENTED", False)
    # The document ends with March: from April on the answer is declared again, without any write.
    await stage.house.set_clock(datetime(2027, 4, 1, tzinfo=UTC))
    (section,) = (await review.read(stage.maker))["sections"]
    assert [one["standing"] for one in section["standings"]] == ["DECLARED"]
    now = (await review.read(stage.maker))["assurance"]
    assert (now["declared"], now["since"]) == ("100.00", "2027-04-01")
    # The card was due that day, so that its list follows by the clock alone.
    async with asyncio.timeout(20):
        while await read_card(stage, stage.maker, stage.weaver) != (now, now):
            await asyncio.sleep(0.1)
    # The signed summary says so with the day; what is taken back leaves the list in the same call.
    path = (await stage.ask(stage.maker, SUMMARY_PATH, id=review.result))["node"]["summaryPath"]
    signed = signing.check_signature((await stage.fetch(stage.maker, path)).text, KEYS.public).content
    assert (signed["assurance"]["as_of"], signed["assurance"]["declared"]) == ("2027-04-01", "100")
    assert describe_assurance(signed) == [
        "assurance on 2027-04-01, the same since 2027-04-01: declared 100 %, documented 0 %, verified 0 %, contradicted"
        " 0 % of the points, scoring profile 1; reviewers disagree on 0 answers"
    ]
    await stage.change(stage.weaver, REVOKE, shareId=share)
    assert await read_card(stage, stage.maker, stage.weaver) == (None, None)


async def test_a_day_is_that_of_whoever_looks(review: Review) -> None:
    """In Asia's morning it is still yesterday in UTC, and in America's evening already tomorrow."""
    stage = review.stage
    for caller, zone in ((stage.maker, "Pacific/Kiritimati"), (stage.trader, "Pacific/Pago_Pago")):
        await review.share(caller, "labour")
        zones = "UPDATE portal.organization SET time_zone = $2 WHERE id = $1"
        await stage.house.fetch(zones, caller.organization, zone)
    (row,) = await stage.house.fetch("SELECT submitted_at FROM portal.submission")
    day = row["submitted_at"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await stage.house.set_clock(day + timedelta(hours=10, minutes=30))  # east of the date line it is the next one
    east = (day + timedelta(days=1)).date().isoformat()
    made = await review.state(stage.maker, find("fees_repaid"), asOf=east)
    assert made["__typename"] == "StatementMade", made
    assert (await review.state(stage.maker, find("fees_repaid")))["statement"]["asOf"] == east
    await stage.wait_for_jobs()
    assert (await review.read_own())["review"]["assurance"]["verified"] != "0.00"  # not from tomorrow on
    refused = await review.state(stage.trader, find("fees_repaid"), asOf=day.date().isoformat())
    assert [one["code"] for one in refused["problems"]] == ["DATE"]
    west = (day - timedelta(days=1)).date().isoformat()
    assert (await review.state(stage.trader, find("fees_repaid")))["statement"]["asOf"] == west
    items = [{"question": "trained", "text": "How?"}]
    asked = {"resultId": review.result, "items": items}
    assert (await stage.change(stage.maker, documents.ASK, **asked, dueOn=day.date().isoformat()))["problems"]
    made = await stage.change(stage.trader, documents.ASK, **asked, dueOn=west)
    assert made["__typename"] == "ClarificationAsked", made


async def test_what_cannot_be_stated_is_told_finding_by_finding(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", includeEvidence=True)
    refused = await review.state(
        stage.maker,
        find("fees_repaid", "DOCUMENTED"),
        find("fees_repaid"),
        find("remark"),  # in a section that is not opened
        find("trained", restsOn=[review.document]),
        {**find("trained", rowId="a"), "basis": " "},
        asOf="2020-01-01",
    )
    assert {(*one["path"][1:], one["code"]) for one in refused["problems"]} == {
        ("findings", "0", "restsOn", "DOCUMENT_NEEDED"),
        ("findings", "1", "question", "TWICE"),
        ("findings", "2", "question", "UNKNOWN_ANSWER"),
        ("findings", "3", "restsOn", "0", "UNKNOWN_DOCUMENT"),
        ("findings", "4", "question", "UNKNOWN_ANSWER"),
        ("asOf", "DATE"),
    }
    for caller, code in ((stage.trader, "NOT_FOUND"), (review.reviewer, "NOT_FOUND"), (stage.weaver, "NOT_ALLOWED")):
        assert (await review.state(caller, find("fees_repaid")))["code"] == code
    assert await stage.house.fetch("SELECT 1 FROM portal.assurance_statement") == []


async def test_what_was_stated_before_is_shown_beside_a_new_revision(review: Review) -> None:
    """A statement is of one submission for ever; a newer one does not look as if nobody had stated anything."""
    stage, first = review.stage, review.submitted
    await review.share(stage.maker, "labour", "safety", mode="FOLLOWING")
    await review.state(stage.maker, find("fees_repaid"), find("exits_locked", "CONTRADICTED"))
    await review.state(stage.maker, find("trained"))
    await review.state(stage.maker, find("trained", "DECLARED"))  # taken back
    second = await correct(stage, first, write("exits_locked", True, base_revision=1))
    documents_of = (stage.name("shrd", stage.weaver, second.id), second.node)
    seen = [
        (await stage.ask(caller, documents.READ_EARLIER, id=id))["node"]
        for caller, id in zip((stage.maker, stage.weaver), documents_of, strict=True)
    ]
    assert seen[0] == seen[1]["review"]
    assert seen[0]["assurance"] is None
    assert [list(one.values())[:-1] for one in seen[0]["earlierFindings"]] == [
        [1, "labour", "fees_repaid", None, "VERIFIED", True],
        [1, "safety", "exits_locked", None, "CONTRADICTED", False],
    ]
    # Another reader sees what it reads in both revisions; the reviewer's next statement takes the place of its last.
    await stage.share(stage.weaver, stage.trader, second, sections=["labour", "safety"])
    other = (await stage.ask(stage.trader, documents.READ_EARLIER, id=documents_of[0]))["node"]
    assert other["earlierFindings"] == []
    await stage.share(stage.weaver, stage.trader, first, sections=["labour"])
    other = (await stage.ask(stage.trader, documents.READ_EARLIER, id=documents_of[0]))["node"]
    assert [one["question"] for one in other["earlierFindings"]] == ["fees_repaid"]
    anew = {"resultId": documents_of[0], "findings": [find("exits_locked")]}
    assert (await stage.change(stage.maker, documents.STATE, **anew))["__typename"] == "StatementMade"
    now = (await stage.ask(stage.maker, documents.READ_EARLIER, id=documents_of[0]))["node"]
    assert [one["question"] for one in now["earlierFindings"]] == ["fees_repaid"]
    # The same words on another document are another answer.
    made = await stage.change(stage.weaver, CORRECT, assessmentId=stage.name("asmt", stage.weaver, second.assessment))
    draft = made["assessment"]["id"]
    place = {"assessmentId": draft, "question": "fees_repaid", "evidenceId": review.other}
    assert (await stage.change(stage.weaver, ATTACH, **place))["__typename"] == "EvidenceAttached"
    number = (await stage.ask(stage.weaver, NUMBER, id=draft))["assessment"]["changeNumber"]
    sent = await stage.change(stage.weaver, documents.SUBMIT, assessmentId=draft, expectedChangeNumber=number)
    third = (await stage.ask(stage.weaver, documents.READ_EARLIER, id=sent["submission"]["id"]))["node"]["review"]
    assert [(one["revision"], one["question"], one["isUnchanged"]) for one in third["earlierFindings"]] == [
        (1, "fees_repaid", False),
        (2, "exits_locked", True),
    ]
