"""The journeys' documents, and callers that send one of their operations after another."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphql import DocumentNode, parse, print_ast, separate_operations

from tests.clients import open_client

FOLDER = Path(__file__).parent
NAMES = ("buyer", "supplier", "partner", "author")


def read(name: str) -> DocumentNode:
    """A journey."""
    return parse((FOLDER / f"{name}.graphql").read_text(encoding="utf-8"))


def split(name: str) -> Mapping[str, str]:
    """Each operation of a journey by its name, with the fragments that it needs."""
    return {operation: print_ast(document) for operation, document in separate_operations(read(name)).items()}


class Caller:
    """Somebody who goes a journey; what a mutation gives other than its success type fails the test."""

    def __init__(self, url: str, journey: str, token: str | None = None) -> None:
        self.url = url
        self.operations = split(journey)
        self.token = token
        self.done: list[str] = []

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.token is None else {"authorization": f"Bearer {self.token}"}

    async def ask(self, operation: str, **variables: Any) -> Any:
        """The value of the operation's one field."""
        body = {"query": self.operations[operation], "operationName": operation, "variables": variables}
        async with open_client(timeout=30, headers=self.headers) as client:
            response = await client.post(f"{self.url}/graphql", json=body)
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        self.done.append(operation)
        (value,) = answer["data"].values()
        return value

    async def do(self, operation: str, **given: Any) -> dict[str, Any]:
        """What a mutation gives for an input, which must not be a problem."""
        result: dict[str, Any] = await self.ask(operation, input=given)
        assert "code" not in result, (operation, result)
        return result

    async def wait_for(self, operation: str, name: str, wanted: Any, **variables: Any) -> dict[str, Any]:
        """Ask until a member has a value, as clients do where a worker has something to do first."""
        async with asyncio.timeout(30):
            while True:
                found: dict[str, Any] = await self.ask(operation, **variables)
                if found[name] == wanted:
                    return found
                await asyncio.sleep(0.1)

    async def send_file(self, upload: dict[str, Any], content: bytes) -> None:
        """Send a file's bytes to where an upload says."""
        headers = {header["name"]: header["value"] for header in upload["headers"]}
        async with open_client(timeout=30, base_url=self.url) as client:
            response = await client.request(upload["method"], upload["url"], content=content, headers=headers)
        assert response.status_code < 300, response.text

    async def fetch(self, url: str) -> bytes:
        """The bytes behind a link that needs no session."""
        async with open_client(timeout=30, base_url=self.url) as client:
            response = await client.get(url)
        assert response.status_code == 200, response.text
        return response.content
