-- Whether numbers were read after somebody asked is told by epochs, which only grow: a clock may be stepped back.
ALTER TABLE work DROP COLUMN refresh_wanted_at,
    ADD COLUMN refresh_epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN attempt_epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN success_epoch bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN work.refresh_epoch IS 'Drawn when somebody last asked for fresh numbers: a lease taken later has a greater one';
COMMENT ON COLUMN work.attempt_epoch IS 'The lease of the last cycle that has ended';
COMMENT ON COLUMN work.success_epoch IS 'The lease of the last cycle that looked with success';
