"""An organization reads its trail: who did what to which object from where, and acts of others that concern it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.commands import audit
from portal.trail import sealing
from tests import people
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import WAIT, Stage

pytestmark = pytest.mark.slow  # waits for a real worker

SEALED = """
SELECT e.detail::jsonb ->> 'root_hash' AS noted, encode(s.root_hash, 'hex') AS root
  FROM portal.audit_event e JOIN portal.submission s ON s.id::text = e.object_id WHERE e.action = 'assessment.submitted'
"""
TRAIL = """
query ($first: Int! = 50, $after: String, $action: String, $objectId: ID, $memberId: ID, $since: Date, $until: Date) {
  auditTrail(first: $first, after: $after, action: $action, objectId: $objectId, memberId: $memberId, since: $since,
             until: $until) {
    pageInfo { hasNextPage endCursor }
    edges { node { at action object { kind id key } address requestId isSealed block
      actor { role memberId name organization { id name country } } } }
  }
}
"""


async def read(stage: Stage, caller: Any, **asked: Any) -> list[dict[str, Any]]:
    found = (await stage.ask(caller, TRAIL, **asked))["auditTrail"]
    return [edge["node"] for edge in found["edges"]]


async def share(stage: Stage) -> tuple[str, str]:
    """The submission and the share that the weaver gives the maker."""
    submitted = await stage.submit(stage.weaver)
    return submitted.node, await stage.share(stage.weaver, stage.maker, submitted)


async def test_own_acts_are_told_with_names_and_places(stage: Stage) -> None:
    submission, share_id = await share(stage)
    (entry,) = await read(stage, stage.weaver, action="result.shared")
    assert entry["object"] == {"kind": "share", "id": share_id, "key": None}
    assert entry["actor"]["organization"] is None
    assert (entry["actor"]["role"], entry["actor"]["memberId"] is not None) == ("OWNER", True)
    assert entry["actor"]["name"]
    assert entry["address"] == "127.0.0.0/24"
    assert len(entry["requestId"]) >= 8
    (submitted,) = await read(stage, stage.weaver, objectId=submission)
    assert (submitted["action"], submitted["object"]["id"]) == ("assessment.submitted", submission)
    (sealed,) = await stage.house.fetch(SEALED)
    assert sealed["noted"] == sealed["root"]
    started = await read(stage, stage.weaver, action="assessment.started")
    node = "query ($id: ID!) { node(id: $id) { id } }"
    found = await stage.ask(stage.weaver, node, id=started[0]["object"]["id"])
    assert found["node"]["id"] == started[0]["object"]["id"]


async def test_the_other_side_sees_the_act_and_not_the_person(stage: Stage) -> None:
    await share(stage)
    (entry,) = await read(stage, stage.maker, action="result.shared")
    actor = entry["actor"]
    assert (actor["role"], actor["memberId"], actor["name"]) == ("OWNER", None, None)
    assert actor["organization"]["id"] == stage.name_organization(stage.weaver)
    assert (entry["address"], entry["requestId"]) == (None, None)
    assert await read(stage, stage.trader, action="result.shared") == []
    assert await read(stage, stage.dyer, action="result.shared") == []
    request, received = await stage.request(stage.maker, stage.weaver)
    (accepted,) = await read(stage, stage.maker, action="request.accepted")
    assert accepted["object"]["id"] == stage.name("rqst", stage.maker, request)
    (own,) = await read(stage, stage.weaver, action="request.accepted")
    assert own["object"]["id"] == received
    member = own["actor"]["memberId"]
    (again,) = await read(stage, stage.weaver, action="request.accepted", memberId=member)
    assert again["object"] == own["object"]  # it may have been sealed meanwhile
    assert await read(stage, stage.maker, action="request.accepted", memberId=member) == [], "a person of others"


async def test_pages_and_days_and_actions_narrow_it_down(stage: Stage) -> None:
    _, share_id = await share(stage)
    await stage.change(stage.weaver, documents.REVOKE, shareId=share_id)
    everything = await read(stage, stage.weaver)
    pages, after = [], None
    while True:
        found = (await stage.ask(stage.weaver, TRAIL, first=2, after=after))["auditTrail"]
        pages += [edge["node"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    key = [(one["at"], one["action"], one["object"]["id"]) for one in everything]
    assert [(one["at"], one["action"], one["object"]["id"]) for one in pages] == key
    assert len(key) > 3
    assert [one["at"] for one in everything] == sorted((one["at"] for one in everything), reverse=True)
    assert [one["action"] for one in await read(stage, stage.weaver, objectId=share_id)] == [
        "share.revoked",
        "result.shared",
    ]
    today = datetime.now(UTC).date()
    assert len(await read(stage, stage.weaver, since=str(today), until=str(today))) == len(everything)
    assert await read(stage, stage.weaver, since=str(today + timedelta(days=1))) == []
    assert await read(stage, stage.weaver, until=str(today - timedelta(days=1))) == []


async def test_what_is_sealed_says_in_which_block(stage: Stage) -> None:
    await share(stage)
    async with asyncio.timeout(WAIT):
        while not all(one["isSealed"] for one in await read(stage, stage.weaver)):
            await asyncio.sleep(0.05)
    entries = await read(stage, stage.weaver)
    assert all(one["block"] >= 1 for one in entries)
    assert sorted(path.suffix for path in (stage.folder / "audit" / "heads").iterdir()) == [".jws"]
    settings = stage.settings.model_copy(update={"storage_url": f"file://{stage.folder}"})
    url = stage.house.made.worker_url
    count = await audit._verify(url, settings, audit._open_keys(settings), None)
    assert (count.faults, count.events >= len(entries)) == (0, True)


async def test_what_was_not_sealed_yet_says_so(unwatched: Stage) -> None:
    await share(unwatched)
    entries = await read(unwatched, unwatched.weaver)
    assert {(one["isSealed"], one["block"]) for one in entries} == {(False, None)}
    assert sealing.MOST_OF_BLOCK > 1


async def test_an_act_of_the_operator_is_told_as_one(stage: Stage) -> None:
    operator = await people.add_person(stage.house.made, operator=True)
    change = """
    mutation ($input: PlaceInGroupInput!) { placeInGroup(input: $input) { __typename ... on Problem { message } } }
    """
    given = {"organizationId": stage.name_organization(stage.weaver), "newGroup": "North"}
    answer = await stage.portal.ask(change, operator.token, input=given)
    assert answer["data"]["placeInGroup"]["__typename"] != "Problem", answer
    (entry,) = await read(stage, stage.weaver, action="group.placed")
    assert entry["actor"] == {"role": "OPERATOR", "memberId": None, "name": None, "organization": None}
    assert entry["address"] == "127.0.0.0/24"


@pytest.mark.parametrize("role", ["editor", "reviewer", "viewer"])
async def test_only_owners_read_it(unwatched: Stage, role: str) -> None:
    update = "UPDATE portal.member SET role = $1 WHERE organization_id = $2"
    await people.run_sql(unwatched.house.made, update, role, unwatched.weaver.organization)
    answer = await unwatched.portal.ask(TRAIL, unwatched.weaver.credential.token)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"


async def test_what_is_no_id_is_refused(unwatched: Stage) -> None:
    answer = await unwatched.portal.ask(TRAIL, unwatched.weaver.credential.token, objectId="x")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_ID"
    assert "objectId" in str(answer["errors"][0]["extensions"])
