"""A portal with files, a worker, two suppliers and two buyers for each test, so that a test may move the clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import databases
from tests.graphql_schema.sharing import stage as stages


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[stages.Stage]:
    async with stages.set_stage(database, tmp_path) as made:
        yield made


@pytest.fixture
async def unwatched(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[stages.Stage]:
    """The same without a worker: a file that arrives stays in quarantine."""
    async with stages.set_stage(database, tmp_path, works=False) as made:
        yield made
