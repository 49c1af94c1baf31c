-- Made-up data, set by set: `bench.template` holds complete responses, everything else is copied from them by number.
-- Ids follow from a kind and a number, so that the load generator knows them without asking.
CREATE SCHEMA bench;

CREATE FUNCTION bench.id(kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(kind), 8, '0') || lpad(to_hex(n), 24, '0'))::uuid
$$;

CREATE TABLE bench.template (
    place integer PRIMARY KEY, answers jsonb NOT NULL, evidence jsonb NOT NULL, sections jsonb NOT NULL,
    results jsonb NOT NULL, header jsonb NOT NULL, root_hash bytea NOT NULL);

CREATE FUNCTION bench.pick_template(n bigint) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT (n % (SELECT count(*) FROM bench.template))::integer
$$;

CREATE TABLE bench.word (place integer PRIMARY KEY, word text NOT NULL);
INSERT INTO bench.word SELECT row_number() OVER () - 1, word FROM unnest(ARRAY[
    'Golden', 'River', 'Textile', 'Metal', 'Star', 'Green', 'Harbor', 'Fine', 'Delta', 'Union', 'Bright', 'Stone',
    'Silk', 'Cotton', 'Blue', 'North']) word;

-- People of an organization: one owner with a session that is open for long.
CREATE FUNCTION bench.add_organizations(first bigint, last bigint, role text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.organization (id, name, country, sector_scheme, sector, size_band)
    SELECT bench.id(1, n),
           (SELECT word FROM bench.word WHERE place = n % 16) || ' ' || (SELECT word FROM bench.word WHERE place = n / 16 % 16)
               || ' ' || n || ' Ltd',
           (ARRAY['VN', 'BD', 'IN', 'CN', 'TR', 'DE', 'PT', 'MX'])[1 + n % 8], 'nace', (ARRAY['13', '14', '15', '25'])[1 + n / 8 % 4],
           (ARRAY['small', 'medium', 'large'])[1 + n / 32 % 3]
      FROM generate_series(first, last) n;
    INSERT INTO portal.organization_role (organization_id, role, status)
    SELECT bench.id(1, n), role, 'active' FROM generate_series(first, last) n;
    INSERT INTO portal.user_account (id, email, password_hash, name)
    SELECT bench.id(2, n), 'owner' || n || '@example.com', 'none', 'Owner ' || n FROM generate_series(first, last) n;
    INSERT INTO portal.member (organization_id, user_id, role)
    SELECT bench.id(1, n), bench.id(2, n), 'owner' FROM generate_series(first, last) n;
    INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)
    SELECT sha256(('bench-session-' || n)::bytea), bench.id(3, n), bench.id(2, n), bench.id(1, n), '2100-01-01'
      FROM generate_series(first, last) n;
$$;

CREATE FUNCTION bench.add_records(suppliers bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.supplier_record (buyer_id, id, vendor_number, name, name_key, address, country, sector_scheme, sector,
                                        state, supplier_id, linked_at)
    SELECT bench.id(1, 0), bench.id(4, n), 'V' || n, o.name, lower(o.name), n || ' Mill Road', o.country, 'nace', o.sector,
           'linked', o.id, portal.clock() - interval '500 days'
      FROM generate_series(1, suppliers) n JOIN portal.organization o ON o.id = bench.id(1, n);
    INSERT INTO portal.supplier_name_token (buyer_id, token, supplier_record_id)
    SELECT DISTINCT r.buyer_id, token, r.id
      FROM portal.supplier_record r CROSS JOIN LATERAL unnest(string_to_array(r.name_key, ' ')) token;
    INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, name, email, locale)
    SELECT bench.id(1, 0), bench.id(5, n), bench.id(4, n), 'Contact ' || n, 'contact' || n || '@example.com', 'en'
      FROM generate_series(1, suppliers) n;
    -- One document of each kind that the questionnaire may ask for.
    INSERT INTO portal.evidence (supplier_id, id, file_name, title, kind, issued_on, media_type, size, sha256, storage_key, state)
    SELECT bench.id(1, n), bench.id(12, n * 4 + k), kind || '.pdf', 'A ' || kind, kind, current_date - 30, 'application/pdf',
           100000 + n, sha256((n || kind)::bytea), 'bench/' || n || kind, 'available'
      FROM generate_series(1, suppliers) n,
           unnest(ARRAY['photo', 'certificate', 'record', 'policy']) WITH ORDINALITY AS kinds (kind, k);
$$;

