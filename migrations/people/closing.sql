-- Closing an organization ends views into it, and settles what was open between it and others in reviews.
ALTER TABLE portal.clarification ADD COLUMN closed_because TEXT COLLATE "C",
    ADD CONSTRAINT ck_clarification_closed_because CHECK (closed_because IN ('organization_closed'));
ALTER TABLE portal.dispute ADD COLUMN closed_because TEXT COLLATE "C",
    ADD CONSTRAINT ck_dispute_closed_because CHECK (closed_because IN ('organization_closed'));
ALTER TABLE portal.engagement ADD COLUMN closed_because TEXT COLLATE "C",
    ADD CONSTRAINT ck_engagement_closed_because CHECK (closed_because IN ('organization_closed'));
ALTER TABLE portal.glass DROP CONSTRAINT ck_glass_ended_by,
    ADD CONSTRAINT ck_glass_ended_by CHECK (ended_by IN ('operator', 'owner', 'time', 'closing'));

-- Whether something can be read by it now: not ended, not over, of an organization that is not closed, and its operator still is
-- one who has a second factor.
CREATE OR REPLACE FUNCTION portal.glass_is_live(item portal.glass) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT item.ended_at IS NULL AND portal.clock() < item.until AND portal.has_second_factor(item.operator_id)
           AND EXISTS (SELECT FROM portal.user_account u WHERE u.id = item.operator_id AND u.is_operator)
           AND EXISTS (SELECT FROM portal.organization o WHERE o.id = item.organization_id AND o.status <> 'closed')
$$;

