"""Some thousand rows of every list for one supplier and one buyer, and as many for others, made past every policy."""

import secrets
from uuid import UUID

import asyncpg

from portal.assessments import publishing
from portal.benchmarks import terms
from questionnaires import catalogue
from tests import databases, people
from tests.hostile.walls import connect
from tests.portal.assessments import sample
from tests.portal.reading import card_data

COUNT = 3_000
SUPPLIER, NEIGHBOUR = UUID(int=11), UUID(int=12)
BUYER = card_data.BUYER
# $1 the supplier, $2 the buyer, $3 how many; every statement makes rows of one kind.
ROWS = (
    """INSERT INTO portal.site (organization_id, id, name)
       SELECT $1, pg_temp.at($1, n), 'Site ' || n FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.user_account (id, email, password_hash, name)
       SELECT pg_temp.at($1, n), n || '@' || $1 || '.example', 'none', 'Name' FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.member (organization_id, user_id, role, created_at)
       SELECT $1, pg_temp.at($1, n), 'viewer', now() + n * interval '1 second' FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,
               period_start,
                                   period_end, purpose, due_on, created_at)
       SELECT $2, pg_temp.at($1, n), r.id, $1, 'sample', 'micro', '2026-01-01', '2026-12-31', 'x',
               '2027-01-01'::date + n,
              now() + n * interval '1 second'
         FROM (SELECT id, row_number() OVER (ORDER BY id)::int AS n FROM portal.supplier_record WHERE buyer_id = $2) r
        WHERE n <= $3""",
    """INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start,
               period_end,
                                      revision, state)
       SELECT $1, pg_temp.at($1, n), 'sample', '1.0.0', 'micro', pg_temp.at($1, n), '2026-01-01', '2026-12-31', n,
              'submitted'
         FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.answer (supplier_id, assessment_id, question, row_id, state, value, revision,
               changed_at_number)
       SELECT $1, pg_temp.at($1, 1), 'site_people', 'r' || n, 'value', '"5"', 1, n FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash,
                                      tier,
                                      subject, subject_key, period_start, period_end, header, root_hash)
       SELECT $1, a.id, a.id, a.revision, 'sample', '1.0.0', v.content_hash, 'micro', 'organization', a.subject_key,
              '2026-01-01', '2026-12-31', '{"profile": 1}', '\\x00'
         FROM portal.assessment a JOIN portal.questionnaire_version v USING (questionnaire)
        WHERE a.supplier_id = $1 AND $2::uuid IS NOT NULL AND $3::int > 0""",
    """INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total,
               band, coverage,
                                  pillars, critical, valid_until)
       SELECT $1, s.id, 1, 'micro', true, 5000, 'c', 10000, '[]', '{"hits": [], "open": []}', '2099-01-01'
         FROM portal.submission s WHERE s.supplier_id = $1 AND $2::uuid IS NOT NULL AND $3::int > 0""",
    """INSERT INTO portal.evidence (supplier_id, id, file_name, kind, state, sha256)
       SELECT $1, pg_temp.at($1, n), n || '.pdf', 'record', 'available', uuid_send(pg_temp.at($1, n))
         FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.supplier_import (buyer_id, id, file_name, state)
       SELECT $2, pg_temp.at($1, n), n || '.csv', CASE n % 20 WHEN 0 THEN 'uploaded' ELSE 'confirmed' END
         FROM pg_temp.n($2, $3) n""",
    """INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id,
               follows_from, mode, purpose)
       SELECT $1, $2, s.id, 'sample', s.subject_key, s.id, now(), 'snapshot', 'x'
         FROM portal.submission s WHERE s.supplier_id = $1 AND $3::int > 0""",
    """INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, kind, submission_id, read_at)
       SELECT $1, pg_temp.at($1, n), $2, 'viewer', 'answers', pg_temp.at($1, n), now() + n * interval '1 second'
         FROM pg_temp.n($2, $3) n""",
)
# Sectors by their codes, as the filter names them.
SECTORS = """
UPDATE portal.supplier_record SET sector = CASE sector WHEN 'textiles' THEN '13' ELSE '10' END;
UPDATE portal.relationship_card SET sector = CASE sector WHEN 'textiles' THEN '13' ELSE '10' END;
INSERT INTO portal.supplier_tag (buyer_id, tag, supplier_record_id)
SELECT buyer_id, 'core', id FROM portal.supplier_record WHERE sector = '13';
INSERT INTO portal.supplier_segment (buyer_id, supplier_record_id, segment, reason)
SELECT buyer_id, id, 'leverage', 'x' FROM portal.supplier_record WHERE sector = '13'
"""
RELEASE = """
INSERT INTO portal.release (number, period_start, period_end, policy, terms_version)
VALUES (1, '2026-01-01', '2026-03-31', '{"for_mean": 5, "for_quartiles": 8, "for_tails": 12, "changed": 3}', '1');
INSERT INTO portal.release_cell (release_number, id, cell, questionnaire, tier, sector, region, size_band,
               measure, status)
SELECT 1, lpad(to_hex(n), 32, '0')::uuid, 'cell ' || n, 'sample', 'micro', '*', '*', '*', 'question:q' || n, 'published'
  FROM generate_series(1, 3000) n;
INSERT INTO portal.release_contributor (release_number, questionnaire, supplier_id, submission_id, profile_number, tier,
                                        sector, region, size_band, group_id, waits)
SELECT 1, 'sample', supplier_id, id, 1, 'micro', '*', '*', '*', id, false FROM portal.submission
 WHERE supplier_id = '00000000-0000-0000-0000-00000000000b' LIMIT 1;
UPDATE portal.supplier_record SET supplier_id = '00000000-0000-0000-0000-00000000000b', linked_at = now()
 WHERE (buyer_id, id) IN (SELECT buyer_id, id FROM portal.supplier_record ORDER BY id LIMIT 1);
"""
TABLES = (
    "site", "member", "request", "assessment", "answer", "submission", "result", "evidence", "share", "read_receipt",
    "release_cell", "supplier_record", "relationship_card", "supplier_name_token",
    "supplier_import", "supplier_tag", "supplier_segment",
)  # fmt: skip


