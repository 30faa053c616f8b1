-- Whether Mozy answers, each daemon finds out for itself: it may be the way from its host that is broken.
ALTER TABLE budgets DROP COLUMN down_since, DROP COLUMN probe_at;
COMMENT ON TABLE budgets IS 'How each Mozy credential stands: paused or slowed down';
