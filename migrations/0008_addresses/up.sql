-- A key does not follow a rename of its user, and is his all the same.
ALTER TABLE licences ADD COLUMN address text;
COMMENT ON COLUMN licences.address IS 'The e-mail address that its key carried when it was last known to be this licence''s';
