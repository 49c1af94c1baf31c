-- The change feed tells of engagements and clarifications to their parties. Statements, what follows from them and
-- disputes are told as the submission that they stand beside.
ALTER TABLE portal.change DROP CONSTRAINT ck_change_kind, ADD CONSTRAINT ck_change_kind
    CHECK (kind IN ('assessment', 'received_request', 'submission', 'share', 'evidence', 'engagement', 'clarification',
                    'supplier', 'request', 'shared_result'));

CREATE FUNCTION portal.note_engagements() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.supplier_id, 'supplier', 'engagement', c.supplier_id, c.id FROM changed c
    UNION ALL
    SELECT c.reviewer_id, 'buyer', 'engagement', c.supplier_id, c.id FROM changed c
    UNION ALL
    SELECT c.proposer_id, 'buyer', 'engagement', c.supplier_id, c.id FROM changed c
     WHERE c.proposer_id <> c.supplier_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_clarifications() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.supplier_id, 'supplier', 'clarification', c.supplier_id, c.id FROM changed c
    UNION ALL
    SELECT c.asker_id, 'buyer', 'clarification', c.supplier_id, c.id FROM changed c;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_reviews() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.note_submission(c.supplier_id, array_agg(DISTINCT c.submission_id)) FROM changed c
      GROUP BY c.supplier_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_dispute_comments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM portal.note_submission(c.supplier_id, array_agg(DISTINCT d.submission_id))
       FROM changed c JOIN portal.dispute d ON d.supplier_id = c.supplier_id AND d.id = c.dispute_id
      GROUP BY c.supplier_id;
    RETURN NULL;
END
$$;
DO $$
DECLARE
    item text[];
BEGIN
    FOREACH item SLICE 1 IN ARRAY ARRAY[
        ['engagement', 'INSERT', 'note_engagements'], ['engagement', 'UPDATE', 'note_engagements'],
        ['clarification', 'INSERT', 'note_clarifications'], ['clarification', 'UPDATE', 'note_clarifications'],
        ['assurance_statement', 'INSERT', 'note_reviews'], ['assurance_summary', 'INSERT', 'note_reviews'],
        ['dispute', 'INSERT', 'note_reviews'], ['dispute', 'UPDATE', 'note_reviews'],
        ['dispute_comment', 'INSERT', 'note_dispute_comments']
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER note_%s AFTER %s ON portal.%I REFERENCING NEW TABLE AS changed'
            ' FOR EACH STATEMENT EXECUTE FUNCTION portal.%I()', lower(item[2]), item[2], item[1], item[3]);
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_engagements(), portal.note_clarifications(), portal.note_reviews(),
    portal.note_dispute_comments() FROM PUBLIC;
