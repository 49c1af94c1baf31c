"""A draft goes to a later version: a look before, nothing invented, nothing lost, and the old one stays as it was."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from portal.assessments import publishing
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import documents, successors
from tests.graphql_schema.assessments.documents import PROBLEM, add_record, do, make_ask, start, write
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

FATES = (
    "answers { fate question rowId oldQuestion title reasons { code sentence }"
    " earlier { state value { number text } } }"
)
COUNTS = "fromVersion toVersion step carriedCount confirmCount blankCount droppedCount newCount"
PREVIEW = f"query ($id: ID!) {{ assessment(id: $id) {{ upgradePreview {{ {COUNTS} {FATES} }} }} }}"
STANDING = (
    "answers { changeNumber answers { question rowId revision provenance carriedFromId carriedQuestion"
    " content { state deleted value { number text boolean choice row } } } }"
)
READ = (
    "query ($id: ID!) { assessment(id: $id) { version tier state revision upgradedFromId changeNumber progress"
    f" {{ unconfirmedCount }} requests {{ id state }} problems {{ question rowId code }} {STANDING} }} }}"
)
UPGRADE = (
    "mutation ($input: UpgradeAssessmentInput!) { result: upgradeAssessment(input: $input) { __typename"
    " ... on AssessmentUpgraded { replacedId assessment { id version tier state revision upgradedFromId } }"
    f" {PROBLEM} }} }}"
)
CONFIRM = (
    "mutation ($input: ConfirmAnswersInput!) { result: confirmAnswers(input: $input) { __typename"
    " ... on AnswersSaved { changeNumber results { status revision current { question provenance carriedFromId } } }"
    f" {PROBLEM} }} }}"
)
HISTORY = (
    "query ($id: ID!, $question: String!) { assessment(id: $id) { answerHistory(question: $question) { status"
    " baseRevision problem { code } was { content { value { number } } }"
    " content { value { number } siteId plan { text } } } } }"
)
CONFIRM_EACH = (
    "mutation ($input: ConfirmAnswersInput!) { result: confirmAnswers(input: $input) { ... on AnswersSaved {"
    " changeNumber results { status problem { code rowId message } current { revision content { deleted } } } } } }"
)


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    """A portal with the first version of the sample alone."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def answer_everything(stage: Portal, supplier: Caller) -> str:
    """A draft on the first version with an answer of every fate; its id."""
    draft = await start(stage, supplier, "STANDARD")
    given = [
        write("headcount", number="40"),
        write("founded", date="1999-04-01"),
        write("remark", text="Longer than ten characters"),
        write("area", number="900"),
        write("sites", rowId="mill", row=True),
        write("site_people", rowId="mill", number="25"),
        write("sites", rowId="shed", row=True),
        write("site_people", rowId="shed", number="4"),
        write("fees_repaid", choice="partly"),
        write("trained", number="90"),
        write("exits_locked", boolean=False),
        write("drills", number="2"),
    ]
    await save(stage, supplier, draft, *given)
    await save(stage, supplier, draft, write("sites", 1, rowId="shed", deleted=True))
    return draft


async def save(stage: Portal, supplier: Caller, draft: str, *given: dict[str, Any]) -> list[Any]:
    saved = await do(stage, documents.SAVE, supplier, assessmentId=draft, answers=list(given))
    assert saved["__typename"] == "AnswersSaved", saved
    results: list[Any] = saved["results"]
    return results


async def read(stage: Portal, supplier: Caller, assessment: str) -> Any:
    return (await stage.ask(READ, supplier.token, id=assessment))["data"]["assessment"]


async def preview(stage: Portal, supplier: Caller, assessment: str) -> Any:
    return (await stage.ask(PREVIEW, supplier.token, id=assessment))["data"]["assessment"]["upgradePreview"]


async def read_history(stage: Portal, supplier: Caller, assessment: str, question: str) -> Any:
    answered = await stage.ask(HISTORY, supplier.token, id=assessment, question=question)
    return answered["data"]["assessment"]["answerHistory"]


def index(standing: Any) -> dict[tuple[str, str | None], Any]:
    return {(one["question"], one["rowId"]): one for one in standing["answers"]["answers"]}


async def upgrade(stage: Portal, supplier: Caller, draft: str, **given: Any) -> Any:
    return await do(stage, UPGRADE, supplier, assessmentId=draft, version="2.0.0", **given)


