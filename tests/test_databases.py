"""The database fixtures themselves: a copy is migrated, empty, its own, and reached by each login."""

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from portal.database import migrating
from tests import databases


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_copy_is_at_the_newest_migration(database: databases.TestDatabase) -> None:
    found = await fetch(database.owner_url, "SELECT version_num FROM migration.schema_version")
    assert found == migrating.head_revision()


@pytest.mark.parametrize("login", ["owner", "app", "worker", "backup"])
async def test_each_login_reaches_the_copy_as_itself(database: databases.TestDatabase, login: str) -> None:
    assert await fetch(getattr(database, f"{login}_url"), "SELECT current_user") == f"portal_{login}"


async def test_two_copies_do_not_see_each_other(
    database: databases.TestDatabase, database_server: databases.Server, database_template: str
) -> None:
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE public.left_behind ()")
    await connection.close()
    with databases.copy_template(database_server, database_template) as other:
        assert other.name != database.name
        assert await fetch(other.superuser_url, "SELECT to_regclass('public.left_behind')::text") is None
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await fetch(other.superuser_url, "SELECT 1")


def test_addresses_keep_host_and_port(database_server: databases.Server) -> None:
    place = make_url(database_server.admin_url)
    made = make_url(database_server.url("portal_app", "x"))
    assert (made.host, made.port, made.database, made.username) == (place.host, place.port, "x", "portal_app")
