-- Who sees and writes questionnaires of organizations.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['publisher', 'questionnaire_draft'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON portal.publisher TO portal_app;
CREATE POLICY own_rows ON portal.publisher TO portal_app USING (organization_id = (SELECT portal.current_organization()))
    WITH CHECK (organization_id = (SELECT portal.current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON portal.questionnaire_draft TO portal_app;
CREATE POLICY own_rows ON portal.questionnaire_draft TO portal_app USING (owner_id = (SELECT portal.current_organization()))
    WITH CHECK (owner_id = (SELECT portal.current_organization()));

-- Whoever was asked, or answers already, goes on seeing the questionnaire, whatever becomes of it.
CREATE FUNCTION portal.was_asked(wanted text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.request r
                    WHERE r.supplier_id = portal.current_organization() AND r.questionnaire = wanted)
        OR EXISTS (SELECT FROM portal.assessment a
                    WHERE a.supplier_id = portal.current_organization() AND a.questionnaire = wanted)
$$;

DROP POLICY read ON portal.questionnaire;
DROP POLICY read ON portal.questionnaire_version;
DROP POLICY read ON portal.scoring_profile;
CREATE POLICY read ON portal.questionnaire FOR SELECT TO portal_app
    USING (visibility = 'public' OR owner_id = (SELECT portal.current_organization())
           OR (visibility = 'connected' AND portal.is_linked_buyer(owner_id)) OR portal.was_asked(key));
-- Of a public one of an organization, everybody else sees the versions that the operator approved.
CREATE POLICY read ON portal.questionnaire_version FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.questionnaire q
                    WHERE q.key = questionnaire_version.questionnaire
                      AND (q.owner_id IS NULL OR q.visibility <> 'public'
                           OR questionnaire_version.approval = 'approved'
                           OR q.owner_id = (SELECT portal.current_organization()) OR portal.was_asked(q.key))));
CREATE POLICY read ON portal.scoring_profile FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.questionnaire_version v
                    WHERE v.questionnaire = scoring_profile.questionnaire AND v.version = scoring_profile.version));
-- Letters name the questionnaire that is asked for.
CREATE POLICY worker_read ON portal.questionnaire FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_read ON portal.questionnaire_version FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_read ON portal.scoring_profile FOR SELECT TO portal_worker USING (true);

-- An organization publishes under its own name, never to everybody by itself, and never changes what is published.
GRANT INSERT (key, owner_id, title, purpose, visibility), UPDATE (title, purpose, current_version)
    ON portal.questionnaire TO portal_app;
GRANT INSERT (questionnaire, version, content_hash, locale, document, approval, approval_asked_at),
      UPDATE (deprecated_on, retired_on) ON portal.questionnaire_version TO portal_app;
GRANT INSERT (questionnaire, version, number, content_hash, document) ON portal.scoring_profile TO portal_app;
CREATE POLICY owner_insert ON portal.questionnaire FOR INSERT TO portal_app
    WITH CHECK (owner_id = (SELECT portal.current_organization()) AND visibility <> 'public'
                AND EXISTS (SELECT FROM portal.publisher p WHERE p.organization_id = questionnaire.owner_id
                               AND starts_with(questionnaire.key, p.name || '--')));
CREATE POLICY owner_update ON portal.questionnaire FOR UPDATE TO portal_app
    USING (owner_id = (SELECT portal.current_organization())) WITH CHECK (owner_id = (SELECT portal.current_organization()));
CREATE POLICY owner_insert ON portal.questionnaire_version FOR INSERT TO portal_app
    WITH CHECK (coalesce(approval, 'asked') = 'asked'
                AND EXISTS (SELECT FROM portal.questionnaire q
                             WHERE q.key = questionnaire_version.questionnaire
                               AND q.owner_id = (SELECT portal.current_organization())));
CREATE POLICY owner_update ON portal.questionnaire_version FOR UPDATE TO portal_app
    USING (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = questionnaire_version.questionnaire
                      AND q.owner_id = (SELECT portal.current_organization())));
CREATE POLICY owner_insert ON portal.scoring_profile FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = scoring_profile.questionnaire
                           AND q.owner_id = (SELECT portal.current_organization())));

