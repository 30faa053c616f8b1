//! Refresh Resources: by button, signal, verb and schedule; bounded, and honest when Mozy is away.

use mozyd::sim::mozy::{FaultKind, FaultRule};

use super::scene::*;

/// Guide, "Refreshing Resources".
pub async fn play(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    let machine = customer.activate(licence).await;
    let mark = customer.mark();
    let used = async |gb: f64| {
        mozy.back_up(machine, (gb * GIB) as i64).unwrap();
        scene.readable().await;
        gb
    };
    let seen = async |gb: f64| customer.says("/resources/desktop/quota_gb/used", gb).await;
    // The button: done means fresh.
    let gb = used(1.5).await;
    let done = scene.done(osa.manual_retrieve(customer.tenant)).await;
    assert_eq!(done.status(), Some(200));
    assert_eq!(customer.status().await["resources"]["desktop"]["quota_gb"]["used"], gb);
    // The verb.
    let gb = used(2.5).await;
    let tenant = customer.tenant.to_string();
    assert_eq!(scene.lab.verb(&["refresh", &tenant]).await.unwrap().code, 0);
    seen(gb).await;
    // The signal.
    let gb = used(3.5).await;
    scene.lab.mozyd().refresh_all().unwrap();
    seen(gb).await;
    // Nobody: the schedule.
    seen(used(4.5).await).await;
    // Mozy is away: it is said, in bounded time, and the numbers stay.
    mozy.add_fault(FaultRule::always(FaultKind::status(503))).unwrap();
    let begun = std::time::Instant::now();
    scene.refused(osa.manual_retrieve(customer.tenant), "VendorUnreachable").await;
    assert!(begun.elapsed().as_secs() < 40, "{:?}", begun.elapsed());
    customer.bills_desktop(1, 10).await;
    customer.stands("VendorUnreachable").await;
    mozy.clear_faults();
    customer.gone("VendorUnreachable").await;
    mark.writes(&customer, &[]);
    customer.quiet().await;
}

const GIB: f64 = (1u64 << 30) as f64;
