//! What nobody knows about Mozy: both behaviours of contract section 4. Each default is the first value there.

use serde::{Deserialize, Serialize};

/// One enum per switch, with the contract's first value as the default.
macro_rules! switch {
    ($(#[doc = $doc:literal])* $name:ident { $first:ident = $first_says:literal, $other:ident = $other_says:literal }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            #[doc = $first_says]
            #[default]
            $first,
            #[doc = $other_says]
            $other,
        }
    };
}

switch! {
    /// The HTTP status of a fault.
    FaultHttpStatus { ServerError = "500.", Ok = "200." }
}
switch! {
    /// How the parts of a call find their meaning.
    ArgumentBinding { ByName = "By the element's name.", StrictByOrder = "By position; the name says nothing." }
}
switch! {
    /// Where a user's e-mail is unique.
    UserEmailScope { Global = "Across Mozy.", PerPartner = "Within the partner." }
}
switch! {
    /// Whether a key loses its e-mail with its machine.
    MachineDeleteClearsEmail { Yes = "The key is free again.", No = "The key stays reserved for the e-mail." }
}
switch! {
    /// Deleting a suspended user.
    SuspendedUserDelete { Faults = "Must be resumed first.", Allowed = "Is deleted." }
}
switch! {
    /// Reading a deleted partner before it is purged.
    DeletedPartnerGet { Faults = "Is not found.", ReturnsDeleted = "Comes with the status `deleted`." }
}
switch! {
    /// When the e-mail of a deleted admin, or of a user of a deleted partner, may be used again.
    DeletedEmailReusable { AtOnce = "With the deletion.", AfterPurge = "After about 60 days." }
}
switch! {
    /// What Update, Delete, Release and Transfer return.
    UpdateReturn { RowsChanged = "The number of rows matched.", Nothing = "An empty response." }
}
switch! {
    /// The `xsi:type` of integers.
    IntEncoding { Int = "`xsd:int`.", Long = "`xsd:long`." }
}
switch! {
    /// What the items of an array are called.
    ArrayNames { Item = "`item`.", TypeName = "The name of their type." }
}
switch! {
    /// Where the structs of an array stand.
    ArrayRefs { Inline = "In the array.", MultiReference = "Behind `href=\"#id1\"`, beside the response." }
}
switch! {
    /// The answer to an unknown api key.
    BadKey { Fault = "A fault.", Http401 = "HTTP 401." }
}
switch! {
    /// What becomes of upper case in user names.
    Usernames { LowerCased = "Is lost.", Kept = "Is kept; comparing still ignores case." }
}
switch! {
    /// Whether `GetResources` tells of types we do not sell.
    ExtraTypes { None = "Desktop and Server only.", GrandFathered = "`GrandFathered` too." }
}
switch! {
    /// Update or Delete of something missing.
    MissingUpdate { Faults = "Faults.", ReturnsZero = "Returns 0." }
}
switch! {
    /// `GetLicenses` with no match.
    EmptyGetLicenses { Faults = "Faults.", EmptyList = "Returns an empty list." }
}
switch! {
    /// `GetResources` of a type never provisioned.
    UnprovisionedTypes { Zeros = "All zeros.", LeftOut = "No row." }
}
switch! {
    /// Keys and GB of a deleted group.
    DeletedGroupResources { ToDefaultGroup = "Go to the partner's default group.", Released = "What is not assigned is released." }
}

/// Searching a partner by `external_id`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalIdSearch {
    /// Finds it.
    #[default]
    Works,
    /// Is refused.
    Faults,
    /// The criterion is dropped, as if it were not there.
    Ignored,
}

/// When a write shows in a Get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadYourWrites {
    /// At once.
    #[default]
    AtOnce,
    /// After so many milliseconds of the simulator's clock.
    AfterMs(u32),
}

/// Every switch; JSON as `{"fault_http_status": "ok", "read_your_writes": {"after_ms": 200}}`, what is left out at
/// its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Switches {
    pub fault_http_status: FaultHttpStatus,
    pub argument_binding: ArgumentBinding,
    pub user_email_scope: UserEmailScope,
    pub machine_delete_clears_email: MachineDeleteClearsEmail,
    pub suspended_user_delete: SuspendedUserDelete,
    pub deleted_partner_get: DeletedPartnerGet,
    pub deleted_email_reusable: DeletedEmailReusable,
    pub update_return: UpdateReturn,
    pub int_encoding: IntEncoding,
    pub array_names: ArrayNames,
    pub array_refs: ArrayRefs,
    pub read_your_writes: ReadYourWrites,
    pub bad_key: BadKey,
    pub usernames: Usernames,
    pub extra_types: ExtraTypes,
    pub missing_update: MissingUpdate,
    pub empty_get_licenses: EmptyGetLicenses,
    pub external_id_search: ExternalIdSearch,
    pub unprovisioned_types: UnprovisionedTypes,
    pub deleted_group_resources: DeletedGroupResources,
}
