-- Grants and row-level security. Every table: ENABLE and FORCE; the owner and the backup see all by an explicit policy,
-- since FORCE binds owners and BYPASSRLS may not be grantable on a managed server.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'portal' LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
    END LOOP;
END
$$;

-- Functions are for the logins that need them.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA portal FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA portal TO portal_app;
GRANT EXECUTE ON FUNCTION portal.clock(), portal.current_organization(), portal.current_user_id(),
    portal.share_is_live(portal.share), portal.share_covers(portal.share, portal.submission),
    portal.refresh_cards(uuid, uuid), portal.sweep_cards(uuid) TO portal_worker, portal_backup;
REVOKE EXECUTE ON FUNCTION portal.refresh_cards(uuid, uuid), portal.sweep_cards(uuid) FROM portal_backup;
REVOKE EXECUTE ON FUNCTION portal.note_operator_act(uuid, uuid, text, text, jsonb) FROM portal_app;
REVOKE EXECUTE ON FUNCTION portal.list_benchmark_points(text, uuid, uuid, text[]) FROM portal_app;
GRANT EXECUTE ON FUNCTION portal.list_benchmark_points(text, uuid, uuid, text[]) TO portal_worker;

-- Organizations, people, members.
GRANT SELECT ON portal.organization, portal.organization_role, portal.corporate_group, portal.group_member,
    portal.member TO portal_app;
GRANT SELECT (id, email, name, locale, time_zone, is_operator, created_at) ON portal.user_account TO portal_app;
GRANT UPDATE (name, locale, time_zone) ON portal.user_account TO portal_app;
GRANT UPDATE (name, country, sector_scheme, sector, size_band, locale, time_zone) ON portal.organization TO portal_app;
GRANT UPDATE (role), DELETE ON portal.member TO portal_app;
GRANT SELECT (id, kind, organization_id, supplier_record_id, email, role, created_by, expires_at, used_at, revoked_at,
              created_at), UPDATE (revoked_at) ON portal.invitation TO portal_app;
GRANT SELECT (id, organization_id, name, scopes, expires_at, revoked_at, created_by, created_at)
    ON portal.api_key TO portal_app;
GRANT SELECT (id, user_id, organization_id, expires_at, created_at) ON portal.session TO portal_app;
GRANT SELECT, INSERT ON portal.idempotency_key TO portal_app;

CREATE POLICY app_read ON portal.organization FOR SELECT TO portal_app
    USING (id = portal.current_organization() OR portal.is_related(id));
CREATE POLICY app_write ON portal.organization FOR UPDATE TO portal_app
    USING (id = portal.current_organization()) WITH CHECK (id = portal.current_organization());
CREATE POLICY app_read ON portal.organization_role FOR SELECT TO portal_app
    USING (organization_id = portal.current_organization());
CREATE POLICY app_read ON portal.group_member FOR SELECT TO portal_app
    USING (organization_id = portal.current_organization());
CREATE POLICY app_read ON portal.corporate_group FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.group_member m WHERE m.group_id = corporate_group.id));
CREATE POLICY app_read ON portal.user_account FOR SELECT TO portal_app
    USING (id = portal.current_user_id()
           OR EXISTS (SELECT FROM portal.member m
                       WHERE m.organization_id = portal.current_organization() AND m.user_id = user_account.id));
CREATE POLICY app_write ON portal.user_account FOR UPDATE TO portal_app
    USING (id = portal.current_user_id()) WITH CHECK (id = portal.current_user_id());
CREATE POLICY app_all ON portal.member TO portal_app
    USING (organization_id = portal.current_organization())
    WITH CHECK (organization_id = portal.current_organization());
CREATE POLICY app_all ON portal.invitation TO portal_app
    USING (organization_id = portal.current_organization())
    WITH CHECK (organization_id = portal.current_organization());
CREATE POLICY app_read ON portal.api_key FOR SELECT TO portal_app
    USING (organization_id = portal.current_organization());
CREATE POLICY app_read ON portal.session FOR SELECT TO portal_app USING (user_id = portal.current_user_id());
CREATE POLICY app_all ON portal.idempotency_key TO portal_app
    USING (organization_id = portal.current_organization())
    WITH CHECK (organization_id = portal.current_organization());

-- One organization's own rows. Policies of a table are tried from the last name to the first: `own_rows` comes before
-- `app_shared`, so that no own row is looked up among the shares.
GRANT SELECT, INSERT, UPDATE ON portal.site, portal.supplier_record, portal.supplier_contact, portal.supplier_import,
    portal.assessment, portal.answer, portal.evidence TO portal_app;
GRANT SELECT, INSERT, DELETE ON portal.supplier_name_token, portal.evidence_link TO portal_app;
GRANT DELETE ON portal.supplier_contact TO portal_app;
GRANT SELECT, INSERT ON portal.answer_write, portal.submission, portal.submission_section, portal.submission_evidence,
    portal.result, portal.partner_terms TO portal_app;
