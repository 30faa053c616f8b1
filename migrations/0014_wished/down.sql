ALTER TABLE budget_shares DROP COLUMN answered_at;
DROP INDEX licences_removed, users_removed, user_groups_removed, subscriptions_removed;
