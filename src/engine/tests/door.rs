//! The door to Mozy that the tests stand at: it writes down every write in words, lets the killer in, lets somebody act
//! at Mozy just before a call, and can bend writes as a Mozy would that caps or ignores a field.

use super::killer::{Killer, Point};
use super::says::says;
use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::partner::Partner;
use crate::domain::pool::Stock;
use crate::domain::user::ObservedUser;
use crate::domain::{Keystring, LicenceKind, MozyGroupId, MozyUserId, PartnerId, PerKind, Presence};
use crate::plan::Call;
use crate::ports::vendor::Made;
use crate::ports::{Vendor, VendorError};
use crate::sim::mozy::{FaultKind, FaultRule, MozyPort, MozySim};
use std::sync::{Arc, Mutex};

/// Acts at Mozy before a call of this name (`perform` with the call in words, or the method of a read).
pub type Meddler = Box<dyn FnMut(&str, &MozySim) + Send>;

/// What Mozy makes of a call; `None` is nothing, and says that all went well.
pub type Bend = Box<dyn FnMut(&Call) -> Option<Call> + Send>;

/// What Mozy says of a group's stock instead of the truth.
pub type Counts = Box<dyn FnMut(PerKind<Stock>) -> PerKind<Stock> + Send>;

/// The door. Clones are the same.
#[derive(Clone)]
pub struct Door {
    pub sim: MozySim,
    port: MozyPort,
    killer: Killer,
    written: Arc<Mutex<Vec<String>>>,
    meddler: Arc<Mutex<Option<Meddler>>>,
    bend: Arc<Mutex<Option<Bend>>>,
    strike: Arc<Mutex<Option<(String, usize, FaultRule)>>>,
    counts: Arc<Mutex<Option<Counts>>>,
    refusal: Arc<Mutex<Option<(String, String)>>>,
    /// Reads that find nothing.
    hidden: Arc<Mutex<&'static [&'static str]>>,
}

impl Door {
    pub fn new(sim: MozySim, port: MozyPort, killer: Killer) -> Self {
        let (written, meddler, bend, strike, hidden) = Default::default();
        let (counts, refusal) = Default::default();
        Self { sim, port, killer, written, meddler, bend, strike, counts, refusal, hidden }
    }

    /// Writes since last asked, in words; one that Mozy refused says so.
    pub fn take_writes(&self) -> Vec<String> {
        std::mem::take(&mut self.written.lock().unwrap())
    }

    /// How many writes there were since last taken.
    pub fn writes(&self) -> usize {
        self.written.lock().unwrap().len()
    }

    pub fn meddle(&self, meddler: impl FnMut(&str, &MozySim) + Send + 'static) {
        *self.meddler.lock().unwrap() = Some(Box::new(meddler));
    }

    pub fn bend(&self, bend: impl FnMut(&Call) -> Option<Call> + Send + 'static) {
        *self.bend.lock().unwrap() = Some(Box::new(bend));
    }

    pub fn unbend(&self) {
        *self.bend.lock().unwrap() = None;
    }

    /// From now on stock is told like this; `None` is the truth again.
    pub fn count(&self, counts: Option<Counts>) {
        *self.counts.lock().unwrap() = counts;
    }

    /// From now on these reads find nothing, whatever there is.
    pub fn hide(&self, reads: &'static [&'static str]) {
        *self.hidden.lock().unwrap() = reads;
    }

    fn hides(&self, read: &str) -> bool {
        self.hidden.lock().unwrap().contains(&read)
    }

    /// The next step of this kind is refused with these words.
    pub fn refuse_once(&self, kind: &str, why: &str) {
        *self.refusal.lock().unwrap() = Some((kind.to_owned(), why.to_owned()));
    }

    fn refusal(&self, kind: &str) -> Option<VendorError> {
        let (_, why) = self.refusal.lock().unwrap().take_if(|(of, _)| of == kind)?;
        Some(VendorError::Rejected(why))
    }

    /// The `nth` step of this kind, counted from 0, is struck by a fault.
    pub fn strike(&self, kind: String, nth: usize, rule: FaultRule) {
        *self.strike.lock().unwrap() = Some((kind, nth, rule));
    }

    /// Whether the step that was to be struck has not come.
    pub fn is_pending(&self) -> bool {
        self.strike.lock().unwrap().is_some()
    }

    fn struck(&self, kind: &str) {
        let mut strike = self.strike.lock().unwrap();
        match strike.as_mut() {
            Some((of, nth, _)) if of == kind && *nth > 0 => *nth -= 1,
            Some((of, _, rule)) if of == kind => {
                self.sim.add_fault(rule.clone()).unwrap();
                *strike = None;
            }
            _ => {}
        }
    }

    fn before(&self, what: &str) {
        if let Some(meddler) = self.meddler.lock().unwrap().as_mut() {
            meddler(what, &self.sim);
        }
    }

    /// The call gets through to Mozy and its work is done when we are gone.
    async fn send_and_die(&self, call: &Call, kind: &str) -> Option<()> {
        if !self.killer.strikes(kind, Point::Sent) {
            return None;
        }
        self.sim.add_fault(FaultRule::once("writes", FaultKind::LateCommit { ms: 3_000 })).unwrap();
        let _never_heard = self.port.perform(call).await;
        self.killer.die().await;
        Some(())
    }
}

