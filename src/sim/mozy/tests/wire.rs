//! The wire: hand-written envelopes in, and what comes out under each encoding switch.

use std::net::SocketAddr;

use super::Rig;
use crate::sim::mozy::{
    FaultKind, FaultRule, Served, Value,
    http::{read, write, xml},
    switches::*,
};

/// A simulator behind a real socket, and a client that knows nothing of it.
pub(super) struct Wired {
    pub rig: Rig,
    pub served: Served,
    pub client: reqwest::Client,
}

pub(super) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(super) fn client() -> reqwest::Client {
    let _already_done = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Wired {
    pub async fn new() -> Wired {
        let rig = Rig::new();
        let served = rig.sim.serve(any_port()).await.unwrap();
        Wired { rig, served, client: client() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.served.addr)
    }

    /// The envelope of a call, with the key as the first part.
    pub fn envelope(&self, method: &str, parts: &str) -> String {
        let key = &self.rig.key;
        format!(
            r#"<?xml version="1.0"?><E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><E:Header/><E:Body><m:{method} xmlns:m="urn:ActionWebService">
            <api_key xsi:type="xsd:string">{key}</api_key>{parts}</m:{method}></E:Body></E:Envelope>"#
        )
    }

    pub async fn post(&self, service: &str, body: String) -> reqwest::Result<(u16, String)> {
        let request = self.client.post(self.url(&format!("/api/0.1.50/{service}/api"))).body(body);
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    pub async fn soap(&self, service: &str, method: &str, parts: &str) -> (u16, String) {
        self.post(service, self.envelope(method, parts)).await.unwrap()
    }

    pub async fn create(&self, name: &str) -> (u16, String) {
        let parts = format!("<name>{name}</name><root_admin_username>a@{name}.example</root_admin_username>");
        self.soap("partner", "Create", &parts).await
    }
}

const GET_ALL: &str = r#"<id xsi:nil="true"/><search xsi:nil="1"/><details xsi:nil="true"/>"#;

#[tokio::test]
async fn a_call_is_answered_in_plain_rpc_encoded() {
    let wired = Wired::new().await;
    let (status, body) = wired.create("acme").await;
    let id = wired.rig.sim.partner_named("acme").unwrap().id;
    assert_eq!(status, 200);
    assert!(body.contains(&format!(r#"<return xsi:type="xsd:int">{id}</return>"#)), "{body}");
    let (_, body) = wired.soap("partner", "Get", &format!("<id>{id}</id>")).await;
    let envelope = xml::read(&body).unwrap();
    let result = envelope.child("Body").unwrap().child("GetResponse").unwrap().child("return").unwrap();
    assert_eq!(result.child("size").unwrap().text, "1");
    let results = result.child("results").unwrap();
    assert_eq!(results.attribute("type"), Some("soapenc:Array"));
    assert_eq!(results.attribute("arrayType"), Some("ns1:Partner[1]"));
    let partner = results.child("item").unwrap();
    assert_eq!(partner.child("external_id").unwrap().attribute("nil"), Some("true"));
    assert_eq!(partner.child("root_admin").unwrap().child("username").unwrap().text, "a@acme.example");
}

#[tokio::test]
async fn envelopes_may_look_like_php_writes_them() {
    let wired = Wired::new().await;
    let body = format!(
        r##"<SOAP-ENV:Envelope xmlns:SOAP-ENV="x" xmlns:SOAP-ENC="y" xmlns:xsi="z"><SOAP-ENV:Body><ns1:Create>
        <api_key>{}</api_key><parent_partner_id xsi:nil="true"/><name>A &amp; B &#x41;<![CDATA[<C>]]></name>
        <root_admin_username>ab@x.example</root_admin_username>
        <details SOAP-ENC:arrayType="ns1:KeyValue[2]" xsi:type="SOAP-ENC:Array"><x href="#ref1"/><anything>
        <key>colour</key><value>blue</value></anything></details>
        <enable_sync xsi:type="xsd:boolean">1</enable_sync></ns1:Create>
        <multiRef id="ref1"><key>status</key><value>suspended</value></multiRef></SOAP-ENV:Body></SOAP-ENV:Envelope>"##,
        wired.rig.key
    );
    assert_eq!(wired.post("partner", body).await.unwrap().0, 200);
    let partner = wired.rig.sim.partner_named("A & B A<C>").unwrap();
    assert_eq!((partner.status.as_str(), partner.enable_sync), ("suspended", Some(true)));
    assert_eq!(partner.details["colour"], "blue");
}

#[tokio::test]
async fn what_is_no_call_is_a_fault_and_never_a_panic() {
    let wired = Wired::new().await;
    let deep = "<a>".repeat(10_000);
    let doubled: String =
        (0..40).map(|n| format!(r##"<m id="r{n}"><x href="#r{0}"/><x href="#r{0}"/></m>"##, n + 1)).collect();
    let bomb =
        format!(r##"<E><Body><Get><id href="#r0"/></Get>{doubled}</Body></E>"##).replace("<E>", "<Envelope>");
    let bomb = bomb.replace("</E>", "</Envelope>");
    for body in [
        "",
        "nonsense",
        "<Envelope/>",
        "<Envelope><Body/></Envelope>",
        "<Envelope><Body><Get/>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><Envelope/>",
        "<Envelope><Body><Get>&unknown;</Get></Body></Envelope>",
        "<Envelope><Body><NoSuch/></Body></Envelope>",
        r##"<Envelope><Body><Get><id href="#no"/></Get></Body></Envelope>"##,
        r##"<Envelope><Body><Get id="me"><id href="#me"/></Get></Body></Envelope>"##,
        &deep,
        &bomb,
    ] {
        let (status, answer) = wired.post("partner", body.to_owned()).await.unwrap();
        assert!(status == 500 && answer.contains("<faultstring>"), "{body:.60}: {status} {answer}");
    }
    assert_eq!(wired.soap("partner", "Get", "<id>many</id>").await.0, 500);
    assert_eq!(wired.soap("nothing", "Get", "").await.0, 404);
}

#[tokio::test]
async fn soap_action_is_checked_leniently() {
    let wired = Wired::new().await;
    let url = wired.url("/api/9.9/partner/api");
    for (action, status) in [
        ("\"/partner/api/Get\"", 200),
        ("/partner/api/Get", 200),
        ("", 200),
        ("\"\"", 200),
        ("urn:x#Get", 200),
        ("/partner/api/Delete", 500),
    ] {
        let request =
            wired.client.post(&url).header("SOAPAction", action).body(wired.envelope("Get", GET_ALL));
        assert_eq!(request.send().await.unwrap().status(), status, "{action}");
    }
}

#[tokio::test]
async fn faults_come_as_500_or_200() {
    let wired = Wired::new().await;
    let (status, body) = wired.soap("partner", "Get", "<id>1</id>").await;
    assert!(status == 500 && body.contains("<faultstring>could not find any Partner</faultstring>"));
    wired.rig.switch(|all| all.fault_http_status = FaultHttpStatus::Ok);
    let (status, body) = wired.soap("partner", "Get", "<id>1</id>").await;
    assert!(status == 200 && body.contains(":Fault>"));
}

#[tokio::test]
async fn a_bad_key_is_a_fault_or_401() {
    let wired = Wired::new().await;
    let body = || wired.envelope("Get", GET_ALL).replace(&wired.rig.key, "wrong");
    let (status, text) = wired.post("partner", body()).await.unwrap();
    assert!(status == 500 && text.contains("the api key is not valid"));
    wired.rig.switch(|all| all.bad_key = BadKey::Http401);
    assert_eq!(wired.post("partner", body()).await.unwrap().0, 401);
    assert_eq!(wired.soap("partner", "Get", GET_ALL).await.0, 200);
}

#[tokio::test]
async fn binding_by_name_or_strictly_by_order_also_for_the_key() {
    let wired = Wired::new().await;
    let id = wired.rig.partner("acme");
    let swapped = format!("<search/><id>{id}</id>");
    assert_eq!(wired.soap("partner", "Get", &swapped).await.0, 200);
    wired.rig.switch(|all| all.argument_binding = ArgumentBinding::StrictByOrder);
    assert_eq!(wired.soap("partner", "Get", &swapped).await.0, 500);
    assert_eq!(wired.soap("partner", "Get", &format!("<a>{id}</a><b/><c/>")).await.0, 200);
    let unnamed = wired.envelope("Get", "").replace("api_key", "first");
    assert_eq!(wired.post("partner", unnamed.clone()).await.unwrap().0, 200);
    wired.rig.switch(|all| all.argument_binding = ArgumentBinding::ByName);
    assert_eq!(wired.post("partner", unnamed).await.unwrap().0, 500);
}

#[tokio::test]
async fn integers_are_int_or_long_and_items_have_either_name() {
    let wired = Wired::new().await;
    let (_, body) = wired.soap("partner", "Get", GET_ALL).await;
    assert!(
        body.contains(r#"<size xsi:type="xsd:int">1"#)
            && body.contains("<item ")
            && !body.contains("<Partner ")
    );
    wired.rig.switch(|all| {
        all.int_encoding = IntEncoding::Long;
        all.array_names = ArrayNames::TypeName;
    });
    let (_, body) = wired.soap("partner", "Get", GET_ALL).await;
    assert!(
        body.contains(r#"<size xsi:type="xsd:long">1"#)
            && body.contains("<Partner ")
            && !body.contains("<item ")
    );
    assert!(body.contains(r#"soapenc:arrayType="xsd:long[0]""#));
}

#[tokio::test]
async fn structs_stand_inline_or_behind_references() {
    let wired = Wired::new().await;
    wired.rig.partner("acme");
    wired.rig.switch(|all| all.array_refs = ArrayRefs::MultiReference);
    let (_, body) = wired.soap("partner", "Get", GET_ALL).await;
    let envelope = xml::read(&body).unwrap();
    let body = envelope.child("Body").unwrap();
    let results = body.child("GetResponse").unwrap().child("return").unwrap().child("results").unwrap();
    let hrefs: Vec<&str> = results.children.iter().filter_map(|item| item.attribute("href")).collect();
    assert_eq!(hrefs, ["#id1", "#id2"]);
    let target = |id: &str| body.children.iter().find(|node| node.attribute("id") == Some(id)).unwrap();
    let admin = target("id1").child("root_admin").unwrap().attribute("href").unwrap();
    assert!(target(admin.trim_start_matches('#')).child("username").is_some());
}

#[tokio::test]
async fn an_update_that_returns_nothing_is_an_empty_response() {
    let wired = Wired::new().await;
    let id = wired.rig.partner("acme");
    wired.rig.switch(|all| all.update_return = UpdateReturn::Nothing);
    let (status, body) = wired.soap("partner", "Update", &format!("<id>{id}</id><name>b</name>")).await;
    assert!(status == 200 && body.contains("UpdateResponse") && !body.contains("<return"), "{body}");
}

#[tokio::test]
async fn get_resources_is_a_bare_array() {
    let wired = Wired::new().await;
    let (_, body) = wired.soap("resource", "GetResources", "").await;
    assert!(
        body.contains(r#"<return xsi:type="soapenc:Array" soapenc:arrayType="ns1:Resource[2]">"#),
        "{body}"
    );
}

#[tokio::test]
async fn odd_characters_survive_or_are_dropped() {
    let wired = Wired::new().await;
    let name = "Zoë &lt;&amp;&gt; &quot;x&quot; 日本 &#1;&#9;end";
    let parts = format!("<name>{name}</name><root_admin_username>z@z.example</root_admin_username>");
    wired.soap("partner", "Create", &parts).await;
    let (_, body) = wired
        .soap(
            "partner",
            "Get",
            "<search><name>Zoë &lt;&amp;&gt; &quot;x&quot; 日本 &#1;&#9;end</name></search>",
        )
        .await;
    let envelope = xml::read(&body).unwrap();
    let results = envelope.child("Body").unwrap().children[0].children[0].child("results").unwrap();
    assert_eq!(results.children[0].child("name").unwrap().text, "Zoë <&> \"x\" 日本 \tend");
}

#[tokio::test]
async fn deviations_from_the_promised_parts_are_noted() {
    let wired = Wired::new().await;
    wired.soap("partner", "Get", GET_ALL).await;
    wired.soap("partner", "Get", "<search xsi:nil=\"true\"/>").await;
    let calls = wired.rig.sim.calls();
    assert_eq!(calls[0].deviation, None);
    assert_eq!(calls[1].deviation.as_deref(), Some("expected id search details, got search"));
    assert_eq!(wired.rig.sim.counters().deviations, 1);
}

#[tokio::test]
async fn each_service_has_a_wsdl() {
    let wired = Wired::new().await;
    for service in ["partner", "user_group", "admin", "user", "resource", "machine", "email"] {
        let url = wired.url(&format!("/api/0.1.50/{service}/service.wsdl"));
        let text = wired.client.get(url).send().await.unwrap().text().await.unwrap();
        let wsdl = xml::read(&text).unwrap();
        let port = wsdl.child("service").unwrap().child("port").unwrap();
        let address = port.child("address").unwrap().attribute("location").unwrap();
        assert_eq!(address, wired.url(&format!("/api/0.1.50/{service}/api")));
        assert!(wsdl.children.iter().any(|node| node.name == "message"));
    }
    let missing = wired.client.get(wired.url("/api/0.1.50/nothing/service.wsdl")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

fn root_of(chain: &str) -> reqwest::Certificate {
    reqwest::Certificate::from_pem(chain.as_bytes()).unwrap()
}

#[tokio::test]
async fn it_serves_https_with_a_certificate_of_ones_own() {
    let rig = Rig::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let served = rig.sim.serve_tls(any_port(), chain.as_bytes(), key.as_bytes()).await.unwrap();
    let _client_installs_the_provider = client();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root_of(&chain)]).build().unwrap();
    let url = format!("https://{}/api/0.1.50/partner/service.wsdl", served.addr);
    let text = client.get(url).send().await.unwrap().text().await.unwrap();
    assert!(text.contains(&format!("https://{}/api/0.1.50/partner/api", served.addr)));
    rig.sim.add_fault(FaultRule::always(FaultKind::TlsFailure)).unwrap();
    let again = reqwest::Client::builder().no_proxy().tls_certs_only([root_of(&chain)]).build().unwrap();
    let url = format!("https://{}/api/0.1.50/partner/service.wsdl", served.addr);
    assert!(again.get(url).send().await.unwrap_err().is_connect(), "the handshake is cut");
    assert!(rig.sim.serve_tls(any_port(), b"nonsense", key.as_bytes()).await.is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(<[a-z]{1,3}( id='[a-c]')?( href='#[a-c]')?/?>|</[a-z]{1,3}>|&[a-z#0-9]{0,4};|.){0,60}") {
        let _read_or_refused = xml::read(&text);
        let _read_or_refused = read::read(format!("<Envelope><Body><Get>{text}</Get></Body></Envelope>").as_bytes(), true);
    }

    #[test]
    fn any_text_survives_as_far_as_xml_knows_it(text in "\\PC{0,40}") {
        let out = write::answer("Get", &Value::Text(text.clone()), &Switches::default());
        let envelope = xml::read(&out).unwrap();
        let answer = &envelope.child("Body").unwrap().children[0].children[0];
        proptest::prop_assert_eq!(&answer.text, &text);
    }
}
