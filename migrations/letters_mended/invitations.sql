-- An invitation that is over invites nobody, and one that waits is reminded of: when next, and since when it is known here
-- that it is over.
ALTER TABLE portal.invitation ADD COLUMN remind_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() + interval '10 days',
    ADD COLUMN lapsed_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_invitation_remind_at ON portal.invitation (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX ix_invitation_ending ON portal.invitation (expires_at)
    WHERE kind = 'supplier' AND used_at IS NULL AND revoked_at IS NULL AND lapsed_at IS NULL;

CREATE OR REPLACE FUNCTION portal.settle_records(buyer uuid, records uuid[], reopens boolean) RETURNS void
    LANGUAGE sql SET search_path = '' AS $$
    UPDATE portal.supplier_record r
       SET state = settled.state, updated_at = portal.clock(),
           refusal = CASE WHEN settled.state = 'invited' THEN NULL ELSE r.refusal END
      FROM (SELECT x.id,
                   CASE WHEN x.supplier_id IS NOT NULL THEN 'linked'
                        WHEN EXISTS (SELECT FROM portal.invitation i
                                      WHERE i.organization_id = x.buyer_id AND i.supplier_record_id = x.id
                                        AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
                                        AND portal.clock() < i.expires_at
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

-- Records are locked before their invitations, as whoever invites does; one that is held just now has its turn next time.
CREATE FUNCTION portal.settle_lapsed_invitations(most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    one record;
    settled integer := 0;
BEGIN
    FOR one IN
        SELECT r.buyer_id, r.id FROM portal.supplier_record r
          JOIN (SELECT DISTINCT i.organization_id, i.supplier_record_id FROM portal.invitation i
                 WHERE i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.lapsed_at IS NULL
                   AND i.expires_at <= portal.clock() LIMIT most) x
            ON x.organization_id = r.buyer_id AND x.supplier_record_id = r.id
           FOR UPDATE OF r SKIP LOCKED
    LOOP
        UPDATE portal.invitation i SET lapsed_at = portal.clock()
         WHERE i.organization_id = one.buyer_id AND i.supplier_record_id = one.id AND i.kind = 'supplier'
           AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.lapsed_at IS NULL AND i.expires_at <= portal.clock();
        PERFORM portal.settle_records(one.buyer_id, ARRAY[one.id], false);
        PERFORM portal.refresh_cards(one.buyer_id, one.id);
        settled := settled + 1;
    END LOOP;
    RETURN settled;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.settle_lapsed_invitations(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.settle_lapsed_invitations(integer) TO portal_worker;
GRANT SELECT (remind_at, lapsed_at) ON portal.invitation TO portal_app;
-- Which letter an invitation went out by: its reminders have the same link.
CREATE INDEX ix_mail_of_invitations ON portal.mail ((ids ->> 'invitation')) WHERE kind = 'invitation';
