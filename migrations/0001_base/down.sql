-- Back to nothing.
DROP VIEW states;
DROP TABLE nonces, operations, pushes, unmanaged, events, steps, work, verdicts, conditions, usages, observations,
    licences, users, user_groups, subscriptions, instances;
DROP SEQUENCE lease_epochs;
