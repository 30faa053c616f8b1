ALTER TABLE work DROP COLUMN pauses;
COMMENT ON COLUMN steps.settled_at IS 'When the outcome was known';
