-- What an operator released: one held plan, by its hash, for a while.
CREATE TABLE approvals (
    hash        text PRIMARY KEY,
    approved_at timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
COMMENT ON TABLE  approvals IS 'Held plans that an operator released; each is used once';
COMMENT ON COLUMN approvals.hash IS 'The hash of exactly these held steps of one subscription';
COMMENT ON COLUMN approvals.approved_at IS 'When it was released';
COMMENT ON COLUMN approvals.expires_at IS 'When the release runs out';
