"""Two buyers with many suppliers and their cards: with a total and without, ended shares, ties."""

from uuid import UUID

import asyncpg

from portal import access
from tests.databases import TestDatabase

BUYER, OTHER = UUID(int=1), UUID(int=2)
BUYER_ACTOR = access.Actor(
    user_id=UUID(int=9), organization_id=BUYER, member_role="viewer", organization_roles=frozenset({"buyer"})
)
ORGANIZATION = "INSERT INTO portal.organization (id, name) VALUES ($1, $2)"
RECORDS = """
INSERT INTO portal.supplier_record (buyer_id, id, vendor_number, name, name_key, country, sector, state)
SELECT $1, uuid_at(n), 'V' || n, 'Firm ' || n, 'firm ' || lpad((n % ($2 - 5))::text, 7, '0'),
       (ARRAY['DE', 'VN', 'BR', 'IN', 'CN', NULL])[1 + n % 6], (ARRAY['textiles', 'food'])[1 + n % 2], 'linked'
  FROM generate_series(1, $2::int) n
"""
CARDS = """
INSERT INTO portal.relationship_card (buyer_id, supplier_record_id, questionnaire, name_key, country, sector,
       record_state, share_id, tier, band, total, total_missing, coverage, pillars, shared_until, next_change_at,
       request_state, due_on, due_missing)
SELECT buyer_id, id, 'responsible-sourcing', name_key, country, sector, state,
       CASE WHEN n % 3 > 0 THEN id END, CASE WHEN n % 3 > 0 THEN 'basic' END, CASE WHEN n % 3 > 0 THEN 'a' END,
       CASE WHEN n % 3 > 0 THEN n * 7 % 10001 END, n % 3 = 0, CASE WHEN n % 3 > 0 THEN 10000 END,
       CASE WHEN n % 3 > 0 THEN '[{"key": "people", "title": "People", "score": 1234}, {"key": "planet"}]'::jsonb END,
       CASE WHEN n % 3 > 0 AND n % 100 = 1 THEN portal.clock() - interval '1 second' END,
       CASE WHEN n % 3 > 0 AND n % 100 = 1 THEN portal.clock() - interval '1 second' END,
       CASE WHEN n % 5 = 0 THEN 'open' END, CASE WHEN n % 5 = 0 THEN date '2026-01-01' + n % 90 END, n % 5 <> 0
  FROM (SELECT *, ('x' || right(id::text, 8))::bit(32)::int AS n FROM portal.supplier_record) record
"""
TOKENS = """
INSERT INTO portal.supplier_name_token (buyer_id, token, supplier_record_id)
SELECT buyer_id, token, id FROM portal.supplier_record, LATERAL (VALUES ('firm'), (substr(name, 6))) made (token)
"""


async def fill(database: TestDatabase, suppliers: int) -> None:
    """Make the rows as the superuser, past every policy."""
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        await connection.execute(
            "CREATE FUNCTION pg_temp.uuid_at(n int) RETURNS uuid LANGUAGE sql AS"
            " $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$"
        )
        for buyer, name in ((BUYER, "Buyer"), (OTHER, "Other")):
            await connection.execute(ORGANIZATION, buyer, name)
            await connection.execute(RECORDS.replace("uuid_at", "pg_temp.uuid_at"), buyer, suppliers)
        await connection.execute(CARDS)
        await connection.execute(TOKENS)
        await connection.execute("VACUUM ANALYZE portal.supplier_record")
        await connection.execute("VACUUM ANALYZE portal.relationship_card")
        await connection.execute("VACUUM ANALYZE portal.supplier_name_token")
    finally:
        await connection.close()
