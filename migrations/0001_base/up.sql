-- Everything mozyd keeps: what is wanted, what was seen, what was done, what is due. Every column says what it means.

CREATE TABLE instances (
    id              uuid PRIMARY KEY,
    installed       boolean NOT NULL,
    reseller        boolean,
    ws_prefix       text,
    ws_suffix       text,
    root_partner_id bigint,
    root_role_id    bigint,
    api_key         bytea,
    identity        bytea,
    controller_certificate text,
    controller      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  instances IS 'Installed instances of the APS application, each with credentials of its own';
COMMENT ON COLUMN instances.id IS 'APS-Instance-ID';
COMMENT ON COLUMN instances.installed IS 'Brought by an install; otherwise it is the configured default instance';
COMMENT ON COLUMN instances.reseller IS 'orderType: sold through resellers; null means as configured';
COMMENT ON COLUMN instances.ws_prefix IS 'Start of Mozy''s address; null means the configured one';
COMMENT ON COLUMN instances.ws_suffix IS 'End of Mozy''s address; null means the configured one';
COMMENT ON COLUMN instances.root_partner_id IS 'Mozy''s partner under which ours are made; null means the configured one';
COMMENT ON COLUMN instances.root_role_id IS 'Mozy''s role of new root admins; null means the configured one';
COMMENT ON COLUMN instances.api_key IS 'Mozy''s API key, sealed; null means the configured one';
COMMENT ON COLUMN instances.identity IS 'Our certificate and private key for this instance, PEM, sealed';
COMMENT ON COLUMN instances.controller_certificate IS 'The controller''s certificate, PEM';
COMMENT ON COLUMN instances.controller IS 'APS-Controller-URI last heard';
COMMENT ON COLUMN instances.created_at IS 'When it was first heard of';
COMMENT ON COLUMN instances.updated_at IS 'When it last changed';

CREATE TABLE subscriptions (
    id                 uuid PRIMARY KEY,
    instance_id        uuid NOT NULL REFERENCES instances (id),
    number             bigint NOT NULL,
    account_id         uuid NOT NULL,
    reseller_account_id uuid,
    model              text NOT NULL CHECK (model IN ('direct', 'reseller', 'customer')),
    company            text NOT NULL,
    admin_email        text NOT NULL,
    admin_name         text NOT NULL,
    admin_staff_id     uuid,
    desktop_licences   bigint CHECK (desktop_licences >= 0),
    desktop_quota      bigint CHECK (desktop_quota >= 0),
    server_licences    bigint CHECK (server_licences >= 0),
    server_quota       bigint CHECK (server_quota >= 0),
    sync_available     boolean NOT NULL,
    sync_default_quota bigint CHECK (sync_default_quota >= 0),
    sync               boolean NOT NULL DEFAULT false,
    suspended          boolean NOT NULL DEFAULT false,
    groups_tab         boolean NOT NULL DEFAULT true,
    paused_at          timestamptz,
    generation         bigint NOT NULL DEFAULT 1,
    account_generation bigint NOT NULL DEFAULT 1,
    request_id         text,
    removed_at         timestamptz,
    gone_at            timestamptz,
    partner_id         bigint,
    home_group_id      bigint,
    created_at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((model = 'customer') = (reseller_account_id IS NOT NULL)),
    CHECK (sync_available OR NOT sync)
);
CREATE INDEX subscriptions_account ON subscriptions (account_id);
CREATE INDEX subscriptions_reseller ON subscriptions (reseller_account_id) WHERE reseller_account_id IS NOT NULL;
CREATE INDEX subscriptions_number ON subscriptions (number);
COMMENT ON TABLE  subscriptions IS 'Desired: one row per tenant';
COMMENT ON COLUMN subscriptions.id IS 'APS id of mozyProAccount';
COMMENT ON COLUMN subscriptions.instance_id IS 'The instance it was ordered through; names the credentials';
COMMENT ON COLUMN subscriptions.number IS 'OSA''s subscription number; external_id at Mozy';
COMMENT ON COLUMN subscriptions.account_id IS 'The OSA account that bought it';
COMMENT ON COLUMN subscriptions.reseller_account_id IS 'Of a reseller''s customer: the reseller''s OSA account';
COMMENT ON COLUMN subscriptions.model IS 'direct and reseller are partners at Mozy; customer is a group in the reseller''s partner';
COMMENT ON COLUMN subscriptions.company IS 'Name of the partner or group';
COMMENT ON COLUMN subscriptions.admin_email IS 'User name of the root admin';
COMMENT ON COLUMN subscriptions.admin_name IS 'Full name of the root admin';
COMMENT ON COLUMN subscriptions.admin_staff_id IS 'APS id of the staff member he is';
COMMENT ON COLUMN subscriptions.desktop_licences IS 'Bought; null is unlimited';
COMMENT ON COLUMN subscriptions.desktop_quota IS 'Bought, GB; null is unlimited';
COMMENT ON COLUMN subscriptions.server_licences IS 'Bought; null is unlimited';
COMMENT ON COLUMN subscriptions.server_quota IS 'Bought, GB; null is unlimited';
COMMENT ON COLUMN subscriptions.sync_available IS 'Whether sync may be switched on';
COMMENT ON COLUMN subscriptions.sync_default_quota IS 'GB of a synced user; null leaves it to Mozy';
COMMENT ON COLUMN subscriptions.sync IS 'Whether the customer has sync switched on';
COMMENT ON COLUMN subscriptions.suspended IS 'Whether it is to be suspended';
COMMENT ON COLUMN subscriptions.groups_tab IS 'Whether OSA''s panel shows the groups tab; means nothing to Mozy';
COMMENT ON COLUMN subscriptions.paused_at IS 'Since when an operator has it paused; null is not paused';
COMMENT ON COLUMN subscriptions.generation IS 'Raised by every change of the wish, of it or of anything in it';
COMMENT ON COLUMN subscriptions.account_generation IS 'The generation when the tenant itself last changed';
COMMENT ON COLUMN subscriptions.request_id IS 'OSA''s transaction of the last change';
COMMENT ON COLUMN subscriptions.removed_at IS 'The tombstone: only this removes anything at Mozy';
COMMENT ON COLUMN subscriptions.gone_at IS 'When a complete look found it gone from Mozy after the tombstone';
COMMENT ON COLUMN subscriptions.partner_id IS 'Mozy''s id of the partner; of a reseller''s customer: null, it is the reseller''s';
COMMENT ON COLUMN subscriptions.home_group_id IS 'Mozy''s id of the default group, or of the customer''s group';
COMMENT ON COLUMN subscriptions.created_at IS 'When it was ordered';

CREATE TABLE user_groups (
    id              uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    name            text NOT NULL,
    generation      bigint NOT NULL,
    removed_at      timestamptz,
    gone_at         timestamptz,
    mozy_id         bigint
);
CREATE INDEX user_groups_subscription ON user_groups (subscription_id);
COMMENT ON TABLE  user_groups IS 'Desired: the customer''s own groups; the default group is not among them';
COMMENT ON COLUMN user_groups.id IS 'APS id of mozyProAccountGroup';
COMMENT ON COLUMN user_groups.subscription_id IS 'Whose';
COMMENT ON COLUMN user_groups.name IS 'Its name';
COMMENT ON COLUMN user_groups.generation IS 'The subscription''s generation when this row last changed';
COMMENT ON COLUMN user_groups.removed_at IS 'The tombstone';
COMMENT ON COLUMN user_groups.gone_at IS 'When it was seen gone from Mozy';
COMMENT ON COLUMN user_groups.mozy_id IS 'Mozy''s id, once known';

CREATE TABLE users (
    id              uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    service_user_id uuid NOT NULL,
    login           text NOT NULL,
    display_name    text NOT NULL,
    group_id        uuid REFERENCES user_groups (id),
    suspended       boolean NOT NULL DEFAULT false,
    sync            boolean NOT NULL DEFAULT false,
    sync_quota      bigint CHECK (sync_quota >= 0),
    generation      bigint NOT NULL,
    removed_at      timestamptz,
    gone_at         timestamptz,
    mozy_id         bigint
);
CREATE INDEX users_subscription ON users (subscription_id);
COMMENT ON TABLE  users IS 'Desired: users';
COMMENT ON COLUMN users.id IS 'APS id of mozyProAccountUser';
COMMENT ON COLUMN users.subscription_id IS 'Whose';
COMMENT ON COLUMN users.service_user_id IS 'APS id of OSA''s service user';
COMMENT ON COLUMN users.login IS 'E-mail address, user name at Mozy';
COMMENT ON COLUMN users.display_name IS 'Full name at Mozy';
COMMENT ON COLUMN users.group_id IS 'His group; null is the default group';
COMMENT ON COLUMN users.suspended IS 'Whether he is to be suspended';
COMMENT ON COLUMN users.sync IS 'Whether he is to have sync';
COMMENT ON COLUMN users.sync_quota IS 'His own sync GB; null is the subscription''s default';
COMMENT ON COLUMN users.generation IS 'The subscription''s generation when this row last changed';
COMMENT ON COLUMN users.removed_at IS 'The tombstone';
COMMENT ON COLUMN users.gone_at IS 'When he was seen gone from Mozy';
COMMENT ON COLUMN users.mozy_id IS 'Mozy''s id, once known';

CREATE TABLE licences (
    id              uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('Desktop', 'Server')),
    quota           bigint NOT NULL CHECK (quota >= 0),
    generation      bigint NOT NULL,
    removed_at      timestamptz,
    gone_at         timestamptz,
    keystring       text
);
CREATE INDEX licences_subscription ON licences (subscription_id);
CREATE INDEX licences_user ON licences (user_id);
COMMENT ON TABLE  licences IS 'Desired: licences of users';
COMMENT ON COLUMN licences.id IS 'APS id of mozyProAccountUserLicense';
COMMENT ON COLUMN licences.subscription_id IS 'Whose';
COMMENT ON COLUMN licences.user_id IS 'Of which user';
COMMENT ON COLUMN licences.kind IS 'Desktop or Server';
COMMENT ON COLUMN licences.quota IS 'GB';
COMMENT ON COLUMN licences.generation IS 'The subscription''s generation when this row last changed';
COMMENT ON COLUMN licences.removed_at IS 'The tombstone';
COMMENT ON COLUMN licences.gone_at IS 'When it was seen gone from Mozy';
COMMENT ON COLUMN licences.keystring IS 'Mozy''s key, once assigned';

