-- What has begun by now is not told as if it began today.
ALTER TABLE portal.share ADD COLUMN start_noted BOOLEAN DEFAULT true NOT NULL;
ALTER TABLE portal.share ALTER COLUMN start_noted SET DEFAULT false;
UPDATE portal.share SET start_noted = false WHERE starts_at > portal.clock() AND revoked_at IS NULL;
CREATE INDEX ix_share_starting ON portal.share (starts_at)
    WHERE starts_at > created_at AND revoked_at IS NULL AND NOT start_noted;

-- Told like what a person does: the outbox has it for webhooks and cards, and the change feed by the update itself. One
-- that was to begin after its own end, or ended while nobody looked, is told of as ended alone.
CREATE OR REPLACE FUNCTION portal.note_ended_shares() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH ended AS (
        UPDATE portal.share s SET end_noted = true, start_noted = true
         WHERE s.until <= portal.clock() AND s.revoked_at IS NULL AND NOT s.end_noted
        RETURNING s.supplier_id, s.buyer_id, s.id
    )
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT gen_random_uuid(), 'share.changed', jsonb_build_object(
               'supplier', e.supplier_id, 'buyer', e.buyer_id, 'share', e.id, 'act', 'ended') FROM ended e
$$;
CREATE FUNCTION portal.note_started_shares() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH started AS (
        UPDATE portal.share s SET start_noted = true
         WHERE s.starts_at <= portal.clock() AND s.starts_at > s.created_at AND s.revoked_at IS NULL
           AND NOT s.start_noted AND (s.until IS NULL OR portal.clock() < s.until)
        RETURNING s.supplier_id, s.buyer_id, s.id
    )
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT gen_random_uuid(), 'share.changed', jsonb_build_object(
               'supplier', e.supplier_id, 'buyer', e.buyer_id, 'share', e.id, 'act', 'started') FROM started e
$$;
REVOKE EXECUTE ON FUNCTION portal.note_started_shares() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_started_shares() TO portal_worker;
