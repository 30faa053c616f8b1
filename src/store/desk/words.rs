//! A wish in words: what it changed of a thing, by the names that people know.

use crate::store::estate::Estate;
use crate::store::rows::Row;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

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

/// What people call users and groups.
pub(super) type Names = HashMap<Uuid, String>;

/// The names in an estate.
pub(super) fn names(estate: &Estate) -> Names {
    let users = estate.users.iter().map(|row| (row.id, row.login.clone()));
    users.chain(estate.groups.iter().map(|row| (row.id, row.name.clone()))).collect()
}

/// What distinguishes two rows.
pub(super) fn describe<R: Row>(before: Option<&R>, after: &R, names: &Names) -> String {
    let (old, new) = (before.map(fields), fields(after));
    let change = |(name, value): (&String, &Value)| {
        let was = old.as_ref().and_then(|old| old.get(name));
        // Of a new thing its name is said already.
        let said = before.is_none() && value.as_str() == Some(after.name());
        match was {
            _ if said || SILENT.contains(&name.as_str()) => None,
            Some(was) if was == value => None,
            None if is_nothing(value) => None,
            _ => Some(tell(name, was, value, names)),
        }
    };
    let changes: Vec<String> = new.iter().filter_map(change).collect();
    let owner = after.owner().and_then(|id| names.get(&id));
    let owner = owner.map_or_else(String::new, |login| format!(" of {login}"));
    let title = format!("{} {}{owner}", R::KIND, after.name());
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

fn tell(name: &str, was: Option<&Value>, value: &Value, names: &Names) -> String {
    let group = || value.as_str().and_then(|id| names.get(&Uuid::parse_str(id).ok()?));
    match (name, value.is_null()) {
        ("removed_at", false) => "removed".into(),
        ("removed_at", true) => "wished for again".into(),
        ("group_id", false) => group().map_or("in another group".into(), |name| format!("in group {name}")),
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
    use crate::store::rows::{LicenceRow, UserRow};

    fn said<R: Row>(before: Option<&R>, after: &R) -> String {
        let names =
            [(Uuid::from_u128(4), "Sales".to_owned()), (Uuid::from_u128(1), "ann@a.example".to_owned())];
        describe(before, after, &names.into())
    }

    #[test]
    fn a_wish_reads_as_people_speak() {
        let (before, mut after) = (estate().tenant, estate().tenant);
        after.id = before.id;
        (after.desktop_licences, after.server_quota, after.suspended) = (Some(12), None, true);
        let changed = "desktop licences 0 → 12, server quota 0 → unlimited, suspended off → on";
        assert_eq!(said(Some(&before), &after), format!("tenant Acme: {changed}"));
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
        let new = "user ann@a.example: display name Ann, in group Sales, sync on";
        assert_eq!(said(None, &ann), new);
        let mut renamed = ann.clone();
        renamed.login = "new@a.example".into();
        let told = "user new@a.example: login ann@a.example → new@a.example";
        assert_eq!(said(Some(&ann), &renamed), told);
        let mut removed = ann.clone();
        removed.remove(chrono::Utc::now());
        assert_eq!(said(Some(&ann), &removed), "user ann@a.example: removed");
        removed.revive();
        assert_eq!(said(Some(&ann), &removed), "user ann@a.example");
    }
    #[test]
    fn a_licence_is_told_by_whose_it_is() {
        let key = LicenceRow {
            id: Uuid::from_u128(9),
            subscription_id: Uuid::from_u128(2),
            user_id: Uuid::from_u128(1),
            kind: "Desktop".into(),
            quota: 13,
            generation: 7,
            removed_at: None,
            gone_at: None,
            keystring: None,
        };
        assert_eq!(said(None, &key), "licence Desktop of ann@a.example: quota 13");
    }
}
