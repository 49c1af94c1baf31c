-- Organizations translate their own questionnaires. What everybody would read waits for the operator, as versions do.
ALTER TABLE portal.questionnaire_translation
    ALTER COLUMN file_hash DROP NOT NULL,
    ADD COLUMN approval TEXT COLLATE "C",
    ADD COLUMN approval_reason TEXT,
    ADD COLUMN approval_asked_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_questionnaire_translation_approval CHECK (approval IN ('asked', 'approved', 'refused')),
    ADD CONSTRAINT ck_questionnaire_translation_shown CHECK (NOT is_current OR coalesce(approval, 'approved') = 'approved');
CREATE UNIQUE INDEX uq_questionnaire_translation_held ON portal.questionnaire_translation (questionnaire, locale)
    WHERE approval IN ('asked', 'refused');
CREATE INDEX ix_questionnaire_translation_asked ON portal.questionnaire_translation (approval_asked_at)
    WHERE approval = 'asked';

ALTER POLICY read ON portal.questionnaire_translation
    USING (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = questionnaire_translation.questionnaire
                      AND (coalesce(questionnaire_translation.approval, 'approved') = 'approved'
                           OR q.owner_id = (SELECT portal.current_organization()))));

-- The one way to hand a translation in: its hash is that of what is kept, and nobody's row but the caller's is touched.
-- It is shown at once, unless everybody sees the questionnaire, or soon may, and it says what was not shown before.
CREATE FUNCTION portal.keep_translation(wanted_key text, wanted_locale text, content text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    hash text;
    given jsonb;
    shown jsonb;
    is_public boolean;
BEGIN
    PERFORM FROM portal.questionnaire q
     WHERE q.key = wanted_key AND q.owner_id = portal.current_organization() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- By itself, so that it sees what was committed while the lock was waited for.
    SELECT q.visibility = 'public' OR EXISTS (SELECT FROM portal.questionnaire_version v
                                               WHERE v.questionnaire = q.key AND v.approval = 'asked')
      INTO is_public FROM portal.questionnaire q WHERE q.key = wanted_key;
    hash := encode(sha256(convert_to(content, 'UTF8')), 'hex');
    given := content::jsonb;
    IF given ->> 'questionnaire' IS DISTINCT FROM wanted_key OR given ->> 'locale' IS DISTINCT FROM wanted_locale THEN
        RETURN NULL;
    END IF;
    SELECT t.document::jsonb INTO shown FROM portal.questionnaire_translation t
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.is_current;
    DELETE FROM portal.questionnaire_translation t
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.approval IN ('asked', 'refused')
       AND t.content_hash <> hash;
    IF is_public AND NOT coalesce((given -> 'entries') <@ (shown -> 'entries'), false) THEN
        INSERT INTO portal.questionnaire_translation AS t (content_hash, questionnaire, locale, document, is_packaged,
                                                           is_current, approval, approval_asked_at)
        VALUES (hash, wanted_key, wanted_locale, content, false, false, 'asked', portal.clock())
        ON CONFLICT (content_hash) DO UPDATE
           SET approval = 'asked', approval_reason = NULL, approval_asked_at = portal.clock(),
               published_at = portal.clock()
         WHERE t.approval IS DISTINCT FROM 'asked';
        RETURN 'asked';
    END IF;
    UPDATE portal.questionnaire_translation t SET is_current = false
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.is_current AND t.content_hash <> hash;
    INSERT INTO portal.questionnaire_translation (content_hash, questionnaire, locale, document, is_packaged, is_current)
    VALUES (hash, wanted_key, wanted_locale, content, false, true)
    ON CONFLICT (content_hash) DO UPDATE
       SET is_current = true, approval = NULL, approval_reason = NULL, approval_asked_at = NULL,
           published_at = portal.clock();
    RETURN 'shown';
END
$$;

-- From then on the source is shown; what was shown before stays under its hash.
CREATE FUNCTION portal.drop_translation(wanted_key text, wanted_locale text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    changed integer;
    held integer;
BEGIN
    PERFORM FROM portal.questionnaire q
     WHERE q.key = wanted_key AND q.owner_id = portal.current_organization() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE portal.questionnaire_translation t SET is_current = false
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.is_current;
    GET DIAGNOSTICS changed = ROW_COUNT;
    DELETE FROM portal.questionnaire_translation t
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.approval IN ('asked', 'refused');
    GET DIAGNOSTICS held = ROW_COUNT;
    RETURN changed + held > 0;
END
$$;

-- While the operator has not said yes, the question can be taken back: nobody but the owner and its suppliers reads the
-- version then, and what is translated is shown to them at once, as of everything private.
CREATE FUNCTION portal.withdraw_questionnaire_approval(wanted_key text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM FROM portal.questionnaire q
     WHERE q.key = wanted_key AND q.owner_id = portal.current_organization() AND q.visibility <> 'public' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE portal.questionnaire_version v SET approval = NULL, approval_asked_at = NULL
     WHERE v.questionnaire = wanted_key AND v.approval = 'asked';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE portal.questionnaire_translation t SET is_current = false
     WHERE t.questionnaire = wanted_key AND t.is_current
       AND EXISTS (SELECT FROM portal.questionnaire_translation a
                    WHERE a.questionnaire = t.questionnaire AND a.locale = t.locale AND a.approval = 'asked');
    UPDATE portal.questionnaire_translation t SET is_current = true, approval = NULL, approval_asked_at = NULL
     WHERE t.questionnaire = wanted_key AND t.approval = 'asked';
    RETURN true;
END
$$;

-- The operator reads each text beside the one it was made from: all versions are told, those that everybody sees or
-- that wait first, the highest before the others.
CREATE FUNCTION portal.list_translation_approvals(most integer)
    RETURNS TABLE (questionnaire text, locale text, content_hash text, organization_id uuid, organization_name text,
                   asked_at timestamptz, document text, shown text, sources text[], profiles text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT q.key, t.locale, t.content_hash, o.id, o.name, t.approval_asked_at, t.document,
           (SELECT c.document FROM portal.questionnaire_translation c
             WHERE c.questionnaire = q.key AND c.locale = t.locale AND c.is_current),
           ARRAY(SELECT v.document FROM portal.questionnaire_version v WHERE v.questionnaire = q.key
                  ORDER BY coalesce(v.approval IN ('asked', 'approved'), false) DESC,
                           string_to_array(v.version, '.')::integer[] DESC),
           ARRAY(SELECT p.document FROM portal.scoring_profile p WHERE p.questionnaire = q.key ORDER BY p.number DESC)
      FROM portal.questionnaire_translation t
      JOIN portal.questionnaire q ON q.key = t.questionnaire
      JOIN portal.organization o ON o.id = q.owner_id
     WHERE t.approval = 'asked' ORDER BY t.approval_asked_at, q.key, t.locale LIMIT most;
END
$$;

-- Of exactly what was read: another hand-in meanwhile has another hash, and waits anew.
CREATE FUNCTION portal.decide_translation(event uuid, wanted_key text, wanted_locale text, hash text, decision text, why text)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    owner uuid;
BEGIN
    PERFORM portal.require_operator();
    SELECT q.owner_id INTO owner FROM portal.questionnaire q
     WHERE q.key = wanted_key AND q.owner_id IS NOT NULL FOR UPDATE;
    UPDATE portal.questionnaire_translation t SET approval = decision, approval_reason = why
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.content_hash = hash AND t.approval = 'asked'
       AND decision IN ('approved', 'refused');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF decision = 'approved' THEN
        UPDATE portal.questionnaire_translation t SET is_current = false
         WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.is_current;
        UPDATE portal.questionnaire_translation t SET is_current = true WHERE t.content_hash = hash;
    END IF;
    PERFORM portal.note_operator_act(event, owner, 'translation.' || decision, wanted_key,
                                     jsonb_build_object('locale', wanted_locale, 'content_hash', hash, 'reason', why));
    RETURN true;
END
$$;

-- With a version the operator reads what it is translated to: from its approval on everybody may read that, too.
DROP FUNCTION portal.list_questionnaire_approvals(integer);
CREATE FUNCTION portal.list_questionnaire_approvals(most integer)
    RETURNS TABLE (questionnaire text, version text, content_hash text, organization_id uuid, organization_name text,
                   asked_at timestamptz, document text, profiles text[], translations text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT q.key, v.version, v.content_hash, o.id, o.name, v.approval_asked_at, v.document,
           ARRAY(SELECT p.document FROM portal.scoring_profile p
                  WHERE p.questionnaire = v.questionnaire AND p.version = v.version ORDER BY p.number),
           ARRAY(SELECT t.document FROM portal.questionnaire_translation t
                  WHERE t.questionnaire = v.questionnaire AND t.is_current ORDER BY t.locale)
      FROM portal.questionnaire_version v
      JOIN portal.questionnaire q ON q.key = v.questionnaire
      JOIN portal.organization o ON o.id = q.owner_id
     WHERE v.approval = 'asked' ORDER BY v.approval_asked_at, q.key, v.version LIMIT most;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.keep_translation(text, text, text), portal.drop_translation(text, text),
    portal.list_translation_approvals(integer), portal.decide_translation(uuid, text, text, text, text, text),
    portal.list_questionnaire_approvals(integer), portal.withdraw_questionnaire_approval(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.keep_translation(text, text, text), portal.drop_translation(text, text),
    portal.list_translation_approvals(integer), portal.decide_translation(uuid, text, text, text, text, text),
    portal.list_questionnaire_approvals(integer), portal.withdraw_questionnaire_approval(text) TO portal_app;
