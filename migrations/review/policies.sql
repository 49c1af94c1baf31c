-- A share of an engagement opens the documents of its sections; any other share with documents opens all of them.
CREATE FUNCTION portal.may_read_document(supplier uuid, submission uuid, wanted text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.share s JOIN portal.submission b ON b.supplier_id = s.supplier_id
         WHERE s.supplier_id = supplier AND s.buyer_id = portal.current_organization()
           AND b.id = submission AND s.include_evidence AND (NOT s.sections_only OR wanted = ANY (s.sections))
           AND portal.share_is_live(s) AND portal.share_covers(s, b))
$$;
DROP POLICY app_shared ON portal.submission_evidence;
CREATE POLICY app_shared ON portal.submission_evidence FOR SELECT TO portal_app
    USING (portal.may_read_document(supplier_id, submission_id, section));
-- What a whole submission's documents hang on: shares that open all of them.
CREATE OR REPLACE FUNCTION portal.may_read_submission_evidence(supplier uuid, submission uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.share s JOIN portal.submission b ON b.supplier_id = s.supplier_id
         WHERE s.supplier_id = supplier AND s.buyer_id = portal.current_organization()
           AND b.id = submission AND s.include_evidence AND NOT s.sections_only
           AND portal.share_is_live(s) AND portal.share_covers(s, b))
$$;
-- Whoever may read a document may read the redacted one that took its place; whose finding is disputed, what the
-- supplier brings against it.
CREATE OR REPLACE FUNCTION portal.may_read_evidence(supplier uuid, document uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.submission_evidence e
         WHERE e.supplier_id = supplier AND e.evidence_id = document
           AND portal.may_read_document(supplier, e.submission_id, e.section))
        OR EXISTS (
        SELECT FROM portal.evidence n
          JOIN portal.evidence o ON o.supplier_id = n.supplier_id AND o.revision < n.revision
           AND o.lineage = n.lineage
          JOIN portal.submission_evidence e ON e.supplier_id = o.supplier_id AND e.evidence_id = o.id
         WHERE n.supplier_id = supplier AND n.id = document AND n.redacts AND n.state = 'available'
           AND portal.may_read_document(supplier, e.submission_id, e.section))
        OR EXISTS (
        SELECT FROM portal.dispute d
         WHERE d.supplier_id = supplier AND document = ANY (d.documents)
           AND d.reviewer_id = portal.current_organization()
           AND portal.may_read_section(supplier, d.submission_id, d.section))
$$;

