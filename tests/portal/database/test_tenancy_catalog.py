"""What the database's own catalogue must say: policies on every table, nothing too much for any login."""

import asyncpg
import pytest

from portal.database import migrating, worker_access
from tests import databases

HASHES = ("token_hash", "key_hash", "password_hash", "subject_hash")


async def _fetch(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def test_models_and_migrations_agree(database: databases.TestDatabase) -> None:
    await migrating.check(database.owner_url)


async def test_every_table_has_forced_row_level_security(database: databases.TestDatabase) -> None:
    rows = await _fetch(
        database.superuser_url,
        """
        SELECT c.relname::text AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'portal' AND c.relkind IN ('r', 'p')
        """,
    )
    assert len(rows) > 35
    assert [row["name"] for row in rows if not (row["enabled"] and row["forced"])] == []


async def test_policies_ask_for_their_caller_by_a_subquery(database: databases.TestDatabase) -> None:
    """Else the planner looks at the setting of the moment, and where it is empty plans for a single row."""
    rows = await _fetch(
        database.superuser_url,
        """
        SELECT p.tablename::text AS name, concat(p.qual, p.with_check) AS words FROM pg_policies p
         WHERE p.schemaname = 'portal' AND concat(p.qual, p.with_check) LIKE '%portal.current\\_%'
        """,
    )
    assert len(rows) > 40
    bare = [
        row["name"] for row in rows if row["words"].count("portal.current_") != row["words"].count("SELECT portal.cur")
    ]
    assert bare == []


async def test_views_run_with_the_rights_of_the_caller(database: databases.TestDatabase) -> None:
    rows = await _fetch(
        database.superuser_url,
        """
        SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'portal' AND c.relkind IN ('v', 'm')
           AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
        """,
    )
    assert rows == []


async def test_definer_functions_have_a_fixed_search_path_and_the_owner(database: databases.TestDatabase) -> None:
    rows = await _fetch(
        database.superuser_url,
        """
        SELECT p.proname::text AS name, p.proconfig AS settings, r.rolname::text AS owner
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
         WHERE n.nspname = 'portal' AND p.prosecdef
        """,
    )
    assert len(rows) > 25
    for row in rows:
        assert row["owner"] == "portal_owner", row["name"]
        assert row["settings"] == ['search_path=""'], row["name"]


async def test_nobody_else_may_execute_functions(database: databases.TestDatabase) -> None:
    rows = await _fetch(
        database.superuser_url,
        """
        SELECT p.proname::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = 'portal' AND has_function_privilege('public', p.oid, 'EXECUTE')
        """,
    )
    assert rows == []


@pytest.mark.parametrize("role", ["portal_app", "portal_worker", "portal_backup"])
async def test_serving_logins_own_nothing_and_bypass_nothing(database: databases.TestDatabase, role: str) -> None:
    rows = await _fetch(
        database.superuser_url,
        f"""
        SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
               (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS tables,
               pg_has_role(r.oid, 'portal_owner', 'MEMBER') AS becomes_owner
          FROM pg_roles r WHERE r.rolname = '{role}'
        """,
    )
    assert tuple(rows[0]) == (False, False, False, False, 0, False)


async def test_the_worker_reaches_the_listed_tables_and_no_other(database: databases.TestDatabase) -> None:
    rows = await _fetch(
        database.superuser_url,
        """
        SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'portal' AND c.relkind = 'r'
           AND (has_any_column_privilege('portal_worker', c.oid, 'SELECT, INSERT, UPDATE')
                OR has_table_privilege('portal_worker', c.oid, 'DELETE'))
        """,
    )
    assert {row["name"] for row in rows} == set(worker_access.REASONS)


async def test_the_application_reads_no_hash_of_a_credential(database: databases.TestDatabase) -> None:
    rows = await _fetch(
        database.superuser_url,
        f"""
        SELECT c.relname::text || '.' || a.attname::text AS name
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'portal' AND a.attname IN {HASHES}
           AND has_column_privilege('portal_app', c.oid, a.attnum, 'SELECT')
        """,
    )
    assert rows == []


async def test_without_an_organization_the_application_sees_no_organizations_rows(
    database: databases.TestDatabase,
) -> None:
    owner = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    try:
        await owner.execute("INSERT INTO portal.organization (id, name) VALUES (gen_random_uuid(), 'Made-up Weavers')")
        await owner.execute(
            """
            INSERT INTO portal.supplier_record (buyer_id, id, name, name_key)
            SELECT id, gen_random_uuid(), 'Made-up Dyers', 'madeupdyers' FROM portal.organization
            """
        )
        assert await owner.fetchval("SELECT count(*) FROM portal.supplier_record") == 1
    finally:
        await owner.close()
    public = {"questionnaire", "questionnaire_version", "questionnaire_translation", "scoring_profile"}
    public |= {"release", "release_cell"}
    app = await asyncpg.connect(database.app_url.replace("+asyncpg", ""))
    try:
        tables = await app.fetch(
            """
            SELECT c.relname::text AS name, a.attname::text AS column
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN LATERAL (SELECT attname FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attnum > 0
                               AND has_column_privilege(c.oid, x.attnum, 'SELECT') LIMIT 1) a ON true
             WHERE n.nspname = 'portal' AND c.relkind = 'r'
            """
        )
        assert len(tables) > 20
        for table in tables:
            if table["name"] not in public:
                count = await app.fetchval(f'SELECT count("{table["column"]}") FROM portal.{table["name"]}')
                assert count == 0, table["name"]
    finally:
        await app.close()
