//! mozyd keeps what customers bought through Odin Service Automation (OSA) and what Mozy runs for them the same.
//!
//! This page is the map. OSA says what is wanted; [`store`] keeps it in PostgreSQL; [`engine`] reads what Mozy
//! has, asks [`plan`] for the difference and makes the corrective calls; usage goes back to OSA.
//!
//! ```text
//! OSA ──provision, configure, retrieve──▶ osa ──▶ store (desired) ──▶ plan ──▶ engine ──▶ mozy ──SOAP──▶ Mozy
//!  ▲                                               ▲      ▲  desired + observed       │
//!  └──────── usage: answered and pushed ───────────┘      └────── observed, outcomes ─┘
//! ```
//!
//! The house has floors. A file may name its own floor and those below, never above; `tests/all/house.rs` proves it.
//!
//! | floor | module | what |
//! |---|---|---|
//! | 0 | [`domain`] | the words: ids, gigabytes, one file per kind, desired, observed, usage. No async, HTTP, SQL or clock |
//! | 1 | [`plan`] | pure: (desired, observed, policy, now) → plan, a value that prints itself |
//! | 2 | [`ports`] | narrow traits in domain words: the vendor, the ledger, the desk OSA writes its wishes at |
//! | 3 west | [`engine`] | one cycle: observe, plan, guard, apply, report |
//! | 3 east | [`mozy`], [`osa`], [`store`] | the only places that know SOAP, APS, diesel; they never name each other |
//! | 4 | [`daemon`] | wiring, the table of jobs, queue and workers, cron, HTTP, signals, clock. The only floor that spawns |
//! | beside | [`cli`], [`config`], [`metrics`], [`telemetry`] | plain data and thin verbs |
//! | outside | [`sim`], [`lab`] | Mozy and OSA as state machines, and the lab that runs the daemon against them |

pub mod cli;
pub mod config;
pub mod daemon;
pub mod domain;
pub mod engine;
pub mod lab;
pub mod metrics;
pub mod mozy;
pub mod osa;
pub mod plan;
pub mod ports;
pub mod sim;
pub mod store;
pub mod telemetry;