CREATE TABLE observations (
    subscription_id uuid PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
    account         jsonb,
    digest          bytea NOT NULL,
    changed_at      timestamptz NOT NULL
);
COMMENT ON TABLE  observations IS 'Observed: what the last complete look at Mozy saw; written only when it changed';
COMMENT ON COLUMN observations.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN observations.account IS 'The account as seen; null when there is none';
COMMENT ON COLUMN observations.digest IS 'SHA-256 of the account as written: whether it changed is told without reading it';
COMMENT ON COLUMN observations.changed_at IS 'When it last looked different';

CREATE TABLE usages (
    subscription_id    uuid PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
    numbers            jsonb NOT NULL,
    changed_at         timestamptz NOT NULL
);
COMMENT ON TABLE  usages IS 'Usage derived from the last complete look: what a retrieve answers';
COMMENT ON COLUMN usages.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN usages.numbers IS 'The numbers: assigned, activated, GB and bytes of each kind, sync';
COMMENT ON COLUMN usages.changed_at IS 'When a number last changed';

CREATE TABLE conditions (
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    type            text NOT NULL,
    status          boolean NOT NULL,
    reason          text NOT NULL,
    message         text NOT NULL,
    since           timestamptz NOT NULL,
    PRIMARY KEY (subscription_id, type, reason)
);
COMMENT ON TABLE  conditions IS 'What holds of a subscription, with a reason; several reasons of one type may stand at once';
COMMENT ON COLUMN conditions.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN conditions.type IS 'What it is about';
COMMENT ON COLUMN conditions.status IS 'Whether it holds';
COMMENT ON COLUMN conditions.reason IS 'Why, by a fixed name';
COMMENT ON COLUMN conditions.message IS 'For people';
COMMENT ON COLUMN conditions.since IS 'Since when status and reason are what they are';

