//! The part of the service `resource` that is about licences.

use super::{Kind, aimed, each, found, part, result_of};
use crate::sim::mozy::{
    args::Args,
    fault::Fault,
    keystring::Keystring,
    operation::Part,
    switches::EmptyGetLicenses,
    value::Value,
    world::{License, LicenseFind, LicensePatch, LicenseType, Scope, World},
};

const FIND: [Part; 5] = [
    part("status", Kind::Text),
    part("license_type", Kind::Text),
    part("user_group_id", Kind::Int),
    part("assigned_email_address", Kind::Text),
    part("no_sub_partners", Kind::Bool),
];

const SEARCH: Part = part("search", Kind::Find("LicenseFind", &FIND));

pub(super) const GET: [Part; 2] = [part("keystring", Kind::Text), SEARCH];

pub(super) const UPDATE: [Part; 10] = [
    part("keystring", Kind::Text),
    SEARCH,
    part("assigned_email_address", Kind::Text),
    part("quota_desired", Kind::Int),
    part("external_id", Kind::Text),
    part("license_type", Kind::Text),
    part("deliver_emails", Kind::Bool),
    part("expires_at", Kind::Time),
    part("clear_expires_at", Kind::Bool),
    part("user_group_id", Kind::Int),
];

fn find<'a>(args: &Args<'a>) -> Result<LicenseFind<'a>, Fault> {
    let status = args.find_text("status");
    if status.is_some_and(|status| status != "free") {
        return Err(Fault::invalid("there is no such status of a license"));
    }
    Ok(LicenseFind {
        keystring: args.text("keystring"),
        is_free: status.is_some(),
        license_type: args.find_text("license_type"),
        group_id: args.find_int("user_group_id"),
        email: args.find_text("assigned_email_address"),
        no_sub_partners: args.find_bool("no_sub_partners").unwrap_or(false),
    })
}

/// The keys a call is about, for it and for whoever comes in between.
pub(in super::super) fn targets(world: &World, scope: Scope, args: &Args) -> Result<Vec<Keystring>, Fault> {
    Ok(world.find_licenses(scope, find(args)?))
}

pub(super) fn get(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let keys = targets(world, scope, args)?;
    let licenses = keys.iter().filter_map(|key| world.licenses.get(key)).map(encode).collect();
    match world.switches.empty_get_licenses {
        EmptyGetLicenses::Faults => found("LicenseResult", "License", licenses),
        EmptyGetLicenses::EmptyList => Ok(result_of("LicenseResult", "License", licenses)),
    }
}

pub(super) fn update(world: &mut World, scope: Scope, args: &Args) -> Result<Value, Fault> {
    let found = find(args)?;
    let criteria = [found.keystring, found.license_type, found.email];
    let has_aim = criteria.iter().any(Option::is_some) || found.is_free || found.group_id.is_some();
    aimed(has_aim)?;
    let patch = LicensePatch {
        email: args.owned("assigned_email_address"),
        quota_desired: args.int("quota_desired"),
        external_id: args.owned("external_id"),
        license_type: args.text("license_type").map(LicenseType::parse).transpose()?,
        deliver_emails: args.bool("deliver_emails").unwrap_or(false),
        expires_at: args.time("expires_at"),
        clear_expires_at: args.bool("clear_expires_at").unwrap_or(false),
        group_id: args.int("user_group_id"),
    };
    let keys = world.find_licenses(scope, found);
    world.update_licenses(scope, &keys, &patch)?;
    each(world, &keys, "license key", |_, _| Ok(()))
}

pub(super) fn encode(license: &License) -> Value {
    Value::record(
        "License",
        [
            ("keystring", license.keystring.as_str().into()),
            ("license_type", license.license_type.as_str().into()),
            ("user_group_id", license.group_id.into()),
            ("machine_id", license.machine_id.into()),
            ("assigned_email_address", license.email.clone().into()),
            ("quota_desired", license.quota_desired.into()),
            ("expires_at", license.expires_at.into()),
            ("external_id", license.external_id.clone().into()),
        ],
    )
}
