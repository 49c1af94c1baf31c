-- When a file that the scanner gave no word on is asked about again.
ALTER TABLE portal.evidence ADD COLUMN scan_due_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_evidence_scan_due_at ON portal.evidence (scan_due_at) WHERE scan_due_at IS NOT NULL;
