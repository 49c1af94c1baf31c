-- What changed for an organization, by id alone: written by the transaction that changed it, read in the order in which
-- transactions are over. Nobody reads an entry while a transaction with a lower number may still come.
CREATE TABLE portal.change (
    organization_id UUID NOT NULL,
    side TEXT COLLATE "C" NOT NULL,
    transaction_id BIGINT DEFAULT (pg_current_xact_id()::text)::bigint NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT COLLATE "C" NOT NULL,
    owner_id UUID NOT NULL,
    object_id UUID NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_change PRIMARY KEY (organization_id, side, transaction_id, number),
    CONSTRAINT ck_change_side CHECK (side IN ('supplier', 'buyer')),
    CONSTRAINT ck_change_kind CHECK (kind IN ('assessment', 'received_request', 'submission', 'share', 'evidence',
                                              'supplier', 'request', 'shared_result'))
);
CREATE INDEX ix_change_noted_at ON portal.change (noted_at);
ALTER TABLE portal.change ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.change FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.change TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.change FOR SELECT TO portal_backup USING (true);
GRANT SELECT ON portal.change TO portal_backup, portal_app;
GRANT SELECT ON SEQUENCE portal.change_number_seq TO portal_backup;
CREATE POLICY own_rows ON portal.change FOR SELECT TO portal_app
    USING (organization_id = (SELECT portal.current_organization()));
GRANT SELECT (noted_at), DELETE ON portal.change TO portal_worker;
CREATE POLICY worker_all ON portal.change TO portal_worker USING (true);

-- That a share has ended by itself is noted once, since nothing is written when it does.
ALTER TABLE portal.share ADD COLUMN end_noted BOOLEAN DEFAULT false NOT NULL;
CREATE INDEX ix_share_ending ON portal.share (until)
    WHERE until IS NOT NULL AND revoked_at IS NULL AND NOT end_noted;
CREATE FUNCTION portal.note_ended_shares() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.share SET end_noted = true
     WHERE until <= portal.clock() AND revoked_at IS NULL AND NOT end_noted
$$;

-- Each runs once for a statement, over the rows that it changed.
CREATE FUNCTION portal.note_assessments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.supplier_id, 'supplier', 'assessment', c.supplier_id, c.id FROM changed c;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_evidence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.supplier_id, 'supplier', 'evidence', c.supplier_id, c.id FROM changed c;
    RETURN NULL;
END
$$;
-- Pieces of an upload, and a scanner that is asked again, change what nobody is shown.
CREATE FUNCTION portal.note_changed_evidence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.supplier_id, 'supplier', 'evidence', c.supplier_id, c.id
      FROM changed c JOIN before b ON b.supplier_id = c.supplier_id AND b.id = c.id
     WHERE to_jsonb(b) - ARRAY['upload_expires_at', 'scan_due_at'] IS DISTINCT FROM
           to_jsonb(c) - ARRAY['upload_expires_at', 'scan_due_at'];
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_requests() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.buyer_id, 'buyer', 'request', c.buyer_id, c.id FROM changed c
    UNION ALL
    SELECT c.supplier_id, 'supplier', 'received_request', c.buyer_id, c.id FROM changed c
     WHERE c.supplier_id IS NOT NULL;
    RETURN NULL;
END
$$;
-- To the buyer a share is what it opens.
CREATE FUNCTION portal.note_shares() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.supplier_id, 'supplier', 'share', c.supplier_id, c.id FROM changed c
    UNION ALL
    SELECT c.buyer_id, 'buyer', 'shared_result', c.supplier_id, b.id
      FROM changed c
      JOIN portal.submission b ON b.supplier_id = c.supplier_id
       AND CASE c.mode WHEN 'snapshot' THEN b.id = c.submission_id
                       ELSE b.questionnaire = c.questionnaire AND b.subject_key = c.subject_key
                            AND b.submitted_at >= c.follows_from END;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_submission(supplier uuid, submissions uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT supplier, 'supplier', 'submission', supplier, id FROM unnest(submissions) AS id
    UNION ALL
    SELECT DISTINCT s.buyer_id, 'buyer', 'shared_result', supplier, b.id
      FROM portal.submission b
      JOIN portal.share s ON s.supplier_id = b.supplier_id AND portal.share_is_live(s)
       AND CASE s.mode WHEN 'snapshot' THEN b.id = s.submission_id
                       ELSE b.questionnaire = s.questionnaire AND b.subject_key = s.subject_key
                            AND b.submitted_at >= s.follows_from END
     WHERE b.supplier_id = supplier AND b.id = ANY (submissions)
$$;
CREATE FUNCTION portal.note_submissions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.note_submission(c.supplier_id, array_agg(DISTINCT c.id)) FROM changed c GROUP BY c.supplier_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_results() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.note_submission(c.supplier_id, array_agg(DISTINCT c.submission_id)) FROM changed c
      GROUP BY c.supplier_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_records() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.buyer_id, 'buyer', 'supplier', c.buyer_id, c.id FROM changed c;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_contacts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT DISTINCT c.buyer_id, 'buyer', 'supplier', c.buyer_id, c.supplier_record_id FROM changed c;
    RETURN NULL;
END
$$;
-- Cards are often written as they were.
CREATE FUNCTION portal.note_cards() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT DISTINCT c.buyer_id, 'buyer', 'supplier', c.buyer_id, c.supplier_record_id
      FROM changed c
      JOIN before b ON b.buyer_id = c.buyer_id AND b.supplier_record_id = c.supplier_record_id
                   AND b.questionnaire = c.questionnaire
     WHERE to_jsonb(b) - 'next_change_at' IS DISTINCT FROM to_jsonb(c) - 'next_change_at';
    RETURN NULL;
END
$$;

DO $$
DECLARE
    item text[];
    event text;
BEGIN
    FOREACH item SLICE 1 IN ARRAY ARRAY[
        ['assessment', 'note_assessments'], ['evidence', 'note_evidence'], ['request', 'note_requests'],
        ['share', 'note_shares'], ['submission', 'note_submissions'], ['result', 'note_results'],
        ['supplier_record', 'note_records'], ['supplier_contact', 'note_contacts']
    ] LOOP
        FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE'] LOOP
            CONTINUE WHEN item[1] = 'evidence' AND event = 'UPDATE';
            EXECUTE format(
                'CREATE TRIGGER note_%s AFTER %s ON portal.%I REFERENCING %s TABLE AS changed'
                ' FOR EACH STATEMENT EXECUTE FUNCTION portal.%I()',
                lower(event), event, item[1], CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END, item[2]);
        END LOOP;
    END LOOP;
END
$$;
CREATE TRIGGER note_update AFTER UPDATE ON portal.evidence
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_changed_evidence();
CREATE TRIGGER note_insert AFTER INSERT ON portal.relationship_card REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_contacts();
CREATE TRIGGER note_update AFTER UPDATE ON portal.relationship_card
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_cards();

REVOKE EXECUTE ON FUNCTION portal.note_ended_shares(), portal.note_assessments(), portal.note_evidence(),
    portal.note_changed_evidence(), portal.note_requests(), portal.note_shares(),
    portal.note_submission(uuid, uuid[]), portal.note_submissions(),
    portal.note_results(), portal.note_records(), portal.note_contacts(), portal.note_cards() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_ended_shares() TO portal_worker;
