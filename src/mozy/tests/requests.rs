//! What stands on the wire: every part of every operation, in the contract's order, typed, nil when unset.

use chrono::DateTime;

use super::server::{KEY, Server, XML, soap};
use crate::mozy::group::DefaultQuota;
use crate::mozy::words::LicenseType::{Desktop, Server as ServerType};
use crate::mozy::{Request, admin, email, envelope, group, licence, machine, partner, resource, user};

/// A line for every element that begins.
fn lines(xml: &str) -> String {
    xml.replace("><", ">\n<").replace(">\n</", "></")
}

/// The method's element and what is in it.
fn sent<R: Request>(request: &R) -> String {
    let xml = envelope::write(R::OPERATION, "urn:ActionWebService", &request.parts()).unwrap();
    let (_, body) = xml.split_once("<soapenv:Body>").unwrap();
    lines(body.strip_suffix("</soapenv:Body></soapenv:Envelope>").unwrap())
}

/// The names of the parts, as the contract's table has them.
fn names<R: Request>(request: &R) -> String {
    request.parts().iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
}

#[test]
fn parts_stand_in_the_contracts_order() {
    let delta = "partner_id, user_group_id, license_type, licenses, quota";
    let provision = resource::Provision {
        partner_id: None,
        user_group_id: None,
        license_type: Desktop,
        licenses: 0,
        quota: 0,
    };
    let release = resource::Release {
        partner_id: None,
        user_group_id: None,
        license_type: Desktop,
        licenses: 0,
        quota: 0,
    };
    let transfer = resource::Transfer {
        source_partner_id: None,
        source_user_group_id: None,
        target_partner_id: None,
        target_user_group_id: None,
        license_type: Desktop,
        licenses: 0,
        quota: 0,
    };
    for (is, should_be) in [
        (
            names(&partner::Create::default()),
            "parent_partner_id, name, company_type, subdomain, root_role, root_admin_username, root_admin_password, \
             root_admin_full_name, external_id, root_admin_external_id, details, root_admin_details, enable_sync, \
             default_sync_quota",
        ),
        (names(&partner::Get::default()), "id, search, details"),
        (
            names(&partner::Update::default()),
            "id, search, name, company_type, subdomain, root_role, external_id, details, enable_sync, default_sync_quota",
        ),
        (names(&partner::Delete::default()), "id, search"),
        (
            names(&group::Create::default()),
            "partner_id, name, default_quotas, default_for_partner, external_id, enable_sync",
        ),
        (names(&group::Get::default()), "id, search"),
        (
            names(&group::Update::default()),
            "id, search, name, default_quotas, default_for_partner, external_id, details, enable_sync",
        ),
        (names(&group::Delete::default()), "id, search"),
        (
            names(&admin::Create::default()),
            "parent_admin_id, username, password, full_name, external_id, roles, user_groups",
        ),
        (names(&admin::Get::default()), "id, search, details"),
        (names(&admin::Delete { id: 1 }), "id"),
        (
            names(&user::Create::default()),
            "user_group_id, username, password, full_name, details, external_id, enable_sync",
        ),
        (names(&user::Get::default()), "id, search, details"),
        (
            names(&user::Update::default()),
            "id, search, user_group_id, username, password, full_name, details, external_id, enable_sync",
        ),
        (names(&user::Delete { id: 1 }), "id"),
        (names(&provision), delta),
        (names(&release), delta),
        (
            names(&transfer),
            "source_partner_id, source_user_group_id, target_partner_id, target_user_group_id, license_type, licenses, \
             quota",
        ),
        (names(&resource::GetResources::default()), "partner_id, user_group_id"),
        (names(&licence::GetLicenses::default()), "keystring, search"),
        (
            names(&licence::UpdateLicenses::default()),
            "keystring, search, assigned_email_address, quota_desired, external_id, license_type, deliver_emails, \
             expires_at, clear_expires_at, user_group_id",
        ),
        (
            names(&machine::Create::default()),
            "user_id, keystring, alias, external_id, quota_desired, region, machine_hash",
        ),
        (names(&machine::Get::default()), "id, search"),
        (
            names(&machine::Update::default()),
            "id, search, quota, status, source_machine_id, external_id, details",
        ),
        (names(&machine::Delete { id: 1 }), "id"),
        (names(&email::Deliver::default()), "template, user_id, admin_id, email, language"),
    ] {
        assert_eq!(is, should_be);
    }
}

