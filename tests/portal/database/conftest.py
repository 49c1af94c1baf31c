"""Fixtures of the database room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.database import launching


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for one test that every account can pass through."""
    with launching.make_reachable_folder() as folder:
        yield folder
