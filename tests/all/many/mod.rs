//! Several daemons and one database, as real processes: they share the work and Mozy's budget, take over from each
//! other, live behind a pool of transactions, and whatever is done to them ends as if nothing had been.
//!
//! The whole matrix of troubles, printed as a table: `tests/matrix [--seed N] [--only WORD]`.

mod budget;
mod cells;
mod end;
mod hand;
mod matrix;
mod play;
mod signs;
mod stopped;
mod takeover;
mod trouble;
