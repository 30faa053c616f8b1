//! The panel: what is made at Mozy while a person waits; every wait is bounded by `mozy.timeout`.

use super::live::Live;
use super::vendors::{Vendors, lacks_credentials};
use crate::domain::subscription::Model;
use crate::domain::{InstanceId, SubscriptionId, Thing, UserId};
use crate::ports::panel::{Panel, PanelError};
use crate::ports::{Vendor, VendorError};
use crate::store::{Freshness, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often it is looked whether the numbers are fresh: whichever daemon reads them, the database knows.
const LOOK: Duration = Duration::from_millis(100);

/// The panel of this daemon.
#[derive(Clone)]
pub struct ControlPanel {
    /// The store.
    pub store: Store,
    /// Mozy.
    pub vendors: Arc<Vendors>,
    /// The configuration, as it is now.
    pub live: Live,
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PanelError {
    PanelError::Unavailable(error.into())
}

fn unreachable(error: VendorError) -> PanelError {
    PanelError::VendorUnreachable(error.to_string())
}

fn no_vendor(error: anyhow::Error) -> PanelError {
    match lacks_credentials(&error) {
        true => PanelError::VendorUnreachable(format!("{error:#}")),
        false => unavailable(error),
    }
}

fn late(what: &str, patience: Duration) -> PanelError {
    unreachable(VendorError::Unreachable(format!("{what} within {} s", patience.as_secs())))
}

impl ControlPanel {
    /// `mozy.timeout`.
    fn patience(&self) -> Duration {
        self.live.now().mozy.timeout
    }

    async fn bounded<T>(&self, ask: impl Future<Output = Result<T, PanelError>>) -> Result<T, PanelError> {
        let patience = self.patience();
        timeout(patience, ask).await.unwrap_or_else(|_| Err(late("no answer", patience)))
    }

    async fn vendor(&self, instance: InstanceId) -> Result<crate::mozy::Mozy, PanelError> {
        self.vendors.of(instance).await.map_err(no_vendor)
    }
}

impl Panel for ControlPanel {
    async fn refresh(&self, id: SubscriptionId) -> Result<(), PanelError> {
        let mark = self.store.refresh(id).await.map_err(unavailable)?;
        let Some(mark) = mark else { return Err(PanelError::NotFound(format!("subscription {id}"))) };
        let patience = self.patience();
        let deadline = Instant::now() + patience;
        loop {
            match self.store.freshness(id, mark).await.map_err(unavailable)? {
                Freshness::Fresh => return Ok(()),
                Freshness::Failed(why) => return Err(PanelError::VendorUnreachable(why)),
                Freshness::Pending(_) if Instant::now() >= deadline => {
                    return Err(late("no fresh numbers", patience));
                }
                Freshness::Pending(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    async fn admin_link(&self, id: SubscriptionId) -> Result<String, PanelError> {
        let name = || format!("subscription {id}");
        let snapshot = self.store.snapshot(id).await.map_err(unavailable)?;
        let subscription = snapshot.ok_or_else(|| PanelError::NotFound(name()))?.desired.subscription;
        // He would get his reseller's, with all the reseller's other customers in it.
        if matches!(subscription.model, Model::Customer(_)) {
            let why = "a reseller's customer has no control panel of his own at Mozy; ask the reseller";
            return Err(PanelError::NoControlPanel(why.into()));
        }
        let Some(partner) = subscription.partner else { return Err(PanelError::NotProvisioned(name())) };
        let vendor = self.vendor(subscription.instance).await?;
        let email = &subscription.admin.email;
        let link = self.bounded(async { vendor.admin_link(partner, email).await.map_err(unreachable) });
        link.await?.present().ok_or_else(|| PanelError::NotProvisioned(format!("the admin of {}", name())))
    }

    async fn user_link(&self, id: UserId) -> Result<String, PanelError> {
        let name = || format!("user {id}");
        let owner = self.store.subscription_of(Thing::User(id)).await.map_err(unavailable)?;
        let owner = owner.ok_or_else(|| PanelError::NotFound(name()))?;
        let snapshot = self.store.snapshot(owner).await.map_err(unavailable)?;
        let desired = snapshot.ok_or_else(|| PanelError::NotFound(name()))?.desired;
        let user =
            desired.users.iter().find(|user| user.id == id).ok_or_else(|| PanelError::NotFound(name()))?;
        let Some(mozy_id) = user.mozy_id else { return Err(PanelError::NotProvisioned(name())) };
        let vendor = self.vendor(desired.subscription.instance).await?;
        let link = self.bounded(async { vendor.user_link(mozy_id).await.map_err(unreachable) });
        link.await?.present().ok_or_else(|| PanelError::NotProvisioned(name()))
    }

    async fn email_available(&self, instance: InstanceId, email: &str) -> Result<bool, PanelError> {
        let vendor = self.vendor(instance).await?;
        self.bounded(async {
            let known = vendor.admin_exists(email).await.map_err(unreachable)?;
            let partners = vendor.find_partners(email).await.map_err(unreachable)?;
            Ok(!known && partners.is_empty())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn what_is_wrong_with_mozy_is_said_once() {
        let said = |error| unreachable(error).to_string();
        assert_eq!(said(VendorError::Unreachable("no route".into())), "mozy cannot be reached: no route");
        assert_eq!(said(VendorError::Throttled { retry_after: None }), "mozy asks to slow down");
        let late = late("no answer", Duration::from_secs(30)).to_string();
        assert_eq!(late, "mozy cannot be reached: no answer within 30 s");
    }

    #[test]
    fn an_instance_without_a_usable_key_is_not_a_database_that_is_away() {
        let told = no_vendor(anyhow::anyhow!("it has no API key").context("connecting"));
        let whole = "connecting: it has no API key";
        assert!(matches!(&told, PanelError::VendorUnreachable(why) if why == whole), "{told:?}");
        let away = StoreError::Connect("no route".into());
        let told = no_vendor(anyhow::Error::from(away).context("reading the instance's credentials"));
        assert!(matches!(told, PanelError::Unavailable(_)), "{told:?}");
    }
}
