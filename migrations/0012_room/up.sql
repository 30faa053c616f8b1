-- Every claim writes a new version of its row: with room for it on the same page, no index need be told.
ALTER TABLE work SET (fillfactor = 50);
