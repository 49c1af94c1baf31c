-- What a person does to the account while acting for no organization stands in the trail of each organization of the
-- person, and in that of the portal itself where there is none: it opens all of them. None learns of another.
CREATE FUNCTION portal.note_personal_act(person uuid, act text, kind text, object text, facts jsonb, place text,
                                         request text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF act NOT IN ('session.opened', 'recovery_code.used', 'recovery_codes.renewed', 'second_factor.started',
                   'second_factor.added', 'second_factor.removed', 'password.changed', 'password.reset',
                   'email.changed') THEN
        RAISE EXCEPTION '% is no act on an account', act USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id, detail,
                                    address, request_id)
    SELECT portal.new_id(), m.organization_id, person, 'person', act, kind, object, facts, place, request
      FROM (SELECT 1) always LEFT JOIN portal.member m ON m.user_id = person;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_personal_act(uuid, text, text, text, jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_personal_act(uuid, text, text, text, jsonb, text, text) TO portal_app;
