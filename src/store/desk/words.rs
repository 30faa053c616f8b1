//! A wish in words: what it changed of a thing, by the names that people know.

use crate::store::rows::Row;
use serde_json::{Map, Value};

/// Ids and bookkeeping.
const SILENT: [&str; 15] = [
    "id",
    "subscription_id",
    "instance_id",
    "account_id",
    "reseller_account_id",
    "admin_staff_id",
    "service_user_id",
    "user_id",
    "partner_id",
    "home_group_id",
    "generation",
    "account_generation",
    "request_id",
    "created_at",
    "gone_at",
];

/// What distinguishes two rows.
pub(super) fn describe<R: Row>(before: Option<&R>, after: &R) -> String {
    let (old, new) = (before.map(fields), fields(after));
    let change = |(name, value): (&String, &Value)| {
        let was = old.as_ref().and_then(|old| old.get(name));
        // Of a new thing its name is said already.
        let said = before.is_none() && value.as_str() == Some(after.name());
        match was {
            _ if said || SILENT.contains(&name.as_str()) => None,
            Some(was) if was == value => None,
            None if is_nothing(value) => None,
            _ => Some(tell(name, was, value)),
        }
    };
    let changes: Vec<String> = new.iter().filter_map(change).collect();
    let title = format!("{} {}", R::KIND, after.name());
    if changes.is_empty() { title } else { format!("{title}: {}", changes.join(", ")) }
}

fn fields<R: Row>(row: &R) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// What need not be said of a new thing.
fn is_nothing(value: &Value) -> bool {
    *value == Value::Bool(false) || value.as_i64() == Some(0) || value.is_null()
}

fn tell(name: &str, was: Option<&Value>, value: &Value) -> String {
    match (name, value.is_null()) {
        ("removed_at", false) => "removed".into(),
        ("removed_at", true) => "wished for again".into(),
        ("group_id", false) => "in another group".into(),
        ("group_id", true) => "in the default group".into(),
        _ => {
            let (words, now) = (name.replace('_', " "), say(name, value));
            match was {
                Some(was) => format!("{words} {} → {now}", say(name, was)),
                None => format!("{words} {now}"),
            }
        }
    }
}

fn say(name: &str, value: &Value) -> String {
    match value {
        Value::Null if name.starts_with("sync") => "Mozy's own".into(),
        Value::Null => "unlimited".into(),
        Value::Bool(true) => "on".into(),
        Value::Bool(false) => "off".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::desk::samples::estate;
    use crate::store::rows::UserRow;
    use uuid::Uuid;

    #[test]
    fn a_wish_reads_as_people_speak() {
        let (before, mut after) = (estate().tenant, estate().tenant);
        after.id = before.id;
        (after.desktop_licences, after.server_quota, after.suspended) = (Some(12), None, true);
        let changed = "desktop licences 0 → 12, server quota 0 → unlimited, suspended off → on";
        assert_eq!(describe(Some(&before), &after), format!("tenant Acme: {changed}"));
    }

    #[test]
    fn a_new_thing_is_told_by_what_it_has_and_never_by_ids() {
        let ann = UserRow {
            id: Uuid::from_u128(1),
            subscription_id: Uuid::from_u128(2),
            service_user_id: Uuid::from_u128(3),
            login: "ann@a.example".into(),
            display_name: "Ann".into(),
            group_id: Some(Uuid::from_u128(4)),
            suspended: false,
            sync: true,
            sync_quota: None,
            generation: 7,
            removed_at: None,
            gone_at: None,
            mozy_id: None,
        };
        let new = "user ann@a.example: display name Ann, in another group, sync on";
        assert_eq!(describe(None, &ann), new);
        let mut renamed = ann.clone();
        renamed.login = "new@a.example".into();
        let told = "user new@a.example: login ann@a.example → new@a.example";
        assert_eq!(describe(Some(&ann), &renamed), told);
        let mut removed = ann.clone();
        removed.remove(chrono::Utc::now());
        assert_eq!(describe(Some(&ann), &removed), "user ann@a.example: removed");
        removed.revive();
        assert_eq!(describe(Some(&ann), &removed), "user ann@a.example");
    }
}
