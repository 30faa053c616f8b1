//! What Mozy answers about the estate (contract mozy-soap, sections 1 and 2): the reads of a cycle, and changes of GB.
//! Written from the contract, with none of the client's types on the wire.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::estate::{self, Estate, ROOT};
use crate::domain::licence::ObservedLicence;
use crate::domain::partner::Status;
use crate::domain::user::ObservedUser;
use crate::domain::{LicenceKind, pool::Stock};

const OPEN: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope"#,
    r#" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/""#,
    r#" xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/""#,
    r#" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#,
    "<SOAP-ENV:Body>",
);
const CLOSE: &str = "</SOAP-ENV:Body></SOAP-ENV:Envelope>";

/// Mozy, as far as it is needed.
pub struct Mozy {
    estate: Estate,
    /// GB provisioned or released since the start, by subscription.
    changed: HashMap<i64, i64>,
}

/// What became of a call.
pub struct Said {
    /// Whether it is a fault.
    pub fault: bool,
    /// The subscription that a write was about.
    pub wrote: Option<i64>,
}

impl Mozy {
    /// Mozy with this estate, in agreement.
    pub fn new(estate: Estate) -> Self {
        Self { estate, changed: HashMap::new() }
    }

    /// Writes the answer to `action` (`"/partner/api/Get"`) with this envelope into `xml`.
    pub fn answer(&mut self, action: &str, envelope: &str, xml: &mut String) -> Said {
        xml.clear();
        xml.push_str(OPEN);
        let ask = Ask(envelope);
        let found = match action {
            "/partner/api/Get" => self.partner(&ask, xml),
            "/user_group/api/Get" => self.groups(&ask, xml),
            "/user/api/Get" => self.users(&ask, xml),
            "/resource/api/GetLicenses" => self.licences(&ask, xml),
            "/resource/api/GetResources" => self.resources(&ask, xml),
            "/machine/api/Get" => self.machines(&ask, xml),
            "/resource/api/Provision" => self.change(&ask, 1, xml),
            "/resource/api/Release" => self.change(&ask, -1, xml),
            _ => None,
        };
        if found.is_none() {
            xml.truncate(OPEN.len());
            xml.push_str(
                "<SOAP-ENV:Fault><faultcode>Server</faultcode><faultstring>not found</faultstring></SOAP-ENV:Fault>",
            );
        }
        xml.push_str(CLOSE);
        let write = action.ends_with("Provision") || action.ends_with("Release");
        Said { fault: found.is_none(), wrote: found.filter(|_| write) }
    }

    fn partner(&self, ask: &Ask<'_>, xml: &mut String) -> Option<i64> {
        let id = ask.number("id")?;
        let subscription = if id == ROOT { None } else { Some(self.estate.of_partner(id)?) };
        page(xml, "Get", "Partner", 1);
        xml.push_str("<item>");
        let name = subscription.map_or_else(|| "Root".to_owned(), estate::company);
        long(xml, "id", id);
        text(xml, "name", &name);
        text(xml, "status", "active");
        if let Some(n) = subscription {
            text(xml, "external_id", &estate::number(n).to_string());
            long(xml, "parent_partner_id", ROOT);
        }
        long(xml, "default_user_group_id", subscription.map_or(ROOT, estate::group));
        let admin = subscription.map_or_else(|| "root@provider.example".to_owned(), estate::admin);
        xml.push_str("<root_admin>");
        long(xml, "id", id);
        text(xml, "username", &admin);
        xml.push_str("</root_admin><enable_sync xsi:type=\"xsd:boolean\">false</enable_sync>");
        xml.push_str("<default_sync_quota xsi:nil=\"true\"/></item>");
        end(xml, "Get");
        Some(subscription.unwrap_or(ROOT))
    }

    fn groups(&self, ask: &Ask<'_>, xml: &mut String) -> Option<i64> {
        let by_partner = ask.number("partner_id").and_then(|id| self.estate.of_partner(id));
        let subscription = by_partner.or_else(|| self.estate.of_group(ask.number("id")?))?;
        page(xml, "Get", "UserGroup", 1);
        xml.push_str("<item>");
        long(xml, "id", estate::group(subscription));
        long(xml, "partner_id", estate::partner(subscription));
        text(xml, "name", "(default)");
        text(xml, "status", "active");
        xml.push_str("<enable_sync xsi:type=\"xsd:boolean\">false</enable_sync></item>");
        end(xml, "Get");
        Some(subscription)
    }

    fn users(&self, ask: &Ask<'_>, xml: &mut String) -> Option<i64> {
        let subscription = self.estate.of_group(ask.number("user_group_id")?)?;
        page(xml, "Get", "User", self.estate.each);
        self.estate.users(subscription).for_each(|user| write_user(xml, &user));
        end(xml, "Get");
        Some(subscription)
    }

    fn licences(&self, ask: &Ask<'_>, xml: &mut String) -> Option<i64> {
        let subscription = self.estate.of_group(ask.number("user_group_id")?)?;
        page(xml, "GetLicenses", "License", self.estate.keys());
        self.estate.licences(subscription).for_each(|licence| write_licence(xml, &licence));
        end(xml, "GetLicenses");
        Some(subscription)
    }

