//! What was measured of one size of the estate, as JSON and as a table for people.

use serde::Serialize;

use super::change::Latency;
use super::retrieve::Retrieves;
use super::soak::Soak;
use super::sweep::{Asked, Paired};

/// Everything measured of one size.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Subscriptions.
    pub subscriptions: i64,
    /// Users, each with a licence.
    pub users: i64,
    /// Calls to Mozy at a time.
    pub at_once: usize,
    /// Workers of the daemon.
    pub workers: usize,
    /// What filling the database took, s.
    pub filled_s: f64,
    /// From the start of the program until it was ready, s; the middle of three.
    pub start_to_ready_s: f64,
    /// Sweeps beside a bare loop, Mozy answering at once.
    pub at_once_answered: Paired,
    /// The same with Mozy taking as long as `delay_ms` for each answer.
    pub with_delay: Option<Paired>,
    /// So long.
    pub delay_ms: u64,
    /// What a sweep asks of PostgreSQL, for each subscription.
    pub postgres: Asked,
    /// From a change to the call, with nothing else to do.
    pub change_idle: Latency,
    /// From a change to the call while all others are due.
    pub change_behind_sweep: Latency,
    /// Many changes, where they were wanted.
    pub soak: Option<Soak>,
    /// Retrieves.
    pub retrieve: Retrieves,
    /// Resident memory after the start, MB.
    pub memory_start_mb: f64,
    /// Resident memory after the sweeps, MB.
    pub memory_swept_mb: f64,
    /// Resident memory after everything, MB.
    pub memory_end_mb: f64,
    /// The most there ever was, MB.
    pub memory_peak_mb: f64,
    /// Cycles that lie between the start and the end.
    pub cycles: f64,
    /// Processor time in a second without work: the daemon's.
    pub idle_cpu: f64,
    /// The same of PostgreSQL and all its backends.
    pub idle_postgres_cpu: f64,
}

impl Figures {
    /// A table for people.
    pub fn table(&self) -> String {
        let Self { at_once_answered: bare, postgres, change_idle, change_behind_sweep, retrieve, .. } = self;
        let calls: f64 = bare.calls.iter().map(|(_, n)| n).sum();
        let written: f64 = postgres.rows.iter().map(|(_, n)| n).sum();
        let mut rows = vec![
            ("sweep / bare loop, Mozy answers at once", format!("{:.2}", bare.ratio)),
            ("  bare loop, subscriptions/s", format!("{:.0}", bare.bare_per_second)),
            ("  sweep, subscriptions/s", format!("{:.0}", bare.sweep_per_second)),
            ("  Mozy's process busy", format!("{:.0} %", bare.mozy_busy * 100.0)),
        ];
        if let Some(delayed) = &self.with_delay {
            rows.push(("sweep / bare loop, Mozy takes its time", format!("{:.2}", delayed.ratio)));
            rows.push(("  sweep, subscriptions/s", format!("{:.0}", delayed.sweep_per_second)));
        }
        rows.extend([
            ("the same envelopes, byte for byte", bare.same_calls.to_string()),
            ("Mozy calls per subscription", format!("{calls:.2}")),
            ("PostgreSQL statements per subscription", format!("{:.2}", postgres.statements)),
            ("rows written per subscription", format!("{written:.2}")),
            (
                "change to call, idle: p50, p99 ms",
                format!("{:.1}, {:.1}", change_idle.p50_ms, change_idle.p99_ms),
            ),
            (
                "change to call, behind a sweep: p50, p99 ms",
                format!("{:.1}, {:.1}", change_behind_sweep.p50_ms, change_behind_sweep.p99_ms),
            ),
            ("start to ready, s", format!("{:.2}", self.start_to_ready_s)),
            ("memory at start, swept, end, peak, MB", self.memory()),
            ("retrieves a second", format!("{:.0}", retrieve.per_second)),
            (
                "  p50, p99 ms; daemon busy",
                format!("{:.2}, {:.2}; {:.2}", retrieve.p50_ms, retrieve.p99_ms, retrieve.daemon_busy),
            ),
            ("idle: daemon, PostgreSQL, s/s", format!("{:.4}, {:.4}", self.idle_cpu, self.idle_postgres_cpu)),
        ]);
        if let Some(Soak { changes, seconds, memory_mb }) = &self.soak {
            let (first, last) = (memory_mb.first().unwrap_or(&0.0), memory_mb.last().unwrap_or(&0.0));
            rows.push((
                "changes: how many, a second",
                format!("{changes}, {:.0}", *changes as f64 / seconds),
            ));
            rows.push(("  memory after the first wave, the last, MB", format!("{first:.1}, {last:.1}")));
        }
        let head = format!("{} subscriptions, {} users\n", self.subscriptions, self.users);
        let rows = rows.into_iter().map(|(name, value)| format!("  {name:<46} {value}\n"));
        head + &rows.collect::<String>()
    }

    fn memory(&self) -> String {
        let Self { memory_start_mb, memory_swept_mb, memory_end_mb, memory_peak_mb, .. } = self;
        format!("{memory_start_mb:.1}, {memory_swept_mb:.1}, {memory_end_mb:.1}, {memory_peak_mb:.1}")
    }
}
