-- Where an answer comes from: given here, or taken over from another assessment and, where asked for, looked at.
ALTER TABLE portal.answer
    ADD COLUMN provenance TEXT COLLATE "C" DEFAULT 'answered' NOT NULL,
    ADD COLUMN carried_from UUID,
    ADD COLUMN carried_question TEXT COLLATE "C",
    ADD CONSTRAINT ck_answer_provenance CHECK (provenance IN ('answered', 'carried', 'to_confirm', 'confirmed'));

-- A draft that was upgraded stays readable in its own version, and takes no more answers.
ALTER TABLE portal.assessment
    DROP CONSTRAINT ck_assessment_state,
    ADD CONSTRAINT ck_assessment_state CHECK (state IN ('draft', 'submitted', 'replaced'));
