-- The guard counts over all daemons, what it holds is kept until it may run, and a release is bound to exactly that.

ALTER TABLE steps ADD COLUMN class text, ADD COLUMN account boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN steps.class IS 'The class that the guard counts it in; null is not counted';
COMMENT ON COLUMN steps.account IS 'Whether it concerned the whole account';
CREATE INDEX steps_counted ON steps (intended_at) INCLUDE (class, account, subscription_id)
    WHERE class IS NOT NULL AND (outcome IS NULL OR outcome IN ('done', 'in_doubt'));

CREATE TABLE reservations (
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    class           text NOT NULL,
    epoch           bigint NOT NULL,
    things          bigint NOT NULL CHECK (things >= 0),
    accounts        bigint NOT NULL CHECK (accounts >= 0),
    PRIMARY KEY (subscription_id, class)
);
COMMENT ON TABLE  reservations IS 'Changes that a cycle was admitted to make and has not begun; in force while its lease is the newest';
COMMENT ON COLUMN reservations.subscription_id IS 'About which subscription';
COMMENT ON COLUMN reservations.class IS 'delete, suspend, downgrade or update';
COMMENT ON COLUMN reservations.epoch IS 'Under which lease';
COMMENT ON COLUMN reservations.things IS 'Users, groups, licences, pools';
COMMENT ON COLUMN reservations.accounts IS 'Whole accounts';

CREATE TABLE held (
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    class           text NOT NULL,
    hash            text NOT NULL,
    steps           jsonb NOT NULL,
    texts           jsonb NOT NULL,
    scope           text NOT NULL,
    asked           bigint NOT NULL,
    spent           bigint NOT NULL,
    allowed         bigint NOT NULL,
    since           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subscription_id, class)
);
CREATE INDEX held_hash ON held (hash);
COMMENT ON TABLE  held IS 'Plans that the guard holds until an operator releases them, or they are wished no more';
COMMENT ON COLUMN held.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN held.class IS 'delete, suspend, downgrade or update';
COMMENT ON COLUMN held.hash IS 'What an operator approves: bound to exactly these steps';
COMMENT ON COLUMN held.steps IS 'The steps as planned';
COMMENT ON COLUMN held.texts IS 'The steps in words';
COMMENT ON COLUMN held.scope IS 'Which limit they are past: account, all or accounts';
COMMENT ON COLUMN held.asked IS 'How many changes they are';
COMMENT ON COLUMN held.spent IS 'How many had been done just before this was found';
COMMENT ON COLUMN held.allowed IS 'How many the limit allows';
COMMENT ON COLUMN held.since IS 'Since when exactly these steps are held';

DROP TABLE approvals;
CREATE TABLE approvals (
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    class           text NOT NULL,
    hash            text NOT NULL,
    steps           jsonb NOT NULL,
    approved_at     timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    PRIMARY KEY (subscription_id, class)
);
COMMENT ON TABLE  approvals IS 'Held plans that an operator released; each of their steps is done once';
COMMENT ON COLUMN approvals.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN approvals.class IS 'delete, suspend, downgrade or update';
COMMENT ON COLUMN approvals.hash IS 'The hash of exactly these held steps';
COMMENT ON COLUMN approvals.steps IS 'The steps as planned';
COMMENT ON COLUMN approvals.approved_at IS 'When it was released';
COMMENT ON COLUMN approvals.expires_at IS 'When the release runs out';
COMMENT ON COLUMN approvals.used_at IS 'When the first of them was admitted; afterwards what is left of them may still run';

-- What an operator did outlives the subscription he did it to.
ALTER TABLE events DROP CONSTRAINT events_subscription_id_fkey;
COMMENT ON COLUMN events.subscription_id IS 'To which subscription, which may have been forgotten since';
