-- On which day of the supplier's calendar a request is next reminded of: so that a look at what is due does not cost a
-- look at everything that is open. The request itself does not change when that day moves, and no feed tells of it.
CREATE TABLE portal.reminder_plan (
    buyer_id UUID NOT NULL,
    request_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    remind_on DATE NOT NULL,
    CONSTRAINT pk_reminder_plan PRIMARY KEY (buyer_id, request_id),
    CONSTRAINT fk_reminder_plan_request FOREIGN KEY (buyer_id, request_id)
        REFERENCES portal.request (buyer_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_reminder_plan_remind_on ON portal.reminder_plan (remind_on);
ALTER TABLE portal.reminder_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.reminder_plan FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.reminder_plan TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.reminder_plan FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.reminder_plan TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.reminder_plan TO portal_backup;
GRANT SELECT, UPDATE (remind_on), DELETE ON portal.reminder_plan TO portal_worker;
DROP INDEX portal.ix_request_reminding;

-- The first day after it was asked, by the calendar of any time zone, and not of a week that is over.
CREATE FUNCTION portal.find_first_reminder(due date, days smallint[], asked timestamptz) RETURNS date
    LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT min(due - d) FROM unnest(days) AS d
     WHERE due - d >= timezone('UTC', greatest(asked, portal.clock() - interval '8 days'))::date - 1
$$;
CREATE FUNCTION portal.plan_new_reminders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.reminder_plan (buyer_id, request_id, supplier_id, remind_on)
    SELECT c.buyer_id, c.id, c.supplier_id, f.day
      FROM changed c
     CROSS JOIN LATERAL (
           SELECT portal.find_first_reminder(c.due_on, c.reminder_days, coalesce(c.told_at, c.created_at)) AS day) f
     WHERE c.state IN ('open', 'accepted') AND c.supplier_id IS NOT NULL AND f.day IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.plan_changed_reminders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    WITH moved AS (
        SELECT c.buyer_id, c.id, c.supplier_id,
               CASE WHEN c.state IN ('open', 'accepted') AND c.supplier_id IS NOT NULL
                    THEN portal.find_first_reminder(c.due_on, c.reminder_days, coalesce(c.told_at, c.created_at)) END AS day
          FROM changed c JOIN before b ON b.buyer_id = c.buyer_id AND b.id = c.id
         WHERE (c.state IN ('open', 'accepted'), c.supplier_id, c.due_on, c.reminder_days, c.told_at, c.created_at)
               IS DISTINCT FROM
               (b.state IN ('open', 'accepted'), b.supplier_id, b.due_on, b.reminder_days, b.told_at, b.created_at)
    ), gone AS (
        DELETE FROM portal.reminder_plan p USING moved m
         WHERE m.day IS NULL AND p.buyer_id = m.buyer_id AND p.request_id = m.id
    )
    INSERT INTO portal.reminder_plan (buyer_id, request_id, supplier_id, remind_on)
    SELECT m.buyer_id, m.id, m.supplier_id, m.day FROM moved m WHERE m.day IS NOT NULL
    ON CONFLICT (buyer_id, request_id) DO UPDATE SET supplier_id = excluded.supplier_id, remind_on = excluded.remind_on;
    RETURN NULL;
END
$$;
-- The name of a time zone that this database knows; UTC for another.
CREATE FUNCTION portal.find_time_zone(zone text) RETURNS text LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    PERFORM timezone(zone, portal.clock());
    RETURN zone;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN 'UTC';
END
$$;
REVOKE EXECUTE ON FUNCTION portal.find_first_reminder(date, smallint[], timestamptz), portal.plan_new_reminders(),
    portal.plan_changed_reminders(), portal.find_time_zone(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_time_zone(text) TO portal_app, portal_worker;

INSERT INTO portal.reminder_plan (buyer_id, request_id, supplier_id, remind_on)
SELECT r.buyer_id, r.id, r.supplier_id, f.day
  FROM portal.request r
 CROSS JOIN LATERAL (
       SELECT portal.find_first_reminder(r.due_on, r.reminder_days, coalesce(r.told_at, r.created_at)) AS day) f
 WHERE r.state IN ('open', 'accepted') AND r.supplier_id IS NOT NULL AND f.day IS NOT NULL;
CREATE TRIGGER plan_insert AFTER INSERT ON portal.request REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.plan_new_reminders();
CREATE TRIGGER plan_update AFTER UPDATE ON portal.request REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.plan_changed_reminders();

-- Whether a person was written to about requests today.
CREATE INDEX ix_mail_of_requests ON portal.mail ((ids ->> 'user'), created_at) WHERE kind LIKE 'request%';