CREATE TABLE verdicts (
    object_id       uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    generation      bigint NOT NULL,
    reason          text,
    message         text NOT NULL DEFAULT ''
);
CREATE INDEX verdicts_subscription ON verdicts (subscription_id);
COMMENT ON TABLE  verdicts IS 'What the last cycle said of each thing that OSA may be waiting for';
COMMENT ON COLUMN verdicts.object_id IS 'APS id of the tenant, group, user or licence';
COMMENT ON COLUMN verdicts.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN verdicts.generation IS 'The generation of the wish this is about';
COMMENT ON COLUMN verdicts.reason IS 'Null: observed equals desired; else what stands in the way';
COMMENT ON COLUMN verdicts.message IS 'For people';

CREATE VIEW states AS
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
COMMENT ON VIEW   states IS 'In one word how each subscription is; the first that applies';
COMMENT ON COLUMN states.subscription_id IS 'Which subscription; those gone from Mozy have no state';
COMMENT ON COLUMN states.state IS 'removing, paused, blocked (a person must act), suspended, ready or provisioning';

CREATE SEQUENCE lease_epochs;
COMMENT ON SEQUENCE lease_epochs IS 'Epochs of leases: never given twice';

CREATE TABLE work (
    subscription_id  uuid PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
    lane             smallint NOT NULL,
    due_at           timestamptz NOT NULL,
    enqueued_at      timestamptz NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,
    lease_owner      uuid,
    lease_epoch      bigint NOT NULL DEFAULT 0,
    lease_until      timestamptz,
    refresh_wanted_at timestamptz,
    begun_at         timestamptz,
    last_attempt     timestamptz,
    last_success     timestamptz,
    machines_read_at timestamptz,
    observed_generation bigint NOT NULL DEFAULT 0
);
CREATE INDEX work_due ON work (lane, due_at);
COMMENT ON TABLE  work IS 'The queue: when each subscription is next looked at, and who holds it now';
COMMENT ON COLUMN work.subscription_id IS 'Which subscription';
COMMENT ON COLUMN work.lane IS '0 a person''s change, 1 a retry, 2 the sweep';
COMMENT ON COLUMN work.due_at IS 'When it is due';
COMMENT ON COLUMN work.enqueued_at IS 'When it was last put into its lane; change-to-call is measured from here';
COMMENT ON COLUMN work.attempts IS 'Cycles in a row that failed; backs off to a ceiling';
COMMENT ON COLUMN work.lease_owner IS 'The daemon that holds it; null is nobody';
COMMENT ON COLUMN work.lease_epoch IS 'Raised whenever the lease changes hands; every write names it';
COMMENT ON COLUMN work.lease_until IS 'When the lease runs out unless renewed';
COMMENT ON COLUMN work.refresh_wanted_at IS 'When somebody last asked for fresh numbers';
COMMENT ON COLUMN work.begun_at IS 'When the cycle of the newest lease began';
COMMENT ON COLUMN work.last_attempt IS 'When the last cycle that has ended began';
COMMENT ON COLUMN work.last_success IS 'When the last cycle that looked with success began: its numbers are no older';
COMMENT ON COLUMN work.machines_read_at IS 'When the machines of all users were last read';
COMMENT ON COLUMN work.observed_generation IS 'The generation that the last complete cycle found in agreement';

