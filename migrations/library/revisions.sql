-- Revisions of a document: a row for each file, and the first one names the document. Language and period as it says.
ALTER TABLE portal.evidence ADD COLUMN document_id UUID, ADD COLUMN revision INTEGER DEFAULT 1 NOT NULL,
    ADD COLUMN language TEXT COLLATE "C", ADD COLUMN period_start DATE, ADD COLUMN period_end DATE;
ALTER TABLE portal.evidence ADD COLUMN lineage UUID GENERATED ALWAYS AS (coalesce(document_id, id)) STORED;
ALTER TABLE portal.evidence
    ADD CONSTRAINT uq_evidence_supplier_id_lineage_revision UNIQUE (supplier_id, lineage, revision);
CREATE INDEX ix_evidence_ending ON portal.evidence (valid_until) WHERE state = 'available';

-- The newest revision that is there, of the document that a revision belongs to; itself where none is. As the caller.
CREATE FUNCTION portal.find_newest_revision(supplier uuid, evidence uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT n.id FROM portal.evidence e
          JOIN portal.evidence n ON n.supplier_id = e.supplier_id AND n.lineage = e.lineage
         WHERE e.supplier_id = supplier AND e.id = evidence AND n.state = 'available'
         ORDER BY n.revision DESC LIMIT 1), evidence)
$$;

-- A revision that turns out to be good takes the place of older ones at the answers of drafts. What was submitted keeps
-- what it froze. Gives the drafts that changed; drafts are held before documents, as attaching does.
CREATE FUNCTION portal.settle_revision(supplier uuid, evidence uuid) RETURNS SETOF uuid
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
                WHERE l.supplier_id = a.supplier_id AND l.assessment_id = a.id AND l.evidence_id = ANY (older))
         ORDER BY a.id FOR NO KEY UPDATE) held;
    INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, row_id, evidence_id)
    SELECT l.supplier_id, l.assessment_id, l.question, l.row_id, evidence FROM portal.evidence_link l
     WHERE l.supplier_id = supplier AND l.assessment_id = ANY (drafts) AND l.evidence_id = ANY (older)
        ON CONFLICT DO NOTHING;
    DELETE FROM portal.evidence_link l
     WHERE l.supplier_id = supplier AND l.assessment_id = ANY (drafts) AND l.evidence_id = ANY (older);
    UPDATE portal.assessment a SET change_number = a.change_number + 1, updated_at = portal.clock()
     WHERE a.supplier_id = supplier AND a.id = ANY (drafts);
    RETURN QUERY SELECT unnest(drafts);
END
$$;

-- Which document was said to end when, and how many days before that its supplier was told.
CREATE TABLE portal.evidence_reminder (
    supplier_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    valid_until DATE NOT NULL,
    days INTEGER NOT NULL,
    notice UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_evidence_reminder PRIMARY KEY (supplier_id, evidence_id, valid_until, days),
    CONSTRAINT fk_evidence_reminder_evidence FOREIGN KEY (supplier_id, evidence_id)
        REFERENCES portal.evidence (supplier_id, id) ON DELETE CASCADE
);
ALTER TABLE portal.evidence_reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.evidence_reminder FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.evidence_reminder TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.evidence_reminder FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.evidence_reminder FOR SELECT TO portal_worker USING (true);
GRANT SELECT ON portal.evidence_reminder TO portal_backup, portal_worker;

-- Documents that end within so many days and that something hangs on: an answer of a draft, or what was submitted and
-- stands. A mark that had passed when the document came in is not told, nor one of a revision that has a newer one.
CREATE FUNCTION portal.remind_of_evidence(marks integer[], told uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH reminded AS (
        INSERT INTO portal.evidence_reminder (supplier_id, evidence_id, valid_until, days, notice)
        SELECT e.supplier_id, e.id, e.valid_until, due.days, told
          FROM portal.evidence e
         CROSS JOIN (SELECT (portal.clock() AT TIME ZONE 'UTC')::date AS day) today
         CROSS JOIN LATERAL (
               SELECT min(m) AS days FROM unnest(marks) m WHERE e.valid_until - today.day <= m) due
         WHERE e.state = 'available' AND e.valid_until >= today.day AND e.valid_until <= today.day + 400
           AND due.days IS NOT NULL
           AND (e.created_at AT TIME ZONE 'UTC')::date < e.valid_until - due.days
           AND portal.find_newest_revision(e.supplier_id, e.id) = e.id
           AND (EXISTS (SELECT FROM portal.evidence_link l
                          JOIN portal.assessment a ON a.supplier_id = l.supplier_id AND a.id = l.assessment_id
                         WHERE l.supplier_id = e.supplier_id AND l.evidence_id = e.id AND a.state = 'draft')
                OR EXISTS (SELECT FROM portal.submission_evidence f
                             JOIN portal.submission s ON s.supplier_id = f.supplier_id AND s.id = f.submission_id
                            WHERE f.supplier_id = e.supplier_id AND f.evidence_id = e.id AND s.state = 'current'))
            ON CONFLICT DO NOTHING
        RETURNING supplier_id)
    SELECT DISTINCT supplier_id FROM reminded
$$;

REVOKE EXECUTE ON FUNCTION portal.find_newest_revision(uuid, uuid), portal.settle_revision(uuid, uuid),
    portal.remind_of_evidence(integer[], uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_newest_revision(uuid, uuid) TO portal_app, portal_worker;
GRANT EXECUTE ON FUNCTION portal.settle_revision(uuid, uuid), portal.remind_of_evidence(integer[], uuid)
    TO portal_worker;
