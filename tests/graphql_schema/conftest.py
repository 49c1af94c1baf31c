"""A running portal with the sample nouns, one for each file of tests; every test signs up callers of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import databases
from tests.graphql_schema import portals, sample

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a portal run in the event loop that it runs in."""
    for item in items:
        if HERE in item.path.parents and "portal" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(scope="session")
def sample_schema() -> object:
    return sample.build()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def portal(
    database_server: databases.Server, database_template: str, sample_schema: object
) -> AsyncIterator[portals.Portal]:
    """A real server over a database of its own."""
    with databases.copy_template(database_server, database_template) as made:
        async with portals.run_portal(made, sample_schema) as running:
            yield running
