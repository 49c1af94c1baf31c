"""The hand-written endpoints that read: a list, a profile and a benchmark cell, each one statement that gives JSON."""

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import orjson

Connection = asyncpg.Connection
Caller = Mapping[str, Any]
QUESTIONNAIRE = "responsible-sourcing"


def node_id(tag: str, owner: str, own: str) -> str:
    """The opaque id of a row, in SQL."""
    packed = f"'{tag}'::bytea || uuid_send({owner}) || uuid_send({own})"
    return f"replace(replace(encode({packed}, 'base64'), '+', '-'), '/', '_')"


def hundredths(column: str) -> str:
    return f"({column} * 0.01)::text"


def moment(column: str) -> str:
    spelled = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"replace({spelled}, '.000000Z', 'Z')"


# Rows with the names of the answer become JSON faster than pairs of names and values do.
PAGE = f"""
    SELECT json_agg(node)::text AS nodes, count(*) AS count, (array_agg(name_key))[count(*)] AS name_key,
           (array_agg(record))[count(*)] AS record
      FROM (SELECT row_to_json(shown) AS node, c.name_key, c.supplier_record_id AS record
              FROM (SELECT *, share_id IS NOT NULL AND (shared_until IS NULL OR shared_until > portal.clock()) AS live
                      FROM portal.relationship_card
                     WHERE buyer_id = $1 AND questionnaire = '{QUESTIONNAIRE}' AND NOT archived AND {{after}}
                     ORDER BY name_key, supplier_record_id LIMIT $2) c
              JOIN portal.supplier_record r ON r.buyer_id = c.buyer_id AND r.id = c.supplier_record_id
              CROSS JOIN LATERAL (
                   SELECT {node_id("supp", "c.buyer_id", "c.supplier_record_id")} AS id, r.name, c.country, c.sector,
                          upper(c.record_state) AS state, upper(CASE WHEN live THEN c.tier END) AS tier,
                          CASE WHEN live THEN c.band END AS band, CASE WHEN live THEN {hundredths("c.total")} END AS total,
                          CASE WHEN live THEN {hundredths("c.coverage")} END AS coverage,
                          CASE WHEN live THEN {moment("c.submitted_at")} END AS "submittedAt",
                          CASE WHEN live THEN c.valid_until END AS "validUntil",
                          upper(c.request_state) AS "requestState", c.due_on AS "dueOn",
                          CASE WHEN live THEN c.pillar_scores END AS pillars) shown
             ORDER BY c.name_key, c.supplier_record_id) page
"""
FIRST_PAGE = PAGE.format(after="true")
NEXT_PAGE = PAGE.format(after="(name_key, supplier_record_id) > ($3, $4)")

RESULT = f"""
    json_build_object('tier', upper(s.tier), 'periodStart', s.period_start, 'periodEnd', s.period_end,
        'state', upper(s.state), 'submittedAt', {moment("s.submitted_at")}, 'total', {hundredths("s.total")},
        'band', s.band, 'coverage', {hundredths("s.coverage")}, 'validUntil', s.valid_until,
        'pillars', s.pillar_scores
"""
EVIDENCE = """
    (SELECT coalesce(json_agg(json_build_object('question', e.question, 'kind', upper(f.kind), 'title', f.title,
                'validUntil', f.valid_until) ORDER BY e.section, e.question, e.row_id, e.evidence_id), '[]')
       FROM portal.submission_evidence e JOIN portal.evidence f ON f.supplier_id = e.supplier_id AND f.id = e.evidence_id
      WHERE e.supplier_id = s.supplier_id AND e.submission_id = s.id)
"""
# What was read leaves receipts in the same statement: documents each time, summaries once a day.
PROFILE = f"""
    WITH record AS MATERIALIZED (
        SELECT r.* FROM portal.supplier_record r WHERE r.buyer_id = $1 AND r.id = $2
    ), shared AS MATERIALIZED (
        SELECT s.*, t.total, t.band, t.coverage, t.pillar_scores, t.valid_until,
               row_number() OVER (ORDER BY s.period_end DESC, s.revision DESC, s.submitted_at DESC, s.id DESC) AS place
          FROM record r JOIN portal.submission s ON s.supplier_id = r.supplier_id
          JOIN LATERAL (SELECT * FROM portal.result t
                         WHERE t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.is_own_tier
                         ORDER BY t.profile_number DESC LIMIT 1) t ON true
         WHERE s.questionnaire = '{QUESTIONNAIRE}'
         ORDER BY s.period_end DESC, s.revision DESC, s.submitted_at DESC, s.id DESC LIMIT 100
    ), latest AS MATERIALIZED (
        SELECT s.*, {EVIDENCE} AS evidence FROM shared s WHERE s.subject = 'organization' ORDER BY s.place LIMIT 1
    ), noted AS (
        INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, member_id, kind, submission_id, purpose)
        SELECT s.supplier_id, gen_random_uuid(), $1, $3, $4,
               CASE WHEN l.id IS NOT NULL AND json_array_length(l.evidence) > 0 THEN 'evidence' ELSE 'summary' END, s.id,
               coalesce((SELECT q.purpose FROM portal.request q
                          WHERE q.buyer_id = $1 AND q.supplier_record_id = $2 AND q.questionnaire = '{QUESTIONNAIRE}'
                          ORDER BY q.created_at DESC, q.id DESC LIMIT 1),
                        (SELECT h.purpose FROM portal.share h
                          WHERE h.buyer_id = $1 AND h.supplier_id = s.supplier_id AND h.questionnaire = s.questionnaire
                          ORDER BY h.created_at DESC, h.id DESC LIMIT 1))
          FROM shared s LEFT JOIN latest l ON l.id = s.id
            ON CONFLICT DO NOTHING
    )
    SELECT json_build_object(
               'id', {node_id("supp", "r.buyer_id", "r.id")}, 'name', r.name, 'country', r.country, 'address', r.address,
               'vendorNumber', r.vendor_number, 'state', upper(r.state), 'linkedAt', {moment("r.linked_at")},
               'contacts', (SELECT coalesce(json_agg(json_build_object('name', x.name, 'email', x.email)
                                                     ORDER BY x.created_at, x.id), '[]')
                              FROM portal.supplier_contact x WHERE x.buyer_id = $1 AND x.supplier_record_id = $2),
               'latestResult', (SELECT {RESULT}, 'evidence', s.evidence) FROM latest s),
               'history', (SELECT coalesce(json_agg({RESULT}) ORDER BY s.place), '[]') FROM shared s),
               'requests', (SELECT coalesce(json_agg(json_build_object('state', upper(q.state), 'dueOn', q.due_on,
                                       'minimumTier', upper(q.minimum_tier), 'purpose', q.purpose)
                                                     ORDER BY q.created_at DESC, q.id DESC), '[]')
                              FROM portal.request q WHERE q.buyer_id = $1 AND q.supplier_record_id = $2
                               AND q.questionnaire = '{QUESTIONNAIRE}'))::text
      FROM record r
"""


