"""The five shapes in the schema that PostGraphile makes of the tables, and its answers in the portal's words."""

import base64
import urllib.request
from typing import Any

import orjson

from tests.bench import load, world
from tests.bench.contest import data, outline
from tests.bench.contest.questions import Question

LEAD = "responsible-sourcing"
PAGE = 50
CARDS = """
query Suppliers($first: Int!, $after: Cursor) {
  allRelationshipCards(
    first: $first, after: $after, orderBy: [%s, SUPPLIER_RECORD_ID_ASC]
    condition: {questionnaire: "responsible-sourcing", archived: false%s}
  ) {
    nodes {
      id country sector recordState tier band total coverage submittedAt validUntil requestState dueOn pillarScores
      supplierRecordByBuyerIdAndSupplierRecordId { name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PROFILE = """
query Profile($buyer: UUID!, $record: UUID!, $supplier: UUID!, $questionnaire: String!) {
  supplierRecordByBuyerIdAndRowId(buyerId: $buyer, rowId: $record) {
    id name country address vendorNumber state linkedAt
    supplierContactsByBuyerIdAndSupplierRecordId(orderBy: [CREATED_AT_ASC, ROW_ID_ASC]) { nodes { name email } }
    requestsByBuyerIdAndSupplierRecordId(
      orderBy: [CREATED_AT_DESC, ROW_ID_DESC], condition: {questionnaire: $questionnaire}
    ) {
      nodes { state dueOn minimumTier purpose }
    }
  }
  latest: allSubmissions(
    first: 1, orderBy: [SUBMITTED_AT_DESC, ROW_ID_DESC]
    condition: {supplierId: $supplier, questionnaire: $questionnaire, subject: "organization"}
  ) {
    nodes { ...Result }
  }
  history: allSubmissions(
    orderBy: [SUBMITTED_AT_DESC, ROW_ID_DESC], condition: {supplierId: $supplier, questionnaire: $questionnaire}
  ) {
    nodes { ...Result }
  }
}
fragment Result on Submission {
  tier periodStart periodEnd state submittedAt
  resultsBySupplierIdAndSubmissionId(first: 1, orderBy: [PROFILE_NUMBER_DESC], condition: {isOwnTier: true}) {
    nodes { total band coverage validUntil pillarScores }
  }
}
"""
CELLS = """
query Cells($release: Int!, $first: Int!, $after: Cursor) {
  allReleaseCells(first: $first, after: $after, orderBy: [ROW_ID_ASC], condition: {releaseNumber: $release}) {
    nodes { measure status countBand mean p10 p25 p50 p75 p90 figuresFrom tier sector region sizeBand }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ASSESSMENT = """
query Assessment($supplier: UUID!, $assessment: UUID!) {
  assessmentBySupplierIdAndRowId(supplierId: $supplier, rowId: $assessment) {
    id questionnaire version tier state periodStart periodEnd changeNumber
    answersBySupplierIdAndAssessmentId(orderBy: [CHANGED_AT_NUMBER_ASC]) {
      nodes { question revision changedAtNumber state comment value }
    }
    questionnaireVersionByQuestionnaireAndVersion { document }
  }
}
"""
DOCUMENTS = {
    "list": CARDS % ("NAME_KEY_ASC", ""),
    "deep page": CARDS % ("TOTAL_DESC", ", totalMissing: false"),
    "profile in depth": PROFILE,
    "cells": CELLS,
    "assessment": ASSESSMENT,
}
FIELDS = {"boolean": "boolean", "choice": "choice", "multi_choice": "choices", "integer": "number"}
DIGESTS: dict[str, str] = {}  # of the order of each list, as its cursors begin


def learn_digests(port: int) -> None:
    """Ask for the first page of each list, whose cursor shows how cursors of that order begin."""
    for shape in ("list", "deep page", "cells"):
        caller = str(data.organization(data.BUYER))
        variables = {"release": 1, "first": 1} if shape == "cells" else {"first": 1}
        asked = urllib.request.Request(
            f"http://{load.HOST}:{port}/graphql",
            orjson.dumps({"query": DOCUMENTS[shape], "variables": variables}),
            {"content-type": "application/json", "accept": "application/json", "x-organization": caller},
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            (found,) = orjson.loads(answer.read())["data"].values()
        DIGESTS[shape] = orjson.loads(base64.b64decode(found["pageInfo"]["endCursor"] + "=="))[0]


def ask(question: Question) -> bytes:
    """The request, with the organization as the server's front would have found it in a token."""
    variables = find_variables(question, str(data.organization(question.caller)))
    body = orjson.dumps({"query": DOCUMENTS[question.shape], "variables": variables})
    token = f"none\r\nx-organization: {data.organization(question.caller)}"
    return load.write_request("POST", "/graphql", token, body)


def find_variables(question: Question, own: str) -> dict[str, Any]:
    match question.shape:
        case "list" | "deep page":
            value, record = question.after[0], str(question.after[1])
            return {"first": PAGE, "after": write_cursor(question.shape, value, record, own, record, LEAD)}
        case "profile in depth":
            assert question.row is not None
            supplier = str(data.organization(question.row.int & 0xFFFFFFFF))
            return {"buyer": own, "record": str(question.row), "supplier": supplier, "questionnaire": LEAD}
        case "cells":
            last = str(question.after[0]) if question.after else None
            return {"release": 1, "first": PAGE, "after": last and write_cursor("cells", last, 1, last)}
        case _:
            return {"supplier": own, "assessment": str(question.row)}


def write_cursor(shape: str, *values: Any) -> str:
    return base64.b64encode(orjson.dumps([DIGESTS[shape], *values])).decode()


def read(question: Question, body: bytes) -> Any:
    """What an answer says, in the names and spellings of the portal; raises ValueError where it has errors."""
    answer = orjson.loads(body)
    if answer.get("errors"):
        raise ValueError(f"errors: {str(answer['errors'])[:600]}")
    found = answer["data"]
    match question.shape:
        case "list" | "deep page":
            return [read_card(one) for one in found["allRelationshipCards"]["nodes"]]
        case "profile in depth":
            return read_profile(found)
        case "cells":
            return [read_cell(one) for one in found["allReleaseCells"]["nodes"]]
        case _:
            return read_assessment(found["assessmentBySupplierIdAndRowId"])


def read_id(tag: str, id: str) -> str:
    _, owner, own, *_ = orjson.loads(base64.b64decode(id + "=="))
    return world.make_node_id(tag, world.UUID(owner), world.UUID(own))


def points(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths / 100:.2f}"


def code(value: str | None) -> str | None:
    return None if value is None else value.upper()


def read_moment(value: str | None) -> str | None:
    return None if value is None else value.replace(".000000", "")


def read_card(card: dict[str, Any]) -> dict[str, Any]:
    names = ("country", "sector", "band", "validUntil", "dueOn")
    return {name: card[name] for name in names} | {
        "id": read_id("supp", card["id"]),
        "name": card["supplierRecordByBuyerIdAndSupplierRecordId"]["name"],
        "state": code(card["recordState"]),
        "tier": code(card["tier"]),
        "total": points(card["total"]),
        "coverage": points(card["coverage"]),
        "submittedAt": read_moment(card["submittedAt"]),
        "requestState": code(card["requestState"]),
        "pillars": card["pillarScores"],
    }


def read_profile(found: dict[str, Any]) -> dict[str, Any]:
    record = found["supplierRecordByBuyerIdAndRowId"]
    requests = record["requestsByBuyerIdAndSupplierRecordId"]["nodes"]
    return {name: record[name] for name in ("name", "country", "address", "vendorNumber")} | {
        "id": read_id("supp", record["id"]),
        "state": code(record["state"]),
        "linkedAt": read_moment(record["linkedAt"]),
        "contacts": record["supplierContactsByBuyerIdAndSupplierRecordId"]["nodes"],
        "latestResult": next((read_result(one) for one in found["latest"]["nodes"]), None),
        "history": [read_result(one) for one in found["history"]["nodes"]],
        "requests": [one | {"state": code(one["state"]), "minimumTier": code(one["minimumTier"])} for one in requests],
    }


def read_result(submission: dict[str, Any]) -> dict[str, Any]:
    (result,) = submission["resultsBySupplierIdAndSubmissionId"]["nodes"]
    return {
        "tier": code(submission["tier"]),
        "periodStart": submission["periodStart"],
        "periodEnd": submission["periodEnd"],
        "state": code(submission["state"]),
        "submittedAt": read_moment(submission["submittedAt"]),
        "total": points(result["total"]),
        "band": result["band"],
        "coverage": points(result["coverage"]),
        "validUntil": result["validUntil"],
        "pillars": result["pillarScores"],
    }


def read_cell(cell: dict[str, Any]) -> dict[str, Any]:
    folded = {name: None if cell[name] == "*" else cell[name] for name in ("sector", "region", "sizeBand")}
    names = ("measure", "countBand", "mean", "p10", "p25", "p50", "p75", "p90")
    return {name: cell[name] for name in names} | {
        "status": code(cell["status"]),
        "figuresFromRelease": cell["figuresFrom"],
        "cohort": {
            "tier": code(cell["tier"]),
            "sector": folded["sector"],
            "region": code(folded["region"]),
            "size": code(folded["sizeBand"]),
        },
    }


def read_assessment(found: dict[str, Any]) -> dict[str, Any]:
    document = orjson.loads(found["questionnaireVersionByQuestionnaireAndVersion"]["document"])
    types = outline.list_types(document)
    own = {name: found[name] for name in ("questionnaire", "version", "periodStart", "periodEnd")}
    own |= {"id": read_id("asmt", found["id"]), "tier": code(found["tier"]), "state": code(found["state"])}
    own["changeNumber"] = int(found["changeNumber"])
    stored = found["answersBySupplierIdAndAssessmentId"]["nodes"]
    own["answers"] = [read_answer(one, types[one["question"]]) for one in stored]
    return {"assessment": own, "questionnaireVersion": outline.make_outline(document)}


def read_answer(stored: dict[str, Any], type_name: str) -> dict[str, Any]:
    value = dict.fromkeys(("boolean", "choice", "choices", "number", "date", "text"))
    content = {"state": code(stored["state"]), "comment": stored["comment"]}
    return {
        "question": stored["question"],
        "revision": stored["revision"],
        "changeNumber": int(stored["changedAtNumber"]),
        "content": content | {"value": value | {FIELDS[type_name]: stored["value"]}},
    }
