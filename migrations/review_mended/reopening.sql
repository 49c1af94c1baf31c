-- A draft answers the clarification that it was opened for, and any that were taken into it later.
ALTER TABLE portal.assessment ADD COLUMN also_answers UUID[] DEFAULT '{}' NOT NULL;
GRANT UPDATE (also_answers) ON portal.assessment TO portal_app;

-- Whether a place of a draft may change: as `is_reopened` in questionnaires/reopening.py.
CREATE FUNCTION portal.is_reopened(reopened text[], question text, row_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT reopened IS NULL
        OR CASE row_id WHEN '' THEN question ELSE question || '/' || row_id END = ANY (reopened)
        OR (row_id <> '' AND question || '/*' = ANY (reopened))
$$;

-- The documents of a draft in their newest revisions, where its places may change; those of locked places stay as they
-- were submitted. As the caller. Whether any was renewed.
CREATE FUNCTION portal.renew_links(supplier uuid, draft uuid) RETURNS boolean LANGUAGE sql SET search_path = '' AS $$
    WITH outdated AS (
        DELETE FROM portal.evidence_link l USING portal.assessment a
         WHERE a.supplier_id = supplier AND a.id = draft AND l.supplier_id = supplier AND l.assessment_id = draft
           AND portal.is_reopened(a.reopened, l.question, l.row_id)
           AND portal.find_newest_revision(l.supplier_id, l.evidence_id) <> l.evidence_id
        RETURNING l.question, l.row_id, l.evidence_id
    ), renewed AS (
        INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, row_id, evidence_id)
        SELECT DISTINCT supplier, draft, o.question, o.row_id, portal.find_newest_revision(supplier, o.evidence_id)
          FROM outdated o
            ON CONFLICT DO NOTHING
    )
    SELECT EXISTS (SELECT FROM outdated)
$$;

-- A newer revision takes the place of an older one in drafts, but for places that a draft for a clarification keeps locked.
CREATE OR REPLACE FUNCTION portal.settle_revision(supplier uuid, evidence uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    older uuid[];
    drafts uuid[];
BEGIN
    SELECT array_agg(o.id) INTO older FROM portal.evidence e
      JOIN portal.evidence o ON o.supplier_id = e.supplier_id AND o.revision < e.revision
       AND o.lineage = e.lineage
     WHERE e.supplier_id = supplier AND e.id = evidence AND NOT EXISTS (
           SELECT FROM portal.evidence n WHERE n.supplier_id = e.supplier_id AND n.lineage = e.lineage
              AND n.revision > e.revision AND n.state = 'available');
    SELECT array_agg(held.id) INTO drafts FROM (
        SELECT a.id FROM portal.assessment a
         WHERE a.supplier_id = supplier AND a.state = 'draft' AND EXISTS (
               SELECT FROM portal.evidence_link l
                WHERE l.supplier_id = a.supplier_id AND l.assessment_id = a.id AND l.evidence_id = ANY (older)
                  AND portal.is_reopened(a.reopened, l.question, l.row_id))
         ORDER BY a.id FOR NO KEY UPDATE) held;
    WITH outdated AS (
        DELETE FROM portal.evidence_link l USING portal.assessment a
         WHERE a.supplier_id = supplier AND a.id = ANY (drafts) AND l.supplier_id = supplier
           AND l.assessment_id = a.id AND l.evidence_id = ANY (older)
           AND portal.is_reopened(a.reopened, l.question, l.row_id)
        RETURNING l.assessment_id, l.question, l.row_id
    )
    INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, row_id, evidence_id)
    SELECT DISTINCT supplier, o.assessment_id, o.question, o.row_id, evidence FROM outdated o
        ON CONFLICT DO NOTHING;
    UPDATE portal.assessment a SET change_number = a.change_number + 1, updated_at = portal.clock()
     WHERE a.supplier_id = supplier AND a.id = ANY (drafts);
    RETURN QUERY SELECT unnest(drafts);
END
$$;
REVOKE EXECUTE ON FUNCTION portal.is_reopened(text[], text, text), portal.renew_links(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.is_reopened(text[], text, text), portal.renew_links(uuid, uuid) TO portal_app;
