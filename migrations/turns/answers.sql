-- Whether a tier holds what a minimum asks.
CREATE FUNCTION portal.tier_holds(tier text, minimum text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT array_position(ARRAY['micro', 'basic', 'standard', 'advanced'], tier)
           >= array_position(ARRAY['micro', 'basic', 'standard', 'advanced'], minimum)
$$;
-- Whether what an assessment is about was submitted at a sufficient tier, in whichever revision, and counts.
CREATE FUNCTION portal.is_answered(supplier uuid, assessment uuid, minimum text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.assessment a
          JOIN portal.submission b ON b.supplier_id = a.supplier_id AND b.questionnaire = a.questionnaire
           AND b.subject_key = a.subject_key AND b.period_start = a.period_start AND b.period_end = a.period_end
         WHERE a.supplier_id = supplier AND a.id = assessment AND b.state = 'current'
           AND portal.tier_holds(b.tier, minimum))
$$;
REVOKE EXECUTE ON FUNCTION portal.tier_holds(text, text), portal.is_answered(uuid, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.tier_holds(text, text) TO portal_app, portal_worker;
GRANT EXECUTE ON FUNCTION portal.is_answered(uuid, uuid, text) TO portal_worker;
