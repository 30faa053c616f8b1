-- GB that a moved user left behind follow him also when the Transfer failed and nobody misses them.
ALTER TABLE work ADD COLUMN owed jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN work.owed IS 'GB that moved users left behind in a group, and that a Transfer still owes to another';
