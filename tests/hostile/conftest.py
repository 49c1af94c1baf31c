"""One house for each file of hostile tests; a file that moves the clock or revokes things has it for itself."""

import inspect
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import databases
from tests.hostile import house as houses

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a house run in the event loop that it runs in."""
    for item in items:
        uses = "house" in getattr(item, "fixturenames", ())
        if HERE in item.path.parents and uses and inspect.iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[houses.House]:
    with databases.copy_template(database_server, database_template) as made:
        async with houses.open_house(made, tmp_path_factory.mktemp("files")) as opened:
            yield opened
