-- What people say of one submission beside its result: who was engaged to look, what was found, asked and disputed.
-- The share that an engagement opens shows the documents of its sections and no others.
ALTER TABLE portal.share ADD COLUMN sections_only BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT ck_share_sections_only CHECK (NOT sections_only OR until IS NOT NULL);

-- A draft that answers a clarification: only these places may change, as "question" or "question/row".
ALTER TABLE portal.assessment ADD COLUMN clarification_id UUID, ADD COLUMN reopened TEXT[];
GRANT UPDATE (clarification_id, reopened) ON portal.assessment TO portal_app;

CREATE TABLE portal.engagement (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    reviewer_id UUID NOT NULL,
    proposer_id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    sections TEXT[] NOT NULL,
    include_evidence BOOLEAN DEFAULT false NOT NULL,
    purpose TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    proposed_by UUID,
    proposed_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE,
    consented_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT COLLATE "C",
    share_id UUID,
    CONSTRAINT pk_engagement PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_engagement_ended_by CHECK (ended_by IN ('supplier', 'reviewer', 'proposer')),
    CONSTRAINT ck_engagement_parties CHECK (reviewer_id <> supplier_id AND reviewer_id <> proposer_id),
    CONSTRAINT fk_engagement_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_engagement_reviewer_id FOREIGN KEY (reviewer_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_engagement_proposer_id FOREIGN KEY (proposer_id) REFERENCES portal.organization (id)
);
-- One at a time of the same proposer and reviewer on a submission.
CREATE UNIQUE INDEX uq_engagement_open ON portal.engagement (supplier_id, submission_id, reviewer_id, proposer_id)
    WHERE ended_at IS NULL;
CREATE INDEX ix_engagement_reviewer_id_id ON portal.engagement (reviewer_id, id);
CREATE INDEX ix_engagement_proposer_id_id ON portal.engagement (proposer_id, id);

-- Insert-only. A newer statement of the same reviewer on the same answer takes the place of the older one.
CREATE TABLE portal.assurance_statement (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    reviewer_id UUID NOT NULL,
    is_third_party BOOLEAN NOT NULL,
    as_of DATE NOT NULL,
    remark TEXT,
    made_by UUID,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_assurance_statement PRIMARY KEY (supplier_id, id),
    CONSTRAINT uq_assurance_statement_parts UNIQUE (supplier_id, id, submission_id, reviewer_id),
    CONSTRAINT ck_assurance_statement_reviewer CHECK (reviewer_id <> supplier_id),
    CONSTRAINT fk_assurance_statement_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_assurance_statement_reviewer_id FOREIGN KEY (reviewer_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_assurance_statement_submission ON portal.assurance_statement (supplier_id, submission_id, id);
CREATE INDEX ix_assurance_statement_reviewer_id ON portal.assurance_statement (reviewer_id);

-- What a statement says of one answer, the documents that it rests on, and those that do not hold.
CREATE TABLE portal.assurance_finding (
    supplier_id UUID NOT NULL,
    statement_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    reviewer_id UUID NOT NULL,
    is_third_party BOOLEAN NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    basis TEXT NOT NULL,
    not_shown TEXT,
    beyond TEXT,
    rests_on UUID[] DEFAULT '{}' NOT NULL,
    contradicts UUID[] DEFAULT '{}' NOT NULL,
    as_of DATE NOT NULL,
    CONSTRAINT pk_assurance_finding PRIMARY KEY (supplier_id, statement_id, question, row_id),
    CONSTRAINT ck_assurance_finding_level CHECK (level IN ('declared', 'documented', 'verified', 'contradicted')),
    CONSTRAINT fk_assurance_finding_statement FOREIGN KEY (supplier_id, statement_id, submission_id, reviewer_id)
        REFERENCES portal.assurance_statement (supplier_id, id, submission_id, reviewer_id),
    CONSTRAINT fk_assurance_finding_section FOREIGN KEY (supplier_id, submission_id, section)
        REFERENCES portal.submission_section (supplier_id, submission_id, section)
);
CREATE INDEX ix_assurance_finding_place
    ON portal.assurance_finding (supplier_id, submission_id, question, row_id, statement_id);

-- The shares of points from a day on until the next row's, written by the worker: nobody else reads every section.
CREATE TABLE portal.assurance_summary (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    from_day DATE NOT NULL,
    declared INTEGER NOT NULL,
    documented INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    contradicted INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    profile_number INTEGER NOT NULL,
    CONSTRAINT pk_assurance_summary PRIMARY KEY (supplier_id, submission_id, from_day),
    CONSTRAINT fk_assurance_summary_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id)
);
CREATE TABLE portal.assurance_section (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    from_day DATE NOT NULL,
    standings JSONB NOT NULL,
    CONSTRAINT pk_assurance_section PRIMARY KEY (supplier_id, submission_id, section, from_day),
    CONSTRAINT fk_assurance_section_section FOREIGN KEY (supplier_id, submission_id, section)
        REFERENCES portal.submission_section (supplier_id, submission_id, section)
);

CREATE TABLE portal.clarification (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    asker_id UUID NOT NULL,
    round INTEGER NOT NULL,
    message TEXT,
    due_on DATE NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'open' NOT NULL,
    asked_by UUID,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    reply TEXT,
    reply_submission_id UUID,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_clarification PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_clarification_state CHECK (state IN ('open', 'replied', 'revised', 'withdrawn')),
    CONSTRAINT ck_clarification_asker CHECK (asker_id <> supplier_id),
    CONSTRAINT fk_clarification_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_clarification_asker_id FOREIGN KEY (asker_id) REFERENCES portal.organization (id)
);
CREATE INDEX ix_clarification_submission ON portal.clarification (supplier_id, submission_id, asker_id);
CREATE INDEX ix_clarification_asker_id_id ON portal.clarification (asker_id, id);

CREATE TABLE portal.clarification_item (
    supplier_id UUID NOT NULL,
    clarification_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    evidence_id UUID,
    text TEXT NOT NULL,
    CONSTRAINT pk_clarification_item PRIMARY KEY (supplier_id, clarification_id, question, row_id),
    CONSTRAINT fk_clarification_item_clarification FOREIGN KEY (supplier_id, clarification_id)
        REFERENCES portal.clarification (supplier_id, id),
    CONSTRAINT fk_clarification_item_section FOREIGN KEY (supplier_id, submission_id, section)
        REFERENCES portal.submission_section (supplier_id, submission_id, section),
    CONSTRAINT fk_clarification_item_evidence FOREIGN KEY (supplier_id, evidence_id)
        REFERENCES portal.evidence (supplier_id, id)
);

-- A supplier disputes what a statement says of an answer. It stays beside the statement for ever.
CREATE TABLE portal.dispute (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    reviewer_id UUID NOT NULL,
    statement_id UUID NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    reason TEXT NOT NULL,
    documents UUID[] DEFAULT '{}' NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'open' NOT NULL,
    opened_by UUID,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    decided_by_statement UUID,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_dispute PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_dispute_state CHECK (state IN ('open', 'upheld', 'changed', 'withdrawn')),
    CONSTRAINT fk_dispute_finding FOREIGN KEY (supplier_id, statement_id, question, row_id)
        REFERENCES portal.assurance_finding (supplier_id, statement_id, question, row_id),
    CONSTRAINT fk_dispute_reviewer_id FOREIGN KEY (reviewer_id) REFERENCES portal.organization (id)
);
CREATE UNIQUE INDEX uq_dispute_open ON portal.dispute (supplier_id, statement_id, question, row_id)
    WHERE state = 'open';
CREATE INDEX ix_dispute_submission ON portal.dispute (supplier_id, submission_id, reviewer_id);
CREATE INDEX ix_dispute_reviewer_id_id ON portal.dispute (reviewer_id, id);

CREATE TABLE portal.dispute_comment (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    dispute_id UUID NOT NULL,
    author_id UUID NOT NULL,
    body TEXT NOT NULL,
    made_by UUID,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_dispute_comment PRIMARY KEY (supplier_id, id),
    CONSTRAINT fk_dispute_comment_dispute FOREIGN KEY (supplier_id, dispute_id)
        REFERENCES portal.dispute (supplier_id, id)
);
CREATE INDEX ix_dispute_comment_dispute ON portal.dispute_comment (supplier_id, dispute_id, id);
