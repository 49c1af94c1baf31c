-- Each item of a clarification round has a reply of its own, which stands once it is given.
ALTER TABLE portal.clarification_item ADD COLUMN reply TEXT, ADD COLUMN replied_at TIMESTAMP WITH TIME ZONE;
-- Whoever asks writes no reply.
REVOKE INSERT ON portal.clarification_item FROM portal_app;
GRANT INSERT (supplier_id, clarification_id, submission_id, section, question, row_id, evidence_id, text),
      UPDATE (reply, replied_at) ON portal.clarification_item TO portal_app;
CREATE POLICY supplier_update ON portal.clarification_item FOR UPDATE TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()) AND reply IS NULL
        AND EXISTS (SELECT FROM portal.clarification c
                     WHERE c.supplier_id = clarification_item.supplier_id
                       AND c.id = clarification_item.clarification_id AND c.state = 'open'))
    WITH CHECK (supplier_id = (SELECT portal.current_organization()));
