"""The demo, loaded once for each module of its tests."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from portal import storage
from portal.assessments import publishing
from portal.demo import loading
from portal.demo.loading import Prepared
from tests import databases


@dataclass(frozen=True)
class Demo:
    """A database with the demo in it, the folder of its files, and what loading gave."""

    database: databases.TestDatabase
    folder: Path
    prepared: Prepared

    def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """Rows as the superuser sees them."""

        async def run(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            return list(await connection.fetch(query, *values))

        return databases.administer(self.database.superuser_url, run)

    def load(self) -> Prepared:
        """Load once more."""
        return load(self.database, self.folder)


def load(database: databases.TestDatabase, folder: Path) -> Prepared:
    """Load the demo as the command does."""
    store = storage.open_storage(f"file://{folder / 'files'}")

    async def work() -> Prepared:
        await publishing.publish_packaged(database.owner_url)
        prepared = await loading.load_demo(database.owner_url, store, folder)
        await loading.publish_benchmarks(database.worker_url)
        return prepared

    return databases.run(work)


@pytest.fixture(scope="module")
def demo(database_server: databases.Server, database_template: str) -> Iterator[Demo]:
    with (
        databases.copy_template(database_server, database_template) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        yield Demo(database, Path(folder), load(database, Path(folder)))
