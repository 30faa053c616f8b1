//! Reseller's view: per customer desktop and server quota and keys, used, total, percent.

use mozyd::lab::http;
use serde_json::Value;

use super::scene::*;

/// Guide, "Reseller view".
pub async fn play(scene: &Scene<'_>) {
    let mut reseller = scene.reseller();
    reseller.order(plan((20, 400), (10, 200))).await;
    let mut customer = scene.customer_of(&reseller);
    customer.order(plan((4, 40), (1, 15))).await;
    let mut other = scene.customer_of(&reseller);
    other.order(plan((7, 70), (2, 25))).await;
    let user = customer.user("ann").await;
    customer.desktop(&user, 10).await;
    customer.bills_desktop(1, 10).await;
    let mark = reseller.mark();
    for name in [reseller.tenant.to_string(), reseller.number()] {
        let path = format!("/api/v1/resellers/{name}/customers");
        let answer = http::get(scene.lab.mozyd().admin(), &path).await.unwrap();
        let rows: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(rows.len(), 2, "{rows:?}");
        let mine = rows.iter().find(|row| row.to_string().contains(&customer.tenant.to_string())).unwrap();
        let mut numbers = Vec::new();
        leaves(mine, &mut numbers);
        // 1 of 4 keys and 10 of 40 GB, 25 percent of each; 0 of 15 GB and of 1 key for servers.
        for number in [1.0, 4.0, 10.0, 40.0, 25.0, 15.0, 0.0] {
            assert!(numbers.contains(&number), "{number} is not in {mine}");
        }
    }
    mark.writes(&reseller, &[]);
    reseller.quiet().await;
}

fn leaves(value: &Value, numbers: &mut Vec<f64>) {
    match value {
        Value::Number(number) => numbers.extend(number.as_f64()),
        Value::Array(all) => all.iter().for_each(|one| leaves(one, numbers)),
        Value::Object(all) => all.values().for_each(|one| leaves(one, numbers)),
        _ => {}
    }
}
