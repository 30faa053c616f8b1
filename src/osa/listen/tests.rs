//! The endpoint over real sockets and real TLS.

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::AsyncReadExt;

use super::*;
use crate::osa::certificate::Identity;
use crate::osa::testing::{TestCertificate, http, serve, serve_plain, shown};
use crate::osa::tls::{provider, server_config};

struct Served {
    ours: TestCertificate,
    address: SocketAddr,
}

impl Served {
    async fn new() -> Self {
        let ours = TestCertificate::new();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = server_config(Identity::from_pem(ours.both().as_bytes()).unwrap()).unwrap();
        Self { address: serve(Endpoint::tls(tcp, config), who()), ours }
    }

    /// Asks over a new connection who we are, showing `shown` if there is one.
    async fn ask(
        &self,
        version: &'static SupportedProtocolVersion,
        shown: Option<Arc<SingleCertAndKey>>,
    ) -> reqwest::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.ours.der.clone().into()).unwrap();
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            Some(shown) => config.with_client_cert_resolver(shown),
            None => config.with_no_client_auth(),
        };
        let http = reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy();
        let http = http.resolve("osa.invalid", self.address).timeout(Duration::from_secs(5)).build()?;
        let url = format!("https://osa.invalid:{}/who", self.address.port());
        http.get(url).send().await?.text().await
    }
}

fn who() -> Router {
    let who = |ConnectInfo(peer): ConnectInfo<Peer>| async move {
        format!("{} {:?}", peer.tls, peer.certificate.as_deref())
    };
    Router::new().route("/who", get(who))
}

const VERSIONS: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

#[tokio::test]
async fn a_client_certificate_reaches_the_handler_and_none_is_needed() {
    let (served, theirs) = (Served::new().await, TestCertificate::new());
    for version in VERSIONS {
        let with = served.ask(version, Some(shown(&theirs, &theirs))).await.unwrap();
        assert_eq!(with, format!("true {:?}", Some(&theirs.der)));
        assert_eq!(served.ask(version, None).await.unwrap(), "true None");
    }
}

#[tokio::test]
async fn a_certificate_without_its_key_is_no_certificate() {
    let (served, theirs, thief) = (Served::new().await, TestCertificate::new(), TestCertificate::new());
    for version in VERSIONS {
        let stolen = served.ask(version, Some(shown(&theirs, &thief))).await;
        assert!(stolen.is_err(), "{stolen:?}");
    }
}

#[tokio::test]
async fn peers_that_say_nothing_hold_up_nobody() {
    let served = Served::new().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(served.address).await.unwrap());
    }
    assert_eq!(served.ask(VERSIONS[1], None).await.unwrap(), "true None");
    let mut byte = [0; 1];
    let timeout = HANDSHAKE_TIMEOUT + Duration::from_secs(5);
    let closed = tokio::time::timeout(timeout, silent[99].read(&mut byte)).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)), "a silent peer is let go");
}

#[tokio::test]
async fn plain_is_for_the_loopback_only() {
    let address = serve_plain(who()).await;
    let answer = http().get(format!("http://{address}/who")).send().await;
    assert_eq!(answer.unwrap().text().await.unwrap(), "false None");
    let open = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(Endpoint::plain(open).err().unwrap().to_string().contains("without tls"));
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (one, other) = (TestCertificate::new(), TestCertificate::new());
    let identity = Identity::from_parts(one.certificate.as_bytes(), other.key.as_bytes()).unwrap();
    assert!(server_config(identity).is_err());
}
