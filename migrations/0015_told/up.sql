ALTER TABLE users ADD COLUMN told jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN users.told IS 'What OSA holds of what it can wish for: what it said and was answered last, under OSA''s names';
