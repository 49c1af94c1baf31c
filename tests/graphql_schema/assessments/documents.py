"""The operations that the tests of this folder send, and the ids they need."""

import asyncio
import base64
from typing import Any
from uuid import UUID

import asyncpg

from portal.database import ids
from tests.graphql_schema.portals import Caller, Portal

PROBLEM = (
    "... on Problem { code message path } ... on RateLimited { retryAfter }"
    " ... on InvalidInput { problems { code path message } }"
)
CREATE = (
    "mutation ($input: CreateRequestsInput!) { result: createRequests(input: $input) { __typename"
    " ... on RequestsCreated { createdCount lines { supplierId requestId problem { code path } } }"
    f" {PROBLEM} }} }}"
)
RECEIVED = (
    "query ($first: Int, $after: String, $state: RequestState) { receivedRequests(first: $first, after: $after,"
    " state: $state) { nodes { id buyerName purpose dueOn state minimumTier minutes assessment { id } }"
    " pageInfo { hasNextPage endCursor } } }"
)
ACCEPT = (
    "mutation ($input: AcceptRequestInput!) { result: acceptRequest(input: $input) { __typename"
    " ... on RequestAccepted { outcome request { id state } assessment { id tier state changeNumber revision"
    f" progress {{ answered required missingCount minutesLeft }} }} submission {{ id }} }} {PROBLEM} }} }}"
)
START = (
    "mutation ($input: StartAssessmentInput!) { result: startAssessment(input: $input) { __typename"
    f" ... on AssessmentStarted {{ assessment {{ id tier state changeNumber }} }} {PROBLEM} }} }}"
)
CHANGE_TIER = (
    "mutation ($input: ChangeTierInput!) { result: changeTier(input: $input) { __typename"
    f" ... on TierChanged {{ assessment {{ id tier }} }} {PROBLEM} }} }}"
)
CORRECT = (
    "mutation ($input: CorrectAssessmentInput!) { result: correctAssessment(input: $input) { __typename"
    " ... on AssessmentCorrected { appliedCount assessment { id revision correctsId changeNumber } }"
    f" {PROBLEM} }} }}"
)
CONTENT = "state value { boolean choice choices number date text row none } reason comment deleted"
SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename ... on AnswersSaved"
    " { changeNumber assessment { changeNumber progress { answered missingCount } } results { writeId status revision"
    " problem { question rowId code message }"
    f" current {{ question rowId revision changeNumber content {{ {CONTENT} }} }}"
    f" yours {{ {CONTENT} }} }} }} {PROBLEM} }} }}"
)
DISCARD = (
    "mutation ($input: DiscardAssessmentInput!) { result: discardAssessment(input: $input) { __typename"
    f" ... on AssessmentDiscarded {{ assessmentId }} {PROBLEM} }} }}"
)
SUBMIT = (
    "mutation ($input: SubmitAssessmentInput!) { result: submitAssessment(input: $input) { __typename"
    " ... on AssessmentSubmitted { assessment { id state } submission { id rootHash state exportPath result"
    " { tier isOwnTier total band bandReason coverage isValid validUntil pillars { key title score weight state }"
    " criticalHits { rule section } } results { tier total band } } }"
    f" ... on InvalidAnswers {{ problems {{ question rowId code message }} }} {PROBLEM} }} }}"
)
WITHDRAW = (
    "mutation ($input: WithdrawSubmissionInput!) { result: withdrawSubmission(input: $input) { __typename"
    f" ... on SubmissionWithdrawn {{ submission {{ id state }} }} {PROBLEM} }} }}"
)
PREVIEW = (
    "query ($id: ID!, $measures: Int) { scorePreview(assessmentId: $id, measures: $measures) { changeNumber tier total"
    " band bandReason coverage restsOn pillars { key score state } lines { question status weight points share why"
    " { option bandFrom } } advice { question gain action } problems { question code }"
    " inconsistencies { check severity } openRules { rule state } } }"
)


async def do(house: Portal, document: str, caller: Caller | None, **given: Any) -> dict[str, Any]:
    """The result of a mutation with this input."""
    answer = await house.ask(document, caller.token if caller else None, input=given)
    assert "errors" not in answer, answer
    result: dict[str, Any] = answer["data"]["result"]
    return result


async def discard(house: Portal, token: str, assessment: str) -> dict[str, Any]:
    """Throw a draft away by one who has seen all of it; where there is nothing to see, by one who has not."""
    seen = await house.ask("query ($id: ID!) { assessment(id: $id) { changeNumber } }", token, id=assessment)
    number = (seen["data"]["assessment"] or {"changeNumber": 0})["changeNumber"]
    answer = await house.ask(DISCARD, token, input={"assessmentId": assessment, "expectedChangeNumber": number})
    assert "errors" not in answer, answer
    result: dict[str, Any] = answer["data"]["result"]
    return result


def encode(tag: str, owner: UUID, own: UUID) -> str:
    return base64.urlsafe_b64encode(tag.encode() + owner.bytes + own.bytes).decode()


def decode(node: str) -> UUID:
    """The row that an id names."""
    return UUID(bytes=base64.urlsafe_b64decode(node)[20:])


async def wait_for_lock(house: Portal) -> None:
    """Until some transaction waits for another one."""
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        async with asyncio.timeout(10):
            while not await connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
            ):
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def add_record(house: Portal, buyer: Caller, supplier: Caller | None = None) -> str:
    """A supplier record of a buyer, linked where a supplier is given; its id."""
    record = ids.new_id()
    await house.run_sql(
        "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, state, supplier_id)"
        " VALUES ($1, $2, 'Mill', 'mill', $3, $4)",
        buyer.organization,
        record,
        "linked" if supplier else "has_contact",
        supplier.organization if supplier else None,
    )
    return encode("supp", buyer.organization, record)


def make_ask(*suppliers: str, **changed: Any) -> dict[str, Any]:
    return {
        "supplierIds": list(suppliers),
        "questionnaire": "sample",
        "minimumTier": "MICRO",
        "periodStart": "2026-01-01",
        "periodEnd": "2026-12-31",
        "purpose": "Choosing suppliers",
        "dueOn": "2027-06-30",
    } | changed


async def start(house: Portal, caller: Caller, tier: str = "BASIC", **changed: Any) -> str:
    """A draft of the sample questionnaire; its id."""
    given = {"questionnaire": "sample", "tier": tier, "periodStart": "2026-01-01", "periodEnd": "2026-12-31"} | changed
    made = await do(house, START, caller, **given)
    found: str = made["assessment"]["id"]
    return found


def write(question: str, base: int = 0, **given: Any) -> dict[str, Any]:
    """A write: values by kind, everything else by its own name."""
    own = {"rowId", "state", "unit", "reason", "comment", "deleted", "writeId"}
    value = {name: one for name, one in given.items() if name not in own}
    rest = {name: one for name, one in given.items() if name in own}
    sent = {"writeId": str(ids.new_id()), "question": question, "baseRevision": base} | rest
    return sent | ({"value": value} if value else {})


def write_all() -> list[dict[str, Any]]:
    """Everything that the tier micro needs."""
    return [
        write("headcount", number="12"),
        write("fees_repaid", choice="yes"),
        write("trained", number="95"),
        write("exits_locked", boolean=False),
    ]


CHANGE_NUMBER = "query ($id: ID!) { assessment(id: $id) { changeNumber } }"
