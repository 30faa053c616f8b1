//! A sweep's cycle in short: the look that agreed is made again, and what it led to said once more.

use super::lease::Hold;
use super::looks::Agreed;
use super::places::Place;
use super::schedule::ordinary;
use super::told;
use super::vendors::Connected;
use super::workers::Workers;
use crate::engine;
use crate::ports::CycleResult;
use crate::store::Claimed;
use chrono::Utc;
use std::sync::Arc;
use std::time::Instant;

impl Workers {
    /// Makes a look again that agreed; how it ended, or `None` when a whole cycle is to find out what came back.
    pub(super) async fn again(
        &self,
        claimed: &Claimed,
        hold: &Arc<Hold>,
        (agreed, connected): (&Agreed, &Connected),
        place: &mut Option<Place>,
    ) -> Option<&'static str> {
        let (begun, id) = (Instant::now(), claimed.lease.subscription);
        if self.live.quiet(Utc::now()).is_some() {
            return None;
        }
        let vendor = self.vendors.for_cycle(connected, Arc::clone(hold), claimed.lane);
        let same = tokio::select! {
            same = engine::again(&vendor, &agreed.look) => same,
            () = hold.lost() => return None,
            () = self.stop.cancelled() => return None,
        };
        match same {
            Ok(true) => {}
            Ok(false) => {
                self.looks.differs(id);
                return None;
            }
            // What is wrong a whole cycle finds out, and tells.
            Err(_) => return None,
        }
        let said = self.looks.said(claimed, ordinary(id, self.live.now().reconcile.interval))?;
        self.holds.remove(claimed.lease);
        if self.books.have_room() {
            // Another may look meanwhile.
            place.take();
        }
        if self.books.keep(id, said.clone()).await {
            self.looks.kept(said);
            told::agreed(begun.elapsed());
            return Some(CycleResult::Agreed.as_str());
        }
        // Something was wished meanwhile, or it could not be written: it is looked at anew.
        self.looks.forget(id);
        Some(self.give_back(claimed).await)
    }
}
