-- Suppliers for releases, set by set; what no release reads (answers, sections, a buyer's records) is not there.
-- Everything follows from the supplier's number: whoever makes the same market again gets the same.
CREATE FUNCTION bench.draw(n bigint, salt bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(n, salt) & 9007199254740991) / 9007199254740992.0::double precision
$$;

-- About normal with a standard deviation of one.
CREATE FUNCTION bench.draw_normal(n bigint, salt bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT 2 * (bench.draw(n, salt) + bench.draw(n, salt + 1) + bench.draw(n, salt + 2) - 1.5)
$$;

CREATE FUNCTION bench.pick(weighted text[], n bigint, salt bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT weighted[1 + floor(cardinality(weighted) * bench.draw(n, salt))::integer]
$$;

-- Of forty organizations in a row 31 stand alone, and two, three and four are a group.
CREATE FUNCTION bench.group_of(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT bench.id(32, n - n % 40 + CASE WHEN n % 40 < 31 THEN n % 40 WHEN n % 40 < 33 THEN 31 WHEN n % 40 < 36 THEN 33 ELSE 36 END)
$$;

-- The buyers that suppliers first to last share with, one to three of each; the first place is who asked.
CREATE FUNCTION bench.list_relations(first bigint, last bigint, buyers bigint)
    RETURNS TABLE (n bigint, place bigint, buyer uuid) LANGUAGE sql IMMUTABLE AS $$
    SELECT n, place, bench.id(1, (floor(buyers * bench.draw(n, 11))::bigint + place * (1 + buyers / 4)) % buyers)
      FROM generate_series(first, last) n, LATERAL generate_series(0, floor(3 * bench.draw(n, 12))::bigint) place
$$;

CREATE FUNCTION bench.add_market(first bigint, last bigint, buyers bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- The feed of changes would be filled with what is long past, and the buyers' records are not there.
    SET LOCAL session_replication_role = replica;
    INSERT INTO portal.organization (id, name, sector_scheme, sector, country, size_band)
    SELECT bench.id(31, n), 'Made-up Supplier ' || n, 'ISIC Rev.4',
           bench.pick('{13,13,14,14,15,25,26,10,46,46,47,01,01,49,52,41,62,71,81,56}', n, 1),
           bench.pick('{CN,CN,CN,IN,IN,BD,VN,VN,TR,TH,DE,DE,IT,PT,PL,RO,MX,BR,MA,KE}', n, 2),
           bench.pick('{micro,micro,small,small,small,small,medium,medium,medium,large}', n, 3)
      FROM generate_series(first, last) n;
    INSERT INTO portal.organization_role (organization_id, role, status)
    SELECT bench.id(31, n), 'supplier', 'active' FROM generate_series(first, last) n;
    INSERT INTO portal.corporate_group (id, name, status)
    SELECT DISTINCT bench.group_of(n), 'Made-up Group', 'confirmed' FROM generate_series(first, last) n ON CONFLICT DO NOTHING;
    INSERT INTO portal.group_member (organization_id, group_id)
    SELECT bench.id(31, n), bench.group_of(n) FROM generate_series(first, last) n;
    INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier, period_start,
                                period_end, purpose, due_on, state)
    SELECT r.buyer, bench.id(34, r.n), bench.id(37, r.n), bench.id(31, r.n), 'responsible-sourcing', 'basic', '2024-01-01',
           '2024-12-31', 'Made up', '2025-01-31', 'accepted'
      FROM bench.list_relations(first, last, buyers) r WHERE r.place = 0;
    INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode, purpose,
                              starts_at)
    SELECT bench.id(31, r.n), r.buyer, bench.id(35, 4 * r.n + r.place), 'responsible-sourcing', bench.id(31, r.n),
           bench.id(33, 16 * r.n), '2000-01-01', 'following', 'Made up', '2000-01-01'
      FROM bench.list_relations(first, last, buyers) r;
END
$$;

-- Submissions, the `round`th of each, that are just old enough for the release of a quarter: of all suppliers first to last,
-- or of a quarter of them.
CREATE FUNCTION bench.add_results(first bigint, last bigint, turn integer, quarter date, round integer)
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL session_replication_role = replica;
    DROP TABLE IF EXISTS scored;
    CREATE TEMPORARY TABLE scored AS
    SELECT n, o.id AS supplier, bench.id(33, 16 * n + round) AS submission, quarter - 20 - floor(60 * bench.draw(n, 13))::integer AS day,
           least(9700, greatest(500, 6200 + 1100 * bench.draw_normal(n, 21) + 200 * round + 400 * bench.draw_normal(n, 31 + 10 * round)
               -- What a sector, a region and a size have in common.
               + 500 * bench.draw_normal(hashtext(o.sector), 5) + 400 * bench.draw_normal(hashtext(o.country), 6)
               + 300 * bench.draw_normal(hashtext(o.size_band), 7)))::integer AS total
      FROM generate_series(first, last) n JOIN portal.organization o ON o.id = bench.id(31, n)
     WHERE turn IS NULL OR n % 4 = turn;
    INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier, subject,
                                   subject_key, period_start, period_end, header, root_hash, submitted_at)
    SELECT s.supplier, s.submission, s.submission, 1, q.key, q.current_version, v.content_hash, 'basic', 'organization', s.supplier,
           s.day - 365, s.day - 1, '{"profile": 1}', '-', s.day
      FROM scored s JOIN portal.questionnaire q ON q.key = 'responsible-sourcing'
      JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version;
    INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, coverage, pillars,
                               critical, valid_until)
    SELECT s.supplier, s.submission, 1, 'basic', true, s.total, 10000,
           (SELECT jsonb_agg(jsonb_build_object(
                       'key', key, 'title', key, 'weight', 2000, 'reason', 'rated',
                       'score', least(9900, greatest(100, s.total + 700 * bench.draw_normal(s.n, 41 + 10 * place)))::integer))
              FROM unnest(ARRAY['labour', 'health_and_safety', 'environment', 'business_ethics', 'management'])
                   WITH ORDINALITY pillars (key, place)),
           '[]', s.day + 460
      FROM scored s;
END
$$;
