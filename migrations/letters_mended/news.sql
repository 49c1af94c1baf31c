-- What a buyer's suppliers did or did not: told in the buyer's digest, once, as far as it still holds then. `thing_id` is a
-- submission, a request or a suggestion; `day` is the due day where a request is overdue, else the day of it.
CREATE TABLE portal.buyer_news (
    buyer_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    thing_id UUID NOT NULL,
    day DATE NOT NULL,
    digest_id UUID,
    CONSTRAINT pk_buyer_news PRIMARY KEY (buyer_id, kind, thing_id, day),
    CONSTRAINT fk_buyer_news_buyer_id FOREIGN KEY (buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_buyer_news_kind CHECK (kind IN ('shared', 'declined', 'not_us', 'suggestion', 'overdue'))
);
CREATE INDEX ix_buyer_news_untold ON portal.buyer_news (buyer_id) WHERE digest_id IS NULL;
CREATE INDEX ix_buyer_news_digest ON portal.buyer_news (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX ix_buyer_news_day ON portal.buyer_news (day);
ALTER TABLE portal.buyer_news ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.buyer_news FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.buyer_news TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.buyer_news FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.buyer_news TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.buyer_news TO portal_backup;
GRANT SELECT, INSERT, UPDATE (digest_id), DELETE ON portal.buyer_news TO portal_worker;
CREATE INDEX ix_request_overdue ON portal.request (due_on) WHERE state IN ('open', 'accepted');
CREATE POLICY worker_read ON portal.contact_suggestion FOR SELECT TO portal_worker USING (true);
GRANT SELECT ON portal.contact_suggestion TO portal_worker;

CREATE FUNCTION portal.note_news_of_request() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.buyer_news (buyer_id, kind, thing_id, day)
    VALUES (NEW.buyer_id, NEW.state, NEW.id, timezone('UTC', portal.clock())::date)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_news AFTER UPDATE OF state ON portal.request FOR EACH ROW
    WHEN (NEW.state IN ('declined', 'not_us') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION portal.note_news_of_request();
CREATE FUNCTION portal.note_news_of_suggestion() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.buyer_news (buyer_id, kind, thing_id, day)
    VALUES (NEW.buyer_id, 'suggestion', NEW.id, timezone('UTC', portal.clock())::date)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_news AFTER INSERT ON portal.contact_suggestion FOR EACH ROW
    EXECUTE FUNCTION portal.note_news_of_suggestion();
-- A row there says that the buyer may read the submission, however that came: shared, followed, by a standing rule.
CREATE FUNCTION portal.note_news_of_result() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.buyer_news (buyer_id, kind, thing_id, day)
    VALUES (NEW.buyer_id, 'shared', NEW.submission_id, timezone('UTC', portal.clock())::date)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_news AFTER INSERT ON portal.result_feedback FOR EACH ROW
    WHEN (NEW.given_at IS NULL) EXECUTE FUNCTION portal.note_news_of_result();
REVOKE EXECUTE ON FUNCTION portal.note_news_of_request(), portal.note_news_of_suggestion(),
    portal.note_news_of_result() FROM PUBLIC;
