//! The service `admin`.

use super::{Kind, Operation, details, each, found, operation, part, required};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    value::Value,
    world::{Admin, NewAdmin, Scope, World},
};

const FIND: [Part; 1] = [part("username", Kind::Text)];

const CREATE: [Part; 7] = [
    part("parent_admin_id", Kind::Int),
    required("username", Kind::Text),
    part("password", Kind::Text),
    part("full_name", Kind::Text),
    part("external_id", Kind::Text),
    part("roles", Kind::Ints),
    part("user_groups", Kind::Ints),
];

const GET: [Part; 3] =
    [part("id", Kind::Int), part("search", Kind::Find("AdminFind", &FIND)), part("details", Kind::Texts)];

/// In the contract's order.
pub(in super::super) const OPERATIONS: [Operation; 3] = [
    operation("admin", "Create", &CREATE, "long", create),
    operation("admin", "Get", &GET, "AdminResult", get),
    operation("admin", "Delete", &[required("id", Kind::Int)], "int", delete),
];

fn create(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let new = NewAdmin {
        username: args.need_text("username")?.to_owned(),
        full_name: args.owned("full_name"),
        external_id: args.owned("external_id"),
        roles: args.ints("roles"),
        user_groups: args.ints("user_groups"),
        ..NewAdmin::default()
    };
    world.create_admin(scope, args.int("parent_admin_id"), new).map(Value::Int)
}

fn get(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_admins(scope, args.int("id"), args.find_text("username"));
    let wants_login = args.asks_for("details", "login_href");
    let admins = ids.iter().filter_map(|id| world.admins.get(id));
    found("AdminResult", "Admin", admins.map(|admin| encode(admin, wants_login)).collect())
}

fn delete(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_admins(scope, args.int("id"), None);
    each(world, &ids, "admin", |world, id| world.delete_admin(scope, *id))
}

pub(super) fn encode(admin: &Admin, wants_login: bool) -> Value {
    let ints = |ids: &[i64]| Value::list("long", ids.iter().map(|id| Value::Int(*id)));
    Value::record(
        "Admin",
        [
            ("id", admin.id.into()),
            ("partner_id", admin.partner_id.into()),
            ("parent_admin_id", admin.parent_admin_id.into()),
            ("username", admin.username.as_str().into()),
            ("full_name", admin.full_name.clone().into()),
            ("external_id", admin.external_id.clone().into()),
            ("user_groups", ints(&admin.user_groups)),
            ("roles", ints(&admin.roles)),
            ("details", details(&admin.details, wants_login)),
        ],
    )
}
