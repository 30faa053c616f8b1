ALTER TABLE budgets ADD COLUMN down_since timestamptz, ADD COLUMN probe_at timestamptz;
COMMENT ON TABLE  budgets IS 'How each Mozy credential stands: paused, slowed down, or cut off because Mozy is down';
COMMENT ON COLUMN budgets.down_since IS 'Since when Mozy is down; null while it answers';
COMMENT ON COLUMN budgets.probe_at IS 'When one daemon may look whether it answers again';
