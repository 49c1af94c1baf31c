-- Files that come in piece by piece, so that a line that breaks costs little: a link knows how far it is, and where its
-- pieces lie. Nobody reads the table; whoever holds a link asks for what belongs to it.
ALTER TABLE portal.evidence ADD COLUMN upload_size BIGINT;
ALTER TABLE portal.supplier_import ADD COLUMN upload_size BIGINT;
CREATE TABLE portal.upload_part (
    upload_hash BYTEA NOT NULL,
    start BIGINT NOT NULL,
    size BIGINT NOT NULL,
    storage_key TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_upload_part PRIMARY KEY (upload_hash, start),
    CONSTRAINT uq_upload_part_storage_key UNIQUE (storage_key)
);
ALTER TABLE portal.upload_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.upload_part FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.upload_part TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.upload_part FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.upload_part TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.upload_part TO portal_backup;
GRANT SELECT, DELETE ON portal.upload_part TO portal_worker;

-- How long the file will be where that was said, how much of it is here, and until when it may go on.
DROP FUNCTION portal.find_upload(bytea);
CREATE FUNCTION portal.find_upload(secret_hash bytea)
    RETURNS TABLE (purpose text, owner_id uuid, id uuid, state text, length bigint, received bigint,
                   expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT found.purpose, found.owner_id, found.id,
           CASE WHEN found.state <> 'awaiting' THEN 'used'
                WHEN portal.clock() >= found.expires_at THEN 'expired' ELSE 'open' END,
           CASE found.state WHEN 'awaiting' THEN found.upload_size ELSE found.size END,
           CASE found.state WHEN 'awaiting' THEN
               (SELECT coalesce(sum(p.size), 0)::bigint FROM portal.upload_part p WHERE p.upload_hash = secret_hash)
               ELSE found.size END,
           found.expires_at
      FROM (SELECT 'evidence' AS purpose, e.supplier_id AS owner_id, e.id, e.state, e.upload_expires_at AS expires_at,
                   e.upload_size, e.size
              FROM portal.evidence e WHERE e.upload_hash = secret_hash
             UNION ALL
            SELECT 'supplier_list', i.buyer_id, i.id, i.state, i.upload_expires_at, i.upload_size, i.size
              FROM portal.supplier_import i WHERE i.upload_hash = secret_hash) found
      JOIN portal.organization o ON o.id = found.owner_id AND o.status = 'active'
$$;

-- Holds a link that waits for its file until the transaction ends, so that its pieces come one after the other. The
-- end moves where more time is given: whoever is still sending has not given up.
CREATE FUNCTION portal.hold_upload(secret_hash bytea, more interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.evidence e SET upload_expires_at = greatest(e.upload_expires_at, portal.clock() + more)
     WHERE e.upload_hash = secret_hash AND e.state = 'awaiting';
    IF NOT FOUND THEN
        UPDATE portal.supplier_import i SET upload_expires_at = greatest(i.upload_expires_at, portal.clock() + more)
         WHERE i.upload_hash = secret_hash AND i.state = 'awaiting';
    END IF;
    RETURN FOUND;
END
$$;

-- One more piece: 'kept', 'moved' where the file has another length by now, 'full' where it has too many pieces, or
-- 'over' where the link waits for nothing any more.
CREATE FUNCTION portal.keep_upload_part(secret_hash bytea, first bigint, bytes bigint, place text, most integer)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    here bigint;
    pieces integer;
BEGIN
    IF NOT portal.hold_upload(secret_hash, interval '0') THEN
        RETURN 'over';
    END IF;
    SELECT coalesce(sum(p.size), 0), count(*) INTO here, pieces FROM portal.upload_part p
     WHERE p.upload_hash = secret_hash;
    IF here <> first THEN
        RETURN 'moved';
    ELSIF pieces >= most THEN
        RETURN 'full';
    END IF;
    INSERT INTO portal.upload_part (upload_hash, start, size, storage_key) VALUES (secret_hash, first, bytes, place);
    PERFORM portal.hold_upload(secret_hash, interval '1 day');
    RETURN 'kept';
END
$$;

CREATE FUNCTION portal.list_upload_parts(secret_hash bytea) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.storage_key FROM portal.upload_part p WHERE p.upload_hash = secret_hash ORDER BY p.start
$$;

-- Said once; a second word changes nothing. Gives what holds.
CREATE FUNCTION portal.declare_upload_size(secret_hash bytea, bytes bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    said bigint;
BEGIN
    UPDATE portal.evidence e SET upload_size = coalesce(e.upload_size, bytes)
     WHERE e.upload_hash = secret_hash AND e.state = 'awaiting' RETURNING e.upload_size INTO said;
    IF NOT FOUND THEN
        UPDATE portal.supplier_import i SET upload_size = coalesce(i.upload_size, bytes)
         WHERE i.upload_hash = secret_hash AND i.state = 'awaiting' RETURNING i.upload_size INTO said;
    END IF;
    RETURN said;
END
$$;

-- Gives the link up before its file is whole; what has come of it is told, to be removed.
CREATE FUNCTION portal.give_up_upload(secret_hash bytea) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT portal.hold_upload(secret_hash, interval '0') THEN
        RETURN;
    END IF;
    UPDATE portal.evidence e SET upload_hash = NULL, upload_size = NULL, upload_expires_at = portal.clock()
     WHERE e.upload_hash = secret_hash;
    UPDATE portal.supplier_import i SET upload_hash = NULL, upload_size = NULL, upload_expires_at = portal.clock()
     WHERE i.upload_hash = secret_hash;
    RETURN QUERY DELETE FROM portal.upload_part p WHERE p.upload_hash = secret_hash RETURNING p.storage_key;
END
$$;

-- The first file that arrived whole is the one, whether at once or in pieces, which are not needed any more then.
CREATE OR REPLACE FUNCTION portal.receive_upload(secret_hash bytea, place text, bytes bigint, digest bytea)
    RETURNS TABLE (purpose text, owner_id uuid, id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    UPDATE portal.evidence e
       SET state = 'quarantined', storage_key = place, size = bytes, sha256 = digest, updated_at = portal.clock()
     WHERE e.upload_hash = secret_hash AND e.state = 'awaiting'
    RETURNING 'evidence', e.supplier_id, e.id INTO purpose, owner_id, id;
    IF NOT FOUND THEN
        UPDATE portal.supplier_import i
           SET state = 'uploaded', storage_key = place, size = bytes::integer, sha256 = digest
         WHERE i.upload_hash = secret_hash AND i.state = 'awaiting'
        RETURNING 'supplier_list', i.buyer_id, i.id INTO purpose, owner_id, id;
    END IF;
    IF FOUND THEN
        DELETE FROM portal.upload_part p WHERE p.upload_hash = secret_hash;
        RETURN NEXT;
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.find_upload(bytea), portal.hold_upload(bytea, interval),
    portal.keep_upload_part(bytea, bigint, bigint, text, integer), portal.list_upload_parts(bytea),
    portal.declare_upload_size(bytea, bigint), portal.give_up_upload(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_upload(bytea), portal.keep_upload_part(bytea, bigint, bigint, text, integer),
    portal.list_upload_parts(bytea), portal.declare_upload_size(bytea, bigint), portal.give_up_upload(bytea)
    TO portal_app;