    fn resources(&self, ask: &Ask<'_>, xml: &mut String) -> Option<i64> {
        let subscription = self.estate.of_partner(ask.number("partner_id")?)?;
        let mut stock = self.estate.stock(subscription);
        stock.quota.0 += self.changed.get(&subscription).copied().unwrap_or(0);
        xml.push_str("<m:GetResourcesResponse xmlns:m=\"urn:ActionWebService\">");
        xml.push_str("<return SOAP-ENC:arrayType=\"m:Resource[2]\" xsi:type=\"SOAP-ENC:Array\">");
        write_stock(xml, LicenceKind::Desktop, &stock);
        write_stock(xml, LicenceKind::Server, &Stock::default());
        xml.push_str("</return></m:GetResourcesResponse>");
        Some(subscription)
    }

    fn machines(&self, ask: &Ask<'_>, xml: &mut String) -> Option<i64> {
        let n = self.estate.of_user(ask.number("user_id")?)?;
        let machine = estate::observed_machine(n)?;
        page(xml, "Get", "Machine", 1);
        xml.push_str("<item>");
        long(xml, "id", machine.id.0);
        long(xml, "user_id", machine.user.0);
        text(xml, "status", "active");
        text(xml, "alias", machine.alias.as_deref().unwrap_or_default());
        text(xml, "keystring", &estate::key(n));
        long(xml, "quota", machine.quota.0);
        long(xml, "quota_used_bytes", machine.used_bytes);
        xml.push_str("</item>");
        end(xml, "Get");
        Some(self.estate.subscription_of(n))
    }

    fn change(&mut self, ask: &Ask<'_>, sign: i64, xml: &mut String) -> Option<i64> {
        let by_partner = ask.number("partner_id").and_then(|id| self.estate.of_partner(id));
        let subscription = by_partner.or_else(|| self.estate.of_group(ask.number("user_group_id")?))?;
        *self.changed.entry(subscription).or_default() += sign * ask.number("quota")?;
        if sign > 0 {
            page(xml, "Provision", "License", 0);
            end(xml, "Provision");
        } else {
            xml.push_str(
                "<m:ReleaseResponse xmlns:m=\"urn:ActionWebService\"><return>1</return></m:ReleaseResponse>",
            );
        }
        Some(subscription)
    }
}

/// A call's envelope, in which a number is found by its element's name.
struct Ask<'a>(&'a str);

impl Ask<'_> {
    fn number(&self, name: &str) -> Option<i64> {
        let mut rest = self.0;
        while let Some(at) = rest.find(name) {
            let (before, after) = (rest.as_bytes().get(at.wrapping_sub(1)), &rest[at + name.len()..]);
            if before == Some(&b'<') && after.starts_with([' ', '>']) {
                let (tag, content) = after.split_once('>')?;
                return if tag.ends_with('/') { None } else { content.split('<').next()?.parse().ok() };
            }
            rest = after;
        }
        None
    }
}

fn page(xml: &mut String, method: &str, item: &str, size: i64) {
    // Writing to a String cannot fail.
    let _ = write!(
        xml,
        "<m:{method}Response xmlns:m=\"urn:ActionWebService\"><return xsi:type=\"m:{item}Result\">\
         <size xsi:type=\"xsd:int\">{size}</size>\
         <results SOAP-ENC:arrayType=\"m:{item}[{size}]\" xsi:type=\"SOAP-ENC:Array\">"
    );
}

fn end(xml: &mut String, method: &str) {
    let _ = write!(xml, "</results></return></m:{method}Response>");
}

fn long(xml: &mut String, name: &str, value: i64) {
    let _ = write!(xml, "<{name} xsi:type=\"xsd:long\">{value}</{name}>");
}

/// None of the estate's texts needs escaping.
fn text(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, "<{name} xsi:type=\"xsd:string\">{value}</{name}>");
}

fn write_user(xml: &mut String, user: &ObservedUser) {
    xml.push_str("<item>");
    long(xml, "id", user.id.0);
    long(xml, "user_group_id", user.group.0);
    text(xml, "username", &user.username);
    text(xml, "full_name", &user.full_name);
    text(xml, "status", user.status.map_or("", Status::as_str));
    text(xml, "external_id", user.external_id.as_deref().unwrap_or_default());
    xml.push_str("<enable_sync xsi:type=\"xsd:boolean\">false</enable_sync></item>");
}

fn write_licence(xml: &mut String, licence: &ObservedLicence) {
    xml.push_str("<item>");
    text(xml, "keystring", &licence.key.0);
    text(xml, "license_type", licence.kind.map_or("", LicenceKind::as_str));
    long(xml, "user_group_id", licence.group.0);
    if let Some(machine) = licence.machine {
        long(xml, "machine_id", machine.0);
    }
    if let Some(email) = &licence.email {
        text(xml, "assigned_email_address", email);
    }
    if let Some(quota) = licence.quota {
        long(xml, "quota_desired", quota.0);
    }
    if let Some(external) = &licence.external_id {
        text(xml, "external_id", external);
    }
    xml.push_str("</item>");
}

fn write_stock(xml: &mut String, kind: LicenceKind, stock: &Stock) {
    xml.push_str("<item>");
    text(xml, "license_type", kind.as_str());
    long(xml, "licenses", stock.licences);
    long(xml, "licenses_reserved", stock.reserved);
    long(xml, "licenses_used", stock.used);
    long(xml, "quota", stock.quota.0);
    long(xml, "quota_distributed", stock.distributed.0);
    long(xml, "quota_used_bytes", stock.used_bytes);
    xml.push_str("</item>");
}
