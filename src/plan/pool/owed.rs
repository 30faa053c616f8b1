//! Owed stock: when a user moves, the GB of his reserved keys stay behind until a Transfer brings them; what it owes is
//! remembered until it is done, also when his new group could do without (contract, section 3, Groups).

use crate::domain::observed::Account;
use crate::domain::user::same_login;
use crate::domain::{Gb, Keystring, LicenceKind, MozyGroupId, MozyUserId, PerKind};
use crate::plan::Call;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// GB that a move left behind in one group and that a Transfer owes to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Where they are.
    pub from: MozyGroupId,
    /// Where they belong.
    pub to: MozyGroupId,
    /// Of which kind.
    pub kind: LicenceKind,
    /// How many.
    pub quota: Gb,
}

/// What is owed once `call` is done; `None` when it changes nothing.
pub fn after(owed: &[Owed], call: &Call) -> Option<Vec<Owed>> {
    let mut left = owed.to_vec();
    match call {
        Call::MoveUser { group, from: Some(from), leaves, .. } => {
            for kind in LicenceKind::ALL {
                owe(&mut left, Owed { from: *from, to: *group, kind, quota: *leaves.of(kind) });
            }
        }
        Call::Transfer { from, to, kind, quota, .. } => {
            if let Some(debt) = left.iter_mut().find(|d| (d.from, d.to, d.kind) == (*from, *to, *kind)) {
                debt.quota = debt.quota - *quota;
            }
            left.retain(|debt| debt.quota > Gb(0));
        }
        Call::DeleteGroup { id } => left.retain(|debt| debt.from != *id && debt.to != *id),
        _ => return None,
    }
    (left != owed).then_some(left)
}

/// Who moves back takes nothing along that never followed him.
fn owe(owed: &mut Vec<Owed>, mut new: Owed) {
    if let Some(back) = owed.iter_mut().find(|d| (d.from, d.to, d.kind) == (new.to, new.from, new.kind)) {
        let even = Gb(back.quota.0.min(new.quota.0));
        (back.quota, new.quota) = (back.quota - even, new.quota - even);
    }
    match owed.iter_mut().find(|debt| (debt.from, debt.to, debt.kind) == (new.from, new.to, new.kind)) {
        Some(debt) => debt.quota = Gb(debt.quota.0 + new.quota.0),
        None => owed.push(new),
    }
    owed.retain(|debt| debt.quota > Gb(0));
}

/// In which group a user is, and the GB of his reserved keys there. `lately` are the GB of keys that were changed since
/// they were seen; `None` is nobody's any more.
pub fn left_behind(
    account: &Account,
    id: MozyUserId,
    lately: &HashMap<Keystring, Option<Gb>>,
) -> Option<(MozyGroupId, PerKind<Gb>)> {
    let user = account.users().find(|user| user.id == id)?;
    let contents = account.groups.iter().find(|contents| contents.group.id == user.group)?;
    let mut left = PerKind::default();
    for key in contents.licences.iter().filter(|key| key.machine.is_none()) {
        if let (Some(kind), Some(email)) = (key.kind, &key.email)
            && same_login(email, &user.username)
        {
            let sum: &mut Gb = left.of_mut(kind);
            *sum += lately.get(&key.key).copied().unwrap_or(key.quota).unwrap_or_default();
        }
    }
    Some((user.group, left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use LicenceKind::{Desktop, Server};

    fn moves(from: i64, to: i64, desktop: i64) -> Call {
        let leaves = PerKind { desktop: Gb(desktop), server: Gb(0) };
        Call::MoveUser { id: MozyUserId(1), group: MozyGroupId(to), from: Some(MozyGroupId(from)), leaves }
    }

    fn debt(from: i64, to: i64, quota: i64) -> Owed {
        Owed { from: MozyGroupId(from), to: MozyGroupId(to), kind: Desktop, quota: Gb(quota) }
    }

    #[test]
    fn a_move_owes_and_a_transfer_pays() {
        let owed = after(&[], &moves(1, 2, 20)).unwrap();
        assert_eq!(owed, [debt(1, 2, 20)]);
        assert_eq!(after(&owed, &moves(1, 2, 5)).unwrap(), [debt(1, 2, 25)]);
        let transfer = |kind, quota| Call::Transfer {
            partner: crate::domain::PartnerId(1),
            from: MozyGroupId(1),
            to: MozyGroupId(2),
            kind,
            licences: 0,
            quota: Gb(quota),
            becomes: (0, Gb(0)),
        };
        assert_eq!(after(&owed, &transfer(Server, 20)), None);
        assert_eq!(after(&owed, &transfer(Desktop, 20)).unwrap(), []);
        assert_eq!(after(&owed, &transfer(Desktop, 30)).unwrap(), []);
        assert_eq!(after(&owed, &transfer(Desktop, 15)).unwrap(), [debt(1, 2, 5)], "the rest is still owed");
    }

    #[test]
    fn a_way_back_evens_out() {
        assert_eq!(after(&[debt(1, 2, 20)], &moves(2, 1, 20)).unwrap(), []);
        assert_eq!(after(&[debt(1, 2, 20)], &moves(2, 1, 30)).unwrap(), [debt(2, 1, 10)]);
        assert_eq!(after(&[debt(1, 2, 20)], &moves(2, 1, 5)).unwrap(), [debt(1, 2, 15)]);
    }

    #[test]
    fn nothing_is_owed_of_a_group_that_is_gone() {
        let gone = Call::DeleteGroup { id: MozyGroupId(2) };
        assert_eq!(after(&[debt(1, 2, 20)], &gone).unwrap(), []);
        assert_eq!(after(&[debt(1, 3, 20)], &gone), None);
    }
}