-- Which rows were shown, once they were read, in the transaction that read them; the event before it told the fields.
CREATE FUNCTION portal.note_glass_rows(event uuid, organization uuid, glass uuid, kind text, records jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF glass::text IS DISTINCT FROM pg_catalog.current_setting('portal.glass', true)
       OR organization IS DISTINCT FROM portal.glass_organization() THEN
        RAISE EXCEPTION 'the view has ended' USING ERRCODE = 'insufficient_privilege';  -- nothing is shown unnoted
    END IF;
    PERFORM portal.note_glass(event, organization, glass, 'glass.shown', 'operator',
                              jsonb_build_object('kind', kind, 'records', records));
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_glass_rows(uuid, uuid, uuid, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_glass_rows(uuid, uuid, uuid, text, jsonb) TO portal_app;

CREATE FUNCTION portal.end_glasses_of_closed(organization uuid, acting text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        UPDATE portal.glass g SET ended_at = portal.clock(), ended_by = 'closing'
         WHERE g.organization_id = organization AND g.ended_at IS NULL AND portal.clock() < g.until RETURNING g.id
    LOOP
        PERFORM portal.note_closing(organization, acting, 'glass.ended', 'glass', one.id, NULL, NULL, '{"by": "closing"}');
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'glass.ended', jsonb_build_object('to', organization, 'glass', one.id));
    END LOOP;
END
$$;

-- Questions, disputes and reviews that wait for an answer of this organization, or that it waits for, are over; the other
-- sides are told, and read why. What was stated stays.
CREATE FUNCTION portal.settle_reviews_of_closed(organization uuid, acting text, closed timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    because CONSTANT text := 'organization_closed';
    one record;
    other uuid;
BEGIN
    FOR one IN
        UPDATE portal.clarification c SET state = 'withdrawn', closed_at = closed, closed_because = because
         WHERE (c.supplier_id = organization OR c.asker_id = organization) AND c.state = 'open'
        RETURNING c.supplier_id, c.id, CASE c.supplier_id WHEN organization THEN c.asker_id ELSE c.supplier_id END AS other
    LOOP
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'clarification.withdrawn',
                jsonb_build_object('supplier', one.supplier_id, 'clarification', one.id, 'to', one.other));
        PERFORM portal.note_closing(organization, acting, 'clarification.withdrawn', 'clarification', one.id, one.other,
                                    one.supplier_id, '{}');
    END LOOP;
    FOR one IN
        UPDATE portal.dispute d SET state = 'withdrawn', closed_at = closed, closed_because = because
         WHERE (d.supplier_id = organization OR d.reviewer_id = organization) AND d.state = 'open'
        RETURNING d.supplier_id, d.id,
                  CASE d.supplier_id WHEN organization THEN d.reviewer_id ELSE d.supplier_id END AS other
    LOOP
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'dispute.withdrawn',
                jsonb_build_object('supplier', one.supplier_id, 'dispute', one.id, 'to', one.other));
        PERFORM portal.note_closing(organization, acting, 'dispute.withdrawn', 'dispute', one.id, one.other,
                                    one.supplier_id, '{}');
    END LOOP;
    FOR one IN
        UPDATE portal.engagement e
           SET ended_at = closed, closed_because = because,
               ended_by = CASE organization WHEN e.supplier_id THEN 'supplier' WHEN e.reviewer_id THEN 'reviewer'
                                            ELSE 'proposer' END
         WHERE (e.supplier_id = organization OR e.reviewer_id = organization OR e.proposer_id = organization)
           AND e.ended_at IS NULL AND closed < e.until
        RETURNING e.supplier_id, e.id, e.reviewer_id, e.proposer_id, e.share_id
    LOOP
        UPDATE portal.share s SET revoked_at = closed
         WHERE s.supplier_id = one.supplier_id AND s.id = one.share_id AND s.revoked_at IS NULL;
        IF FOUND THEN
            PERFORM portal.empty_cards(one.reviewer_id, one.share_id);
            INSERT INTO portal.outbox (id, topic, ids)
            VALUES (portal.new_id(), 'share.changed',
                    jsonb_build_object('supplier', one.supplier_id, 'buyer', one.reviewer_id, 'share', one.share_id,
                                       'act', 'revoked'));
        END IF;
        FOR other IN
            SELECT DISTINCT p FROM unnest(ARRAY[one.supplier_id, one.reviewer_id, one.proposer_id]) p
             WHERE p <> organization ORDER BY p
        LOOP
            INSERT INTO portal.outbox (id, topic, ids)
            VALUES (portal.new_id(), 'engagement.ended',
                    jsonb_build_object('supplier', one.supplier_id, 'engagement', one.id, 'to', other));
        END LOOP;
        PERFORM portal.note_closing(
            organization, acting, 'engagement.ended', 'engagement', one.id,
            CASE organization WHEN one.supplier_id THEN one.reviewer_id ELSE one.supplier_id END, one.supplier_id, '{}');
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.end_glasses_of_closed(uuid, text),
    portal.settle_reviews_of_closed(uuid, text, timestamptz) FROM PUBLIC;

-- The moment it was closed at; null for one that is closed already, or is not there.
CREATE OR REPLACE FUNCTION portal.close_organization(organization uuid, acting text, why text) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    one record;
    closed CONSTANT timestamptz := portal.clock();
    said CONSTANT text := 'The organization was closed.';
BEGIN
    UPDATE portal.organization o
       SET status = 'closed', closed_at = closed, requires_sso = false
     WHERE o.id = organization AND o.status <> 'closed';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM portal.note_closing(organization, acting, 'organization.closed', 'organization', organization, NULL, NULL,
                                jsonb_strip_nulls(jsonb_build_object('reason', why)));
    INSERT INTO portal.outbox (id, topic, ids)
    VALUES (portal.new_id(), 'organization.closed', jsonb_build_object('to', organization));

    -- Ways in and out.
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT portal.new_id(), 'session.ended', jsonb_build_object('session', s.id) FROM portal.session s
     WHERE s.organization_id = organization AND s.sso_connection_id IS NOT NULL;
    DELETE FROM portal.session s WHERE s.organization_id = organization AND s.sso_connection_id IS NOT NULL;
    UPDATE portal.session s SET organization_id = NULL WHERE s.organization_id = organization;
    UPDATE portal.api_key k SET revoked_at = closed WHERE k.organization_id = organization AND k.revoked_at IS NULL;
    DELETE FROM portal.webhook_endpoint w WHERE w.organization_id = organization;
    DELETE FROM portal.sso_connection c WHERE c.organization_id = organization;
    DELETE FROM portal.sso_domain d WHERE d.organization_id = organization;
    DELETE FROM portal.sso_identity i WHERE i.organization_id = organization;
    UPDATE portal.invitation i SET revoked_at = closed
     WHERE i.organization_id = organization AND i.used_at IS NULL AND i.revoked_at IS NULL;
    UPDATE portal.cadence c SET state = 'paused' WHERE c.buyer_id = organization AND c.state <> 'paused';

    PERFORM portal.end_glasses_of_closed(organization, acting);
    PERFORM portal.settle_reviews_of_closed(organization, acting, closed);

    -- What it asked for, and what it was asked for.
    FOR one IN
        UPDATE portal.request r SET state = 'withdrawn', updated_at = closed
         WHERE r.buyer_id = organization AND r.state IN ('open', 'accepted')
        RETURNING r.id, r.supplier_record_id, r.supplier_id, r.extra_of
    LOOP
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), CASE WHEN one.extra_of IS NULL THEN 'request.withdrawn' ELSE 'request.changed' END,
                jsonb_build_object('buyer', organization, 'request', one.id, 'record', one.supplier_record_id));
        PERFORM portal.note_closing(organization, acting, 'request.withdrawn', 'request', one.id, one.supplier_id, NULL, '{}');
    END LOOP;
    FOR one IN
        UPDATE portal.request r SET state = 'declined', state_reason = said, updated_at = closed
         WHERE r.supplier_id = organization AND r.state IN ('open', 'accepted')
        RETURNING r.id, r.supplier_record_id, r.buyer_id
    LOOP
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'request.changed',
                jsonb_build_object('buyer', one.buyer_id, 'request', one.id, 'record', one.supplier_record_id,
                                   'supplier', organization, 'state', 'declined'));
        PERFORM portal.note_closing(organization, acting, 'request.declined', 'request', one.id, one.buyer_id, one.buyer_id,
                                    '{}');
    END LOOP;
    FOR one IN
        UPDATE portal.access_request a
           SET state = CASE a.buyer_id WHEN organization THEN 'withdrawn' ELSE 'refused' END, closed_at = closed,
               reason = CASE a.buyer_id WHEN organization THEN a.reason ELSE said END
         WHERE (a.buyer_id = organization OR a.supplier_id = organization) AND a.state = 'open'
        RETURNING a.id, a.supplier_id, a.buyer_id, a.asked_by
    LOOP
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(),
                CASE one.buyer_id WHEN organization THEN 'access.withdrawn' ELSE 'access.answered' END,
                jsonb_build_object('supplier', one.supplier_id, 'access', one.id, 'user', one.asked_by));
    END LOOP;

    -- What follows it ends, and so does what others show to it; snapshots stay until their ends.
    FOR one IN
        UPDATE portal.share s SET revoked_at = closed
         WHERE s.revoked_at IS NULL AND (s.until IS NULL OR closed < s.until)
           AND (s.buyer_id = organization OR (s.supplier_id = organization AND s.mode = 'following'))
        RETURNING s.id, s.supplier_id, s.buyer_id
    LOOP
        UPDATE portal.relationship_card c
           SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
               coverage = NULL, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,
               shared_until = NULL, next_change_at = NULL
         WHERE c.buyer_id = one.buyer_id AND c.share_id = one.id;
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'share.changed',
                jsonb_build_object('supplier', one.supplier_id, 'buyer', one.buyer_id, 'share', one.id, 'act', 'revoked'));
        PERFORM portal.note_closing(
            organization, acting, 'share.revoked', 'share', one.id,
            CASE one.buyer_id WHEN organization THEN one.supplier_id ELSE one.buyer_id END,
            one.supplier_id, jsonb_build_object('buyer', one.buyer_id));
    END LOOP;
    RETURN closed;
