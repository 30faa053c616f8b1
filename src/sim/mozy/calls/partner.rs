//! The service `partner`.

use super::{Kind, Operation, aimed, each, found, operation, part, required};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    switches::ExternalIdSearch,
    value::Value,
    world::{NewAdmin, NewPartner, Partner, PartnerFind, PartnerPatch, Scope, World},
};

const FIND: [Part; 4] = [
    part("id", Kind::Int),
    part("root_admin_username", Kind::Text),
    part("name", Kind::Text),
    part("external_id", Kind::Text),
];

const SEARCH: Part = part("search", Kind::Find("PartnerFind", &FIND));

const CREATE: [Part; 14] = [
    part("parent_partner_id", Kind::Int),
    required("name", Kind::Text),
    part("company_type", Kind::Text),
    part("subdomain", Kind::Text),
    part("root_role", Kind::Int),
    required("root_admin_username", Kind::Text),
    part("root_admin_password", Kind::Text),
    part("root_admin_full_name", Kind::Text),
    part("external_id", Kind::Text),
    part("root_admin_external_id", Kind::Text),
    part("details", Kind::KeyValues),
    part("root_admin_details", Kind::KeyValues),
    part("enable_sync", Kind::Bool),
    part("default_sync_quota", Kind::Int),
];

const UPDATE: [Part; 10] = [
    part("id", Kind::Int),
    SEARCH,
    part("name", Kind::Text),
    part("company_type", Kind::Text),
    part("subdomain", Kind::Text),
    part("root_role", Kind::Int),
    part("external_id", Kind::Text),
    part("details", Kind::KeyValues),
    part("enable_sync", Kind::Bool),
    part("default_sync_quota", Kind::Int),
];

const GET: [Part; 3] = [part("id", Kind::Int), SEARCH, part("details", Kind::Texts)];

/// In the contract's order.
pub(in super::super) const OPERATIONS: [Operation; 4] = [
    operation("partner", "Create", &CREATE, "long", create),
    operation("partner", "Get", &GET, "PartnerResult", get),
    operation("partner", "Update", &UPDATE, "int", update),
    operation("partner", "Delete", &[part("id", Kind::Int), SEARCH], "int", delete),
];

fn create(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let root_admin = NewAdmin {
        username: args.need_text("root_admin_username")?.to_owned(),
        full_name: args.owned("root_admin_full_name"),
        external_id: args.owned("root_admin_external_id"),
        details: args.details("root_admin_details"),
        ..NewAdmin::default()
    };
    let new = NewPartner { parent_id: args.int("parent_partner_id"), patch: patch(args), root_admin };
    world.create_partner(scope, new).map(Value::Int)
}

fn patch(args: &Args) -> PartnerPatch {
    PartnerPatch {
        name: args.owned("name"),
        company_type: args.owned("company_type"),
        subdomain: args.owned("subdomain"),
        root_role_id: args.int("root_role"),
        external_id: args.owned("external_id"),
        details: args.details("details"),
        enable_sync: args.bool("enable_sync"),
        default_sync_quota: args.int("default_sync_quota"),
    }
}

fn find(args: &Args) -> PartnerFind {
    let text = |field| args.find_text(field).map(str::to_owned);
    PartnerFind {
        id: args.int("id"),
        find_id: args.find_int("id"),
        root_admin_username: text("root_admin_username"),
        name: text("name"),
        external_id: text("external_id"),
    }
}

fn get(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_partners(scope, find(args))?;
    let partners = ids.iter().filter_map(|id| world.partners.get(id));
    found("PartnerResult", "Partner", partners.map(|partner| encode(world, partner)).collect())
}

/// The partners an Update or Delete is about; a criterion the server ignores is no aim.
fn targets(world: &World, scope: Scope, args: &Args) -> Result<Vec<i64>, Fault> {
    let mut find = find(args);
    if world.switches.external_id_search == ExternalIdSearch::Ignored {
        find.external_id = None;
    }
    aimed(find != PartnerFind::default())?;
    let ids = world.find_partners(scope, find)?;
    Ok(ids.into_iter().filter(|id| world.reaches(scope, *id)).collect())
}

fn update(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = targets(world, scope, args)?;
    let patch = patch(args);
    each(world, &ids, "partner", |world, id| world.update_partner(scope, *id, &patch))
}

fn delete(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = targets(world, scope, args)?;
    each(world, &ids, "partner", |world, id| match world.reaches(scope, *id) {
        true => world.delete_partner(scope, *id),
        false => Ok(()), // went with its parent a moment ago
    })
}

fn encode(world: &World, partner: &Partner) -> Value {
    let admin = world.admins.get(&partner.root_admin_id);
    let status = if partner.deleted_at.is_some() { "deleted" } else { partner.status.as_str() };
    Value::record(
        "Partner",
        [
            ("id", partner.id.into()),
            ("name", partner.name.as_str().into()),
            ("status", status.into()),
            ("external_id", partner.external_id.clone().into()),
            ("subdomain", partner.subdomain.clone().into()),
            ("parent_partner_id", partner.parent_id.into()),
            ("root_role_id", partner.root_role_id.into()),
            ("default_user_group_id", partner.default_group_id.into()),
            ("root_admin", admin.map(|admin| super::admin::encode(admin, false)).into()),
            ("enable_sync", partner.enable_sync.into()),
            ("default_sync_quota", partner.default_sync_quota.into()),
        ],
    )
}
