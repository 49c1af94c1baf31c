"""Several shares and requests of one pair: what is latest, what is read together, and what of it is fulfilled."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.assessments import received, request_changes, requests
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import SHARE, Stage
from tests.portal.assessments.house import Caller, make_ask

pytestmark = pytest.mark.slow  # waits for cards to be written

OLD = {"start": date(2025, 1, 1), "end": date(2025, 12, 31)}
NEXT = {"start": date(2026, 7, 1), "end": date(2027, 6, 30)}
CARD = """
{ suppliers(filter: { questionnaire: "sample" }, sort: DUE) { nodes { total periodEnd requestState dueOn } } }
"""
REVOKE = """
mutation ($input: RevokeShareInput!) { revokeShare(input: $input) { ... on ShareRevoked {
  share { state } alsoReadableThrough { id mode } } } }
"""
CHANGE = """
mutation ($input: ChangeShareInput!) { changeShare(input: $input) { ... on ShareChanged {
  share { sections } alsoReadableThrough { id } } } }
"""
PREVIEW = """
mutation ($input: PreviewShareInput!) { previewShare(input: $input) { __typename ... on Problem { code }
  ... on SharePreviewed { share { shows { total sections { key } } } alsoReadableThrough { id }
    shows { total periodEnd sharedUntil sections { key } evidence { evidenceId } } } } }
"""
END = """
mutation ($input: EndAccessInput!) { endAccess(input: $input) { __typename ... on Problem { code path }
  ... on AccessEnded { endedCount shares { id state } } } }
"""
ACCEPT = """
mutation ($input: AcceptRequestInput!) { acceptRequest(input: $input) { ... on RequestAccepted {
  outcome request { state } } } }