UNUSED = "INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('unused', 'Unused', 'self_assessment')"


async def fill(database: databases.TestDatabase) -> dict[str, str]:
    """Make everything; gives the tokens of owners of the supplier, the buyer and a partner, and of an operator."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), *catalogue.list_packaged()])
    await card_data.fill(database, COUNT)
    tokens = {}
    connection = await connect(database.superuser_url)
    try:
        await connection.execute(UNUSED)
        for name, organization in (("supplier", SUPPLIER), ("neighbour", NEIGHBOUR)):
            await connection.execute("INSERT INTO portal.organization (id, name) VALUES ($1, $2)", organization, name)
        await connection.execute(SECTORS)
        await make_rows(connection)
        for role, organization in (("supplier", SUPPLIER), ("buyer", BUYER)):
            person = await people.add_person(database, f"{secrets.token_hex(8)}@example.com")
            tokens[role] = person.token
            await connection.execute(
                "INSERT INTO portal.organization_role (organization_id, role, status, decided_at)"
                " VALUES ($1, $2, 'active', now())",  # a new buyer reads benchmarks
                organization,
                role,
            )
            await connection.execute("INSERT INTO portal.member VALUES ($1, $2, 'owner')", organization, person.id)
            await connection.execute(
                "UPDATE portal.session SET organization_id = $1 WHERE user_id = $2", organization, person.id
            )
        operator = await people.add_person(database, operator=True)
        await people.add_organization(database, (operator, "owner"))
        tokens["operator"] = operator.token
        partner = await people.add_person(database)
        organization = await people.add_organization(database, (partner, "owner"), roles=("partner",))
        tokens["partner"] = partner.token
        await connection.execute(
            "INSERT INTO portal.partner_terms (organization_id, terms_version) VALUES ($1, $2)",
            organization,
            terms.VERSION,
        )
    finally:
        await connection.close()
    return tokens


async def make_rows(connection: asyncpg.Connection) -> None:
    await connection.execute(
        "CREATE FUNCTION pg_temp.at(owner uuid, n int) RETURNS uuid LANGUAGE sql AS"
        " $$ SELECT (right(owner::text, 8) || '-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid $$;"
        "CREATE FUNCTION pg_temp.n(nobody uuid, most int) RETURNS SETOF int LANGUAGE sql AS"
        " $$ SELECT generate_series(1, most) $$"
    )
    for statement in ROWS:
        for supplier, buyer in ((SUPPLIER, BUYER), (NEIGHBOUR, card_data.OTHER)):
            await connection.execute(statement, supplier, buyer, COUNT)
    await connection.execute(RELEASE)
    for table in TABLES:
        await connection.execute(f"VACUUM ANALYZE portal.{table}")
