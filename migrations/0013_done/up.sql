-- A cycle reads what was done of late, however much was done before.
CREATE INDEX steps_done ON steps (subscription_id, settled_at) WHERE outcome = 'done';
