-- The guard counts what was wished away at the same time.
CREATE INDEX subscriptions_removed ON subscriptions (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX user_groups_removed ON user_groups (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX users_removed ON users (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX licences_removed ON licences (removed_at) WHERE removed_at IS NOT NULL;

ALTER TABLE budget_shares ADD COLUMN answered_at timestamptz;
COMMENT ON COLUMN budget_shares.answered_at IS 'When Mozy last answered this daemon, as of when it last renewed its part';

-- What is gone has no verdict any more.
DELETE FROM verdicts v WHERE NOT EXISTS (SELECT FROM subscriptions t WHERE t.id = v.object_id AND t.gone_at IS NULL)
    AND NOT EXISTS (SELECT FROM user_groups t WHERE t.id = v.object_id AND t.gone_at IS NULL)
    AND NOT EXISTS (SELECT FROM users t WHERE t.id = v.object_id AND t.gone_at IS NULL)
    AND NOT EXISTS (SELECT FROM licences t WHERE t.id = v.object_id AND t.gone_at IS NULL);
