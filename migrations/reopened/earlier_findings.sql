-- Whether an answer says the same in two revisions and stands on the same documents; a place without a row is all rows.
-- Told to whoever reads the section in both, also without the documents.
CREATE FUNCTION portal.is_answer_unchanged(supplier uuid, earlier uuid, later uuid, wanted text, asked text, of_row text)
    RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH said AS (
        SELECT c.submission_id, a.question, coalesce(a.row_id, '') AS row_id, a.state, a.texts, a.reason, NULL::uuid AS file
          FROM portal.submission_section c CROSS JOIN portal.list_answers(c.answers) a
         WHERE c.supplier_id = supplier AND c.submission_id IN (earlier, later) AND c.section = wanted
           AND a.question = asked AND of_row IN ('', coalesce(a.row_id, ''))
         UNION ALL
        SELECT e.submission_id, e.question, e.row_id, NULL, NULL, NULL, e.evidence_id
          FROM portal.submission_evidence e
         WHERE e.supplier_id = supplier AND e.submission_id IN (earlier, later) AND e.question = asked
           AND of_row IN ('', e.row_id)
    ), once AS (
        SELECT question, row_id, state, texts, reason, file FROM said
         GROUP BY question, row_id, state, texts, reason, file HAVING count(*) = 1
    )
    SELECT NOT EXISTS (SELECT FROM once)
     WHERE supplier = portal.current_organization()
        OR (portal.may_read_section(supplier, earlier, wanted) AND portal.may_read_section(supplier, later, wanted))
$$;
-- What reviewers stated on earlier revisions of what a submission is about, and have not stated anew since: of each
-- reviewer and answer the newest, but for what was taken back. As far as the caller reads those findings.
CREATE FUNCTION portal.list_earlier_findings(supplier uuid, shown uuid)
    RETURNS TABLE (supplier_id uuid, statement_id uuid, revision integer, section text, question text, row_id text,
                   level text, as_of date, is_third_party boolean, is_unchanged boolean)
    LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT found.supplier_id, found.statement_id, found.revision, found.section, found.question,
           nullif(found.row_id, ''), found.level, found.as_of, found.is_third_party,
           portal.is_answer_unchanged(supplier, found.submission_id, shown, found.section, found.question, found.row_id)
      FROM (SELECT DISTINCT ON (f.reviewer_id, f.question, f.row_id) f.*, e.revision, e.id <> s.id AS is_earlier
              FROM portal.submission s
              JOIN portal.submission e ON e.supplier_id = s.supplier_id AND e.questionnaire = s.questionnaire
               AND e.subject_key = s.subject_key AND e.period_start = s.period_start AND e.period_end = s.period_end
               AND e.revision <= s.revision AND e.state <> 'withdrawn'
              JOIN portal.assurance_finding f ON f.supplier_id = e.supplier_id AND f.submission_id = e.id
             WHERE s.supplier_id = supplier AND s.id = shown
             ORDER BY f.reviewer_id, f.question, f.row_id, e.revision DESC, f.statement_id DESC) found
     WHERE found.is_earlier AND found.level <> 'declared'
$$;
REVOKE EXECUTE ON FUNCTION portal.is_answer_unchanged(uuid, uuid, uuid, text, text, text),
    portal.list_earlier_findings(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.is_answer_unchanged(uuid, uuid, uuid, text, text, text),
    portal.list_earlier_findings(uuid, uuid) TO portal_app;
