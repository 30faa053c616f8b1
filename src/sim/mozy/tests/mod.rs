//! The rules of contract section 3, the switches of section 4, and the faults, each proved.

mod books;
mod chaos;
mod control;
mod group;
mod license;
mod line;
mod machine;
mod names;
mod partner;
mod resource;
mod switches;
mod sync;
mod time;
mod user;
mod wire;

use chrono::DateTime;

use super::{Cause, Clock, MozySim, Parts, SimConfig, Stock, Switches, Value, parts, world::LicenseType};

/// A simulator whose clock stands still, and short ways to call it as the root partner.
struct Rig {
    sim: MozySim,
    key: String,
}

impl Rig {
    fn new() -> Rig {
        Rig::with(|_| {})
    }

    fn with(set: impl FnOnce(&mut Switches)) -> Rig {
        let mut switches = Switches::default();
        set(&mut switches);
        let clock = Clock::Manual(DateTime::from_timestamp(1_750_000_000, 0).unwrap());
        let sim = MozySim::new(SimConfig { clock, switches, ..SimConfig::default() });
        Rig { key: sim.api_key(), sim }
    }

    fn switch(&self, set: impl FnOnce(&mut Switches)) {
        let mut switches = self.sim.switches();
        set(&mut switches);
        self.sim.set_switches(switches);
    }

    fn ok<const N: usize>(&self, operation: &str, given: [(&'static str, Value); N]) -> Value {
        let answer = self.sim.call(&self.key, operation, parts(given));
        assert_eq!(self.sim.check(), Vec::<String>::new(), "after {operation}");
        answer.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    fn id<const N: usize>(&self, operation: &str, given: [(&'static str, Value); N]) -> i64 {
        self.ok(operation, given).int().unwrap()
    }

    fn cause<const N: usize>(&self, operation: &str, given: [(&'static str, Value); N]) -> Cause {
        let before = self.sim.dump();
        let fault = self.sim.call(&self.key, operation, parts(given)).expect_err(operation);
        assert_eq!(self.sim.dump(), before, "a fault changes nothing");
        fault.cause
    }

    fn get<const N: usize>(&self, operation: &str, given: [(&'static str, Value); N]) -> Vec<Value> {
        self.ok(operation, given).results().into_iter().cloned().collect()
    }

    fn partner(&self, name: &str) -> i64 {
        let admin = format!("admin@{name}.example");
        self.id("partner.Create", [("name", name.into()), ("root_admin_username", admin.as_str().into())])
    }

    fn default_group(&self, partner: i64) -> i64 {
        self.sim.partner(partner).unwrap().default_group_id
    }

    fn group(&self, partner: i64, name: &str) -> i64 {
        self.id("user_group.Create", [("partner_id", partner.into()), ("name", name.into())])
    }

    fn user(&self, group: i64, email: &str) -> i64 {
        self.id("user.Create", [("user_group_id", group.into()), ("username", email.into())])
    }

    fn provision(&self, group: i64, licenses: i64, quota: i64) -> Vec<String> {
        let given = [
            ("user_group_id", group.into()),
            ("license_type", "Desktop".into()),
            ("licenses", licenses.into()),
            ("quota", quota.into()),
        ];
        let keys = self.get("resource.Provision", given);
        keys.iter().map(|key| text(key, "keystring")).collect()
    }

    fn reserve(&self, keystring: &str, email: &str, quota: i64) {
        let given = [
            ("keystring", keystring.into()),
            ("assigned_email_address", email.into()),
            ("quota_desired", quota.into()),
        ];
        self.ok("resource.UpdateLicenses", given);
    }

    fn activate(&self, user: i64, keystring: &str) -> i64 {
        self.id("machine.Create", [("user_id", user.into()), ("keystring", keystring.into())])
    }

    fn desktop(&self, group: i64) -> Stock {
        *self.sim.group(group).unwrap().stock.of(LicenseType::Desktop)
    }
}

/// A partner with a user and five keys with 50 GB in its default group.
struct Customer {
    rig: Rig,
    partner: i64,
    group: i64,
    user: i64,
    keys: Vec<String>,
}

impl Customer {
    fn new() -> Customer {
        Customer::with(|_| {})
    }

    fn with(set: impl FnOnce(&mut Switches)) -> Customer {
        let rig = Rig::with(set);
        let partner = rig.partner("acme");
        let group = rig.default_group(partner);
        let user = rig.user(group, "ann@acme.example");
        let keys = rig.provision(group, 5, 50);
        Customer { rig, partner, group, user, keys }
    }
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::text).unwrap_or_default().to_owned()
}

fn search<const N: usize>(fields: [(&'static str, Value); N]) -> (&'static str, Value) {
    ("search", Value::record("Find", fields))
}

fn status(word: &str) -> (&'static str, Value) {
    ("details", Value::details([("status", word)]))
}

fn none() -> Parts {
    Parts::new()
}
