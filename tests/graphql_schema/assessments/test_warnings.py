"""What is kept although submission would refuse it says so at once; so does a document that nobody asked for."""

from typing import Any

from tests.graphql_schema.assessments.documents import PROBLEM, do, start, write
from tests.graphql_schema.assessments.test_renewals import UPLOAD
from tests.graphql_schema.portals import Portal

SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { ... on AnswersSaved { results {"
    f" status problem {{ code }} warning {{ code question message locale }} }} }} {PROBLEM} }} }}"
)
ATTACH = (
    "mutation ($input: AttachEvidenceInput!) { result: attachEvidence(input: $input) { __typename"
    f" ... on EvidenceAttached {{ problem {{ code message }} }} {PROBLEM} }} }}"
)
PROBLEMS = "query ($id: ID!) { assessment(id: $id) { problems { question code } } }"


async def test_a_value_beyond_its_limits_is_kept_and_said(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    draft = await start(house, supplier, "BASIC")
    sent = [
        write("headcount", number="-3"),
        write("waste", choices=["paper", "none"]),
        write("remark", text="x" * 201),
        write("trained", number="12.345"),
        write("fees_repaid", state="NOT_APPLICABLE"),
        write("area", number="40"),
        write("founded", date="tomorrow"),
    ]
    results: list[Any] = (await do(house, SAVE, supplier, assessmentId=draft, answers=sent))["results"]
    assert [one["status"] for one in results] == ["SAVED"] * 6 + ["REFUSED"]
    codes = [one["warning"] and one["warning"]["code"] for one in results]
    assert codes == [
        "BELOW_MIN",
        "EXCLUSIVE_OPTION",
        "TEXT_TOO_LONG",
        "TOO_MANY_DECIMALS",
        "REASON_MISSING",
        None,
        None,
    ]
    assert "-3 is less than 0" in results[0]["warning"]["message"]
    again = (await do(house, SAVE, supplier, assessmentId=draft, answers=sent))["results"]
    assert again == results
    # They are what submission then names.
    found = (await house.ask(PROBLEMS, supplier.token, id=draft))["data"]["assessment"]["problems"]
    named = {(one["question"], one["code"]) for one in found}
    assert {(one["warning"]["question"], one["warning"]["code"]) for one in results[:4]} <= named


async def test_a_document_that_nobody_asked_for_says_so(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    draft = await start(house, supplier, "BASIC")
    made = await do(house, UPLOAD, supplier, fileName="a.pdf", kind="RECORD", issuedOn="2026-01-01")
    for question, code in (("remark", "EVIDENCE_NOT_ASKED"), ("fees_repaid", None)):
        given = {"assessmentId": draft, "question": question, "evidenceId": made["evidence"]["id"]}
        done = await do(house, ATTACH, supplier, **given)
        assert done["__typename"] == "EvidenceAttached", done
        assert (done["problem"] and done["problem"]["code"]) == code
