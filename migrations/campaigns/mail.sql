-- While a letter is with the mail server no transaction is open: this holds it for the one try that has it in hand.
ALTER TABLE portal.mail ADD COLUMN leased_until TIMESTAMP WITH TIME ZONE;

-- A letter that is written again has the same link again.
GRANT UPDATE (expires_at) ON portal.password_reset TO portal_worker;

-- Why nothing more goes to a contact, and since when its buyer knows.
ALTER TABLE portal.supplier_contact ADD COLUMN bounce_reason TEXT COLLATE "C",
    ADD COLUMN bounce_code TEXT COLLATE "C",
    ADD CONSTRAINT ck_supplier_contact_bounce_reason
        CHECK (bounce_reason IN ('refused', 'put_off', 'bad_address', 'wrong_contact'));
UPDATE portal.supplier_contact c
   SET bounce_reason = CASE WHEN EXISTS (
           SELECT FROM portal.invitation i
            WHERE i.organization_id = c.buyer_id AND i.supplier_record_id = c.supplier_record_id AND i.email = c.email
              AND i.refused_at IS NOT NULL) THEN 'wrong_contact' ELSE 'refused' END
 WHERE c.bounced_at IS NOT NULL;

-- A record is as far as its own rows say; "not us" stands until the buyer names somebody else or invites again. An
-- invitation whose letter did not arrive invites nobody.
CREATE FUNCTION portal.settle_records(buyer uuid, records uuid[], reopens boolean) RETURNS void
    LANGUAGE sql SET search_path = '' AS $$
    UPDATE portal.supplier_record r
       SET state = settled.state, updated_at = portal.clock(),
           refusal = CASE WHEN settled.state = 'invited' THEN NULL ELSE r.refusal END
      FROM (SELECT x.id,
                   CASE WHEN x.supplier_id IS NOT NULL THEN 'linked'
                        WHEN EXISTS (SELECT FROM portal.invitation i
                                      WHERE i.organization_id = x.buyer_id AND i.supplier_record_id = x.id
                                        AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
                                        AND NOT EXISTS (
                                            SELECT FROM portal.supplier_contact c
                                             WHERE c.buyer_id = x.buyer_id AND c.supplier_record_id = x.id
                                               AND c.email = i.email AND c.bounced_at IS NOT NULL))
                        THEN 'invited'
                        WHEN x.state = 'refused' AND NOT reopens THEN 'refused'
                        WHEN EXISTS (SELECT FROM portal.supplier_contact c
                                      WHERE c.buyer_id = x.buyer_id AND c.supplier_record_id = x.id
                                        AND c.bounced_at IS NULL)
                        THEN 'has_contact' ELSE 'needs_contact' END AS state
              FROM portal.supplier_record x WHERE x.buyer_id = buyer AND x.id = ANY (records)) settled
     WHERE r.buyer_id = buyer AND r.id = settled.id AND r.state <> settled.state
$$;
REVOKE EXECUTE ON FUNCTION portal.settle_records(uuid, uuid[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.settle_records(uuid, uuid[], boolean) TO portal_app;

-- Whether the letter of an invitation reached the buyer's contact; what a person said of it stands over that.
CREATE FUNCTION portal.note_letter_to_contact(invited uuid, arrived boolean, reason text, code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    contact portal.supplier_contact;
BEGIN
    UPDATE portal.supplier_contact c
       SET bounced_at = CASE WHEN NOT arrived THEN portal.clock() END,
           bounce_reason = CASE WHEN NOT arrived THEN reason END, bounce_code = CASE WHEN NOT arrived THEN code END
      FROM portal.invitation i
     WHERE i.id = invited AND i.kind = 'supplier' AND c.buyer_id = i.organization_id
       AND c.supplier_record_id = i.supplier_record_id AND c.email = i.email
       AND (c.bounced_at IS NOT NULL) = arrived AND c.bounce_reason IS DISTINCT FROM 'wrong_contact'
    RETURNING c.* INTO contact;
    IF FOUND THEN
        PERFORM portal.settle_records(contact.buyer_id, ARRAY[contact.supplier_record_id], false);
        PERFORM portal.refresh_cards(contact.buyer_id, contact.supplier_record_id);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_letter_to_contact(uuid, boolean, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_letter_to_contact(uuid, boolean, text, text) TO portal_worker;

-- As it was, and says why the contact gets nothing more.
CREATE OR REPLACE FUNCTION portal.refuse_supplier_invitation(secret_hash bytea, why text, remark text)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    invited portal.invitation;
    said text := concat_ws(': ', why, remark);
BEGIN
    UPDATE portal.invitation i
       SET used_at = portal.clock(), used_by = portal.current_user_id(), refused_at = portal.clock()
     WHERE i.token_hash = secret_hash AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
       AND portal.clock() < i.expires_at
    RETURNING * INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    buyer_id := invited.organization_id; supplier_record_id := invited.supplier_record_id;
    UPDATE portal.supplier_record r
       SET state = CASE why WHEN 'wrong_contact' THEN 'needs_contact' ELSE 'refused' END, refusal = said,
           updated_at = portal.clock()
     WHERE r.buyer_id = invited.organization_id AND r.id = invited.supplier_record_id AND r.supplier_id IS NULL;
    IF why = 'wrong_contact' THEN
        UPDATE portal.supplier_contact c
           SET bounced_at = portal.clock(), bounce_reason = 'wrong_contact', bounce_code = NULL
         WHERE c.buyer_id = invited.organization_id AND c.supplier_record_id = invited.supplier_record_id
           AND c.email = invited.email;
    ELSE
        UPDATE portal.request q SET state = 'not_us', state_reason = said, updated_at = portal.clock()
         WHERE q.buyer_id = invited.organization_id AND q.supplier_record_id = invited.supplier_record_id
           AND q.supplier_id IS NULL AND q.state = 'open';
    END IF;
    RETURN NEXT;
END
$$;
