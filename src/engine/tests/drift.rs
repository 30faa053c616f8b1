//! What people do in Mozy's own control panel: managed fields go back, what is not ours is left alone.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{ConditionType, Gb, Reason, SubscriptionId};
use crate::sim::mozy::{Value, parts};

const ANN: &str = "ann@acme.test";
const BEN: &str = "ben@acme.test";

/// Acme with sync, the group Sales with Ann and reserved keys in it, and Ben at home with used ones and sync.
fn acme(world: &World) -> SubscriptionId {
    let mut wish = direct("Acme", 1000).with_group(group("Sales"));
    let mut ann = user_with(ANN, &[(Desktop, 20), (Server, 30)]);
    ann.group = Some(wish.group_id("Sales"));
    let mut ben = user_with(BEN, &[(Desktop, 20)]);
    ben.sync = true;
    wish.users = vec![ann, ben];
    wish.subscription.sync = true;
    let id = made(world, wish);
    activate(world, BEN);
    world.run();
    world.assert_agreement();
    id
}

fn partner(world: &World) -> i64 {
    world.sim.partner_named("Acme").unwrap().id
}

fn home(world: &World) -> i64 {
    world.sim.partner_named("Acme").unwrap().default_group_id
}

fn sales(world: &World) -> i64 {
    world.sim.groups_of(partner(world)).into_iter().find(|group| group.name == "Sales").unwrap().id
}

/// Does something at Mozy and expects exactly these writes, reported as drift, and agreement.
fn goes_back(disturb: impl Fn(&World), expected: &[&str]) {
    under_every_switch(|world| {
        let id = acme(world);
        disturb(world);
        world.sim.advance(chrono::TimeDelta::seconds(100));
        let report = world.cycle(id);
        assert!(!report.drift.is_empty(), "{}", world.story());
        world.run();
        world.assert_writes(expected);
        world.assert_agreement();
    });
}

fn details(status: &'static str) -> Value {
    Value::details([("status", status)])
}

#[test]
fn names_go_back() {
    goes_back(
        |world| update(world, "partner.Update", partner(world), "name", "Acme!".into()),
        &["update partner Acme!: name Acme"],
    );
    goes_back(
        |world| update(world, "user_group.Update", sales(world), "name", "Sale".into()),
        &["rename group Sale to Sales"],
    );
    goes_back(
        |world| update(world, "user.Update", user_id(world, ANN), "full_name", "Anna".into()),
        &["update user ann@acme.test: name ann"],
    );
    goes_back(
        |world| update(world, "user.Update", user_id(world, ANN), "username", "anna@acme.test".into()),
        &["update user anna@acme.test: login ann@acme.test"],
    );
}

#[test]
fn status_goes_back() {
    goes_back(
        |world| update(world, "partner.Update", partner(world), "details", details("suspended")),
        &["resume partner Acme"],
    );
    goes_back(
        |world| update(world, "user.Update", user_id(world, ANN), "details", details("suspended")),
        &["resume user ann@acme.test"],
    );
}

#[test]
fn a_group_that_was_suspended_there_is_resumed() {
    goes_back(
        |world| update(world, "user_group.Update", sales(world), "details", details("suspended")),
        &["resume group Sales"],
    );
    goes_back(
        |world| update(world, "user_group.Update", home(world), "details", details("suspended")),
        &["resume group home"],
    );
}

#[test]
fn our_number_goes_back() {
    goes_back(
        |world| update(world, "partner.Update", partner(world), "external_id", "x".into()),
        &["number 1000 of partner Acme"],
    );
    goes_back(
        |world| update(world, "user_group.Update", sales(world), "external_id", "x".into()),
        &["number 1000 of group Sales"],
    );
    goes_back(
        |world| update(world, "user.Update", user_id(world, ANN), "external_id", "x".into()),
        &["number 1000 of user ann@acme.test"],
    );
}

#[test]
fn the_default_group_is_the_default_group_again() {
    goes_back(
        |world| update(world, "user_group.Update", sales(world), "default_for_partner", true.into()),
        &["group (default user group) is default"],
    );
}

