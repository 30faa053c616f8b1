DROP TABLE ended_operations;
ALTER TABLE operations DROP COLUMN request_id;
COMMENT ON COLUMN subscriptions.partner_id IS
    'Mozy''s id of the partner; of a reseller''s customer: null, it is the reseller''s';
UPDATE subscriptions SET partner_id = NULL WHERE model = 'customer';
ALTER TABLE instances DROP COLUMN application_id;
ALTER TABLE observations DROP COLUMN syncs;
