//! OSA as the contract describes it, written from contracts/osa-aps2.md.
//!
//! [`OsaSim`] is the APS controller with a bit of store and billing. It has two doors: its methods, with the same
//! over HTTP under `/_sim/`, for whoever plays operator and customer; and `/aps/2/`, over plain HTTP or TLS, for
//! the application, which it calls as APSC does: a task per operation, polled until it is done or failed.
//!
//! ```no_run
//! use std::time::Duration;
//! use mozyd::sim::osa::{Counter, Counters, Install, NewAccount, Options, OsaSim, Order};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let osa = OsaSim::start(Options { max_poll: Duration::from_millis(50), ..Options::default() }).await?;
//! let install = osa.install(Install {
//!     endpoint: "http://127.0.0.1:6308".into(),
//!     endpoint_certificate: None,
//!     reseller: false,
//!     api_key: "key".into(),
//!     root_partner_id: "1".into(),
//!     root_role_id: "2".into(),
//!     ws_prefix: String::new(),
//!     ws_sufix: String::new(),
//! })?;
//! assert!(install.done().await.is_done());
//!
//! let account = osa.create_account(&NewAccount::client("Acme", "john@acme.test"))?;
//! let counters = Counters::none().limit(Counter::DesktopLicenseNum, 10).limit(Counter::DesktopQuota, 100);
//! let order = osa.order(&Order { instance: install.resource(), account, counters })?;
//! println!("{:?}", order.done().await.infos());
//!
//! osa.collect_usage(install.resource()).await?;
//! assert_eq!(osa.bill(order.resource()).usage, osa.screen(order.resource()));
//! # Ok(())
//! # }
//! ```
//!
//! | what | where |
//! |---|---|
//! | resources, accounts, what depends on what | `world`, `resource`, `names`, `people` |
//! | what people do | `instance`, `tenant`, `counters`, `user`, `licence`, `group`, `link`, `event` |
//! | an operation begins, changes APS, ends | `operation`, `admit`, `change`, `operate`, `task`, `refused` |
//! | the application is called | `drive`, `call` |
//! | the application calls | `listener`, `door`, `caller`, `read`, `write`, `rql`, `page`, `denied` |
//! | proof of identity | `tls`, `oauth` |
//! | billing, faults, the book of calls | `billing`, `faults`, `log` |
//! | `/_sim/` | `control`, `action` |

mod action;
mod admit;
mod billing;
mod call;
mod caller;
mod change;
mod control;
mod counters;
mod denied;
mod door;
mod drive;
mod event;
mod faults;
mod group;
mod instance;
mod licence;
mod link;
mod listener;
mod log;
mod names;
mod oauth;
mod operate;
mod operation;
mod options;
mod page;
mod people;
mod read;
mod refused;
mod resource;
mod rql;
mod sim;
mod task;
mod tenant;
mod tls;
mod user;
mod world;
mod write;

#[cfg(test)]
mod tests;

pub use billing::{Bill, Collection, Usage};
pub use counters::{Counters, Unlimited};
pub use faults::{Fault, Faults, Side};
pub use group::NewGroup;
pub use instance::Install;
pub use licence::{LicenceKind, NewLicence};
pub use log::Call;
pub use names::{Counter, Service};
pub use options::{Auth, OAuthKey, Options};
pub use people::{AccountKind, NewAccount, NewServiceUser, NewStaff};
pub use refused::Refused;
pub use resource::{Resource, Status};
pub use sim::OsaSim;
pub use task::{Note, Phase, Task, TaskRecord, TaskResult, TaskState};
pub use tenant::{Order, SyncSwitch};
pub use user::NewUser;
