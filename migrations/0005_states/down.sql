CREATE OR REPLACE VIEW states AS
    SELECT s.id AS subscription_id,
        CASE WHEN s.removed_at IS NOT NULL THEN 'removing'
             WHEN s.paused_at IS NOT NULL THEN 'paused'
             WHEN EXISTS (SELECT FROM conditions c WHERE c.subscription_id = s.id AND NOT c.status
                     AND c.type IN ('Provisioned', 'InSync') AND c.reason NOT IN ('AsExpected', 'VendorUnreachable'))
                 THEN 'blocked'
             WHEN s.suspended THEN 'suspended'
             WHEN EXISTS (SELECT FROM conditions c WHERE c.subscription_id = s.id AND c.status AND c.type = 'Provisioned')
                 THEN 'ready'
             ELSE 'provisioning' END AS state
    FROM subscriptions s WHERE s.gone_at IS NULL;
