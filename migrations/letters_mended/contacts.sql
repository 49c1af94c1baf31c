-- What a person said of an address stands over what the mail server says, until the buyer tries it again.
CREATE OR REPLACE FUNCTION portal.note_letter_to_contact(invited uuid, arrived boolean, reason text, code text) RETURNS void
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
       AND (c.bounced_at IS NOT NULL) = arrived
       AND (c.bounced_at IS NULL OR c.bounce_reason IS DISTINCT FROM 'wrong_contact')
    RETURNING c.* INTO contact;
    IF FOUND THEN
        PERFORM portal.settle_records(contact.buyer_id, ARRAY[contact.supplier_record_id], false);
        PERFORM portal.refresh_cards(contact.buyer_id, contact.supplier_record_id);
    END IF;
END
$$;
-- A contact that is tried again has no reason not to be, and where it is not reached once more that is news again.
CREATE OR REPLACE FUNCTION portal.forget_digest() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.digest_id := NULL;
    IF NEW.bounced_at IS NULL THEN
        NEW.bounce_reason := NULL;
        NEW.bounce_code := NULL;
    END IF;
    RETURN NEW;
END
$$;
UPDATE portal.supplier_contact SET bounce_reason = NULL, bounce_code = NULL
 WHERE bounced_at IS NULL AND bounce_reason IS NOT NULL;