impl Vendor for Door {
    async fn partner(&self, id: PartnerId) -> Result<Presence<Partner>, VendorError> {
        self.before("partner");
        let seen = self.port.partner(id).await?;
        Ok(if self.hides("partner") { Presence::Absent } else { seen })
    }

    async fn find_partners(&self, admin: &str) -> Result<Vec<Partner>, VendorError> {
        self.before("find_partners");
        self.port.find_partners(admin).await
    }

    async fn groups(&self, id: PartnerId) -> Result<Vec<ObservedGroup>, VendorError> {
        self.before("groups");
        let seen = self.port.groups(id).await?;
        Ok(if self.hides("groups") { Vec::new() } else { seen })
    }

    async fn group(&self, id: MozyGroupId) -> Result<Presence<ObservedGroup>, VendorError> {
        self.before("group");
        let seen = self.port.group(id).await?;
        Ok(if self.hides("group") { Presence::Absent } else { seen })
    }

    async fn users(&self, group: MozyGroupId) -> Result<Vec<ObservedUser>, VendorError> {
        self.before("users");
        let seen = self.port.users(group).await?;
        Ok(if self.hides("users") { Vec::new() } else { seen })
    }

    async fn user(&self, id: MozyUserId) -> Result<Presence<ObservedUser>, VendorError> {
        self.before("user");
        self.port.user(id).await
    }

    async fn find_users(&self, login: &str) -> Result<Vec<ObservedUser>, VendorError> {
        self.before("find_users");
        self.port.find_users(login).await
    }

    async fn licences(&self, group: MozyGroupId) -> Result<Vec<ObservedLicence>, VendorError> {
        self.before("licences");
        let seen = self.port.licences(group).await?;
        Ok(if self.hides("licences") { Vec::new() } else { seen })
    }

    async fn licence(&self, key: &Keystring) -> Result<Presence<ObservedLicence>, VendorError> {
        self.before("licence");
        self.port.licence(key).await
    }

    async fn free_keys(&self, group: MozyGroupId, kind: LicenceKind) -> Result<Vec<Keystring>, VendorError> {
        self.before("free_keys");
        self.port.free_keys(group, kind).await
    }

    async fn stock(&self, partner: PartnerId, group: MozyGroupId) -> Result<PerKind<Stock>, VendorError> {
        self.before("stock");
        let seen = self.port.stock(partner, group).await?;
        Ok(self.counts.lock().unwrap().as_mut().map_or(seen, |counts| counts(seen)))
    }

    async fn machines(&self, user: MozyUserId) -> Result<Vec<Machine>, VendorError> {
        self.before("machines");
        let seen = self.port.machines(user).await?;
        Ok(if self.hides("machines") { Vec::new() } else { seen })
    }

    async fn admin_exists(&self, email: &str) -> Result<bool, VendorError> {
        self.before("admin_exists");
        self.port.admin_exists(email).await
    }

    async fn admin_link(&self, partner: PartnerId, email: &str) -> Result<Presence<String>, VendorError> {
        self.port.admin_link(partner, email).await
    }

    async fn user_link(&self, id: MozyUserId) -> Result<Presence<String>, VendorError> {
        self.port.user_link(id).await
    }

    async fn perform(&self, call: &Call) -> Result<Made, VendorError> {
        let (kind, words) = says(call, &self.sim);
        self.before(&words);
        self.send_and_die(call, kind).await;
        self.struck(kind);
        let bent = self.bend.lock().unwrap().as_mut().map_or(Some(call.clone()), |bend| bend(call));
        let answer = match (self.refusal(kind), bent) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(call)) => self.port.perform(&call).await,
            (None, None) => Ok(Made::default()),
        };
        let note = match &answer {
            Err(VendorError::Rejected(_)) => " (refused)",
            Err(_) => " (unanswered)",
            Ok(_) => "",
        };
        self.written.lock().unwrap().push(format!("{words}{note}"));
        self.killer.pass(kind, Point::Acted).await;
        answer
    }
}
