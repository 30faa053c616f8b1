//! From a call to the operation and its parts, in the order of contract section 2.

use super::sparse::{GROUP, KEY, PARTNER, USER, sparse};
use crate::domain::PartnerId;
use crate::domain::partner::Status;
use crate::plan::call::PoolChange;
use crate::plan::{Call, Numbered};
use crate::sim::mozy::value::{Parts, Value, parts};

type Request = (&'static str, Parts);

/// How a call goes to Mozy.
pub(super) fn request(call: &Call, root: PartnerId, role: i64) -> Request {
    match call {
        Call::CreatePartner { .. } | Call::UpdatePartner { .. } => partner(call, root, role),
        Call::SetPartnerStatus { id, status } => {
            ("partner.Update", update_partner(id.0, Value::Nil, details(*status), Value::Nil, Value::Nil))
        }
        Call::DeletePartner { id } => ("partner.Delete", by_id(id.0)),
        Call::CreateGroup { partner, name, sync, number } => (
            "user_group.Create",
            parts([
                ("partner_id", partner.0.into()),
                ("name", name.as_str().into()),
                ("default_quotas", Value::Nil),
                ("default_for_partner", Value::Nil),
                ("external_id", number.to_string().into()),
                ("enable_sync", (*sync).into()),
            ]),
        ),
        Call::RenameGroup { id, name } => group(id.0, name.as_str().into(), Value::Nil, Value::Nil),
        Call::SetGroupStatus { id, status } => group(id.0, Value::Nil, details(*status), Value::Nil),
        Call::SetGroupSync { id, on } => group(id.0, Value::Nil, Value::Nil, (*on).into()),
        Call::SetDefaultGroup { id } => {
            ("user_group.Update", sparse(&GROUP, [("id", id.0.into()), ("default_for_partner", true.into())]))
        }
        Call::SetNumber { of, number } => {
            let (operation, names, id) = match of {
                Numbered::Partner(id) => ("partner.Update", &PARTNER[..], id.0),
                Numbered::Group(id) => ("user_group.Update", &GROUP[..], id.0),
                Numbered::User(id) => ("user.Update", &USER[..], id.0),
            };
            (operation, sparse(names, [("id", id.into()), ("external_id", number.to_string().into())]))
        }
        Call::DeleteGroup { id } => ("user_group.Delete", by_id(id.0)),
        Call::CreateUser { .. }
        | Call::UpdateUser { .. }
        | Call::SetUserStatus { .. }
        | Call::SetUserSync { .. }
        | Call::MoveUser { .. }
        | Call::DeleteUser { .. } => user(call),
        Call::AssignKey { key, login, quota, number } => {
            let (email, number) = (login.as_str().into(), number.to_string().into());
            key_update(&key.0, email, quota.0.into(), number, true)
        }
        Call::ResizeKey { key, quota } => key_update(&key.0, Value::Nil, quota.0.into(), Value::Nil, false),
        Call::ReaddressKey { key, login } => {
            key_update(&key.0, login.as_str().into(), Value::Nil, Value::Nil, false)
        }
        Call::MoveKey { key, group } => (
            "resource.UpdateLicenses",
            sparse(
                &KEY,
                [
                    ("keystring", key.0.as_str().into()),
                    ("deliver_emails", false.into()),
                    ("user_group_id", group.0.into()),
                ],
            ),
        ),
        Call::ClearKey { key } => key_update(&key.0, "".into(), Value::Nil, "".into(), false),
        Call::ResizeMachine { machine, quota, .. } => (
            "machine.Update",
            parts([
                ("id", machine.0.into()),
                ("search", Value::Nil),
                ("quota", quota.0.into()),
                ("status", Value::Nil),
                ("source_machine_id", Value::Nil),
                ("external_id", Value::Nil),
                ("details", Value::Nil),
            ]),
        ),
        Call::DeleteMachine { machine, .. } => ("machine.Delete", parts([("id", machine.0.into())])),
        Call::Provision(change) => ("resource.Provision", pool(change)),
        Call::Release(change) => ("resource.Release", pool(change)),
        Call::Transfer { partner, from, to, kind, licences, quota, .. } => (
            "resource.Transfer",
            parts([
                ("source_partner_id", partner.0.into()),
                ("source_user_group_id", from.0.into()),
                ("target_partner_id", partner.0.into()),
                ("target_user_group_id", to.0.into()),
                ("license_type", kind.as_str().into()),
                ("licenses", (*licences).into()),
                ("quota", quota.0.into()),
            ]),
        ),
    }
}

fn by_id(id: i64) -> Parts {
    parts([("id", id.into()), ("search", Value::Nil)])
}

fn details(status: Status) -> Value {
    Value::details([("status", status.as_str())])
}

fn partner(call: &Call, root: PartnerId, role: i64) -> Request {
    match call {
        Call::CreatePartner { name, reseller, admin_email, admin_name, number, sync, default_sync_quota } => {
            (
                "partner.Create",
                parts([
                    ("parent_partner_id", root.0.into()),
                    ("name", name.as_str().into()),
                    ("company_type", if *reseller { "reseller" } else { "business" }.into()),
                    ("subdomain", Value::Nil),
                    ("root_role", role.into()),
                    ("root_admin_username", admin_email.as_str().into()),
                    ("root_admin_full_name", admin_name.as_str().into()),
                    ("external_id", number.to_string().into()),
                    ("root_admin_external_id", Value::Nil),
                    ("details", Value::Nil),
                    ("root_admin_details", Value::Nil),
                    ("enable_sync", (*sync).into()),
                    ("default_sync_quota", default_sync_quota.map(|quota| quota.0).into()),
                ]),
            )
        }
        Call::UpdatePartner { id, name, sync, default_sync_quota } => {
            let quota = default_sync_quota.map(|quota| quota.0).into();
            ("partner.Update", update_partner(id.0, name.clone().into(), Value::Nil, (*sync).into(), quota))
        }
        _ => unreachable!("not a call about a partner"),
    }
}

fn update_partner(id: i64, name: Value, details: Value, sync: Value, quota: Value) -> Parts {
    parts([
        ("id", id.into()),
        ("search", Value::Nil),
        ("name", name),
        ("company_type", Value::Nil),
        ("subdomain", Value::Nil),
        ("root_role", Value::Nil),
        ("external_id", Value::Nil),
        ("details", details),
        ("enable_sync", sync),
        ("default_sync_quota", quota),
    ])
}

fn group(id: i64, name: Value, details: Value, sync: Value) -> Request {
    (
        "user_group.Update",
        parts([
            ("id", id.into()),
            ("search", Value::Nil),
            ("name", name),
            ("default_quotas", Value::Nil),
            ("default_for_partner", Value::Nil),
            ("external_id", Value::Nil),
            ("details", details),
            ("enable_sync", sync),
        ]),
    )
}

/// What `user.Update` changes.
#[derive(Default)]
struct UserChange {
    group: Option<i64>,
    login: Option<String>,
    full_name: Option<String>,
    status: Option<Status>,
    sync: Option<bool>,
}

fn user(call: &Call) -> Request {
    let unchanged = UserChange::default();
    match call {
        Call::CreateUser { group, login, full_name, number } => (
            "user.Create",
            parts([
                ("user_group_id", group.0.into()),
                ("username", login.as_str().into()),
                ("full_name", full_name.as_str().into()),
                ("details", Value::Nil),
                ("external_id", number.to_string().into()),
                ("enable_sync", Value::Nil),
            ]),
        ),
        Call::UpdateUser { id, login, full_name } => {
            update_user(id.0, UserChange { login: login.clone(), full_name: full_name.clone(), ..unchanged })
        }
        Call::SetUserStatus { id, status } => {
            update_user(id.0, UserChange { status: Some(*status), ..unchanged })
        }
        Call::SetUserSync { id, on } => update_user(id.0, UserChange { sync: Some(*on), ..unchanged }),
        Call::MoveUser { id, group, .. } => {
            update_user(id.0, UserChange { group: Some(group.0), ..unchanged })
        }
        Call::DeleteUser { id } => ("user.Delete", parts([("id", id.0.into())])),
        _ => unreachable!("not a call about a user"),
    }
}

fn update_user(id: i64, change: UserChange) -> Request {
    (
        "user.Update",
        parts([
            ("id", id.into()),
            ("search", Value::Nil),
            ("user_group_id", change.group.into()),
            ("username", change.login.into()),
            ("full_name", change.full_name.into()),
            ("details", change.status.map_or(Value::Nil, details)),
            ("external_id", Value::Nil),
            ("enable_sync", change.sync.into()),
        ]),
    )
}

fn key_update(key: &str, email: Value, quota: Value, number: Value, mail: bool) -> Request {
    (
        "resource.UpdateLicenses",
        parts([
            ("keystring", key.into()),
            ("search", Value::Nil),
            ("assigned_email_address", email),
            ("quota_desired", quota),
            ("external_id", number),
            ("license_type", Value::Nil),
            ("deliver_emails", mail.into()),
            ("expires_at", Value::Nil),
            ("clear_expires_at", Value::Nil),
            ("user_group_id", Value::Nil),
        ]),
    )
}

fn pool(change: &PoolChange) -> Parts {
    parts([
        ("partner_id", change.partner.0.into()),
        ("user_group_id", change.group.0.into()),
        ("license_type", change.kind.as_str().into()),
        ("licenses", change.licences.into()),
        ("quota", change.quota.0.into()),
    ])
}