#[test]
fn sync_goes_back() {
    goes_back(
        |world| update(world, "user.Update", user_id(world, BEN), "enable_sync", false.into()),
        &["user ben@acme.test sync on"],
    );
    goes_back(
        |world| update(world, "user_group.Update", sales(world), "enable_sync", false.into()),
        &["group Sales sync on"],
    );
    goes_back(
        |world| update(world, "partner.Update", partner(world), "default_sync_quota", 7.into()),
        &["update partner Acme: default 10"],
    );
    goes_back(
        |world| {
            let machines = world.sim.machines_of(user_id(world, BEN));
            let sync = machines.iter().find(|machine| machine.is_sync()).unwrap();
            update(world, "machine.Update", sync.id, "quota", 12.into());
        },
        &["resize sync of ben@acme.test to 10"],
    );
}

#[test]
fn quotas_go_back() {
    goes_back(
        |world| {
            let key = key_of(&world.sim, ANN).keystring.to_string();
            let quota = parts([("keystring", key.into()), ("quota_desired", 5.into())]);
            panel(world, "resource.UpdateLicenses", quota);
        },
        &["resize key of ann@acme.test to 20"],
    );
    goes_back(
        |world| {
            let machines = world.sim.machines_of(user_id(world, BEN));
            let machine = machines.iter().find(|machine| !machine.is_sync()).unwrap();
            update(world, "machine.Update", machine.id, "quota", 5.into());
        },
        &["resize machine of ben@acme.test to 20"],
    );
}

#[test]
fn pools_go_back() {
    let change = |world: &World, operation: &str, licences: i64, quota: i64| {
        let pool = parts([
            ("user_group_id", home(world).into()),
            ("license_type", "Desktop".into()),
            ("licenses", licences.into()),
            ("quota", quota.into()),
        ]);
        panel(world, operation, pool);
    };
    goes_back(|world| change(world, "resource.Provision", 3, 30), &["release Desktop 3+30 in home"]);
    goes_back(|world| change(world, "resource.Release", 2, 10), &["provision Desktop 2+10 in home"]);
}

#[test]
fn a_moved_user_goes_back() {
    goes_back(
        |world| update(world, "user.Update", user_id(world, BEN), "user_group_id", sales(world).into()),
        &["move user ben@acme.test to home"],
    );
}

#[test]
fn a_key_that_was_moved_goes_back_to_its_users_group() {
    goes_back(
        |world| {
            let key = key_of(&world.sim, ANN).keystring.to_string();
            let moved = parts([("keystring", key.into()), ("user_group_id", home(world).into())]);
            panel(world, "resource.UpdateLicenses", moved);
        },
        &["move key of ann@acme.test to Sales"],
    );
}

#[test]
fn a_deleted_user_is_made_again() {
    goes_back(
        |world| {
            panel(world, "user.Delete", parts([("id", user_id(world, ANN).into())]));
        },
        &[
            "create user ann@acme.test in Sales",
            "assign Desktop 20 to ann@acme.test",
            "assign Server 30 to ann@acme.test",
        ],
    );
}

#[test]
fn a_deleted_partner_is_made_again_with_all_in_it() {
    goes_back(
        |world| {
            panel(world, "partner.Delete", parts([("id", partner(world).into())]));
            if world.sim.switches().deleted_email_reusable != Default::default() {
                world.sim.advance(chrono::TimeDelta::days(61));
            }
        },
        &[
            "create partner Acme of admin@acme.test",
            "provision Desktop 5+100 in home",
            "provision Server 5+100 in home",
            "create group Sales",
            "create user ann@acme.test in Sales",
            "create user ben@acme.test in home",
            "transfer Desktop 1+20 from home to Sales",
            "transfer Server 1+30 from home to Sales",
            "assign Desktop 20 to ann@acme.test",
            "assign Server 30 to ann@acme.test",
            "assign Desktop 20 to ben@acme.test",
            "user ben@acme.test sync on",
        ],
    );
}

