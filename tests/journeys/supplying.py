"""The supplier's chapters, told with the operations of supplier.graphql."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.database import ids
from tests.journeys import buying
from tests.journeys.documents import Caller
from tests.journeys.world import World
from tests.portal.assessments import files

EVIDENCE = files.make_pdf(b"% Exits, checked each Monday\n")
ANSWERS: dict[str, dict[str, Any]] = {
    "headcount": {"number": "12"},
    "worker_groups": {"choices": ["migrant_workers"]},
    "work_hazards": {"choices": ["machines"]},
    "exits_during_work": {"choice": "checked_weekly"},
    "fire_readiness": {"choices": ["alarm", "extinguishers"]},
    "machine_guards": {"choice": "checked_monthly"},
    "lowest_pay": {"choice": "at_minimum"},
    "week_in_peak": {"choice": "up_to_60_hours"},
    "age_of_workers": {"choice": "paper_for_all"},
    "identity_papers": {"choice": "with_workers"},
    "job_costs": {"choice": "workers_confirmed"},
    "leaving_the_job": {"choice": "paid_on_payday"},
    "harmful_waste": {"choice": "licensed_some_receipts"},
    "requests_for_bribes": {"choice": "everyone_told"},
    "speaking_up": {"choice": "own_supervisor_only"},
}


def write(question: str, base: int = 0, **value: Any) -> dict[str, Any]:
    """One answer with an id of its own."""
    value = value or ANSWERS[question]
    return {"writeId": str(ids.new_id()), "question": question, "baseRevision": base, "value": value}


async def join(world: World, *, requests: int = 1) -> Caller:
    """The link in the letter is read, registers without a second letter, and founds the organization."""
    supplier = Caller(world.url, "supplier")
    token = await world.mailbox.read_token(buying.SUPPLIER)
    invitation = await supplier.ask("ReadInvitation", token=token)
    assert (invitation["organizationName"], invitation["requests"]) == ("Shirts and More", requests)
    registered = await supplier.do(
        "RegisterSupplier",
        email=buying.SUPPLIER,
        password=buying.PASSWORD,
        name="Minh Anh",
        locale="vi",
        timeZone="Asia/Ho_Chi_Minh",
        invitationToken=token,
    )
    assert registered["next"] == "DONE"
    supplier.token = registered["token"]
    facts = {"name": "Riverside Knitting Mill Ltd", "country": "VN", "sector": "14", "size": "SMALL"}
    accepted = await supplier.do("AcceptInvitation", token=token, newOrganization=facts)
    assert accepted["organization"]["name"] == "Riverside Knitting Mill Ltd"
    return supplier


async def accept_request(supplier: Caller) -> tuple[str, str]:
    """The one open request becomes an assessment; gives the ids of both."""
    (edge,) = (await supplier.ask("ReadReceivedRequests"))["edges"]
    assert edge["node"]["buyerName"] == "Shirts and More"
    (asked,) = (await supplier.ask("ReadBurden"))["nodes"]
    assert (asked["id"], asked["isOptional"]) == (edge["node"]["id"], False)
    assert (asked["burden"]["known"], asked["burden"]["questions"]) == (0, asked["burden"]["new"])
    load = await supplier.ask("ReadLoad")
    assert (load["year"]["requests"], load["buyers"][0]["buyerName"]) == (1, "Shirts and More")
    accepted = await supplier.do("AcceptRequest", requestId=edge["node"]["id"])
    assert (accepted["outcome"], accepted["request"]["state"]) == ("STARTED", "ACCEPTED")
    assert accepted["assessment"]["progress"]["answered"] == 0
    return edge["node"]["id"], accepted["assessment"]["id"]


async def answer(supplier: Caller, assessment: str) -> int:
    """Everything is answered in several calls, with a conflict and a replay; gives the change number."""
    read = await supplier.ask("ReadQuestionnaire", questionnaire="responsible-sourcing", tier="MICRO")
    asked = [question["key"] for section in read["sections"] for question in section["questions"]]
    assert asked == list(ANSWERS)
    document = await supplier.fetch(read["documentPath"])
    assert hashlib.sha256(document).hexdigest() == read["contentHash"]
    first, *others = (write(question) for question in ANSWERS)
    saved = await save(supplier, assessment, first)
    assert saved == [("SAVED", 1)]
    conflict = write("headcount", number="15")
    assert await save(supplier, assessment, conflict, *others[:5]) == [("CONFLICT", 1), *[("SAVED", 1)] * 5]
    assert await save(supplier, assessment, *others[3:]) == [("SAVED", 1)] * len(others[3:])
    corrected = write("headcount", 1, number="15")
    assert await save(supplier, assessment, corrected, first) == [("SAVED", 2), ("SAVED", 1)]
    progress = await supplier.ask("ReadProgress", assessment=assessment, changedAfter=len(ANSWERS))
    assert progress["changeNumber"] == len(ANSWERS) + 1
    assert [one["question"] for one in progress["answers"]["answers"]] == ["headcount"]
    assert (progress["progress"]["missingCount"], progress["problems"]) == (0, [])
    number: int = progress["changeNumber"]
    return number


async def save(supplier: Caller, assessment: str, *answers: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Status and revision of each write."""
    saved = await supplier.do("SaveAnswers", assessmentId=assessment, answers=list(answers))
    assert [result["writeId"] for result in saved["results"]] == [one["writeId"] for one in answers]
    for result in saved["results"]:
        if result["status"] == "CONFLICT":
            numbers = [result[side]["value"]["number"] for side in ("yours",)]
            assert [*numbers, result["current"]["content"]["value"]["number"]] == ["15", "12"]
    return [(result["status"], result["revision"]) for result in saved["results"]]


