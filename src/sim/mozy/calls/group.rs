//! The service `user_group`.

use super::{Kind, Operation, aimed, each, found, operation, part, required};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    value::Value,
    world::{Group, GroupPatch, NewGroup, Scope, World},
};

const FIND: [Part; 1] = [part("partner_id", Kind::Int)];

const SEARCH: Part = part("search", Kind::Find("UserGroupFind", &FIND));

const CREATE: [Part; 6] = [
    required("partner_id", Kind::Int),
    required("name", Kind::Text),
    part("default_quotas", Kind::DefaultQuotas),
    part("default_for_partner", Kind::Bool),
    part("external_id", Kind::Text),
    part("enable_sync", Kind::Bool),
];

const UPDATE: [Part; 8] = [
    part("id", Kind::Int),
    SEARCH,
    part("name", Kind::Text),
    part("default_quotas", Kind::DefaultQuotas),
    part("default_for_partner", Kind::Bool),
    part("external_id", Kind::Text),
    part("details", Kind::KeyValues),
    part("enable_sync", Kind::Bool),
];

const AIM: [Part; 2] = [part("id", Kind::Int), SEARCH];

/// In the contract's order.
pub(in super::super) const OPERATIONS: [Operation; 4] = [
    operation("user_group", "Create", &CREATE, "long", create),
    operation("user_group", "Get", &AIM, "UserGroupResult", get),
    operation("user_group", "Update", &UPDATE, "int", update),
    operation("user_group", "Delete", &AIM, "int", delete),
];

fn create(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let new = NewGroup {
        name: args.need_text("name")?.to_owned(),
        default_quotas: args.quotas("default_quotas").unwrap_or_default(),
        default_for_partner: args.bool("default_for_partner").unwrap_or(false),
        external_id: args.owned("external_id"),
        enable_sync: args.bool("enable_sync"),
    };
    world.create_group(scope, args.need_int("partner_id")?, new).map(Value::Int)
}

fn find(world: &World, scope: Scope, args: &Args) -> Vec<i64> {
    world.find_groups(scope, args.int("id"), args.find_int("partner_id"))
}

fn get(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = find(world, scope, args);
    let groups = ids.iter().filter_map(|id| world.groups.get(id));
    found("UserGroupResult", "UserGroup", groups.map(encode).collect())
}

fn targets(world: &World, scope: Scope, args: &Args) -> Result<Vec<i64>, Fault> {
    aimed(args.int("id").is_some() || args.find_int("partner_id").is_some())?;
    Ok(find(world, scope, args))
}

fn update(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = targets(world, scope, args)?;
    let patch = GroupPatch {
        name: args.owned("name"),
        default_quotas: args.quotas("default_quotas"),
        default_for_partner: args.bool("default_for_partner").unwrap_or(false),
        external_id: args.owned("external_id"),
        details: args.details("details"),
        enable_sync: args.bool("enable_sync"),
    };
    each(world, &ids, "user group", |world, id| world.update_group(scope, *id, &patch))
}

fn delete(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = targets(world, scope, args)?;
    each(world, &ids, "user group", |world, id| world.delete_group(scope, *id))
}

fn encode(group: &Group) -> Value {
    let quota = |(kind, quota): (&String, &i64)| {
        Value::record("DefaultQuota", [("type", kind.as_str().into()), ("quota", (*quota).into())])
    };
    Value::record(
        "UserGroup",
        [
            ("id", group.id.into()),
            ("partner_id", group.partner_id.into()),
            ("name", group.name.as_str().into()),
            ("status", group.status.as_str().into()),
            ("external_id", group.external_id.clone().into()),
            ("default_quotas", Value::list("DefaultQuota", group.default_quotas.iter().map(quota))),
            ("enable_sync", group.enable_sync.into()),
        ],
    )
}
