-- Whom active cadences ask now, by the calendar of each supplier and in the hours of its letters, the longest due first:
-- a part of a bounded size.
CREATE FUNCTION portal.list_due_cadences(most integer)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid, questionnaire text, cadence_id uuid, supplier_id uuid,
                   size_band text, today date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH reached AS MATERIALIZED (
        SELECT p.*
          FROM portal.cadence d
          JOIN portal.organization b ON b.id = d.buyer_id AND b.status = 'active'
          JOIN portal.organization_role o ON o.organization_id = b.id AND o.role = 'buyer' AND o.status = 'active'
         CROSS JOIN LATERAL (
               SELECT p.buyer_id, p.supplier_record_id, p.questionnaire, p.cadence_id, p.ask_on, r.supplier_id,
                      coalesce(s.size_band, 'unknown') AS size_band, s.time_zone
                 FROM portal.cadence_plan p
                 JOIN portal.supplier_record r ON r.buyer_id = p.buyer_id AND r.id = p.supplier_record_id
                  AND r.archived_at IS NULL
                 JOIN portal.organization s ON s.id = r.supplier_id AND s.status = 'active'
                WHERE p.buyer_id = d.buyer_id AND p.cadence_id = d.id
                  AND p.ask_on <= timezone('UTC', portal.clock())::date + 1
                ORDER BY p.ask_on, p.supplier_record_id LIMIT most) p
         WHERE d.state = 'active'
    ), zones AS MATERIALIZED (
        SELECT z.time_zone, timezone(portal.find_time_zone(z.time_zone), portal.clock())::date AS today
          FROM (SELECT DISTINCT n.time_zone FROM reached n) z WHERE portal.is_letter_hour(z.time_zone)
    )
    SELECT n.buyer_id, n.supplier_record_id, n.questionnaire, n.cadence_id, n.supplier_id, n.size_band, z.today
      FROM reached n JOIN zones z ON z.time_zone = n.time_zone
     WHERE n.ask_on <= z.today
     ORDER BY n.ask_on, n.supplier_record_id, n.questionnaire LIMIT most
$$;

