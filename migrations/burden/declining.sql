-- How many people the firm had by its own declaration when it submitted: what it might decline goes by that for ever.
ALTER TABLE portal.submission ADD COLUMN staff INTEGER;
ALTER TABLE portal.submission ADD COLUMN staff_source TEXT COLLATE "C";
ALTER TABLE portal.submission ADD CONSTRAINT ck_submission_staff_source
    CHECK (staff_source IN ('answer', 'size_band')) NOT VALID;
ALTER TABLE portal.submission VALIDATE CONSTRAINT ck_submission_staff_source;
