-- Reading by share: one predicate, used by policies, lists and cards.
CREATE FUNCTION portal.share_is_live(item portal.share) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT item.revoked_at IS NULL
       AND item.starts_at <= portal.clock()
       AND (item.until IS NULL OR portal.clock() < item.until)
$$;

CREATE FUNCTION portal.share_covers(item portal.share, subject portal.submission) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT item.supplier_id = subject.supplier_id
       AND subject.state <> 'withdrawn'
       AND CASE item.mode
           WHEN 'snapshot' THEN item.submission_id = subject.id
           ELSE item.questionnaire = subject.questionnaire
            AND item.subject_key = subject.subject_key
            AND item.follows_from <= subject.submitted_at
           END
$$;

CREATE FUNCTION portal.may_read_submission(supplier uuid, submission uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.share s JOIN portal.submission b ON b.supplier_id = s.supplier_id
         WHERE s.supplier_id = supplier AND s.buyer_id = portal.current_organization()
           AND b.id = submission AND portal.share_is_live(s) AND portal.share_covers(s, b))
$$;

CREATE FUNCTION portal.may_read_section(supplier uuid, submission uuid, wanted text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.share s JOIN portal.submission b ON b.supplier_id = s.supplier_id
         WHERE s.supplier_id = supplier AND s.buyer_id = portal.current_organization()
           AND b.id = submission AND wanted = ANY (s.sections)
           AND portal.share_is_live(s) AND portal.share_covers(s, b))
$$;

CREATE FUNCTION portal.may_read_submission_evidence(supplier uuid, submission uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.share s JOIN portal.submission b ON b.supplier_id = s.supplier_id
         WHERE s.supplier_id = supplier AND s.buyer_id = portal.current_organization()
           AND b.id = submission AND s.include_evidence
           AND portal.share_is_live(s) AND portal.share_covers(s, b))
$$;

CREATE FUNCTION portal.may_read_evidence(supplier uuid, document uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.submission_evidence e
         WHERE e.supplier_id = supplier AND e.evidence_id = document
           AND portal.may_read_submission_evidence(supplier, e.submission_id))
$$;

