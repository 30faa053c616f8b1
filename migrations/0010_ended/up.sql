-- What ended is kept for a while: a poll that comes late is told its end again, and is no new wish.

ALTER TABLE operations ADD COLUMN request_id text;
COMMENT ON COLUMN operations.request_id IS 'OSA''s transaction that waits; null when it did not say';

CREATE TABLE ended_operations (
    object_id       uuid NOT NULL,
    verb            text NOT NULL,
    request_id      text NOT NULL,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    reason          text,
    message         text NOT NULL DEFAULT '',
    ended_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (object_id, verb, request_id)
);
CREATE INDEX ended_operations_subscription ON ended_operations (subscription_id);
CREATE INDEX ended_operations_ended ON ended_operations (ended_at);
COMMENT ON TABLE  ended_operations IS 'How operations ended, for polls that come late; forgotten after a day';
COMMENT ON COLUMN ended_operations.object_id IS 'APS id';
COMMENT ON COLUMN ended_operations.verb IS 'As in operations';
COMMENT ON COLUMN ended_operations.request_id IS 'OSA''s transaction; empty when it did not say';
COMMENT ON COLUMN ended_operations.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN ended_operations.reason IS 'Why it was refused; null when it was done';
COMMENT ON COLUMN ended_operations.message IS 'For people';
COMMENT ON COLUMN ended_operations.ended_at IS 'When OSA was told';

-- A reseller must know who of his customers still syncs: his partner cannot be turned off before them.
ALTER TABLE observations ADD COLUMN syncs boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN observations.syncs IS
    'Whether sync was seen in force: for a reseller''s customer in his group, for anybody else in his partner';
UPDATE observations o SET syncs = true FROM subscriptions s
    WHERE s.id = o.subscription_id AND account #>> '{partner,sync}' = 'true' AND (s.model <> 'customer'
        OR account #> '{groups,0,group}' IS NOT NULL AND account #>> '{groups,0,group,sync}' IS DISTINCT FROM 'false');

-- The header that is the key of everything need not name the application by its own id.
ALTER TABLE instances ADD COLUMN application_id uuid;
COMMENT ON COLUMN instances.application_id IS 'The application''s own APS id, where it is another';

-- A customer lives where he was made, also when his reseller cancels and buys again.
COMMENT ON COLUMN subscriptions.partner_id IS
    'Mozy''s partner, once known; of a reseller''s customer that in which his group was made';
