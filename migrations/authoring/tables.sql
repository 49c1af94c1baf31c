-- Questionnaires of organizations: the name they publish under, drafts, and the life of a published version.
CREATE TABLE portal.publisher (
    organization_id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_publisher PRIMARY KEY (organization_id),
    CONSTRAINT ck_publisher_name CHECK (name ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(name) BETWEEN 2 AND 30
        AND name <> 'portal'),
    CONSTRAINT uq_publisher_name UNIQUE (name),
    CONSTRAINT fk_publisher_organization_id FOREIGN KEY(organization_id) REFERENCES portal.organization (id)
);

CREATE TABLE portal.questionnaire_draft (
    owner_id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    source TEXT NOT NULL,
    profile_format TEXT COLLATE "C",
    profile_source TEXT,
    findings JSONB NOT NULL,
    document TEXT,
    profile_document TEXT,
    revision INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_questionnaire_draft PRIMARY KEY (owner_id, questionnaire),
    CONSTRAINT ck_questionnaire_draft_format CHECK (format IN ('yaml', 'json', 'xlsform')),
    CONSTRAINT ck_questionnaire_draft_profile_format CHECK (profile_format IN ('yaml', 'json', 'xlsform')),
    CONSTRAINT fk_questionnaire_draft_owner_id FOREIGN KEY(owner_id) REFERENCES portal.organization (id)
);

ALTER TABLE portal.questionnaire DROP CONSTRAINT ck_questionnaire_visibility;
ALTER TABLE portal.questionnaire
    ADD CONSTRAINT ck_questionnaire_visibility CHECK (visibility IN ('public', 'connected', 'private'));

ALTER TABLE portal.questionnaire_version
    ADD COLUMN deprecated_on DATE,
    ADD COLUMN retired_on DATE,
    ADD COLUMN approval TEXT COLLATE "C",
    ADD COLUMN approval_reason TEXT,
    ADD COLUMN approval_asked_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_questionnaire_version_approval CHECK (approval IN ('asked', 'approved', 'refused')),
    ADD CONSTRAINT ck_questionnaire_version_end CHECK (retired_on IS NULL OR deprecated_on <= retired_on);
CREATE INDEX ix_questionnaire_version_asked ON portal.questionnaire_version (approval_asked_at)
    WHERE approval = 'asked';

-- A second questionnaire that is asked along with a first one.
ALTER TABLE portal.request ADD COLUMN extra_of UUID,
    ADD CONSTRAINT fk_request_extra_of FOREIGN KEY(buyer_id, extra_of) REFERENCES portal.request (buyer_id, id);
CREATE INDEX ix_request_extra ON portal.request (buyer_id, extra_of) WHERE extra_of IS NOT NULL;
CREATE INDEX ix_request_supplier_id_questionnaire ON portal.request (supplier_id, questionnaire);

-- Cards look up the questionnaires that a record has to do with, instead of trying each one there is for every record.
DO $$
DECLARE
    before text := $old$            WHERE x.key = 'responsible-sourcing'
               OR EXISTS (SELECT FROM portal.request z
                           WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id AND z.questionnaire = x.key)
               OR (r.supplier_id IS NOT NULL AND EXISTS (
                    SELECT FROM portal.share z
                     WHERE z.supplier_id = r.supplier_id AND z.buyer_id = r.buyer_id AND z.questionnaire = x.key))
$old$;
    now text := $new$            WHERE x.key IN (
                SELECT 'responsible-sourcing'
                 UNION SELECT z.questionnaire FROM portal.request z
                        WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id
                 UNION SELECT z.questionnaire FROM portal.share z
                        WHERE z.supplier_id = r.supplier_id AND z.buyer_id = r.buyer_id)
$new$;
    body text := pg_get_functiondef('portal.refresh_cards_of_records(uuid, uuid[])'::regprocedure);
BEGIN
    IF strpos(body, before) = 0 THEN
        RAISE EXCEPTION 'refresh_cards_of_records is another than this migration knows';
    END IF;
    EXECUTE replace(body, before, now);
END
$$;
