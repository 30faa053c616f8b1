ALTER TABLE work RESET (fillfactor);