async def declare_gap(supplier: Caller, assessment: str) -> None:
    """What would help is looked at, and one gap gets a plan, a day and an owner."""
    (member,) = (await supplier.ask("ReadColleagues"))["edges"]
    plan = {
        "text": "A drill each spring",
        "dueOn": str(datetime.now(UTC).date() + timedelta(days=90)),
        "ownerId": member["node"]["id"],
    }
    given = {**write("fire_readiness", 1), "plan": plan}
    (result,) = (await supplier.do("DeclareGap", assessmentId=assessment, answers=[given]))["results"]
    assert (result["status"], result["current"]["content"]["plan"]["text"]) == ("SAVED", plan["text"])
    gaps = (await supplier.ask("ReadGaps", assessment=assessment))["gaps"]
    assert {gap["question"]: gap["state"] for gap in gaps}["fire_readiness"] == "STANDING"
    assert "NO_PLAN" in {gap["state"] for gap in gaps}


async def answer_for_a_site(supplier: Caller, assessment: str) -> None:
    """What holds for all of the firm is set for its second mill, which sees by whom and why."""
    site = (await supplier.do("AddSite", name="Second mill"))["site"]["id"]
    given = {"questionnaire": "responsible-sourcing", "tier": "MICRO", "siteId": site}
    started = await supplier.do("StartAssessment", **given, periodStart="2026-01-01", periodEnd="2026-12-31")
    draft = started["assessment"]["id"]
    pushed = await supplier.do(
        "PushAnswers", assessmentId=assessment, questions=["speaking_up"], mode="LOCKED", note="One hotline for all."
    )
    (there,) = pushed["sites"]
    assert (there["siteId"], there["state"], there["assessmentId"]) == (site, "WRITTEN", draft)
    assert [(one["question"], one["status"]) for one in there["results"]] == [("speaking_up", "SAVED")]
    (told,) = (await supplier.ask("ReadPushedAnswers", assessment=draft))["pushedAnswers"]["answers"]
    assert (told["mode"], told["note"], told["pushedBy"]["name"], told["provenance"]) == (
        "LOCKED",
        "One hotline for all.",
        "Minh Anh",
        "LOCKED",
    )
    results = await supplier.ask("ReadSiteResults", questionnaire="responsible-sourcing")
    assert [(one["name"], one["comparison"]) for one in results["sites"]] == [("Second mill", "NO_RESULT")]


async def add_evidence(supplier: Caller, assessment: str) -> None:
    """A document is uploaded, checked by the worker, and attached to an answer."""
    made = await supplier.do("CreateEvidenceUpload", fileName="exits.pdf", kind="RECORD", title="Exits, week by week")
    evidence = made["evidence"]["id"]
    await supplier.send_file(made["upload"], EVIDENCE)
    found = await supplier.wait_for("ReadEvidence", "state", "AVAILABLE", id=evidence)
    assert (found["size"], found["sha256"]) == (len(EVIDENCE), hashlib.sha256(EVIDENCE).hexdigest())
    attached = await supplier.do(
        "AttachEvidence", assessmentId=assessment, question="exits_during_work", evidenceId=evidence
    )
    assert [one["question"] for one in attached["evidence"]["attachments"]] == ["exits_during_work"]


async def submit(supplier: Caller, assessment: str, change_number: int) -> str:
    """The score is previewed, then frozen as it was seen; gives the submission's id."""
    seen = await supplier.ask("PreviewScore", assessment=assessment)
    assert (seen["changeNumber"], seen["problems"]) == (change_number, [])
    assert seen["advice"]
    done = await supplier.do(
        "SubmitAssessment", assessmentId=assessment, expectedChangeNumber=change_number, idempotencyKey="submit-2026"
    )
    assert done["assessment"]["state"] == "SUBMITTED"
    result = done["submission"]["result"]
    assert (result["total"], result["band"]) == (seen["total"], seen["band"])
    submission: str = done["submission"]["id"]
    return submission