CREATE FUNCTION bench.document_of(n bigint, kind text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT bench.id(12, n * 4 + array_position(ARRAY['photo', 'certificate', 'record', 'policy'], kind))
$$;

-- Assessments `first` to `last` of a kind of id, of suppliers in turn, each with all its answers and its documents.
CREATE FUNCTION bench.add_assessments(kind integer, first bigint, last bigint, suppliers bigint, earliest date)
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS item;
    CREATE TEMPORARY TABLE item AS
    SELECT a, 1 + a % suppliers AS n, bench.id(1, 1 + a % suppliers) AS supplier, bench.id(kind, a) AS assessment,
           earliest + (366 * (a / suppliers))::integer AS starts, t.*
      FROM generate_series(first, last) a JOIN bench.template t ON t.place = bench.pick_template(a % suppliers);
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end,
                                   change_number)
    SELECT i.supplier, i.assessment, q.key, q.current_version, 'basic', i.supplier, i.starts, i.starts + 364,
           jsonb_array_length(i.answers)
      FROM item i JOIN portal.questionnaire q ON q.key = 'responsible-sourcing';
    INSERT INTO portal.answer (supplier_id, assessment_id, question, state, value, revision, changed_at_number, changed_by)
    SELECT i.supplier, i.assessment, x.content ->> 'question', 'value', x.content -> 'value', 1, x.place, bench.id(2, i.n)
      FROM item i CROSS JOIN LATERAL jsonb_array_elements(i.answers) WITH ORDINALITY AS x (content, place);
    INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, evidence_id)
    SELECT i.supplier, i.assessment, x ->> 'question', bench.document_of(i.n, x ->> 'kind')
      FROM item i CROSS JOIN LATERAL jsonb_array_elements(i.evidence) x;
END
$$;

-- The assessments of kind 6, submitted: the first of each supplier is the oldest.
CREATE FUNCTION bench.add_submissions(rounds bigint, suppliers bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS made;
    CREATE TEMPORARY TABLE made AS
    SELECT a, 1 + a % suppliers AS n, bench.id(1, 1 + a % suppliers) AS supplier, bench.id(7, a) AS submission,
           portal.clock() - (365 * (rounds - a / suppliers) - 275 - a % 80) * interval '1 day' AS moment, t.*
      FROM generate_series(0, rounds * suppliers - 1) a JOIN bench.template t ON t.place = bench.pick_template(a % suppliers);
    INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier, subject,
                                   subject_key, period_start, period_end, header, root_hash, submitted_by, submitted_at)
    SELECT i.supplier, i.submission, s.id, 1, s.questionnaire, s.version, v.content_hash, s.tier, s.subject, s.subject_key,
           s.period_start, s.period_end, i.header, i.root_hash, bench.id(2, i.n), i.moment
      FROM made i JOIN portal.assessment s ON s.supplier_id = i.supplier AND s.id = bench.id(6, i.a)
      JOIN portal.questionnaire_version v ON v.questionnaire = s.questionnaire AND v.version = s.version;
    UPDATE portal.assessment s SET state = 'submitted', submitted_at = i.moment, updated_at = i.moment
      FROM made i WHERE s.supplier_id = i.supplier AND s.id = bench.id(6, i.a);
    INSERT INTO portal.submission_section (supplier_id, submission_id, section, position, title, answers, trace, salts, hash)
    SELECT i.supplier, i.submission, x.section, x.position, x.title, x.answers, x.trace, x.salts, decode(x.hash, 'hex')
      FROM made i CROSS JOIN LATERAL jsonb_to_recordset(i.sections) AS x (
           section text, position integer, title text, answers jsonb, trace jsonb, salts jsonb, hash text);
    INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band, band_reason,
                               coverage, pillars, critical, valid_until)
    SELECT i.supplier, i.submission, x.profile_number, x.tier_scored, x.is_own_tier, x.total, x.band, x.band_reason, x.coverage,
           x.pillars, x.critical, i.moment::date + 365
      FROM made i CROSS JOIN LATERAL jsonb_to_recordset(i.results) AS x (
           profile_number integer, tier_scored text, is_own_tier boolean, total integer, band text, band_reason text,
           coverage integer, pillars jsonb, critical jsonb);
    INSERT INTO portal.submission_evidence (supplier_id, submission_id, section, question, evidence_id)
    SELECT i.supplier, i.submission, x ->> 'section', x ->> 'question', bench.document_of(i.n, x ->> 'kind')
      FROM made i CROSS JOIN LATERAL jsonb_array_elements(i.evidence) x;
END
$$;

