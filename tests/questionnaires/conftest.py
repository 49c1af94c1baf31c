"""Every version of responsible-sourcing that ships, one after the other."""

import pytest

from questionnaires import catalogue
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from questionnaires.profile import Profile

SHIPPED = [one for one in catalogue.list_packaged() if one.definition.key == "responsible-sourcing"]


@pytest.fixture(params=SHIPPED, ids=lambda one: one.definition.version)
def shipped(request: pytest.FixtureRequest) -> Packaged:
    """A test that asks for this, or for one of the two below, runs once for each version."""
    found: Packaged = request.param
    return found


@pytest.fixture
def definition(shipped: Packaged) -> Definition:
    return shipped.definition


@pytest.fixture
def profile(shipped: Packaged) -> Profile:
    return shipped.profiles[-1]