-- The texts of a JSON value: one of a scalar, all of a list, none of null and of a list of objects.
CREATE FUNCTION portal.list_texts(content jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(content)
           WHEN 'array' THEN ARRAY(SELECT item #>> '{}' FROM jsonb_array_elements(content) AS item
                                    WHERE jsonb_typeof(item) <> 'object')
           WHEN 'object' THEN '{}'::text[]
           ELSE array_remove(ARRAY[content #>> '{}'], NULL) END
$$;

-- The answers of a frozen section one by one, those of a group's rows included.
CREATE FUNCTION portal.list_answers(answers jsonb)
    RETURNS TABLE (question text, row_id text, state text, texts text[], reason text) LANGUAGE sql IMMUTABLE AS $$
    WITH entry AS (
        SELECT e.key AS question, NULL::text AS row_id, e.value AS content FROM jsonb_each(answers) e
         UNION ALL
        SELECT c.key, r.value ->> 'row', c.value
          FROM jsonb_each(answers) e
          JOIN LATERAL jsonb_array_elements(
               CASE jsonb_typeof(e.value -> 'value') WHEN 'array' THEN e.value -> 'value' ELSE '[]'::jsonb END) r
            ON jsonb_typeof(r.value) = 'object'
          CROSS JOIN LATERAL jsonb_each(r.value -> 'answers') c
    )
    SELECT entry.question, entry.row_id, content ->> 'state', portal.list_texts(content -> 'value'), content ->> 'reason'
      FROM entry
$$;

-- A supplier shares with a buyer that it accepted the invitation of, and with nobody else.
CREATE FUNCTION portal.is_linked_buyer(buyer uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.supplier_record r
                    WHERE r.buyer_id = buyer AND r.supplier_id = portal.current_organization())
$$;

CREATE FUNCTION portal.list_linked_buyers() RETURNS TABLE (buyer_id uuid, name text, country text, linked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name, o.country, min(r.linked_at) FROM portal.supplier_record r
      JOIN portal.organization o ON o.id = r.buyer_id
     WHERE r.supplier_id = portal.current_organization() GROUP BY o.id
$$;

-- An organization is named to another one only through a link, a request or a share between the two.
CREATE FUNCTION portal.is_related(other uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.supplier_record r
                    WHERE r.buyer_id = portal.current_organization() AND r.supplier_id = other)
        OR EXISTS (SELECT FROM portal.supplier_record r
                    WHERE r.buyer_id = other AND r.supplier_id = portal.current_organization())
        OR EXISTS (SELECT FROM portal.share s
                    WHERE s.supplier_id = portal.current_organization() AND s.buyer_id = other)
        OR EXISTS (SELECT FROM portal.read_receipt x
                    WHERE x.supplier_id = portal.current_organization() AND x.reader_id = other)
$$;

-- Cards are the buyer's rows. The worker refreshes any; a buyer only its own, and nobody in particular none.
CREATE FUNCTION portal.refresh_cards_of_records(buyer uuid, records uuid[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    touched integer;
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
        share_id, submission_id, tier, band, total, total_missing, coverage, pillars, submitted_at, valid_until,
        shared_until, request_id, request_state, due_on, due_missing, next_change_at)
    SELECT r.buyer_id, r.id, q.key, r.archived_at IS NOT NULL, r.name_key, r.country, r.sector, r.state, r.supplier_id,
           s.share_id, s.submission_id, s.tier, s.band, s.total, s.total IS NULL, s.coverage, s.pillars,
           s.submitted_at, s.valid_until, s.shared_until,
           a.id, a.state, a.due_on, a.due_on IS NULL,
           least(s.shared_until, n.starts_at)
      FROM portal.supplier_record r
      CROSS JOIN LATERAL (
           SELECT x.key FROM portal.questionnaire x
            WHERE x.key = 'responsible-sourcing'
               OR EXISTS (SELECT FROM portal.request z
                           WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id AND z.questionnaire = x.key)
               OR (r.supplier_id IS NOT NULL AND EXISTS (
                    SELECT FROM portal.share z
                     WHERE z.supplier_id = r.supplier_id AND z.buyer_id = r.buyer_id AND z.questionnaire = x.key))
      ) q
      LEFT JOIN LATERAL (
           SELECT h.id AS share_id, b.id AS submission_id, t.tier_scored AS tier, t.band, t.total, t.coverage,
                  t.pillars, b.submitted_at, t.valid_until, h.until AS shared_until
             FROM portal.share h
             JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
             JOIN portal.result t ON t.supplier_id = b.supplier_id AND t.submission_id = b.id AND t.is_own_tier
            WHERE h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = q.key
              AND b.subject = 'organization'
              AND portal.share_is_live(h) AND portal.share_covers(h, b)
            ORDER BY b.submitted_at DESC, b.id DESC, h.until DESC NULLS FIRST, t.profile_number DESC
            LIMIT 1
      ) s ON r.supplier_id IS NOT NULL
      LEFT JOIN LATERAL (
           SELECT min(h.starts_at) AS starts_at FROM portal.share h
            WHERE h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = q.key
              AND h.revoked_at IS NULL AND h.starts_at > portal.clock()
      ) n ON r.supplier_id IS NOT NULL
      LEFT JOIN LATERAL (
           SELECT z.id, z.state, z.due_on FROM portal.request z
            WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id AND z.questionnaire = q.key
            ORDER BY z.created_at DESC, z.id DESC LIMIT 1
      ) a ON true
     WHERE r.buyer_id = buyer AND r.id = ANY (records)
    ON CONFLICT (buyer_id, supplier_record_id, questionnaire) DO UPDATE SET
        archived = excluded.archived, name_key = excluded.name_key, country = excluded.country,
        sector = excluded.sector, record_state = excluded.record_state, supplier_id = excluded.supplier_id,
        share_id = excluded.share_id, submission_id = excluded.submission_id, tier = excluded.tier,
        band = excluded.band, total = excluded.total, total_missing = excluded.total_missing,
        coverage = excluded.coverage, pillars = excluded.pillars, submitted_at = excluded.submitted_at,
        valid_until = excluded.valid_until, shared_until = excluded.shared_until, request_id = excluded.request_id,
        request_state = excluded.request_state, due_on = excluded.due_on, due_missing = excluded.due_missing,
        next_change_at = excluded.next_change_at;
    GET DIAGNOSTICS touched = ROW_COUNT;
    RETURN touched;
END
$$;

-- One record's cards, or all of a buyer's where no record is named.
CREATE FUNCTION portal.refresh_cards(buyer uuid, record uuid) RETURNS integer
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.refresh_cards_of_records(buyer, CASE WHEN record IS NOT NULL THEN ARRAY[record]
           ELSE ARRAY(SELECT r.id FROM portal.supplier_record r WHERE r.buyer_id = buyer) END)
$$;

-- Cards whose share began or ended since they were written; run by a list before it reads, and by a job.
CREATE FUNCTION portal.sweep_cards(buyer uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    stale uuid;
    swept integer := 0;
BEGIN
    IF session_user = 'portal_app' AND buyer IS DISTINCT FROM portal.current_organization() THEN
        RAISE EXCEPTION 'cards of another organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR stale IN SELECT DISTINCT c.supplier_record_id FROM portal.relationship_card c
                  WHERE c.buyer_id = buyer AND c.next_change_at <= portal.clock() LOOP
        PERFORM portal.refresh_cards(buyer, stale);
        swept := swept + 1;
    END LOOP;
    RETURN swept;
END
$$;

-- A supplier's revocation acts in its own transaction, yet tells the supplier nothing of the buyer's rows.
CREATE FUNCTION portal.blank_cards_of_share(share uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ended portal.share;
BEGIN
    SELECT * INTO ended FROM portal.share s WHERE s.id = share AND s.supplier_id = portal.current_organization();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, submitted_at = NULL, valid_until = NULL, shared_until = NULL,
           next_change_at = NULL
     WHERE c.buyer_id = ended.buyer_id AND c.share_id = ended.id;
END
$$;

-- An earlier or later end holds for the buyer's list at once, also before the worker has written the card anew.
CREATE FUNCTION portal.bound_cards_of_share(share uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.relationship_card c SET shared_until = s.until, next_change_at = least(c.next_change_at, s.until)
      FROM portal.share s
     WHERE s.id = share AND s.supplier_id = portal.current_organization()
       AND c.buyer_id = s.buyer_id AND c.share_id = s.id
$$;

-- A withdrawn submission leaves every buyer's list in the supplier's transaction.
CREATE FUNCTION portal.blank_cards_of_submission(submission uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, submitted_at = NULL, valid_until = NULL, shared_until = NULL,
           next_change_at = NULL
     WHERE c.submission_id = submission AND c.supplier_id = portal.current_organization()
$$;
