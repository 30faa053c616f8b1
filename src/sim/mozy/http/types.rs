//! The structs of answers as the WSDL names them (contract section 2).

/// A struct: its name, and its fields with their types; `X[]` is an array.
pub(super) type Struct = (&'static str, &'static [(&'static str, &'static str)]);

/// The structs that answers carry, and the two that calls bring.
pub(super) const STRUCTS: [Struct; 15] = [
    ("KeyValue", &[("key", "string"), ("value", "string")]),
    ("DefaultQuota", &[("type", "string"), ("quota", "int")]),
    (
        "Partner",
        &[
            ("id", "long"),
            ("name", "string"),
            ("status", "string"),
            ("external_id", "string"),
            ("subdomain", "string"),
            ("parent_partner_id", "long"),
            ("root_role_id", "long"),
            ("default_user_group_id", "long"),
            ("root_admin", "Admin"),
            ("enable_sync", "boolean"),
            ("default_sync_quota", "int"),
        ],
    ),
    (
        "Admin",
        &[
            ("id", "long"),
            ("partner_id", "long"),
            ("parent_admin_id", "long"),
            ("username", "string"),
            ("full_name", "string"),
            ("external_id", "string"),
            ("user_groups", "long[]"),
            ("roles", "long[]"),
            ("details", "KeyValue[]"),
        ],
    ),
    (
        "UserGroup",
        &[
            ("id", "long"),
            ("partner_id", "long"),
            ("name", "string"),
            ("status", "string"),
            ("external_id", "string"),
            ("default_quotas", "DefaultQuota[]"),
            ("enable_sync", "boolean"),
        ],
    ),
    (
        "User",
        &[
            ("id", "long"),
            ("user_group_id", "long"),
            ("username", "string"),
            ("full_name", "string"),
            ("status", "string"),
            ("external_id", "string"),
            ("enable_sync", "boolean"),
            ("details", "KeyValue[]"),
        ],
    ),
    (
        "License",
        &[
            ("keystring", "string"),
            ("license_type", "string"),
            ("user_group_id", "long"),
            ("machine_id", "long"),
            ("assigned_email_address", "string"),
            ("quota_desired", "int"),
            ("expires_at", "dateTime"),
            ("external_id", "string"),
        ],
    ),
    (
        "Resource",
        &[
            ("license_type", "string"),
            ("licenses", "int"),
            ("licenses_reserved", "int"),
            ("licenses_used", "int"),
            ("quota", "int"),
            ("quota_distributed", "int"),
            ("quota_used_bytes", "long"),
        ],
    ),
    (
        "Machine",
        &[
            ("id", "long"),
            ("user_id", "long"),
            ("status", "string"),
            ("alias", "string"),
            ("external_id", "string"),
            ("keystring", "string"),
            ("quota", "int"),
            ("quota_used_bytes", "long"),
            ("last_backup_at", "dateTime"),
        ],
    ),
    ("PartnerResult", &[("size", "int"), ("results", "Partner[]")]),
    ("UserGroupResult", &[("size", "int"), ("results", "UserGroup[]")]),
    ("AdminResult", &[("size", "int"), ("results", "Admin[]")]),
    ("UserResult", &[("size", "int"), ("results", "User[]")]),
    ("LicenseResult", &[("size", "int"), ("results", "License[]")]),
    ("MachineResult", &[("size", "int"), ("results", "Machine[]")]),
];

/// What arrays hold.
pub(super) const ITEMS: [&str; 11] = [
    "long",
    "string",
    "KeyValue",
    "DefaultQuota",
    "Partner",
    "Admin",
    "UserGroup",
    "User",
    "License",
    "Resource",
    "Machine",
];
