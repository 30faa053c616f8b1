//! What the kernel and PostgreSQL tell of what something costs.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rustix::process::{Pid, getpid};
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio_postgres::Client;

/// Ticks of a second in `/proc`.
const TICKS: f64 = 100.0;

/// Keeps a process, and all it starts from now on, on these processors.
pub fn pin(pid: Pid, processors: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    processors.iter().for_each(|one| set.set(*one));
    let tasks = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()))?;
    for task in tasks.flatten() {
        let id = task.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        sched_setaffinity(id, &set).context("pinning a process to a processor")?;
    }
    Ok(())
}

/// Seconds of processor time that a process took so far.
pub fn cpu(pid: Pid) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))?;
    let after = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = after.split_whitespace().skip(11).map(|text| text.parse::<f64>().unwrap_or(0.0));
    Ok((fields.next().unwrap_or(0.0) + fields.next().unwrap_or(0.0)) / TICKS)
}

/// Seconds of processor time that this process took so far.
pub fn cpu_of_self() -> Result<f64> {
    cpu(getpid())
}

/// Resident memory of a process now and at most so far, in MB of a million bytes.
pub fn memory(pid: Pid) -> Result<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()))?;
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0 / 1e6
    };
    Ok((of("VmRSS:"), of("VmHWM:")))
}

/// What PostgreSQL did so far.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    /// How often each statement ran, by its text.
    pub calls: BTreeMap<String, f64>,
    /// Milliseconds within them.
    pub millis: f64,
    /// Bytes of the write-ahead log.
    pub wal: f64,
    /// Rows written, by table.
    pub rows: BTreeMap<String, f64>,
}

/// Reads what PostgreSQL counted of this database, but for what the bench itself asked.
pub async fn statements(client: &Client) -> Result<Statements> {
    client.batch_execute("SELECT pg_stat_force_next_flush()").await?;
    let mut seen = Statements::default();
    let rows = client
        .query(
            "SELECT query, calls::float8, (total_exec_time + total_plan_time)::float8, wal_bytes::float8 \
             FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid \
             WHERE d.datname = current_database() AND query NOT LIKE '%bench%' AND query NOT LIKE '%pg_stat%'",
            &[],
        )
        .await
        .context("reading pg_stat_statements")?;
    for row in rows {
        *seen.calls.entry(row.get(0)).or_default() += row.get::<_, f64>(1);
        seen.millis += row.get::<_, f64>(2);
        seen.wal += row.get::<_, f64>(3);
    }
    let tables = "SELECT relname::text, (n_tup_ins + n_tup_upd + n_tup_del)::float8 FROM pg_stat_user_tables";
    for row in client.query(tables, &[]).await? {
        seen.rows.insert(row.get(0), row.get(1));
    }
    Ok(seen)
}

impl Statements {
    /// What happened since `before`.
    pub fn since(&self, before: &Self) -> Self {
        let differ = |now: &BTreeMap<String, f64>, before: &BTreeMap<String, f64>| {
            let since = now.iter().map(|(key, n)| (key.clone(), n - before.get(key).copied().unwrap_or(0.0)));
            since.filter(|(_, n)| *n > 0.0).collect()
        };
        Self {
            calls: differ(&self.calls, &before.calls),
            millis: self.millis - before.millis,
            wal: self.wal - before.wal,
            rows: differ(&self.rows, &before.rows),
        }
    }

    /// How many statements ran.
    pub fn number(&self) -> f64 {
        self.calls.values().sum()
    }
}