"""
RESEND = """
mutation ($input: ResendRequestInput!) { resendRequest(input: $input) { __typename ... on Problem { code } } }
"""
RECEIVED = "{ receivedRequests(first: 50) { nodes { id state stateReason } } }"
LINKED = "{ linkedBuyers { id isActive } }"


async def read_profile(stage: Stage, buyer: Caller) -> dict[str, Any]:
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", buyer.organization)
    found = await stage.ask(buyer, documents.PROFILE, id=stage.name_record(buyer, stage.weaver))
    profile: dict[str, Any] = found["supplier"]
    return profile


async def read_card(stage: Stage, buyer: Caller) -> dict[str, Any]:
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", buyer.organization)
    (card,) = (await stage.ask(buyer, CARD))["suppliers"]["nodes"]
    return dict(card)


async def list_states(stage: Stage) -> dict[str, str]:
    nodes = (await stage.ask(stage.weaver, RECEIVED))["receivedRequests"]["nodes"]
    return {one["id"]: one["state"] for one in nodes}


async def list_live(stage: Stage) -> list[str]:
    nodes = (await stage.ask(stage.weaver, documents.SHARES, live=True))["shares"]["nodes"]
    return [one["id"] for one in nodes]


async def test_the_latest_result_is_that_of_the_latest_period_whatever_was_submitted_last(stage: Stage) -> None:
    good = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.trader, good, mode="FOLLOWING")
    await stage.submit(stage.weaver, exits_locked=True, **OLD)
    profile = await read_profile(stage, stage.trader)
    assert (profile["latestResult"]["total"], profile["latestResult"]["periodEnd"]) == ("93.33", "2026-12-31")
    assert [one["periodEnd"] for one in profile["history"]] == ["2026-12-31", "2025-12-31"]
    card = await read_card(stage, stage.trader)
    assert (card["total"], card["periodEnd"]) == ("93.33", "2026-12-31")
    (share,) = (await stage.ask(stage.weaver, documents.SHARES))["shares"]["nodes"]
    assert share["shows"]["total"] == "93.33"
    await stage.submit(stage.weaver, exits_locked=True, **NEXT)
    assert (await read_card(stage, stage.trader))["periodEnd"] == "2027-06-30"


async def test_revoking_and_changing_name_what_still_opens_the_same(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    kept = await stage.share(stage.weaver, stage.trader, submitted)
    follows = await stage.share(stage.weaver, stage.trader, submitted, mode="FOLLOWING", sections=["facts"])
    changed = await stage.change(stage.weaver, CHANGE, shareId=kept, sections=["safety"])
    assert changed == {"share": {"sections": ["safety"]}, "alsoReadableThrough": [{"id": follows}]}
    later = await stage.submit(stage.weaver, **NEXT)
    newest = await stage.share(stage.weaver, stage.trader, later)
    revoked = await stage.change(stage.weaver, REVOKE, shareId=newest)
    assert revoked["alsoReadableThrough"] == [
        {"id": follows, "mode": "FOLLOWING"}
    ]  # not what shows an older period alone
    revoked = await stage.change(stage.weaver, REVOKE, shareId=follows)
    assert revoked == {"share": {"state": "REVOKED"}, "alsoReadableThrough": [{"id": kept, "mode": "SNAPSHOT"}]}
    assert (await read_profile(stage, stage.trader))["latestResult"]["periodEnd"] == "2026-12-31"
    assert (await stage.change(stage.weaver, REVOKE, shareId=kept))["alsoReadableThrough"] == []


async def test_a_preview_shows_what_all_shares_open_together(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    later = await stage.submit(stage.weaver, exits_locked=True, **NEXT)
    other = await stage.share(stage.weaver, stage.trader, later, sections=["safety"])
    target = {"submissionId": later.node, "buyerId": stage.name_organization(stage.trader), "purpose": "Trust"}
    seen = await stage.change(stage.weaver, PREVIEW, **target, sections=["facts"])
    assert [one["key"] for one in seen["share"]["shows"]["sections"]] == ["facts"]
    assert [one["key"] for one in seen["shows"]["sections"]] == ["facts", "safety"]
    assert seen["alsoReadableThrough"] == [{"id": other}]
    older = await stage.change(stage.weaver, PREVIEW, **(target | {"submissionId": submitted.node}))
    assert (older["shows"]["periodEnd"], older["alsoReadableThrough"]) == ("2027-06-30", [{"id": other}])
    await stage.share(stage.weaver, stage.trader, later, sections=["facts"])
    latest = (await read_profile(stage, stage.trader))["latestResult"]
    assert {name: latest[name] for name in seen["shows"] if name not in ("sections",)} == {
        name: value for name, value in seen["shows"].items() if name != "sections"
    }
    assert [one["key"] for one in latest["sections"]] == ["facts", "safety"]


async def test_a_narrower_share_that_follows_takes_the_place_of_the_wider_one(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    wide = await stage.share(stage.weaver, stage.trader, submitted, mode="FOLLOWING", sections=["facts", "safety"])
    foreign = await stage.share(stage.weaver, stage.maker, submitted, mode="FOLLOWING", sections=["facts"])
    target = {"submissionId": submitted.node, "buyerId": stage.name_organization(stage.trader), "purpose": "Trust"}
    seen = await stage.change(stage.weaver, PREVIEW, **target, mode="FOLLOWING")
    assert (seen["shows"]["sections"], seen["alsoReadableThrough"]) == ([], [])
    assert set(await list_live(stage)) == {wide, foreign}
    narrow = await stage.share(stage.weaver, stage.trader, submitted, mode="FOLLOWING")
    assert set(await list_live(stage)) == {narrow, foreign}
    assert (await read_profile(stage, stage.trader))["latestResult"]["sections"] == []
    (noted,) = await stage.house.fetch("SELECT object_id FROM portal.audit_event WHERE action = 'share.replaced'")
    assert stage.name("shar", stage.weaver, UUID(noted["object_id"])) == wide


async def test_access_ends_with_one_call(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    later = await stage.submit(stage.weaver, **NEXT)
    shares = [
        await stage.share(stage.weaver, stage.trader, submitted),
        await stage.share(stage.weaver, stage.trader, later),
        await stage.share(stage.weaver, stage.trader, later, mode="FOLLOWING"),
    ]
    other = await stage.share(stage.weaver, stage.maker, submitted)
    await read_profile(stage, stage.trader)
    trader = stage.name_organization(stage.trader)
    unknown = await stage.change(stage.weaver, END, buyerId=trader, questionnaire="nope")
    assert (unknown["code"], unknown["path"]) == ("NOT_FOUND", ["input", "questionnaire"])
    ended = await stage.change(stage.weaver, END, buyerId=trader, questionnaire="sample")
    assert ended["endedCount"] == 3
    assert {one["id"]: one["state"] for one in ended["shares"]} == dict.fromkeys(shares, "REVOKED")
    assert (await stage.ask(stage.trader, CARD))["suppliers"]["nodes"][0]["total"] is None
    found = await stage.ask(stage.trader, documents.PROFILE, id=stage.name_record(stage.trader, stage.weaver))
    assert (found["supplier"]["latestResult"], found["supplier"]["history"]) == (None, [])
    assert await list_live(stage) == [other]
    assert (await stage.change(stage.weaver, END, buyerId=trader))["endedCount"] == 0
    assert (await stage.change(stage.dyer, END, buyerId=trader))["code"] == "NOT_FOUND"


async def test_what_a_share_that_follows_delivers_is_fulfilled(stage: Stage) -> None:
    first = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.trader, first, mode="FOLLOWING")
    _, asked_first = await stage.request(stage.trader, stage.weaver, accept=False)
    accepted = await stage.change(stage.weaver, ACCEPT, requestId=asked_first)
    assert accepted == {"outcome": "ALREADY_SUBMITTED", "request": {"state": "FULFILLED"}}
    period = {"period_start": NEXT["start"], "period_end": NEXT["end"]}
    _, asked = await stage.request(stage.trader, stage.weaver, **period)
    _, unshared = await stage.request(stage.maker, stage.weaver, **period)
    await stage.submit(stage.weaver, **NEXT)
    states = await list_states(stage)
    assert (states[asked], states[unshared]) == ("FULFILLED", "ACCEPTED")


async def test_sharing_is_the_way_back_from_declining_and_from_nothing_else(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    asked = {}
    for way in ("declined", "not_us", "withdrawn"):
        request, name = await stage.request(stage.maker, stage.weaver, accept=False)
        asked[way] = name
        async with stage.house.act(stage.maker if way == "withdrawn" else stage.weaver) as (session, actor):
            if way == "declined":
                await received.decline_request(session, actor, request_id=request, reason="No time")
            elif way == "not_us":
                await received.disown_request(session, actor, request_id=request, reason="Others")
            else:
                await request_changes.withdraw_request(session, actor, request_id=request)
    for way in ("not_us", "withdrawn"):
        refused = await stage.change(stage.weaver, SHARE, submissionId=submitted.node, requestId=asked[way])
        assert (refused["code"], refused["path"]) == ("NOT_OPEN", ["input", "requestId"])
        assert "buyerId" in refused["message"]
    shared = await stage.change(stage.weaver, SHARE, submissionId=submitted.node, requestId=asked["declined"])
    assert shared["fulfilledRequestIds"] == [asked["declined"]]
    nodes = (await stage.ask(stage.weaver, RECEIVED))["receivedRequests"]["nodes"]
    assert {"id": asked["declined"], "state": "FULFILLED", "stateReason": None} in nodes


@pytest.mark.parametrize("way", ["refused", "suspended"])
async def test_nothing_is_shared_with_a_buyer_that_may_not_act(stage: Stage, way: str) -> None:
    submitted = await stage.submit(stage.weaver)
    _, request = await stage.request(stage.trader, stage.weaver)
    trader = stage.name_organization(stage.trader)
    if way == "refused":
        statement = "UPDATE portal.organization_role SET status = 'refused' WHERE organization_id = $1"
    else:
        statement = "UPDATE portal.organization SET status = 'suspended' WHERE id = $1"
    await stage.house.fetch(statement, stage.trader.organization)
    linked = (await stage.ask(stage.weaver, LINKED))["linkedBuyers"]
    assert {one["id"]: one["isActive"] for one in linked} == {
        trader: False,
        stage.name_organization(stage.maker): True,
    }
    for target in ({"buyerId": trader, "purpose": "Trust"}, {"requestId": request}):
        refused = await stage.change(stage.weaver, SHARE, submissionId=submitted.node, **target)
        assert (refused["code"], refused["path"]) == ("NOT_ACTIVE_BUYER", ["input", next(iter(target))])


async def test_a_card_shows_the_request_that_waits(stage: Stage) -> None:
    today = datetime.now(UTC).date()
    due = {name: today + timedelta(days=days) for name, days in {"a": 5, "b": 30, "c": 20, "d": 60}.items()}
    made = {}
    for year, (name, accept) in enumerate({"a": True, "b": False, "c": False, "d": False}.items(), 2020):
        period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31), "due_on": due[name]}
        made[name], _ = await stage.request(stage.trader, stage.weaver, accept=accept, **period)
    async with stage.house.act(stage.weaver) as (session, actor):
        await received.decline_request(session, actor, request_id=made["d"], reason="No time")
    seen = []
    for name in ("c", "b", "a", None):
        card = await read_card(stage, stage.trader)
        seen.append((card["requestState"], card["dueOn"]))
        if name is not None:
            async with stage.house.act(stage.trader) as (session, actor):
                await request_changes.withdraw_request(session, actor, request_id=made[name])
    assert seen == [
        ("OPEN", str(due["c"])),
        ("OPEN", str(due["b"])),
        ("ACCEPTED", str(due["a"])),
        ("DECLINED", str(due["d"])),
    ]


async def test_reminding_waits_for_the_last_reminder_alone(stage: Stage) -> None:
    request, _ = await stage.request(stage.trader, stage.weaver)
    name = stage.name("rqst", stage.trader, request)
    assert (await stage.change(stage.trader, RESEND, requestId=name))["code"] == "TOLD_RECENTLY"
    await stage.house.set_clock(datetime.now(UTC) + timedelta(hours=2))
    later = make_ask().due_on + timedelta(days=10)
    async with stage.house.act(stage.trader) as (session, actor):
        await request_changes.extend_request(session, actor, request_id=request, due_on=later)
    assert (await stage.change(stage.trader, RESEND, requestId=name))["__typename"] == "RequestResent"
    assert (await stage.change(stage.trader, RESEND, requestId=name))["code"] == "TOLD_RECENTLY"


async def test_nobody_is_reminded_at_a_supplier_that_is_not_linked(stage: Stage) -> None:
    record = await stage.house.add_record(stage.trader)
    async with stage.house.act(stage.trader) as (session, actor):
        (line,) = await requests.create_requests(session, actor, record_ids=[record], ask=make_ask())
    assert line.request_id is not None
    name = stage.name("rqst", stage.trader, line.request_id)
    await stage.house.set_clock(datetime.now(UTC) + timedelta(hours=2))
    assert (await stage.change(stage.trader, RESEND, requestId=name))["code"] == "NOT_LINKED"
