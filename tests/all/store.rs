//! The store against real PostgreSQL: wishes, leases, records, and what must not be written.

mod agreement;
mod between;
mod budget;
mod by_hand;
mod desk;
mod fencing;
mod guard;
mod late;
mod listen;
mod lists;
mod migrations;
mod outage;
mod patience;
mod pushes;
mod queue;
mod races;
mod record;
mod refusals;
mod resellers;
mod secrets;
mod world;