GRANT UPDATE (state) ON portal.submission TO portal_app;
GRANT SELECT, INSERT, UPDATE ON portal.benchmark_choice TO portal_app;
GRANT SELECT ON portal.relationship_card TO portal_app;
DO $$
DECLARE
    item text[];
BEGIN
    FOREACH item SLICE 1 IN ARRAY ARRAY[
        ['site', 'organization_id'], ['supplier_record', 'buyer_id'], ['supplier_name_token', 'buyer_id'],
        ['supplier_contact', 'buyer_id'], ['supplier_import', 'buyer_id'], ['assessment', 'supplier_id'],
        ['answer', 'supplier_id'], ['answer_write', 'supplier_id'], ['submission', 'supplier_id'],
        ['submission_section', 'supplier_id'], ['submission_evidence', 'supplier_id'], ['result', 'supplier_id'],
        ['evidence', 'supplier_id'], ['evidence_link', 'supplier_id'], ['relationship_card', 'buyer_id'],
        ['benchmark_choice', 'organization_id'], ['partner_terms', 'organization_id']
    ] LOOP
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app USING (%I = portal.current_organization())'
            ' WITH CHECK (%I = portal.current_organization())', item[1], item[2], item[2]);
    END LOOP;
END
$$;

-- A record is linked by its acceptance alone: a buyer's insert or update may not name a supplier of its choice.
REVOKE INSERT, UPDATE ON portal.supplier_record FROM portal_app;
GRANT INSERT (buyer_id, id, vendor_number, external_reference, name, local_name, name_key, address, country,
              sector_scheme, sector, sector_text, state),
      UPDATE (vendor_number, external_reference, name, local_name, name_key, address, country, sector_scheme, sector,
              sector_text, state, refusal, invited_at, archived_at, updated_at)
    ON portal.supplier_record TO portal_app;

-- An assessment stays with its questionnaire, and begins with one that its supplier may see: a key of a private one
-- would tell, by its foreign key, whether that exists.
REVOKE UPDATE ON portal.assessment FROM portal_app;
GRANT UPDATE (tier, state, change_number, corrects, upgraded_from, submitted_at, updated_at) ON portal.assessment
    TO portal_app;
CREATE POLICY app_published ON portal.assessment AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = assessment.questionnaire));

-- What a supplier shared.
CREATE POLICY app_shared ON portal.submission FOR SELECT TO portal_app
    USING (portal.may_read_submission(supplier_id, id));
CREATE POLICY app_shared ON portal.result FOR SELECT TO portal_app
    USING (portal.may_read_submission(supplier_id, submission_id));
CREATE POLICY app_shared ON portal.submission_section FOR SELECT TO portal_app
    USING (portal.may_read_section(supplier_id, submission_id, section));
CREATE POLICY app_shared ON portal.submission_evidence FOR SELECT TO portal_app
    USING (portal.may_read_submission_evidence(supplier_id, submission_id));
CREATE POLICY app_shared ON portal.evidence FOR SELECT TO portal_app
    USING (portal.may_read_evidence(supplier_id, id));

-- Rows of two parties: one policy per command and side.
GRANT SELECT, INSERT ON portal.request TO portal_app;
-- Not supplier_id: only an accepted invitation says whom a request reaches.
GRANT UPDATE (state, state_reason, assessment_id, due_on, message, updated_at) ON portal.request TO portal_app;
CREATE POLICY buyer_read ON portal.request FOR SELECT TO portal_app USING (buyer_id = portal.current_organization());
CREATE POLICY supplier_read ON portal.request FOR SELECT TO portal_app
    USING (supplier_id = portal.current_organization());
CREATE POLICY buyer_insert ON portal.request FOR INSERT TO portal_app
    WITH CHECK (buyer_id = portal.current_organization() AND assessment_id IS NULL
        AND (supplier_id IS NULL OR EXISTS (
            SELECT FROM portal.supplier_record r
             WHERE r.buyer_id = request.buyer_id AND r.id = request.supplier_record_id
               AND r.supplier_id = request.supplier_id)));
CREATE POLICY buyer_update ON portal.request FOR UPDATE TO portal_app
    USING (buyer_id = portal.current_organization()) WITH CHECK (buyer_id = portal.current_organization());
CREATE POLICY supplier_update ON portal.request FOR UPDATE TO portal_app
    USING (supplier_id = portal.current_organization()) WITH CHECK (supplier_id = portal.current_organization());

GRANT SELECT, INSERT ON portal.share TO portal_app;
GRANT UPDATE (until, revoked_at, sections, include_evidence) ON portal.share TO portal_app;
CREATE POLICY supplier_read ON portal.share FOR SELECT TO portal_app
    USING (supplier_id = portal.current_organization());
CREATE POLICY supplier_insert ON portal.share FOR INSERT TO portal_app
    WITH CHECK (supplier_id = portal.current_organization() AND portal.is_linked_buyer(buyer_id));
