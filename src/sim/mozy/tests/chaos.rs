//! Thousands of random calls, and the world still adds up.

use chrono::TimeDelta;

use super::{Rig, Value, none, search, status};
use crate::sim::mozy::{FaultKind, FaultRule, dice::Dice, switches::*, value::Parts};

struct Monkey<'a> {
    rig: &'a Rig,
    dice: Dice,
}

impl Monkey<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.dice.next() % bound
    }

    /// One of the last answers' ids, or nonsense.
    fn id(&mut self, operation: &str, field: &str) -> Value {
        let answer = self.rig.sim.panel(operation, none()).unwrap_or(Value::Nil);
        let results = answer.results();
        let pick = self.below(results.len() as u64 + 1) as usize;
        results.get(pick).and_then(|found| found.get(field)).cloned().unwrap_or(Value::Int(7))
    }

    fn email(&mut self) -> Value {
        format!("u{}@x.example", self.below(12)).into()
    }

    fn number(&mut self) -> Value {
        Value::Int(self.below(20) as i64)
    }

    fn truth(&mut self) -> Value {
        match self.below(3) {
            0 => Value::Nil,
            n => Value::Bool(n == 1),
        }
    }

    fn call(&mut self) -> (&'static str, Vec<(&'static str, Value)>) {
        let partner = self.id("partner.Get", "id");
        let group = self.id("user_group.Get", "id");
        let user = self.id("user.Get", "id");
        let machine = self.id("machine.Get", "id");
        let key = self.id("resource.GetLicenses", "keystring");
        let (email, n, m, sync) = (self.email(), self.number(), self.number(), self.truth());
        let word = status(if self.below(2) == 0 { "active" } else { "suspended" });
        let kind = ("license_type", if self.below(4) == 0 { "Server" } else { "Desktop" }.into());
        match self.below(18) {
            0 => (
                "partner.Create",
                vec![("parent_partner_id", partner), ("name", "p".into()), ("root_admin_username", email)],
            ),
            1 => ("partner.Update", vec![("id", partner), ("enable_sync", sync), word]),
            2 if self.below(8) == 0 => ("partner.Delete", vec![("id", partner)]),
            3 => (
                "user_group.Create",
                vec![
                    ("partner_id", partner),
                    ("name", "g".into()),
                    ("enable_sync", sync),
                    ("default_for_partner", self.truth()),
                ],
            ),
            4 => ("user_group.Update", vec![("id", group), ("enable_sync", sync)]),
            5 => ("user_group.Delete", vec![("id", group)]),
            6 => ("user.Create", vec![("user_group_id", group), ("username", email), ("enable_sync", sync)]),
            7 => ("user.Update", vec![("id", user), ("enable_sync", sync), ("user_group_id", group)]),
            8 => ("user.Update", vec![("id", user), ("username", email), word]),
            9 => ("user.Delete", vec![("id", user)]),
            10 => ("resource.Provision", vec![("user_group_id", group), kind, ("licenses", n), ("quota", m)]),
            11 => ("resource.Release", vec![("user_group_id", group), kind, ("licenses", n), ("quota", m)]),
            12 => (
                "resource.Transfer",
                vec![
                    ("source_user_group_id", group),
                    ("target_partner_id", partner),
                    kind,
                    ("licenses", n),
                    ("quota", m),
                ],
            ),
            13 => (
                "resource.UpdateLicenses",
                vec![("keystring", key), ("assigned_email_address", email), ("quota_desired", n)],
            ),
            14 => (
                "resource.UpdateLicenses",
                vec![("keystring", key), ("assigned_email_address", "".into()), ("user_group_id", group)],
            ),
            15 => ("machine.Create", vec![("user_id", user), ("keystring", key), ("quota_desired", n)]),
            16 => ("machine.Update", vec![search([("user_id", user)]), ("quota", n)]),
            _ => ("machine.Delete", vec![("id", machine)]),
        }
    }
}

#[test]
fn the_world_adds_up_whatever_happens() {
    for seed in 0..6 {
        let rig = Rig::with(|all| {
            if seed % 2 == 1 {
                all.machine_delete_clears_email = MachineDeleteClearsEmail::No;
                all.deleted_group_resources = DeletedGroupResources::Released;
                all.suspended_user_delete = SuspendedUserDelete::Allowed;
                all.user_email_scope = UserEmailScope::PerPartner;
            }
        });
        let late = FaultRule {
            probability: 0.2,
            operation: Some("writes".into()),
            ..FaultRule::always(FaultKind::LateCommit { ms: 9 })
        };
        rig.sim.add_fault(late).unwrap();
        let mut monkey = Monkey { rig: &rig, dice: Dice::new(seed) };
        for turn in 0..600 {
            let (operation, given) = monkey.call();
            let given: Parts = given.into_iter().map(|(name, value)| (name.into(), value)).collect();
            let _some_faults = rig.sim.call(&rig.key, operation, given.clone());
            rig.sim.advance(TimeDelta::milliseconds(2));
            assert_eq!(rig.sim.check(), Vec::<String>::new(), "turn {turn} of {seed}: {operation} {given:?}");
        }
        assert!(rig.sim.counters().writes > 150, "too few calls did anything: {:?}", rig.sim.counters());
        rig.sim.advance(TimeDelta::days(90));
        assert_eq!(rig.sim.check(), Vec::<String>::new());
    }
}
