//! The service `resource`, as far as it is about stock; `license` has the rest.

use super::{Kind, Operation, license, operation, part, required, result_of, rows};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    switches::{ExtraTypes, UnprovisionedTypes},
    value::Value,
    world::{Amount, LicenseType, Scope, Stock, World},
};

const POOL: [Part; 5] = [
    part("partner_id", Kind::Int),
    part("user_group_id", Kind::Int),
    required("license_type", Kind::Text),
    required("licenses", Kind::Int),
    required("quota", Kind::Int),
];

const TRANSFER: [Part; 7] = [
    part("source_partner_id", Kind::Int),
    part("source_user_group_id", Kind::Int),
    part("target_partner_id", Kind::Int),
    part("target_user_group_id", Kind::Int),
    required("license_type", Kind::Text),
    required("licenses", Kind::Int),
    required("quota", Kind::Int),
];

const GET_RESOURCES: [Part; 2] = [part("partner_id", Kind::Int), part("user_group_id", Kind::Int)];

/// In the contract's order.
pub(in super::super) const OPERATIONS: [Operation; 6] = [
    operation("resource", "Provision", &POOL, "LicenseResult", provision),
    operation("resource", "Release", &POOL, "int", release),
    operation("resource", "Transfer", &TRANSFER, "int", transfer),
    operation("resource", "GetResources", &GET_RESOURCES, "ArrayOfResource", get_resources),
    operation("resource", "GetLicenses", &license::GET, "LicenseResult", license::get),
    operation("resource", "UpdateLicenses", &license::UPDATE, "int", license::update),
];

fn amount(args: &Args) -> Result<Amount, Fault> {
    Ok(Amount {
        license_type: LicenseType::parse(args.need_text("license_type")?)?,
        licenses: args.need_int("licenses")?,
        quota: args.need_int("quota")?,
    })
}

fn pool(world: &World, scope: Scope, args: &Args) -> Result<i64, Fault> {
    world.pool(scope, args.int("partner_id"), args.int("user_group_id"))
}

fn provision(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let group = pool(world, scope, args)?;
    let keys = world.provision(group, amount(args)?)?;
    let licenses = keys.iter().filter_map(|key| world.licenses.get(key)).map(license::encode);
    Ok(result_of("LicenseResult", "License", licenses.collect()))
}

fn release(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let group = pool(world, scope, args)?;
    let amount = amount(args)?;
    world.release(group, amount)?;
    Ok(rows(world, amount.licenses))
}

fn transfer(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let from = world.pool(scope, args.int("source_partner_id"), args.int("source_user_group_id"))?;
    let to = world.pool(scope, args.int("target_partner_id"), args.int("target_user_group_id"))?;
    let amount = amount(args)?;
    world.transfer(from, to, amount)?;
    Ok(rows(world, amount.licenses))
}

fn get_resources(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let group = pool(world, scope, args)?;
    let partner = world.groups.get(&group).map_or(scope.0, |group| group.partner_id);
    let stock = |of| match args.int("user_group_id") {
        Some(group) => world.stock(group, of),
        None => world.partner_stock(partner, of),
    };
    let leaves_out = world.switches.unprovisioned_types == UnprovisionedTypes::LeftOut;
    let shown = |stock: &Stock| !leaves_out || *stock != Stock::default();
    let types = LicenseType::ALL.into_iter().map(|of| (of.as_str(), stock(of)));
    let mut all: Vec<Value> = types.filter(|(_, s)| shown(s)).map(|(of, s)| encode(of, &s)).collect();
    if world.switches.extra_types == ExtraTypes::GrandFathered {
        all.insert(0, encode("GrandFathered", &Stock { licenses: 3, quota: 30, ..Stock::default() }));
    }
    Ok(Value::list("Resource", all))
}

fn encode(license_type: &str, stock: &Stock) -> Value {
    Value::record(
        "Resource",
        [
            ("license_type", license_type.into()),
            ("licenses", stock.licenses.into()),
            ("licenses_reserved", stock.licenses_reserved.into()),
            ("licenses_used", stock.licenses_used.into()),
            ("quota", stock.quota.into()),
            ("quota_distributed", stock.quota_distributed.into()),
            ("quota_used_bytes", stock.quota_used_bytes.into()),
        ],
    )
}
