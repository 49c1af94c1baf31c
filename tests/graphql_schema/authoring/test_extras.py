"""A buyer's own questions on top: a second request tied to the first, one thing to do for the supplier."""

import base64
from datetime import UTC, datetime
from typing import Any

import asyncpg

from tests.graphql_schema.assessments.documents import PROBLEM, add_record, do, make_ask
from tests.graphql_schema.authoring.documents import END, claim, publish
from tests.graphql_schema.portals import Caller, Portal

CREATE = (
    "mutation ($input: CreateRequestsInput!) { result: createRequests(input: $input) { __typename"
    " ... on RequestsCreated { createdCount lines { requestId extraId problem { code } extraProblem { code path } } }"
    f" {PROBLEM} }} }}"
)
PART = "id questionnaire minimumTier state dueOn"
TO_DO = (
    "query ($state: RequestState) { receivedRequests(state: $state) { nodes {"
    f" {PART} extras {{ {PART} assessment {{ id questionnaire }} }} extraOf {{ id }} }} }} }}"
)
ASKED = f"{{ requests {{ nodes {{ {PART} extras {{ {PART} }} extraOf {{ id }} }} }} }}"
ACCEPT = (
    "mutation ($input: AcceptRequestInput!) { result: acceptRequest(input: $input) { __typename"
    " ... on RequestAccepted { outcome request { state extras { state assessment { questionnaire } } } }"
    f" {PROBLEM} }} }}"
)


def change(name: str, kind: str, input_type: str) -> str:
    return (
        f"mutation ($input: {input_type}!) {{ result: {name}(input: $input) {{ __typename"
        f" ... on {kind} {{ request {{ state dueOn extras {{ state dueOn }} }} }} {PROBLEM} }} }}"
    )


WITHDRAW = change("withdrawRequest", "RequestWithdrawn", "WithdrawRequestInput")
EXTEND = change("extendRequest", "RequestExtended", "ExtendRequestInput")
DECLINE = change("declineRequest", "RequestDeclined", "DeclineRequestInput")
DISOWN = change("disownRequest", "RequestDisowned", "DisownRequestInput")


async def set_up(house: Portal) -> tuple[Caller, Caller, str, str]:
    """A buyer with a questionnaire of its own, a supplier, the record of it, and the key."""
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    key = await publish(house, buyer, await claim(house, buyer))
    return buyer, supplier, await add_record(house, buyer, supplier), key


async def ask(house: Portal, buyer: Caller, record: str, key: str, **more: Any) -> dict[str, Any]:
    extra = {"questionnaire": key, "minimumTier": "MICRO"}
    return await do(house, CREATE, buyer, **make_ask(record, extra=extra, **more))


async def list_to_do(house: Portal, supplier: Caller, state: str | None = None) -> list[dict[str, Any]]:
    answer = await house.ask(TO_DO, supplier.token, state=state)
    found: list[dict[str, Any]] = answer["data"]["receivedRequests"]["nodes"]
    return found


def as_received(request: str) -> str:
    return base64.urlsafe_b64encode(b"rcvd" + base64.urlsafe_b64decode(request)[4:]).decode()


async def count_letters(house: Portal, supplier: Caller) -> int:
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM portal.outbox o JOIN portal.request r ON r.id = (o.ids ->> 'request')::uuid"
                " WHERE o.topic IN ('request.asked', 'request.withdrawn', 'request.extended') AND r.supplier_id = $1",
                supplier.organization,
            )
        )
    finally:
        await connection.close()


