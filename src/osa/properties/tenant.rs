//! What we say of a tenant: above all its usage, which is how it reaches billing.

use serde_json::{Value, json};

use super::known;
use crate::domain::Usage;
use crate::domain::snapshot::TenantNumbers;
use crate::osa::audit::{COUNTERS, counted};

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
    if let (Value::Object(all), Some(Value::Object(counters))) =
        (&mut properties, usage(numbers).map(counters))
    {
        all.extend(counters);
    }
    properties
}

/// The numbers last known. What has never been at Mozy uses nothing; what has been and was not looked at yet is not
/// said to use nothing.
fn usage(numbers: &TenantNumbers) -> Option<Usage> {
    let never_there = numbers.partner.is_none() && numbers.home_group.is_none();
    numbers.usage.or_else(|| never_there.then(Usage::default))
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
