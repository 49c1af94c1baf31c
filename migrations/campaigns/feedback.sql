-- What a buyer says to a submission that it may read, and by when it should have said something.
CREATE TABLE portal.result_feedback (
    supplier_id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT COLLATE "C",
    words TEXT,
    given_at TIMESTAMP WITH TIME ZONE,
    given_by UUID,
    digest_id UUID,
    CONSTRAINT pk_result_feedback PRIMARY KEY (supplier_id, buyer_id, submission_id),
    CONSTRAINT fk_result_feedback_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_result_feedback_buyer_id FOREIGN KEY (buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_result_feedback_state CHECK (state IN ('received', 'thanks', 'questions', 'accepted', 'not_accepted')),
    CONSTRAINT ck_result_feedback_given CHECK ((state IS NULL) = (given_at IS NULL))
);
CREATE INDEX ix_result_feedback_owed ON portal.result_feedback (buyer_id, submission_id, due_at) WHERE given_at IS NULL;
CREATE INDEX ix_result_feedback_submission ON portal.result_feedback (supplier_id, submission_id);
CREATE INDEX ix_result_feedback_untold ON portal.result_feedback (due_at) WHERE given_at IS NULL AND digest_id IS NULL;
ALTER TABLE portal.result_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.result_feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.result_feedback TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.result_feedback FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.result_feedback TO portal_worker USING (true) WITH CHECK (true);
CREATE POLICY supplier_read ON portal.result_feedback FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_read ON portal.result_feedback FOR SELECT TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_insert ON portal.result_feedback FOR INSERT TO portal_app
    WITH CHECK (buyer_id = (SELECT portal.current_organization()) AND supplier_id <> buyer_id
                AND portal.may_read_submission(supplier_id, submission_id));
CREATE POLICY buyer_update ON portal.result_feedback FOR UPDATE TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()) AND portal.may_read_submission(supplier_id, submission_id))
    WITH CHECK (buyer_id = (SELECT portal.current_organization()));
GRANT SELECT ON portal.result_feedback TO portal_app, portal_backup, portal_worker;
GRANT INSERT (supplier_id, buyer_id, submission_id, due_at, state, words, given_at, given_by),
    UPDATE (state, words, given_at, given_by) ON portal.result_feedback TO portal_app;
GRANT UPDATE (digest_id) ON portal.result_feedback TO portal_worker;

-- Note what a supplier lets a buyer read, or all of its buyers where none is named: feedback is owed for it some days
-- after the buyer could read it. What was noted stays as it is.
CREATE FUNCTION portal.note_received_results(supplier uuid, buyer uuid, days integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.result_feedback (supplier_id, buyer_id, submission_id, received_at, due_at)
    SELECT h.supplier_id, h.buyer_id, b.id, min(greatest(h.starts_at, b.submitted_at)),
           min(greatest(h.starts_at, b.submitted_at)) + make_interval(days => days)
      FROM portal.share h
      JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
       AND b.subject_key = h.subject_key AND b.state = 'current' AND portal.share_covers(h, b)
     WHERE h.supplier_id = supplier AND (buyer IS NULL OR h.buyer_id = buyer) AND h.revoked_at IS NULL
       AND (h.until IS NULL OR portal.clock() < h.until)
     GROUP BY h.supplier_id, h.buyer_id, b.id
    ON CONFLICT DO NOTHING
$$;
REVOKE EXECUTE ON FUNCTION portal.note_received_results(uuid, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_received_results(uuid, uuid, integer) TO portal_worker;

-- Whether a buyer may read a submission through a live share, as its supplier may know, too.
CREATE FUNCTION portal.is_shown_to(supplier uuid, buyer uuid, submission uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT (SELECT portal.current_organization()) IN (supplier, buyer) AND EXISTS (
        SELECT FROM portal.share h JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.id = submission
         WHERE h.supplier_id = supplier AND h.buyer_id = buyer AND h.questionnaire = b.questionnaire
           AND b.state = 'current' AND portal.share_is_live(h) AND portal.share_covers(h, b))
$$;
REVOKE EXECUTE ON FUNCTION portal.is_shown_to(uuid, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.is_shown_to(uuid, uuid, uuid) TO portal_app;

-- What is shared by now counts from today on, so that nobody owes feedback overnight.
INSERT INTO portal.result_feedback (supplier_id, buyer_id, submission_id, received_at, due_at)
SELECT h.supplier_id, h.buyer_id, b.id, min(greatest(h.starts_at, b.submitted_at)),
       portal.clock() + interval '30 days'
  FROM portal.share h
  JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
   AND b.subject_key = h.subject_key AND b.state = 'current' AND portal.share_covers(h, b)
 WHERE h.revoked_at IS NULL AND (h.until IS NULL OR portal.clock() < h.until)
 GROUP BY h.supplier_id, h.buyer_id, b.id;

-- Of contacts that letters do not reach their buyer hears once, in a digest.
ALTER TABLE portal.supplier_contact ADD COLUMN digest_id UUID;
GRANT UPDATE (digest_id) ON portal.supplier_contact TO portal_worker;
CREATE INDEX ix_supplier_contact_untold ON portal.supplier_contact (buyer_id)
    WHERE bounced_at IS NOT NULL AND digest_id IS NULL;
CREATE INDEX ix_supplier_contact_digest ON portal.supplier_contact (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX ix_result_feedback_digest ON portal.result_feedback (digest_id) WHERE digest_id IS NOT NULL;
-- A contact that is reached again and then no more is news again.
CREATE FUNCTION portal.forget_digest() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.digest_id := NULL;
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.forget_digest() FROM PUBLIC;
CREATE TRIGGER forget_digest BEFORE UPDATE OF bounced_at ON portal.supplier_contact FOR EACH ROW
    WHEN (OLD.bounced_at IS DISTINCT FROM NEW.bounced_at) EXECUTE FUNCTION portal.forget_digest();
