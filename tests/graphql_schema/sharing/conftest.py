"""A portal with files, a worker, two suppliers and two buyers for each test, so that a test may move the clock."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from obstore.store import ObjectStore

from portal import storage
from portal.database import ids
from tests import buckets, databases
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import Stage


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[stages.Stage]:
    async with stages.set_stage(database, tmp_path) as made:
        yield made


@pytest.fixture
async def unwatched(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[stages.Stage]:
    """The same without a worker: a file that arrives stays in quarantine."""
    async with stages.set_stage(database, tmp_path, works=False) as made:
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that speaks S3, with a bucket."""
    with buckets.run_s3() as address:
        yield address


@pytest.fixture(params=["folder", "s3"])
async def kept(
    request: pytest.FixtureRequest, database: databases.TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Stage, ObjectStore]]:
    """The stage over each kind of storage, with a look into it."""
    url = f"file://{tmp_path}"
    if request.param == "s3":
        for name, value in buckets.list_settings(request.getfixturevalue("server")).items():
            monkeypatch.setenv(name, value)
        url = f"s3://{buckets.BUCKET}/{ids.new_id().hex}"
    async with stages.set_stage(database, tmp_path, storage_url=url) as made:
        yield made, storage.open_storage(url)
