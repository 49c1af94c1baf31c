"""A GraphQL request as it came over HTTP or a WebSocket, checked before anything of it is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql_schema import limits
from portal import documents

MAX_NAME = 200
UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"
PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"  # the same in the form of Apollo, whose clients look for it
NO_QUERY = "`query` must be a string with a GraphQL document, or `documentId` name one by its hash."
_NUL = re.compile(r"\x00|\\u(?:0000|\{0+\})")


class Refusal(Exception):
    """A request that is not run at all: an HTTP status, a code, a sentence, and headers and details that explain it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.details = dict(details or {})


class RequestError(Refusal):
    """A well-formed request that cannot be run: 400, or 200 for a client that only knows application/json."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(400, code, message)


@dataclass(frozen=True)
class GraphQLRequest:
    """What is to be run: a text, or the hash of one, or both."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    document_hash: str | None = None
    unknown_code: str = UNKNOWN_DOCUMENT  # the code where the hash alone is given and stands for nothing
    may_hold_nul: bool = False  # in its variables, and nowhere else


def read_request(content: Any) -> GraphQLRequest:
    """Check the members of a request; raises Refusal with status 400 that names the member and what is allowed."""
    if isinstance(content, list):
        raise _bad("BATCH", "Batches are not accepted: send one operation per request.")
    if not isinstance(content, dict):
        raise _bad("BAD_REQUEST", "The request must be a JSON object with `query`.")
    persisted = _read_persisted(content.get("extensions"))
    document_hash = _read_hash(content.get("documentId"), persisted)
    return GraphQLRequest(
        _read_query(content.get("query"), document_hash),
        _read_variables(content.get("variables")),
        _read_name(content.get("operationName")),
        document_hash,
        UNKNOWN_DOCUMENT if persisted is None else PERSISTED_QUERY_NOT_FOUND,
    )


def _read_query(query: Any, document_hash: str | None) -> str | None:
    if query is None and document_hash is not None:
        return None
    if not isinstance(query, str):
        raise _bad("NO_QUERY", NO_QUERY)
    check_query(query)
    if document_hash is not None and documents.hash_text(query) != document_hash:
        raise _bad("HASH_MISMATCH", "`query` has another hash than the one given; send one of the two.")
    return query


def check_query(query: str) -> None:
    """Raise Refusal for a text that is never parsed: an empty one, a long one, or one with the character U+0000."""
    if not query.strip():
        raise _bad("NO_QUERY", NO_QUERY)
    if len(query) > limits.DOCUMENT_CHARACTERS:
        words = f"`query` has {len(query)} characters; at most {limits.DOCUMENT_CHARACTERS} are allowed."
        raise _bad("TOO_LARGE", words)
    if _NUL.search(query):
        raise _bad("BAD_REQUEST", "`query` must not hold the character U+0000.")


def _read_variables(variables: Any) -> dict[str, Any] | None:
    if variables is not None and not isinstance(variables, dict):
        raise _bad("BAD_REQUEST", "`variables` must be an object, or null.")
    return variables


def _read_name(name: Any) -> str | None:
    if name is not None and (not isinstance(name, str) or len(name) > MAX_NAME):
        raise _bad("BAD_REQUEST", f"`operationName` must be a string of at most {MAX_NAME} characters, or null.")
    return name or None


def _read_hash(identifier: Any, persisted: Any) -> str | None:
    """The hash in `documentId`, or in `extensions.persistedQuery` as Apollo's clients write it."""
    given = [one for one in (identifier, persisted) if one is not None]
    found = {documents.read_hash(one) if isinstance(one, str) else None for one in given}
    if None in found or len(found) > 1:
        words = (
            f"`documentId` must be {documents.PREFIX} and 64 hexadecimal digits in lower case, the SHA-256 of the text."
        )
        raise _bad("BAD_REQUEST", words)
    return found.pop() if found else None


def _read_persisted(extensions: Any) -> Any:
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("BAD_REQUEST", "`extensions` must be an object, or null.")
    persisted = (extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1 or "sha256Hash" not in persisted:
        raise _bad("BAD_REQUEST", "`extensions.persistedQuery` must be an object with `version` 1 and `sha256Hash`.")
    return persisted["sha256Hash"] or ""


def _bad(code: str, message: str) -> Refusal:
    return Refusal(400, code, message)
