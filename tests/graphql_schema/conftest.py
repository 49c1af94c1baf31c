"""A running portal per test, with the sample nouns or with the product's own."""

from collections.abc import AsyncIterator

import pytest

from tests.databases import TestDatabase
from tests.graphql_schema import portals, sample


@pytest.fixture(scope="session")
def sample_schema() -> object:
    return sample.build()


@pytest.fixture
async def portal(database: TestDatabase, sample_schema: object) -> AsyncIterator[portals.Portal]:
    async with portals.run_portal(database, sample_schema) as running:
        yield running
