//! The engine against the simulator, in process: use cases, properties, and what happens when it is killed or lied to.
//!
//! A [`world::World`] is the least daemon there can be: a database in memory, the simulator, and one manual clock.

mod agreement;
mod base;
mod door;
mod killer;
mod make;
mod mozy;
mod says;
mod switches;
mod world;

mod account;
mod adopting;
mod apart;
mod doubts;
mod drift;
mod faults;
mod flapping;
mod groups;
mod holding;
mod random;
mod refusals;
mod renames;
mod resellers;
mod sync;
mod torn;
mod users;
mod wishes;
