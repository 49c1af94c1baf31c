"""A database with the sample questionnaire, marked for benchmarks and approved, and a population to fill."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
INDICATORS = """
      - {key: energy, type: decimal, tier: micro, kind: fact, title: Energy, why: Gases., unit: kWh/piece, min: 0,
         decimals: 1, benchmark: true, indicator: {name: Energy per piece, unit: kWh/piece, direction: down}}
      - {key: cover, type: percent, tier: micro, kind: fact, title: Cover, why: Voice., benchmark: true,
         indicator: {name: Covered, unit: percent, direction: up}}
      - {key: power, type: decimal, tier: micro, kind: fact, title: Power, why: Gases., unit: kWh, min: 0,
         benchmark: true, indicator: {name: Power, unit: kWh, direction: down}}
      - {key: secret, type: percent, tier: micro, kind: fact, title: Secret, why: Share.,
         indicator: {name: Kept apart, unit: percent, direction: up}}
      - key: site_rates
        type: group
        tier: micro
        kind: fact
        title: Rates
        why: Places.
        repeat: {min: 0, max: 5}
        questions:
          - {key: site_share, type: percent, tier: micro, kind: fact, title: Share, benchmark: true,
             indicator: {name: Share of sites, unit: percent, direction: up}}
  - key: labour
    title: Pay
"""
INDICATED = MARKED.replace("\n  - key: labour\n    title: Pay\n", INDICATORS).replace(
    "decimals: 1}", "decimals: 1, benchmark: true, indicator: {name: Trained, unit: percent, direction: up}}"
)


@asynccontextmanager
async def open_firms(database: databases.TestDatabase, questionnaire: str = MARKED) -> AsyncIterator[Population]:
    """A population that answers the marked questionnaire."""
    assert len({sample.QUESTIONNAIRE, MARKED, INDICATED}) == 3
    packaged = Packaged(sample.make_definition(questionnaire), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with population.open_population(database) as opened:
        yield opened


@pytest.fixture
async def firms(database: databases.TestDatabase) -> AsyncIterator[Population]:
    async with open_firms(database) as opened:
        yield opened


@pytest.fixture
async def measured(database: databases.TestDatabase) -> AsyncIterator[Population]:
    """The same with impact indicators: rates that are marked, an amount that is, and a rate that is not."""
    async with open_firms(database, INDICATED) as opened:
        yield opened
