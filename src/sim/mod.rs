//! Mozy and OSA as state machines with two doors: in process, and over real HTTP.

pub mod mozy;
pub mod osa;