-- Each supplier shares what it submits, with two sections and its documents, and answers one request.
CREATE FUNCTION bench.add_shares(suppliers bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier, period_start,
                                period_end, purpose, due_on, state, assessment_id)
    SELECT bench.id(1, 0), bench.id(9, n), bench.id(4, n), bench.id(1, n), s.questionnaire, 'basic', s.period_start,
           s.period_end, 'Choosing suppliers for next year', current_date + (n % 90)::integer, 'fulfilled', s.id
      FROM generate_series(1, suppliers) n
      JOIN LATERAL (SELECT * FROM portal.assessment s WHERE s.supplier_id = bench.id(1, n) AND s.state = 'submitted'
                     ORDER BY s.period_start DESC LIMIT 1) s ON true;
    INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode, sections,
                              include_evidence, purpose, request_id, starts_at, until)
    SELECT s.supplier_id, bench.id(1, 0), bench.id(8, n), s.questionnaire, s.subject_key, s.id, s.submitted_at, 'following',
           ARRAY['fire_and_building', 'pay_and_time'], true, 'Choosing suppliers for next year', bench.id(9, n),
           portal.clock() - interval '1 day', CASE WHEN n % 2 = 0 THEN portal.clock() + interval '1 year' END
      FROM generate_series(1, suppliers) n
      JOIN LATERAL (SELECT * FROM portal.submission s WHERE s.supplier_id = bench.id(1, n)
                     ORDER BY s.submitted_at LIMIT 1) s ON true;
$$;

-- One release that all suppliers take part in: every size in most sectors, and one sector folded as a whole.
CREATE FUNCTION bench.add_release(suppliers bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.release (number, period_start, period_end, policy, terms_version)
    VALUES (1, date_trunc('quarter', portal.clock() - interval '6 months')::date,
            (date_trunc('quarter', portal.clock() - interval '3 months') - interval '1 day')::date,
            '{"for_mean": 10, "for_quartiles": 20, "for_tails": 40, "changed": 5}', '1');
    INSERT INTO portal.release_contributor (release_number, questionnaire, supplier_id, submission_id, profile_number, tier,
                                            sector, region, size_band, group_id, waits)
    SELECT 1, 'responsible-sourcing', bench.id(1, n), bench.id(7, n - 1), 1, 'basic', 'C', 'Asia', 'medium',
           '00000000-0000-0000-0000-000000000000', false
      FROM generate_series(1, suppliers) n;
    INSERT INTO portal.release_cell (release_number, id, cell, questionnaire, tier, sector, region, size_band, measure, status,
                                     count_band, mean, p10, p25, p50, p75, p90, figures_from)
    SELECT 1, bench.id(11, row_number() OVER ()), concat_ws('/', 'responsible-sourcing/basic', sector, region, size),
           'responsible-sourcing', 'basic', sector, region, size, measure, 'published', '40-99',
           55, 31, 42, 40 + (row_number() OVER () % 20)::integer, 69, 80, 1
      FROM (SELECT sector, region, size
              FROM unnest(ARRAY['A', 'B', 'C', 'F', 'G', 'H', 'I']) sector,
                   unnest(ARRAY['Africa', 'Americas', 'Asia', 'Europe', 'Oceania']) region,
                   unnest(ARRAY['micro', 'small', 'medium', 'large']) size
             UNION ALL SELECT 'J', '*', '*') cells,
           unnest(ARRAY['total', 'pillar:labour', 'pillar:health_and_safety', 'pillar:environment',
                        'pillar:business_ethics', 'pillar:management']) measure;
$$;

-- A buyer answers for itself, too: without that it reads no benchmarks.
CREATE FUNCTION bench.add_practice(buyer bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end, state,
                                   submitted_at)
    SELECT bench.id(1, buyer), bench.id(13, buyer), q.key, q.current_version, 'micro', bench.id(1, buyer),
           current_date - 400, current_date - 36, 'submitted', portal.clock()
      FROM portal.questionnaire q WHERE q.key = 'purchasing-practice';
    INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier, subject,
                                   subject_key, period_start, period_end, header, root_hash)
    SELECT s.supplier_id, s.id, s.id, 1, s.questionnaire, s.version, v.content_hash, s.tier, s.subject, s.subject_key,
           s.period_start, s.period_end, '{}', ''
      FROM portal.assessment s
      JOIN portal.questionnaire_version v ON v.questionnaire = s.questionnaire AND v.version = s.version
     WHERE s.supplier_id = bench.id(1, buyer) AND s.id = bench.id(13, buyer);
    INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, coverage, pillars,
                               critical, valid_until)
    SELECT s.supplier_id, s.id, 1, s.tier, true, 5000, 10000, '[]', '[]', current_date + 365
      FROM portal.submission s WHERE s.supplier_id = bench.id(1, buyer) AND s.id = bench.id(13, buyer);
$$;
