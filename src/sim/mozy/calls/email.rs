//! The service `email`.

use super::{Kind, Operation, operation, part, required};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    operation::Part,
    value::Value,
    world::{Letter, Scope, World},
};

const DELIVER: [Part; 5] = [
    required("template", Kind::Text),
    part("user_id", Kind::Int),
    part("admin_id", Kind::Int),
    part("email", Kind::Text),
    part("language", Kind::Text),
];

/// Only one.
pub(in super::super) const OPERATIONS: [Operation; 1] =
    [operation("email", "Deliver", &DELIVER, "boolean", deliver)];

fn deliver(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let letter = Letter {
        template: args.need_text("template")?.to_owned(),
        user_id: args.int("user_id"),
        admin_id: args.int("admin_id"),
        email: args.owned("email"),
        language: args.owned("language"),
    };
    world.deliver(scope, letter)?;
    Ok(Value::Bool(true))
}
