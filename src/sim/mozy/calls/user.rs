//! The service `user`.

use super::{Kind, Operation, aimed, details, each, found, operation, part, required};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    value::Value,
    world::{NewUser, Scope, User, UserFind, UserPatch, World},
};

const FIND: [Part; 2] = [part("user_group_id", Kind::Int), part("username", Kind::Text)];

const SEARCH: Part = part("search", Kind::Find("UserFind", &FIND));

const CREATE: [Part; 7] = [
    required("user_group_id", Kind::Int),
    required("username", Kind::Text),
    part("password", Kind::Text),
    part("full_name", Kind::Text),
    part("details", Kind::KeyValues),
    part("external_id", Kind::Text),
    part("enable_sync", Kind::Bool),
];

const UPDATE: [Part; 9] = [
    part("id", Kind::Int),
    SEARCH,
    part("user_group_id", Kind::Int),
    part("username", Kind::Text),
    part("password", Kind::Text),
    part("full_name", Kind::Text),
    part("details", Kind::KeyValues),
    part("external_id", Kind::Text),
    part("enable_sync", Kind::Bool),
];

const GET: [Part; 3] = [part("id", Kind::Int), SEARCH, part("details", Kind::Texts)];

/// In the contract's order.
pub(in super::super) const OPERATIONS: [Operation; 4] = [
    operation("user", "Create", &CREATE, "long", create),
    operation("user", "Get", &GET, "UserResult", get),
    operation("user", "Update", &UPDATE, "int", update),
    operation("user", "Delete", &[required("id", Kind::Int)], "int", delete),
];

fn create(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let new = NewUser {
        group_id: args.need_int("user_group_id")?,
        username: args.need_text("username")?.to_owned(),
        full_name: args.owned("full_name"),
        details: args.details("details"),
        external_id: args.owned("external_id"),
        enable_sync: args.bool("enable_sync").unwrap_or(false),
    };
    world.create_user(scope, new).map(Value::Int)
}

fn find<'a>(args: &Args<'a>) -> UserFind<'a> {
    UserFind {
        id: args.int("id"),
        group_id: args.find_int("user_group_id"),
        username: args.find_text("username"),
    }
}

fn get(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_users(scope, &find(args));
    let wants_login = args.asks_for("details", "login_href");
    let users = ids.iter().filter_map(|id| world.users.get(id));
    found("UserResult", "User", users.map(|user| encode(user, wants_login)).collect())
}

fn update(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let find = find(args);
    aimed(find.id.is_some() || find.group_id.is_some() || find.username.is_some())?;
    let patch = UserPatch {
        group_id: args.int("user_group_id"),
        username: args.owned("username"),
        full_name: args.owned("full_name"),
        details: args.details("details"),
        external_id: args.owned("external_id"),
        enable_sync: args.bool("enable_sync"),
    };
    let ids = world.find_users(scope, &find);
    each(world, &ids, "user", |world, id| world.update_user(scope, *id, &patch))
}

fn delete(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_users(scope, &UserFind { id: args.int("id"), ..UserFind::default() });
    each(world, &ids, "user", |world, id| world.delete_user(scope, *id))
}

fn encode(user: &User, wants_login: bool) -> Value {
    Value::record(
        "User",
        [
            ("id", user.id.into()),
            ("user_group_id", user.group_id.into()),
            ("username", user.username.as_str().into()),
            ("full_name", user.full_name.clone().into()),
            ("status", user.status.as_str().into()),
            ("external_id", user.external_id.clone().into()),
            ("enable_sync", user.enable_sync.into()),
            ("details", details(&user.details, wants_login)),
        ],
    )
}
