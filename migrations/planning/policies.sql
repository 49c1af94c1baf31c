-- A policy asks for its caller by a subquery: planned as a value that is not known yet, whoever is calling just then.
-- Asked for directly, the planner looks at the setting of the moment and plans for one row where there is none.
DO $$
DECLARE
    policy record;
    caller text;
BEGIN
    FOR policy IN
        SELECT p.policyname, p.tablename, p.qual, p.with_check FROM pg_catalog.pg_policies p
         WHERE p.schemaname = 'portal' AND concat(p.qual, p.with_check) LIKE '%portal.current\_%'
    LOOP
        FOREACH caller IN ARRAY ARRAY['portal.current_organization()', 'portal.current_user_id()'] LOOP
            policy.qual := replace(policy.qual, caller, format('(SELECT %s)', caller));
            policy.with_check := replace(policy.with_check, caller, format('(SELECT %s)', caller));
        END LOOP;
        IF policy.qual IS NOT NULL THEN
            EXECUTE format('ALTER POLICY %I ON portal.%I USING (%s)', policy.policyname, policy.tablename, policy.qual);
        END IF;
        IF policy.with_check IS NOT NULL THEN
            EXECUTE format('ALTER POLICY %I ON portal.%I WITH CHECK (%s)', policy.policyname, policy.tablename,
                           policy.with_check);
        END IF;
    END LOOP;
END
$$;
