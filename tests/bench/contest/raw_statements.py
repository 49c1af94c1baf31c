"""What a good engineer writes by hand for the five shapes: one statement each, whose answer is the JSON itself."""

from tests.bench.handwritten_reads import QUESTIONNAIRE, hundredths, moment, node_id

# Rows with the names of the answer become JSON faster than pairs of names and values do.
PAGE = f"""
    SELECT coalesce(json_agg(node)::text, '[]') AS nodes, count(*) AS count, (array_agg(key))[count(*)] AS key,
           (array_agg(record))[count(*)] AS record
      FROM (SELECT row_to_json(shown) AS node, c.{{key}} AS key, c.supplier_record_id AS record
              FROM (SELECT *, share_id IS NOT NULL AND (shared_until IS NULL OR shared_until > portal.clock()) AS live
                      FROM portal.relationship_card c
                     WHERE buyer_id = $1 AND questionnaire = '{QUESTIONNAIRE}' AND NOT archived AND {{after}}
                     ORDER BY {{order}} LIMIT $2) c
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
             ORDER BY {{order}}) page
"""
LIST = PAGE.format(
    key="name_key", after="(c.name_key, c.supplier_record_id) > ($3, $4)", order="c.name_key, c.supplier_record_id"
)
DEEP_PAGE = PAGE.format(
    key="total",
    after="NOT c.total_missing AND c.ranked_total <= $3 AND (c.ranked_total < $3 OR c.supplier_record_id > $4)",
    order="c.ranked_total DESC, c.supplier_record_id",
)

# What is shared: the policies tell, and all is in this data, so the owner of the tables finds the same.
RESULT = f"""
    SELECT upper(s.tier) AS tier, s.period_start AS "periodStart", s.period_end AS "periodEnd", upper(s.state) AS state,
           {moment("s.submitted_at")} AS "submittedAt", {hundredths("s.total")} AS total, s.band,
           {hundredths("s.coverage")} AS coverage, s.valid_until AS "validUntil", s.pillar_scores AS pillars
"""
PROFILE = f"""
    WITH record AS MATERIALIZED (
        SELECT r.* FROM portal.supplier_record r WHERE r.buyer_id = $1 AND r.id = $2
    ), shared AS MATERIALIZED (
        SELECT s.*, t.total, t.band, t.coverage, t.pillar_scores, t.valid_until,
               row_number() OVER (ORDER BY s.submitted_at DESC, s.id DESC) AS place
          FROM record r JOIN portal.submission s ON s.supplier_id = r.supplier_id
          JOIN LATERAL (SELECT * FROM portal.result t
                         WHERE t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.is_own_tier
                         ORDER BY t.profile_number DESC LIMIT 1) t ON true
         WHERE s.questionnaire = '{QUESTIONNAIRE}'
         ORDER BY s.submitted_at DESC, s.id DESC LIMIT 100
    )
    SELECT row_to_json(profile)::text
      FROM record r CROSS JOIN LATERAL (
           SELECT {node_id("supp", "r.buyer_id", "r.id")} AS id, r.name, r.country, r.address,
                  r.vendor_number AS "vendorNumber", upper(r.state) AS state, {moment("r.linked_at")} AS "linkedAt",
                  (SELECT coalesce(json_agg(json_build_object('name', x.name, 'email', x.email)
                                            ORDER BY x.created_at, x.id), '[]')
                     FROM portal.supplier_contact x WHERE x.buyer_id = $1 AND x.supplier_record_id = $2) AS contacts,
                  (SELECT row_to_json(x) FROM shared s CROSS JOIN LATERAL ({RESULT}) x
                    WHERE s.subject = 'organization' ORDER BY s.place LIMIT 1) AS "latestResult",
                  (SELECT coalesce(json_agg(row_to_json(x) ORDER BY s.place), '[]')
                     FROM shared s CROSS JOIN LATERAL ({RESULT}) x) AS history,
                  (SELECT coalesce(json_agg(json_build_object('state', upper(q.state), 'dueOn', q.due_on,
                                                'minimumTier', upper(q.minimum_tier), 'purpose', q.purpose)
                                            ORDER BY q.created_at DESC, q.id DESC), '[]')
                     FROM portal.request q WHERE q.buyer_id = $1 AND q.supplier_record_id = $2
                      AND q.questionnaire = '{QUESTIONNAIRE}') AS requests) profile
"""
CELLS = """
    SELECT coalesce(json_agg(node)::text, '[]') AS nodes, count(*) AS count, (array_agg(id))[count(*)] AS key
      FROM (SELECT c.id, row_to_json(shown) AS node
              FROM portal.release_cell c CROSS JOIN LATERAL (
                   SELECT c.measure, upper(c.status) AS status, c.count_band AS "countBand", c.mean, c.p10, c.p25, c.p50,
                          c.p75, c.p90, c.figures_from AS "figuresFromRelease",
                          json_build_object('tier', upper(c.tier), 'sector', nullif(c.sector, '*'),
                                            'region', upper(nullif(c.region, '*')),
                                            'size', upper(nullif(c.size_band, '*'))) AS cohort) shown
             WHERE c.release_number = $1 AND ($3::uuid IS NULL OR c.id > $3) ORDER BY c.id LIMIT $2) page
"""

# $3 and $4: the questions of the version with their types, which the caller keeps.
ASSESSMENT = f"""
    SELECT row_to_json(shown)::text
      FROM portal.assessment a CROSS JOIN LATERAL (
           SELECT {node_id("asmt", "a.supplier_id", "a.id")} AS id, a.questionnaire, a.version, upper(a.tier) AS tier,
                  upper(a.state) AS state, a.period_start AS "periodStart", a.period_end AS "periodEnd",
                  a.change_number AS "changeNumber",
                  (SELECT coalesce(json_agg(row_to_json(one) ORDER BY w.changed_at_number), '[]')
                     FROM portal.answer w JOIN unnest($3::text[], $4::text[]) AS q (key, type) ON q.key = w.question
                    CROSS JOIN LATERAL (
                          SELECT w.question, w.revision, w.changed_at_number AS "changeNumber",
                                 json_build_object('state', upper(w.state), 'comment', w.comment, 'value', json_build_object(
                                     'boolean', CASE WHEN q.type = 'boolean' THEN w.value END,
                                     'choice', CASE WHEN q.type = 'choice' THEN w.value END,
                                     'choices', CASE WHEN q.type = 'multi_choice' THEN w.value END,
                                     'number', CASE WHEN q.type = 'integer' THEN w.value END,
                                     'date', CASE WHEN q.type = 'date' THEN w.value END,
                                     'text', CASE WHEN q.type = 'text' THEN w.value END)) AS content) one
                    WHERE w.supplier_id = a.supplier_id AND w.assessment_id = a.id) AS answers) shown
     WHERE a.supplier_id = $1 AND a.id = $2
"""
CURRENT_VERSION = """
    SELECT v.content_hash FROM portal.questionnaire q
      JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version WHERE q.key = $1
"""
DOCUMENT = "SELECT document FROM portal.questionnaire_version WHERE content_hash = $1"
