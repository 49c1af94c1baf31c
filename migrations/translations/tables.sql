-- Texts of a questionnaire in another language. Each content stays under its hash; one per language is the current one.
CREATE TABLE portal.questionnaire_translation (
    content_hash TEXT COLLATE "C" NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    locale TEXT COLLATE "C" NOT NULL,
    file_hash TEXT COLLATE "C" NOT NULL,
    document TEXT NOT NULL,
    is_packaged BOOLEAN NOT NULL,
    is_current BOOLEAN NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_questionnaire_translation PRIMARY KEY (content_hash),
    CONSTRAINT fk_questionnaire_translation_questionnaire FOREIGN KEY(questionnaire) REFERENCES portal.questionnaire (key)
);
CREATE UNIQUE INDEX uq_questionnaire_translation_current ON portal.questionnaire_translation (questionnaire, locale) WHERE is_current;

ALTER TABLE portal.questionnaire_translation ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.questionnaire_translation FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.questionnaire_translation TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.questionnaire_translation FOR SELECT TO portal_backup USING (true);
CREATE POLICY read ON portal.questionnaire_translation FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = questionnaire_translation.questionnaire));
GRANT SELECT ON portal.questionnaire_translation TO portal_backup, portal_app;
