DROP INDEX steps_done;