#[test]
fn unset_parts_are_nil_and_a_password_is_left_out() {
    insta::assert_snapshot!(sent(&user::Update { id: Some(9_000_000_000), ..Default::default() }), @r#"
    <ns1:Update xmlns:ns1="urn:ActionWebService">
    <id xsi:type="xsd:long">9000000000</id>
    <search xsi:type="ns1:UserFind" xsi:nil="true"/>
    <user_group_id xsi:type="xsd:long" xsi:nil="true"/>
    <username xsi:type="xsd:string" xsi:nil="true"/>
    <full_name xsi:type="xsd:string" xsi:nil="true"/>
    <details xsi:type="soapenc:Array" xsi:nil="true"/>
    <external_id xsi:type="xsd:string" xsi:nil="true"/>
    <enable_sync xsi:type="xsd:boolean" xsi:nil="true"/></ns1:Update>
    "#);
}

#[test]
fn find_structs_and_arrays() {
    let search = partner::Find { root_admin_username: Some("A <b> & \"c\"\r\n"), ..Default::default() };
    insta::assert_snapshot!(sent(&partner::Get { search: Some(search), details: &["login_href", ""], ..Default::default() }), @r#"
    <ns1:Get xmlns:ns1="urn:ActionWebService">
    <id xsi:type="xsd:long" xsi:nil="true"/>
    <search xsi:type="ns1:PartnerFind">
    <id xsi:type="xsd:long" xsi:nil="true"/>
    <root_admin_username xsi:type="xsd:string">A &lt;b&gt; &amp; &quot;c&quot;&#13;
    </root_admin_username>
    <name xsi:type="xsd:string" xsi:nil="true"/>
    <external_id xsi:type="xsd:string" xsi:nil="true"/></search>
    <details xsi:type="soapenc:Array" soapenc:arrayType="xsd:string[2]">
    <item xsi:type="xsd:string">login_href</item>
    <item xsi:type="xsd:string"></item></details></ns1:Get>
    "#);
    let quotas = [
        DefaultQuota { license_type: Desktop, quota: 10 },
        DefaultQuota { license_type: ServerType, quota: 0 },
    ];
    insta::assert_snapshot!(sent(&group::Create { name: "g", default_quotas: &quotas, ..Default::default() }), @r#"
    <ns1:Create xmlns:ns1="urn:ActionWebService">
    <partner_id xsi:type="xsd:long" xsi:nil="true"/>
    <name xsi:type="xsd:string">g</name>
    <default_quotas xsi:type="soapenc:Array" soapenc:arrayType="ns1:DefaultQuota[2]">
    <item xsi:type="ns1:DefaultQuota">
    <type xsi:type="xsd:string">Desktop</type>
    <quota xsi:type="xsd:int">10</quota></item>
    <item xsi:type="ns1:DefaultQuota">
    <type xsi:type="xsd:string">Server</type>
    <quota xsi:type="xsd:int">0</quota></item></default_quotas>
    <default_for_partner xsi:type="xsd:boolean" xsi:nil="true"/>
    <external_id xsi:type="xsd:string" xsi:nil="true"/>
    <enable_sync xsi:type="xsd:boolean" xsi:nil="true"/></ns1:Create>
    "#);
    let details = [("status", "suspended")];
    insta::assert_snapshot!(sent(&user::Update { details: &details, password: Some(""), ..Default::default() }), @r#"
    <ns1:Update xmlns:ns1="urn:ActionWebService">
    <id xsi:type="xsd:long" xsi:nil="true"/>
    <search xsi:type="ns1:UserFind" xsi:nil="true"/>
    <user_group_id xsi:type="xsd:long" xsi:nil="true"/>
    <username xsi:type="xsd:string" xsi:nil="true"/>
    <password xsi:type="xsd:string"></password>
    <full_name xsi:type="xsd:string" xsi:nil="true"/>
    <details xsi:type="soapenc:Array" soapenc:arrayType="ns1:KeyValue[1]">
    <item xsi:type="ns1:KeyValue">
    <key xsi:type="xsd:string">status</key>
    <value xsi:type="xsd:string">suspended</value></item></details>
    <external_id xsi:type="xsd:string" xsi:nil="true"/>
    <enable_sync xsi:type="xsd:boolean" xsi:nil="true"/></ns1:Update>
    "#);
    insta::assert_snapshot!(sent(&admin::Create { username: "a", roles: &[1, -2], ..Default::default() }), @r#"
    <ns1:Create xmlns:ns1="urn:ActionWebService">
    <parent_admin_id xsi:type="xsd:long" xsi:nil="true"/>
    <username xsi:type="xsd:string">a</username>
    <full_name xsi:type="xsd:string" xsi:nil="true"/>
    <external_id xsi:type="xsd:string" xsi:nil="true"/>
    <roles xsi:type="soapenc:Array" soapenc:arrayType="xsd:long[2]">
    <item xsi:type="xsd:long">1</item>
    <item xsi:type="xsd:long">-2</item></roles>
    <user_groups xsi:type="soapenc:Array" xsi:nil="true"/></ns1:Create>
    "#);
}

#[test]
fn a_licence_is_freed_by_an_empty_string() {
    let free = licence::UpdateLicenses {
        keystring: Some("ABC"),
        search: Some(licence::Find { free: true, license_type: Some(Desktop), ..Default::default() }),
        assigned_email_address: Some(""),
        quota_desired: Some(20),
        deliver_emails: Some(false),
        expires_at: DateTime::from_timestamp(1_700_000_000, 0),
        ..Default::default()
    };
    insta::assert_snapshot!(sent(&free), @r#"
    <ns1:UpdateLicenses xmlns:ns1="urn:ActionWebService">
    <keystring xsi:type="xsd:string">ABC</keystring>
    <search xsi:type="ns1:LicenseFind">
    <status xsi:type="xsd:string">free</status>
    <license_type xsi:type="xsd:string">Desktop</license_type>
    <user_group_id xsi:type="xsd:long" xsi:nil="true"/>
    <assigned_email_address xsi:type="xsd:string" xsi:nil="true"/>
    <no_sub_partners xsi:type="xsd:boolean" xsi:nil="true"/></search>
    <assigned_email_address xsi:type="xsd:string"></assigned_email_address>
    <quota_desired xsi:type="xsd:int">20</quota_desired>
    <external_id xsi:type="xsd:string" xsi:nil="true"/>
    <license_type xsi:type="xsd:string" xsi:nil="true"/>
    <deliver_emails xsi:type="xsd:boolean">false</deliver_emails>
    <expires_at xsi:type="xsd:dateTime">2023-11-14T22:13:20Z</expires_at>
    <clear_expires_at xsi:type="xsd:boolean" xsi:nil="true"/>
    <user_group_id xsi:type="xsd:long" xsi:nil="true"/></ns1:UpdateLicenses>
    "#);
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let too_much = machine::Update { id: Some(1), quota: Some(1 << 31), ..Default::default() };
    let error = envelope::write(machine::Update::OPERATION, "", &too_much.parts()).expect_err("2^31");
    assert_eq!(error, "quota 2147483648 is more than an xsd:int holds");
}

#[tokio::test]
async fn the_whole_request() {
    let server =
        Server::http("200 OK", XML, &soap("<DeleteResponse><return>1</return></DeleteResponse>")).await;
    assert_eq!(server.client().call(&user::Delete { id: 5 }).await, Ok(Some(1)));
    let request = server.requests.lock().unwrap()[0].clone();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.starts_with("post /api/0.1.50/user/api http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nsoapaction: \"/user/api/delete\"\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: text/xml; charset=utf-8\r\n"), "{head}");
    insta::assert_snapshot!(lines(&body.replace(KEY, "KEY")), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
    <soapenv:Body>
    <ns1:Delete xmlns:ns1="urn:ActionWebService">
    <api_key xsi:type="xsd:string">KEY</api_key>
    <id xsi:type="xsd:long">5</id></ns1:Delete></soapenv:Body></soapenv:Envelope>
    "#);
}
