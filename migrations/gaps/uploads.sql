-- Said once; a second word changes nothing, nor does one below what is here. Gives what holds, if anything does. The
-- link is held first, so that no piece comes in between.
CREATE OR REPLACE FUNCTION portal.declare_upload_size(secret_hash bytea, bytes bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    here bigint;
    said bigint;
BEGIN
    IF NOT portal.hold_upload(secret_hash, interval '0') THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(p.size), 0) INTO here FROM portal.upload_part p WHERE p.upload_hash = secret_hash;
    UPDATE portal.evidence e SET upload_size = coalesce(e.upload_size, CASE WHEN bytes >= here THEN bytes END)
     WHERE e.upload_hash = secret_hash AND e.state = 'awaiting' RETURNING e.upload_size INTO said;
    IF NOT FOUND THEN
        UPDATE portal.supplier_import i
           SET upload_size = coalesce(i.upload_size, CASE WHEN bytes >= here THEN bytes END)
         WHERE i.upload_hash = secret_hash AND i.state = 'awaiting' RETURNING i.upload_size INTO said;
    END IF;
    RETURN said;
END
$$;
