-- What is left alone for a while, and for longer each time, is remembered: a field that keeps coming back, a wish that
-- Mozy refused. A doubt is left alone from when its answer was given up.
ALTER TABLE work ADD COLUMN pauses jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN work.pauses IS 'What is left alone for a while: fields that keep coming back, and wishes that Mozy refused';
COMMENT ON COLUMN steps.settled_at IS 'When the outcome was known; of a step in doubt, when its answer was given up';