CREATE TABLE steps (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    epoch           bigint NOT NULL,
    kind            text NOT NULL,
    step            jsonb NOT NULL,
    call            jsonb NOT NULL,
    outcome         text CHECK (outcome IN ('done', 'rejected', 'not_done', 'in_doubt')),
    detail          text NOT NULL DEFAULT '',
    request_id      text,
    intended_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at      timestamptz
);
CREATE INDEX steps_subscription ON steps (subscription_id, id);
CREATE INDEX steps_open ON steps (subscription_id) WHERE outcome IS NULL OR outcome = 'in_doubt';
COMMENT ON TABLE  steps IS 'The ledger: every call that changes Mozy is written here before it is made';
COMMENT ON COLUMN steps.id IS 'Its number';
COMMENT ON COLUMN steps.subscription_id IS 'About which subscription';
COMMENT ON COLUMN steps.epoch IS 'Under which lease';
COMMENT ON COLUMN steps.kind IS 'What kind of step';
COMMENT ON COLUMN steps.step IS 'The step as planned';
COMMENT ON COLUMN steps.call IS 'The call as made, every id known';
COMMENT ON COLUMN steps.outcome IS 'Null: in flight, or in doubt if its lease is gone';
COMMENT ON COLUMN steps.detail IS 'What was said about the outcome';
COMMENT ON COLUMN steps.request_id IS 'OSA''s transaction behind it';
COMMENT ON COLUMN steps.intended_at IS 'When it was intended';
COMMENT ON COLUMN steps.settled_at IS 'When the outcome was known';