async def test_a_look_tells_the_fate_of_every_answer_and_changes_nothing(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    assert await preview(stage, supplier, draft) is None  # there is no later version yet
    before = await read(stage, supplier, draft)
    await successors.publish_successor(stage)
    seen = await preview(stage, supplier, draft)
    fates = {(one["question"] or one["oldQuestion"], one["rowId"]): one for one in seen["answers"]}
    told = {key: (one["fate"], [reason["code"] for reason in one["reasons"]]) for key, one in fates.items()}
    assert told == {
        ("people", None): ("CARRIED", ["QUESTION_RENAMED"]),
        ("founded", None): ("CARRIED", []),
        ("remark", None): ("CONFIRM", ["TEXT_TOO_LONG"]),
        ("area", None): ("BLANK", ["UNIT_CHANGED"]),
        ("sites", "mill"): ("CARRIED", []),
        ("site_people", "mill"): ("CARRIED", []),
        ("fees_repaid", None): ("CONFIRM", ["OPTION_ADDED"]),
        ("trained", None): ("BLANK", ["MEANING_RAISED"]),
        ("exits_locked", None): ("CARRIED", []),
        ("waste", None): ("NEW", []),
        ("guards", None): ("NEW", ["QUESTION_ADDED"]),
        ("drills", None): ("DROPPED", ["QUESTION_REMOVED"]),
    }
    assert fates["people", None]["oldQuestion"] == "headcount"
    assert fates["area", None]["earlier"] == {"state": "VALUE", "value": {"number": "900", "text": None}}
    assert "at most 10" in fates["remark", None]["reasons"][0]["sentence"]
    assert all(reason["sentence"] for one in seen["answers"] for reason in one["reasons"])
    counted = [seen[name] for name in ("carriedCount", "confirmCount", "blankCount", "droppedCount", "newCount")]
    assert counted == [5, 2, 2, 1, 2]
    assert (seen["fromVersion"], seen["toVersion"], seen["step"]) == ("1.0.0", "2.0.0", "MAJOR")
    assert await read(stage, supplier, draft) == before


async def test_a_look_costs_what_it_may_answer(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier)
    asked = "query ($id: ID!) { assessment(id: $id) { upgradePreview { answers { fate } } } }"
    assert (await stage.ask(asked, supplier.token, id=draft))["extensions"]["cost"]["value"] == 3 + 160


async def test_the_new_draft_has_what_stands_and_the_old_one_stays_as_it_was(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    before = await read(stage, supplier, draft)
    await successors.publish_successor(stage)
    made = await upgrade(stage, supplier, draft)
    assert made["__typename"] == "AssessmentUpgraded", made
    new = made["assessment"]["id"]
    assert made["replacedId"] == made["assessment"]["upgradedFromId"] == draft
    after = await read(stage, supplier, new)
    assert (after["version"], after["tier"], after["state"], after["revision"]) == ("2.0.0", "STANDARD", "DRAFT", 2)
    standing = index(after)
    told = {key: (one["provenance"], one["carriedQuestion"], one["revision"]) for key, one in standing.items()}
    assert told == {
        ("people", None): ("CARRIED", "headcount", 1),
        ("founded", None): ("CARRIED", "founded", 1),
        ("remark", None): ("TO_CONFIRM", "remark", 1),
        ("sites", "mill"): ("CARRIED", "sites", 1),
        ("site_people", "mill"): ("CARRIED", "site_people", 1),
        ("fees_repaid", None): ("TO_CONFIRM", "fees_repaid", 1),
        ("exits_locked", None): ("CARRIED", "exits_locked", 1),
        ("sites", "shed"): ("CARRIED", "sites", 2),  # removed, and what was in it comes along with it
        ("site_people", "shed"): ("CARRIED", "site_people", 1),
    }
    assert standing["sites", "shed"]["content"]["deleted"]
    assert standing["people", None]["content"]["value"]["number"] == "40"
    assert {one["carriedFromId"] for one in standing.values()} == {draft}
    assert after["changeNumber"] == 9
    old = await read(stage, supplier, draft)
    assert old == before | {"state": "REPLACED"}


async def test_what_was_taken_over_is_confirmed_before_it_is_submitted(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    found = await read(stage, supplier, new)
    waiting = [one["question"] for one in found["problems"] if one["code"] == "NOT_CONFIRMED"]
    assert waiting == ["remark", "fees_repaid"]
    assert found["progress"]["unconfirmedCount"] == 2
    refused = await do(stage, documents.SUBMIT, supplier, assessmentId=new, expectedChangeNumber=9)
    assert refused["__typename"] == "InvalidAnswers"
    seen = {"question": "fees_repaid", "revision": 1}
    for number, status in ((10, "SAVED"), (10, "SAVED")):  # a reply that got lost
        done = await do(stage, CONFIRM, supplier, assessmentId=new, answers=[seen])
        current = {"question": "fees_repaid", "provenance": "CONFIRMED", "carriedFromId": draft}
        assert done["results"] == [{"status": status, "revision": 2, "current": current}]
        assert done["changeNumber"] == number
    # An own answer is nobody else's any more; the same answer sent again is a look at it, too.
    other, equal = await save(
        stage, supplier, new, write("remark", 1, text="Short"), write("fees_repaid", 2, choice="partly")
    )
    assert (other["status"], equal["status"]) == ("SAVED", "UNCHANGED")
    standing = index(await read(stage, supplier, new))
    assert (standing["remark", None]["provenance"], standing["remark", None]["carriedFromId"]) == ("ANSWERED", None)
    assert (await read(stage, supplier, new))["progress"]["unconfirmedCount"] == 0


async def test_an_answer_sent_again_as_it_is_counts_as_looked_at(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    late, now = await save(
        stage, supplier, new, write("fees_repaid", 0, choice="partly"), write("fees_repaid", 1, choice="partly")
    )
    assert (late["status"], now["status"]) == ("UNCHANGED", "SAVED")
    assert index(await read(stage, supplier, new))["fees_repaid", None]["provenance"] == "CONFIRMED"


async def test_one_that_changed_since_it_was_seen_is_not_confirmed(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    await save(stage, supplier, new, write("fees_repaid", 1, choice="no"))
    done = await do(stage, CONFIRM, supplier, assessmentId=new, answers=[{"question": "fees_repaid", "revision": 1}])
    assert done["results"][0]["status"] == "UNCHANGED"  # nothing of the earlier one is brought back


async def test_what_is_not_there_any_more_keeps_nothing_else_from_being_confirmed(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    await save(stage, supplier, new, write("remark", 1, deleted=True))
    gone = [
        {"question": "remark", "revision": 1},  # removed since
        {"question": "site_people", "rowId": "barn", "revision": 1},  # a row that never was
        {"question": "headcount", "revision": 1},  # of the version before
        {"question": "nonsense", "revision": 1},
    ]
    seen = [*gone[:1], {"question": "fees_repaid", "revision": 1}, *gone[1:]]
    done = await do(stage, CONFIRM_EACH, supplier, assessmentId=new, answers=seen)
    told = [(one["status"], one["problem"] and one["problem"]["code"]) for one in done["results"]]
    nothing, unknown = ("REFUSED", "NOTHING_TO_CONFIRM"), ("REFUSED", "UNKNOWN_QUESTION")
    assert told == [nothing, ("SAVED", None), nothing, unknown, unknown]
    assert done["results"][0]["current"] == {"revision": 2, "content": {"deleted": True}}
    assert done["results"][2]["problem"]["rowId"] == "barn"
    assert index(await read(stage, supplier, new))["fees_repaid", None]["provenance"] == "CONFIRMED"
    again = await do(stage, CONFIRM_EACH, supplier, assessmentId=new, answers=gone)  # nothing at all to confirm
    assert [one["status"] for one in again["results"]] == ["REFUSED"] * 4
    assert again["changeNumber"] == done["changeNumber"]


async def test_a_device_that_heard_nothing_of_it_loses_no_answer(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    queued = [
        write("headcount", 1, number="41"),  # another key now
        write("site_people", 1, rowId="mill", number="26"),
        write("waste", 0, choices=["paper"]),
        write("trained", 1, number="95"),  # another meaning now
        write("drills", 1, number="3"),  # gone
    ]
    before = write("founded", 1, date="2001-01-01")
    assert (await save(stage, supplier, draft, before))[0]["status"] == "SAVED"
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    for _ in range(2):
        results = await save(stage, supplier, draft, before, *queued)
        told = [(one["status"], one["problem"] and one["problem"]["code"]) for one in results]
        changed = ("REFUSED", "QUESTION_CHANGED")
        assert told == [("SAVED", None)] * 4 + [changed, changed]
        assert results[1]["current"]["question"] == "people"
        assert [one["yours"]["value"]["number"] for one in results[4:]] == ["95", "3"]
        assert results[4]["current"]["revision"] == 0  # nobody has answered it in its new meaning
    # What was typed stays where it was typed, beside what stood there; the new meaning has none of it.
    for question, stood, typed in (("trained", "90", "95"), ("drills", "2", "3")):
        newest, first = await read_history(stage, supplier, draft, question)
        assert (newest["status"], newest["problem"]["code"]) == ("REFUSED", "QUESTION_CHANGED")
        assert (newest["was"]["content"]["value"]["number"], newest["content"]["value"]["number"]) == (stood, typed)
        assert (newest["baseRevision"], first["status"]) == (1, "SAVED")
    assert await read_history(stage, supplier, new, "trained") == []
    standing = index(await read(stage, supplier, new))
    assert standing["people", None]["content"]["value"]["number"] == "41"
    assert standing["site_people", "mill"]["content"]["value"]["number"] == "26"
    assert standing["founded", None]["revision"] == 2
    assert ("trained", None) not in standing


async def test_requests_follow_and_come_back_when_the_upgrade_is_discarded(stage: Portal) -> None:
    supplier, buyer = await stage.sign_up("supplier"), await stage.sign_up("buyer")
    record = await add_record(stage, buyer, supplier)
    await do(stage, documents.CREATE, buyer, **make_ask(record))
    received = (await stage.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"][0]
    draft = (await do(stage, documents.ACCEPT, supplier, requestId=received["id"]))["assessment"]["id"]
    await save(stage, supplier, draft, write("headcount", number="7"))
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    assert (await read(stage, supplier, new))["requests"] == [{"id": received["id"], "state": "ACCEPTED"}]
    for closed in (documents.CHANGE_TIER, documents.SUBMIT):
        given = {"tier": "BASIC"} if closed is documents.CHANGE_TIER else {"expectedChangeNumber": 1}
        refused = await do(stage, closed, supplier, assessmentId=draft, **given)
        assert (refused["__typename"], refused["code"]) == ("Conflict", "UPGRADED")
    gone = await documents.discard(stage, supplier.token, new)
    assert gone["__typename"] == "AssessmentDiscarded", gone
    back = await read(stage, supplier, draft)
    assert (back["state"], back["requests"]) == ("DRAFT", [{"id": received["id"], "state": "ACCEPTED"}])
    assert (await save(stage, supplier, draft, write("headcount", 1, number="8")))[0]["status"] == "SAVED"


@pytest.mark.parametrize("key", ["once-and-for-all", None])
async def test_an_upgrade_is_done_once(stage: Portal, key: str | None) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    early = await upgrade(stage, supplier, draft)
    assert (early["__typename"], early["code"]) == ("Conflict", "UP_TO_DATE")
    await successors.publish_successor(stage)
    wrong = await do(stage, UPGRADE, supplier, assessmentId=draft, version="1.5.0")
    assert (wrong["code"], wrong["path"]) == ("NEWER_VERSION", ["input", "version"])
    first, again = [await upgrade(stage, supplier, draft, idempotencyKey=key) for _ in range(2)]
    if key is None:
        assert (again["__typename"], again["code"]) == ("Conflict", "UPGRADED")
    else:
        assert again == first
    assert await preview(stage, supplier, draft) is None


async def test_nobody_else_upgrades_or_confirms(stage: Portal) -> None:
    supplier, other = await stage.sign_up("supplier"), await stage.sign_up("supplier")
    reader = await stage.sign_up("supplier", member="viewer")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    for caller, kind in ((other, "NotFound"), (reader, "NotAllowed")):
        assert (await upgrade(stage, caller, draft))["__typename"] == kind
        seen = [{"question": "headcount", "revision": 1}]
        assert (await do(stage, CONFIRM, caller, assessmentId=draft, answers=seen))["__typename"] == kind


async def test_a_device_that_heard_nothing_answers_what_was_left_blank(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier, "BASIC")
    await save(stage, supplier, draft, write("waste", choices=["metal"]), write("waste", 1, choices=["paper", "metal"]))
    await successors.publish_change(stage, "2.0.0", ("{key: metal, title: Metal}, ", ""))
    (fate,) = [one for one in (await preview(stage, supplier, draft))["answers"] if one["question"] == "waste"]
    assert (fate["fate"], fate["reasons"][0]["code"]) == ("BLANK", "UNKNOWN_OPTION")
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    blank = index(await read(stage, supplier, new))["waste", None]
    assert (blank["revision"], blank["content"]["deleted"]) == (2, True)
    (done,) = await save(stage, supplier, draft, write("waste", 2, choices=["paper"]))
    assert (done["status"], done["revision"]) == ("SAVED", 3)


async def test_a_tier_of_a_later_version_is_reached_from_what_was_submitted(stage: Portal) -> None:
    """The version that was submitted has no such tier: its correction stays on the old one until it is upgraded."""
    supplier, buyer = await stage.sign_up("supplier"), await stage.sign_up("buyer")
    draft = await start(stage, supplier, "MICRO")
    await save(stage, supplier, draft, *documents.write_all())
    submitted = await do(stage, documents.SUBMIT, supplier, assessmentId=draft, expectedChangeNumber=4)
    assert submitted["__typename"] == "AssessmentSubmitted", submitted
    added = ("{key: standard, title: Standard}]", "{key: standard, title: Standard}, {key: advanced, title: Advanced}]")
    await successors.publish_change(
        stage,
        "2.0.0",
        added,
        ("{key: drills, type: integer, tier: standard,", "{key: drills, type: integer, tier: advanced,"),
    )
    record = await add_record(stage, buyer, supplier)
    await do(stage, documents.CREATE, buyer, **make_ask(record, minimumTier="ADVANCED"))
    received = (await stage.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"][0]
    accepted = await do(stage, documents.ACCEPT, supplier, requestId=received["id"])
    assert accepted["outcome"] == "REVISION_NEEDED"
    corrected = await do(stage, documents.CORRECT, supplier, assessmentId=draft)
    assert corrected["__typename"] == "AssessmentCorrected", corrected
    correction = corrected["assessment"]["id"]
    assert (await read(stage, supplier, correction))["tier"] == "MICRO"
    made = await upgrade(stage, supplier, correction)
    assert (made["assessment"]["tier"], made["assessment"]["version"]) == ("ADVANCED", "2.0.0")
    assert (await read(stage, supplier, made["assessment"]["id"]))["requests"][0]["id"] == received["id"]


async def test_a_revision_that_a_request_starts_has_a_tier_of_its_version(stage: Portal) -> None:
    supplier, buyer = await stage.sign_up("supplier"), await stage.sign_up("buyer")
    draft = await start(stage, supplier, "MICRO")
    await save(stage, supplier, draft, *documents.write_all())
    await do(stage, documents.SUBMIT, supplier, assessmentId=draft, expectedChangeNumber=4)
    added = ("{key: standard, title: Standard}]", "{key: standard, title: Standard}, {key: advanced, title: Advanced}]")
    await successors.publish_change(stage, "2.0.0", added)
    record = await add_record(stage, buyer, supplier)
    await do(stage, documents.CREATE, buyer, **make_ask(record, minimumTier="ADVANCED"))
    received = (await stage.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"][0]
    accepted = await do(stage, documents.ACCEPT, supplier, requestId=received["id"], startRevision=True)
    assert (accepted["outcome"], accepted["assessment"]["tier"]) == ("REVISION_STARTED", "MICRO")


async def test_a_late_repetition_of_a_confirmation_undoes_nothing(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    seen = [{"question": "fees_repaid", "revision": 1}]
    await do(stage, CONFIRM, supplier, assessmentId=new, answers=seen)
    await save(stage, supplier, new, write("fees_repaid", 2, choice="no"))
    (late,) = (await do(stage, CONFIRM, supplier, assessmentId=new, answers=seen))["results"]
    assert (late["status"], late["revision"], late["current"]["provenance"]) == ("UNCHANGED", 3, "ANSWERED")


async def test_options_that_are_listed_in_another_order_are_confirmed_as_they_were(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier, "BASIC")
    await save(stage, supplier, draft, write("waste", choices=["paper", "metal"]))
    old = "{key: paper, title: Paper}, {key: metal, title: Metal}"
    new = "{key: metal, title: Metal}, {key: glass, title: Glass}, {key: paper, title: Paper}"
    await successors.publish_change(stage, "2.0.0", (old, new))
    made = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    seen = [{"question": "waste", "revision": 1}]
    (done,) = (await do(stage, CONFIRM, supplier, assessmentId=made, answers=seen))["results"]
    assert (done["status"], done["current"]["provenance"]) == ("SAVED", "CONFIRMED")
    (again,) = await save(stage, supplier, made, write("waste", 1, choices=["paper", "metal"]))
    assert again["status"] == "UNCHANGED"
