//! The bare client: a loop over reqwest and an XML reader that makes the very calls of a sweep and decodes the answers,
//! and does nothing else. What it takes is what the calls themselves take.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::{Deserialize, Serialize};

use super::estate::{self, Estate};
use super::probe;

/// What it took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Bare {
    /// Seconds by the clock.
    pub seconds: f64,
    /// Seconds of processor time.
    pub cpu_seconds: f64,
    /// Calls made.
    pub calls: i64,
    /// Values decoded.
    pub values: i64,
}

/// Looks at every subscription once, with so many calls at a time.
pub async fn run(estate: Estate, url: String, api_key: String, at_once: usize) -> Result<Bare> {
    let http = reqwest::Client::builder().http1_only().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let caller = Arc::new(Caller { http, url, api_key });
    let next = Arc::new(AtomicI64::new(0));
    let (begun, cpu) = (Instant::now(), probe::cpu_of_self()?);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let (caller, next) = (Arc::clone(&caller), Arc::clone(&next));
        tasks.spawn(async move {
            let mut values = 0;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= estate.subscriptions {
                    return anyhow::Ok(values);
                }
                values += caller.look(n).await?;
            }
        });
    }
    let mut values = 0;
    while let Some(done) = tasks.join_next().await {
        values += done??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Bare { seconds, cpu_seconds: probe::cpu_of_self()? - cpu, calls: estate.subscriptions * 5, values })
}

struct Caller {
    http: reqwest::Client,
    url: String,
    api_key: String,
}

impl Caller {
    /// The calls of a cycle in agreement (contract mozy-soap, section 2), and how many values came back.
    async fn look(&self, n: i64) -> Result<i64> {
        let (partner, group) = (estate::partner(n), estate::group(n));
        let id = long("id", partner);
        let find =
            format!(r#"<search xsi:type="ns1:UserGroupFind">{}</search>"#, long("partner_id", partner));
        let users = format!(
            r#"<search xsi:type="ns1:UserFind">{}{}</search>"#,
            long("user_group_id", group),
            nil("username", "string")
        );
        let keys = format!(
            r#"<search xsi:type="ns1:LicenseFind">{}{}{}{}{}</search>"#,
            nil("status", "string"),
            nil("license_type", "string"),
            long("user_group_id", group),
            nil("assigned_email_address", "string"),
            nil("no_sub_partners", "boolean")
        );
        let details = r#"<details xsi:type="soapenc:Array" xsi:nil="true"/>"#;
        let no_partner = r#"<search xsi:type="ns1:PartnerFind" xsi:nil="true"/>"#;
        let no_id = nil("id", "long");
        let pools = long("partner_id", partner) + &long("user_group_id", group);
        Ok(self.call("partner", "Get", &format!("{id}{no_partner}{details}")).await?
            + self.call("user_group", "Get", &format!("{no_id}{find}")).await?
            + self.call("user", "Get", &format!("{no_id}{users}{details}")).await?
            + self.call("resource", "GetLicenses", &(nil("keystring", "string") + &keys)).await?
            + self.call("resource", "GetResources", &pools).await?)
    }

    async fn call(&self, service: &str, method: &str, parts: &str) -> Result<i64> {
        let request = self.http.post(format!("{}/api/0.1.50/{service}/api", self.url));
        let request = request.header("content-type", "text/xml; charset=utf-8").header("accept", "text/xml");
        let request = request.header("SOAPAction", format!("\"/{service}/api/{method}\""));
        let response = request.body(self.envelope(method, parts)).send().await;
        let response = response.map_err(reqwest::Error::without_url).context("calling Mozy")?;
        ensure!(response.status() == 200, "{service}.{method} was answered {}", response.status());
        decode(std::str::from_utf8(&response.bytes().await?)?)
    }

    fn envelope(&self, method: &str, parts: &str) -> String {
        let key = &self.api_key;
        format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?>"#,
                r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#,
                r#" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/""#,
                r#" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#,
                r#" soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><soapenv:Body>"#,
                r#"<ns1:{} xmlns:ns1="urn:ActionWebService"><api_key xsi:type="xsd:string">{}</api_key>{}</ns1:{}>"#,
                "</soapenv:Body></soapenv:Envelope>",
            ),
            method, key, parts, method
        )
    }
}

fn long(name: &str, value: i64) -> String {
    format!(r#"<{name} xsi:type="xsd:long">{value}</{name}>"#)
}

fn nil(name: &str, kind: &str) -> String {
    format!(r#"<{name} xsi:type="xsd:{kind}" xsi:nil="true"/>"#)
}

/// Reads an answer into names and values of its own, as any client must before it can use them.
fn decode(xml: &str) -> Result<i64> {
    let mut reader = Reader::from_str(xml);
    let mut values: Vec<(String, String)> = Vec::new();
    let mut name = String::new();
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                name.clear();
                name.push_str(tag.local_name().into_inner());
            }
            Event::Text(text) => values.push((name.clone(), text.xml10_content().into_owned())),
            Event::Eof => return Ok(values.len() as i64),
            _ => {}
        }
    }
}
