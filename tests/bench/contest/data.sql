-- The data of the readers' comparison: as many suppliers as wanted, table by table, each a plain function of a number.
-- What is constrained is right by construction, so the checks are off while it is loaded (see data.py).
CREATE TABLE bench.setting (suppliers bigint NOT NULL, now timestamptz NOT NULL);

CREATE FUNCTION bench.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now FROM bench.setting $$;

-- A result as it is copied: the own tier's only.
CREATE TABLE bench.score AS
SELECT t.place, x.*
  FROM bench.template t CROSS JOIN LATERAL jsonb_to_recordset(t.results) AS x (
       profile_number integer, tier_scored text, is_own_tier boolean, band text, band_reason text, coverage integer,
       pillars jsonb, critical jsonb)
 WHERE x.is_own_tier;

-- Who takes part: number, name, and the newest of two submissions. Every hundredth answers online.
CREATE FUNCTION bench.list_suppliers(first bigint, last bigint) RETURNS TABLE (
    n bigint, id uuid, name text, name_key text, words text[], country text, sector text, place integer, total integer,
    newest timestamptz, oldest timestamptz, until timestamptz) LANGUAGE sql STABLE AS $$
    SELECT n, bench.id(1, n), w.first || ' ' || w.second || ' ' || n || ' Ltd',
           lower(w.first || ' ' || w.second || ' ' || n || ' Ltd'),
           CASE WHEN w.first = w.second THEN ARRAY[lower(w.first), n::text, 'ltd']
                ELSE ARRAY[lower(w.first), lower(w.second), n::text, 'ltd'] END,
           (ARRAY['VN', 'BD', 'IN', 'CN', 'TR', 'DE', 'PT', 'MX'])[1 + n % 8],
           (ARRAY['13', '14', '15', '25'])[1 + n / 8 % 4], (n % 64)::integer, 1000 + (n * 7919 % 8501)::integer,
           s.now - (90 - n % 80) * interval '1 day', s.now - (455 - n % 80) * interval '1 day',
           CASE WHEN n % 2 = 0 THEN s.now + interval '1 year' END
      FROM bench.setting s CROSS JOIN generate_series(first, last) n
      JOIN LATERAL (SELECT (SELECT word FROM bench.word WHERE place = n * 31 % 16) AS first,
                           (SELECT word FROM bench.word WHERE place = n / 16 % 16) AS second) w ON true
$$;

-- Indexes that are no constraint are made after the rows, which is faster.
CREATE TABLE bench.dropped (statement text NOT NULL);
CREATE FUNCTION bench.drop_indexes(tables text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS statement
                   FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                  WHERE c.relnamespace = 'portal'::regnamespace AND c.relname = ANY (tables)
                    AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conindid = i.indexrelid) LOOP
        INSERT INTO bench.dropped VALUES (found.statement);
        EXECUTE format('DROP INDEX %s', found.name);
    END LOOP;
END
$$;

CREATE FUNCTION bench.load_organizations(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.organization (id, name, country, sector_scheme, sector, size_band)
    SELECT id, name, country, 'nace', sector, (ARRAY['small', 'medium', 'large'])[1 + n / 32 % 3]
      FROM bench.list_suppliers(first, last);
    INSERT INTO portal.organization_role (organization_id, role, status)
    SELECT bench.id(1, n), 'supplier', 'active' FROM generate_series(first, last) n;
$$;

-- The records of one buyer: of its own kind of ids, of every supplier whose number `every` divides.
CREATE FUNCTION bench.load_records(buyer uuid, kind integer, first bigint, last bigint, every integer)
    RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.supplier_record (buyer_id, id, vendor_number, name, name_key, address, country, sector_scheme, sector,
                                        state, supplier_id, linked_at)
    SELECT buyer, bench.id(kind, n), 'V' || n, name, name_key, n || ' Mill Road', country, 'nace', sector, 'linked', id,
           bench.now() - interval '500 days'
      FROM bench.list_suppliers(first, last) WHERE n % every = 0;
    INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, name, email, locale)
    SELECT buyer, bench.id(kind + 1, n), bench.id(kind, n), 'Contact ' || n, 'contact' || n || '@example.com', 'en'
      FROM generate_series(first, last) n WHERE n % every = 0;
