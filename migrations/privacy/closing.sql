-- Closing an organization: at once nobody acts for it and everybody concerned is told; after a time in which an owner may
-- take that back, what nobody else has a right to is erased.
ALTER TABLE portal.organization
    ADD COLUMN closed_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN emptied_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_organization_closed ON portal.organization (closed_at) WHERE closed_at IS NOT NULL;
UPDATE portal.organization SET closed_at = portal.clock() WHERE status = 'closed';

-- Whether a buyer reads a document by a snapshot that has not ended, or the one that it takes the place of.
CREATE FUNCTION portal.is_behind_snapshot(e portal.evidence) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.evidence o
          JOIN portal.submission_evidence f ON f.supplier_id = o.supplier_id AND f.evidence_id = o.id
          JOIN portal.share s ON s.supplier_id = f.supplier_id AND s.submission_id = f.submission_id
         WHERE o.supplier_id = e.supplier_id AND o.lineage = e.lineage
           AND (o.id = e.id OR (e.redacts AND o.revision < e.revision))
           AND s.mode = 'snapshot' AND s.include_evidence AND s.revoked_at IS NULL
           AND (s.until IS NULL OR portal.clock() < s.until))
$$;

-- What goes and what stays.
CREATE FUNCTION portal.preview_closing(organization uuid)
    RETURNS TABLE (members bigint, api_keys bigint, webhooks bigint, has_sso boolean, invitations bigint,
                   requests_received bigint, requests_sent bigint, shares_ending bigint, shares_received bigint,
                   drafts bigint, documents bigint, contacts bigint, shares_kept bigint, documents_kept bigint,
                   submissions_kept bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH live AS (
        SELECT s.supplier_id, s.buyer_id, s.mode FROM portal.share s
         WHERE organization IN (s.supplier_id, s.buyer_id) AND s.revoked_at IS NULL
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

-- An event of the organization, by whoever is calling; `other` is the organization that it concerns.
CREATE FUNCTION portal.note_closing(organization uuid, acting text, act text, kind text, object uuid, other uuid, owner uuid,
                                    facts jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id, concerns_id,
                                    object_owner_id, detail, address, request_id)
    VALUES (portal.new_id(), organization, portal.current_user_id(), acting, act, kind, object::text, other, owner, facts,
            nullif(pg_catalog.current_setting('portal.address', true), ''),
            nullif(pg_catalog.current_setting('portal.request', true), ''))
$$;

-- The moment it was closed at; null for one that is closed already, or is not there.
CREATE FUNCTION portal.close_organization(organization uuid, acting text, why text) RETURNS timestamptz
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
         WHERE organization IN (a.buyer_id, a.supplier_id) AND a.state = 'open'
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

-- Takes a closing back while nothing was erased yet; what was ended by it stays ended, and what was suspended, suspended.
CREATE FUNCTION portal.reopen_organization(organization uuid, acting text, grace integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.organization o
       SET status = CASE WHEN o.suspended_at IS NULL THEN 'active' ELSE 'suspended' END, closed_at = NULL
     WHERE o.id = organization AND o.status = 'closed' AND o.emptied_at IS NULL
       AND portal.clock() < o.closed_at + make_interval(days => grace);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM portal.note_closing(organization, acting, 'organization.reopened', 'organization', organization, NULL, NULL, '{}');
    RETURN true;
END
$$;

-- What nobody else has a right to, once no owner can take the closing back; the trail, submissions and results stay.
CREATE FUNCTION portal.empty_closed_organization(grace integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    organization uuid;
BEGIN
    SELECT o.id INTO organization FROM portal.organization o
     WHERE o.closed_at <= portal.clock() - make_interval(days => grace) AND o.status = 'closed' AND o.emptied_at IS NULL
     ORDER BY o.closed_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE portal.request r SET assessment_id = NULL
      FROM portal.assessment a
     WHERE r.supplier_id = organization AND a.supplier_id = organization AND a.id = r.assessment_id
       AND a.state IN ('draft', 'replaced');
    DELETE FROM portal.assessment a
     WHERE a.supplier_id = organization AND a.state IN ('draft', 'replaced')
       AND NOT EXISTS (SELECT FROM portal.submission b WHERE b.supplier_id = a.supplier_id AND b.assessment_id = a.id);
    DELETE FROM portal.pushed_answer p WHERE p.supplier_id = organization;
    DELETE FROM portal.answer_push p WHERE p.supplier_id = organization;
    DELETE FROM portal.questionnaire_draft d WHERE d.owner_id = organization;
    DELETE FROM portal.supplier_contact c WHERE c.buyer_id = organization;
    DELETE FROM portal.supplier_segment s WHERE s.buyer_id = organization;
    DELETE FROM portal.supplier_tag t WHERE t.buyer_id = organization;
    UPDATE portal.contact_suggestion s SET name = NULL, email = NULL, remark = NULL WHERE s.buyer_id = organization;
    UPDATE portal.supplier_import i SET state = 'expired' WHERE i.buyer_id = organization AND i.storage_key IS NOT NULL;
    UPDATE portal.invitation i SET email = NULL, token_hash = NULL WHERE i.organization_id = organization;
    DELETE FROM portal.idempotency_key k WHERE k.organization_id = organization;
    DELETE FROM portal.member m WHERE m.organization_id = organization;
    UPDATE portal.group_member g SET valid_to = portal.clock() WHERE g.organization_id = organization AND g.valid_to IS NULL;
    UPDATE portal.organization o SET emptied_at = portal.clock() WHERE o.id = organization;
    PERFORM portal.note_closing(organization, NULL, 'organization.emptied', 'organization', organization, NULL, NULL, '{}');
    RETURN organization;
END
$$;

-- Documents of organizations that were emptied go as soon as no snapshot shows them any more; the row of one that a
-- submission, a request or a dispute names stays, without its file. Gives whose files they were.
CREATE FUNCTION portal.remove_closed_evidence(most integer)
    RETURNS TABLE (supplier_id uuid, evidence_id uuid, content text)
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS (
        SELECT e.supplier_id, e.id, e.sha256,
               EXISTS (SELECT FROM portal.submission_evidence f
                        WHERE f.supplier_id = e.supplier_id AND f.evidence_id = e.id)
            OR EXISTS (SELECT FROM portal.redaction_request q
                        WHERE q.supplier_id = e.supplier_id AND q.evidence_id = e.id)
            OR EXISTS (SELECT FROM portal.clarification_item c
                        WHERE c.supplier_id = e.supplier_id AND c.evidence_id = e.id)
            OR EXISTS (SELECT FROM portal.dispute d
                        WHERE d.supplier_id = e.supplier_id AND e.id = ANY (d.documents)) AS stays
          FROM portal.organization o
          JOIN portal.evidence e ON e.supplier_id = o.id
         WHERE o.emptied_at IS NOT NULL AND e.state <> 'removed' AND NOT portal.is_behind_snapshot(e)
         ORDER BY e.supplier_id, e.id LIMIT most FOR UPDATE OF e SKIP LOCKED
    ), emptied AS (
        UPDATE portal.evidence e SET state = 'removed', storage_key = NULL, preview_size = NULL
          FROM due WHERE due.stays AND e.supplier_id = due.supplier_id AND e.id = due.id
        RETURNING e.supplier_id, e.id
    ), unlinked AS (
        DELETE FROM portal.evidence_link l USING due
         WHERE NOT due.stays AND l.supplier_id = due.supplier_id AND l.evidence_id = due.id
    ), deleted AS (
        DELETE FROM portal.evidence e USING due
         WHERE NOT due.stays AND e.supplier_id = due.supplier_id AND e.id = due.id
        RETURNING e.supplier_id, e.id
    ), gone AS (
        SELECT * FROM emptied UNION ALL SELECT * FROM deleted
    ), noted AS (
        INSERT INTO portal.audit_event (id, organization_id, action, object_kind, object_id)
        SELECT portal.new_id(), g.supplier_id, 'evidence.removed', 'evidence', g.id::text FROM gone g
    )
    SELECT due.supplier_id, due.id, encode(due.sha256, 'hex')
      FROM due JOIN gone g ON g.supplier_id = due.supplier_id AND g.id = due.id
$$;

-- By an owner: of the organization that the session acts for, and back by an owner of the one that was closed.
CREATE FUNCTION portal.is_owner_of(organization uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.member m
                    WHERE m.organization_id = organization AND m.user_id = portal.current_user_id() AND m.role = 'owner')
$$;
CREATE FUNCTION portal.preview_own_closing()
    RETURNS TABLE (members bigint, api_keys bigint, webhooks bigint, has_sso boolean, invitations bigint,
                   requests_received bigint, requests_sent bigint, shares_ending bigint, shares_received bigint,
                   drafts bigint, documents bigint, contacts bigint, shares_kept bigint, documents_kept bigint,
                   submissions_kept bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM portal.preview_closing(portal.current_organization())
$$;
CREATE FUNCTION portal.close_own_organization() RETURNS timestamptz
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.close_organization(portal.current_organization(), 'owner', NULL)
     WHERE portal.is_owner_of(portal.current_organization())
$$;
-- What the operator closed, the operator alone opens again.
CREATE FUNCTION portal.reopen_own_organization(organization uuid, grace integer) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.is_owner_of(organization)
       AND coalesce((SELECT e.actor_role = 'owner' FROM portal.audit_event e
                      WHERE e.organization_id = organization AND e.action = 'organization.closed'
                      ORDER BY e.at DESC, e.id DESC LIMIT 1), false)
       AND portal.reopen_organization(organization, 'owner', grace)
$$;
REVOKE EXECUTE ON FUNCTION portal.is_behind_snapshot(portal.evidence), portal.preview_closing(uuid),
    portal.note_closing(uuid, text, text, text, uuid, uuid, uuid, jsonb), portal.close_organization(uuid, text, text),
    portal.reopen_organization(uuid, text, integer), portal.empty_closed_organization(integer),
    portal.remove_closed_evidence(integer), portal.is_owner_of(uuid), portal.preview_own_closing(),
    portal.close_own_organization(), portal.reopen_own_organization(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.preview_own_closing(), portal.close_own_organization(),
    portal.reopen_own_organization(uuid, integer) TO portal_app;
GRANT EXECUTE ON FUNCTION portal.empty_closed_organization(integer), portal.remove_closed_evidence(integer)
    TO portal_worker;
