-- Who was erased, and which organizations were closed or opened again: ids alone. The worker notes each outside the
-- database, so that a backup that is brought back brings none of them back for good.
CREATE TABLE portal.erasure (
    id UUID NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    subject_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_erasure PRIMARY KEY (id),
    CONSTRAINT ck_erasure_act CHECK (act IN ('person.erased', 'organization.closed', 'organization.reopened'))
);
CREATE INDEX ix_erasure_subject_id ON portal.erasure (subject_id);
CREATE INDEX ix_erasure_waiting ON portal.erasure (at) WHERE noted_at IS NULL;
ALTER TABLE portal.erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.erasure FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.erasure TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.erasure FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.erasure TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.erasure TO portal_backup;
GRANT SELECT, UPDATE (noted_at) ON portal.erasure TO portal_worker;

-- Whoever erases or closes, and however: the row that goes or turns says it.
CREATE FUNCTION portal.note_erased_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.erasure (id, act, subject_id) VALUES (portal.new_id(), 'person.erased', OLD.id);
    RETURN NULL;
END
$$;
CREATE FUNCTION portal.note_turned_organization() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.erasure (id, act, subject_id)
    VALUES (portal.new_id(), CASE NEW.status WHEN 'closed' THEN 'organization.closed' ELSE 'organization.reopened' END,
            NEW.id);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_erased_account(), portal.note_turned_organization() FROM PUBLIC;
CREATE TRIGGER note_erasure AFTER DELETE ON portal.user_account
    FOR EACH ROW EXECUTE FUNCTION portal.note_erased_account();
CREATE TRIGGER note_erasure AFTER UPDATE OF status ON portal.organization
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND 'closed' IN (OLD.status, NEW.status))
    EXECUTE FUNCTION portal.note_turned_organization();

-- Of those who were erased before this, only whom events and jobs still name can be known.
INSERT INTO portal.erasure (id, act, subject_id)
SELECT portal.new_id(), 'person.erased', known.person
  FROM (SELECT (e.ids ->> 'person')::uuid AS person FROM portal.outbox e WHERE e.topic = 'person.erased'
        UNION
        SELECT (convert_from(q.payload, 'UTF8')::jsonb ->> 'person')::uuid FROM queue.pgqueuer q
         WHERE q.entrypoint = 'unlink_person') known
 WHERE known.person IS NOT NULL;
INSERT INTO portal.erasure (id, act, subject_id, at)
SELECT portal.new_id(), 'organization.closed', o.id, coalesce(o.closed_at, portal.clock())
  FROM portal.organization o WHERE o.status = 'closed';
