"""Wrong input: each case is a problem with a code and a path, or a value of its own answer; never a fault."""

from typing import Any

import pytest

from portal.database import ids
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, make_ask, start, write
from tests.graphql_schema.portals import Portal, codes

NOBODY = documents.encode("asmt", ids.new_id(), ids.new_id())

ANSWERS: list[tuple[dict[str, Any], str]] = [
    (write("headcount", text="12"), "WRONG_TYPE"),
    (write("headcount", choice="12"), "WRONG_TYPE"),
    (write("headcount", number="twelve"), "WRONG_TYPE"),
    (write("headcount", number="1e3"), "WRONG_TYPE"),
    (write("headcount", number="1.5"), "NOT_WHOLE"),
    (write("headcount"), "WRONG_TYPE"),
    (write("headcount", number="1", rowId="a"), "ROW_NOT_EXPECTED"),
    (write("headcount", number="1", unit="ton"), "WRONG_UNIT"),
    (write("headcount", state="NOT_APPLICABLE"), "NOT_APPLICABLE_NOT_ALLOWED"),
    (write("headcount", state="DECLINED"), "DECLINE_NOT_ALLOWED"),
    (write("headcount", state="UNKNOWN", number="1"), "VALUE_NOT_EXPECTED"),
    (write("founded", date="31.12.1999"), "WRONG_TYPE"),
    (write("founded", number="1999"), "WRONG_TYPE"),
    (write("fees_repaid", choice="perhaps"), "UNKNOWN_OPTION"),
    (write("fees_repaid", choices=["yes"]), "WRONG_TYPE"),
    (write("waste", choices=[]), "WRONG_TYPE"),
    (write("waste", choice="paper"), "WRONG_TYPE"),
    (write("exits_locked", text="no"), "WRONG_TYPE"),
    (write("remark", text=""), "WRONG_TYPE"),
    (write("remark", text="x" * 10_001), "TEXT_TOO_LONG"),
    (write("remark", text="x", comment="y" * 2_001), "TEXT_TOO_LONG"),
    (write("remark", text="x", comment="a\x00b"), "TEXT_UNREADABLE"),
    (write("remark", text="a\x00b"), "TEXT_UNREADABLE"),
    (write("fees_repaid", state="NOT_APPLICABLE", reason="\x00"), "TEXT_UNREADABLE"),
    (write("waste", choices=["paper", "\x00"]), "UNKNOWN_OPTION"),
    (write("headcount", number="1\x002"), "WRONG_TYPE"),
    (write("headcount", number="1", unit="per\x00son"), "WRONG_UNIT"),
    (write("head\x00count", number="1"), "UNKNOWN_QUESTION"),
    (write("site_people", number="1", rowId="a\x00"), "ROW_MALFORMED"),
    (write("remark", -5, text="x"), "BASE_REVISION"),
    (write("site_people", number="1"), "ROW_MISSING"),
    (write("site_people", number="1", rowId="not a row"), "ROW_MALFORMED"),
    (write("sites", row=False, rowId="a"), "WRONG_TYPE"),
    (write("sites", none=False), "WRONG_TYPE"),
    (write("nothing_like_it", text="x"), "UNKNOWN_QUESTION"),
    (write("x" * 5_000, text="x"), "UNKNOWN_QUESTION"),
    (write("", text="x"), "UNKNOWN_QUESTION"),
]


async def test_each_bad_answer_is_a_value_beside_the_good_one(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    sent = [one for one, _ in ANSWERS] + [write("trained", number="50")]
    for _ in range(2):
        saved = await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=sent)
        found = [one["problem"] and one["problem"]["code"] for one in saved["results"]]
        assert found == [*[code for _, code in ANSWERS], None]
        assert all(one["problem"]["message"] for one in saved["results"][:-1])
    assert saved["changeNumber"] == 1


