//! `forget`: our records of a subscription go; nothing at Mozy is touched.

use super::context;
use super::style::print;
use super::{Arguments, Exit, Output, args, who};
use crate::store::Forgotten;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

/// Forgets a subscription, and keeps who wanted it and why.
pub fn forget(arguments: &Arguments, which: &args::Forget) -> Result<Exit> {
    let name = &which.subscription;
    ensure!(
        !which.reason.trim().is_empty(),
        "forgetting needs a reason: it is all that is left to be read later"
    );
    context::with(&arguments.config, async |context| {
        let id = context.find(name).await?;
        let forgotten = context.store.forget(id, &who::by(&which.reason)).await;
        if let Some(why) = why_not(forgotten.with_context(|| format!("forgetting subscription {name}"))?) {
            bail!("subscription {name} was not forgotten: {why}");
        }
        print(&match arguments.output {
            Output::Json => format!("{}\n", json!({"forgotten": id})),
            Output::Text => {
                format!(
                    "subscription {name} ({id}) is forgotten; whatever Mozy still has of it stays and is billed\n"
                )
            }
        })?;
        Ok(Exit::Done)
    })
}

fn why_not(forgotten: Forgotten) -> Option<String> {
    Some(match forgotten {
        Forgotten::Done => return None,
        Forgotten::Unknown => "it is not known".into(),
        Forgotten::Busy => "a daemon is at work on it now; `mozyd pause` it, or try again".into(),
        Forgotten::InDoubt => "a step of it is in doubt; `mozyd doubts` says what will decide it".into(),
        Forgotten::HasCustomers(number) => {
            format!("{number} customers of this reseller live in its partner; forget them first")
        }
        Forgotten::ResellerGoes => {
            "its reseller is being removed, and his partner would then be deleted at Mozy with all that is in it".into()
        }
    })
}
