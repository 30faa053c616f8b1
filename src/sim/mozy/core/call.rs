//! One call: drawn faults, the key, binding, the work, and the entry in the books.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{
    Change, Core,
    log::{CallEntry, Outcome},
};
use crate::sim::mozy::{
    args::Args,
    bind::{bind, deviation},
    calls,
    disturb::{Disturbance, FaultKind},
    fault::{Cause, Fault},
    keystring::Keystring,
    operation::Operation,
    value::{Parts, Value},
    world::{Scope, World},
};

/// What came of a call, and how its answer is to be disturbed.
pub(in super::super) struct Exchange {
    /// What the call came to; nothing if it did not get that far.
    pub result: Option<Result<Value, Fault>>,
    pub disturbance: Disturbance,
}

impl Exchange {
    /// What a caller in process sees; latency and slow drips are for sockets only.
    pub fn into_result(self) -> Result<Value, Fault> {
        match (self.disturbance.line, self.result) {
            (None | Some(FaultKind::SlowDrip { .. }), Some(result)) => result,
            (Some(kind), _) => Err(Fault::new(Cause::Disturbed(kind), format!("disturbed: {kind:?}"))),
            (None, None) => Err(Fault::new(Cause::BadKey, "the call was not made")),
        }
    }
}

impl Core {
    /// One call with an api key. `note_deviation`: whether the parts are what section 1 promises.
    pub fn perform(
        &mut self,
        api_key: &str,
        operation: &'static Operation,
        parts: Parts,
        note_deviation: bool,
    ) -> Exchange {
        self.catch_up();
        let disturbance = self.rules.draw(operation);
        let deviation = note_deviation.then(|| deviation(operation, &parts)).flatten();
        let logged = if self.books.wants_parts() { parts.clone() } else { Parts::new() };
        let result = match disturbance.line {
            Some(FaultKind::LateCommit { ms }) => {
                self.postpone(api_key, operation, parts, ms);
                None
            }
            Some(kind) if !kind.lets_it_happen() => None,
            _ => Some(self.execute(api_key, operation, parts, disturbance)),
        };
        let outcome = Outcome::of(result.as_ref(), disturbance.line);
        let committed = operation.writes && matches!(result, Some(Ok(_)));
        let entry = CallEntry::new(self.world.now, operation, logged, outcome);
        let entry = CallEntry { committed, disturbed: disturbance.line, ..entry };
        self.books.called(operation, deviation, entry);
        Exchange { result, disturbance }
    }

    fn execute(
        &mut self,
        api_key: &str,
        operation: &'static Operation,
        parts: Parts,
        disturbance: Disturbance,
    ) -> Result<Value, Fault> {
        let (scope, values) = self.admit(api_key, operation, parts)?;
        if disturbance.key_taken && operation.writes {
            let keys = calls::license::targets(&self.world, scope, &Args::new(operation.parts, &values))?;
            self.apply(self.world.now, Change::Take(keys))?;
        }
        if operation.writes {
            let change = Change::Call { scope, operation, values };
            return self.apply(self.world.now, change);
        }
        let world = self.view(disturbance.stale_ms);
        let answer = (operation.run)(world, scope, &Args::new(operation.parts, &values))?;
        if disturbance.key_taken {
            let first = answer.results().into_iter().find_map(free_key);
            self.apply(self.world.now, Change::Take(first.into_iter().collect()))?;
        }
        Ok(answer)
    }

    fn admit(
        &self,
        api_key: &str,
        operation: &'static Operation,
        parts: Parts,
    ) -> Result<(Scope, Arc<[Value]>), Fault> {
        let scope = self.scope_of(api_key);
        let scope = scope.ok_or_else(|| Fault::new(Cause::BadKey, "the api key is not valid"))?;
        Ok((scope, bind(operation, parts, self.world.switches.argument_binding)?.into()))
    }

    /// The call's work is done later; a read or a senseless call has none.
    fn postpone(&mut self, api_key: &str, operation: &'static Operation, parts: Parts, ms: u64) {
        if let (true, Ok((scope, values))) = (operation.writes, self.admit(api_key, operation, parts)) {
            let wait = TimeDelta::milliseconds(i64::try_from(ms.min(86_400_000)).unwrap_or(0));
            let change = Change::Call { scope, operation, values };
            self.late.entry(self.world.now + wait).or_default().push(change);
        }
    }

    /// The world as a read sees it.
    fn view(&mut self, stale_ms: Option<u64>) -> &mut World {
        let lag = stale_ms.or(self.read_lag());
        match lag.and_then(|lag| self.replicas.get_mut(&lag)) {
            Some(replica) => &mut replica.world,
            None => &mut self.world,
        }
    }
}

fn free_key(license: &Value) -> Option<Keystring> {
    let is_free =
        ["machine_id", "assigned_email_address"].iter().all(|name| license.get(name) == Some(&Value::Nil));
    license.get("keystring").and_then(Value::text).filter(|_| is_free)?.parse().ok()
}
