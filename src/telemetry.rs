//! Logs: set up once, JSON to the journal or pretty on a terminal.