$$;

CREATE FUNCTION bench.load_words(buyer uuid, kind integer, first bigint, last bigint, every integer)
    RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.supplier_name_token (buyer_id, token, supplier_record_id)
    SELECT buyer, token, bench.id(kind, n) FROM bench.list_suppliers(first, last), unnest(words) token
     WHERE n % every = 0 ORDER BY 2, 3;
$$;

CREATE FUNCTION bench.load_cards(buyer uuid, kind integer, first bigint, last bigint, every integer)
    RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.relationship_card (
        buyer_id, supplier_record_id, questionnaire, archived, name_key, country, sector, record_state, supplier_id, share_id,
        submission_id, tier, band, total, total_missing, coverage, pillars, submitted_at, period_end, valid_until,
        shared_until, request_id, request_state, due_on, due_missing, next_change_at)
    SELECT buyer, bench.id(kind, n), 'responsible-sourcing', false, name_key, country, sector, 'linked', id,
           bench.id(kind + 2, n), bench.id(7, n), tier_scored, band, total, false, coverage, pillars, newest,
           now::date - 366, newest::date + 365, until, bench.id(kind + 3, n), 'fulfilled', now::date + (n % 90)::integer, false,
           least(until, (newest::date + 366)::timestamp AT TIME ZONE 'UTC')
      FROM bench.list_suppliers(first, last) JOIN bench.score USING (place) CROSS JOIN bench.setting WHERE n % every = 0;
$$;

-- Requests and shares of one buyer: all results, two sections and the documents.
CREATE FUNCTION bench.load_shares(buyer uuid, kind integer, first bigint, last bigint, every integer)
    RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier, period_start,
                                period_end, purpose, due_on, state, assessment_id)
    SELECT buyer, bench.id(kind + 3, n), bench.id(kind, n), id, 'responsible-sourcing', 'basic',
           now::date - 730, now::date - 366, 'Choosing suppliers for next year', now::date + (n % 90)::integer, 'fulfilled',
           bench.id(6, n)
      FROM bench.list_suppliers(first, last) CROSS JOIN bench.setting WHERE n % every = 0;
    INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode, sections,
                              include_evidence, purpose, request_id, starts_at, until)
    SELECT id, buyer, bench.id(kind + 2, n), 'responsible-sourcing', id, bench.id(17, n), oldest, 'following',
           ARRAY['fire_and_building', 'pay_and_time'], true, 'Choosing suppliers for next year', bench.id(kind + 3, n),
           bench.now() - interval '1 day', until
      FROM bench.list_suppliers(first, last) WHERE n % every = 0;
$$;

-- Two submissions of each supplier: kind 6 and 7 the newest, 16 and 17 the one of the year before.
CREATE FUNCTION bench.list_submissions(first bigint, last bigint) RETURNS TABLE (
    n bigint, supplier uuid, assessment uuid, submission uuid, place integer, total integer, moment timestamptz,
    starts date) LANGUAGE sql STABLE AS $$
    SELECT n, id, bench.id(6 + 10 * age, n), bench.id(7 + 10 * age, n), (place + age) % 64, total - 100 * age,
           CASE age WHEN 0 THEN newest ELSE oldest END, now::date - 730 - 365 * age
      FROM bench.list_suppliers(first, last) CROSS JOIN generate_series(0, 1) age CROSS JOIN bench.setting
$$;

CREATE FUNCTION bench.load_assessments(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end,
                                   state, change_number, submitted_at, updated_at)
    SELECT supplier, assessment, q.key, q.current_version, 'basic', supplier, starts, starts + 364, 'submitted', 37, moment,
           moment
      FROM bench.list_submissions(first, last) JOIN portal.questionnaire q ON q.key = 'responsible-sourcing';
$$;