async def list_suppliers(connection: Connection, caller: Caller, first: int, after: str | None) -> str:
    """A page of suppliers by name, and how to go on."""
    values: tuple[Any, ...] = (caller["organization_id"], first)
    if after is None:
        row = await connection.fetchrow(FIRST_PAGE, *values)
    else:
        name_key, record = orjson.loads(base64.urlsafe_b64decode(after))
        row = await connection.fetchrow(NEXT_PAGE, *values, name_key, UUID(record))
    full = row["count"] == first
    cursor = base64.urlsafe_b64encode(orjson.dumps([row["name_key"], str(row["record"])])).decode() if full else None
    return f'{{"nodes":{row["nodes"] or "[]"},"next":{orjson.dumps(cursor).decode()}}}'


async def show_profile(connection: Connection, caller: Caller, wanted: str) -> str | None:
    """All that a buyer sees of one supplier."""
    packed = base64.urlsafe_b64decode(wanted + "=" * (-len(wanted) % 4))
    if packed[:4] != b"supp":
        return None
    values = (caller["organization_id"], UUID(bytes=packed[20:36]), caller["member_role"], caller["user_id"])
    found: str | None = await connection.fetchval(PROFILE, *values)
    return found


# A buyer reads a release that results shared with it take part in, once it told its own practice, or any while it is new.
CELL = """
    WITH newest AS MATERIALIZED (
        SELECT number, period_start, period_end FROM portal.release ORDER BY number DESC LIMIT 1
    ), place AS (
        SELECT * FROM (VALUES (1, $2, $3, $4), (2, $2, $3, '*'), (3, $2, '*', '*'), (4, '*', '*', '*'))
            AS x (step, sector, region, size_band)
    ), home AS (
        SELECT p.* FROM newest n, place p
          JOIN portal.release_cell c ON c.sector = p.sector AND c.region = p.region AND c.size_band = p.size_band
         WHERE c.release_number = n.number AND c.questionnaire = $5 AND c.measure = 'total' AND c.tier = 'basic'
         ORDER BY p.step LIMIT 1
    )
    SELECT (portal.shared_results_take_part(n.number, $5) AND EXISTS (
               SELECT FROM portal.submission s JOIN portal.result t
                   ON t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.is_own_tier
                WHERE s.supplier_id = $6 AND s.questionnaire = 'purchasing-practice' AND s.subject = 'organization'
                  AND s.state = 'current' AND t.valid_until >= portal.clock()::date)) OR EXISTS (
               SELECT FROM portal.organization_role r WHERE r.organization_id = $6 AND r.role = 'buyer'
                  AND r.decided_at > portal.clock() - interval '180 days') AS allowed,
           json_build_object(
               'release', json_build_object('number', n.number, 'periodStart', n.period_start, 'periodEnd', n.period_end),
               'cell', json_build_object('measure', c.measure, 'status', upper(c.status), 'countBand', c.count_band,
                   'mean', c.mean, 'p10', c.p10, 'p25', c.p25, 'p50', c.p50, 'p75', c.p75, 'p90', c.p90,
                   'figuresFromRelease', c.figures_from, 'cohort', cohort),
               'foldedTo', CASE WHEN h.step > 1 THEN cohort END)::text AS content
      FROM newest n, home h
      JOIN LATERAL (SELECT json_build_object('sector', nullif(h.sector, '*'), 'region', upper(nullif(h.region, '*')),
                                             'size', upper(nullif(h.size_band, '*'))) AS cohort) named ON true
      JOIN portal.release_cell c ON c.sector = h.sector AND c.region = h.region AND c.size_band = h.size_band
     WHERE c.release_number = n.number AND c.questionnaire = $5 AND c.measure = $1 AND c.tier = 'basic'
"""


async def show_cell(connection: Connection, caller: Caller, asked: Mapping[str, str]) -> str | None:
    """The figures of one cohort in the newest release, of its own cell or the one it was folded into."""
    place = (asked["measure"], asked["sector"], asked["region"], asked["size"])
    row = await connection.fetchrow(CELL, *place, QUESTIONNAIRE, caller["organization_id"])
    return row["content"] if row is not None and row["allowed"] else None
