"""The five shapes in the portal's own GraphQL, which the two other Python servers speak as well."""

import base64
from typing import Any

import orjson

from tests.bench import load, world
from tests.bench.contest import data
from tests.bench.contest.questions import Question

PAGE = 50
LIST = """
query Suppliers($first: Int!, $after: String, $sort: SupplierSort!) {
  suppliers(first: $first, after: $after, sort: $sort) {
    nodes {
      id name country sector state tier band total coverage submittedAt validUntil requestState dueOn
      pillars { key score }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
# Without documents: reading those leaves a receipt each time, which only the portal writes.
PROFILE = """
query Profile($id: ID!) {
  supplier(id: $id) {
    id name country address vendorNumber state linkedAt
    contacts { name email }
    latestResult { ...Result }
    history { ...Result }
    requests { state dueOn minimumTier purpose }
  }
}
fragment Result on SharedResult {
  tier periodStart periodEnd state submittedAt total band coverage validUntil pillars { key score }
}
"""
CELLS = """
query Cells($release: Int!, $first: Int!, $after: String) {
  benchmarkCells(release: $release, first: $first, after: $after) {
    edges {
      node {
        measure status countBand mean p10 p25 p50 p75 p90 figuresFromRelease cohort { tier sector region size }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
# Pages of answers have 100 at most; the change numbers of the answers are 1 to 160.
ASSESSMENT = """
query Assessment($id: ID!, $questionnaire: String!) {
  assessment(id: $id) {
    id questionnaire version tier state periodStart periodEnd changeNumber
    first: answers(changedAfter: 0, first: 100) { ...Changes }
    second: answers(changedAfter: 100, first: 100) { ...Changes }
  }
  questionnaireVersion(questionnaire: $questionnaire) {
    version title
    sections { key title questions { key type title help required options { key title } } }
  }
}
fragment Changes on AnswerChanges {
  answers {
    question revision changeNumber
    content { state comment value { boolean choice choices number date text } }
  }
}
"""
DOCUMENTS = {"list": LIST, "profile in depth": PROFILE, "deep page": LIST, "cells": CELLS, "assessment": ASSESSMENT}


def ask(question: Question) -> bytes:
    """The request as clients send it, with the whole document."""
    body = orjson.dumps({"query": DOCUMENTS[question.shape], "variables": find_variables(question)})
    return load.write_request("POST", "/graphql", world.make_token(question.caller), body)


def find_variables(question: Question) -> dict[str, Any]:
    own, after = data.organization(question.caller), question.after
    match question.shape:
        case "list":
            return {"first": PAGE, "sort": "NAME", "after": _write_opaque(["name", after[0], str(after[1])])}
        case "deep page":
            cursor = _write_opaque(["total_highest", after[0], str(after[1])])
            return {"first": PAGE, "sort": "TOTAL_HIGHEST", "after": cursor}
        case "profile in depth":
            return {"id": world.make_node_id("supp", own, question.row)}
        case "cells":
            cursor = _write_opaque(["written", *[str(after[0])] * 2]) if after else None
            return {"release": 1, "first": PAGE, "after": cursor}
        case _:
            return {"id": world.make_node_id("asmt", own, question.row), "questionnaire": "generated"}


def _write_opaque(content: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


def read(question: Question, body: bytes) -> Any:
    """What an answer says, without how it is paged; raises ValueError where it has errors."""
    answer = orjson.loads(body)
    if answer.get("errors"):
        raise ValueError(f"errors: {str(answer['errors'])[:600]}")
    found = answer["data"]
    match question.shape:
        case "list" | "deep page":
            return found["suppliers"]["nodes"]
        case "profile in depth":
            return found["supplier"]
        case "cells":
            return [edge["node"] for edge in found["benchmarkCells"]["edges"]]
        case _:
            own = found["assessment"]
            own["answers"] = own.pop("first")["answers"] + own.pop("second")["answers"]
            return found
