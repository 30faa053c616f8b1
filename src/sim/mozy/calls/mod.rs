//! The operations of contract section 2: arguments in, world changed or read, answer out. One file per service.

pub(super) mod admin;
pub(super) mod email;
pub(super) mod group;
pub(super) mod license;
pub(super) mod machine;
pub(super) mod partner;
pub(super) mod resource;
pub(super) mod user;

use super::{
    fault::Fault,
    operation::{Kind, Operation, Part, Run, part, required},
    switches::{MissingUpdate, UpdateReturn},
    value::Value,
    world::{Details, World},
};

const fn operation(
    service: &'static str,
    method: &'static str,
    parts: &'static [Part],
    returns: &'static str,
    run: Run,
) -> Operation {
    let writes = !matches!(method.as_bytes(), [b'G', b'e', b't', ..]);
    Operation { service, method, parts, returns, writes, run }
}

/// `{size, results[]}`; nothing found is a fault.
fn found(result: &'static str, of: &'static str, items: Vec<Value>) -> Result<Value, Fault> {
    if items.is_empty() {
        return Err(Fault::missing(&format!("any {of}")));
    }
    Ok(result_of(result, of, items))
}

/// `{size, results[]}`, also when nothing was found.
fn result_of(result: &'static str, of: &'static str, items: Vec<Value>) -> Value {
    let size = items.len() as i64;
    Value::record(result, [("size", size.into()), ("results", Value::list(of, items))])
}

/// What Update, Delete, Release and Transfer return (switch).
fn rows(world: &World, count: i64) -> Value {
    match world.switches.update_return {
        UpdateReturn::RowsChanged => Value::Int(count),
        UpdateReturn::Nothing => Value::Nil,
    }
}

/// That an Update or Delete says what it is about.
fn aimed(has_aim: bool) -> Result<(), Fault> {
    if has_aim { Ok(()) } else { Err(Fault::invalid("neither id nor search is given")) }
}

/// Changes each that was found; none is a fault or 0 (switch).
fn each<T>(
    world: &mut World,
    ids: &[T],
    what: &str,
    mut change: impl FnMut(&mut World, &T) -> Result<(), Fault>,
) -> Result<Value, Fault> {
    if ids.is_empty() && world.switches.missing_update == MissingUpdate::Faults {
        return Err(Fault::missing(what));
    }
    ids.iter().try_for_each(|id| change(world, id))?;
    Ok(rows(world, ids.len() as i64))
}

/// Stored details, after a one-time sign-on link where one was asked for.
fn details(stored: &Details, wants_login: bool) -> Value {
    let token = wants_login.then(|| uuid::Uuid::new_v4().simple().to_string());
    let href = token.map(|token| format!("https://sso.mozy.example/login?token={token}"));
    let login = href.as_deref().map(|href| ("login_href", href));
    Value::details(login.into_iter().chain(stored.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
}
