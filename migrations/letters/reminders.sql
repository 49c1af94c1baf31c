-- How many days before its due day a request is reminded of; a negative number is days after it.
ALTER TABLE portal.request ADD COLUMN reminder_days SMALLINT[] DEFAULT '{14,3,-3}' NOT NULL;
GRANT UPDATE (reminder_days) ON portal.request TO portal_app;
CREATE INDEX ix_request_reminding ON portal.request (due_on) WHERE state IN ('open', 'accepted') AND supplier_id IS NOT NULL;

-- Whether a person wants letters about requests; letters about the account itself come in any case.
ALTER TABLE portal.user_account ADD COLUMN wants_request_letters BOOLEAN DEFAULT true NOT NULL;
GRANT SELECT (wants_request_letters), UPDATE (wants_request_letters) ON portal.user_account TO portal_app;
GRANT SELECT (wants_request_letters) ON portal.user_account TO portal_worker;

-- A moment as the clocks of a time zone show it; those of a zone that this database does not know show UTC.
CREATE FUNCTION portal.tell_local_time(zone text, moment timestamptz) RETURNS timestamp
    LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    RETURN timezone(zone, moment);
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN timezone('UTC', moment);
END
$$;
REVOKE EXECUTE ON FUNCTION portal.tell_local_time(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.tell_local_time(text, timestamptz) TO portal_worker;

-- Which reminder of which request a person was written, in which letter: written with the letter, so that none is twice.
CREATE TABLE portal.reminder (
    buyer_id UUID NOT NULL,
    request_id UUID NOT NULL,
    user_id UUID NOT NULL,
    due_since DATE NOT NULL,
    mail_id UUID NOT NULL,
    CONSTRAINT pk_reminder PRIMARY KEY (buyer_id, request_id, user_id, due_since),
    CONSTRAINT fk_reminder_request FOREIGN KEY(buyer_id, request_id) REFERENCES portal.request (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_reminder_user_id FOREIGN KEY(user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE
);
CREATE INDEX ix_reminder_mail_id ON portal.reminder (mail_id);
CREATE INDEX ix_reminder_user_id ON portal.reminder (user_id);
ALTER TABLE portal.reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.reminder FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.reminder TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.reminder FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.reminder TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.reminder TO portal_backup;
GRANT SELECT, INSERT ON portal.reminder TO portal_worker;

-- Said by whoever holds the signed link of a letter, without signing in. It says nothing about whether there is such a person.
CREATE FUNCTION portal.stop_request_letters(person uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.user_account u SET wants_request_letters = false WHERE u.id = person AND u.wants_request_letters
$$;
REVOKE EXECUTE ON FUNCTION portal.stop_request_letters(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.stop_request_letters(uuid) TO portal_app;
