//! A controller as people write them on kube-runtime, fed with one synthetic event for each subscription: its reconciler
//! makes the reads of one cycle of mozyd at the bench's Mozy, decodes them, and compares nothing, keeps nothing.
//!
//! `peers URL API_KEY SUBSCRIPTIONS CONCURRENCY`, where URL is what `mozy-lab bench-part mozy N USERS` prints.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{FutureExt, StreamExt, stream};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::controller::{Action, Config, applier};
use kube::runtime::reflector::{self, ObjectRef};
use kube::runtime::watcher::Event;
use quick_xml::Reader;

const PARTNERS: i64 = 10_000_000;
const GROUPS: i64 = 20_000_000;

struct Mozy {
    http: reqwest::Client,
    url: String,
    api_key: String,
}

#[derive(Debug)]
struct Failed(#[allow(dead_code)] anyhow::Error);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Failed {}

fn object(n: i64) -> ConfigMap {
    let mut map = ConfigMap::default();
    map.metadata.name = Some(n.to_string());
    map.metadata.namespace = Some("mozy".into());
    map
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, api_key, number, at_once] = &arguments[..] else {
        anyhow::bail!("usage: peers URL API_KEY SUBSCRIPTIONS CONCURRENCY")
    };
    let (number, at_once): (i64, u16) = (number.parse()?, at_once.parse()?);
    let http = reqwest::Client::builder().http1_only().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let mozy = Arc::new(Mozy { http, url: url.clone(), api_key: api_key.clone() });
    let (reader, mut writer) = reflector::store::<ConfigMap>();
    writer.apply_watcher_event(&Event::Init);
    (0..number).for_each(|n| writer.apply_watcher_event(&Event::InitApply(object(n))));
    writer.apply_watcher_event(&Event::InitDone);
    let queue = stream::iter((0..number).map(|n| Ok::<_, Failed>(ObjectRef::from_obj(&object(n)))));
    // A queue that ends ends the controller.
    let queue = queue.chain(stream::pending());
    let begun = Instant::now();
    let config = Config::default().concurrency(at_once);
    let reconcile = |object, mozy| reconcile(object, mozy).boxed();
    let done = applier(reconcile, |_, _, _| Action::await_change(), mozy, reader, queue, config);
    let mut done = std::pin::pin!(done);
    let mut count = 0;
    while count < number {
        done.next().await.context("the controller ended early")?.map_err(anyhow::Error::from)?;
        count += 1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({ "subscriptions": number, "seconds": seconds, "per_second": number as f64 / seconds })
    );
    Ok(())
}

async fn reconcile(object: Arc<ConfigMap>, mozy: Arc<Mozy>) -> Result<Action, Failed> {
    let n = object.metadata.name.as_deref().and_then(|name| name.parse().ok()).unwrap_or(0);
    mozy.look(n).await.map_err(Failed)?;
    Ok(Action::await_change())
}

impl Mozy {
    /// The reads of one cycle.
    async fn look(&self, n: i64) -> Result<()> {
        let (partner, group) = (PARTNERS + n, GROUPS + n);
        self.call("partner", "Get", &long("id", partner)).await?;
        let search = format!("<search>{}</search>", long("partner_id", partner));
        self.call("user_group", "Get", &search).await?;
        let search = format!("<search>{}</search>", long("user_group_id", group));
        self.call("user", "Get", &search).await?;
        self.call("resource", "GetLicenses", &search).await?;
        let pools = long("partner_id", partner) + &long("user_group_id", group);
        self.call("resource", "GetResources", &pools).await?;
        Ok(())
    }

    async fn call(&self, service: &str, method: &str, parts: &str) -> Result<usize> {
        let body = format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?>"#,
                r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#,
                r#" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#,
                r#"<soapenv:Body><ns1:{} xmlns:ns1="urn:ActionWebService"><api_key>{}</api_key>{}</ns1:{}>"#,
                "</soapenv:Body></soapenv:Envelope>"
            ),
            method, self.api_key, parts, method
        );
        let request = self.http.post(format!("{}/api/0.1.50/{service}/api", self.url));
        let request = request.header("content-type", "text/xml; charset=utf-8");
        let request = request.header("SOAPAction", format!("\"/{service}/api/{method}\"")).body(body);
        let response = request.send().await.map_err(reqwest::Error::without_url)?;
        ensure!(response.status() == 200, "{service}.{method} was answered {}", response.status());
        let bytes = response.bytes().await?;
        decode(std::str::from_utf8(&bytes)?)
    }
}

fn long(name: &str, value: i64) -> String {
    format!(r#"<{name} xsi:type="xsd:long">{value}</{name}>"#)
}

fn decode(xml: &str) -> Result<usize> {
    use quick_xml::events::Event;
    let (mut reader, mut name) = (Reader::from_str(xml), String::new());
    let mut values: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                name.clear();
                name.push_str(tag.local_name().into_inner());
            }
            Event::Text(text) => values.push((name.clone(), text.xml10_content().into_owned())),
            Event::Eof => return Ok(values.len()),
            _ => {}
        }
    }
}
