//! The cells of the matrix: under which trouble the play is played, by how many daemons, and what stands before their
//! database.

use std::path::Path;

use mozyd::lab::faultproxy::Fault as LineFault;
use mozyd::lab::pgbouncer::PgBouncer;
use mozyd::lab::postgres::Stop;
use mozyd::sim::mozy::{FaultKind, RetryAfter};
use mozyd::sim::osa::{Fault, Side};

use super::trouble::Trouble;
use crate::support::{faketime, needed};

/// A cell of the matrix.
#[derive(Clone, Copy)]
pub struct Cell {
    /// Its name.
    pub name: &'static str,
    /// How many daemons there are.
    pub daemons: usize,
    /// Whether a PgBouncer pools their transactions.
    pub pooled: bool,
    /// What is done to them.
    pub trouble: Option<Trouble>,
}

const fn cell(name: &'static str, daemons: usize, trouble: Trouble) -> Cell {
    Cell { name, daemons, pooled: false, trouble: Some(trouble) }
}

/// Two daemons behind a pool.
const fn pooled(name: &'static str, trouble: Trouble) -> Cell {
    Cell { pooled: true, ..cell(name, 2, trouble) }
}

const fn committed(code: u16, html: bool) -> FaultKind {
    FaultKind::Status { code, retry_after: None, html, committed: true }
}

/// What the others are compared with.
pub const PEACE: Cell = Cell { name: "peace", daemons: 1, pooled: false, trouble: None };

/// All others.
#[rustfmt::skip]
pub const CELLS: &[Cell] = &[
    cell("killed", 1, Trouble::Killed),
    cell("killed after the commit", 1, Trouble::KilledAfterCommit),
    cell("killed before the commit", 1, Trouble::KilledBeforeCommit),
    cell("killed when a lease was renewed", 1, Trouble::KilledAfterRenewal),
    cell("killed while it drains", 1, Trouble::KilledWhileDraining),
    cell("two daemons, killed", 2, Trouble::Killed),
    cell("two daemons, killed after the commit", 2, Trouble::KilledAfterCommit),
    cell("two daemons, killed when a lease was renewed", 2, Trouble::KilledAfterRenewal),
    cell("two daemons, killed while they drain", 2, Trouble::KilledWhileDraining),
    cell("two daemons, frozen", 2, Trouble::Frozen),
    cell("three daemons, killed", 3, Trouble::Killed),
    cell("three daemons, frozen", 3, Trouble::Frozen),
    cell("answer lost", 1, Trouble::Line("writes", FaultKind::AnswerLost, 2)),
    cell("late commit", 1, Trouble::Line("writes", FaultKind::LateCommit { ms: 2500 }, 1)),
    cell("cut before the commit", 1, Trouble::Line("writes", FaultKind::CutBefore, 2)),
    cell("reads cut", 1, Trouble::Line("reads", FaultKind::CutBefore, 8)),
    cell("connections refused", 1, Trouble::Line("connections", FaultKind::ConnectionRefused, 12)),
    cell("tls fails", 1, Trouble::Line("connections", FaultKind::TlsFailure, 12)),
    cell("429", 1, Trouble::Line("writes", FaultKind::throttled(None), 2)),
    cell("429 until a date", 2, Trouble::Line("reads", FaultKind::throttled(Some(RetryAfter::Date(3))), 1)),
    cell("503 after the commit", 1, Trouble::Line("writes", committed(503, false), 1)),
    cell("500 before the commit", 1, Trouble::Line("writes", FaultKind::status(500), 2)),
    cell("502 in html after the commit", 1, Trouble::Line("writes", committed(502, true), 2)),
    cell("200 in html", 1, Trouble::Line("reads", FaultKind::html(200), 4)),
    cell("403 in html", 1, Trouble::Line("reads", FaultKind::ip_refused(), 4)),
    cell("truncated xml of writes", 1, Trouble::Line("writes", FaultKind::TruncatedXml, 2)),
    cell("truncated xml of reads", 1, Trouble::Line("reads", FaultKind::TruncatedXml, 4)),
    cell("wrong content type", 1, Trouble::Line("writes", FaultKind::WrongContentType, 2)),
    cell("slow drip", 1, Trouble::Line("writes", FaultKind::SlowDrip { ms: 200 }, 1)),
    cell("stale reads", 1, Trouble::Line("reads", FaultKind::StaleRead { ms: 1000 }, 6)),
    cell("key taken", 1, Trouble::Line("resource.UpdateLicenses", FaultKind::KeyTaken, 2)),
    cell("backends terminated", 1, Trouble::Backends),
    cell("two daemons, backends terminated", 2, Trouble::Backends),
    cell("postgresql restarted", 1, Trouble::Restarted(Stop::Fast)),
    cell("postgresql restarted at once", 2, Trouble::Restarted(Stop::Immediate)),
    cell("postgresql crashed", 1, Trouble::Crashed),
    cell("postgresql frozen", 1, Trouble::Stuck(5)),
    cell("postgresql frozen for longer than a lease", 2, Trouble::Stuck(14)),
    cell("postgresql refuses", 1, Trouble::Database(LineFault::Refuse, 3000)),
    cell("postgresql's commits are cut", 1, Trouble::Database(LineFault::CutAnswers, 400)),
    cell("postgresql's answers are lost", 1, Trouble::Database(LineFault::SwallowAnswers, 400)),
    cell("osa is down", 1, Trouble::Osa(Side::FromApp, Fault::Refused)),
    cell("osa answers 400", 1, Trouble::Osa(Side::FromApp, Fault::BadRequest)),
    cell("osa refuses our certificate", 1, Trouble::Osa(Side::FromApp, Fault::Forbidden)),
    cell("osa shows an expired certificate", 1, Trouble::Osa(Side::FromApp, Fault::ExpiredCertificate)),
    cell("osa hears 503 although it was done", 1, Trouble::Osa(Side::ToApp, Fault::ServerError)),
    cell("the clock an hour ahead", 1, Trouble::Clock(3600)),
    cell("the clock an hour back", 2, Trouble::Clock(-3600)),
    pooled("behind a pool, reconnected", Trouble::Reconnected),
    pooled("behind a pool, killed", Trouble::Killed),
    pooled("behind a pool, frozen", Trouble::Frozen),
    pooled("behind a pool, backends terminated", Trouble::Backends),
];

impl Cell {
    /// Whether PostgreSQL itself suffers, so that it must be nobody else's.
    pub fn needs_a_cluster(&self) -> bool {
        use Trouble::{Crashed, Database, Restarted, Stuck};
        matches!(self.trouble, Some(Database(..) | Restarted(_) | Crashed | Stuck(_)))
    }

    /// The program that it needs and that is not installed.
    pub fn lacks(&self) -> Option<&'static str> {
        let needs_a_clock = matches!(self.trouble, Some(Trouble::Clock(_)));
        let lacks_clock = needs_a_clock && faketime(Path::new("/")).is_none();
        let lacks_pool = self.pooled && needed("pgbouncer", PgBouncer::program()).is_none();
        lacks_clock.then_some("faketime").or(lacks_pool.then_some("pgbouncer"))
    }
}