CREATE FUNCTION bench.load_submissions(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier, subject,
                                   subject_key, period_start, period_end, header, root_hash, submitted_at)
    SELECT supplier, submission, assessment, 1, v.questionnaire, v.version, v.content_hash, 'basic', 'organization', supplier,
           starts, starts + 364, CASE WHEN n % 100 = 1 THEN t.header ELSE '{}' END, t.root_hash, moment
      FROM bench.list_submissions(first, last) JOIN bench.template t USING (place)
      JOIN portal.questionnaire q ON q.key = 'responsible-sourcing'
      JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version;
    INSERT INTO portal.submission_section (supplier_id, submission_id, section, position, title, answers, trace, salts, hash)
    SELECT supplier, submission, x.section, x.position, x.title, x.answers, x.trace, x.salts, decode(x.hash, 'hex')
      FROM bench.list_submissions(first, last) JOIN bench.template t USING (place)
     CROSS JOIN LATERAL jsonb_to_recordset(t.sections) AS x (
           section text, position integer, title text, answers jsonb, trace jsonb, salts jsonb, hash text)
     WHERE n % 100 = 1;
$$;

CREATE FUNCTION bench.load_results(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band, band_reason,
                               coverage, pillars, critical, valid_until)
    SELECT supplier, submission, profile_number, tier_scored, true, total, band, band_reason, coverage, pillars, critical,
           moment::date + 365
      FROM bench.list_submissions(first, last) JOIN bench.score USING (place);
$$;

-- One document for each supplier, attached to its newest submission.
CREATE FUNCTION bench.load_evidence(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.evidence (supplier_id, id, file_name, title, kind, issued_on, media_type, size, sha256, storage_key, state)
    SELECT bench.id(1, n), bench.id(12, n), 'photo.pdf', 'A photo', 'photo', bench.now()::date - 30, 'application/pdf',
           100000 + n, sha256(n::text::bytea), 'bench/' || n, 'available'
      FROM generate_series(first, last) n;
    INSERT INTO portal.submission_evidence (supplier_id, submission_id, section, question, evidence_id)
    SELECT bench.id(1, n), bench.id(7, n), 'fire_and_building', 'exits_during_work', bench.id(12, n)
      FROM generate_series(first, last) n;
$$;

-- The open assessments of the generated questionnaire, each with an answer to every question.
CREATE FUNCTION bench.load_drafts(first bigint, last bigint, answers jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end,
                                   change_number)
    SELECT bench.id(1, n), bench.id(18, n), q.key, q.current_version, 'basic', bench.id(1, n), now::date - 365,
           now::date - 1, jsonb_array_length(answers)
      FROM generate_series(first, last) n CROSS JOIN bench.setting
      JOIN portal.questionnaire q ON q.key = 'generated' WHERE n % 100 = 1;
    INSERT INTO portal.answer (supplier_id, assessment_id, question, state, value, revision, changed_at_number)
    SELECT bench.id(1, n), bench.id(18, n), x.content ->> 'question', 'value', x.content -> 'value', 1, x.place
      FROM generate_series(first, last) n
     CROSS JOIN LATERAL jsonb_array_elements(answers) WITH ORDINALITY AS x (content, place) WHERE n % 100 = 1;
$$;

-- Somebody with a session for an organization.
CREATE FUNCTION bench.load_people(numbers bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.user_account (id, email, password_hash, name)
    SELECT bench.id(2, n), 'owner' || n || '@example.com', 'none', 'Owner ' || n FROM unnest(numbers) n;
    INSERT INTO portal.member (organization_id, user_id, role)
    SELECT bench.id(1, n), bench.id(2, n), 'owner' FROM unnest(numbers) n;
    INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)
    SELECT sha256(('bench-session-' || n)::bytea), bench.id(3, n), bench.id(2, n), bench.id(1, n), '2100-01-01'
      FROM unnest(numbers) n;
$$;

CREATE FUNCTION bench.load_readers(numbers bigint[], roles text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.organization (id, name, country) SELECT bench.id(1, n), 'Reader ' || n, 'DE' FROM unnest(numbers) n;
    INSERT INTO portal.organization_role (organization_id, role, status)
    SELECT bench.id(1, n), role, 'active' FROM unnest(numbers, roles) AS x (n, role);
$$;

-- PostGraphile calls every key of a table rowId.
COMMENT ON COLUMN portal.answer_comment.row_id IS '@name answerRow';
