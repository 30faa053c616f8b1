//! Pools: licences and GB of a group. Provision, release and transfer are deltas, so none may be repeated blindly.

use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{Part, int, long, part, text};
use super::words::LicenseType;

/// The pool of one type as Mozy tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Which pool.
    pub license_type: LicenseType,
    /// Keys in all.
    pub licenses: i64,
    /// Keys assigned to an e-mail and not activated.
    pub licenses_reserved: i64,
    /// Keys activated on a machine.
    pub licenses_used: i64,
    /// GB in all.
    pub quota: i64,
    /// GB promised to reserved and used keys.
    pub quota_distributed: i64,
    /// Bytes; none when Mozy does not say.
    pub quota_used_bytes: Option<i64>,
}

/// A pool while it is read: a number that Mozy does not tell is never a zero.
#[derive(Default)]
struct Numbers {
    license_type: Option<LicenseType>,
    licenses: Option<i64>,
    licenses_reserved: Option<i64>,
    licenses_used: Option<i64>,
    quota: Option<i64>,
    quota_distributed: Option<i64>,
    quota_used_bytes: Option<i64>,
}

impl Numbers {
    fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let mut pool = Numbers::default();
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "license_type" => pool.license_type = field.choice(LicenseType::known)?,
                "licenses" => pool.licenses = field.number()?,
                "licenses_reserved" => pool.licenses_reserved = field.number()?,
                "licenses_used" => pool.licenses_used = field.number()?,
                "quota" => pool.quota = field.number()?,
                "quota_distributed" => pool.quota_distributed = field.number()?,
                "quota_used_bytes" => pool.quota_used_bytes = field.number()?,
                _ => {}
            }
        }
        Ok(pool)
    }
}

impl Resource {
    /// None for a type that we do not know, whatever its numbers.
    fn read(element: Element<'_>) -> Result<Option<Self>, Malformed> {
        let pool = Numbers::read(element)?;
        let Some(license_type) = pool.license_type else { return Ok(None) };
        Ok(Some(Resource {
            license_type,
            licenses: element.require("licenses", pool.licenses)?,
            licenses_reserved: element.require("licenses_reserved", pool.licenses_reserved)?,
            licenses_used: element.require("licenses_used", pool.licenses_used)?,
            quota: element.require("quota", pool.quota)?,
            quota_distributed: element.require("quota_distributed", pool.quota_distributed)?,
            quota_used_bytes: pool.quota_used_bytes,
        }))
    }
}

/// `resource.Provision`. Which keys it made, the next look tells: whatever else it answers, it is done. (n, 0) and (0, n) are legal; less of the one needs a [`Release`] of its own.
#[derive(Clone, Copy)]
pub struct Provision {
    /// None: the group's partner, else the key's own.
    pub partner_id: Option<i64>,
    /// None: the partner's default group.
    pub user_group_id: Option<i64>,
    /// Which pool.
    pub license_type: LicenseType,
    /// Keys to add.
    pub licenses: u64,
    /// GB to add.
    pub quota: u64,
}

impl Request for Provision {
    const OPERATION: Operation = Operation::ResourceProvision;
    type Answer = ();

    fn parts(&self) -> Vec<Part<'_>> {
        delta(self.partner_id, self.user_group_id, self.license_type, self.licenses, self.quota)
    }

    fn read(_: &Reply<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// `resource.Release` → rows changed, if Mozy says. Takes from what is not assigned; more than that faults.
#[derive(Clone, Copy)]
pub struct Release {
    /// None: the group's partner, else the key's own.
    pub partner_id: Option<i64>,
    /// None: the partner's default group.
    pub user_group_id: Option<i64>,
    /// Which pool.
    pub license_type: LicenseType,
    /// Keys to take.
    pub licenses: u64,
    /// GB to take.
    pub quota: u64,
}

impl Request for Release {
    const OPERATION: Operation = Operation::ResourceRelease;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        delta(self.partner_id, self.user_group_id, self.license_type, self.licenses, self.quota)
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}

fn delta<'a>(
    partner: Option<i64>,
    group: Option<i64>,
    kind: LicenseType,
    licenses: u64,
    quota: u64,
) -> Vec<Part<'a>> {
    vec![
        part("partner_id", long(partner)),
        part("user_group_id", long(group)),
        part("license_type", text(kind.as_str())),
        part("licenses", int(licenses)),
        part("quota", int(quota)),
    ]
}

/// `resource.Transfer` → rows changed, if Mozy says. Moves what is free from one group to another.
#[derive(Clone, Copy)]
pub struct Transfer {
    /// None: the source group's partner.
    pub source_partner_id: Option<i64>,
    /// From here.
    pub source_user_group_id: Option<i64>,
    /// None: the target group's partner.
    pub target_partner_id: Option<i64>,
    /// To here.
    pub target_user_group_id: Option<i64>,
    /// Which pool.
    pub license_type: LicenseType,
    /// Keys to move.
    pub licenses: u64,
    /// GB to move.
    pub quota: u64,
}

impl Request for Transfer {
    const OPERATION: Operation = Operation::ResourceTransfer;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("source_partner_id", long(self.source_partner_id)),
            part("source_user_group_id", long(self.source_user_group_id)),
            part("target_partner_id", long(self.target_partner_id)),
            part("target_user_group_id", long(self.target_user_group_id)),
            part("license_type", text(self.license_type.as_str())),
            part("licenses", int(self.licenses)),
            part("quota", int(self.quota)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}

/// `resource.GetResources` → the pools of the types we know. A type may be missing that was never provisioned.
#[derive(Clone, Copy, Default)]
pub struct GetResources {
    /// None: the group's partner, else the key's own.
    pub partner_id: Option<i64>,
    /// None: the sum over the partner's groups, without sub-partners.
    pub user_group_id: Option<i64>,
}

impl Request for GetResources {
    const OPERATION: Operation = Operation::ResourceGetResources;
    type Answer = Vec<Resource>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("partner_id", long(self.partner_id)), part("user_group_id", long(self.user_group_id))]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<Resource>, Malformed> {
        Ok(reply.array_or_nil(Resource::read)?.into_iter().flatten().collect())
    }
}