END
$$;

-- What goes and what stays.
CREATE OR REPLACE FUNCTION portal.preview_closing(organization uuid)
    RETURNS TABLE (members bigint, api_keys bigint, webhooks bigint, has_sso boolean, invitations bigint,
                   requests_received bigint, requests_sent bigint, shares_ending bigint, shares_received bigint,
                   drafts bigint, documents bigint, contacts bigint, shares_kept bigint, documents_kept bigint,
                   submissions_kept bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH live AS (
        SELECT s.supplier_id, s.buyer_id, s.mode FROM portal.share s
         WHERE (s.supplier_id = organization OR s.buyer_id = organization) AND s.revoked_at IS NULL
           AND (s.until IS NULL OR portal.clock() < s.until)
    ), document AS (
        SELECT portal.is_behind_snapshot(e) AS stays FROM portal.evidence e
         WHERE e.supplier_id = organization AND e.state <> 'removed'
    )
    SELECT (SELECT count(*) FROM portal.member m WHERE m.organization_id = organization),
           (SELECT count(*) FROM portal.api_key k WHERE k.organization_id = organization AND k.revoked_at IS NULL),
           (SELECT count(*) FROM portal.webhook_endpoint w WHERE w.organization_id = organization),
           EXISTS (SELECT FROM portal.sso_connection c WHERE c.organization_id = organization),
           (SELECT count(*) FROM portal.invitation i
             WHERE i.organization_id = organization AND i.used_at IS NULL AND i.revoked_at IS NULL
               AND portal.clock() < i.expires_at),
           (SELECT count(*) FROM portal.request r
             WHERE r.supplier_id = organization AND r.state IN ('open', 'accepted')),
           (SELECT count(*) FROM portal.request r
             WHERE r.buyer_id = organization AND r.state IN ('open', 'accepted')),
           (SELECT count(*) FROM live WHERE supplier_id = organization AND mode = 'following'),
           (SELECT count(*) FROM live WHERE buyer_id = organization),
           (SELECT count(*) FROM portal.assessment a
             WHERE a.supplier_id = organization AND a.state IN ('draft', 'replaced')
               AND NOT EXISTS (SELECT FROM portal.submission b
                                WHERE b.supplier_id = a.supplier_id AND b.assessment_id = a.id)),
           (SELECT count(*) FROM document WHERE NOT stays),
           (SELECT count(*) FROM portal.supplier_contact c WHERE c.buyer_id = organization),
           (SELECT count(*) FROM live WHERE supplier_id = organization AND mode = 'snapshot'),
           (SELECT count(*) FROM document WHERE stays),
           (SELECT count(*) FROM portal.submission b WHERE b.supplier_id = organization)
$$;
