//! A change of the world as a value, so that a lagging copy can make it again and a late commit can wait.

use std::sync::Arc;

use serde::Deserialize;

use crate::sim::mozy::{
    args::Args,
    fault::{Cause, Fault},
    keystring::Keystring,
    operation::Operation,
    value::Value,
    world::{LicensePatch, NewMachine, Scope, UserFind, World},
};

/// Who takes keys in between.
const OTHER_PICKER: &str = "another.picker@elsewhere.example";

/// A client activates a key: the user it is reserved for, unless another is named (needed for a free key).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Activation {
    pub keystring: String,
    #[serde(default)]
    pub user_id: Option<i64>,
    #[serde(default)]
    pub alias: Option<String>,
}

/// Everything that changes a world.
#[derive(Clone)]
pub(in super::super) enum Change {
    /// An operation with its bound arguments.
    Call { scope: Scope, operation: &'static Operation, values: Arc<[Value]> },
    /// A key gets a machine.
    Activate(Activation),
    /// A machine holds so many bytes.
    BackUp { machine_id: i64, bytes: i64 },
    /// Another picker takes those of these keys that are free.
    Take(Vec<Keystring>),
}

impl Change {
    pub fn apply(&self, world: &mut World) -> Result<Value, Fault> {
        match self {
            Change::Call { scope, operation, values } => {
                (operation.run)(world, *scope, &Args::new(operation.parts, values))
            }
            Change::Activate(activation) => activate(world, activation),
            Change::BackUp { machine_id, bytes } => world.back_up(*machine_id, *bytes).map(|()| Value::Nil),
            Change::Take(keys) => take(world, keys),
        }
    }
}

fn activate(world: &mut World, activation: &Activation) -> Result<Value, Fault> {
    let keystring: Keystring = activation.keystring.parse()?;
    let license = world.licenses.get(&keystring).ok_or_else(|| Fault::missing("license key"))?;
    let partner_id = world.groups.get(&license.group_id).map_or(0, |group| group.partner_id);
    let email = license.email.as_deref();
    let find = UserFind { username: Some(email.unwrap_or_default()), ..UserFind::default() };
    let user_id = activation.user_id.or_else(|| world.find_users(Scope(partner_id), &find).first().copied());
    let user_id = user_id.ok_or_else(|| Fault::new(Cause::NotFound, "no user has the e-mail of that key"))?;
    let alias =
        activation.alias.clone().or_else(|| Some(format!("machine of {}", email.unwrap_or("nobody"))));
    let keystring = Some(activation.keystring.clone());
    let machine = NewMachine { user_id, keystring, alias, ..NewMachine::default() };
    world.create_machine(Scope(partner_id), machine).map(Value::Int)
}

fn take(world: &mut World, keys: &[Keystring]) -> Result<Value, Fault> {
    let is_free = |key: &&Keystring| world.licenses.get(key).is_some_and(|license| license.is_free());
    let free: Vec<Keystring> = keys.iter().filter(is_free).copied().collect();
    let patch = LicensePatch { email: Some(OTHER_PICKER.to_owned()), ..LicensePatch::default() };
    for key in free {
        let group = world.licenses.get(&key).and_then(|license| world.groups.get(&license.group_id));
        let Some(scope) = group.map(|group| Scope(group.partner_id)) else { continue };
        world.update_licenses(scope, &[key], &patch)?;
    }
    Ok(Value::Nil)
}