CREATE POLICY supplier_update ON portal.share FOR UPDATE TO portal_app
    USING (supplier_id = portal.current_organization()) WITH CHECK (supplier_id = portal.current_organization());
CREATE POLICY buyer_read ON portal.share FOR SELECT TO portal_app
    USING (buyer_id = portal.current_organization() AND portal.share_is_live(share));

GRANT SELECT, INSERT ON portal.read_receipt TO portal_app;
CREATE POLICY supplier_read ON portal.read_receipt FOR SELECT TO portal_app
    USING (supplier_id = portal.current_organization());
CREATE POLICY reader_insert ON portal.read_receipt FOR INSERT TO portal_app
    WITH CHECK (reader_id = portal.current_organization() AND portal.is_related(supplier_id));

-- Published and public things.
GRANT SELECT ON portal.questionnaire, portal.questionnaire_version, portal.scoring_profile, portal.release TO portal_app,
    portal_worker;
GRANT SELECT (release_number, id, cell, questionnaire, tier, sector, region, size_band, measure, status, count_band, mean,
              p10, p25, p50, p75, p90, figures_from) ON portal.release_cell TO portal_app;
GRANT SELECT (release_number, questionnaire, supplier_id, submission_id, profile_number, tier, sector, region, size_band,
              waits) ON portal.release_contributor TO portal_app;
CREATE POLICY supplier_read ON portal.release_contributor FOR SELECT TO portal_app
    USING (supplier_id = portal.current_organization());
CREATE POLICY read ON portal.questionnaire FOR SELECT TO portal_app, portal_worker
    USING (visibility = 'public' OR owner_id = portal.current_organization());
CREATE POLICY read ON portal.questionnaire_version FOR SELECT TO portal_app, portal_worker
    USING (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = questionnaire_version.questionnaire));
CREATE POLICY read ON portal.scoring_profile FOR SELECT TO portal_app, portal_worker
    USING (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = scoring_profile.questionnaire));
CREATE POLICY read ON portal.release FOR SELECT TO portal_app, portal_worker USING (true);
CREATE POLICY read ON portal.release_cell FOR SELECT TO portal_app USING (true);

-- Events and traces go in; nobody of the application reads the outbox, and an organization reads its own trail.
GRANT INSERT ON portal.outbox, portal.audit_event TO portal_app, portal_worker;
GRANT SELECT ON portal.audit_event TO portal_app;
CREATE POLICY app_insert ON portal.outbox FOR INSERT TO portal_app WITH CHECK (relayed_at IS NULL);
CREATE POLICY app_insert ON portal.audit_event FOR INSERT TO portal_app
    WITH CHECK (organization_id IS NULL OR organization_id = portal.current_organization());
CREATE POLICY app_read ON portal.audit_event FOR SELECT TO portal_app
    USING (organization_id = portal.current_organization());

-- The worker: named tables, each with its reason in the list that a test compares (portal/database/worker_access.py).
GRANT SELECT, INSERT, UPDATE, DELETE ON portal.outbox TO portal_worker;
GRANT SELECT, INSERT, UPDATE ON portal.mail TO portal_worker;
GRANT SELECT, UPDATE ON portal.evidence, portal.supplier_import TO portal_worker;
GRANT SELECT, UPDATE ON portal.invitation TO portal_worker;
GRANT SELECT, INSERT ON portal.password_reset TO portal_worker;
GRANT SELECT (id, email, user_id, name, locale, expires_at, used_at), UPDATE (token_hash), DELETE ON portal.registration
    TO portal_worker;
GRANT SELECT (id, email, name, locale, time_zone) ON portal.user_account TO portal_worker;
GRANT SELECT ON portal.organization, portal.organization_role, portal.member, portal.supplier_record, portal.supplier_contact, portal.request,
    portal.share, portal.relationship_card, portal.submission, portal.result, portal.group_member,
    portal.corporate_group, portal.benchmark_choice TO portal_worker;
GRANT SELECT, INSERT ON portal.release_cell, portal.release_contributor, portal.contribution, portal.release_ledger,
    portal.benchmark_partition TO portal_worker;
GRANT SELECT ON portal.benchmark_policy TO portal_worker;
GRANT INSERT ON portal.release TO portal_worker;
GRANT SELECT, DELETE ON portal.session, portal.idempotency_key, portal.credential_attempt TO portal_worker;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'outbox', 'mail', 'evidence', 'supplier_import', 'invitation', 'password_reset', 'registration', 'user_account',
        'organization',
        'member', 'supplier_record', 'supplier_contact', 'request', 'share', 'relationship_card', 'submission', 'result',
        'group_member', 'corporate_group', 'benchmark_choice', 'benchmark_policy', 'benchmark_partition', 'release_cell',
        'release_contributor', 'contribution', 'release_ledger',
        'release', 'session', 'idempotency_key', 'credential_attempt', 'audit_event', 'organization_role'
    ] LOOP
        EXECUTE format('CREATE POLICY worker_all ON portal.%I TO portal_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;
