"""Asking, accepting, answering, previewing, submitting, correcting and taking back, over HTTP."""

from typing import Any

import orjson
import pytest

from questionnaires import canonical, sealing, trace
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, make_ask, start, write, write_all
from tests.graphql_schema.portals import Portal


@pytest.mark.parametrize(
    ("state", "notice"), [("needs_contact", "NO_CONTACT"), ("has_contact", "NOT_INVITED"), ("invited", "NOT_ACCEPTED")]
)
async def test_a_request_that_nobody_can_see_yet_says_so(house: Portal, state: str, notice: str) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    unlinked = await documents.add_record(house, buyer)
    await house.run_sql("UPDATE portal.supplier_record SET state = $1 WHERE buyer_id = $2", state, buyer.organization)
    linked = await documents.add_record(house, buyer, supplier)
    asked = documents.CREATE.replace("problem {", "notice { code path message } problem {")
    first, second = (await do(house, asked, buyer, **documents.make_ask(unlinked, linked)))["lines"]
    assert (first["notice"]["code"], first["notice"]["path"]) == (notice, ["input", "supplierIds", "0"])
    assert first["requestId"] and second["notice"] is None


async def test_from_the_request_to_the_result(house: Portal) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    record = await documents.add_record(house, buyer, supplier)
    asked = await do(house, documents.CREATE, buyer, **make_ask(record))
    assert (asked["__typename"], asked["createdCount"]) == ("RequestsCreated", 1)
    listed = (await house.ask(documents.RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    assert [(one["buyerName"], one["state"], one["minutes"], one["assessment"]) for one in listed] == [
        (f"Firm {buyer.organization}", "OPEN", "7", None)
    ]
    accepted = await do(house, documents.ACCEPT, supplier, requestId=listed[0]["id"])
    assert accepted["outcome"] == "STARTED"
    assessment = accepted["assessment"]
    assert assessment["progress"] == {"answered": 0, "required": 2, "missingCount": 2, "minutesLeft": "6"}
    saved = await do(house, documents.SAVE, supplier, assessmentId=assessment["id"], answers=write_all())
    assert [one["status"] for one in saved["results"]] == ["SAVED"] * 4
    assert saved["assessment"] == {"changeNumber": 4, "progress": {"answered": 4, "missingCount": 0}}
    seen = (await house.ask(documents.PREVIEW, supplier.token, id=assessment["id"]))["data"]["scorePreview"]
    assert (seen["total"], seen["band"], seen["bandReason"], seen["problems"]) == ("100.00", "a", "TOTAL", [])
    submitted = await do(
        house, documents.SUBMIT, supplier, assessmentId=assessment["id"], expectedChangeNumber=saved["changeNumber"]
    )
    assert submitted["assessment"]["state"] == "SUBMITTED"
    result = submitted["submission"]["result"]
    assert {key: result[key] for key in ("tier", "total", "band", "bandReason", "coverage", "isValid")} == {
        "tier": "MICRO",
        "total": "100.00",
        "band": "a",
        "bandReason": "TOTAL",
        "coverage": "100.00",
        "isValid": True,
    }
    mine = await house.ask("{ requests { nodes { supplierName state minimumTier dueOn } } }", buyer.token)
    assert mine["data"]["requests"]["nodes"] == [
        {"supplierName": "Mill", "state": "ACCEPTED", "minimumTier": "MICRO", "dueOn": "2027-06-30"}
    ]


async def test_a_buyer_never_sees_an_assessment(house: Portal) -> None:
    fields = await house.ask('{ __type(name: "Request") { fields { name } } }')
    names = {field["name"] for field in fields["data"]["__type"]["fields"]}
    assert "purpose" in names
    assert not {name for name in names if "assessment" in name.lower()}
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    assessment = await start(house, supplier)
    for query in ("query ($id: ID!) { node(id: $id) { id } }", "query ($id: ID!) { assessment(id: $id) { id } }"):
        answer = await house.ask(query, buyer.token, id=assessment)
        assert not [one for one in (answer["data"] or {}).values() if one]
    saved = await do(house, documents.SAVE, buyer, assessmentId=assessment, answers=write_all())
    assert saved["__typename"] == "NotAllowed"


async def test_two_suppliers_do_not_cross(house: Portal) -> None:
    one, other = await house.sign_up("supplier"), await house.sign_up("supplier")
    assessment = await start(house, one)
    await do(house, documents.SAVE, one, assessmentId=assessment, answers=write_all())
    submitted = await do(house, documents.SUBMIT, one, assessmentId=assessment, expectedChangeNumber=4)
    submission = submitted["submission"]["id"]
    tries: list[tuple[str, dict[str, Any]]] = [
        (documents.SAVE, {"assessmentId": assessment, "answers": write_all()}),
        (documents.SUBMIT, {"assessmentId": assessment, "expectedChangeNumber": 4}),
        (documents.CHANGE_TIER, {"assessmentId": assessment, "tier": "MICRO"}),
        (documents.CORRECT, {"assessmentId": assessment}),
        (documents.WITHDRAW, {"submissionId": submission}),
    ]
    for document, given in tries:
        assert (await do(house, document, other, **given))["__typename"] == "NotFound", document
    for id_ in (assessment, submission):
        assert (await house.ask("query ($id: ID!) { node(id: $id) { id } }", other.token, id=id_))["data"][
            "node"
        ] is None
    found = await house.ask("{ assessments { nodes { id } } submissions { nodes { id } } }", other.token)
    assert found["data"] == {"assessments": {"nodes": []}, "submissions": {"nodes": []}}
    preview = await house.ask(documents.PREVIEW, other.token, id=assessment)
    assert preview["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    path = submitted["submission"]["exportPath"]
    async with house.client() as client:
        for token, status in ((one.token, 200), (other.token, 404), ("x" * 43, 401)):
            assert (await client.get(path, headers={"authorization": f"Bearer {token}"})).status_code == status
        assert (await client.get(path)).status_code == 401


async def test_a_conflict_and_a_replay(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    first = write("headcount", number="12")
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=[first])
    both = [write("headcount", number="15"), first]
    for _ in range(2):
        saved = await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=both)
        conflict, replay = saved["results"]
        assert (conflict["status"], conflict["revision"]) == ("CONFLICT", 1)
        assert conflict["current"]["content"]["value"]["number"] == "12"
        assert conflict["yours"]["value"]["number"] == "15"
        assert (replay["status"], replay["revision"]) == ("SAVED", 1)


async def test_values_come_back_in_their_kind(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    sent = [
        write("founded", date="1999-12-31"),
        write("remark", text=" Hello\r\nthere "),
        write("waste", choices=["metal", "paper"]),
        write("sites", row=True, rowId="a"),
        write("site_dorm", boolean=True, rowId="a"),
        write("area", state="UNKNOWN"),
    ]
    saved = await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=sent)
    assert {one["status"] for one in saved["results"]} == {"SAVED"}
    query = (
        "query ($id: ID!, $after: Int!) { assessment(id: $id) { answers(changedAfter: $after) { changeNumber hasMore"
        f" answers {{ question rowId revision changeNumber content {{ {documents.CONTENT} }} }} }} problems {{ code }}"
        ' sectionProgress { section asked answered } answerHistory(question: "remark") { status byOwnMember'
        " content { value { text } } } } }"
    )
    answer = await house.ask(query, supplier.token, id=assessment, after=4)
    assert "errors" not in answer, answer
    found = answer["data"]["assessment"]
    values = {
        (one["question"], one["rowId"]): {k: v for k, v in (one["content"]["value"] or {}).items() if v is not None}
        for one in found["answers"]["answers"]
    }
    assert values == {
        ("founded", None): {"date": "1999-12-31"},
        ("remark", None): {"text": "Hello\nthere"},
        ("waste", None): {"choices": ["paper", "metal"]},
        ("sites", "a"): {"row": True},
        ("site_dorm", "a"): {"boolean": True},
        ("area", None): {},
    }
    assert (found["answers"]["changeNumber"], found["problems"]) == (10, [])
    assert found["sectionProgress"][0] == {"section": "facts", "asked": 7, "answered": 6}
    assert found["answerHistory"] == [
        {"status": "SAVED", "byOwnMember": True, "content": {"value": {"text": "Hello\nthere"}}}
    ]


async def test_submission_names_everything_and_is_idempotent(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    given: dict[str, Any] = {"assessmentId": assessment, "expectedChangeNumber": 0}
    refused = await do(house, documents.SUBMIT, supplier, **given)
    assert refused["__typename"] == "InvalidAnswers"
    assert [(one["question"], one["code"]) for one in refused["problems"]] == [
        ("headcount", "REQUIRED_MISSING"),
        ("exits_locked", "REQUIRED_MISSING"),
    ]
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    stale = await do(house, documents.SUBMIT, supplier, **given)
    assert (stale["__typename"], stale["code"], stale["path"]) == (
        "Conflict",
        "CHANGED",
        ["input", "expectedChangeNumber"],
    )
    given |= {"expectedChangeNumber": 4, "idempotencyKey": "submit-once-please"}
    first = await do(house, documents.SUBMIT, supplier, **given)
    assert (await do(house, documents.SUBMIT, supplier, **given))["submission"]["id"] == first["submission"]["id"]
    assert [one["tier"] for one in first["submission"]["results"]] == ["BASIC", "MICRO"]
    reused = await do(house, documents.SUBMIT, supplier, **given | {"expectedChangeNumber": 5})
    assert reused["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_late_write_waits_for_the_correction(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
    late = [write("headcount", 1, number="30")]
    saved = await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=late)
    assert saved["results"][0]["status"] == "PENDING"
    made = await do(house, documents.CORRECT, supplier, assessmentId=assessment)
    assert (made["appliedCount"], made["assessment"]["revision"]) == (1, 2)
    assert made["assessment"]["correctsId"] == assessment
    again = await do(house, documents.CORRECT, supplier, assessmentId=assessment)
    assert again["code"] == "NEWER_REVISION"


async def test_an_export_can_be_checked_away_from_the_portal(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    made = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
    headers = {"authorization": f"Bearer {supplier.token}"}
    async with house.client() as client:
        answer = await client.get(made["submission"]["exportPath"], headers=headers)
        assert answer.headers["content-disposition"].startswith("attachment")
        found = orjson.loads(answer.content)
        path = await house.ask("query ($id: ID!) { assessment(id: $id) { exportPath } }", supplier.token, id=assessment)
        draft = orjson.loads((await client.get(path["data"]["assessment"]["exportPath"], headers=headers)).content)
        missing = await client.get("/exports/assessments/nothing.json", headers=headers)
        assert missing.status_code == 404
    assert draft["answers"] == found["answers"]
    assert canonical.hash_document(found["definition"]) == found["content_hash"]
    assert trace.recompute(found["trace"])["total"] == found["trace"]["summary"]["total"]
    seal = found["seal"]
    sections = tuple(
        sealing.SealedSection(
            **section | {"secrets": {key: sealing.Secret(**one) for key, one in section["secrets"].items()}}
        )
        for section in seal["sections"]
    )
    hashes = {section.key: section.hash for section in sections}
    assert sealing.find_mismatches(seal["root"], seal["header"], hashes, sections) == []
    assert made["submission"]["rootHash"] == seal["root"]
    query = (
        "query ($id: ID!) { node(id: $id) { ... on Submission { sections { key hash salt answers { question }"
        " lines { question points } } } } }"
    )
    shown = (await house.ask(query, supplier.token, id=made["submission"]["id"]))["data"]["node"]["sections"]
    assert {one["key"]: one["hash"] for one in shown} == hashes
    assert [one["points"] for one in shown[1]["lines"]] == ["100", "100"]


@pytest.mark.parametrize("count", [3, 7])
async def test_lists_are_paged_and_progress_is_read_at_once(house: Portal, count: int) -> None:
    supplier = await house.sign_up("supplier")
    made = [await start(house, supplier, periodStart=f"2026-01-{day:02}") for day in range(1, count + 1)]
    query = (
        "query ($first: Int!, $after: String) { assessments(first: $first, after: $after) { nodes { id progress"
        " { required } requests { id } submission { id } } pageInfo { hasNextPage endCursor } } }"
    )
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await house.ask(query, supplier.token, first=2, after=after))["data"]["assessments"]
        assert all(one["progress"] == {"required": 2} for one in page["nodes"])
        seen += [one["id"] for one in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert [made.index(one) for one in seen] == list(range(count))[::-1]


async def test_nodes_come_in_their_order(house: Portal) -> None:
    supplier, buyer = await house.sign_up("supplier"), await house.sign_up("buyer")
    first, second = await start(house, supplier), await start(house, supplier, periodStart="2026-02-01")
    other = await start(house, await house.sign_up("supplier"))
    record = await documents.add_record(house, buyer, supplier)
    line = (await do(house, documents.CREATE, buyer, **make_ask(record)))["lines"][0]
    query = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Assessment { revision }"
        " ... on Request { state } } }"
    )
    found = await house.ask(query, supplier.token, ids=[second, other, first, line["requestId"]])
    assert [one and one["id"] for one in found["data"]["nodes"]] == [second, None, first, None]
    found = await house.ask(query, buyer.token, ids=[line["requestId"]])
    assert found["data"]["nodes"] == [{"__typename": "Request", "id": line["requestId"], "state": "OPEN"}]