BAD: list[tuple[str, str, dict[str, Any], str, list[str]]] = [
    ("supplier", "SAVE", {"assessmentId": "no id", "answers": []}, "BAD_ID", ["input", "assessmentId"]),
    (
        "supplier",
        "SAVE",
        {"assessmentId": NOBODY, "answers": [write("headcount", number="1")]},
        "NOT_FOUND",
        ["input", "assessmentId"],
    ),
    ("supplier", "SAVE", {"answers": []}, "EMPTY", ["input", "answers"]),
    (
        "supplier",
        "SAVE",
        {"answers": [write("remark", text="x") for _ in range(201)]},
        "TOO_MANY",
        ["input", "answers"],
    ),
    ("supplier", "START", {"questionnaire": "nothing"}, "NOT_FOUND", ["input", "questionnaire"]),
    ("supplier", "START", {"tier": "ADVANCED"}, "TIER", ["input", "tier"]),
    ("supplier", "START", {"periodEnd": "2025-01-01"}, "PERIOD", ["input", "periodEnd"]),
    ("supplier", "START", {"periodStart": "0001-01-01"}, "PERIOD", ["input", "periodEnd"]),
    ("supplier", "START", {"siteId": "nowhere"}, "BAD_ID", ["input", "siteId"]),
    (
        "supplier",
        "START",
        {"siteId": documents.encode("site", ids.new_id(), ids.new_id()), "periodStart": "2026-05-01"},
        "NOT_FOUND",
        ["input", "siteId"],
    ),
    ("supplier", "CHANGE_TIER", {"tier": "ADVANCED"}, "TIER", ["input", "tier"]),
    ("supplier", "CORRECT", {}, "NOT_SUBMITTED", []),
    ("supplier", "SUBMIT", {"expectedChangeNumber": -1}, "CHANGED", ["input", "expectedChangeNumber"]),
    (
        "supplier",
        "SUBMIT",
        {"expectedChangeNumber": 0, "idempotencyKey": "short"},
        "INVALID_INPUT",
        ["input", "idempotencyKey"],
    ),
    ("supplier", "WITHDRAW", {"submissionId": NOBODY}, "BAD_ID", ["input", "submissionId"]),
    ("supplier", "ACCEPT", {"requestId": NOBODY}, "BAD_ID", ["input", "requestId"]),
    (
        "supplier",
        "ACCEPT",
        {"requestId": documents.encode("rcvd", ids.new_id(), ids.new_id())},
        "NOT_FOUND",
        ["input", "requestId"],
    ),
    ("supplier", "CREATE", make_ask(), "NOT_ALLOWED", []),
    ("buyer", "CREATE", make_ask(), "EMPTY", ["input", "supplierIds"]),
    ("buyer", "CREATE", make_ask("record", purpose=""), "EMPTY", ["input", "purpose"]),
    ("buyer", "CREATE", make_ask("record", dueOn="2020-01-01"), "DUE_DATE", ["input", "dueOn"]),
    ("buyer", "CREATE", make_ask("record", dueOn="9999-12-31"), "DUE_DATE", ["input", "dueOn"]),
    ("buyer", "CREATE", make_ask("record", questionnaire="x"), "NOT_FOUND", ["input", "questionnaire"]),
    ("buyer", "CREATE", make_ask("record", minimumTier="ADVANCED"), "TIER", ["input", "minimumTier"]),
    ("buyer", "CREATE", make_ask("record", "record"), "REPEATED", ["input", "supplierIds"]),
    ("buyer", "START", {}, "NOT_ALLOWED", []),
    ("viewer", "SAVE", {"answers": [write("headcount", number="1")]}, "NOT_ALLOWED", []),
    ("nobody", "SAVE", {"answers": [write("headcount", number="1")]}, "UNAUTHENTICATED", []),
]


