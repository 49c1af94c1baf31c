"""A real server with the product's own nouns for each test, so that a test may move the clock and use up limits."""

from collections.abc import AsyncIterator

import pytest

from tests import databases
from tests.graphql_schema import portals


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[portals.Portal]:
    async with portals.run_portal(database, secret_key="only for tests and as long as keys have to be") as running:
        yield running
