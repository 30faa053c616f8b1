//! Whom the client believes, and how it proves who we are.

use super::*;

#[tokio::test]
async fn we_show_our_certificate_and_believe_the_delivered_one() {
    let (ours, theirs) = (TestCertificate::new(), TestCertificate::new());
    let (router, calls) = controller(|_, _| subscription());
    let address = serve_tls(&theirs, router).await;
    let identity = Some(Identity::from_pem(ours.both().as_bytes()).unwrap());
    let access = Access { identity, controller: pinned(&theirs), oauth: None };
    let behalf = Behalf { transaction: Some("t-1".into()), resource: Some(ID) };
    for uri in
        [format!("https://{address}"), format!("https://{address}/"), format!("https://{address}/apsc/")]
    {
        let found = client(&uri, access.clone()).subscription(ID, &behalf).await.unwrap();
        assert_eq!(found.subscription_id, 7);
    }
    let calls = calls.lock().unwrap();
    let paths: Vec<_> = calls.iter().map(|call| call.uri.path().to_owned()).collect();
    let path = format!("/aps/2/resources/{ID}");
    assert_eq!(paths, [path.clone(), path.clone(), format!("/apsc{path}")]);
    assert_eq!(calls[0].certificate.as_deref(), Some(&*ours.der));
    let id = ID.to_string();
    let headers =
        ["aps-instance-id", "aps-resource-id", "aps-transaction-id"].map(|name| calls[0].header(name));
    assert_eq!(headers, [Some(id.as_str()), Some(id.as_str()), Some("t-1")]);
}

#[tokio::test]
async fn another_certificate_an_expired_one_or_an_unknown_one_is_not_believed() {
    let expired = TestCertificate::between(2000, 2001, true);
    let good = TestCertificate::new();
    let cases = [
        (&good, pinned(&expired), "not the one the install delivered"),
        (&expired, pinned(&expired), "expired"),
        (&good, None, "invalid peer certificate"),
    ];
    futures_util::future::join_all(cases.map(|(theirs, believed, reason)| async move {
        let (router, calls) = controller(|_, _| subscription());
        let address = serve_tls(theirs, router).await;
        let access = Access { controller: believed, ..Access::default() };
        let error = client(&format!("https://{address}"), access).subscription(ID, &Behalf::default()).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(reason) && !error.contains("/aps/2"), "{error}");
        assert_eq!(calls.lock().unwrap().len(), 0);
    }))
    .await;
}

#[tokio::test]
async fn the_delivered_certificate_without_its_key_is_not_believed() {
    let (theirs, thief) = (TestCertificate::new(), TestCertificate::new());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(shown(&theirs, &thief));
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (router, calls) = controller(|_, _| subscription());
        let address = serve(Endpoint::tls(tcp, Arc::new(config)), router);
        let access = Access { controller: pinned(&theirs), ..Access::default() };
        let apsc = client(&format!("https://{address}"), access);
        let error = apsc.subscription(ID, &Behalf::default()).await.unwrap_err();
        assert!(error.to_string().contains("BadSignature"), "{error}");
        assert_eq!(calls.lock().unwrap().len(), 0);
    }
}

#[tokio::test]
async fn each_try_is_signed_afresh() {
    use crate::osa::oauth::{Nonces, PublicUrl, Verifier};
    let keys = OAuthKeys::new("osa", &Secret::new("s3cret"));
    let verifier = Arc::new(Mutex::new(None::<Verifier>));
    let judge = verifier.clone();
    let (router, calls) = controller(move |n, call| {
        let mut request =
            http::Request::builder().method(call.method.clone()).uri(call.uri.clone()).body(()).unwrap();
        *request.headers_mut() = call.headers.clone();
        let peer = Peer { addr: "192.0.2.1:1".parse().unwrap(), tls: false, certificate: None };
        let parts = request.into_parts().0;
        let guard = judge.lock().unwrap();
        let verdict = guard.as_ref().unwrap().verify(&parts, &peer, std::time::SystemTime::now());
        match futures_util::FutureExt::now_or_never(verdict).unwrap() {
            Err(error) => (StatusCode::FORBIDDEN, error.to_string()).into_response(),
            Ok(()) if n == 0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Ok(()) if n == 2 => ([(header::CONTENT_RANGE, "items 0-0/2")], "[{}]").into_response(),
            Ok(()) if n == 3 => ([(header::CONTENT_RANGE, "items 1-1/2")], "[{}]").into_response(),
            Ok(()) => subscription(),
        }
    });
    let base = format!("http://{}", serve_plain(router).await);
    let public_url = Some(base.parse::<PublicUrl>().unwrap());
    let nonces = Arc::new(Nonces::default());
    *verifier.lock().unwrap() = Some(Verifier { keys: keys.clone(), public_url, nonces });
    let apsc = client(&base, Access { oauth: Some(keys), ..Access::default() });
    apsc.subscription(ID, &Behalf::default()).await.unwrap();
    assert_eq!(apsc.users(ID, &Behalf::default()).await.unwrap().len(), 2);
    apsc.push(Service::Tenant, ID, &json!({})).await.unwrap();
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 5);
    for call in calls.iter() {
        let signed = call.headers[header::AUTHORIZATION].to_str().unwrap();
        let nonce = signed.split("oauth_nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!((20..=30).contains(&nonce.len()), "some libraries take no other: {nonce}");
    }
}

#[test]
fn plain_http_is_for_the_loopback_only() {
    for uri in ["http://osa.example:6308", "http://192.0.2.1", "https://u:p@h", "ftp://h"] {
        let refused = Apsc::new(&uri.parse().unwrap(), None, Access::default(), Timeouts::default());
        assert!(matches!(refused, Err(ApscError::Unusable(_))), "{uri}");
    }
}
