//! A server on a real socket that answers with exact bytes, and keeps what it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::mozy::{ApiKey, Client, Dialect, Limits, Settings, Timeouts, Tls};

/// What is done after the request was read.
#[derive(Clone)]
pub(super) enum Act {
    /// These bytes, then the connection is closed.
    Send(Vec<u8>),
    /// These bytes, then nothing for ever.
    Hang(Vec<u8>),
    /// One of these bytes at a time.
    Drip(Vec<u8>),
}

pub(super) struct Server {
    pub(super) url: String,
    pub(super) requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(act: Act) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, act.clone(), seen.clone()));
            }
        });
        Server { url, requests, task }
    }

    /// A server that sends `body` with `status`, `content_type` and more header lines.
    pub(super) async fn http(status: &str, headers: &str, body: &str) -> Server {
        Server::start(Act::Send(http(status, headers, body))).await
    }

    pub(super) fn client(&self) -> Client {
        client(settings(&self.url))
    }

    /// One that waits only so long for what never comes.
    pub(super) fn impatient(&self, total: Duration) -> Client {
        let settings = settings(&self.url);
        client(Settings { timeouts: Timeouts { total, ..settings.timeouts }, ..settings })
    }
}

pub(super) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

pub(super) const XML: &str = "Content-Type: text/xml; charset=utf-8\r\n";
pub(super) const HTML: &str = "Content-Type: text/html\r\n";
pub(super) const KEY: &str = "Kq7Zx9SecretKey";

async fn serve(mut stream: TcpStream, act: Act, seen: Arc<Mutex<Vec<String>>>) {
    let request = read_request(&mut stream).await;
    seen.lock().unwrap().push(request);
    match act {
        Act::Send(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
        Act::Hang(bytes) => {
            stream.write_all(&bytes).await.unwrap_or_default();
            // Ends when the client has had enough.
            let _ = stream.read(&mut [0]).await;
        }
        Act::Drip(bytes) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Reads headers, and the body they announce.
pub(super) async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => request.extend_from_slice(&chunk[..count]),
        }
    }
}

pub(super) fn settings(url: &str) -> Settings {
    // Longer than any answer takes, on any machine.
    let patience = Duration::from_secs(20);
    Settings {
        dialect: Dialect { base_url: url.into(), ..Dialect::default() },
        key: ApiKey::new(KEY).unwrap(),
        tls: Tls::trusting(None).unwrap(),
        timeouts: Timeouts { connect: patience, read: patience, total: patience, idle: patience },
        limits: Limits::default(),
    }
}

pub(super) fn client(settings: Settings) -> Client {
    Client::new(settings, Arc::new(()), Arc::new(())).unwrap()
}

/// A SOAP answer around `content`.
pub(super) fn soap(content: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
            <s:Body>{content}</s:Body></s:Envelope>"#
    )
}

pub(super) fn fault(text: &str) -> String {
    soap(&format!("<s:Fault><faultcode>s:Server</faultcode><faultstring>{text}</faultstring></s:Fault>"))
}
