//! Every value of every switch of the contract's section 4 that an in-process door can show, and seeded mixtures.

use crate::sim::mozy::Switches;
use crate::sim::mozy::switches::*;

fn one(set: impl FnOnce(&mut Switches)) -> Switches {
    let mut switches = Switches::default();
    set(&mut switches);
    switches
}

/// How long a write stays out of sight where reads lag.
pub const LAG_MS: u32 = 2_000;

/// The defaults, then one run per other value.
pub fn each() -> Vec<(&'static str, Switches)> {
    vec![
        ("defaults", Switches::default()),
        ("strict by order", one(|s| s.argument_binding = ArgumentBinding::StrictByOrder)),
        ("e-mail per partner", one(|s| s.user_email_scope = UserEmailScope::PerPartner)),
        ("machine keeps e-mail", one(|s| s.machine_delete_clears_email = MachineDeleteClearsEmail::No)),
        ("suspended may go", one(|s| s.suspended_user_delete = SuspendedUserDelete::Allowed)),
        ("deleted shows", one(|s| s.deleted_partner_get = DeletedPartnerGet::ReturnsDeleted)),
        ("e-mail after purge", one(|s| s.deleted_email_reusable = DeletedEmailReusable::AfterPurge)),
        ("updates return nothing", one(|s| s.update_return = UpdateReturn::Nothing)),
        ("reads lag", one(|s| s.read_your_writes = ReadYourWrites::AfterMs(LAG_MS))),
        ("names kept", one(|s| s.usernames = Usernames::Kept)),
        ("grandfathered", one(|s| s.extra_types = ExtraTypes::GrandFathered)),
        ("missing is 0", one(|s| s.missing_update = MissingUpdate::ReturnsZero)),
        ("no keys, no fault", one(|s| s.empty_get_licenses = EmptyGetLicenses::EmptyList)),
        ("no external id", one(|s| s.external_id_search = ExternalIdSearch::Faults)),
        ("external id ignored", one(|s| s.external_id_search = ExternalIdSearch::Ignored)),
        ("types left out", one(|s| s.unprovisioned_types = UnprovisionedTypes::LeftOut)),
        ("group stock released", one(|s| s.deleted_group_resources = DeletedGroupResources::Released)),
    ]
}

/// A mixture of switches; the same for the same seed.
pub fn mixed(seed: u64) -> Switches {
    let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let all = each();
    let mut mixed = serde_json::to_value(Switches::default()).unwrap();
    for (_, one) in &all {
        dice = dice.rotate_left(17).wrapping_mul(0xd6e8_feb8_6659_fd93);
        if dice >> 63 == 0 {
            continue;
        }
        let defaults = serde_json::to_value(Switches::default()).unwrap();
        for (name, value) in serde_json::to_value(one).unwrap().as_object().unwrap() {
            if defaults[name] != *value {
                mixed[name] = value.clone();
            }
        }
    }
    serde_json::from_value(mixed).unwrap()
}