-- Those whom the operator has approved as reviewers, which is no secret: whoever engages one chooses from them.
CREATE FUNCTION portal.list_reviewers() RETURNS TABLE (reviewer_id uuid, name text, country text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name, o.country FROM portal.organization o
      JOIN portal.organization_role r ON r.organization_id = o.id AND r.role = 'reviewer' AND r.status = 'active'
     WHERE o.status = 'active' AND portal.current_organization() IS NOT NULL
$$;
-- Whether the caller reads a submission as an engaged third party now.
CREATE FUNCTION portal.is_engaged(supplier uuid, submission uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.engagement e
          JOIN portal.share s ON s.supplier_id = e.supplier_id AND s.id = e.share_id
         WHERE e.supplier_id = supplier AND e.submission_id = submission
           AND e.reviewer_id = portal.current_organization() AND e.ended_at IS NULL AND portal.share_is_live(s))
$$;

-- An organization is named to another one only through a link, a request, a share or an engagement between the two; a
-- third party also to those who read what it stated. A buyer's own reviewer is named to no other buyer.
CREATE OR REPLACE FUNCTION portal.is_related(other uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.supplier_record r
                    WHERE r.buyer_id = portal.current_organization() AND r.supplier_id = other)
        OR EXISTS (SELECT FROM portal.supplier_record r
                    WHERE r.buyer_id = other AND r.supplier_id = portal.current_organization())
        OR EXISTS (SELECT FROM portal.share s
                    WHERE s.supplier_id = portal.current_organization() AND s.buyer_id = other)
        OR EXISTS (SELECT FROM portal.read_receipt x
                    WHERE x.supplier_id = portal.current_organization() AND x.reader_id = other)
        OR EXISTS (SELECT FROM portal.engagement e
                    WHERE e.supplier_id = portal.current_organization() AND other IN (e.reviewer_id, e.proposer_id))
        OR EXISTS (SELECT FROM portal.engagement e
                    WHERE e.reviewer_id = portal.current_organization() AND other IN (e.supplier_id, e.proposer_id))
        OR EXISTS (SELECT FROM portal.engagement e
                    WHERE e.proposer_id = portal.current_organization() AND other IN (e.supplier_id, e.reviewer_id))
        OR EXISTS (SELECT FROM portal.assurance_statement a
                    WHERE a.reviewer_id = other AND a.is_third_party
                      AND portal.may_read_submission(a.supplier_id, a.submission_id))
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['engagement', 'assurance_statement', 'assurance_finding', 'assurance_summary',
                                'assurance_section', 'clarification', 'clarification_item', 'dispute',
                                'dispute_comment'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup, portal_app', name);
        -- Policies of a table are tried from the last name to the first: own rows are not looked up among the shares.
        EXECUTE format('CREATE POLICY supplier_read ON portal.%I FOR SELECT TO portal_app'
                       ' USING (supplier_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;

-- Engagements: each party sees it; what becomes of it is decided in `answer_engagement` alone.
GRANT INSERT (supplier_id, id, submission_id, reviewer_id, proposer_id, questionnaire, period_start, period_end, sections,
              include_evidence, purpose, until, proposed_by, consented_at) ON portal.engagement TO portal_app;
CREATE POLICY proposer_read ON portal.engagement FOR SELECT TO portal_app
    USING (proposer_id = (SELECT portal.current_organization()));
CREATE POLICY reviewer_read ON portal.engagement FOR SELECT TO portal_app
    USING (reviewer_id = (SELECT portal.current_organization()));
CREATE POLICY proposer_insert ON portal.engagement FOR INSERT TO portal_app
    WITH CHECK (proposer_id = (SELECT portal.current_organization())
        AND reviewer_id IN (SELECT l.reviewer_id FROM portal.list_reviewers() l)
        AND CASE WHEN supplier_id = proposer_id THEN consented_at IS NOT NULL
                 ELSE consented_at IS NULL AND portal.may_read_submission(supplier_id, submission_id) END);

-- Statements: by whoever reads the submission, of the sections that it reads; for ever as they were made.
GRANT INSERT (supplier_id, id, submission_id, reviewer_id, is_third_party, as_of, remark, made_by)
    ON portal.assurance_statement TO portal_app;
GRANT INSERT ON portal.assurance_finding TO portal_app;
-- Whoever reads none of its findings knows nothing of a statement but what the shares of points say.
CREATE POLICY reader_read ON portal.assurance_statement FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.assurance_finding f
                    WHERE f.supplier_id = assurance_statement.supplier_id AND f.statement_id = assurance_statement.id
                      AND portal.may_read_section(f.supplier_id, f.submission_id, f.section)));
CREATE POLICY reader_read ON portal.assurance_finding FOR SELECT TO portal_app
    USING (portal.may_read_section(supplier_id, submission_id, section));
CREATE POLICY reviewer_insert ON portal.assurance_statement FOR INSERT TO portal_app
    WITH CHECK (reviewer_id = (SELECT portal.current_organization())
        AND portal.may_read_submission(supplier_id, submission_id)
        AND is_third_party = portal.is_engaged(supplier_id, submission_id));
CREATE POLICY reviewer_insert ON portal.assurance_finding FOR INSERT TO portal_app
    WITH CHECK (reviewer_id = (SELECT portal.current_organization())
        AND portal.may_read_section(supplier_id, submission_id, section)
        AND is_third_party = portal.is_engaged(supplier_id, submission_id));
CREATE POLICY reader_read ON portal.assurance_summary FOR SELECT TO portal_app
    USING (portal.may_read_submission(supplier_id, submission_id));
CREATE POLICY reader_read ON portal.assurance_section FOR SELECT TO portal_app
    USING (portal.may_read_section(supplier_id, submission_id, section));

-- Clarifications: between the supplier and the one who asks, while that one reads what it asks about.
GRANT INSERT (supplier_id, id, submission_id, asker_id, round, message, due_on, asked_by),
      UPDATE (state, reply, reply_submission_id, closed_at) ON portal.clarification TO portal_app;
GRANT INSERT ON portal.clarification_item TO portal_app;
CREATE POLICY asker_read ON portal.clarification FOR SELECT TO portal_app
    USING (asker_id = (SELECT portal.current_organization())
        AND portal.may_read_submission(supplier_id, submission_id));
CREATE POLICY asker_read ON portal.clarification_item FOR SELECT TO portal_app
    USING (portal.may_read_section(supplier_id, submission_id, section)
        AND EXISTS (SELECT FROM portal.clarification c
                     WHERE c.supplier_id = clarification_item.supplier_id
                       AND c.id = clarification_item.clarification_id
                       AND c.asker_id = (SELECT portal.current_organization())));
CREATE POLICY asker_insert ON portal.clarification FOR INSERT TO portal_app
    WITH CHECK (asker_id = (SELECT portal.current_organization())
        AND portal.may_read_submission(supplier_id, submission_id));
CREATE POLICY asker_insert ON portal.clarification_item FOR INSERT TO portal_app
    WITH CHECK (portal.may_read_section(supplier_id, submission_id, section)
        AND EXISTS (SELECT FROM portal.clarification c
                     WHERE c.supplier_id = clarification_item.supplier_id
                       AND c.id = clarification_item.clarification_id
                       AND c.submission_id = clarification_item.submission_id
                       AND c.asker_id = (SELECT portal.current_organization())));
CREATE POLICY supplier_update ON portal.clarification FOR UPDATE TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()) AND state = 'open')
    WITH CHECK (supplier_id = (SELECT portal.current_organization()) AND state IN ('open', 'replied', 'revised'));
