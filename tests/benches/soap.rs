//! What it costs to write a call's envelope and to read a list of keys.

// A failure says so by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mozyd::lab::bench::answer::Mozy;
use mozyd::lab::bench::estate::{self, Estate};
use mozyd::mozy::licence::{Find, GetLicenses};
use mozyd::mozy::{ApiKey, Limits, decode, encode};

fn soap(criterion: &mut Criterion) {
    let key = ApiKey::new(&"k".repeat(64)).unwrap();
    let search = Some(Find { user_group_id: Some(estate::group(0)), ..Find::default() });
    let request = GetLicenses { keystring: None, search };
    let envelope = encode(&request, &key, "urn:ActionWebService").unwrap();
    let mut group = criterion.benchmark_group("soap");
    group.throughput(Throughput::Bytes(envelope.len() as u64));
    group.bench_function("encode", |bench| {
        bench.iter(|| encode(&request, &key, "urn:ActionWebService"));
    });
    for keys in [10, 100, 1_000, 10_000] {
        let mut xml = String::new();
        Mozy::new(Estate { subscriptions: 1, each: keys }).answer(
            "/resource/api/GetLicenses",
            &envelope,
            &mut xml,
        );
        let limits = Limits::default();
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.bench_with_input(BenchmarkId::new("decode", keys), &xml, |bench, xml| {
            assert!(decode::<GetLicenses<'_>>(xml.as_bytes(), false, &limits).unwrap().len() as i64 > keys);
            bench.iter(|| decode::<GetLicenses<'_>>(xml.as_bytes(), false, &limits));
        });
    }
    group.finish();
}

criterion_group!(benches, soap);
criterion_main!(benches);
