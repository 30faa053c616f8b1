//! The lab: a Mozy, an OSA, a PostgreSQL and a mozyd on one machine.

fn main() {}
