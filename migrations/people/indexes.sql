-- What erasing a person, handing out what there is about one, and closing an organization look rows up by: each statement
-- reads the person's or the organization's rows and no table as a whole. Rows that name nobody are not in an index.

-- The one that is written often. A row of it is 100 bytes of log beside 520 of the write, and 7 bytes on disk, since a
-- member's writes share their key; without it an erasure reads every answer that anybody ever gave.
CREATE INDEX ix_answer_write_member ON portal.answer_write (member_id, supplier_id) WHERE member_id IS NOT NULL;
-- A receipt is written once a reading call, by the side of a reading that costs far more.
CREATE INDEX ix_read_receipt_member ON portal.read_receipt (member_id, reader_id) WHERE member_id IS NOT NULL;
-- Acts on people and assignments are a small part of the trail.
CREATE INDEX ix_audit_event_person ON portal.audit_event (object_id) WHERE object_kind = 'user';
CREATE INDEX ix_audit_event_member ON portal.audit_event ((detail ->> 'member')) WHERE detail ->> 'member' IS NOT NULL;

-- These take the place of two that held a part of the same letters: one entry a letter as before, or two with a link.
DROP INDEX portal.ix_mail_of_requests, portal.ix_mail_of_invitations;
CREATE INDEX ix_mail_user ON portal.mail ((ids ->> 'user'), created_at) WHERE ids ->> 'user' IS NOT NULL;
CREATE INDEX ix_mail_invitation ON portal.mail ((ids ->> 'invitation')) WHERE ids ->> 'invitation' IS NOT NULL;
CREATE INDEX ix_mail_registration ON portal.mail ((ids ->> 'registration')) WHERE ids ->> 'registration' IS NOT NULL;
CREATE INDEX ix_mail_change ON portal.mail ((ids ->> 'change')) WHERE ids ->> 'change' IS NOT NULL;
CREATE INDEX ix_mail_farewell ON portal.mail ((ids ->> 'farewell')) WHERE ids ->> 'farewell' IS NOT NULL;
CREATE INDEX ix_outbox_relayed ON portal.outbox (relayed_at) WHERE relayed_at IS NOT NULL;

-- The rest is written by hand, a few rows at a time, or by imports that write ten times as much beside.
CREATE INDEX ix_answer_comment_author ON portal.answer_comment (author_id, supplier_id);
CREATE INDEX ix_answer_comment_resolver ON portal.answer_comment (resolved_by, supplier_id) WHERE resolved_by IS NOT NULL;
CREATE INDEX ix_answer_push_by ON portal.answer_push (pushed_by, supplier_id) WHERE pushed_by IS NOT NULL;
CREATE INDEX ix_api_key_creator ON portal.api_key (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX ix_assignment_by ON portal.assignment (assigned_by, supplier_id) WHERE assigned_by IS NOT NULL;
CREATE INDEX ix_clarification_item_evidence ON portal.clarification_item (supplier_id, evidence_id)
    WHERE evidence_id IS NOT NULL;
CREATE INDEX ix_contact_suggestion_email ON portal.contact_suggestion (email) WHERE email IS NOT NULL;
CREATE INDEX ix_dispute_comment_maker ON portal.dispute_comment (made_by, author_id) WHERE made_by IS NOT NULL;
CREATE INDEX ix_email_change_email ON portal.email_change (email);
CREATE INDEX ix_invitation_email ON portal.invitation (email) WHERE email IS NOT NULL;
CREATE INDEX ix_invitation_creator ON portal.invitation (created_by)
    WHERE kind = 'member' AND used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX ix_registration_email ON portal.registration (email);
CREATE INDEX ix_registration_user ON portal.registration (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ix_session_expires_at ON portal.session (expires_at);
CREATE INDEX ix_session_organization ON portal.session (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX ix_sign_off_member ON portal.sign_off (member_id, supplier_id);
CREATE INDEX ix_sign_off_demander ON portal.sign_off (demanded_by, supplier_id);
CREATE INDEX ix_supplier_segment_owner ON portal.supplier_segment (owner_member) WHERE owner_member IS NOT NULL;
CREATE INDEX ix_webhook_endpoint_creator ON portal.webhook_endpoint (created_by) WHERE created_by IS NOT NULL;
