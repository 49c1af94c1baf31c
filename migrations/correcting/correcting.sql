-- A release that was found faulty is corrected by a further one for the same quarter, which says why. It stays published
-- itself: figures that were out cannot be taken back, and what comes later is held against them as against any others.
ALTER TABLE portal.release
    ADD COLUMN corrects INTEGER,
    ADD COLUMN correction_reason TEXT,
    ADD CONSTRAINT fk_release_corrects FOREIGN KEY (corrects) REFERENCES portal.release (number),
    ADD CONSTRAINT uq_release_corrects UNIQUE (corrects),
    ADD CONSTRAINT ck_release_order CHECK (corrects < number),
    ADD CONSTRAINT ck_release_reason CHECK ((corrects IS NULL) = (correction_reason IS NULL)),
    DROP CONSTRAINT uq_release_period_end;
CREATE UNIQUE INDEX ix_release_period_end ON portal.release (period_end) WHERE corrects IS NULL;

-- Rows of releases that the caller's organization takes out of those of its day: 0 where any were left, else the seconds
-- until there are again. What begins within the day's rows is given whole, so that a large release is never out of reach.
CREATE FUNCTION portal.take_released_rows(wanted integer, allowed integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    day CONSTANT interval := interval '1 day';
    subject bytea := sha256(convert_to('organization:' || portal.current_organization()::text, 'UTF8'));
    begun timestamptz;
BEGIN
    INSERT INTO portal.credential_attempt AS a (kind, subject_hash, window_start, tries)
    VALUES ('released_rows', subject, portal.clock(), greatest(wanted, 1))
    ON CONFLICT (kind, subject_hash) DO UPDATE SET
        window_start = CASE WHEN a.window_start + day <= portal.clock() THEN portal.clock() ELSE a.window_start END,
        tries = greatest(wanted, 1) + CASE WHEN a.window_start + day <= portal.clock() THEN 0 ELSE a.tries END
     WHERE a.window_start + day <= portal.clock() OR a.tries < allowed;
    IF FOUND THEN
        RETURN 0;
    END IF;
    SELECT a.window_start INTO begun FROM portal.credential_attempt a
     WHERE a.kind = 'released_rows' AND a.subject_hash = subject;
    RETURN greatest(1, ceil(extract(epoch FROM begun + day - portal.clock()))::integer);
END
$$;
REVOKE EXECUTE ON FUNCTION portal.take_released_rows(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.take_released_rows(integer, integer) TO portal_app;
