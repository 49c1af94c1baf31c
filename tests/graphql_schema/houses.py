"""A real server with the product's own nouns and the published questionnaires, one for each file of tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from portal.assessments import publishing
from questionnaires import catalogue
from tests import databases
from tests.graphql_schema import portals
from tests.portal.assessments import sample


def run_in_one_loop(items: list[pytest.Item], folder: Path) -> None:
    """Tests that share a portal run in the event loop that it runs in."""
    for item in items:
        if folder in item.path.parents and "house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database_server: databases.Server, database_template: str) -> AsyncIterator[portals.Portal]:
    with databases.copy_template(database_server, database_template) as made:
        versions = [*catalogue.list_packaged(), sample.make_packaged()]
        await publishing.publish_with_login(made.owner_url, versions)
        async with portals.run_portal(made, listen_url=made.app_url) as running:
            yield running
