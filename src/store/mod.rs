//! The store: everything mozyd keeps, in PostgreSQL, and the only place that knows diesel.
//!
//! Two doors lead in. [`Desk`] is where OSA's wishes are written, each in one transaction that also wakes the queue;
//! [`Store`] itself is what the engine and the operator use: claim a subscription, load its [`Case`], write steps to
//! the ledger, record what a cycle found. Whoever writes about a subscription while working on it names a
//! [`Lease`](crate::ports::ledger::Lease), and every such write is refused once somebody else holds a newer one.
//!
//! Locks are always taken in the same order, so that no two transactions wait for each other: the subscription's row,
//! then the work of a reseller's customers, then other work, then what else is kept of a subscription.
//!
//! [`Case`]: crate::ports::Case

/// The steps that may have happened, as `d`: those in doubt, and those in flight whose lease is not in force.
macro_rules! in_doubt {
    () => {
        "FROM steps d LEFT JOIN work w ON w.subscription_id = d.subscription_id \
         WHERE d.outcome = 'in_doubt' OR (d.outcome IS NULL \
            AND (w.lease_epoch IS DISTINCT FROM d.epoch OR w.lease_until IS NULL OR w.lease_until <= now()))"
    };
}

mod admit;
mod adopt;
mod approvals;
mod between;
mod bindings;
mod budget;
mod case;
mod clock;
mod credentials;
mod customers;
mod desk;
mod doc;
mod doubts;
mod entry;
mod error;
mod estate;
mod events;
mod fixed;
mod forget;
mod fresh;
mod gauges;
mod held;
mod ledger;
mod listen;
mod lists;
mod migrate;
mod nonces;
mod numbers;
mod operator;
mod owed;
mod pool;
mod pushes;
mod queue;
mod record;
mod reseller;
mod rows;
mod run;
mod schema;
mod seal;

mod snapshot;
mod things;
mod tidy;
mod tls;
mod wake;

pub use approvals::Approved;
pub use budget::Credential;
pub use credentials::Credentials;
pub use customers::CustomerShare;
pub use desk::Desk;
pub use doubts::{Closed, Doubt};
pub use error::StoreError;
pub use forget::Forgotten;
pub use fresh::{Freshness, Round, Wanted};
pub use gauges::Gauges;
pub use held::HeldLine;
pub use listen::Heard;
pub use lists::{EventLine, Filter, Line, UnmanagedLine};
pub use pool::{Settings, Store};
pub use pushes::PushDue;
pub use queue::{Claimed, Lane};
pub use record::{Agreement, Next, Recorded};
pub use run::Observer;
pub use seal::{SealError, Sealer};

/// The named operations, as metrics label them.
pub const OPERATIONS: &[&str] = &[
    "admit",
    "adopt",
    "approve",
    "change_budget",
    "claim",
    "claim_one",
    "close_doubt",
    "counted",
    "credentials",
    "customers",
    "doubts",
    "due_pushes",
    "earliest_due",
    "enqueue_missing",
    "events",
    "find",
    "forget",
    "forget_nonces",
    "forgotten",
    "freshness",
    "gauges",
    "heard_from",
    "held",
    "install",
    "instance",
    "instances_owed",
    "intend",
    "keep",
    "last_success",
    "leave_budgets",
    "list",
    "load_case",
    "look_at_case",
    "marked",
    "numbers",
    "others_answered",
    "owner",
    "pause",
    "pending",
    "pull_in",
    "push_done",
    "push_failed",
    "put_off",
    "recall",
    "record",
    "refresh",
    "refresh_all",
    "release",
    "remember_nonce",
    "renew",
    "reschedule",
    "reseller_number",
    "resume",
    "round",
    "service_user",
    "settle",
    "share_budget",
    "snapshot",
    "subscription_of",
    "tell",
    "tidy",
    "told",
    "uninstall",
    "unmanaged",
    "wish_admin",
    "wish_configure",
    "wish_provision",
    "wish_resume",
    "wish_suspend",
    "wish_sync",
    "wish_unprovision",
];
