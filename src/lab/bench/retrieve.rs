//! OSA's usage pull: retrieves of tenants over connections that are kept alive, each with the controller's certificate,
//! from a process of their own.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use uuid::Uuid;

use super::estate::{Kind, aps_id};
use super::probe;
use super::stage::{Stage, part, pin};
use super::stats::quantile;

/// What many retrieves took.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Retrieves {
    /// A second.
    pub per_second: f64,
    /// Milliseconds of the middle one.
    pub p50_ms: f64,
    /// Milliseconds that 99 of 100 do not exceed.
    pub p99_ms: f64,
    /// The part of its processor that the daemon used; filled in by whoever watches it.
    pub daemon_busy: f64,
}

/// What the process is told.
#[derive(Clone, Debug)]
pub struct Load {
    /// The endpoint.
    pub address: String,
    /// Who vouches for the endpoint, PEM.
    pub authority: String,
    /// The controller's certificate and key, PEM.
    pub controller: String,
    /// Through which instance.
    pub instance: Uuid,
    /// Of so many tenants.
    pub subscriptions: i64,
    /// Over so many connections.
    pub connections: usize,
    /// For so long.
    pub span: Duration,
}

/// Has a process of its own load the daemon's endpoint.
pub async fn measure(stage: &mut Stage, connections: usize, span: Duration) -> Result<Retrieves> {
    let controller = stage.home().secret("controller-bundle", &stage.controller.bundle())?;
    let authority = stage.home().path().join("mozy-ca");
    let text = |path: &Path| path.display().to_string();
    let arguments = [
        "retrieve".into(),
        stage.daemon.endpoint().to_string(),
        text(&authority),
        text(&controller),
        stage.instance.0.to_string(),
        stage.plan.estate.subscriptions.to_string(),
        connections.to_string(),
        span.as_secs().to_string(),
    ];
    let pid = stage.pid();
    let mut command = tokio::process::Command::from(part(&arguments)?);
    let child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().context("starting the load")?;
    if let Some(pid) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        pin(pid, &stage.plan.others)?;
    }
    let cpu = probe::cpu(pid)?;
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "the load ended with {}", output.status);
    let seen: Retrieves = serde_json::from_slice(&output.stdout).context("reading what the load took")?;
    Ok(Retrieves { daemon_busy: (probe::cpu(pid)? - cpu) / span.as_secs_f64(), ..seen })
}

/// Loads, and says what it took.
pub async fn run(load: Load) -> Result<Retrieves> {
    let tls = TlsConnector::from(Arc::new(config(&load)?));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for nth in 0..load.connections {
        let (load, tls) = (load.clone(), tls.clone());
        tasks.spawn(async move { connection(&load, &tls, nth as i64, begun + load.span).await });
    }
    let mut millis = Vec::new();
    while let Some(done) = tasks.join_next().await {
        millis.extend(done??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (p50_ms, p99_ms) = (quantile(&millis, 0.5), quantile(&millis, 0.99));
    Ok(Retrieves { per_second: millis.len() as f64 / seconds, p50_ms, p99_ms, daemon_busy: 0.0 })
}

fn config(load: &Load) -> Result<ClientConfig> {
    let read = |path: &str| std::fs::read(path).with_context(|| format!("reading {path}"));
    let (authority, controller) = (read(&load.authority)?, read(&load.controller)?);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&authority)?)?;
    let (chain, key) =
        (CertificateDer::from_pem_slice(&controller)?, PrivateKeyDer::from_pem_slice(&controller)?);
    let builder = ClientConfig::builder().with_root_certificates(roots);
    builder.with_client_auth_cert(vec![chain], key).context("using the controller's certificate")
}

async fn connection(load: &Load, tls: &TlsConnector, nth: i64, until: Instant) -> Result<Vec<f64>> {
    let stream = TcpStream::connect(&load.address).await.context("connecting to the endpoint")?;
    stream.set_nodelay(true)?;
    let mut stream = tls.connect(ServerName::try_from("127.0.0.1")?, stream).await?;
    let (mut millis, mut input) = (Vec::new(), Vec::with_capacity(8192));
    let mut n = nth * 7919;
    while Instant::now() < until {
        n = (n + 104_729) % load.subscriptions;
        let id = aps_id(Kind::Tenant, n);
        let request = format!(
            "GET /mozyProAccount/{id} HTTP/1.1\r\nhost: {}\r\naps-instance-id: {}\r\naps-transaction-id: {id}\r\n\r\n",
            load.address, load.instance
        );
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        input.clear();
        while !is_whole(&input)? {
            ensure!(stream.read_buf(&mut input).await? > 0, "the endpoint closed a connection");
        }
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(millis)
}

/// Whether all of an answer is there; an error when it is not the one that was asked for.
fn is_whole(input: &[u8]) -> Result<bool> {
    let Some(head) = input.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(false) };
    let text = String::from_utf8_lossy(&input[..head]).to_ascii_lowercase();
    ensure!(
        text.starts_with("http/1.1 200"),
        "a retrieve was answered {}",
        text.lines().next().unwrap_or_default()
    );
    let length =
        text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    Ok(input.len() >= head + 4 + length.context("an answer has no length")?)
}