async def share(supplier: Caller, submission: str, request: str) -> str:
    """What the buyer would see is looked at, then shared: the summary, one section and its evidence; gives the id."""
    given = {"submissionId": submission, "requestId": request, "sections": ["fire_and_building"]}
    shown = (await supplier.do("PreviewShare", **given, includeEvidence=True))["share"]["shows"]
    assert [section["key"] for section in shown["sections"] if section["answers"]] == ["fire_and_building"]
    assert [document["fileName"] for document in shown["evidence"]] == ["exits.pdf"]
    shared = await supplier.do("ShareResult", **given, includeEvidence=True)
    assert (shared["share"]["state"], shared["fulfilledRequestIds"]) == ("LIVE", [request])
    share: str = shared["share"]["id"]
    return share


async def see_who_looked(supplier: Caller) -> None:
    """The receipts name the organization, when it looked, at what and why."""
    edges = (await supplier.ask("ReadReceipts"))["edges"]
    assert {edge["node"]["reader"]["name"] for edge in edges} == {"Shirts and More"}
    assert {edge["node"]["kind"] for edge in edges} == {"ANSWERS", "EVIDENCE"}
    assert {edge["node"]["purpose"] for edge in edges} == {"Choosing the mills for next year's shirts"}


async def grant_a_part(supplier: Caller) -> None:
    """What the buyer asks to be shown is looked at as it would read it; a part of it is granted."""
    (edge,) = (await supplier.ask("ReadReceivedAccess"))["edges"]
    assert (edge["node"]["buyer"]["name"], edge["node"]["purpose"]) == ("Shirts and More", "A visit in May")
    part = {"requestId": edge["node"]["id"], "sections": ["pay_and_time"], "includeEvidence": False}
    shown = (await supplier.do("PreviewAccess", **part))["shows"]
    assert [section["key"] for section in shown["sections"]] == ["fire_and_building", "pay_and_time"]
    granted = await supplier.do("GrantAccess", **part, reason="Ask the workers' committee about the rest")
    assert granted["request"]["state"] == "PARTLY_GRANTED"


async def refuse(supplier: Caller) -> None:
    """Another request is refused, with something else offered."""
    (edge,) = (await supplier.ask("ReadReceivedAccess"))["edges"]
    refused = await supplier.do(
        "RefuseAccess", requestId=edge["node"]["id"], reason="It names people", offer="VISIT", offerText="Any Monday"
    )
    assert (refused["request"]["state"], refused["request"]["offer"]) == ("REFUSED", "VISIT")


async def agree_once(supplier: Caller) -> None:
    """The owner reads what each submission to come would send out, says yes to that, and ends it again."""
    (buyer,) = await supplier.ask("ReadLinkedBuyers")
    until = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    rule = {"buyerId": buyer["id"], "questionnaire": "responsible-sourcing", "purpose": "Yearly", "until": until}
    stated = await supplier.ask("StateStandingRule", input=rule)
    assert "Shirts and More may read" in stated["statement"]
    made = await supplier.do("MakeStandingRule", **rule, agreement=stated["agreement"])
    assert (made["shareId"], made["rule"]["statement"]) == (None, stated["statement"])
    ended = await supplier.do("EndStandingRule", ruleId=made["rule"]["id"])
    assert ended["rule"] == {"state": "REVOKED", "useCount": 0}


async def end_all(supplier: Caller) -> None:
    """Whatever else the buyer reads ends at once."""
    (buyer,) = await supplier.ask("ReadLinkedBuyers")
    assert await supplier.do("EndAccess", buyerId=buyer["id"]) | {"__typename": ""} == {
        "__typename": "", "endedCount": 1, "endedRuleCount": 0,
    }  # fmt: skip


async def take_back(supplier: Caller, share: str) -> None:
    """The share ends at once."""
    assert (await supplier.do("RevokeShare", shareId=share))["share"]["state"] == "REVOKED"


async def answer_clarification(supplier: Caller, submission: str) -> None:
    """What is asked is looked at in a draft of its own, then replied to item by item; the statement is disputed."""
    (asked,) = (await supplier.ask("ReadClarifications"))["nodes"]
    assert asked["asker"] == {"name": "Shirts and More"}
    (item,) = asked["items"]
    opened = (await supplier.do("ReviseForClarification", clarificationId=asked["id"]))["assessment"]
    assert item["question"] in opened["reopened"]
    await supplier.do("DiscardAssessment", assessmentId=opened["id"], expectedChangeNumber=opened["changeNumber"])
    words = "The fire warden, each Monday."
    said = [{"question": item["question"], "rowId": item["rowId"], "text": words}]
    replied = await supplier.do("ReplyToClarification", clarificationId=asked["id"], items=said)
    assert replied["clarification"]["state"] == "REPLIED"
    found = (await supplier.ask("ReadReview", submission=submission))["review"]
    (statement,) = found["statements"]
    (finding,) = statement["findings"]
    disputed = await supplier.do(
        "OpenDispute",
        statementId=statement["id"],
        question=finding["question"],
        reason="The list has the nights on its second page.",
    )
    assert disputed["dispute"]["state"] == "OPEN"