@pytest.mark.parametrize(("who", "what", "given", "code", "path"), BAD)
async def test_a_bad_call_names_what_is_wrong(
    house: Portal, who: str, what: str, given: dict[str, Any], code: str, path: list[str]
) -> None:
    supplier, buyer = await house.sign_up("supplier"), await house.sign_up("buyer")
    assessment, record = await start(house, supplier), await documents.add_record(house, buyer)
    viewer = await house.sign_up("supplier", member="viewer")
    caller = {"supplier": supplier, "buyer": buyer, "viewer": viewer, "nobody": None}[who]
    if what in ("SAVE", "CHANGE_TIER", "CORRECT", "SUBMIT"):
        given = {"assessmentId": assessment} | given
    if what == "START":
        given = {
            "questionnaire": "sample",
            "tier": "BASIC",
            "periodStart": "2026-01-01",
            "periodEnd": "2026-12-31",
        } | given
    if "supplierIds" in given:
        given = given | {"supplierIds": [record if one == "record" else one for one in given["supplierIds"]]}
    result = await do(house, getattr(documents, what), caller, **given)
    problems = result.get("problems") or [result]
    assert (problems[0]["code"], problems[0]["path"] or path) == (code, path)


QUERIES: list[tuple[str, dict[str, Any], str]] = [
    ("{ assessments(first: 0) { nodes { id } } }", {}, "PAGE_SIZE"),
    ("{ assessments(first: 101) { nodes { id } } }", {}, "PAGE_SIZE"),
    ('{ assessments(after: "AAAA") { nodes { id } } }', {}, "BAD_CURSOR"),
    ('{ submissions(after: "ü") { nodes { id } } }', {}, "BAD_CURSOR"),
    ('{ receivedRequests(after: "") { nodes { id } } }', {}, "BAD_CURSOR"),
    ('{ assessment(id: "x") { id } }', {}, "BAD_ID"),
    ("query ($id: ID!) { assessment(id: $id) { answers(first: 0) { hasMore } } }", {"id": "own"}, "PAGE_SIZE"),
    (
        'query ($id: ID!) { assessment(id: $id) { answerHistory(question: "none") { status } } }',
        {"id": "own"},
        "NOT_FOUND",
    ),
    ("query ($id: ID!) { scorePreview(assessmentId: $id) { total } }", {"id": NOBODY}, "NOT_FOUND"),
    ("query ($id: ID!) { scorePreview(assessmentId: $id, measures: 99) { total } }", {"id": "own"}, "TOO_MANY"),
    ("{ questionnaireVersion { title } }", {}, "ONE_OF"),
    ('{ questionnaireVersion(questionnaire: "a", contentHash: "b") { title } }', {}, "ONE_OF"),
    ("{ requests { nodes { id } } }", {}, "NOT_ALLOWED"),
    ('{ assessments(state: "DRAFT") { nodes { id } } }', {}, "INVALID_REQUEST"),
]


@pytest.mark.parametrize(("query", "variables", "code"), QUERIES)
async def test_a_bad_query_is_an_error_with_a_code(
    house: Portal, query: str, variables: dict[str, Any], code: str
) -> None:
    supplier = await house.sign_up("supplier")
    own = await start(house, supplier)
    given = {name: own if value == "own" else value for name, value in variables.items()}
    assert codes(await house.ask(query, supplier.token, **given)) == [code]


async def test_one_kind_of_value_at_a_time(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    own = await start(house, supplier)
    both = {**write("headcount", number="1"), "value": {"number": "1", "text": "1"}}
    answer = await house.ask(documents.SAVE, supplier.token, input={"assessmentId": own, "answers": [both]})
    assert codes(answer) == ["INVALID_REQUEST"]


async def test_a_line_of_the_list_names_its_problem(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    good = await documents.add_record(house, buyer)
    foreign = await documents.add_record(house, await house.sign_up("buyer"))
    made = await do(house, documents.CREATE, buyer, **make_ask(foreign, good))
    assert made["createdCount"] == 1
    assert made["lines"][0]["problem"] == {"code": "NOT_FOUND", "path": ["input", "supplierIds", "0"]}
    again = await do(house, documents.CREATE, buyer, **make_ask(good))
    assert again["lines"][0]["problem"]["code"] == "ALREADY_REQUESTED"
    assert again["lines"][0]["requestId"] == made["lines"][1]["requestId"]
