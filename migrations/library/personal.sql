-- What a document seems to hold of persons, as the check of its file found.
ALTER TABLE portal.evidence ADD COLUMN personal_hints TEXT[] DEFAULT '{}' NOT NULL;
