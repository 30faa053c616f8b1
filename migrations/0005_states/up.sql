-- The state in one word is what `mozyd status` says: a list filtered by state shows what it was filtered by.
CREATE OR REPLACE VIEW states AS
    SELECT s.id AS subscription_id,
        CASE WHEN s.paused_at IS NOT NULL THEN 'paused'
             WHEN s.removed_at IS NOT NULL THEN 'removing'
             WHEN EXISTS (SELECT FROM conditions c WHERE c.subscription_id = s.id AND NOT c.status
                     AND c.type = 'InSync' AND c.reason NOT IN ('AsExpected', 'VendorUnreachable'))
                 THEN 'blocked'
             WHEN NOT EXISTS (SELECT FROM conditions c WHERE c.subscription_id = s.id AND c.status
                     AND c.type = 'InSync')
                 THEN 'provisioning'
             WHEN s.suspended THEN 'suspended'
             ELSE 'ready' END AS state
    FROM subscriptions s WHERE s.gone_at IS NULL;
COMMENT ON VIEW   states IS 'In one word how each subscription is; the first that applies';
COMMENT ON COLUMN states.subscription_id IS 'Which subscription; those gone from Mozy have no state';
COMMENT ON COLUMN states.state IS 'paused, removing, blocked (a person must act), provisioning, suspended or ready';
