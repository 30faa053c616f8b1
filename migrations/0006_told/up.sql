-- A cycle that finds what the last one found is kept by one row: nothing else need be read to see that nothing changed.
ALTER TABLE work ADD COLUMN told bytea;
COMMENT ON COLUMN work.told IS 'Digest of what the last report in agreement said, all of which is stored; null when it did not agree';