CREATE TABLE events (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind            text NOT NULL,
    message         text NOT NULL,
    request_id      text
);
CREATE INDEX events_subscription ON events (subscription_id, id);
COMMENT ON TABLE  events IS 'What happened to a subscription, for people';
COMMENT ON COLUMN events.id IS 'In order';
COMMENT ON COLUMN events.subscription_id IS 'To which subscription';
COMMENT ON COLUMN events.at IS 'When';
COMMENT ON COLUMN events.kind IS 'wish, step, drift, condition or operator';
COMMENT ON COLUMN events.message IS 'What, for people';
COMMENT ON COLUMN events.request_id IS 'OSA''s transaction behind it';

CREATE TABLE unmanaged (
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('group', 'user', 'licence')),
    mozy_id         text NOT NULL,
    name            text NOT NULL,
    since           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subscription_id, kind, mozy_id)
);
COMMENT ON TABLE  unmanaged IS 'Things at Mozy that we were never told to own: reported, never touched';
COMMENT ON COLUMN unmanaged.subscription_id IS 'In whose account';
COMMENT ON COLUMN unmanaged.kind IS 'group, user or licence';
COMMENT ON COLUMN unmanaged.mozy_id IS 'Mozy''s id, or the key';
COMMENT ON COLUMN unmanaged.name IS 'Its name, for people';
COMMENT ON COLUMN unmanaged.since IS 'When it was first seen';

CREATE TABLE pushes (
    object_id       uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    service         text NOT NULL,
    owed_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts        integer NOT NULL DEFAULT 0
);
CREATE INDEX pushes_due ON pushes (due_at);
COMMENT ON TABLE  pushes IS 'Numbers and ids that OSA''s screens are still owed; set in the transaction that changed them';
COMMENT ON COLUMN pushes.object_id IS 'APS id of the tenant, group, user or licence';
COMMENT ON COLUMN pushes.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN pushes.service IS 'APS service: mozyProAccount, mozyProAccountUser, …';
COMMENT ON COLUMN pushes.owed_at IS 'Since when; a push that is answered removes only the mark it saw';
COMMENT ON COLUMN pushes.due_at IS 'When it is next tried';
COMMENT ON COLUMN pushes.attempts IS 'How often it failed';

CREATE TABLE operations (
    object_id       uuid NOT NULL,
    verb            text NOT NULL,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    generation      bigint NOT NULL,
    previous        jsonb,
    started_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (object_id, verb)
);
COMMENT ON TABLE  operations IS 'Operations that OSA was answered 202 about; removed when they end';
COMMENT ON COLUMN operations.object_id IS 'APS id';
COMMENT ON COLUMN operations.verb IS 'provision, configure, suspend, resume, unprovision, sync or admin';
COMMENT ON COLUMN operations.subscription_id IS 'Of which subscription';
COMMENT ON COLUMN operations.generation IS 'The generation the wish raised';
COMMENT ON COLUMN operations.previous IS 'What was wished before, to withdraw to; null when there was nothing';
COMMENT ON COLUMN operations.started_at IS 'Since when OSA waits; osa.task_patience counts from here';

CREATE TABLE nonces (
    nonce text PRIMARY KEY,
    at    timestamptz NOT NULL
);
CREATE INDEX nonces_at ON nonces (at);
COMMENT ON TABLE  nonces IS 'OAuth nonces seen, over all daemons: none is accepted twice';
COMMENT ON COLUMN nonces.nonce IS 'Timestamp and nonce';
COMMENT ON COLUMN nonces.at IS 'The request''s own time; forgotten when it is too old to be accepted anyway';
