ALTER TABLE work DROP COLUMN refresh_epoch, DROP COLUMN attempt_epoch, DROP COLUMN success_epoch,
    ADD COLUMN refresh_wanted_at timestamptz;
COMMENT ON COLUMN work.refresh_wanted_at IS 'When somebody last asked for fresh numbers';
