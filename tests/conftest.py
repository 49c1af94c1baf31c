"""Fixtures of every room: a database server for the test process and a database for the test."""

from collections.abc import Iterator

import pytest

from tests import databases


@pytest.fixture(scope="session")
def database_server() -> Iterator[databases.Server]:
    """The PostgreSQL of this test process, started when the first test asks for it."""
    with databases.open_server() as server:
        yield server


@pytest.fixture(scope="session")
def database_template(database_server: databases.Server) -> str:
    """The migrated database that `database` copies."""
    return databases.make_template(database_server)


@pytest.fixture
def database(database_server: databases.Server, database_template: str) -> Iterator[databases.TestDatabase]:
    """A migrated, empty database for this test alone, with an address for each of the four logins."""
    with databases.copy_template(database_server, database_template) as made:
        yield made
