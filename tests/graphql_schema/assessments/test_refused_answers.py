"""What may stand in the way of a late answer: it is saved, waits, or is refused before it was acknowledged."""

from typing import Any

import pytest

from portal.database import ids
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, make_ask, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal

SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename"
    f" ... on AnswersSaved {{ results {{ status }} }} {documents.PROBLEM} }} }}"
)
ASSIGN = (
    "mutation ($input: AssignSectionInput!) { result: assignSection(input: $input) { __typename"
    f" {documents.PROBLEM} }} }}"
)
DECLINE = (
    "mutation ($input: DeclineRequestInput!) { result: declineRequest(input: $input) { __typename"
    f" {documents.PROBLEM} }} }}"
)


async def send(house: Portal, caller: Caller, assessment: str, *sent: dict[str, Any]) -> Any:
    """The statuses, or the code of what stopped the call."""
    told = await do(house, SAVE, caller, assessmentId=assessment, answers=list(sent))
    return [one["status"] for one in told["results"]] if told["__typename"] == "AnswersSaved" else told["code"]


async def test_a_section_of_somebody_else_takes_answers(house: Portal) -> None:
    """Who has a section says who is to answer it, and locks nobody out."""
    supplier = await house.sign_up("supplier")
    mai, vu = await house.join(supplier, "Mai"), await house.join(supplier, "Vu")
    assessment = await start(house, supplier)
    member = documents.encode("memb", supplier.organization, mai.user)
    given = await do(house, ASSIGN, supplier, assessmentId=assessment, section="facts", memberId=member)
    assert given["__typename"] == "SectionAssigned", given
    assert await send(house, vu, assessment, write("headcount", number="12")) == ["SAVED"]


async def test_a_request_that_was_declined_takes_no_answer_along(house: Portal) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    record = await documents.add_record(house, buyer, supplier)
    await do(house, documents.CREATE, buyer, **make_ask(record))
    (request,) = (await house.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    assessment = (await do(house, documents.ACCEPT, supplier, requestId=request["id"]))["assessment"]["id"]
    declined = await do(house, DECLINE, supplier, requestId=request["id"], reason="Too much")
    assert declined["__typename"] == "RequestDeclined", declined
    assert await send(house, supplier, assessment, write("headcount", number="12")) == ["SAVED"]


async def test_what_was_withdrawn_lets_answers_wait(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier, "MICRO")
    await send(house, supplier, assessment, *write_all())
    made = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
    await do(house, documents.WITHDRAW, supplier, submissionId=made["submission"]["id"])
    late = write("headcount", 1, number="77")
    assert await send(house, supplier, assessment, late) == ["PENDING"]
    await do(house, documents.CORRECT, supplier, assessmentId=assessment)
    assert await send(house, supplier, assessment, late) == ["SAVED"]


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        ("UPDATE portal.organization SET status = 'suspended' WHERE id = $1", "status = 'active'"),
        (
            "UPDATE portal.organization SET status = 'closed', closed_at = now() WHERE id = $1",
            "status = 'active', closed_at = NULL",
        ),
    ],
    ids=["suspended", "closed"],
)
async def test_an_organization_that_acts_no_more_takes_nothing_and_says_so(house: Portal, gone: str, back: str) -> None:
    """Nothing is acknowledged: the device keeps its queue, and it is saved once the organization is back."""
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    late = write("headcount", number="12")
    await house.run_sql(gone, supplier.organization)
    assert await send(house, supplier, assessment, late) == "NOT_ALLOWED"
    await house.run_sql(f"UPDATE portal.organization SET {back} WHERE id = $1", supplier.organization)
    assert await send(house, supplier, assessment, late) == ["SAVED"]


async def test_who_may_not_answer_hears_so_before_anything_is_kept(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    viewer = await house.join(supplier, "Vu", "viewer")
    late = write("headcount", number="12")
    assert await send(house, viewer, assessment, late) == "NOT_ALLOWED"
    await house.run_sql("UPDATE portal.session SET expires_at = now() - interval '1 s' WHERE user_id = $1", viewer.user)
    assert await send(house, viewer, assessment, late) == "UNAUTHENTICATED"
    assert await send(house, supplier, assessment, late) == ["SAVED"]
    many = [write("headcount", number="1") for _ in range(201)]
    assert await send(house, supplier, assessment, *many) == "TOO_MANY"
    assert (
        await send(house, supplier, documents.encode("asmt", supplier.organization, ids.new_id()), late) == "NOT_FOUND"
    )
