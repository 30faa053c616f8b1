//! Who told Mozy what: of all calls in a shared lab, those that concern one subscription.

use std::collections::HashSet;

use mozyd::sim::mozy::{CallEntry, Outcome, Value, World};

/// Ids and keys at Mozy that belong to a subscription, also what has gone since they were noted.
#[derive(Default)]
pub struct Belongings {
    ids: HashSet<i64>,
    keys: HashSet<String>,
}

impl Belongings {
    /// Adds what `world` has under this number now.
    pub fn note(&mut self, world: &World, number: &str) {
        let ours = |external_id: &Option<String>| external_id.as_deref() == Some(number);
        self.ids.extend(world.partners.values().filter(|p| ours(&p.external_id)).map(|p| p.id));
        let ids = &self.ids;
        let groups: Vec<i64> = world
            .groups
            .values()
            .filter(|group| ours(&group.external_id) || ids.contains(&group.partner_id))
            .map(|group| group.id)
            .collect();
        self.ids.extend(groups);
        let users: Vec<i64> =
            world.users.values().filter(|u| self.ids.contains(&u.group_id)).map(|u| u.id).collect();
        self.ids.extend(users);
        let machines: Vec<i64> =
            world.machines.values().filter(|m| self.ids.contains(&m.user_id)).map(|m| m.id).collect();
        self.ids.extend(machines);
        let keys = world.licenses.values().filter(|key| self.ids.contains(&key.group_id));
        self.keys.extend(keys.map(|key| key.keystring.to_string()));
    }

    /// The writes among these calls that concern the subscription, in order; `company` is in all its names and addresses.
    pub fn writes(&self, calls: &[CallEntry], company: &str) -> Vec<String> {
        let concerns = |call: &&CallEntry| {
            call.writes && call.parts.iter().any(|(name, value)| self.named(name, value, company))
        };
        calls.iter().filter(concerns).map(in_words).collect()
    }

    fn named(&self, name: &str, value: &Value, company: &str) -> bool {
        let is_id = name == "id" || name.ends_with("_id");
        match value {
            Value::Int(id) => is_id && self.ids.contains(id),
            // Over the wire a number is text until the operation reads it.
            Value::Text(text) if is_id && text.parse().is_ok_and(|id| self.ids.contains(&id)) => true,
            Value::Text(text) => text.contains(company) || self.keys.contains(text),
            Value::Record(_, fields) => fields.iter().any(|(name, value)| self.named(name, value, company)),
            _ => false,
        }
    }
}

fn in_words(call: &CallEntry) -> String {
    match &call.outcome {
        Outcome::Ok => call.operation.clone(),
        _ => format!("{} (refused)", call.operation),
    }
}
