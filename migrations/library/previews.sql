-- A small picture of a picture, kept beside it. Whoever may fetch a document may fetch that.
ALTER TABLE portal.evidence ADD COLUMN preview_size INTEGER;
CREATE INDEX ix_read_receipt_supplier_id_evidence_id ON portal.read_receipt (supplier_id, evidence_id)
    WHERE evidence_id IS NOT NULL;
