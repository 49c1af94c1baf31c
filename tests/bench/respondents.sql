-- Assessments of other suppliers that are stored already, a hundred of each; one in a hundred has its answers.
CREATE FUNCTION bench.add_stored(first bigint, last bigint, suppliers bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Indexes and policies are as ever; the feed of changes would be filled with what is long past.
    SET LOCAL session_replication_role = replica;
    INSERT INTO portal.organization (id, name, country)
    SELECT bench.id(21, n), 'Stored ' || n, 'VN' FROM generate_series(0, suppliers - 1) n ON CONFLICT DO NOTHING;
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end)
    SELECT bench.id(21, a % suppliers), bench.id(22, a), q.key, q.current_version, 'basic', bench.id(21, a % suppliers),
           date '1900-01-01' + (a / suppliers)::integer, date '1900-01-01' + (a / suppliers)::integer + 30
      FROM generate_series(first, last) a JOIN portal.questionnaire q ON q.key = 'responsible-sourcing';
    INSERT INTO portal.answer (supplier_id, assessment_id, question, state, value, revision, changed_at_number)
    SELECT bench.id(21, a % suppliers), bench.id(22, a), x.content ->> 'question', 'value', x.content -> 'value', 1, x.place
      FROM generate_series(first, last) a JOIN bench.template t ON t.place = bench.pick_template(a)
     CROSS JOIN LATERAL jsonb_array_elements(t.answers) WITH ORDINALITY AS x (content, place)
     WHERE a % 100 = 0;
END
$$;
