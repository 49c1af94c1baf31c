-- A request whose only answer was withdrawn waits again, which is news for its buyer.
ALTER TABLE portal.buyer_news DROP CONSTRAINT ck_buyer_news_kind;
ALTER TABLE portal.buyer_news ADD CONSTRAINT ck_buyer_news_kind
    CHECK (kind IN ('shared', 'declined', 'not_us', 'suggestion', 'overdue', 'reopened'));
CREATE OR REPLACE FUNCTION portal.note_news_of_request() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.buyer_news (buyer_id, kind, thing_id, day)
    VALUES (NEW.buyer_id, CASE NEW.state WHEN 'accepted' THEN 'reopened' ELSE NEW.state END, NEW.id,
            timezone('UTC', portal.clock())::date)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
DROP TRIGGER note_news ON portal.request;
CREATE TRIGGER note_news AFTER UPDATE OF state ON portal.request FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state
          AND (NEW.state IN ('declined', 'not_us') OR (NEW.state = 'accepted' AND OLD.state = 'fulfilled')))
    EXECUTE FUNCTION portal.note_news_of_request();

-- The day on which the answer to a buyer's own request was taken back, where the buyer could read it otherwise and reads
-- no other: whatever the request waits for since then, a correction or what counted before.
CREATE OR REPLACE FUNCTION portal.find_withdrawal(buyer uuid, request uuid) RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH answers AS (
        SELECT b.state, b.withdrawn_at
          FROM portal.request r
          JOIN portal.assessment a ON a.supplier_id = r.supplier_id AND a.id = r.assessment_id
          JOIN portal.submission b ON b.supplier_id = a.supplier_id AND b.questionnaire = a.questionnaire
           AND b.subject_key = a.subject_key AND b.period_start = a.period_start AND b.period_end = a.period_end
          JOIN portal.share s ON s.supplier_id = b.supplier_id AND s.buyer_id = r.buyer_id
           AND s.questionnaire = b.questionnaire AND s.subject_key = b.subject_key
         WHERE r.buyer_id = buyer AND r.id = request AND buyer = portal.current_organization()
           AND portal.share_is_live(s)
           AND (s.submission_id = b.id OR (s.mode = 'following' AND s.follows_from <= b.submitted_at))
    )
    SELECT max((w.withdrawn_at AT TIME ZONE 'UTC')::date) FROM answers w
     WHERE NOT EXISTS (SELECT FROM answers k WHERE k.state <> 'withdrawn')
$$;
