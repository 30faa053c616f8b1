//! Steps about pools: the only place where deltas are computed, each from numbers read now. Numbers that are not those
//! the plan was made from are no ground to stand on: somebody else was there, or our own write does not show yet.

use super::{Answer, Resolved, Resolver, blocked, call};
use crate::domain::pool::Stock;
use crate::domain::{Gb, LicenceKind, MozyGroupId, PartnerId};
use crate::plan::call::PoolChange;
use crate::plan::{Call, Place};
use crate::ports::{Vendor, VendorError};
use std::collections::BTreeSet;

impl<V: Vendor> Resolver<'_, V> {
    /// Raises (`sign` 1) or lowers (-1) a pool to absolute totals, from totals read now.
    pub(super) async fn resize(
        &mut self,
        kind: LicenceKind,
        licences: Option<i64>,
        quota: Option<Gb>,
        sign: i64,
    ) -> Answer {
        let (Some(partner), Some(group)) = (self.partner_id(), self.shown(Place::Home).await?) else {
            return blocked("there is no group to provision to yet, or it does not show");
        };
        let Some((total, home)) = self.read_totals(partner, group, kind).await? else {
            return blocked("there are more keys than the resources tell of");
        };
        let keys = licences.map_or(0, |target| ((target - total.licences) * sign).max(0));
        let gb = quota.map_or(0, |target| ((target - total.quota).0 * sign).max(0));
        if (keys, gb) == (0, 0) {
            return Ok(Resolved::Already);
        }
        if (total.licences, total.quota) != self.expected(kind) {
            return blocked("the pool changed in the meantime, or the last change of it does not show yet");
        }
        if sign < 0 && (keys > home.free_licences().max(0) || gb > home.free_quota().0.max(0)) {
            return blocked("what is to be released is in use, or free in another group");
        }
        let becomes = (total.licences + sign * keys, total.quota + Gb(sign * gb));
        let change = PoolChange { partner, group, kind, licences: keys, quota: Gb(gb), becomes };
        call(if sign > 0 { Call::Provision(change) } else { Call::Release(change) })
    }

    /// Totals as this run left them, or as the plan saw them.
    fn expected(&self, kind: LicenceKind) -> (i64, Gb) {
        let seen = self.account.map(|account| account.stock(kind)).unwrap_or_default();
        self.totals.get(&kind).copied().unwrap_or((seen.licences, seen.quota))
    }

    /// Totals over all the subscription's groups, and the home group's own, read now. A group made in this run may have
    /// got stock by a transfer. `None` when they do not count the keys that there are.
    async fn read_totals(
        &self,
        partner: PartnerId,
        home: MozyGroupId,
        kind: LicenceKind,
    ) -> Result<Option<(Stock, Stock)>, VendorError> {
        let Some(own) = self.read_stock(partner, home, kind).await? else { return Ok(None) };
        let mut total = own;
        let seen = self.account.iter().flat_map(|account| &account.groups).map(|contents| contents.group.id);
        let made = self.desired.groups.iter().filter_map(|group| group.mozy_id);
        let groups: BTreeSet<MozyGroupId> = seen.chain(made).filter(|group| *group != home).collect();
        for group in groups {
            if self.vendor.group(group).await?.present().is_some() {
                let Some(stock) = self.read_stock(partner, group, kind).await? else { return Ok(None) };
                total += stock;
            }
        }
        Ok(Some((total, own)))
    }

    async fn read_stock(
        &self,
        partner: PartnerId,
        group: MozyGroupId,
        kind: LicenceKind,
    ) -> Result<Option<Stock>, VendorError> {
        let keys = self.vendor.licences(group).await?;
        let stock = *self.vendor.stock(partner, group).await?.of(kind);
        Ok(stock.counts(kind, &keys).then_some(stock))
    }

    pub(super) async fn transfer(
        &mut self,
        kind: LicenceKind,
        (from, to): (Place, Place),
        becomes: (i64, Gb),
        (licences, quota): (i64, Gb),
    ) -> Answer {
        let (Some(partner), Some(from), Some(to)) =
            (self.partner_id(), self.shown(from).await?, self.shown(to).await?)
        else {
            return blocked("one of the groups does not exist yet, or does not show");
        };
        let has = *self.vendor.stock(partner, to).await?.of(kind);
        if (has.licences, has.quota) == becomes {
            return Ok(Resolved::Already);
        }
        if (has.licences + licences, has.quota + quota) != becomes {
            return blocked(
                "the group's stock changed in the meantime, or its last change does not show yet",
            );
        }
        let source = *self.vendor.stock(partner, from).await?.of(kind);
        if licences > source.free_licences().max(0) || quota.0 > source.free_quota().0.max(0) {
            return blocked("what is to be transferred is no longer free");
        }
        if licences > 0 {
            self.left.insert((from, kind), source.licences - licences);
        }
        call(Call::Transfer { partner, from, to, kind, licences, quota, becomes })
    }
}