-- What a buyer asks for it must see: the request lets its supplier see the questionnaire.
CREATE POLICY app_published ON portal.request AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = request.questionnaire));
-- Results of a questionnaire that is not public go to nobody but its owner: the others could not read the questions.
CREATE POLICY app_published ON portal.share AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = share.questionnaire
                           AND (q.visibility = 'public' OR q.owner_id = share.buyer_id)));

-- Visibility changes through these alone: private and connected as the owner likes, public by the operator and for good.
CREATE FUNCTION portal.set_questionnaire_visibility(wanted_key text, wanted text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.questionnaire q SET visibility = wanted
     WHERE q.key = wanted_key AND q.owner_id = portal.current_organization() AND q.visibility <> 'public'
       AND wanted IN ('private', 'connected');
    RETURN FOUND;
END
$$;

CREATE FUNCTION portal.ask_questionnaire_approval(wanted_key text, wanted_version text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.questionnaire_version v
       SET approval = 'asked', approval_reason = NULL, approval_asked_at = portal.clock()
      FROM portal.questionnaire q
     WHERE q.key = wanted_key AND q.owner_id = portal.current_organization()
       AND v.questionnaire = q.key AND v.version = wanted_version AND v.approval IS DISTINCT FROM 'approved';
    RETURN FOUND;
END
$$;

CREATE FUNCTION portal.list_questionnaire_approvals(most integer)
    RETURNS TABLE (questionnaire text, version text, content_hash text, organization_id uuid, organization_name text,
                   asked_at timestamptz, document text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT q.key, v.version, v.content_hash, o.id, o.name, v.approval_asked_at, v.document
      FROM portal.questionnaire_version v
      JOIN portal.questionnaire q ON q.key = v.questionnaire
      JOIN portal.organization o ON o.id = q.owner_id
     WHERE v.approval = 'asked' ORDER BY v.approval_asked_at, q.key, v.version LIMIT most;
END
$$;

-- The first approval makes the questionnaire public; new assessments start on the highest approved version from then on.
CREATE FUNCTION portal.decide_questionnaire(event uuid, wanted_key text, wanted_version text, decision text, why text)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    owner uuid;
    highest text;
BEGIN
    PERFORM portal.require_operator();
    SELECT q.owner_id INTO owner FROM portal.questionnaire q
     WHERE q.key = wanted_key AND q.owner_id IS NOT NULL FOR UPDATE;
    UPDATE portal.questionnaire_version v SET approval = decision, approval_reason = why
     WHERE v.questionnaire = wanted_key AND v.version = wanted_version AND v.approval = 'asked'
       AND decision IN ('approved', 'refused');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF decision = 'approved' THEN
        SELECT v.version INTO highest FROM portal.questionnaire_version v
         WHERE v.questionnaire = wanted_key AND v.approval = 'approved'
         ORDER BY string_to_array(v.version, '.')::integer[] DESC LIMIT 1;
        UPDATE portal.questionnaire q
           SET visibility = 'public', current_version = highest,
               title = v.document::jsonb #>> '{questionnaire,title}',
               purpose = v.document::jsonb #>> '{questionnaire,purpose}'
          FROM portal.questionnaire_version v
         WHERE q.key = wanted_key AND v.questionnaire = q.key AND v.version = highest;
    END IF;
    PERFORM portal.note_operator_act(event, owner, 'questionnaire.' || decision, wanted_key,
                                     jsonb_build_object('version', wanted_version, 'reason', why));
    RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.was_asked(text), portal.set_questionnaire_visibility(text, text),
    portal.ask_questionnaire_approval(text, text), portal.list_questionnaire_approvals(integer),
    portal.decide_questionnaire(uuid, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.was_asked(text), portal.set_questionnaire_visibility(text, text),
    portal.ask_questionnaire_approval(text, text), portal.list_questionnaire_approvals(integer),
    portal.decide_questionnaire(uuid, text, text, text, text) TO portal_app;
-- A generated column is computed with the rights of whoever inserts.
GRANT EXECUTE ON FUNCTION portal.read_question_kinds(text) TO portal_app;
