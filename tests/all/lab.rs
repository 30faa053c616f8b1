//! The lab's day, played with the real daemon: everything agrees at the end, and what a person saw reads well.

use std::time::{Duration, Instant};

use mozyd::lab::compare::{self, Pool};
use mozyd::lab::screen::Screen;
use mozyd::lab::verdict::Verdict;
use mozyd::lab::{Auth, Lab, Options, day};
use mozyd::sim::osa::{
    Counter, Counters, LicenceKind, NewAccount, NewLicence, NewServiceUser, NewStaff, NewUser, Order,
};
use uuid::Uuid;

use crate::support::TestDb;

/// What the day may take: a quarter of a minute on a quiet machine, and five times as long was seen on a busy one.
const DAY: Duration = Duration::from_secs(240);

async fn play(options: Options, customers: usize, seed: u64) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let (begun, options) = (Instant::now(), Options { database_url: Some(db.url()), ..options });
    let lab = Lab::start(options).await.unwrap();
    let (screen, recording) = Screen::recorded();
    let played = day::play(&lab, &screen, customers, seed).await;
    let verdict = Verdict::of(&lab);
    verdict.show(&screen);
    let text = recording.text();
    println!("{text}");
    played.unwrap();
    assert!(verdict.is_good());
    assert!(begun.elapsed() < DAY, "the day took {:?}", begun.elapsed());
    reads_well(&text, customers);
    lab.stop().await.unwrap();
}

/// Plain lines of at most 100 columns, and each subscription in the table.
fn reads_well(text: &str, customers: usize) {
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "there are control characters in it");
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
    assert_eq!(long, Vec::<&str>::new());
    let wanted = |line: &&str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|number| number.parse::<u32>().is_ok()) && words.next() == Some("wanted")
    };
    assert_eq!(text.lines().filter(wanted).count(), customers);
}

#[tokio::test]
async fn a_day_ends_in_agreement() {
    play(Options { seed: 1, ..Options::default() }, 3, 1).await;
}

#[tokio::test]
async fn a_day_over_oauth_ends_in_agreement() {
    play(Options { seed: 2, auth: Auth::OAuth, ..Options::default() }, 1, 2).await;
}

#[tokio::test]
async fn a_reseller_and_his_customer_end_in_agreement() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { database_url: Some(db.url()), ..Options::default() };
    let lab = Lab::start(options).await.unwrap();
    let instance = lab.install(true).await.unwrap();
    let (osa, mozy) = (lab.osa(), lab.mozy());
    let reseller = osa.create_account(&NewAccount::reseller("Big", "big@reseller.example")).unwrap();
    order(&lab, instance, reseller, "big@reseller.example", (20, 400)).await;
    let customer = NewAccount::client("Small", "small@customer.example").under(reseller);
    let customer = osa.create_account(&customer).unwrap();
    let tenant = order(&lab, instance, customer, "small@customer.example", (3, 60)).await;
    user_with_licence(&lab, tenant, customer).await;
    let bill = async || osa.collect_usage(instance).await.map(drop).map_err(Into::into);
    compare::agreement(osa, mozy, Duration::from_secs(30), bill).await.unwrap();
    let verdict = Verdict::of(&lab);
    assert!(verdict.is_good(), "{:?}", verdict.faults);
    let pools: Vec<Pool> = verdict.rows.iter().map(|row| row.actual.desktop).collect();
    assert_eq!(pools, [Pool::of(20, 400), Pool::of(3, 60)]);
    assert_eq!(verdict.rows[1].in_use[Counter::DesktopQuota.name()], 15);
    lab.stop().await.unwrap();
}

async fn order(lab: &Lab, instance: Uuid, account: Uuid, email: &str, (keys, gb): (i64, i64)) -> Uuid {
    let staff = NewStaff {
        login: email.to_owned(),
        email: Some(email.to_owned()),
        full_name: "The Admin".to_owned(),
        is_account_admin: true,
    };
    lab.osa().create_staff(account, &staff).unwrap();
    let counters = Counters::none().limit(Counter::DesktopLicenseNum, keys).limit(Counter::DesktopQuota, gb);
    lab.done(lab.osa().order(&Order { instance, account, counters })).await.unwrap().resource
}

async fn user_with_licence(lab: &Lab, tenant: Uuid, account: Uuid) {
    let (osa, login) = (lab.osa(), "ann@customer.example".to_owned());
    let person = NewServiceUser { email: login.clone(), login, display_name: "Ann".to_owned() };
    let service_user = osa.create_service_user(account, &person).unwrap();
    let new = NewUser { tenant, service_user, group: String::new(), enable_sync: None };
    let user = lab.done(osa.create_user(&new)).await.unwrap().resource;
    let new = NewLicence { user, kind: LicenceKind::Desktop, quota: 15 };
    lab.done(osa.create_licence(&new)).await.unwrap();
}
