-- What a section looked like when it was signed: a change elsewhere leaves the signature as it is.
ALTER TABLE portal.sign_off ADD COLUMN signed_content TEXT COLLATE "C";

-- Sections of drafts that somebody has who answers nothing any more are nobody's again, and colleagues hear of it.
CREATE FUNCTION portal.release_assignments(supplier uuid, person uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH given AS (
        SELECT a.assessment_id, a.section,
               row_number() OVER (PARTITION BY a.assessment_id ORDER BY a.section) AS place
          FROM portal.assignment a
          JOIN portal.assessment t ON t.supplier_id = a.supplier_id AND t.id = a.assessment_id
         WHERE a.supplier_id = supplier AND supplier = portal.current_organization()
           AND a.member_id = person AND t.state IN ('draft', 'replaced')
    ), counted AS (
        UPDATE portal.assessment t SET team_number = t.team_number + g.sections
          FROM (SELECT assessment_id, max(place) AS sections FROM given GROUP BY assessment_id) g
         WHERE t.supplier_id = supplier AND t.id = g.assessment_id
        RETURNING t.id, t.team_number - g.sections AS before
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT portal.new_id(), 'assessment.changed',
               jsonb_build_object('supplier', supplier, 'assessment', c.id) FROM counted c
    )
    UPDATE portal.assignment a
       SET member_id = NULL, due_on = NULL, note = NULL, changed_at_number = c.before + g.place
      FROM given g JOIN counted c ON c.id = g.assessment_id
     WHERE a.supplier_id = supplier AND a.assessment_id = g.assessment_id AND a.section = g.section
$$;
REVOKE EXECUTE ON FUNCTION portal.release_assignments(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.release_assignments(uuid, uuid) TO portal_app;
