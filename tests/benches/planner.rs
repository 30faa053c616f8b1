//! How many objects a second one core plans, in agreement and with every quota to change: the figure is a million, and
//! the time grows with the number as a line does.

// A failure says so by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mozyd::domain::observed::Observed;
use mozyd::domain::{Desired, Gb};
use mozyd::lab::bench::estate::Estate;
use mozyd::plan::{Policy, plan};

fn planner(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    for users in [10, 100, 1_000, 10_000] {
        let estate = Estate { subscriptions: 1, each: users };
        let (desired, observed) = (estate.desired(0), Observed::Present(Box::new(estate.account(0))));
        let policy = Policy::default();
        // Users and licences; the subscription itself hardly counts.
        group.throughput(Throughput::Elements(2 * users as u64));
        group.bench_with_input(BenchmarkId::new("agreement", users), &desired, |bench, desired| {
            assert!(plan(desired, &observed, &policy).is_agreement());
            bench.iter(|| plan(desired, &observed, &policy));
        });
        let smaller = smaller(desired);
        group.bench_with_input(BenchmarkId::new("all_differ", users), &smaller, |bench, desired| {
            assert!(!plan(desired, &observed, &policy).is_agreement());
            bench.iter(|| plan(desired, &observed, &policy));
        });
    }
    group.finish();
}

fn smaller(mut desired: Desired) -> Desired {
    desired.users.iter_mut().flat_map(|user| &mut user.licences).for_each(|licence| licence.quota = Gb(5));
    desired
}

criterion_group!(benches, planner);
criterion_main!(benches);
