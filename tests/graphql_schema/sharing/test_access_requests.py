"""A buyer asks to be shown more; the supplier sees what it would show, grants it, a part of it, or says why not."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import databases, people
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import SHARE, Stage, Submitted
from tests.graphql_schema.sharing.test_correction import correct
from tests.graphql_schema.sharing.test_together import read_profile
from tests.portal.assessments import files
from tests.portal.assessments.house import Caller, write

FACTS = """
fragment Facts on AccessRequestFacts { questionnaire subject sections includeEvidence until purpose message state
  grantedSections grantedEvidence grantedUntil reason offer offerText offerFrom isReadable }
"""
ASK = (
    """
mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { __typename ... on Problem { code path message }
  ... on InvalidInput { problems { code path } }
  ... on AccessRequested { joined request { id supplierId supplierName resultId ...Facts } } } }
"""
    + FACTS
)
TAKE_BACK = """
mutation ($input: WithdrawAccessRequestInput!) { withdrawAccessRequest(input: $input) { __typename
  ... on Problem { code path } ... on AccessRequestWithdrawn { request { id state } } } }
"""
LIST = "{ accessRequests(first: 50) { nodes { id resultId ...Facts } } }" + FACTS
RECEIVED = (
    """
query ($state: AccessState) { receivedAccessRequests(first: 50, state: $state) { nodes {
  id buyer { name } subjectName submission { id } share { id purpose } ...Facts } } }
"""
    + FACTS
)
GRANT = (
    """
mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { __typename ... on Problem { code path }
  ... on InvalidInput { problems { code path } }
  ... on AccessGranted { request { id ...Facts } share { id mode sections includeEvidence purpose until } } } }
"""
    + FACTS
)
REFUSE = (
    """
mutation ($input: RefuseAccessInput!) { refuseAccess(input: $input) { __typename ... on Problem { code path }
  ... on AccessRefused { request { id ...Facts } } } }
"""
    + FACTS
)
PREVIEW = """
mutation ($input: PreviewAccessInput!) { previewAccess(input: $input) { ... on SharePreviewed {
  sharedBefore shows { ...Result } }
  ... on Problem { code path } } }
"""
PREVIEW_SHARE = """
mutation ($input: PreviewShareInput!) { previewShare(input: $input) { ... on SharePreviewed { shows { ...Result } } } }
"""
READ = 'query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { ...Result } } }'
ON_LIST = '{ suppliers(filter: { questionnaire: "sample" }) { nodes { accessState total } } }'
ON_PROFILE = (
    """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { accessState total
  accessRequests { id ...Facts } } }
