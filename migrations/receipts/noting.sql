-- A key like those the programs make: a UUID of version 7 (RFC 9562), so that new rows land side by side in an index.
CREATE FUNCTION portal.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$;

-- Receipts of one call: an item names a submission, its supplier and the strongest of what was returned of it. In the
-- caller's own name, under its policies. The purpose is that of the buyer's last request, else of the share; a summary
-- is noted once a day, by its index. Gives the items back, so that a statement can read and note in one.
CREATE FUNCTION portal.note_readings(reader uuid, reader_role text, member uuid, items jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, member_id, kind, submission_id, purpose)
    SELECT x.supplier, portal.new_id(), reader, note_readings.reader_role, member, x.kind, b.id, coalesce(
               (SELECT q.purpose FROM portal.request q
                 WHERE q.buyer_id = reader AND q.supplier_id = b.supplier_id AND q.questionnaire = b.questionnaire
                 ORDER BY q.created_at DESC, q.id DESC LIMIT 1),
               (SELECT s.purpose FROM portal.share s
                 WHERE s.buyer_id = reader AND s.supplier_id = b.supplier_id AND s.questionnaire = b.questionnaire
                 ORDER BY s.created_at DESC, s.id DESC LIMIT 1))
      FROM jsonb_to_recordset(items) AS x (supplier uuid, submission uuid, kind text)
      JOIN portal.submission b ON b.supplier_id = x.supplier AND b.id = x.submission
     WHERE x.supplier <> reader
        ON CONFLICT DO NOTHING;
    RETURN items;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.new_id(), portal.note_readings(uuid, text, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.new_id(), portal.note_readings(uuid, text, uuid, jsonb) TO portal_app;