#[test]
fn a_key_that_is_taken_back_or_given_to_somebody_else_is_replaced() {
    for (to, left) in [("", 0), ("thief@elsewhere.test", 1)] {
        goes_back(
            move |world| {
                let key = key_of(&world.sim, ANN).keystring.to_string();
                let given = parts([("keystring", key.into()), ("assigned_email_address", to.into())]);
                panel(world, "resource.UpdateLicenses", given);
            },
            match left {
                0 => &["assign Desktop 20 to ann@acme.test"],
                _ => &["transfer Desktop 1+20 from home to Sales", "assign Desktop 20 to ann@acme.test"],
            },
        );
    }
}

/// Ann's Desktop key is made a Server key.
fn of_another_kind(world: &World) -> SubscriptionId {
    let id = made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])));
    let key = key_of(&world.sim, ANN).keystring.to_string();
    panel(
        world,
        "resource.UpdateLicenses",
        parts([("keystring", key.into()), ("license_type", "Server".into())]),
    );
    id
}

#[test]
fn a_key_of_another_kind_is_replaced() {
    under_every_switch(|world| {
        let id = of_another_kind(world);
        world.sim.advance(chrono::TimeDelta::seconds(100));
        assert!(world.cycle(id).drift.contains(&"clear_key"), "{}", world.story());
        world.run();
        world.assert_writes(&[
            "clear key of ann@acme.test",
            "provision Desktop 1+0 in home",
            "release Server 1+0 in home",
            "assign Desktop 20 to ann@acme.test",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn a_key_of_another_kind_that_is_in_use_is_told_and_left_alone() {
    under_every_switch(|world| {
        let id = of_another_kind(world);
        let machines = activate(world, ANN);
        world.sim.advance(chrono::TimeDelta::seconds(100));
        world.run();
        world.assert_writes(&["provision Desktop 1+0 in home", "release Server 1+0 in home"]);
        let finding = world.finding(id, ConditionType::InSync);
        assert_eq!(finding.reason, Reason::VendorRejected, "{}", finding.message);
        assert_eq!(world.sim.machines_of(user_id(world, ANN))[0].id, machines[0]);
    });
}

#[test]
fn what_is_not_ours_is_told_and_left_alone() {
    under_every_switch(|world| {
        let id = acme(world);
        let theirs = parts([("partner_id", partner(world).into()), ("name", "Theirs".into())]);
        let group = panel(world, "user_group.Create", theirs);
        for (group, name) in [(group, "x@acme.test"), (home(world), "y@acme.test")] {
            let user = parts([("user_group_id", group.into()), ("username", name.into())]);
            panel(world, "user.Create", user);
        }
        let free = free_key(world);
        let given = [("keystring", free.into()), ("assigned_email_address", "y@acme.test".into())];
        panel(world, "resource.UpdateLicenses", parts(given));
        world.sim.advance(chrono::TimeDelta::seconds(100));
        let report = world.cycle(id);
        let mut kinds: Vec<&str> = report.unmanaged.unwrap().iter().map(|thing| thing.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["group", "licence", "user", "user"]);
        world.run();
        world.assert_writes(&[]);
        world.assert_agreement();
        // Also when ours changes beside it, and when sync is switched off above it.
        world.wish(id, |wish| {
            wish.switch_sync(false);
            wish.user_mut(ANN).licences[0].quota = Gb(25);
        });
        world.run();
        world.assert_agreement();
        assert_eq!(world.sim.group(group).unwrap().enable_sync, None);
        assert!(
            world.sim.user_named("x@acme.test").is_some() && world.sim.user_named("y@acme.test").is_some()
        );
        assert_eq!(world.sim.licenses_of("y@acme.test").len(), 1);
    });
}

fn free_key(world: &World) -> String {
    let home = home(world);
    world.sim.with(|sim| {
        let mut all = sim.licenses.values();
        let key =
            all.find(|key| key.is_free() && key.group_id == home && key.license_type.as_str() == "Desktop");
        key.unwrap().keystring.to_string()
    })
}
