-- The period that is asked for next: the latest that has ended by a day, or else the one that follows.
CREATE FUNCTION portal.find_asked_period(INOUT period_start date, INOUT period_end date, by_day date)
    LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
DECLARE
    following date;
BEGIN
    following := portal.find_next_period_end(period_start, period_end);
    LOOP
        period_start := period_end + 1;
        period_end := following;
        following := portal.find_next_period_end(period_start, period_end);
        EXIT WHEN following > by_day;
    END LOOP;
END
$$;

-- Plan anew when suppliers of a buyer are asked. What counts is what the buyer itself asked of the organization, whatever
-- became of it, and what is shared with it; of both the later period. A supplier that never answered is not asked by
-- itself, nor is one while a request waits or after a "not us". Nothing is asked before its period has begun, nor while
-- that ends later than a request may.
CREATE FUNCTION portal.plan_cadences(buyer uuid, records uuid[], wanted text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH known AS (
        SELECT c.supplier_record_id, c.questionnaire, c.tier, c.submitted_at, s.period_start, s.period_end,
               r.supplier_id IS NOT NULL AND r.archived_at IS NULL AS is_reached
          FROM portal.relationship_card c
          JOIN portal.supplier_record r ON r.buyer_id = c.buyer_id AND r.id = c.supplier_record_id
          LEFT JOIN portal.submission s
            ON s.supplier_id = c.supplier_id AND s.id = c.submission_id
           AND (c.shared_until IS NULL OR c.shared_until > portal.clock())
         WHERE c.buyer_id = buyer AND c.supplier_record_id = ANY (records)
           AND (wanted IS NULL OR c.questionnaire = wanted)
    ), based AS (
        SELECT k.*, z.state, z.minimum_tier, z.period_start AS asked_start, z.period_end AS asked_end, z.state_changed_at,
               coalesce(k.period_end > z.period_end, true) AS is_later
          FROM known k
          LEFT JOIN LATERAL (
               SELECT q.state, q.minimum_tier, q.period_start, q.period_end, q.state_changed_at FROM portal.request q
                WHERE q.buyer_id = buyer AND q.supplier_record_id = k.supplier_record_id
                  AND q.questionnaire = k.questionnaire AND q.subject = 'organization'
                ORDER BY q.period_end DESC, q.created_at DESC, q.id DESC LIMIT 1) z ON true
         WHERE k.is_reached AND z.state IS DISTINCT FROM 'not_us'
           AND NOT EXISTS (SELECT FROM portal.request q
                            WHERE q.buyer_id = buyer AND q.supplier_record_id = k.supplier_record_id
                              AND q.questionnaire = k.questionnaire AND q.subject = 'organization'
                              AND q.state IN ('open', 'accepted'))
           AND (k.period_end IS NOT NULL
                OR EXISTS (SELECT FROM portal.request q
                            WHERE q.buyer_id = buyer AND q.supplier_record_id = k.supplier_record_id
                              AND q.questionnaire = k.questionnaire AND q.subject = 'organization'
                              AND q.state = 'fulfilled'))
    ), anchored AS (
        SELECT b.supplier_record_id, b.questionnaire, coalesce(b.minimum_tier, b.tier) AS tier,
               CASE WHEN b.is_later AND b.period_end IS NOT NULL THEN b.period_start ELSE b.asked_start END AS period_start,
               CASE WHEN b.is_later AND b.period_end IS NOT NULL THEN b.period_end ELSE b.asked_end END AS period_end,
               (CASE WHEN b.period_end IS NOT NULL
                      AND (b.is_later OR (b.state = 'fulfilled' AND b.period_end = b.asked_end)) THEN b.submitted_at
                     ELSE b.state_changed_at END AT TIME ZONE 'UTC')::date AS last_on
          FROM based b
    ), planned AS (
        SELECT a.supplier_record_id, a.questionnaire, d.id AS cadence_id, a.period_start, a.period_end,
               (a.last_on + make_interval(months => d.every_months))::date AS ends_on,
               greatest((a.last_on + make_interval(months => d.every_months))::date - d.lead_days, a.period_end + 1,
                        make_date(extract(year FROM portal.find_next_period_end(a.period_start, a.period_end))::integer
                                  - 1, 1, 1)) AS ask_on
          FROM anchored a
          JOIN portal.cadence d
            ON d.buyer_id = buyer AND d.questionnaire = a.questionnaire AND d.tier = a.tier AND d.state <> 'removed'
    ), ended AS (
        DELETE FROM portal.cadence_plan p
         WHERE p.buyer_id = buyer AND p.supplier_record_id = ANY (records) AND (wanted IS NULL OR p.questionnaire = wanted)
           AND NOT EXISTS (SELECT FROM planned n WHERE n.supplier_record_id = p.supplier_record_id
                                                   AND n.questionnaire = p.questionnaire)
    )
    INSERT INTO portal.cadence_plan AS p (buyer_id, supplier_record_id, questionnaire, cadence_id, ask_on, ends_on,
                                          period_start, period_end)
    SELECT buyer, n.supplier_record_id, n.questionnaire, n.cadence_id, n.ask_on, n.ends_on, n.period_start, n.period_end
      FROM planned n
     ORDER BY n.supplier_record_id, n.questionnaire
    ON CONFLICT (buyer_id, supplier_record_id, questionnaire) DO UPDATE
       SET cadence_id = excluded.cadence_id, ask_on = excluded.ask_on, ends_on = excluded.ends_on,
           period_start = excluded.period_start, period_end = excluded.period_end, held = NULL
     WHERE (p.cadence_id, p.ends_on, p.period_start, p.period_end)
           IS DISTINCT FROM (excluded.cadence_id, excluded.ends_on, excluded.period_start, excluded.period_end)
        OR (p.held IS NULL AND p.ask_on <> excluded.ask_on)
$$;

-- A card changes where a share, a result or a request of it does, so that plans follow cards. Most buyers have no cadence.
CREATE FUNCTION portal.plan_new_cards() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.plan_cadences(c.buyer_id, array_agg(DISTINCT c.supplier_record_id), NULL)
       FROM changed c
      WHERE EXISTS (SELECT FROM portal.cadence d WHERE d.buyer_id = c.buyer_id AND d.questionnaire = c.questionnaire
                                                   AND d.state <> 'removed')
      GROUP BY c.buyer_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.plan_changed_cards() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.plan_cadences(c.buyer_id, array_agg(DISTINCT c.supplier_record_id), NULL)
       FROM changed c
       JOIN before b ON b.buyer_id = c.buyer_id AND b.supplier_record_id = c.supplier_record_id
                    AND b.questionnaire = c.questionnaire
      WHERE ((c.archived, c.supplier_id, c.submission_id, c.tier, c.submitted_at, c.shared_until, c.request_id,
              c.request_state)
             IS DISTINCT FROM
             (b.archived, b.supplier_id, b.submission_id, b.tier, b.submitted_at, b.shared_until, b.request_id,
              b.request_state)
             -- A request about a site may stand on the card in front of the one that counts here.
             OR EXISTS (SELECT FROM portal.request q
                         WHERE q.buyer_id = c.buyer_id AND q.id = c.request_id AND q.subject = 'site'))
        AND EXISTS (SELECT FROM portal.cadence d WHERE d.buyer_id = c.buyer_id AND d.questionnaire = c.questionnaire
                                                   AND d.state <> 'removed')
      GROUP BY c.buyer_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER plan_insert AFTER INSERT ON portal.relationship_card REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.plan_new_cards();
CREATE TRIGGER plan_update AFTER UPDATE ON portal.relationship_card
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.plan_changed_cards();

-- Plan some suppliers anew whose cadence was set or removed, those behind `after`; the last of them, or none where all
-- were looked at, which is noted then. Run by the worker, which may begin again anywhere.
CREATE FUNCTION portal.plan_cadence_part(buyer uuid, wanted uuid, after uuid, most integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    chosen portal.cadence;
    records uuid[];
BEGIN
    SELECT * INTO chosen FROM portal.cadence d WHERE d.buyer_id = buyer AND d.id = wanted;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(array_agg(part.id ORDER BY part.id), '{}') INTO records
      FROM (SELECT c.supplier_record_id AS id FROM portal.relationship_card c
             WHERE c.buyer_id = buyer AND c.questionnaire = chosen.questionnaire
               AND c.supplier_record_id > coalesce(after, '00000000-0000-0000-0000-000000000000')
             ORDER BY c.supplier_record_id LIMIT most) part;
    PERFORM portal.plan_cadences(buyer, records, chosen.questionnaire);
    IF cardinality(records) = most THEN
        RETURN records[most];
    END IF;
    UPDATE portal.cadence d SET planned_at = portal.clock()
     WHERE d.buyer_id = buyer AND d.id = wanted AND d.updated_at = chosen.updated_at;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.find_asked_period(date, date, date), portal.plan_cadences(uuid, uuid[], text),
    portal.plan_new_cards(), portal.plan_changed_cards(), portal.plan_cadence_part(uuid, uuid, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.plan_cadence_part(uuid, uuid, uuid, integer) TO portal_worker;
