"""The tests of this folder share a house; see tests/graphql_schema/houses.py."""

from pathlib import Path

import pytest

from tests.graphql_schema import houses

house = houses.house


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    houses.run_in_one_loop(items, Path(__file__).parent)
