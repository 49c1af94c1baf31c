"""Fixtures of the assessments' tests: a house with published questionnaires."""

from collections.abc import AsyncIterator

import pytest

from portal.assessments import publishing
from portal.database import engine
from tests import databases
from tests.portal.assessments import sample
from tests.portal.assessments.house import House


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[House]:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=4))
    yield House(database, opened)
    await opened.close()