-- Of which questionnaires the minutes are to be known before those are asked: what they are asked for, and what their
-- buyers asked of them in the last year.
CREATE FUNCTION portal.list_due_questionnaires(most integer) RETURNS TABLE (questionnaire text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS MATERIALIZED (SELECT * FROM portal.list_due_cadences(most))
    SELECT d.questionnaire FROM due d
     UNION
    SELECT q.questionnaire FROM due d
      JOIN portal.request q ON q.buyer_id = d.buyer_id AND q.supplier_record_id = d.supplier_record_id
     WHERE q.created_at > portal.clock() - interval '1 year'
$$;

-- Ask some of those whose day has come, as many as ids are given; how many were looked at. `costs` are the minutes of each
-- tier of a questionnaire with which something may begin, `limits` the minutes a year by size band, 0 for none, where the
-- operator has set no other. A buyer is measured by what it asks itself, the same place counted once. What is held, and
-- what somebody asked or answered just now, is looked at again later. Run by the worker, which may begin again anywhere.
CREATE FUNCTION portal.ask_by_cadence(made uuid[], costs jsonb, limits jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    tiers text[] := ARRAY['micro', 'basic', 'standard', 'advanced'];
    judgements jsonb;
    one record;
BEGIN
    -- One at a time. Cards are locked before plans, as by everything else that changes both.
    PERFORM pg_advisory_xact_lock(hashtextextended('ask_by_cadence', 0));
    WITH due AS MATERIALIZED (
        SELECT * FROM portal.list_due_cadences(cardinality(made)) l WHERE costs ? l.questionnaire
    ), ready AS MATERIALIZED (
        SELECT h.buyer_id, h.supplier_record_id, h.questionnaire, h.ask_on, h.cadence_id, h.period_end AS after_period_end,
               d.supplier_id, d.size_band, d.today, c.tier, c.every_months, c.lead_days, c.purpose, c.legal_basis,
               c.message, c.created_by, b.due_on, a.period_start, a.period_end,
               (costs -> h.questionnaire ->> c.tier)::numeric AS minutes
          FROM due d
          JOIN portal.cadence_plan h ON h.buyer_id = d.buyer_id AND h.supplier_record_id = d.supplier_record_id
                                    AND h.questionnaire = d.questionnaire
          JOIN portal.cadence c ON c.buyer_id = h.buyer_id AND c.id = h.cadence_id AND c.state = 'active'
         CROSS JOIN LATERAL (SELECT greatest(h.ends_on, d.today + c.lead_days) AS due_on) b
         CROSS JOIN LATERAL portal.find_asked_period(h.period_start, h.period_end, b.due_on) a
    ), spent AS MATERIALIZED (
        SELECT places.buyer_id, places.supplier_record_id,
               sum(coalesce((costs -> places.questionnaire ->> tiers[places.tier])::numeric, 0)) AS minutes
          FROM (SELECT q.buyer_id, q.supplier_record_id, q.questionnaire, q.subject,
                       lower(coalesce(q.subject_name, '')), q.period_start, q.period_end,
                       max(array_position(tiers, q.minimum_tier)) AS tier
                  FROM portal.request q
                 WHERE (q.buyer_id, q.supplier_record_id) IN (SELECT r.buyer_id, r.supplier_record_id FROM ready r)
                   AND q.state IN ('open', 'accepted', 'fulfilled')
                   AND q.created_at > portal.clock() - interval '1 year'
                 GROUP BY q.buyer_id, q.supplier_record_id, q.questionnaire, q.subject,
                          lower(coalesce(q.subject_name, '')), q.period_start, q.period_end) places
         GROUP BY places.buyer_id, places.supplier_record_id
    ), limited AS (
        SELECT r.*, coalesce(s.minutes, 0) AS spent_minutes,
               nullif(coalesce(l.value, (limits ->> r.size_band)::integer), 0) AS most,
               EXISTS (SELECT FROM portal.request q
                        WHERE q.buyer_id = r.buyer_id AND q.supplier_record_id = r.supplier_record_id
                          AND q.questionnaire = r.questionnaire AND q.subject = 'organization'
                          AND (q.period_end >= r.period_end OR q.state IN ('open', 'accepted')))
               OR portal.has_answer(r.buyer_id, r.supplier_record_id, r.questionnaire, r.tier, r.period_start,
                                    r.period_end) AS is_known
          FROM ready r
          LEFT JOIN spent s ON s.buyer_id = r.buyer_id AND s.supplier_record_id = r.supplier_record_id
          LEFT JOIN portal.operator_limit l ON l.name = 'burden_minutes_' || r.size_band
    ), measured AS (
        -- What is not asked in any case takes no minutes from what comes after it.
        SELECT l.*, l.spent_minutes + l.minutes + coalesce(sum(l.minutes) FILTER (
                        WHERE NOT l.is_known AND coalesce(l.spent_minutes + l.minutes <= l.most, true)) OVER (
                        PARTITION BY l.buyer_id, l.supplier_record_id ORDER BY l.ask_on, l.questionnaire
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS year_minutes
          FROM limited l
    ), judged AS MATERIALIZED (
        SELECT m.*,
               made[(row_number() OVER (ORDER BY m.ask_on, m.supplier_record_id, m.questionnaire))::integer]
                   AS request_id,
               CASE WHEN m.is_known THEN 'known'
                    WHEN m.minutes IS NULL THEN 'not_offered'
                    WHEN m.year_minutes > m.most THEN 'over_limit'
                    ELSE 'asked' END AS outcome
          FROM measured m
    ), inserted AS (
        INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,
                                    period_start, period_end, purpose, legal_basis, message, due_on, told_at, created_by,
                                    cadence_id, every_months, after_period_end)
        SELECT j.buyer_id, j.request_id, j.supplier_record_id, j.supplier_id, j.questionnaire, j.tier, j.period_start,
               j.period_end, j.purpose, j.legal_basis, j.message, j.due_on, portal.clock(), j.created_by, j.cadence_id,
               j.every_months, j.after_period_end
          FROM judged j WHERE j.outcome = 'asked'
        ON CONFLICT DO NOTHING
        RETURNING buyer_id, id, supplier_record_id, questionnaire
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT gen_random_uuid(), 'request.renewed',
               jsonb_build_object('buyer', i.buyer_id, 'request', i.id, 'record', i.supplier_record_id)
          FROM inserted i
    )
    SELECT jsonb_agg(jsonb_build_object(
               'buyer', j.buyer_id, 'record', j.supplier_record_id, 'questionnaire', j.questionnaire, 'today', j.today,
               'outcome', CASE WHEN j.outcome = 'asked' AND i.id IS NULL THEN 'known' ELSE j.outcome END))
      INTO judgements
      FROM judged j LEFT JOIN inserted i ON i.buyer_id = j.buyer_id AND i.id = j.request_id;
    FOR one IN
        SELECT d.buyer, array_agg(d.record) FILTER (WHERE d.outcome = 'asked') AS asked,
               array_agg(d.record) FILTER (WHERE d.outcome = 'known') AS known
          FROM jsonb_to_recordset(coalesce(judgements, '[]')) AS d (buyer uuid, record uuid, outcome text)
         WHERE d.outcome IN ('asked', 'known')
         GROUP BY d.buyer ORDER BY d.buyer
    LOOP
        PERFORM portal.refresh_cards_of_records(one.buyer, coalesce(one.asked, '{}'));
        PERFORM portal.plan_cadences(one.buyer, one.asked || one.known, NULL);
    END LOOP;
    UPDATE portal.cadence_plan p
       SET ask_on = d.today + CASE d.outcome WHEN 'known' THEN 1 ELSE 30 END,
           held = CASE WHEN d.outcome <> 'known' THEN d.outcome END
      FROM jsonb_to_recordset(coalesce(judgements, '[]'))
           AS d (buyer uuid, record uuid, questionnaire text, today date, outcome text)
     WHERE d.outcome <> 'asked' AND p.buyer_id = d.buyer AND p.supplier_record_id = d.record
       AND p.questionnaire = d.questionnaire AND p.ask_on <= d.today;
    RETURN coalesce(jsonb_array_length(judgements), 0);
END
$$;
REVOKE EXECUTE ON FUNCTION portal.list_due_cadences(integer), portal.list_due_questionnaires(integer),
    portal.ask_by_cadence(uuid[], jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_due_questionnaires(integer), portal.ask_by_cadence(uuid[], jsonb, jsonb)
    TO portal_worker;
