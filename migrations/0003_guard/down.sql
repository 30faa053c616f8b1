-- The guard looks at one plan at a time again.
DELETE FROM events e WHERE NOT EXISTS (SELECT FROM subscriptions s WHERE s.id = e.subscription_id);
ALTER TABLE events ADD CONSTRAINT events_subscription_id_fkey
    FOREIGN KEY (subscription_id) REFERENCES subscriptions (id) ON DELETE CASCADE;
COMMENT ON COLUMN events.subscription_id IS 'To which subscription';
DROP TABLE approvals, held, reservations;
CREATE TABLE approvals (
    hash        text PRIMARY KEY,
    approved_at timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
COMMENT ON TABLE  approvals IS 'Held plans that an operator released; each is used once';
COMMENT ON COLUMN approvals.hash IS 'The hash of exactly these held steps of one subscription';
COMMENT ON COLUMN approvals.approved_at IS 'When it was released';
COMMENT ON COLUMN approvals.expires_at IS 'When the release runs out';
DROP INDEX steps_counted;
ALTER TABLE steps DROP COLUMN class, DROP COLUMN account;
