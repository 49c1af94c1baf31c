"""What is sent to a submitted assessment is never lost: it waits, or is judged in the newer draft, over HTTP."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, make_ask, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal

RESULTS = (
    "writeId status revision current { revision content { value { number } } } yours { value { number } }"
    " problem { code }"
)
SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename ... on AnswersSaved"
    f" {{ assessmentId changeNumber assessment {{ id changeNumber state }} results {{ {RESULTS} }} }}"
    f" {documents.PROBLEM} }} }}"
)
CORRECT = (
    "mutation ($input: CorrectAssessmentInput!) { result: correctAssessment(input: $input) { __typename"
    f" ... on AssessmentCorrected {{ appliedCount assessment {{ id tier changeNumber }} results {{ {RESULTS} }} }}"
    f" {documents.PROBLEM} }} }}"
)
ACCEPT = (
    "mutation ($input: AcceptRequestInput!) { result: acceptRequest(input: $input) { __typename"
    f" ... on RequestAccepted {{ outcome assessment {{ id tier changeNumber }} results {{ {RESULTS} }} }}"
    f" {documents.PROBLEM} }} }}"
)
STANDING = (
    "query ($id: ID!) { assessment(id: $id) { changeNumber tier state answers { answers { question revision"
    " content { value { number } } } } } }"
)


async def submit_all(house: Portal, supplier: Caller, tier: str = "MICRO") -> str:
    """A submitted assessment with 12 people; its id."""
    assessment = await start(house, supplier, tier)
    await do(house, SAVE, supplier, assessmentId=assessment, answers=write_all())
    done = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
    assert done["__typename"] == "AssessmentSubmitted", done
    return assessment


async def send(house: Portal, supplier: Caller, assessment: str, *sent: dict[str, Any]) -> Any:
    """What became of writes."""
    saved = await do(house, SAVE, supplier, assessmentId=assessment, answers=list(sent))
    assert saved["__typename"] == "AnswersSaved", saved
    return saved


async def read_headcount(house: Portal, supplier: Caller, assessment: str) -> tuple[str, int]:
    found = (await house.ask(STANDING, supplier.token, id=assessment))["data"]["assessment"]["answers"]["answers"]
    (one,) = [answer for answer in found if answer["question"] == "headcount"]
    return one["content"]["value"]["number"], one["revision"]


def tell(result: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """A status with what stands and what was sent."""
    stands, sent = result["current"]["content"], result["yours"]
    return result["status"], stands and stands["value"]["number"], sent and sent["value"]["number"]


async def test_a_write_to_what_was_corrected_is_saved_in_the_newer_draft(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    new = (await do(house, CORRECT, supplier, assessmentId=old))["assessment"]["id"]
    late = write("headcount", 1, number="77")
    for _ in range(2):  # a reply that got lost
        saved = await send(house, supplier, old, late)
        assert (saved["assessmentId"], saved["assessment"]["id"]) == (new, new)
        assert tell(saved["results"][0]) == ("SAVED", "77", "77")
        assert (saved["results"][0]["revision"], saved["changeNumber"]) == (2, 5)
    # A device that has heard of the newer draft may send its queue there.
    assert tell((await send(house, supplier, new, late))["results"][0]) == ("SAVED", "77", "77")
    assert await read_headcount(house, supplier, new) == ("77", 2)
    assert await read_headcount(house, supplier, old) == ("12", 1)
    other = write("headcount", 1, number="78", writeId=late["writeId"])
    reused = (await send(house, supplier, old, other))["results"][0]
    assert (reused["status"], reused["problem"]["code"]) == ("REFUSED", "WRITE_ID_REUSED")


async def test_a_write_on_what_has_changed_since_is_a_conflict_with_both_values(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    new = (await do(house, CORRECT, supplier, assessmentId=old))["assessment"]["id"]
    await send(house, supplier, new, write("headcount", 1, number="50"))
    late = write("headcount", 1, number="77")
    for _ in range(2):
        saved = await send(house, supplier, old, late)
        assert (saved["assessmentId"], tell(saved["results"][0])) == (new, ("CONFLICT", "50", "77"))
    assert await read_headcount(house, supplier, new) == ("50", 2)


async def test_a_write_waits_at_the_newest_submission(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    oldest = await submit_all(house, supplier)
    old = (await do(house, CORRECT, supplier, assessmentId=oldest))["assessment"]
    await do(house, documents.SUBMIT, supplier, assessmentId=old["id"], expectedChangeNumber=old["changeNumber"])
    late = write("headcount", 1, number="77")
    saved = await send(house, supplier, oldest, late)
    assert (saved["assessmentId"], tell(saved["results"][0])) == (old["id"], ("PENDING", "12", "77"))
    made = await do(house, CORRECT, supplier, assessmentId=old["id"])
    assert [(one["writeId"], *tell(one)) for one in made["results"]] == [(late["writeId"], "SAVED", "77", "77")]
    # Sent again, to whichever of the three, it tells what became of it.
    for assessment in (oldest, old["id"], made["assessment"]["id"]):
        assert tell((await send(house, supplier, assessment, late))["results"][0]) == ("SAVED", "77", "77")


async def test_what_waited_is_judged_in_the_order_received_on_its_own_revision(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    first, second = write("headcount", 1, number="55"), write("headcount", 0, number="56")
    same = write("trained", 0, number="95")
    for one, status in ((first, "PENDING"), (second, "PENDING"), (same, "UNCHANGED")):
        assert (await send(house, supplier, old, one))["results"][0]["status"] == status
    made = await do(house, CORRECT, supplier, assessmentId=old)
    assert made["appliedCount"] == 1
    assert [(one["writeId"], *tell(one)) for one in made["results"]] == [
        (first["writeId"], "SAVED", "55", "55"),
        (second["writeId"], "CONFLICT", "55", "56"),
    ]
    assert await read_headcount(house, supplier, made["assessment"]["id"]) == ("55", 2)
    assert made["assessment"]["changeNumber"] == 5


async def test_results_come_in_the_order_sent_whatever_was_judged_first(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    sent = [write("headcount", 1, number="55"), write("trained", 0, number="90"), write("headcount", 0, number="56")]
    assert [one["status"] for one in (await send(house, supplier, old, *sent))["results"]] == ["PENDING"] * 3
    made = await do(house, CORRECT, supplier, assessmentId=old)
    assert [(one["writeId"], one["status"]) for one in made["results"]] == [
        (sent[0]["writeId"], "SAVED"),
        (sent[1]["writeId"], "CONFLICT"),
        (sent[2]["writeId"], "CONFLICT"),
    ]


async def test_what_waits_is_told_to_everybody_though_a_write_before_it_never_came(house: Portal) -> None:
    """It waits once: the correction makes a conflict of it, and a second submission does not let it wait again."""
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    late = write("headcount", 2, number="77")
    assert (await send(house, supplier, old, late))["results"][0]["status"] == "PENDING"
    made = await do(house, CORRECT, supplier, assessmentId=old)
    assert [(one["writeId"], *tell(one)) for one in made["results"]] == [(late["writeId"], "CONFLICT", "12", "77")]
    new = made["assessment"]
    assert tell((await send(house, supplier, old, late))["results"][0]) == ("CONFLICT", "12", "77")
    await do(house, documents.SUBMIT, supplier, assessmentId=new["id"], expectedChangeNumber=new["changeNumber"])
    assert tell((await send(house, supplier, new["id"], late))["results"][0]) == ("CONFLICT", "12", "77")
    assert (await do(house, CORRECT, supplier, assessmentId=new["id"]))["results"] == []
    (decided,) = (await send(house, supplier, old, write("headcount", 1, number="77")))["results"]
    assert (*tell(decided), decided["revision"]) == ("SAVED", "77", "77", 2)


async def test_a_revision_for_a_request_takes_what_waited(house: Portal) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    late = write("headcount", 1, number="77")
    await send(house, supplier, old, late)
    record = await documents.add_record(house, buyer, supplier)
    await do(house, documents.CREATE, buyer, **make_ask(record, minimumTier="BASIC"))
    (asked,) = (await house.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    done = await do(house, ACCEPT, supplier, requestId=asked["id"], startRevision=True)
    assert (done["outcome"], done["assessment"]["tier"]) == ("REVISION_STARTED", "BASIC")
    assert [(one["writeId"], *tell(one)) for one in done["results"]] == [(late["writeId"], "SAVED", "77", "77")]
    assert await read_headcount(house, supplier, done["assessment"]["id"]) == ("77", 2)


async def ask_for(house: Portal, supplier: Caller, tier: str) -> str:
    """An accepted request at a tier for the year of `start`; its id."""
    buyer = await house.sign_up("buyer")
    record = await documents.add_record(house, buyer, supplier)
    await do(house, documents.CREATE, buyer, **make_ask(record, minimumTier=tier))
    (asked,) = (await house.ask(documents.RECEIVED, supplier.token, state="OPEN"))["data"]["receivedRequests"]["nodes"]
    assert (await do(house, documents.ACCEPT, supplier, requestId=asked["id"]))["__typename"] == "RequestAccepted"
    found: str = asked["id"]
    return found


async def test_a_correction_never_goes_below_what_a_request_asks(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier, "BASIC")
    await ask_for(house, supplier, "BASIC")
    refused = await do(house, CORRECT, supplier, assessmentId=old, tier="MICRO")
    assert (refused["__typename"], refused["code"]) == ("Conflict", "TIER_REQUESTED")
    await ask_for(house, supplier, "STANDARD")
    assert (await do(house, CORRECT, supplier, assessmentId=old, tier="BASIC"))["code"] == "TIER_REQUESTED"
    assert (await do(house, CORRECT, supplier, assessmentId=old))["assessment"]["tier"] == "STANDARD"


@pytest.mark.parametrize("by_request", [False, True])
async def test_another_tier_is_a_change(house: Portal, by_request: bool) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier, "MICRO")
    await send(house, supplier, assessment, *write_all())
    if by_request:
        await ask_for(house, supplier, "BASIC")
    else:
        await do(house, documents.CHANGE_TIER, supplier, assessmentId=assessment, tier="BASIC")
    seen = (await house.ask(STANDING, supplier.token, id=assessment))["data"]["assessment"]
    assert (seen["tier"], seen["changeNumber"]) == ("BASIC", 5)
    stale = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
    assert stale["code"] == "CHANGED"
    done = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=5)
    assert done["__typename"] == "AssessmentSubmitted"


async def list_audited(house: Portal, caller: Caller) -> list[str]:
    """What an organization was noted to have done."""
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        noted = "SELECT action FROM portal.audit_event WHERE organization_id = $1"
        return [row["action"] for row in await connection.fetch(noted, caller.organization)]
    finally:
        await connection.close()


async def test_a_draft_is_discarded_by_its_supplier_alone(house: Portal) -> None:
    supplier, other = await house.sign_up("supplier"), await house.sign_up("supplier")
    viewer = await house.sign_up("supplier", member="viewer")
    assessment = await start(house, supplier)
    await send(house, supplier, assessment, *write_all())
    assert (await documents.discard(house, other.token, assessment))["__typename"] == "NotFound"
    assert (await documents.discard(house, viewer.token, assessment))["__typename"] == "NotAllowed"
    # Whoever has not seen what a colleague saved meanwhile throws nothing away.
    for number in (3, 5):
        unseen = await do(house, documents.DISCARD, supplier, assessmentId=assessment, expectedChangeNumber=number)
        assert (unseen["code"], unseen["path"]) == ("CHANGED", ["input", "expectedChangeNumber"])
    gone = await documents.discard(house, supplier.token, assessment)
    assert gone == {"__typename": "AssessmentDiscarded", "assessmentId": assessment}
    assert (await documents.discard(house, supplier.token, assessment))["__typename"] == "NotFound"
    assert (await house.ask(STANDING, supplier.token, id=assessment))["data"]["assessment"] is None
    assert "assessment.discarded" in await list_audited(house, supplier)
    again = await do(
        house, documents.START, supplier, questionnaire="sample", tier="BASIC", periodStart="2026-01-01",
        periodEnd="2026-12-31",
    )  # fmt: skip
    assert (again["assessment"]["changeNumber"], again["assessment"]["id"] != assessment) == (0, True)


async def test_what_was_submitted_or_asked_for_is_not_discarded(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await submit_all(house, supplier)
    assert (await documents.discard(house, supplier.token, old))["code"] == "ALREADY_SUBMITTED"
    late = write("headcount", 1, number="77")
    await send(house, supplier, old, late)
    new = (await do(house, CORRECT, supplier, assessmentId=old))["assessment"]["id"]
    # What a discarded correction had taken in waits for the next one.
    assert (await documents.discard(house, supplier.token, new))["__typename"] == "AssessmentDiscarded"
    assert (await send(house, supplier, old, late))["results"][0]["status"] == "PENDING"
    newest = (await do(house, CORRECT, supplier, assessmentId=old))["assessment"]["id"]
    assert await read_headcount(house, supplier, newest) == ("77", 2)
    # A request goes back to what is corrected; one for answers that are nowhere else keeps its draft.
    await ask_for(house, supplier, "MICRO")
    assert (await documents.discard(house, supplier.token, newest))["__typename"] == "AssessmentDiscarded"
    (left,) = (await house.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    assert (left["state"], left["assessment"]["id"]) == ("ACCEPTED", old)
    supplier = await house.sign_up("supplier")
    newest = await start(house, supplier)
    request = await ask_for(house, supplier, "MICRO")
    assert (await documents.discard(house, supplier.token, newest))["code"] == "REQUESTED"
    decline = (
        "mutation ($input: DeclineRequestInput!) { result: declineRequest(input: $input) { __typename"
        " ... on RequestDeclined { request { assessment { id } } } } }"
    )
    await do(house, decline, supplier, requestId=request, reason="Another year, please.")
    assert (await documents.discard(house, supplier.token, newest))["__typename"] == "AssessmentDiscarded"
    (left,) = (await house.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    assert (left["state"], left["assessment"]) == ("DECLINED", None)


YEAR = datetime.now(UTC).year


PERIODS = [
    ("0001-01-01", "0001-12-31", "periodStart"),
    ("2099-01-01", "2099-12-31", "periodEnd"),
    ("9999-01-01", "9999-12-31", "periodEnd"),
    (f"{YEAR - 11}-12-31", f"{YEAR - 10}-12-30", "periodStart"),
    (f"{YEAR + 1}-01-02", f"{YEAR + 2}-01-01", "periodEnd"),
    (f"{YEAR - 10}-01-01", f"{YEAR - 10}-12-31", None),
    (f"{YEAR + 1}-01-01", f"{YEAR + 1}-12-31", None),
]


@pytest.mark.parametrize(("first", "last", "path"), PERIODS)
async def test_periods_lie_near_today(house: Portal, first: str, last: str, path: str | None) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    period = {"periodStart": first, "periodEnd": last}
    record = await documents.add_record(house, buyer, supplier)
    tried = [
        await do(house, documents.START, supplier, questionnaire="sample", tier="BASIC", **period),
        await do(house, documents.CREATE, buyer, **make_ask(record, **period)),
    ]
    for one in tried:
        if path is None:
            assert one["__typename"] in ("AssessmentStarted", "RequestsCreated")
        else:
            assert (one["problems"][0]["code"], one["problems"][0]["path"]) == ("PERIOD", ["input", path])
