-- A buyer's own words and decision about its suppliers, which no supplier sees: tags, and the segment with its reason.
CREATE TABLE portal.supplier_tag (
    buyer_id UUID NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    supplier_record_id UUID NOT NULL,
    CONSTRAINT pk_supplier_tag PRIMARY KEY (buyer_id, tag, supplier_record_id),
    CONSTRAINT fk_supplier_tag_record FOREIGN KEY (buyer_id, supplier_record_id)
        REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_supplier_tag_buyer_id_supplier_record_id ON portal.supplier_tag (buyer_id, supplier_record_id);
CREATE TABLE portal.supplier_segment (
    buyer_id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    spend_band TEXT COLLATE "C",
    strategic BOOLEAN DEFAULT false NOT NULL,
    segment TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    owner_member UUID,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_supplier_segment PRIMARY KEY (buyer_id, supplier_record_id),
    CONSTRAINT fk_supplier_segment_record FOREIGN KEY (buyer_id, supplier_record_id)
        REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_supplier_segment_segment ON portal.supplier_segment (buyer_id, segment, supplier_record_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['supplier_tag', 'supplier_segment'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON portal.%I TO portal_app', name);
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app'
            ' USING (buyer_id = (SELECT portal.current_organization()))'
            ' WITH CHECK (buyer_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;
GRANT UPDATE (spend_band, strategic, segment, reason, owner_member, decided_at) ON portal.supplier_segment TO portal_app;
