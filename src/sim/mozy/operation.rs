//! The table of operations: service, method, parts in wire order (contract section 2).

use super::{
    args::Args,
    calls,
    fault::Fault,
    value::Value,
    world::{Scope, World},
};

/// What one part of a call, or one field of a search, holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Int,
    Text,
    Bool,
    Time,
    Ints,
    Texts,
    KeyValues,
    DefaultQuotas,
    /// A struct of that name with these fields.
    Find(&'static str, &'static [Part]),
}

/// One part: its name and kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub name: &'static str,
    pub kind: Kind,
    /// nil is a fault.
    pub required: bool,
}

impl Part {
    /// A part that holds a secret: never logged, and left out of the envelope when not set.
    pub fn is_secret(&self) -> bool {
        self.name.ends_with("password")
    }
}

/// A part that may be nil.
pub(super) const fn part(name: &'static str, kind: Kind) -> Part {
    Part { name, kind, required: false }
}

/// A part that may not be nil.
pub(super) const fn required(name: &'static str, kind: Kind) -> Part {
    Part { name, kind, required: true }
}

/// What a call does to the world.
pub(super) type Run = fn(&mut World, Scope, &Args) -> Result<Value, Fault>;

/// One operation of one service.
pub(super) struct Operation {
    pub service: &'static str,
    pub method: &'static str,
    /// After `api_key`, in wire order.
    pub parts: &'static [Part],
    /// What the answer's `return` is, for the WSDL.
    pub returns: &'static str,
    /// Whether it may change something.
    pub writes: bool,
    pub run: Run,
}

/// The services in the contract's order.
pub(super) const SERVICES: [&[Operation]; 7] = [
    &calls::partner::OPERATIONS,
    &calls::group::OPERATIONS,
    &calls::admin::OPERATIONS,
    &calls::user::OPERATIONS,
    &calls::resource::OPERATIONS,
    &calls::machine::OPERATIONS,
    &calls::email::OPERATIONS,
];

impl Operation {
    /// The operation `service.Method`.
    pub fn find(name: &str) -> Result<&'static Operation, Fault> {
        let (service, method) = name.split_once('.').unwrap_or((name, ""));
        let operations = service_operations(service).unwrap_or_default();
        let found = operations.iter().find(|operation| operation.method == method);
        found.ok_or_else(|| Fault::invalid(format!("there is no operation {name}")))
    }

    /// Whether `service.Method` names it.
    pub fn is_named(&self, name: &str) -> bool {
        name.split_once('.') == Some((self.service, self.method))
    }

    /// `service.Method`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.service, self.method)
    }
}

/// The operations of one service.
pub(super) fn service_operations(service: &str) -> Option<&'static [Operation]> {
    SERVICES.into_iter().find(|operations| operations.iter().all(|operation| operation.service == service))
}
