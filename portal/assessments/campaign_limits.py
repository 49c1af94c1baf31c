"""What a campaign needs to know of the yearly burden: what questionnaires ask and the limits, as SQL takes them."""

from dataclasses import dataclass

import orjson

from portal.access import Actor
from portal.assessments import definitions
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables.limits import BURDEN_MINUTES
from questionnaires import asking

# What the operator set; without any limit nobody is over one, and nothing more is looked at.
LIMITS = """
SELECT json_object_agg(l.name, l.value)::text FROM portal.operator_limit l
 WHERE l.name LIKE 'burden\\_minutes\\_%' AND l.value > 0
"""
CURRENT = """
SELECT json_object_agg(q.key, v.content_hash)::text
  FROM portal.questionnaire q
  JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version
 WHERE q.key = $2 OR q.key IN (SELECT r.questionnaire FROM portal.request r
                                WHERE r.buyer_id = $1 AND r.created_at > portal.clock() - interval '1 year')
"""
# The suppliers among `wanted` that the buyer would ask, together with what it has asked in the last twelve months, for
# more minutes than the limit; as `loads` measures it: what is answered once counts once, at the highest tier. What adds
# nothing to that burdens nobody.
OVER = """
costs AS (
    SELECT * FROM jsonb_to_recordset({costs}) AS x (questionnaire text, tier text, minutes numeric)
), held AS (
    SELECT r.supplier_record_id AS id, r.questionnaire,
           CASE r.subject WHEN 'organization' THEN '' ELSE 'site ' || lower(coalesce(r.subject_name, '')) END AS place,
           r.period_start, r.period_end, r.minimum_tier AS tier, true AS is_asked
      FROM portal.request r
     WHERE r.buyer_id = {buyer} AND r.supplier_record_id IN (SELECT w.id FROM wanted w)
       AND r.state IN ('open', 'accepted', 'fulfilled') AND r.created_at > portal.clock() - interval '1 year'
       AND {limits} <> '{{}}'
    UNION ALL
    SELECT w.id, {questionnaire},
           CASE {subject} WHEN 'organization' THEN '' ELSE 'site ' || lower(coalesce({subject_name}, '')) END,
           {period_start}, {period_end}, {minimum_tier}, false
      FROM wanted w WHERE {limits} <> '{{}}'
), places AS (
    SELECT h.id, h.questionnaire, max(array_position({tiers}, h.tier)) FILTER (WHERE h.is_asked) AS before,
           max(array_position({tiers}, h.tier)) AS after
      FROM held h GROUP BY h.id, h.questionnaire, h.place, h.period_start, h.period_end
), sums AS (
    SELECT p.id, coalesce(sum(b.minutes), 0) AS before, coalesce(sum(a.minutes), 0) AS after
      FROM places p
      LEFT JOIN costs b ON b.questionnaire = p.questionnaire AND b.tier = ({tiers})[p.before]
      LEFT JOIN costs a ON a.questionnaire = p.questionnaire AND a.tier = ({tiers})[p.after]
     GROUP BY p.id
), over_limit AS (
    SELECT s.id FROM sums s
      JOIN portal.supplier_record r ON r.buyer_id = {buyer} AND r.id = s.id
      LEFT JOIN portal.organization o ON o.id = r.supplier_id
     WHERE s.after > s.before AND s.after > ({limits} ->> coalesce(o.size_band, 'unknown'))::numeric
)"""


@dataclass(frozen=True)
class Measures:
    """Both as JSON: minutes by questionnaire and tier, and the limits by size band that there are."""

    costs: str = "[]"
    limits: str = "{}"


async def load_measures(session: Session, actor: Actor, questionnaire: str) -> Measures:
    """What the buyer's own requests of the last twelve months cost, and this questionnaire, beside the limits."""
    reading = await reader.take_reader(session)
    limits = orjson.loads(await reading.fetch_text(LIMITS, []) or "{}")
    if not limits:
        return Measures()
    found = orjson.loads(await reading.fetch_text(CURRENT, [actor.organization, questionnaire]) or "{}")
    costs = []
    for key, content_hash in found.items():
        definition = await definitions.load_definition(session, content_hash)
        costs += [
            {"questionnaire": key, "tier": tier, "minutes": str(asking.sum_minutes(definition, tier))}
            for tier in definition.tier_keys
        ]
    by_band = {band: limits[name] for band, name in BURDEN_MINUTES.items() if name in limits}
    return Measures(orjson.dumps(costs).decode(), orjson.dumps(by_band).decode())