async def test_one_thing_to_do_with_two_parts(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    for _ in range(2):
        made = await ask(house, buyer, record, key, idempotencyKey=f"ask-{key}")
        (line,) = made["lines"]
        assert (made["createdCount"], line["problem"], line["extraProblem"]) == (1, None, None)
    assert await count_letters(house, supplier) == 1
    (one,) = await list_to_do(house, supplier)
    assert (one["questionnaire"], one["extraOf"]) == ("sample", None)
    assert [(part["questionnaire"], part["state"]) for part in one["extras"]] == [(key, "OPEN")]
    listed = (await house.ask(ASKED, buyer.token))["data"]["requests"]["nodes"]
    assert {(row["id"], row["extraOf"] and row["extraOf"]["id"]) for row in listed} == {
        (line["requestId"], None),
        (line["extraId"], line["requestId"]),
    }
    accepted = await do(house, ACCEPT, supplier, requestId=one["id"])
    assert (accepted["outcome"], accepted["request"]["state"]) == ("STARTED", "ACCEPTED")
    assert accepted["request"]["extras"] == [{"state": "ACCEPTED", "assessment": {"questionnaire": key}}]
    assert len(await list_to_do(house, supplier, "ACCEPTED")) == 1


async def test_a_part_in_another_state_is_listed_by_itself(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    await ask(house, buyer, record, key)
    (one,) = await list_to_do(house, supplier)
    declined = await do(house, DECLINE, supplier, requestId=one["id"], reason="Not this year")
    assert declined["request"]["extras"][0]["state"] == "OPEN"
    (left,) = await list_to_do(house, supplier, "OPEN")
    assert (left["questionnaire"], left["extraOf"]["id"]) == (key, one["id"])
    assert [row["questionnaire"] for row in await list_to_do(house, supplier, "DECLINED")] == ["sample"]
    assert len(await list_to_do(house, supplier)) == 2
    assert (await do(house, ACCEPT, supplier, requestId=left["id"]))["outcome"] == "STARTED"


async def test_what_happens_to_the_first_happens_to_both(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    (line,) = (await ask(house, buyer, record, key))["lines"]
    extended = await do(house, EXTEND, buyer, requestId=line["requestId"], dueOn="2027-12-31")
    assert extended["request"]["extras"][0]["dueOn"] == "2027-12-31"
    withdrawn = await do(house, WITHDRAW, buyer, requestId=line["requestId"])
    assert withdrawn["request"]["extras"][0]["state"] == "WITHDRAWN"
    assert await count_letters(house, supplier) == 3  # asked, extended, withdrawn: once each
    (line,) = (await ask(house, buyer, record, key))["lines"]
    disowned = await do(house, DISOWN, supplier, requestId=as_received(line["requestId"]), reason="Not us")
    assert (disowned["request"]["state"], disowned["request"]["extras"][0]["state"]) == ("NOT_US", "NOT_US")


async def test_the_second_part_alone_can_be_taken_back(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    (line,) = (await ask(house, buyer, record, key))["lines"]
    assert (await do(house, WITHDRAW, buyer, requestId=line["extraId"]))["request"]["state"] == "WITHDRAWN"
    (one,) = await list_to_do(house, supplier, "OPEN")
    assert (one["questionnaire"], one["state"]) == ("sample", "OPEN")


async def test_extra_questions_join_a_request_that_is_there(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    first = await do(house, CREATE, buyer, **make_ask(record))
    (line,) = (await ask(house, buyer, record, key))["lines"]
    assert (line["problem"]["code"], line["requestId"]) == ("ALREADY_REQUESTED", first["lines"][0]["requestId"])
    assert line["extraId"] is not None
    assert line["extraProblem"] is None
    assert await count_letters(house, supplier) == 2
    (again,) = (await ask(house, buyer, record, key))["lines"]
    assert (again["extraProblem"]["code"], again["extraId"]) == ("ALREADY_REQUESTED", line["extraId"])
    (one,) = await list_to_do(house, supplier)
    assert len(one["extras"]) == 1


async def test_what_cannot_be_asked_along(house: Portal) -> None:
    buyer, _, record, key = await set_up(house)
    rival = await house.sign_up("buyer")
    foreign = await publish(house, rival, await claim(house, rival))
    for named, tier, code, path in (
        ("sample", "MICRO", "SAME", ["input", "extra", "questionnaire"]),
        (foreign, "MICRO", "NOT_FOUND", ["input", "extra", "questionnaire"]),
        ("no--such", "MICRO", "NOT_FOUND", ["input", "extra", "questionnaire"]),
        (key, "ADVANCED", "TIER", ["input", "extra", "minimumTier"]),
    ):
        extra = {"questionnaire": named, "minimumTier": tier}
        refused = await do(house, CREATE, buyer, **make_ask(record, extra=extra))
        assert (refused["code"], refused["path"]) == (code, path)
    assert (await house.ask(ASKED, buyer.token))["data"]["requests"]["nodes"] == []


async def test_a_second_part_that_cannot_begin_holds_up_nothing(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    await ask(house, buyer, record, key)
    (one,) = await list_to_do(house, supplier)
    today = str(datetime.now(UTC).date())
    await do(house, END, buyer, questionnaire=key, version="1.0.0", retiredOn=today)
    accepted = await do(house, ACCEPT, supplier, requestId=one["id"])
    assert (accepted["outcome"], accepted["request"]["extras"]) == ("STARTED", [{"state": "OPEN", "assessment": None}])
    (left,) = await list_to_do(house, supplier, "OPEN")
    assert (await do(house, ACCEPT, supplier, requestId=left["id"]))["code"] == "RETIRED"


async def test_both_parts_are_about_the_same_site(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    add = "mutation ($input: AddSiteInput!) { result: addSite(input: $input) { ... on SiteAdded { site { id } } } }"
    site = (await do(house, add, supplier, name="Mill 2", country="VN"))["site"]["id"]
    await ask(house, buyer, record, key, subject="SITE", subjectName="The second mill")
    (one,) = await list_to_do(house, supplier)
    refused = await do(house, ACCEPT, supplier, requestId=one["id"])
    assert refused["code"] == "SITE_NEEDED"
    accepted = await do(house, ACCEPT, supplier, requestId=one["id"], siteId=site)
    assert accepted["request"]["extras"] == [{"state": "ACCEPTED", "assessment": {"questionnaire": key}}]
    listed = await house.ask("{ assessments { nodes { questionnaire siteId } } }", supplier.token)
    assert {(row["questionnaire"], row["siteId"]) for row in listed["data"]["assessments"]["nodes"]} == {
        ("sample", site),
        (key, site),
    }


async def test_a_part_has_no_parts(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    await ask(house, buyer, record, key)
    extra = {"questionnaire": "spot-check", "minimumTier": "MICRO"}
    (line,) = (await do(house, CREATE, buyer, **make_ask(record, questionnaire=key, extra=extra)))["lines"]
    assert (line["problem"]["code"], line["extraProblem"]) == ("ALREADY_REQUESTED", None)
    (one,) = await list_to_do(house, supplier)
    assert {part["questionnaire"] for part in one["extras"]} == {key, "spot-check"}


async def test_minutes_are_those_of_each_part(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    await ask(house, buyer, record, key)
    query = "{ receivedRequests { nodes { minutes extras { minutes } } } }"
    (found,) = (await house.ask(query, supplier.token))["data"]["receivedRequests"]["nodes"]
    # Seven questions of a minute each, one of which depends on another answer: the same in both parts.
    assert found == {"minutes": "7", "extras": [{"minutes": "7"}]}
