"""A running portal per test, with the sample nouns or with the product's own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests import databases
from tests.graphql_schema import portals, sample


@pytest.fixture(scope="session")
def sample_schema() -> object:
    return sample.build()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_portal(
    database_server: databases.Server, database_template: str, sample_schema: object
) -> AsyncIterator[portals.Portal]:
    """One portal for a whole file of tests that leave nothing behind."""
    with databases.copy_template(database_server, database_template) as made:
        async with portals.run_portal(made, sample_schema) as running:
            yield running


@pytest.fixture
async def portal(database: databases.TestDatabase, sample_schema: object) -> AsyncIterator[portals.Portal]:
    async with portals.run_portal(database, sample_schema) as running:
        yield running
