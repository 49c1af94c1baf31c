-- Names of those who worked on what the caller's organization answers, also after they left it; an account that was
-- erased has none.
CREATE FUNCTION portal.find_former_names(people uuid[]) RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.name FROM portal.user_account u CROSS JOIN (SELECT portal.current_organization() AS id) o
     WHERE u.id = ANY (people)
       AND (EXISTS (SELECT FROM portal.answer_write w WHERE w.supplier_id = o.id AND w.member_id = u.id)
         OR EXISTS (SELECT FROM portal.answer a WHERE a.supplier_id = o.id AND a.changed_by = u.id)
         OR EXISTS (SELECT FROM portal.answer_comment c
                     WHERE c.supplier_id = o.id AND u.id IN (c.author_id, c.resolved_by))
         OR EXISTS (SELECT FROM portal.sign_off s WHERE s.supplier_id = o.id AND u.id IN (s.member_id, s.demanded_by))
         OR EXISTS (SELECT FROM portal.assignment g WHERE g.supplier_id = o.id AND g.assigned_by = u.id)
         OR EXISTS (SELECT FROM portal.answer_push p WHERE p.supplier_id = o.id AND p.pushed_by = u.id))
$$;
REVOKE EXECUTE ON FUNCTION portal.find_former_names(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_former_names(uuid[]) TO portal_app;
