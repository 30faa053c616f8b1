//! What we say of a tenant: above all its usage, which is how it reaches billing.

use serde_json::{Value, json};

use super::known;
use crate::domain::Usage;
use crate::domain::snapshot::TenantNumbers;
use crate::osa::audit::{COUNTERS, counted};

/// What OSA alone wishes for.
pub(super) const WISHED: &[&str] = &["groupview"];

/// The properties of a tenant.
pub fn properties(numbers: &TenantNumbers) -> Value {
    let mut properties = known(json!({
        "partnerId": numbers.partner,
        "user_group_id": numbers.home_group,
        "userName": numbers.admin_email,
        "userFullName": numbers.admin_name,
        "companyName": numbers.company,
        "accountType": account_type(&numbers.model),
        "partnerStatus": if numbers.works { "ready" } else { "disabled" },
        "groupview": numbers.groups_tab,
    }));
    // The numbers last known. What was never looked at is not at Mozy, or was made there just now: it uses nothing.
    let counters = counters(numbers.usage.unwrap_or_default());
    if let (Value::Object(all), Value::Object(counters)) = (&mut properties, counters) {
        all.extend(counters);
    }
    properties
}

fn counters(usage: Usage) -> Value {
    let used =
        COUNTERS.iter().zip(counted(&usage)).map(|(name, n)| ((*name).to_owned(), json!({"usage": n})));
    Value::Object(used.collect())
}

fn account_type(model: &str) -> Option<&'static str> {
    match model {
        "direct" => Some("C"),
        "reseller" => Some("R"),
        "customer" => Some("CR"),
        _ => None,
    }
}
