-- A translation that was shown once is never deleted: workbooks were handed out in its words. It may be handed in again
-- and wait, and be replaced while it does; then it is again what it was before.
ALTER TABLE portal.questionnaire_translation ADD COLUMN was_shown BOOLEAN DEFAULT false NOT NULL;
UPDATE portal.questionnaire_translation SET was_shown = true WHERE coalesce(approval, 'approved') = 'approved';
ALTER POLICY read ON portal.questionnaire_translation
    USING (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = questionnaire_translation.questionnaire
                      AND (coalesce(questionnaire_translation.approval, 'approved') = 'approved'
                           OR questionnaire_translation.was_shown
                           OR q.owner_id = (SELECT portal.current_organization()))));

CREATE FUNCTION portal.note_shown_translation() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.was_shown := true;
    RETURN NEW;
END
$$;
CREATE TRIGGER note_shown BEFORE INSERT OR UPDATE ON portal.questionnaire_translation
    FOR EACH ROW WHEN (NEW.is_current AND NOT NEW.was_shown) EXECUTE FUNCTION portal.note_shown_translation();
-- Whoever deletes one that was shown takes back the question about it, and no more.
CREATE FUNCTION portal.keep_shown_translation() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE portal.questionnaire_translation t
       SET approval = NULL, approval_reason = NULL, approval_asked_at = NULL
     WHERE t.content_hash = OLD.content_hash;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_shown BEFORE DELETE ON portal.questionnaire_translation
    FOR EACH ROW WHEN (OLD.was_shown AND OLD.approval IN ('asked', 'refused'))
    EXECUTE FUNCTION portal.keep_shown_translation();
REVOKE EXECUTE ON FUNCTION portal.note_shown_translation(), portal.keep_shown_translation() FROM PUBLIC;

-- As before; only what waits is counted before it is deleted, or not.
CREATE OR REPLACE FUNCTION portal.drop_translation(wanted_key text, wanted_locale text) RETURNS boolean
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
    SELECT count(*) INTO held FROM portal.questionnaire_translation t
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.approval IN ('asked', 'refused');
    DELETE FROM portal.questionnaire_translation t
     WHERE t.questionnaire = wanted_key AND t.locale = wanted_locale AND t.approval IN ('asked', 'refused');
    RETURN changed + held > 0;
END
$$;
