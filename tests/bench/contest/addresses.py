"""The five shapes as addresses of the hand-written servers."""

import base64
from typing import Any
from urllib.parse import quote

import orjson

from tests.bench import load, world
from tests.bench.contest import data
from tests.bench.contest.questions import Question


def ask(question: Question) -> bytes:
    """The request; who asks stands in it twice, for the server with a session look-up and for the one without."""
    own = data.organization(question.caller)
    token = f"{world.make_token(question.caller)}\r\nx-organization: {own}"
    return load.write_request("GET", find_address(question), token)


def find_address(question: Question) -> str:
    own, after = data.organization(question.caller), ""
    if question.after:
        content = orjson.dumps([one if isinstance(one, int) else str(one) for one in question.after])
        after = f"?after={quote(base64.urlsafe_b64encode(content).decode())}"
    match question.shape:
        case "list":
            return f"/suppliers{after}"
        case "deep page":
            return f"/suppliers/by-score{after}"
        case "profile in depth":
            return f"/suppliers/{world.make_node_id('supp', own, question.row)}"
        case "cells":
            return f"/cells{after}"
        case _:
            return f"/assessments/{world.make_node_id('asmt', own, question.row)}"


def read(question: Question, body: bytes) -> Any:
    """What an answer says, without how it is paged."""
    answer = orjson.loads(body)
    return answer["nodes"] if question.shape in ("list", "deep page", "cells") else answer
