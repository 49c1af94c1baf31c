-- Where a write came from, by which device, what stood when it was judged, and which conflict it decides.
ALTER TABLE portal.answer_write
    ADD COLUMN source TEXT COLLATE "C" DEFAULT 'typed' NOT NULL,
    ADD COLUMN device TEXT,
    ADD COLUMN was JSONB,
    ADD COLUMN decides UUID,
    DROP CONSTRAINT ck_answer_write_outcome,
    ADD CONSTRAINT ck_answer_write_outcome
        CHECK (outcome IN ('saved', 'unchanged', 'conflict', 'refused', 'pending', 'dismissed')),
    ADD CONSTRAINT ck_answer_write_source
        CHECK (source IN ('typed', 'form', 'confirmed', 'decided'));

-- What waits and what is in conflict is few among many, and looked for whenever an assessment is opened.
CREATE INDEX ix_answer_write_open ON portal.answer_write (supplier_id, assessment_id, outcome, received_at)
    WHERE outcome IN ('pending', 'conflict');
CREATE INDEX ix_answer_write_decides ON portal.answer_write (supplier_id, decides) WHERE decides IS NOT NULL;
