"""A GraphQL request as it came over HTTP or a WebSocket, checked before anything of it is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql_schema import limits

MAX_NAME = 200
_NUL = re.compile(r"\x00|\\u(?:0000|\{0+\})")


class Refusal(Exception):
    """A request that is not run at all: an HTTP status, a code, a sentence, and headers that explain it."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class GraphQLRequest:
    """What is to be run."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    may_hold_nul: bool = False  # in its variables, and nowhere else


def read_request(content: Any) -> GraphQLRequest:
    """Check the members of a request; raises Refusal with status 400 that names the member and what is allowed."""
    if isinstance(content, list):
        raise _bad("BATCH", "Batches are not accepted: send one operation per request.")
    if not isinstance(content, dict):
        raise _bad("BAD_REQUEST", "The request must be a JSON object with `query`.")
    _check_extensions(content.get("extensions"))
    return GraphQLRequest(
        _read_query(content.get("query")),
        _read_variables(content.get("variables")),
        _read_name(content.get("operationName")),
    )


def _read_query(query: Any) -> str:
    if not isinstance(query, str) or not query.strip():
        raise _bad("NO_QUERY", "`query` must be a string with a GraphQL document.")
    if len(query) > limits.DOCUMENT_CHARACTERS:
        words = f"`query` has {len(query)} characters; at most {limits.DOCUMENT_CHARACTERS} are allowed."
        raise _bad("TOO_LARGE", words)
    if _NUL.search(query):
        raise _bad("BAD_REQUEST", "`query` must not hold the character U+0000.")
    return query


def _read_variables(variables: Any) -> dict[str, Any] | None:
    if variables is not None and not isinstance(variables, dict):
        raise _bad("BAD_REQUEST", "`variables` must be an object, or null.")
    return variables


def _read_name(name: Any) -> str | None:
    if name is not None and (not isinstance(name, str) or len(name) > MAX_NAME):
        raise _bad("BAD_REQUEST", f"`operationName` must be a string of at most {MAX_NAME} characters, or null.")
    return name or None


def _check_extensions(extensions: Any) -> None:
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("BAD_REQUEST", "`extensions` must be an object, or null.")


def _bad(code: str, message: str) -> Refusal:
    return Refusal(400, code, message)