CREATE POLICY asker_update ON portal.clarification FOR UPDATE TO portal_app
    USING (asker_id = (SELECT portal.current_organization()) AND state = 'open')
    WITH CHECK (asker_id = (SELECT portal.current_organization()) AND state IN ('open', 'withdrawn'));

-- Disputes: opened by the supplier, closed by the reviewer's next statement or by the supplier, seen beside the finding.
GRANT INSERT (supplier_id, id, submission_id, reviewer_id, statement_id, section, question, row_id, reason, documents,
              opened_by), UPDATE (state, decided_by_statement, closed_at) ON portal.dispute TO portal_app;
GRANT INSERT (supplier_id, id, dispute_id, author_id, body, made_by) ON portal.dispute_comment TO portal_app;
CREATE POLICY reader_read ON portal.dispute FOR SELECT TO portal_app
    USING (portal.may_read_section(supplier_id, submission_id, section));
CREATE POLICY reader_read ON portal.dispute_comment FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.dispute d
                    WHERE d.supplier_id = dispute_comment.supplier_id AND d.id = dispute_comment.dispute_id));
CREATE POLICY supplier_insert ON portal.dispute FOR INSERT TO portal_app
    WITH CHECK (supplier_id = (SELECT portal.current_organization())
        AND EXISTS (SELECT FROM portal.assurance_finding f
                     WHERE f.supplier_id = dispute.supplier_id AND f.statement_id = dispute.statement_id
                       AND f.question = dispute.question AND f.row_id = dispute.row_id
                       AND f.submission_id = dispute.submission_id AND f.section = dispute.section
                       AND f.reviewer_id = dispute.reviewer_id));
CREATE POLICY supplier_update ON portal.dispute FOR UPDATE TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()) AND state = 'open')
    WITH CHECK (supplier_id = (SELECT portal.current_organization()) AND state IN ('open', 'withdrawn'));
CREATE POLICY reviewer_update ON portal.dispute FOR UPDATE TO portal_app
    USING (reviewer_id = (SELECT portal.current_organization()) AND state = 'open')
    WITH CHECK (reviewer_id = (SELECT portal.current_organization()) AND state <> 'withdrawn');
CREATE POLICY party_insert ON portal.dispute_comment FOR INSERT TO portal_app
    WITH CHECK (author_id = (SELECT portal.current_organization())
        AND EXISTS (SELECT FROM portal.dispute d
                     WHERE d.supplier_id = dispute_comment.supplier_id AND d.id = dispute_comment.dispute_id
                       AND (SELECT portal.current_organization()) IN (d.supplier_id, d.reviewer_id)));

-- The worker: letters, and the summaries.
GRANT SELECT ON portal.engagement, portal.assurance_statement, portal.assurance_finding, portal.clarification,
    portal.clarification_item, portal.dispute, portal.assurance_summary, portal.assurance_section TO portal_worker;
GRANT INSERT, DELETE ON portal.assurance_summary, portal.assurance_section TO portal_worker;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['engagement', 'assurance_statement', 'assurance_finding', 'clarification',
                                'clarification_item', 'dispute'] LOOP
        EXECUTE format('CREATE POLICY worker_read ON portal.%I FOR SELECT TO portal_worker USING (true)', name);
    END LOOP;
END
$$;
CREATE POLICY worker_all ON portal.assurance_summary TO portal_worker USING (true) WITH CHECK (true);
CREATE POLICY worker_all ON portal.assurance_section TO portal_worker USING (true) WITH CHECK (true);

REVOKE EXECUTE ON FUNCTION portal.may_read_document(uuid, uuid, text), portal.list_reviewers(),
    portal.is_engaged(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.may_read_document(uuid, uuid, text), portal.list_reviewers(),
    portal.is_engaged(uuid, uuid) TO portal_app;
