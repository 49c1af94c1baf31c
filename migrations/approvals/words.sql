-- The operator reads the words of scoring profiles, too: titles of bands, and why a rule is critical.
DROP FUNCTION portal.list_questionnaire_approvals(integer);
CREATE FUNCTION portal.list_questionnaire_approvals(most integer)
    RETURNS TABLE (questionnaire text, version text, content_hash text, organization_id uuid, organization_name text,
                   asked_at timestamptz, document text, profiles text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT q.key, v.version, v.content_hash, o.id, o.name, v.approval_asked_at, v.document,
           ARRAY(SELECT p.document FROM portal.scoring_profile p
                  WHERE p.questionnaire = v.questionnaire AND p.version = v.version ORDER BY p.number)
      FROM portal.questionnaire_version v
      JOIN portal.questionnaire q ON q.key = v.questionnaire
      JOIN portal.organization o ON o.id = q.owner_id
     WHERE v.approval = 'asked' ORDER BY v.approval_asked_at, q.key, v.version LIMIT most;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.list_questionnaire_approvals(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_questionnaire_approvals(integer) TO portal_app;

-- Whoever answers a version goes on reading it; of a public questionnaire that is no right to those that wait.
CREATE FUNCTION portal.answers_version(wanted text, wanted_version text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.assessment a
                    WHERE a.supplier_id = portal.current_organization() AND a.questionnaire = wanted
                      AND a.version = wanted_version)
$$;
REVOKE EXECUTE ON FUNCTION portal.answers_version(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.answers_version(text, text) TO portal_app;
ALTER POLICY read ON portal.questionnaire_version
    USING (EXISTS (SELECT FROM portal.questionnaire q
                    WHERE q.key = questionnaire_version.questionnaire
                      AND (q.owner_id IS NULL OR q.visibility <> 'public'
                           OR questionnaire_version.approval = 'approved'
                           OR q.owner_id = (SELECT portal.current_organization())
                           OR portal.answers_version(q.key, questionnaire_version.version))));
