-- What a head office answers once for its sites. An answer that a site cannot change is LOCKED; a suggestion is an answer
-- to confirm. Each is an ordinary write of the site's assessment, and says in which act it was pushed.
ALTER TABLE portal.answer
    DROP CONSTRAINT ck_answer_provenance,
    ADD CONSTRAINT ck_answer_provenance
        CHECK (provenance IN ('answered', 'carried', 'to_confirm', 'confirmed', 'locked'));
ALTER TABLE portal.answer_write
    ADD COLUMN push_id UUID,
    DROP CONSTRAINT ck_answer_write_source,
    ADD CONSTRAINT ck_answer_write_source
        CHECK (source IN ('typed', 'form', 'confirmed', 'decided', 'head_office'));
CREATE INDEX ix_answer_write_push ON portal.answer_write (supplier_id, push_id) WHERE push_id IS NOT NULL;

-- A row of a list may name a site of the organization, which stays named when it is closed. That each is named once is
-- asked of a submission: a device may send what gives a site to one row before what takes it from another.
ALTER TABLE portal.answer_write ADD COLUMN site_id UUID;
ALTER TABLE portal.answer
    ADD COLUMN site_id UUID,
    ADD CONSTRAINT fk_answer_site FOREIGN KEY (supplier_id, site_id) REFERENCES portal.site (organization_id, id);

-- The names that the sites of its rows had when it was submitted, by question and row; beside what is sealed. A share of
-- the section opens them, so there are no ids in it.
ALTER TABLE portal.submission_section ADD COLUMN row_sites JSONB DEFAULT '{}' NOT NULL;

-- One act of pushing or releasing: who, why, and what could not be pushed.
CREATE TABLE portal.answer_push (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    source_id UUID NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    note TEXT,
    report JSONB DEFAULT '{}' NOT NULL,
    pushed_by UUID,
    pushed_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_answer_push PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_answer_push_mode CHECK (mode IN ('locked', 'suggested', 'released')),
    CONSTRAINT fk_answer_push_supplier_id_organization FOREIGN KEY (supplier_id) REFERENCES portal.organization (id)
);

-- What stands for a site in a period: a draft that it starts later, or corrects, gets it too. It names no assessment,
-- since revisions and versions of both sides come and go.
CREATE TABLE portal.pushed_answer (
    supplier_id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    site_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    push_id UUID NOT NULL,
    content_hash TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    value JSONB,
    reason TEXT,
    source_revision INTEGER NOT NULL,
    CONSTRAINT pk_pushed_answer PRIMARY KEY (supplier_id, questionnaire, period_start, period_end, site_id, question),
    CONSTRAINT ck_pushed_answer_state CHECK (state IN ('value', 'not_applicable', 'unknown', 'declined')),
    CONSTRAINT fk_pushed_answer_site FOREIGN KEY (supplier_id, site_id) REFERENCES portal.site (organization_id, id),
    CONSTRAINT fk_pushed_answer_push FOREIGN KEY (supplier_id, push_id) REFERENCES portal.answer_push (supplier_id, id)
);
CREATE INDEX ix_pushed_answer_push ON portal.pushed_answer (supplier_id, push_id);
CREATE INDEX ix_pushed_answer_site ON portal.pushed_answer (supplier_id, site_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['answer_push', 'pushed_answer'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON portal.%I TO portal_app', name);
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app'
            ' USING (supplier_id = (SELECT portal.current_organization()))'
            ' WITH CHECK (supplier_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;
