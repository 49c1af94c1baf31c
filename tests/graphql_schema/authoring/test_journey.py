"""An own questionnaire from the draft to a shared result, by a machine as well, and who never gets its answers."""

from typing import Any
from uuid import UUID

from tests.graphql_schema.assessments.documents import (
    ACCEPT,
    CREATE,
    PROBLEM,
    SAVE,
    SUBMIT,
    add_record,
    do,
    encode,
    make_ask,
    write_all,
)
from tests.graphql_schema.authoring import documents
from tests.graphql_schema.authoring.documents import SHOW, claim, decide, publish
from tests.graphql_schema.portals import Caller, Portal

SHARE = (
    "mutation ($input: ShareResultInput!) { result: shareResult(input: $input) { __typename"
    f" ... on ResultShared {{ share {{ id state }} }} {PROBLEM} }} }}"
)
PROFILE = (
    "query ($id: ID!, $key: String!) { supplier(id: $id, questionnaire: $key) { total latestResult { questionnaire"
    " version total sections { key answers { question values } } } } }"
)
NEW_KEY = (
    "mutation ($input: CreateApiKeyInput!) { result: createApiKey(input: $input) { __typename"
    f" ... on ApiKeyCreated {{ secret }} {PROBLEM} }} }}"
)
NO_OWNER = UUID(int=0)
READ = "{ receivedRequests { nodes { id questionnaire } } }"


async def answer(house: Portal, buyer: Caller, supplier: Caller, key: str) -> tuple[str, str, str]:
    """The buyer's record of a supplier that was asked and answered; the request as the supplier sees it, and what
    was submitted."""
    record = await add_record(house, buyer, supplier)
    await do(house, CREATE, buyer, **make_ask(record, questionnaire=key))
    listed = (await house.ask(READ, supplier.token))["data"]["receivedRequests"]["nodes"]
    (request,) = [one["id"] for one in listed if one["questionnaire"] == key]
    assessment = (await do(house, ACCEPT, supplier, requestId=request))["assessment"]["id"]
    saved = await do(house, SAVE, supplier, assessmentId=assessment, answers=write_all())
    made = await do(house, SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=saved["changeNumber"])
    assert made["__typename"] == "AssessmentSubmitted", made
    return record, request, made["submission"]["id"]


async def read_total(house: Portal, buyer: Caller, record: str, key: str) -> Any:
    found = await house.ask(PROFILE, buyer.token, id=record, key=key)
    return found["data"]["supplier"]["latestResult"]


async def test_answers_to_a_private_one_go_to_its_publisher_alone(house: Portal) -> None:
    buyer, rival, supplier = [await house.sign_up(role) for role in ("buyer", "buyer", "supplier")]
    key = await publish(house, buyer, await claim(house, buyer))
    record, request, submission = await answer(house, buyer, supplier, key)
    elsewhere = await add_record(house, rival, supplier)
    to_rival = {"buyerId": encode("orga", NO_OWNER, rival.organization)}
    refused = await do(house, SHARE, supplier, submissionId=submission, **to_rival, purpose="To see")
    assert (refused["code"], refused["path"]) == ("NOT_FOR_BUYER", ["input", "submissionId"])
    shared = await do(house, SHARE, supplier, submissionId=submission, requestId=request, sections=["facts"])
    assert shared["__typename"] == "ResultShared", shared
    found = await read_total(house, buyer, record, key)
    assert found["sections"][0]["answers"][0] == {"question": "headcount", "values": ["12"]}
    hidden = await house.ask(PROFILE, rival.token, id=elsewhere, key=key)
    unknown = await house.ask(PROFILE, rival.token, id=elsewhere, key="no--such")
    assert (hidden["data"], hidden.get("errors")) == (unknown["data"], unknown.get("errors"))


async def test_answers_to_a_public_one_can_be_shared_with_others(house: Portal) -> None:
    body, buyer, other = [await house.sign_up(role) for role in ("partner", "buyer", "buyer")]
    supplier, operator = await house.sign_up("supplier"), await house.sign_up("supplier", operator=True)
    key = await publish(house, body, await claim(house, body))
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    _, _, submission = await answer(house, buyer, supplier, key)
    elsewhere = await add_record(house, other, supplier)
    await do(house, CREATE, other, **make_ask(elsewhere, questionnaire=key))
    to_other = {"buyerId": encode("orga", NO_OWNER, other.organization)}
    shared = await do(house, SHARE, supplier, submissionId=submission, **to_other, purpose="To see")
    assert shared["__typename"] == "ResultShared", shared
    assert (await read_total(house, other, elsewhere, key))["total"] is not None


async def test_a_machine_publishes_with_a_key_of_its_own_scope(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await do(house, NEW_KEY, buyer, name="Build", scopes=["QUESTIONNAIRES_WRITE"])
    machine = Caller(made["secret"], buyer.user, buyer.organization)
    key = await publish(house, machine, await claim(house, machine))
    assert await documents.see(house, key, machine) is not None
    other = await do(house, NEW_KEY, buyer, name="Lists", scopes=["SUPPLIERS_WRITE"])
    refused = await documents.draft(house, Caller(other["secret"], buyer.user, buyer.organization), "x")
    assert refused["code"] == "NOT_ALLOWED"
    supplier = await house.sign_up("supplier")
    refused = await do(house, NEW_KEY, supplier, name="Build", scopes=["QUESTIONNAIRES_WRITE"])
    assert [one["code"] for one in refused["problems"]] == ["SCOPE"]
