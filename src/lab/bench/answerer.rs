//! A process that answers for Mozy from memory: one thread, one plain HTTP/1.1 connection after another kept alive, no
//! more work than the answer itself, so that it is never the limit. `/_bench/` is its own face.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::answer::Mozy;
use super::estate::Estate;

/// A request larger than this is none of ours.
const LARGEST: usize = 64 << 10;

/// What was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Calls by operation.
    pub calls: BTreeMap<String, u64>,
    /// The sum of all envelopes' hashes: two series of calls with one sum were the same calls.
    pub sum: u64,
    /// Bytes of all envelopes.
    pub bytes: u64,
    /// Faults.
    pub faults: u64,
    /// Writes: of which subscription, and when, in µs since 1970.
    pub writes: Vec<(i64, u64)>,
}

struct State {
    mozy: Mozy,
    seen: Seen,
    delay: Duration,
}

/// Serves for ever, after one line that says where.
pub async fn serve(estate: Estate, delay: Duration) -> Result<()> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.context("listening")?;
    println!("listening on {}", listener.local_addr()?);
    let state = State { mozy: Mozy::new(estate), seen: Seen::default(), delay };
    let state = Arc::new(Mutex::new(state));
    loop {
        let (stream, _) = listener.accept().await.context("accepting a connection")?;
        let _ = stream.set_nodelay(true);
        // A connection that breaks is the caller's to notice.
        tokio::spawn(converse(stream, Arc::clone(&state)));
    }
}

async fn converse(mut stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let (mut input, mut xml, mut output) = (Vec::with_capacity(4096), String::new(), Vec::new());
    loop {
        let (head, length) = loop {
            if let Some(found) = request(&input) {
                break found;
            }
            if input.len() > LARGEST || stream.read_buf(&mut input).await.ok()? == 0 {
                return None;
            }
        };
        let text = std::str::from_utf8(input.get(..head + length)?).ok()?;
        let delay = answer(&state, &text[..head], &text[head..], &mut xml, &mut output);
        input.drain(..head + length);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        stream.write_all(&output).await.ok()?;
    }
}

/// Where the head of a whole request ends, and how long its body is.
fn request(input: &[u8]) -> Option<(usize, usize)> {
    let head = input.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&input[..head]).ok()?;
    let length = header(text, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    (input.len() >= head + length).then_some((head, length))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Writes the answer into `output`, and says how long it is to be kept back.
fn answer(state: &Mutex<State>, head: &str, body: &str, xml: &mut String, output: &mut Vec<u8>) -> Duration {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let State { mozy, seen, delay } = &mut *state;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, kind) = if let Some(own) = path.strip_prefix("/_bench/") {
        if let Some(millis) = own.strip_prefix("delay/").and_then(|text| text.parse().ok()) {
            *delay = Duration::from_millis(millis);
        }
        *xml = serde_json::to_string(seen).unwrap_or_default();
        if own == "take" {
            *seen = Seen::default();
        }
        ("200 OK", "application/json")
    } else {
        let action = header(head, "soapaction").unwrap_or_default().trim_matches('"');
        let said = mozy.answer(action, body, xml);
        note(seen, action, body, said.fault, said.wrote);
        (if said.fault { "500 Internal Server Error" } else { "200 OK" }, "text/xml; charset=utf-8")
    };
    output.clear();
    let length = xml.len();
    output.extend_from_slice(
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n").as_bytes(),
    );
    output.extend_from_slice(xml.as_bytes());
    *delay
}

fn note(seen: &mut Seen, action: &str, body: &str, fault: bool, wrote: Option<i64>) {
    match seen.calls.get_mut(action) {
        Some(count) => *count += 1,
        None => drop(seen.calls.insert(action.to_owned(), 1)),
    }
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    seen.sum = seen.sum.wrapping_add(hasher.finish());
    seen.bytes += body.len() as u64;
    seen.faults += u64::from(fault);
    if let Some(subscription) = wrote {
        seen.writes.push((subscription, micros()));
    }
}

/// Now, in µs since 1970.
pub fn micros() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
