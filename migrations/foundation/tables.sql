-- The tables, as portal/database/tables/ declares them.

CREATE TABLE portal.audit_event (
    id UUID NOT NULL,
    organization_id UUID,
    actor_id UUID,
    action TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C",
    detail JSONB DEFAULT '{}' NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_audit_event PRIMARY KEY (id)
);
CREATE INDEX ix_audit_event_organization_id_at ON portal.audit_event (organization_id, at);

CREATE TABLE portal.benchmark_choice (
    organization_id UUID NOT NULL,
    takes_part BOOLEAN NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_benchmark_choice PRIMARY KEY (organization_id)
);

CREATE TABLE portal.benchmark_partition (
    questionnaire TEXT COLLATE "C" NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    cells JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_benchmark_partition PRIMARY KEY (questionnaire, first_day)
);

CREATE TABLE portal.benchmark_policy (
    id INTEGER NOT NULL,
    p_percent INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_benchmark_policy PRIMARY KEY (id),
    CONSTRAINT ck_benchmark_policy_single CHECK (id = 1),
    CONSTRAINT ck_benchmark_policy_p_percent CHECK (p_percent BETWEEN 10 AND 20)
);

CREATE TABLE portal.corporate_group (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    status TEXT COLLATE "C" DEFAULT 'proposed' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_corporate_group PRIMARY KEY (id),
    CONSTRAINT ck_corporate_group_status CHECK (status IN ('proposed', 'confirmed'))
);

CREATE TABLE portal.credential_attempt (
    kind TEXT COLLATE "C" NOT NULL,
    subject_hash BYTEA NOT NULL,
    window_start TIMESTAMP WITH TIME ZONE NOT NULL,
    tries INTEGER NOT NULL,
    CONSTRAINT pk_credential_attempt PRIMARY KEY (kind, subject_hash)
);

CREATE TABLE portal.mail (
    id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    ids JSONB NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'waiting' NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    last_error TEXT,
    sent_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_mail PRIMARY KEY (id),
    CONSTRAINT ck_mail_state CHECK (state IN ('waiting', 'sent', 'failed'))
);
CREATE INDEX ix_mail_state_created_at ON portal.mail (state, created_at);

CREATE TABLE portal.organization (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    country TEXT COLLATE "C",
    sector_scheme TEXT COLLATE "C",
    sector TEXT COLLATE "C",
    size_band TEXT COLLATE "C",
    status TEXT COLLATE "C" DEFAULT 'active' NOT NULL,
    locale TEXT COLLATE "C" DEFAULT 'en' NOT NULL,
    time_zone TEXT COLLATE "C" DEFAULT 'UTC' NOT NULL,
    is_demo BOOLEAN DEFAULT 'false' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_organization PRIMARY KEY (id),
    CONSTRAINT ck_organization_status CHECK (status IN ('active', 'suspended', 'closed')),
    CONSTRAINT ck_organization_size_band CHECK (size_band IN ('micro', 'small', 'medium', 'large'))
);

