//! The service `machine`.

use super::{Kind, Operation, aimed, each, found, operation, part, required};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    value::Value,
    world::{Machine, MachineFind, MachinePatch, NewMachine, Scope, Status, World},
};

const FIND: [Part; 2] = [part("user_id", Kind::Int), part("alias", Kind::Text)];

const SEARCH: Part = part("search", Kind::Find("MachineFind", &FIND));

const CREATE: [Part; 7] = [
    required("user_id", Kind::Int),
    part("keystring", Kind::Text),
    part("alias", Kind::Text),
    part("external_id", Kind::Text),
    part("quota_desired", Kind::Int),
    part("region", Kind::Text),
    part("machine_hash", Kind::Text),
];

const UPDATE: [Part; 7] = [
    part("id", Kind::Int),
    SEARCH,
    part("quota", Kind::Int),
    part("status", Kind::Text),
    part("source_machine_id", Kind::Int),
    part("external_id", Kind::Text),
    part("details", Kind::KeyValues),
];

/// In the contract's order.
pub(in super::super) const OPERATIONS: [Operation; 4] = [
    operation("machine", "Create", &CREATE, "long", create),
    operation("machine", "Get", &[part("id", Kind::Int), SEARCH], "MachineResult", get),
    operation("machine", "Update", &UPDATE, "int", update),
    operation("machine", "Delete", &[required("id", Kind::Int)], "int", delete),
];

fn create(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let new = NewMachine {
        user_id: args.need_int("user_id")?,
        keystring: args.owned("keystring"),
        alias: args.owned("alias"),
        external_id: args.owned("external_id"),
        quota_desired: args.int("quota_desired"),
        region: args.owned("region"),
        machine_hash: args.owned("machine_hash"),
    };
    world.create_machine(scope, new).map(Value::Int)
}

fn find<'a>(args: &Args<'a>) -> MachineFind<'a> {
    MachineFind { id: args.int("id"), user_id: args.find_int("user_id"), alias: args.find_text("alias") }
}

fn get(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_machines(scope, &find(args));
    let machines = ids.iter().filter_map(|id| world.machines.get(id));
    found("MachineResult", "Machine", machines.map(encode).collect())
}

fn update(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let find = find(args);
    aimed(find.id.is_some() || find.user_id.is_some() || find.alias.is_some())?;
    let patch = MachinePatch {
        quota: args.int("quota"),
        status: args.text("status").map(status).transpose()?,
        source_machine_id: args.int("source_machine_id"),
        external_id: args.owned("external_id"),
        details: args.details("details"),
    };
    let ids = world.find_machines(scope, &find);
    each(world, &ids, "machine", |world, id| world.update_machine(scope, *id, &patch))
}

fn status(text: &str) -> Result<Status, Fault> {
    match text {
        "active" => Ok(Status::Active),
        "suspended" => Ok(Status::Suspended),
        _ => Err(Fault::invalid("there is no such status of a machine")),
    }
}

fn delete(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let ids = world.find_machines(scope, &MachineFind { id: args.int("id"), ..MachineFind::default() });
    each(world, &ids, "machine", |world, id| world.delete_machine(scope, *id))
}

fn encode(machine: &Machine) -> Value {
    Value::record(
        "Machine",
        [
            ("id", machine.id.into()),
            ("user_id", machine.user_id.into()),
            ("status", machine.status.as_str().into()),
            ("alias", machine.alias.clone().into()),
            ("external_id", machine.external_id.clone().into()),
            ("keystring", machine.keystring.map(|key| key.to_string()).into()),
            ("quota", machine.quota.into()),
            ("quota_used_bytes", machine.used_bytes.into()),
            ("last_backup_at", machine.last_backup_at.into()),
        ],
    )
}
