-- A gap that a supplier declares has a plan at the answer itself: text, day and owner, and what is remembered of it.
ALTER TABLE portal.answer ADD COLUMN plan JSONB;
ALTER TABLE portal.answer_write ADD COLUMN plan JSONB;
-- As it was sealed with its section: what was declared, and the last day on which that holds.
ALTER TABLE portal.submission_section ADD COLUMN gaps JSONB DEFAULT '[]' NOT NULL;

-- A plan once it was submitted: from then on its day may be put off once. As `Pledge.submit` has it.
CREATE FUNCTION portal.submit_plan(plan jsonb, submitted_at timestamptz) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT CASE WHEN submitted_at IS NULL OR plan ->> 'text' IS NULL THEN plan ELSE
           plan || jsonb_build_object(
               'pledged_due_on', greatest(plan ->> 'due_on', plan ->> 'pledged_due_on'),
               'counted_from', CASE WHEN (plan ->> 'due_on' <= plan ->> 'pledged_due_on') THEN plan ->> 'counted_from'
                                    ELSE (submitted_at AT TIME ZONE 'UTC')::date::text END,
               'extended', (plan ->> 'extended')::boolean
                           OR coalesce(plan ->> 'due_on' > plan ->> 'pledged_due_on', false)) END
$$;
REVOKE EXECUTE ON FUNCTION portal.submit_plan(jsonb, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.submit_plan(jsonb, timestamptz) TO portal_app;