CREATE TABLE portal.outbox (
    id UUID NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    ids JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    relayed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE INDEX ix_outbox_waiting ON portal.outbox (created_at) WHERE relayed_at IS NULL;

CREATE TABLE portal.partner_terms (
    organization_id UUID NOT NULL,
    terms_version TEXT COLLATE "C" NOT NULL,
    accepted_by UUID,
    accepted_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_partner_terms PRIMARY KEY (organization_id, terms_version)
);

CREATE TABLE portal.registration (
    id UUID NOT NULL,
    token_hash BYTEA,
    email TEXT COLLATE "C" NOT NULL,
    user_id UUID,
    password_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    locale TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_registration PRIMARY KEY (id),
    CONSTRAINT uq_registration_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_registration_expires_at ON portal.registration (expires_at);

CREATE TABLE portal.release (
    number INTEGER NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    policy JSONB NOT NULL,
    terms_version TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_release PRIMARY KEY (number),
    CONSTRAINT uq_release_period_end UNIQUE (period_end)
);

CREATE TABLE portal.release_ledger (
    id UUID NOT NULL,
    release_number INTEGER NOT NULL,
    cell TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    detail JSONB NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_release_ledger PRIMARY KEY (id)
);
CREATE INDEX ix_release_ledger_release_number ON portal.release_ledger (release_number);

CREATE TABLE portal.user_account (
    id UUID NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    password_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    locale TEXT COLLATE "C" DEFAULT 'en' NOT NULL,
    time_zone TEXT COLLATE "C" DEFAULT 'UTC' NOT NULL,
    is_operator BOOLEAN DEFAULT 'false' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_user_account PRIMARY KEY (id),
    CONSTRAINT uq_user_account_email UNIQUE (email)
);

CREATE TABLE portal.api_key (
    id UUID NOT NULL,
    key_hash BYTEA NOT NULL,
    organization_id UUID NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_api_key PRIMARY KEY (id),
    CONSTRAINT uq_api_key_key_hash UNIQUE (key_hash),
    CONSTRAINT fk_api_key_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_api_key_organization_id ON portal.api_key (organization_id);

CREATE TABLE portal.contribution (
    release_number INTEGER NOT NULL,
    cell TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    group_id UUID NOT NULL,
    value INTEGER NOT NULL,
    CONSTRAINT pk_contribution PRIMARY KEY (release_number, cell, measure, group_id),
    CONSTRAINT fk_contribution_release_number FOREIGN KEY(release_number) REFERENCES portal.release (number)
);

CREATE TABLE portal.evidence (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    file_name TEXT NOT NULL,
    title TEXT,
    kind TEXT COLLATE "C" NOT NULL,
    issuer TEXT,
    issued_on DATE,
    valid_until DATE,
    media_type TEXT COLLATE "C",
    size BIGINT,
    sha256 BYTEA,
    storage_key TEXT COLLATE "C",
    upload_hash BYTEA,
    upload_expires_at TIMESTAMP WITH TIME ZONE,
    state TEXT COLLATE "C" DEFAULT 'awaiting' NOT NULL,
    rejection TEXT COLLATE "C",
    uploaded_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_evidence PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_evidence_state CHECK (state IN ('awaiting', 'quarantined', 'available', 'rejected', 'expired')),
    CONSTRAINT uq_evidence_upload_hash UNIQUE (upload_hash),
    CONSTRAINT fk_evidence_supplier_id FOREIGN KEY(supplier_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_evidence_supplier_id_sha256 ON portal.evidence (supplier_id, sha256);

CREATE TABLE portal.group_member (
    organization_id UUID NOT NULL,
    group_id UUID NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    valid_to TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_group_member PRIMARY KEY (organization_id, valid_from),
    CONSTRAINT fk_group_member_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_group_member_group_id FOREIGN KEY(group_id) REFERENCES portal.corporate_group (id)
);
CREATE INDEX ix_group_member_group_id ON portal.group_member (group_id);

CREATE TABLE portal.idempotency_key (
    organization_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    body_hash BYTEA NOT NULL,
    object_ids TEXT[] DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_idempotency_key PRIMARY KEY (organization_id, actor_id, key),
    CONSTRAINT fk_idempotency_key_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_idempotency_key_created_at ON portal.idempotency_key (created_at);

CREATE TABLE portal.invitation (
    id UUID NOT NULL,
    token_hash BYTEA,
    kind TEXT COLLATE "C" NOT NULL,
    organization_id UUID NOT NULL,
    supplier_record_id UUID,
    email TEXT COLLATE "C",
    role TEXT COLLATE "C",
    created_by UUID,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    used_by UUID,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_invitation PRIMARY KEY (id),
    CONSTRAINT ck_invitation_kind CHECK (kind IN ('supplier', 'member')),
    CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_invitation_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_invitation_organization_id_supplier_record_id ON portal.invitation (organization_id, supplier_record_id);

CREATE TABLE portal.member (
    organization_id UUID NOT NULL,
    user_id UUID NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_member PRIMARY KEY (organization_id, user_id),
    CONSTRAINT ck_member_role CHECK (role IN ('owner', 'editor', 'reviewer', 'viewer')),
    CONSTRAINT fk_member_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_member_user_id FOREIGN KEY(user_id) REFERENCES portal.user_account (id)
);
CREATE INDEX ix_member_organization_id_created_at_user_id ON portal.member (organization_id, created_at, user_id);
CREATE INDEX ix_member_user_id ON portal.member (user_id);

CREATE TABLE portal.organization_role (
    organization_id UUID NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    reason TEXT,
    terms_version TEXT COLLATE "C",
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_organization_role PRIMARY KEY (organization_id, role),
    CONSTRAINT ck_organization_role_role CHECK (role IN ('supplier', 'buyer', 'partner', 'reviewer')),
    CONSTRAINT ck_organization_role_status CHECK (status IN ('pending', 'active', 'refused')),
    CONSTRAINT fk_organization_role_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_organization_role_status_created_at ON portal.organization_role (status, created_at);

CREATE TABLE portal.password_reset (
    token_hash BYTEA NOT NULL,
    user_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_password_reset PRIMARY KEY (token_hash),
    CONSTRAINT fk_password_reset_user_id FOREIGN KEY(user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE
);

CREATE TABLE portal.questionnaire (
    key TEXT COLLATE "C" NOT NULL,
    owner_id UUID,
    title TEXT NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    visibility TEXT COLLATE "C" DEFAULT 'public' NOT NULL,
    current_version TEXT COLLATE "C",
    benchmark_approved_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_questionnaire PRIMARY KEY (key),
    CONSTRAINT ck_questionnaire_visibility CHECK (visibility IN ('public', 'private')),
    CONSTRAINT fk_questionnaire_owner_id FOREIGN KEY(owner_id) REFERENCES portal.organization (id)
);

CREATE TABLE portal.read_receipt (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    reader_id UUID NOT NULL,
    reader_role TEXT COLLATE "C" NOT NULL,
    member_id UUID,
    kind TEXT COLLATE "C" NOT NULL,
    submission_id UUID,
    evidence_id UUID,
    purpose TEXT,
    read_on DATE DEFAULT (portal.clock() AT TIME ZONE 'UTC')::date NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_read_receipt PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_read_receipt_kind CHECK (kind IN ('summary', 'answers', 'evidence')),
    CONSTRAINT fk_read_receipt_supplier_id FOREIGN KEY(supplier_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_read_receipt_reader_id FOREIGN KEY(reader_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_read_receipt_supplier_id_read_at ON portal.read_receipt (supplier_id, read_at);
CREATE UNIQUE INDEX uq_read_receipt_summary_day ON portal.read_receipt (supplier_id, reader_id, submission_id, read_on) WHERE kind = 'summary';

CREATE TABLE portal.release_cell (
    release_number INTEGER NOT NULL,
    id UUID NOT NULL,
    cell TEXT COLLATE "C" NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    sector TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    size_band TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    count_band TEXT COLLATE "C",
    mean INTEGER,
    p10 INTEGER,
    p25 INTEGER,
    p50 INTEGER,
    p75 INTEGER,
    p90 INTEGER,
    figures_from INTEGER,
    CONSTRAINT pk_release_cell PRIMARY KEY (release_number, id),
    CONSTRAINT ck_release_cell_status CHECK (status IN ('published', 'not_published')),
    CONSTRAINT ck_release_cell_reason CHECK (reason IN ('TOO_FEW', 'DOMINATED', 'UNCHANGED', 'WOULD_DISCLOSE', 'TOO_RECENT')),
    CONSTRAINT uq_release_cell_release_number_cell_measure UNIQUE (release_number, cell, measure),
    CONSTRAINT fk_release_cell_release_number FOREIGN KEY(release_number) REFERENCES portal.release (number)
);
CREATE INDEX ix_release_cell_release_number_questionnaire_measure_ti_6179 ON portal.release_cell (release_number, questionnaire, measure, tier, sector, region, size_band);

CREATE TABLE portal.release_contributor (
    release_number INTEGER NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    profile_number INTEGER NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    sector TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    size_band TEXT COLLATE "C" NOT NULL,
    group_id UUID NOT NULL,
    waits BOOLEAN NOT NULL,
    CONSTRAINT pk_release_contributor PRIMARY KEY (release_number, questionnaire, supplier_id),
    CONSTRAINT fk_release_contributor_release_number FOREIGN KEY(release_number) REFERENCES portal.release (number)
);
CREATE INDEX ix_release_contributor_supplier_id_questionnaire_release_number ON portal.release_contributor (supplier_id, questionnaire, release_number);

CREATE TABLE portal.session (
    token_hash BYTEA NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    organization_id UUID,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_session PRIMARY KEY (token_hash),
    CONSTRAINT fk_session_user_id FOREIGN KEY(user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE,
    CONSTRAINT fk_session_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_session_user_id ON portal.session (user_id);

CREATE TABLE portal.site (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    address TEXT,
    country TEXT COLLATE "C",
    external_reference TEXT COLLATE "C",
    archived_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_site PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_site_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_site_organization_id_name_id ON portal.site (organization_id, name, id);

CREATE TABLE portal.supplier_import (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    file_name TEXT NOT NULL,
    size INTEGER,
    sha256 BYTEA,
    storage_key TEXT COLLATE "C",
    upload_hash BYTEA,
    upload_expires_at TIMESTAMP WITH TIME ZONE,
    state TEXT COLLATE "C" NOT NULL,
    mapping JSONB,
    summary JSONB,
    failure TEXT,
    created_by UUID,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_supplier_import PRIMARY KEY (buyer_id, id),
    CONSTRAINT ck_supplier_import_state CHECK (state IN ('awaiting', 'uploaded', 'previewed', 'confirmed', 'failed', 'expired')),
    CONSTRAINT uq_supplier_import_upload_hash UNIQUE (upload_hash),
    CONSTRAINT fk_supplier_import_buyer_id FOREIGN KEY(buyer_id) REFERENCES portal.organization (id)
);

CREATE TABLE portal.supplier_record (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    vendor_number TEXT COLLATE "C",
    external_reference TEXT COLLATE "C",
    name TEXT NOT NULL,
    local_name TEXT,
    name_key TEXT COLLATE "C" NOT NULL,
    address TEXT,
    country TEXT COLLATE "C",
    sector_scheme TEXT COLLATE "C",
    sector TEXT COLLATE "C",
    sector_text TEXT,
    state TEXT COLLATE "C" DEFAULT 'needs_contact' NOT NULL,
    refusal TEXT,
    supplier_id UUID,
    linked_at TIMESTAMP WITH TIME ZONE,
    invited_at TIMESTAMP WITH TIME ZONE,
    archived_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_supplier_record PRIMARY KEY (buyer_id, id),
    CONSTRAINT ck_supplier_record_state CHECK (state IN ('needs_contact', 'has_contact', 'invited', 'linked', 'refused')),
    CONSTRAINT fk_supplier_record_buyer_id FOREIGN KEY(buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_supplier_record_supplier_id FOREIGN KEY(supplier_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_supplier_record_buyer_id_name_key_country ON portal.supplier_record (buyer_id, name_key, country);
CREATE INDEX ix_supplier_record_buyer_id_supplier_id ON portal.supplier_record (buyer_id, supplier_id);
CREATE INDEX ix_supplier_record_supplier_id ON portal.supplier_record (supplier_id);
CREATE UNIQUE INDEX uq_supplier_record_vendor_number ON portal.supplier_record (buyer_id, vendor_number) WHERE vendor_number IS NOT NULL AND archived_at IS NULL;

CREATE TABLE portal.questionnaire_version (
    questionnaire TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    content_hash TEXT COLLATE "C" NOT NULL,
    locale TEXT COLLATE "C" NOT NULL,
    document TEXT NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_questionnaire_version PRIMARY KEY (questionnaire, version),
    CONSTRAINT uq_questionnaire_version_content_hash UNIQUE (content_hash),
    CONSTRAINT fk_questionnaire_version_questionnaire FOREIGN KEY(questionnaire) REFERENCES portal.questionnaire (key)
);

CREATE TABLE portal.relationship_card (
    buyer_id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    archived BOOLEAN DEFAULT 'false' NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C",
    sector TEXT COLLATE "C",
    record_state TEXT COLLATE "C" NOT NULL,
    supplier_id UUID,
    share_id UUID,
    submission_id UUID,
    tier TEXT COLLATE "C",
    band TEXT COLLATE "C",
    total INTEGER,
    total_missing BOOLEAN DEFAULT 'true' NOT NULL,
    coverage INTEGER,
    pillars JSONB,
    submitted_at TIMESTAMP WITH TIME ZONE,
    valid_until DATE,
    shared_until TIMESTAMP WITH TIME ZONE,
    request_id UUID,
    request_state TEXT COLLATE "C",
    due_on DATE,
    due_missing BOOLEAN DEFAULT 'true' NOT NULL,
    next_change_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_relationship_card PRIMARY KEY (buyer_id, supplier_record_id, questionnaire),
    CONSTRAINT fk_relationship_card_record FOREIGN KEY(buyer_id, supplier_record_id) REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_card_country ON portal.relationship_card (buyer_id, questionnaire, archived, country, name_key, supplier_record_id);
CREATE INDEX ix_card_due ON portal.relationship_card (buyer_id, questionnaire, archived, due_missing, due_on, supplier_record_id);
CREATE INDEX ix_card_name ON portal.relationship_card (buyer_id, questionnaire, archived, name_key, supplier_record_id);
CREATE INDEX ix_card_next_change ON portal.relationship_card (buyer_id, next_change_at) WHERE next_change_at IS NOT NULL;
CREATE INDEX ix_card_share ON portal.relationship_card (share_id);
CREATE INDEX ix_card_total ON portal.relationship_card (buyer_id, questionnaire, archived, total_missing, total DESC, supplier_record_id);

CREATE TABLE portal.request (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    supplier_id UUID,
    questionnaire TEXT COLLATE "C" NOT NULL,
    minimum_tier TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" DEFAULT 'organization' NOT NULL,
    subject_name TEXT,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    purpose TEXT NOT NULL,
    legal_basis TEXT,
    message TEXT,
    due_on DATE NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'open' NOT NULL,
    state_reason TEXT,
    external_reference TEXT COLLATE "C",
    assessment_id UUID,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_request PRIMARY KEY (buyer_id, id),
    CONSTRAINT ck_request_minimum_tier CHECK (minimum_tier IN ('micro', 'basic', 'standard', 'advanced')),
    CONSTRAINT ck_request_subject CHECK (subject IN ('organization', 'site')),
    CONSTRAINT ck_request_state CHECK (state IN ('open', 'accepted', 'fulfilled', 'declined', 'not_us', 'withdrawn')),
    CONSTRAINT fk_request_record FOREIGN KEY(buyer_id, supplier_record_id) REFERENCES portal.supplier_record (buyer_id, id),
    CONSTRAINT fk_request_buyer_id FOREIGN KEY(buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_request_supplier_id FOREIGN KEY(supplier_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_request_buyer_id_due_on_id ON portal.request (buyer_id, due_on, id);
CREATE INDEX ix_request_buyer_id_supplier_record_id_questionnaire ON portal.request (buyer_id, supplier_record_id, questionnaire);
CREATE INDEX ix_request_supplier_id_assessment_id ON portal.request (supplier_id, assessment_id);
CREATE INDEX ix_request_supplier_id_due_on_id ON portal.request (supplier_id, due_on, id);
CREATE INDEX ix_request_supplier_id_state_due_on ON portal.request (supplier_id, state, due_on);
CREATE UNIQUE INDEX uq_request_live ON portal.request (buyer_id, supplier_record_id, questionnaire, subject, subject_name, period_start, period_end) NULLS NOT DISTINCT WHERE state IN ('open', 'accepted');

CREATE TABLE portal.supplier_contact (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    name TEXT,
    email TEXT COLLATE "C" NOT NULL,
    locale TEXT COLLATE "C",
    bounced_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_supplier_contact PRIMARY KEY (buyer_id, id),
    CONSTRAINT fk_supplier_contact_record FOREIGN KEY(buyer_id, supplier_record_id) REFERENCES portal.supplier_record (buyer_id, id),
    CONSTRAINT uq_supplier_contact_buyer_id_supplier_record_id_email UNIQUE (buyer_id, supplier_record_id, email)
);

CREATE TABLE portal.supplier_name_token (
    buyer_id UUID NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    supplier_record_id UUID NOT NULL,
    CONSTRAINT pk_supplier_name_token PRIMARY KEY (buyer_id, token, supplier_record_id),
    CONSTRAINT fk_supplier_name_token_record FOREIGN KEY(buyer_id, supplier_record_id) REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_supplier_name_token_buyer_id_supplier_record_id ON portal.supplier_name_token (buyer_id, supplier_record_id);

CREATE TABLE portal.assessment (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" DEFAULT 'organization' NOT NULL,
    site_id UUID,
    subject_key UUID NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    revision INTEGER DEFAULT '1' NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'draft' NOT NULL,
    change_number BIGINT DEFAULT '0' NOT NULL,
    corrects UUID,
    upgraded_from UUID,
    submitted_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_assessment PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_assessment_tier CHECK (tier IN ('micro', 'basic', 'standard', 'advanced')),
    CONSTRAINT ck_assessment_state CHECK (state IN ('draft', 'submitted')),
    CONSTRAINT ck_assessment_subject CHECK (subject IN ('organization', 'site')),
    CONSTRAINT fk_assessment_version FOREIGN KEY(questionnaire, version) REFERENCES portal.questionnaire_version (questionnaire, version),
    CONSTRAINT fk_assessment_site FOREIGN KEY(supplier_id, site_id) REFERENCES portal.site (organization_id, id),
    CONSTRAINT fk_assessment_supplier_id FOREIGN KEY(supplier_id) REFERENCES portal.organization (id)
);
CREATE UNIQUE INDEX uq_assessment_subject ON portal.assessment (supplier_id, questionnaire, subject_key, period_start, period_end, revision);

CREATE TABLE portal.scoring_profile (
    questionnaire TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    content_hash TEXT COLLATE "C" NOT NULL,
    document TEXT NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_scoring_profile PRIMARY KEY (questionnaire, version, number),
    CONSTRAINT fk_scoring_profile_version FOREIGN KEY(questionnaire, version) REFERENCES portal.questionnaire_version (questionnaire, version)
);

CREATE TABLE portal.answer (
    supplier_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    value JSONB,
    reason TEXT,
    comment TEXT,
    deleted BOOLEAN DEFAULT 'false' NOT NULL,
    revision INTEGER NOT NULL,
    changed_at_number BIGINT NOT NULL,
    changed_by UUID,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_answer PRIMARY KEY (supplier_id, assessment_id, question, row_id),
    CONSTRAINT ck_answer_state CHECK (state IN ('value', 'not_applicable', 'unknown', 'declined')),
    CONSTRAINT fk_answer_assessment FOREIGN KEY(supplier_id, assessment_id) REFERENCES portal.assessment (supplier_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_answer_supplier_id_assessment_id_changed_at_number ON portal.answer (supplier_id, assessment_id, changed_at_number);

CREATE TABLE portal.answer_write (
    supplier_id UUID NOT NULL,
    write_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    base_revision INTEGER NOT NULL,
    revision INTEGER,
    outcome TEXT COLLATE "C" NOT NULL,
    problem JSONB,
    state TEXT COLLATE "C",
    value JSONB,
    reason TEXT,
    comment TEXT,
    deleted BOOLEAN DEFAULT 'false' NOT NULL,
    body_hash BYTEA NOT NULL,
    member_id UUID,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_answer_write PRIMARY KEY (supplier_id, write_id),
    CONSTRAINT ck_answer_write_outcome CHECK (outcome IN ('saved', 'unchanged', 'conflict', 'refused', 'pending')),
    CONSTRAINT fk_answer_write_assessment FOREIGN KEY(supplier_id, assessment_id) REFERENCES portal.assessment (supplier_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_answer_write_supplier_id_assessment_id_question_row__fcd1 ON portal.answer_write (supplier_id, assessment_id, question, row_id, received_at);

CREATE TABLE portal.evidence_link (
    supplier_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    evidence_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_evidence_link PRIMARY KEY (supplier_id, assessment_id, question, row_id, evidence_id),
    CONSTRAINT fk_evidence_link_assessment FOREIGN KEY(supplier_id, assessment_id) REFERENCES portal.assessment (supplier_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_evidence_link_evidence FOREIGN KEY(supplier_id, evidence_id) REFERENCES portal.evidence (supplier_id, id)
);
CREATE INDEX ix_evidence_link_supplier_id_evidence_id ON portal.evidence_link (supplier_id, evidence_id);

CREATE TABLE portal.submission (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    content_hash TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    subject_key UUID NOT NULL,
    subject_name TEXT,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    header JSONB NOT NULL,
    root_hash BYTEA NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'current' NOT NULL,
    submitted_by UUID,
    submitted_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_submission PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_submission_state CHECK (state IN ('current', 'superseded', 'withdrawn')),
    CONSTRAINT uq_submission_supplier_id_assessment_id_revision UNIQUE (supplier_id, assessment_id, revision),
    CONSTRAINT fk_submission_assessment FOREIGN KEY(supplier_id, assessment_id) REFERENCES portal.assessment (supplier_id, id)
);
CREATE INDEX ix_submission_supplier_id_questionnaire_subject_key_sub_1233 ON portal.submission (supplier_id, questionnaire, subject_key, submitted_at);

CREATE TABLE portal.result (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    profile_number INTEGER NOT NULL,
    tier_scored TEXT COLLATE "C" NOT NULL,
    is_own_tier BOOLEAN NOT NULL,
    total INTEGER,
    band TEXT COLLATE "C",
    band_reason TEXT COLLATE "C",
    coverage INTEGER NOT NULL,
    pillars JSONB NOT NULL,
    critical JSONB NOT NULL,
    valid_until DATE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_result PRIMARY KEY (supplier_id, submission_id, profile_number, tier_scored),
    CONSTRAINT ck_result_tier_scored CHECK (tier_scored IN ('micro', 'basic', 'standard', 'advanced')),
    CONSTRAINT fk_result_submission FOREIGN KEY(supplier_id, submission_id) REFERENCES portal.submission (supplier_id, id)
);

CREATE TABLE portal.share (
    supplier_id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    subject_key UUID NOT NULL,
    submission_id UUID NOT NULL,
    follows_from TIMESTAMP WITH TIME ZONE NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    sections TEXT[] DEFAULT '{}' NOT NULL,
    include_evidence BOOLEAN DEFAULT 'false' NOT NULL,
    purpose TEXT NOT NULL,
    request_id UUID,
    starts_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_share PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_share_mode CHECK (mode IN ('snapshot', 'following')),
    CONSTRAINT fk_share_submission FOREIGN KEY(supplier_id, submission_id) REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_share_supplier_id FOREIGN KEY(supplier_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_share_buyer_id FOREIGN KEY(buyer_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_share_buyer_id_supplier_id_questionnaire ON portal.share (buyer_id, supplier_id, questionnaire);
CREATE INDEX ix_share_supplier_id_buyer_id_questionnaire ON portal.share (supplier_id, buyer_id, questionnaire);

CREATE TABLE portal.submission_evidence (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    evidence_id UUID NOT NULL,
    CONSTRAINT pk_submission_evidence PRIMARY KEY (supplier_id, submission_id, question, row_id, evidence_id),
    CONSTRAINT fk_submission_evidence_submission FOREIGN KEY(supplier_id, submission_id) REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_submission_evidence_evidence FOREIGN KEY(supplier_id, evidence_id) REFERENCES portal.evidence (supplier_id, id)
);
CREATE INDEX ix_submission_evidence_supplier_id_evidence_id ON portal.submission_evidence (supplier_id, evidence_id);

CREATE TABLE portal.submission_section (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    answers JSONB NOT NULL,
    trace JSONB NOT NULL,
    salts JSONB DEFAULT '{}' NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_submission_section PRIMARY KEY (supplier_id, submission_id, section),
    CONSTRAINT fk_section_submission FOREIGN KEY(supplier_id, submission_id) REFERENCES portal.submission (supplier_id, id)
);
