"""A database with the sample questionnaire, marked for benchmarks and approved, and a population to fill."""

from collections.abc import AsyncIterator

import pytest

from portal.assessments import publishing
from questionnaires.catalogue import Packaged
from tests import databases
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.population import Population

MARKED = sample.QUESTIONNAIRE.replace(
    "required: true}\n      - {key: waste", "required: true, benchmark: true}\n      - {key: waste"
)


@pytest.fixture
async def firms(database: databases.TestDatabase) -> AsyncIterator[Population]:
    assert MARKED != sample.QUESTIONNAIRE
    packaged = Packaged(sample.make_definition(MARKED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with population.open_population(database) as opened:
        yield opened
