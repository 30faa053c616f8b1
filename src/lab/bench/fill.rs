//! The database as it is when all is in agreement: filled by COPY, so that a million users take a minute.

use std::fmt::Write as _;
use std::io::Cursor;

use anyhow::{Context, Result};
use futures_util::{SinkExt, pin_mut};
use ring::digest::{SHA256, digest};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use super::estate::{self, EACH_GB, Estate, Kind, aps_id};
use crate::domain::usage::PoolUsage;
use crate::domain::{PerKind, Usage};

/// So many bytes go to PostgreSQL at a time.
const CHUNK: usize = 256 << 10;

/// What an agreed cycle says of a subscription.
const CONDITIONS: [(&str, bool); 6] = [
    ("UsageFresh", true),
    ("Provisioned", true),
    ("InSync", true),
    ("Held", false),
    ("InDoubt", false),
    ("Flapping", false),
];

/// Connects for statements of the bench itself.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("connecting to PostgreSQL")?;
    // It ends with the client.
    tokio::spawn(connection);
    Ok(client)
}

/// Fills every table; nothing is due for a day.
pub async fn fill(client: &Client, estate: Estate, instance: Uuid) -> Result<()> {
    let each = |row: fn(Estate, i64, Uuid, &mut String)| {
        (0..estate.subscriptions).map(move |n| {
            let mut rows = String::new();
            row(estate, n, instance, &mut rows);
            rows
        })
    };
    copy(client, SUBSCRIPTIONS, each(subscription)).await?;
    copy(client, USERS, each(users)).await?;
    copy(client, LICENCES, each(licences)).await?;
    copy(client, "observations (subscription_id, account, digest, changed_at)", each(observation)).await?;
    copy(client, "usages (subscription_id, numbers, changed_at)", each(usage)).await?;
    copy(client, "conditions (subscription_id, type, status, reason, message, since)", each(conditions))
        .await?;
    copy(client, "verdicts (object_id, subscription_id, generation, message)", each(verdicts)).await?;
    copy(client, WORK, each(work)).await?;
    for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
        client.batch_execute(statement).await.context("settling the database")?;
    }
    Ok(())
}

const SUBSCRIPTIONS: &str = "subscriptions (id, instance_id, number, account_id, model, company, admin_email, admin_name, \
    desktop_licences, desktop_quota, server_licences, server_quota, sync_available, partner_id, home_group_id)";
const USERS: &str = "users (id, subscription_id, service_user_id, login, display_name, generation, mozy_id)";
const LICENCES: &str = "licences (id, subscription_id, user_id, kind, quota, generation, keystring, address)";
const WORK: &str = "work (subscription_id, lane, due_at, enqueued_at, last_attempt, last_success, machines_read_at, \
    observed_generation)";

async fn copy(client: &Client, table: &str, rows: impl Iterator<Item = String>) -> Result<()> {
    let sink = client.copy_in::<_, Cursor<Vec<u8>>>(&format!("COPY {table} FROM STDIN")).await;
    let sink = sink.with_context(|| format!("copying into {table}"))?;
    pin_mut!(sink);
    let mut chunk = String::with_capacity(CHUNK * 2);
    for row in rows {
        chunk.push_str(&row);
        if chunk.len() > CHUNK {
            sink.send(Cursor::new(std::mem::take(&mut chunk).into_bytes())).await?;
        }
    }
    sink.send(Cursor::new(chunk.into_bytes())).await?;
    sink.finish().await.with_context(|| format!("copying into {table}"))?;
    Ok(())
}

fn tenant(n: i64) -> Uuid {
    aps_id(Kind::Tenant, n)
}

// Writing to a String cannot fail.

fn subscription(estate: Estate, n: i64, instance: Uuid, row: &mut String) {
    let (id, account, number) = (tenant(n), aps_id(Kind::Account, n), estate::number(n));
    let (company, admin, keys, quota) = (estate::company(n), estate::admin(n), estate.keys(), estate.quota());
    let (partner, group) = (estate::partner(n), estate::group(n));
    let _ = writeln!(
        row,
        "{id}\t{instance}\t{number}\t{account}\tdirect\t{company}\t{admin}\tAdmin\t{keys}\t{quota}\t0\t0\tf\t{partner}\t{group}"
    );
}

fn users(estate: Estate, subscription: i64, _: Uuid, rows: &mut String) {
    let of = tenant(subscription);
    for n in estate.users_of(subscription) {
        let (id, service) = (aps_id(Kind::User, n), aps_id(Kind::Service, n));
        let (login, name, mozy) = (estate::login(n), estate::full_name(n), estate::user(n));
        let _ = writeln!(rows, "{id}\t{of}\t{service}\t{login}\t{name}\t1\t{mozy}");
    }
}

fn licences(estate: Estate, subscription: i64, _: Uuid, rows: &mut String) {
    let of = tenant(subscription);
    for n in estate.users_of(subscription) {
        let (id, user, key) = (aps_id(Kind::Licence, n), aps_id(Kind::User, n), estate::key(n));
        let login = estate::login(n);
        let _ = writeln!(rows, "{id}\t{of}\t{user}\tDesktop\t{EACH_GB}\t1\t{key}\t{login}");
    }
}

fn observation(estate: Estate, n: i64, _: Uuid, row: &mut String) {
    // As the store writes it: the digest is that of the JSON.
    let json = serde_json::to_string(&Some(estate.account(n))).unwrap_or_default();
    let _ = write!(row, "{}\t{json}\t\\\\x", tenant(n));
    for byte in digest(&SHA256, json.as_bytes()).as_ref() {
        let _ = write!(row, "{byte:02x}");
    }
    row.push_str("\tnow\n");
}

fn usage(estate: Estate, n: i64, _: Uuid, row: &mut String) {
    let stock = estate.stock(n);
    let desktop = PoolUsage {
        assigned: stock.assigned(),
        activated: stock.used,
        quota_gb: stock.distributed.0,
        used_bytes: stock.used_bytes,
    };
    let pools = PerKind { desktop, server: PoolUsage::default() };
    let json = serde_json::to_string(&Usage { pools, ..Usage::default() }).unwrap_or_default();
    let _ = writeln!(row, "{}\t{json}\tnow", tenant(n));
}

fn conditions(_: Estate, n: i64, _: Uuid, rows: &mut String) {
    for (name, status) in CONDITIONS {
        let _ = writeln!(rows, "{}\t{name}\t{status}\tAsExpected\t\tnow", tenant(n));
    }
}

fn verdicts(estate: Estate, subscription: i64, _: Uuid, rows: &mut String) {
    let of = tenant(subscription);
    let _ = writeln!(rows, "{of}\t{of}\t1\t");
    for n in estate.users_of(subscription) {
        let _ = writeln!(rows, "{}\t{of}\t1\t", aps_id(Kind::User, n));
        let _ = writeln!(rows, "{}\t{of}\t1\t", aps_id(Kind::Licence, n));
    }
}

fn work(_: Estate, n: i64, _: Uuid, row: &mut String) {
    let _ = writeln!(row, "{}\t2\ttomorrow\tnow\tnow\tnow\tnow\t1", tenant(n));
}