"""
    + FACTS
)
# Every field that a buyer may read of a result.
EVERY_FIELD = documents.RESULT.replace(
    "size\n    sha256",
    "size sha256 language periodStart periodEnd revision replacedById redactionState redactionAnswer hasPreview",
).replace("sharedUntil\n", 'sharedUntil summaryPath sectionPath(section: "labour")\n')
assert "replacedById" in EVERY_FIELD and "summaryPath" in EVERY_FIELD


def ask_for(stage: Stage, **changed: Any) -> dict[str, Any]:
    asked = {"supplierId": stage.name_record(stage.maker, stage.weaver), "questionnaire": "sample", "purpose": "Audit"}
    return asked | changed


async def ask(stage: Stage, caller: Caller | None = None, **changed: Any) -> Any:
    return await stage.change(caller or stage.maker, ASK, **ask_for(stage, **changed))


async def receive(stage: Stage, **wanted: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await stage.ask(stage.weaver, RECEIVED, **wanted))["receivedAccessRequests"]["nodes"]
    return nodes


async def read(stage: Stage) -> Any:
    """The latest result as the buyer reads it now."""
    return (await read_profile(stage, stage.maker))["latestResult"]


async def test_what_is_asked_is_granted_in_one_call(unwatched: Stage) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, submitted)
    assert (await read(stage))["sections"] == []
    until = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    made = await ask(stage, sections=["labour"], until=until.isoformat(), message="Before June, please")
    assert (made["joined"], made["request"]["state"], made["request"]["isReadable"]) == (False, "OPEN", False)
    assert (await read(stage))["sections"] == []  # asking opens nothing
    (seen,) = await receive(stage, state="OPEN")
    assert (seen["buyer"]["name"] != "", seen["purpose"], seen["message"]) == (True, "Audit", "Before June, please")
    assert (seen["sections"], seen["submission"]["id"], seen["share"]) == (["labour"], submitted.node, None)
    granted = await stage.change(stage.weaver, GRANT, requestId=seen["id"], idempotencyKey="once-and-only")
    assert granted["request"]["state"] == "GRANTED", granted
    assert granted["share"] | {"id": ""} == {
        "id": "", "mode": "SNAPSHOT", "sections": ["labour"], "includeEvidence": False, "purpose": "Audit",
        "until": granted["request"]["grantedUntil"],
    }  # fmt: skip
    again = await stage.change(stage.weaver, GRANT, requestId=seen["id"], idempotencyKey="once-and-only")
    assert again == granted
    shown = await read(stage)
    assert [one["key"] for one in shown["sections"]] == ["labour"]
    (own,) = (await stage.ask(stage.maker, LIST))["accessRequests"]["nodes"]
    assert (own["state"], own["isReadable"], own["resultId"]) == ("GRANTED", True, shown["id"])
    assert (await ask(stage, sections=["labour"]))["code"] == "ALREADY_SHARED"
    await stage.change(stage.weaver, documents.REVOKE, shareId=granted["share"]["id"])
    (own,) = (await stage.ask(stage.maker, LIST))["accessRequests"]["nodes"]
    assert (own["state"], own["isReadable"], own["resultId"]) == ("GRANTED", False, None)
    assert (await read(stage))["sections"] == []


async def test_a_part_is_granted_and_never_more(unwatched: Stage) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    until = datetime.now(UTC) + timedelta(days=30)
    await ask(stage, sections=["labour", "safety"], until=until.isoformat())
    (seen,) = await receive(stage)
    later = (until + timedelta(days=1)).isoformat()
    for more, path in (
        ({"sections": ["facts"]}, "sections"),
        ({"includeEvidence": True}, "includeEvidence"),
        ({"until": later}, "until"),
    ):
        refused = await stage.change(stage.weaver, GRANT, requestId=seen["id"], **more)
        assert [one["path"][1] for one in refused["problems"]] == [path]
    assert await read(stage) is None
    words = {"reason": "Wages of named people"}
    granted = await stage.change(stage.weaver, GRANT, requestId=seen["id"], sections=["safety"], **words)
    assert (granted["request"]["state"], granted["request"]["grantedSections"]) == ("PARTLY_GRANTED", ["safety"])
    assert granted["request"]["reason"] == words["reason"]
    assert [one["key"] for one in (await read(stage))["sections"]] == ["safety"]
    assert (await read(stage))["id"][4:] != submitted.node
    closed = await stage.change(stage.weaver, GRANT, requestId=seen["id"])
    assert closed["code"] == "NOT_OPEN"
    await ask(stage, sections=["facts"])  # beside which nothing is asked for that is shared
    assert (await ask(stage, sections=["safety"]))["code"] == "ALREADY_SHARED"


async def test_what_is_read_of_an_earlier_revision_is_told_and_kept_where_the_supplier_says_so(
    unwatched: Stage,
) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, first, sections=["safety"])
    await correct(stage, first, write("trained", "60", base=1))
    asked = await ask(stage, sections=["labour"])
    (seen,) = await receive(stage, state="OPEN")
    preview = await stage.change(stage.weaver, PREVIEW + documents.RESULT, requestId=seen["id"])
    assert preview["sharedBefore"] == ["safety"], asked
    assert [one["key"] for one in preview["shows"]["sections"]] == ["labour"]
    kept = await stage.change(stage.weaver, PREVIEW + documents.RESULT, requestId=seen["id"], keepShared=True)
    assert kept["sharedBefore"] == []
    assert {one["key"] for one in kept["shows"]["sections"]} == {"labour", "safety"}
    granted = await stage.change(stage.weaver, GRANT, requestId=seen["id"], keepShared=True)
    assert (granted["request"]["state"], set(granted["share"]["sections"])) == ("GRANTED", {"labour", "safety"})
    shown = await read(stage)
    assert (shown["total"], shown["sections"]) == (kept["shows"]["total"], kept["shows"]["sections"])


async def test_an_end_that_was_wished_and_has_passed_is_named_anew(
    unwatched: Stage, database: databases.TestDatabase
) -> None:
    stage = unwatched
    await stage.submit(stage.weaver)
    await ask(stage, sections=["labour"], until=(datetime.now(UTC) + timedelta(days=30)).isoformat())
    (seen,) = await receive(stage)
    await people.move_clock(database, "31 days")
    refused = await stage.change(stage.weaver, GRANT, requestId=seen["id"])
    assert refused["problems"] == [{"path": ["input", "until"], "code": "UNTIL"}]
    until = (datetime.now(UTC) + timedelta(days=90)).replace(microsecond=0).isoformat()
    granted = await stage.change(stage.weaver, GRANT, requestId=seen["id"], until=until)
    assert (granted["request"]["state"], granted["share"]["until"]) == ("GRANTED", until.replace("+00:00", "Z"))


async def test_a_refusal_tells_why_and_what_is_offered_and_is_no_score(
    unwatched: Stage, database: databases.TestDatabase
) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, submitted)
    before = await read(stage)
    await ask(stage, sections=["labour"], includeEvidence=True)
    (seen,) = await receive(stage)
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for bad in ({"reason": " "}, {"offer": "LATER"}, {"offer": "VISIT", "offerFrom": day}, {"offerText": "x" * 1001}):
        refused = await stage.change(
            stage.weaver, REFUSE, **({"requestId": seen["id"], "reason": "No", "offer": "NONE"} | bad)
        )
        assert refused["__typename"] == "InvalidInput", bad
    told = {"reason": "Named people", "offer": "LATER", "offerText": "After our audit", "offerFrom": day}
    refused = await stage.change(stage.weaver, REFUSE, requestId=seen["id"], **told)
    assert {name: refused["request"][name] for name in told} == told
    assert (await read(stage)) == before  # the score stands as it did
    (card,) = (await stage.ask(stage.maker, ON_LIST))["suppliers"]["nodes"]
    assert card == {"accessState": "REFUSED", "total": before["total"]}
    profile = (await stage.ask(stage.maker, ON_PROFILE, id=stage.name_record(stage.maker, stage.weaver)))["supplier"]
    assert (profile["accessState"], profile["total"]) == ("REFUSED", before["total"])
    assert {name: profile["accessRequests"][0][name] for name in told} == told
    same = await ask(stage, sections=["labour", "safety"], includeEvidence=True)
    assert (same["code"], day in same["message"]) == ("REFUSED", True)
    less = await ask(stage, sections=["labour"])  # less may be asked at once
    assert less["request"]["state"] == "OPEN"
    # But not what was refused in two steps.
    assert (await ask(stage, sections=["safety"], includeEvidence=True))["code"] == "REFUSED"
    assert (await ask(stage, sections=["labour"], purpose="Renewal"))["joined"]
    assert [(one["sections"], one["includeEvidence"]) for one in await receive(stage, state="OPEN")] == [
        (["labour"], False)
    ]
    await stage.change(stage.maker, TAKE_BACK, requestId=less["request"]["id"])
    await people.move_clock(database, "10 days")
    assert (await ask(stage, sections=["labour"], includeEvidence=True))["request"]["state"] == "OPEN"


async def test_open_requests_are_joined_and_few(unwatched: Stage) -> None:
    stage = unwatched
    first = await ask(stage, sections=["labour"], message="First", idempotencyKey="first-of-all")
    joined = await ask(stage, sections=["safety"], includeEvidence=True, purpose="Renewal")
    assert joined["joined"] and joined["request"]["id"] == first["request"]["id"]
    (seen,) = await receive(stage)
    assert (seen["sections"], seen["includeEvidence"]) == (["labour", "safety"], True)
    assert (seen["purpose"], seen["message"]) == ("Renewal", "First")
    assert await ask(stage, sections=["labour"], message="First", idempotencyKey="first-of-all") == joined | {
        "joined": False
    }
    letters = "SELECT count(*) FROM portal.outbox WHERE topic = 'access.requested'"
    assert (await stage.house.fetch(letters))[0][0] == 2  # asked and widened; the repetition told nobody anything
    nothing = await stage.change(stage.weaver, GRANT, requestId=seen["id"])
    assert nothing["code"] == "NOTHING_TO_SHARE"
    taken = await stage.change(stage.maker, TAKE_BACK, requestId=first["request"]["id"])
    assert taken["request"]["state"] == "WITHDRAWN"
    assert await stage.change(stage.maker, TAKE_BACK, requestId=first["request"]["id"]) == taken
    copy = (
        "INSERT INTO portal.access_request (supplier_id, buyer_id, id, supplier_record_id, questionnaire, subject_key,"
        " purpose, state) SELECT supplier_id, buyer_id, gen_random_uuid(), supplier_record_id, 'x' || n, subject_key,"
        " 'x', $1 FROM portal.access_request, generate_series(1, $2) AS n LIMIT $2"
    )
    await stage.house.fetch(copy, "open", 3)
    assert (await ask(stage))["code"] == "TOO_MANY"  # three wait
    await stage.house.fetch("UPDATE portal.access_request SET state = 'withdrawn'")
    assert (await ask(stage))["request"]["state"] == "OPEN"
    await stage.house.fetch("UPDATE portal.access_request SET state = 'withdrawn'")
    await stage.house.fetch(copy, "withdrawn", 6)
    assert (await ask(stage))["code"] == "TOO_MANY"  # eleven in a month


async def test_who_may_ask_and_answer(unwatched: Stage) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    for changed, code in (
        ({"supplierId": stage.name_record(stage.trader, stage.weaver)}, "NOT_FOUND"),
        ({"questionnaire": "nothing"}, "NOT_FOUND"),
        ({"resultId": stage.name("shrd", stage.weaver, submitted.id)}, "NOT_FOUND"),  # not shared with anybody
        ({"sections": ["labour", "labour"]}, "INVALID_INPUT"),
        ({"sections": ["secret"]}, "INVALID_INPUT"),
        ({"purpose": " "}, "INVALID_INPUT"),
        ({"until": "2020-01-01T00:00:00Z"}, "INVALID_INPUT"),
    ):
        assert (await ask(stage, **changed))["code"] == code, changed
    assert (await ask(stage, stage.weaver))["code"] == "NOT_ALLOWED"
    await stage.house.fetch("UPDATE portal.supplier_record SET supplier_id = NULL WHERE buyer_id = $1",
                            stage.trader.organization)  # fmt: skip
    unlinked = ask_for(stage) | {"supplierId": stage.name_record(stage.trader, stage.weaver)}
    assert (await stage.change(stage.trader, ASK, **unlinked))["code"] == "NOT_LINKED"
    own = (await ask(stage, sections=["labour"]))["request"]["id"]
    (seen,) = await receive(stage)
    for caller, query, input in (
        (stage.trader, TAKE_BACK, {"requestId": own}),
        (stage.dyer, GRANT, {"requestId": seen["id"]}),
        (stage.dyer, PREVIEW, {"requestId": seen["id"]}),
        (stage.dyer, REFUSE, {"requestId": seen["id"], "reason": "x", "offer": "NONE"}),
    ):
        assert (await stage.change(caller, query + (documents.RESULT if query == PREVIEW else ""), **input))[
            "code"
        ] == "NOT_FOUND"
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for caller, id in ((stage.trader, own), (stage.weaver, own), (stage.maker, seen["id"]), (stage.dyer, seen["id"])):
        assert (await stage.ask(caller, node, id=id))["node"] is None
    assert (await stage.ask(stage.maker, node, id=own))["node"] == {"id": own}
    assert (await stage.ask(stage.trader, LIST))["accessRequests"]["nodes"] == []
    rows = await stage.house.fetch("SELECT organization_id, side, kind FROM portal.change WHERE kind LIKE '%access%'")
    parties = {(stage.maker.organization, "buyer", "access_request")}
    assert {tuple(row) for row in rows} == parties | {
        (stage.weaver.organization, "supplier", "received_access_request")
    }


async def stage_with_file(stage: Stage) -> tuple[Submitted, str]:
    evidence = await stage.send(stage.weaver, files.make_pdf(), "policy.pdf", title="Policy")
    await stage.wait_for(stage.weaver, evidence)
    draft = await stage.draft(stage.weaver, exits_locked=True, remark='Ünïcode, and "quotes"')
    insert = (
        "INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, evidence_id)"
        " SELECT supplier_id, $1, 'fees_repaid', id FROM portal.evidence"
    )
    await stage.house.fetch(insert, draft[0])
    return await stage.submit(stage.weaver, draft), evidence


def cut(text: str) -> str:
    """What a reply holds of the one result in it, byte for byte."""
    start = text.index('{"id"')
    return text[start : json.JSONDecoder().raw_decode(text, start)[1]]


@pytest.mark.slow
async def test_the_preview_is_what_the_buyer_reads_byte_for_byte(stage: Stage) -> None:
    """Over every scope there is, beside another share, and with a request that waits for a redaction."""
    submitted, evidence = await stage_with_file(stage)
    buyer = {"buyerId": stage.name_organization(stage.maker), "submissionId": submitted.node, "purpose": "Trust"}
    scopes = [
        {"sections": list(sections), "includeEvidence": files}
        for count in range(4)
        for sections in itertools.combinations(("facts", "labour", "safety"), count)
        for files in (False, True)
    ]
    record, token = stage.name_record(stage.maker, stage.weaver), stage.maker.credential.token
    redaction = "mutation ($input: RequestRedactionInput!) { requestRedaction(input: $input) { __typename } }"
    seen = set()
    for place, scope in enumerate(scopes):
        if place == len(scopes) // 2:  # from here on something else is shared as well
            await stage.share(stage.weaver, stage.maker, submitted, sections=["facts"], includeEvidence=True)
            await stage.change(stage.maker, redaction, evidenceId=evidence, reason="Names")
        mode = "FOLLOWING" if place % 2 else "SNAPSHOT"
        input = buyer | scope | {"mode": mode}
        body = {"query": PREVIEW_SHARE + EVERY_FIELD, "variables": {"input": input}}
        shown = cut((await stage.portal.post(body, stage.weaver.credential.token)).text)
        made = await stage.change(stage.weaver, SHARE, **input)
        await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", stage.maker.organization)
        text = (await stage.portal.post({"query": READ + EVERY_FIELD, "variables": {"id": record}}, token)).text
        assert cut(text) == shown, scope
        seen.add(shown)
        await stage.change(stage.weaver, documents.REVOKE, shareId=made["share"]["id"])
    assert len(seen) > len(scopes) // 2
    await stage.change(stage.weaver, documents.REVOKE, shareId=(await stage.ask(
        stage.weaver, documents.SHARES, live=True))["shares"]["nodes"][0]["id"])  # fmt: skip
    await ask(stage, sections=["labour", "safety"], includeEvidence=True)
    (request,) = await receive(stage)
    body = {"query": PREVIEW + EVERY_FIELD, "variables": {"input": {"requestId": request["id"]}}}
    shown = cut((await stage.portal.post(body, stage.weaver.credential.token)).text)
    assert (await receive(stage))[0]["state"] == "OPEN"
    assert (await stage.change(stage.weaver, GRANT, requestId=request["id"]))["request"]["state"] == "GRANTED"
    text = (await stage.portal.post({"query": READ + EVERY_FIELD, "variables": {"id": record}}, token)).text
    assert cut(text) == shown


@pytest.mark.slow
async def test_letters_go_both_ways(
    database: databases.TestDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        printing = stage.settings.model_copy(update={"environment": "development"})
        async with stages.run_worker(database, printing):
            submitted = await stage.submit(stage.weaver)
            await stage.wait_for_jobs()
            capsys.readouterr()

            async def say(query: str, caller: Caller, **input: Any) -> str:
                made = await stage.change(caller, query, **input)
                assert "code" not in made, made
                await stage.wait_for_jobs()
                return capsys.readouterr().out

            printed = await say(ASK, stage.maker, **ask_for(stage, sections=["labour"], includeEvidence=True))
            assert "asks to see more of your answers" in printed
            assert "the answers of the section | Pay" in printed and "the documents, those of all" in printed
            assert "What it reads of that already:\n\nnothing yet\n" in printed
            (request,) = await receive(stage)
            refusal = {"reason": "Named people", "offer": "VISIT", "offerText": "Any Monday"}
            printed = await say(REFUSE, stage.weaver, requestId=request["id"], **refusal)
            assert "does not share more, and says why" in printed
            assert "a visit, on which the answers can be looked at" in printed and "Any Monday" in printed
            await stage.share(stage.weaver, stage.maker, submitted, sections=["safety"])
            printed = await say(ASK, stage.maker, **ask_for(stage, sections=["labour"]))
            assert "the answers of the section | Safety\n" in printed.partition("What it reads of that already:")[2]
            (request,) = await receive(stage, state="OPEN")
            printed = await say(GRANT, stage.weaver, requestId=request["id"])
            assert "shares more with you" in printed and "without an end" in printed
            await say(ASK, stage.maker, **ask_for(stage, sections=["safety"], includeEvidence=True))
            (own, *_) = (await stage.ask(stage.maker, LIST))["accessRequests"]["nodes"]
            printed = await say(TAKE_BACK, stage.maker, requestId=own["id"])
            assert "no longer asks to see more" in printed
