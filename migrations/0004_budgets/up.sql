-- One budget per Mozy credential, shared by all daemons.

CREATE TABLE budgets (
    credential bytea PRIMARY KEY,
    resumes_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    pace       double precision NOT NULL DEFAULT 1 CHECK (pace > 0 AND pace <= 1),
    down_since timestamptz,
    probe_at   timestamptz
);
COMMENT ON TABLE  budgets IS 'How each Mozy credential stands: paused, slowed down, or cut off because Mozy is down';
COMMENT ON COLUMN budgets.credential IS 'SHA-256 of the API key';
COMMENT ON COLUMN budgets.resumes_at IS 'Until then Mozy asked us to wait; from then on the pace grows again';
COMMENT ON COLUMN budgets.pace IS 'Which part of the budget may be used when it resumes';
COMMENT ON COLUMN budgets.down_since IS 'Since when Mozy is down; null while it answers';
COMMENT ON COLUMN budgets.probe_at IS 'When one daemon may look whether it answers again';

CREATE TABLE budget_shares (
    credential bytea NOT NULL REFERENCES budgets (credential) ON DELETE CASCADE,
    daemon     uuid NOT NULL,
    rate       double precision NOT NULL,
    places     integer NOT NULL,
    until      timestamptz NOT NULL,
    PRIMARY KEY (credential, daemon)
);
COMMENT ON TABLE  budget_shares IS 'Which part of a credential''s budget each daemon may use, for a few seconds';
COMMENT ON COLUMN budget_shares.credential IS 'Of which credential';
COMMENT ON COLUMN budget_shares.daemon IS 'Which daemon';
COMMENT ON COLUMN budget_shares.rate IS 'Calls a second';
COMMENT ON COLUMN budget_shares.places IS 'Calls at once';
COMMENT ON COLUMN budget_shares.until IS 'When it goes back to the others unless renewed';
