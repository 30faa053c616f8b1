//! What it costs to sign a call and to believe one.

// A failure says so by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::SystemTime;

use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mozyd::domain::Secret;
use mozyd::osa::listen::Peer;
use mozyd::osa::oauth::{Nonce, NonceError, NonceMemory, OAuthKeys, Verifier};
use url::Url;

/// Believes every nonce: what remembering them costs is the database's.
struct Fresh;

impl NonceMemory for Fresh {
    fn first_use<'a>(&'a self, _: Nonce<'a>, _: u64) -> BoxFuture<'a, Result<bool, NonceError>> {
        Box::pin(std::future::ready(Ok(true)))
    }
}

fn oauth(criterion: &mut Criterion) {
    let keys = OAuthKeys::new("mozyd", &Secret::new("s3cret"));
    let url =
        Url::parse("https://127.0.0.1:6308/mozyProAccount/0a1b2c3d-0000-4000-8000-00000000000f").unwrap();
    let now = SystemTime::now();
    let mut group = criterion.benchmark_group("oauth");
    group.bench_function("sign", |bench| bench.iter(|| keys.authorization("GET", &url, now, "nonce")));
    let request = http::Request::get(url.path()).header("host", "127.0.0.1:6308");
    let request = request.header("authorization", keys.authorization("GET", &url, now, "nonce").unwrap());
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let peer = Peer { addr: "192.0.2.1:40000".parse().unwrap(), tls: true, certificate: None };
    let verifier = Verifier { keys: keys.clone(), public_url: None, nonces: Arc::new(Fresh) };
    group.bench_function("verify", |bench| {
        bench.iter(|| verifier.verify(&parts, &peer, now).now_or_never().unwrap().unwrap());
    });
    group.finish();
}

criterion_group!(benches, oauth);
criterion_main!(benches);
