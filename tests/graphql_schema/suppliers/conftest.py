"""A real server with the product's own nouns, a place for files and a lead questionnaire, one per file of tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import databases, people
from tests.graphql_schema import portals

HERE = Path(__file__).parent
LEAD = """
INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('responsible-sourcing', 'Lead', 'self_assessment'),
       ('other', 'Other', 'self_assessment')
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a portal run in the event loop that it runs in."""
    for item in items:
        if HERE in item.path.parents and "house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[portals.Portal]:
    files = tmp_path_factory.mktemp("files")
    with databases.copy_template(database_server, database_template) as made:
        await people.run_sql(made, LEAD)
        async with portals.run_portal(
            made,
            storage_url=f"file://{files}",
            public_url="https://portal.example",
            secret_key="only for tests and as long as keys have to be",
        ) as running:
            yield running
