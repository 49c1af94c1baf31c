-- What reviewers stated of the result on a card: the shares of its points by standing, from a day on until the next change.
ALTER TABLE portal.relationship_card ADD COLUMN assured_since DATE, ADD COLUMN declared INTEGER, ADD COLUMN documented INTEGER,
    ADD COLUMN verified INTEGER, ADD COLUMN contradicted INTEGER, ADD COLUMN conflicts INTEGER,
    ADD COLUMN assured_profile INTEGER;

-- Cards are the buyer's rows. The worker refreshes any; a buyer only its own, and nobody in particular none.
CREATE OR REPLACE FUNCTION portal.refresh_cards_of_records(buyer uuid, records uuid[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    touched integer;
    today date := (portal.clock() AT TIME ZONE 'UTC')::date;
BEGIN
    IF buyer IS DISTINCT FROM portal.current_organization()
       AND (portal.current_organization() IS NOT NULL OR session_user = 'portal_app') THEN
        RAISE EXCEPTION 'cards of another organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A share or a submission that is being ended just now is waited for, so that its end is not written over; the
    -- statement after these sees what was committed meanwhile.
    PERFORM FROM portal.supplier_record r
       JOIN portal.share h ON h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id
      WHERE r.buyer_id = buyer AND r.id = ANY (records) AND h.revoked_at IS NULL
      ORDER BY h.id FOR SHARE OF h;
    PERFORM FROM portal.supplier_record r
       JOIN portal.share h ON h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id
       JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
      WHERE r.buyer_id = buyer AND r.id = ANY (records) AND h.revoked_at IS NULL
      ORDER BY b.id FOR SHARE OF b;
    INSERT INTO portal.relationship_card AS card (
        buyer_id, supplier_record_id, questionnaire, archived, name_key, country, sector, record_state, supplier_id,
        share_id, submission_id, tier, band, total, total_missing, coverage, pillars, period_end, submitted_at,
        valid_until, shared_until, request_id, request_state, due_on, due_missing, next_change_at, assured_since,
        declared, documented, verified, contradicted, conflicts, assured_profile)
    SELECT r.buyer_id, r.id, q.key, r.archived_at IS NOT NULL, r.name_key, r.country, r.sector, r.state, r.supplier_id,
           s.share_id, s.submission_id, s.tier, s.band, s.total, s.total IS NULL OR s.valid_until < today, s.coverage, s.pillars,
           s.period_end, s.submitted_at, s.valid_until, s.shared_until,
           a.id, a.state, a.due_on, a.due_on IS NULL,
           least(s.shared_until, n.starts_at, w.from_day::timestamp AT TIME ZONE 'UTC',
                 CASE WHEN s.valid_until >= today THEN (s.valid_until + 1)::timestamp AT TIME ZONE 'UTC' END),
           v.from_day, v.declared, v.documented, v.verified, v.contradicted, v.conflicts, v.profile_number
      FROM portal.supplier_record r
      CROSS JOIN LATERAL (
           SELECT x.key FROM portal.questionnaire x
            WHERE x.key = 'responsible-sourcing'
               OR EXISTS (SELECT FROM portal.request z
                           WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id AND z.questionnaire = x.key)
               OR EXISTS (SELECT FROM portal.access_request z
                           WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id AND z.questionnaire = x.key)
               OR (r.supplier_id IS NOT NULL AND EXISTS (
                    SELECT FROM portal.share z
                     WHERE z.supplier_id = r.supplier_id AND z.buyer_id = r.buyer_id AND z.questionnaire = x.key))
      ) q
      LEFT JOIN LATERAL (
           SELECT h.id AS share_id, b.id AS submission_id, t.tier_scored AS tier, t.band, t.total, t.coverage,
                  t.pillars, b.period_end, b.submitted_at, t.valid_until, h.until AS shared_until
             FROM portal.share h
             JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
             JOIN portal.result t ON t.supplier_id = b.supplier_id AND t.submission_id = b.id AND t.is_own_tier
            WHERE h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = q.key
              AND b.subject = 'organization'
              AND portal.share_is_live(h) AND portal.share_covers(h, b)
            -- The order of `RECENCY` in portal/database/tables/assessments.py.
            ORDER BY b.period_end DESC, b.revision DESC, b.submitted_at DESC, b.id DESC,
                     h.until DESC NULLS FIRST, t.profile_number DESC
            LIMIT 1
      ) s ON r.supplier_id IS NOT NULL
      -- What was stated of that submission comes to this today, and to something else from a later day on.
      LEFT JOIN LATERAL (
           SELECT y.* FROM portal.assurance_summary y
            WHERE y.supplier_id = r.supplier_id AND y.submission_id = s.submission_id AND y.from_day <= today
            ORDER BY y.from_day DESC LIMIT 1
      ) v ON true
      LEFT JOIN LATERAL (
           SELECT min(y.from_day) AS from_day FROM portal.assurance_summary y
            WHERE y.supplier_id = r.supplier_id AND y.submission_id = s.submission_id AND y.from_day > today
      ) w ON true
      LEFT JOIN LATERAL (
           SELECT min(h.starts_at) AS starts_at FROM portal.share h
            WHERE h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = q.key
              AND h.revoked_at IS NULL AND h.starts_at > portal.clock()
      ) n ON r.supplier_id IS NOT NULL
      LEFT JOIN LATERAL (
           SELECT z.id, z.state, z.due_on FROM portal.request z
            WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id AND z.questionnaire = q.key
            -- What waits for the supplier first, the first due of it; what is closed only where nothing else is there.
            ORDER BY z.state NOT IN ('open', 'accepted'), z.state = 'accepted',
                     CASE WHEN z.state IN ('open', 'accepted') THEN z.due_on END, z.created_at DESC, z.id DESC LIMIT 1
      ) a ON true
     WHERE r.buyer_id = buyer AND r.id = ANY (records)
    ON CONFLICT (buyer_id, supplier_record_id, questionnaire) DO UPDATE SET
        archived = excluded.archived, name_key = excluded.name_key, country = excluded.country,
        sector = excluded.sector, record_state = excluded.record_state, supplier_id = excluded.supplier_id,
        share_id = excluded.share_id, submission_id = excluded.submission_id, tier = excluded.tier,
        band = excluded.band, total = excluded.total, total_missing = excluded.total_missing,
        coverage = excluded.coverage, pillars = excluded.pillars, period_end = excluded.period_end,
        submitted_at = excluded.submitted_at, valid_until = excluded.valid_until, shared_until = excluded.shared_until,
        request_id = excluded.request_id,
        request_state = excluded.request_state, due_on = excluded.due_on, due_missing = excluded.due_missing,
        next_change_at = excluded.next_change_at, assured_since = excluded.assured_since,
        declared = excluded.declared, documented = excluded.documented, verified = excluded.verified,
        contradicted = excluded.contradicted, conflicts = excluded.conflicts,
        assured_profile = excluded.assured_profile;
    GET DIAGNOSTICS touched = ROW_COUNT;
    RETURN touched;
END
$$;

-- A card that goes blank is due at once.
CREATE OR REPLACE FUNCTION portal.empty_cards(reader uuid, share uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,
           shared_until = NULL, next_change_at = portal.clock(), assured_since = NULL, declared = NULL,
           documented = NULL, verified = NULL, contradicted = NULL, conflicts = NULL, assured_profile = NULL
     WHERE c.buyer_id = reader AND c.share_id = share
$$;

CREATE OR REPLACE FUNCTION portal.blank_cards_of_share(share uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ended portal.share;
BEGIN
    SELECT * INTO ended FROM portal.share s WHERE s.id = share AND s.supplier_id = portal.current_organization();
    IF FOUND THEN
        PERFORM portal.empty_cards(ended.buyer_id, ended.id);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION portal.blank_cards_of_submission(submission uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,
           shared_until = NULL, next_change_at = portal.clock(), assured_since = NULL, declared = NULL,
           documented = NULL, verified = NULL, contradicted = NULL, conflicts = NULL, assured_profile = NULL
     WHERE c.submission_id = submission AND c.supplier_id = portal.current_organization()
$$;

-- The cards of those of whom something was stated, anew.
SELECT portal.refresh_cards_of_records(r.buyer_id, array_agg(r.id)) FROM portal.supplier_record r
 WHERE r.supplier_id IN (SELECT y.supplier_id FROM portal.assurance_summary y) GROUP BY r.buyer_id;
