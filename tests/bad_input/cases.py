"""A case of wrong input, and the ways to send one.

`@name` inside what is given stands for an id or value that the world knows, see world.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.database import ids


@dataclass(frozen=True)
class Case:
    """What is sent how by whom, and what must come back."""

    name: str
    way: str  # mutation | query | http | upload | evidence | list | command
    given: Any
    code: str
    path: tuple[str, ...]
    allowed: str  # a pattern that the message must match: it says what is allowed
    by: str = "nobody"
    more: Mapping[str, Any] = field(default_factory=dict)


def change(by: str, name: str, mutation: str, given: Any, code: str, path: str, allowed: str) -> Case:
    """A mutation whose input is wrong; `path` with dots, below `input`."""
    below = ("input", *path.split(".")) if path else ()
    return Case(name, "mutation", given, code, below, allowed, by, {"mutation": mutation})


def ask(by: str, name: str, query: str, code: str, path: str, allowed: str, **variables: Any) -> Case:
    """A query; `path` is the field or the argument that the answer names."""
    return Case(name, "query", query, code, tuple(path.split(".")) if path else (), allowed, by, variables)


def answer(name: str, given: Mapping[str, Any], code: str, allowed: str) -> Case:
    """One answer of a draft, whose problem names its question."""
    write = {"writeId": str(ids.new_id()), "question": "headcount", "baseRevision": 0} | dict(given)
    sent = {"assessmentId": "@assessment", "answers": [write]}
    question = ("input", write["question"])
    return Case(name, "mutation", sent, code, question, allowed, "supplier", {"mutation": "saveAnswers"})


def send(name: str, body: bytes, code: str, allowed: str, **headers: str) -> Case:
    """A request to /graphql as it is."""
    return Case(name, "http", body, code, (), allowed, more=headers)


def upload(name: str, content: bytes, code: str, allowed: str, **headers: str) -> Case:
    """Bytes to /uploads with a link that is open."""
    return Case(name, "upload", content, code, (), allowed, "supplier", headers)


def file(name: str, file_name: str, content: bytes, code: str, allowed: str) -> Case:
    """A document that the worker refuses."""
    return Case(name, "evidence", content, code, (), allowed, "supplier", {"file_name": file_name})


def suppliers(name: str, content: bytes | str, code: str, path: tuple[str, ...], allowed: str) -> Case:
    """A supplier list, of which the whole or its one row cannot be used."""
    return Case(name, "list", content.encode() if isinstance(content, str) else content, code, path, allowed, "buyer")


def run(name: str, command: str, code: int, path: str, allowed: str, **settings: str) -> Case:
    """A command line; `path` is the option, argument or setting that is named."""
    return Case(name, "command", command.split(), f"EXIT {code}", (path,) if path else (), allowed, more=settings)
