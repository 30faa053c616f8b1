//! Every form of answer that the contract allows reads the same, and a list is whole or it is an error.

use chrono::DateTime;

use super::server::{fault, soap};
use crate::mozy::document::{Document, Limits, Malformed};
use crate::mozy::reply::Answer;
use crate::mozy::words::{LicenseType, Status};
use crate::mozy::{Request, email, group, licence, machine, partner, resource, user};

fn read_within<R: Request>(xml: &str, limits: &Limits) -> Result<R::Answer, String> {
    let text = |Malformed(problem)| problem;
    let document = Document::parse(xml.as_bytes(), limits).map_err(text)?;
    match Answer::of(&document).map_err(text)? {
        Answer::Reply(reply) => R::read(&reply).map_err(text),
        Answer::Fault(fault) => Err(format!("fault: {fault}")),
    }
}

fn read<R: Request>(content: &str) -> Result<R::Answer, String> {
    read_within::<R>(&soap(content), &Limits::default())
}

fn returned<R: Request>(content: &str) -> Result<R::Answer, String> {
    read::<R>(&format!("<n:AnyResponse>{content}</n:AnyResponse>"))
}

fn problem<R: Request>(content: &str) -> String {
    read::<R>(content).err().expect("an error")
}

type Users = user::Get<'static>;

fn user_ids(content: &str) -> Result<Vec<i64>, String> {
    Ok(returned::<Users>(content)?.into_iter().map(|user| user.id).collect())
}

#[test]
fn a_partner_with_everything() {
    let xml = r#"<return xsi:type="n:PartnerResult"><size xsi:type="xsd:int">1</size><results><item xsi:type="n:Partner">
        <id xsi:type="xsd:long">9000000000</id><name>A &amp; B&#x20;<![CDATA[<GmbH>]]><!-- no --></name>
        <status>suspended</status><external_id xsi:nil="true"/><subdomain/><parent_partner_id> 7 </parent_partner_id>
        <root_role_id xsi:nil="1"/><default_user_group_id>8</default_user_group_id><shoe_size><eu>43</eu></shoe_size>
        <root_admin><id>3</id><username>Ann@x.example</username><roles><item><id>1</id><name>R</name></item></roles></root_admin>
        <enable_sync>false</enable_sync><default_sync_quota>5</default_sync_quota></item></results></return>"#;
    let partners = returned::<partner::Get<'_>>(xml).unwrap();
    let [partner] = partners.as_slice() else { panic!("{partners:?}") };
    assert_eq!(partner.id, 9_000_000_000);
    assert_eq!(partner.name.as_deref(), Some("A & B <GmbH>"));
    assert_eq!(partner.status, Some(Status::Suspended));
    assert_eq!((partner.external_id.as_deref(), partner.subdomain.as_deref()), (None, Some("")));
    assert_eq!((partner.parent_partner_id, partner.root_role_id), (Some(7), None));
    assert_eq!((partner.enable_sync, partner.default_sync_quota), (Some(false), Some(5)));
    let admin = partner.root_admin.as_ref().unwrap();
    assert_eq!((admin.id, admin.username.as_deref()), (3, Some("Ann@x.example")));
}

#[test]
fn machines_licences_and_groups() {
    let machines = returned::<machine::Get<'_>>(
        "<return><size>1</size><results><Machine><id>1</id><alias>Sync</alias><quota_used_bytes>5000000000</quota_used_bytes>
         <last_backup_at>2013-01-02T03:04:05.5+01:00</last_backup_at></Machine></results></return>",
    );
    let machine = machines.unwrap().remove(0);
    assert_eq!((machine.alias.as_deref(), machine.quota_used_bytes), (Some("Sync"), Some(5_000_000_000)));
    assert_eq!(machine.last_backup_at, DateTime::from_timestamp_millis(1_357_092_245_500));
    let licences = returned::<licence::GetLicenses<'_>>(
        "<return><size>2</size><results><i><keystring>K1</keystring><license_type>GrandFathered</license_type></i>
         <i><keystring>K2</keystring><license_type>Server</license_type><machine_id/><expires_at>2013-01-02T03:04:05</expires_at>
         </i></results></return>",
    );
    let licences = licences.unwrap();
    assert_eq!((licences[0].license_type, licences[1].license_type), (None, Some(LicenseType::Server)));
    assert_eq!(
        (licences[1].machine_id, licences[1].expires_at),
        (None, DateTime::from_timestamp(1_357_095_845, 0))
    );
    let groups = returned::<group::Get>(
        "<return><size>1</size><results><i><id>1</id><default_quotas><q><type>Desktop</type><quota>3</quota></q>
         <q><type>GrandFathered</type><quota>4</quota></q></default_quotas></i></results></return>",
    );
    let quota = group::DefaultQuota { license_type: LicenseType::Desktop, quota: 3 };
    assert_eq!(groups.unwrap()[0].default_quotas, [quota]);
}

#[test]
fn pools_of_other_types_are_ignored_and_numbers_are_never_guessed() {
    let numbers = |n: &str| {
        format!(
            "<licenses>{n}</licenses><licenses_reserved>1</licenses_reserved><licenses_used>2</licenses_used>
             <quota>30</quota><quota_distributed>20</quota_distributed>"
        )
    };
    let pools = |content: &str| returned::<resource::GetResources>(&format!("<return>{content}</return>"));
    let desktop = format!("<Resource><license_type>Desktop</license_type>{}</Resource>", numbers("5"));
    let old = "<Resource><license_type>GrandFathered</license_type><licenses xsi:nil='true'/></Resource>";
    let read = pools(&format!("{old}{desktop}")).unwrap();
    assert_eq!((read.len(), read[0].license_type, read[0].licenses), (1, LicenseType::Desktop, 5));
    assert_eq!(pools(""), Ok(vec![]));
    let nil = returned::<resource::GetResources>("<return xsi:nil='true'/>");
    assert_eq!(nil, Ok(vec![]), "types never provisioned are left out, and that may be all of them");
    assert_eq!(returned::<resource::GetResources>(""), Err("it returns nothing".into()));
    let unsaid = desktop.replace("<licenses>5</licenses>", "");
    assert_eq!(pools(&unsaid).unwrap_err(), r#"element "Resource" has no licenses"#);
    let words = desktop.replace("<licenses>5<", "<licenses>many<");
    assert_eq!(pools(&words).unwrap_err(), r#"element "licenses" is not a whole number of 64 bits"#);
}

#[test]
fn a_list_is_whole_or_an_error() {
    let two = "<results><i><id>1</id></i><i><id>2</id></i></results>";
    assert_eq!(user_ids(&format!("<return><size>2</size>{two}</return>")), Ok(vec![1, 2]));
    assert_eq!(
        user_ids("<return><i><id>1</id></i><x><id>2</id></x></return>"),
        Ok(vec![1, 2]),
        "a bare array"
    );
    assert_eq!(user_ids("<return><size>0</size><results xsi:nil='true'/></return>"), Ok(vec![]));
    assert_eq!(user_ids("<return><size>0</size></return>"), Ok(vec![]));
    for (content, problem) in [
        (format!("<return><size>3</size>{two}</return>"), "it says that it has 3 results and has 2"),
        (format!("<return><size>1</size>{two}</return>"), "it says that it has 1 results and has 2"),
        ("<return><size>1</size></return>".into(), "it says that it has 1 results and has 0"),
        (format!("<return><size/>{two}</return>"), "it returns results of no known size"),
        (format!("<return>{two}</return>"), r#"element "results" has no id"#),
        ("<return><size>1</size><results><i/></results></return>".into(), r#"element "i" has no id"#),
        ("<return/>".into(), "it returns neither a size nor results"),
        ("<return xsi:nil='true'/>".into(), "it returns nothing"),
        ("<return>none</return>".into(), r#"element "return" is text where a structure is expected"#),
        (String::new(), "it returns nothing"),
    ] {
        assert_eq!(user_ids(&content), Err(problem.into()), "{content}");
    }
}

#[test]
fn results_of_writes() {
    assert_eq!(returned::<user::Create<'_>>("<return xsi:type='xsd:int'>5</return>"), Ok(5));
    assert_eq!(returned::<user::Create<'_>>("<first>5</first><second>6</second>"), Ok(5));
    assert_eq!(returned::<user::Create<'_>>("<first>5</first><return>6</return>"), Ok(6));
    assert_eq!(returned::<user::Create<'_>>("<return/>"), Err("it returns no id".into()));
    assert_eq!(returned::<user::Delete>("<return>0</return>"), Ok(Some(0)));
    for nothing in ["", "<return/>", "<return xsi:nil='true'/>"] {
        assert_eq!(returned::<user::Delete>(nothing), Ok(None), "{nothing:?}");
    }
    assert_eq!(read::<user::Delete>(""), Ok(None), "an empty body");
    assert_eq!(returned::<email::Deliver<'_>>("<return>true</return>"), Ok(true));
    assert!(returned::<email::Deliver<'_>>("<return>maybe</return>").is_err());
}

#[test]
fn multi_references_are_followed() {
    let page = r##"<n:GetResponse><return href="#page"/></n:GetResponse>
        <multiRef id="page" s:root="0"><size href="#two"/><results href="#all"/></multiRef>
        <multiRef id="all"><item href="#ann"/><item href="#ann"/></multiRef>
        <multiRef id="ann"><id href="#two"/><username href="#name"/></multiRef>
        <multiRef id="name">ann</multiRef><multiRef id="two">2</multiRef>"##;
    let users = read::<Users>(page).unwrap();
    assert_eq!(
        users.iter().map(|u| (u.id, u.username.as_deref())).collect::<Vec<_>>(),
        [(2, Some("ann")); 2]
    );
    let first = r#"<m id="x" s:root="0">1</m><n:CreateResponse><return href="x"/></n:CreateResponse>"#;
    assert_eq!(read::<user::Create<'_>>(&first.replace("\"x\"/>", "\"#x\"/>")), Ok(1));
    assert_eq!(
        problem::<user::Create<'_>>(first),
        r#"element "return" refers to something that is not there"#
    );
}

#[test]
fn references_in_a_circle_end() {
    let circle = r##"<R><return href="#a"/></R><m id="a" href="#b"/><m id="b" href="#a"/>"##;
    assert_eq!(problem::<Users>(circle), r#"element "return" refers to itself"#);
    let nested = r##"<R><return id="a"><item href="#a"/></return></R>"##;
    assert_eq!(problem::<Users>(nested), r#"element "item" has no id"#);
    let twice = r##"<R><return id="a"/></R><m id="a"/>"##;
    assert_eq!(problem::<Users>(twice), "two elements have the same id");
}

#[test]
fn references_cannot_multiply_an_answer() {
    let many = r##"<i href="#u"/>"##.repeat(10_000);
    let details = r##"<d href="#d"/>"##.repeat(10_000);
    let bomb = format!(
        r##"<R><return>{many}</return></R><m id="u"><id>1</id><details>{details}</details></m>
            <m id="d"><key>k</key><value>{}</value></m>"##,
        "v".repeat(10_000)
    );
    assert_eq!(problem::<Users>(&bomb), "its references multiply it beyond all bounds");
}

#[test]
fn faults_wherever_they_stand() {
    assert_eq!(read_within::<Users>(&fault("gone"), &Limits::default()).unwrap_err(), "fault: gone");
    assert_eq!(
        problem::<Users>("<Fault><faultcode>C</faultcode><faultstring> </faultstring></Fault>"),
        "fault: C"
    );
    assert_eq!(problem::<Users>("<Fault><faultstring><b>x</b></faultstring></Fault>"), "fault: ");
    assert_eq!(
        problem::<Users>("<x/><Fault><faultstring href='#f'/></Fault><f id='f'>late</f>"),
        "fault: late"
    );
}

/// In memory an element takes many times the four bytes that it may be written with.
#[test]
fn an_answer_of_nothing_but_tags_is_refused_and_the_largest_partner_is_not() {
    let limits = Limits::default();
    let tags = format!("<a>{}</a>", "<b/>".repeat(100_000));
    let Malformed(problem) = Document::parse(tags.as_bytes(), &limits).err().unwrap();
    assert!(problem.starts_with("it has more than 34357 elements"), "{problem}");
    // Without types, and every field as short as it can be.
    let key = "<item><keystring>ABCDEFGHIJKLMNOPQRST</keystring><license_type>Server</license_type>\
        <user_group_id>1</user_group_id><machine_id/><assigned_email_address/><quota_desired/><expires_at/>\
        <external_id/></item>";
    let keys = format!("<results>{}</results>", key.repeat(10_000));
    assert!(Document::parse(keys.as_bytes(), &limits).is_ok());
    assert!(limits.nodes_of(key.len() * 100_000) > 9 * 100_000);
}

#[test]
fn hostile_documents_are_refused() {
    let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
    let wide = format!("<a>{}</a>", "<b/>".repeat(100));
    let many_attributes = format!("<a {}/>", (0..100).map(|n| format!("a{n}='' ")).collect::<String>());
    let limits = Limits { nodes: 100, ..Limits::default() };
    for (xml, problem) in [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("<a>", "it is cut off"),
        ("<a><b></a></b>", "xml is broken at byte 6: tags or references that do not match"),
        ("<a/", "xml is broken at byte 0: markup that does not end"),
        ("<a/><b/>", "it has more than one root element"),
        ("<a/>text", "it has text outside of its root element"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "it has a document type, which is refused"),
        ("<a>&b;</a>", "it has an unknown entity"),
        ("<a>&#0;</a>", "it has an unknown entity"),
        ("<a/>", "it is xml, but not a soap envelope"),
        ("<Envelope/>", "it is a soap envelope without a body"),
        (&deep, "it is nested deeper than 64 elements"),
        (&wide, "it has more than 100 elements"),
        (&many_attributes, "an element has a malformed attribute, or too many"),
    ] {
        assert_eq!(read_within::<Users>(xml, &limits).unwrap_err(), problem, "{xml}");
    }
    assert_eq!(Document::parse(b"<a>\xff</a>", &limits).err(), Some(Malformed("it is not utf-8".into())));
}

#[test]
fn odd_characters_do_not_hide_an_account() {
    let users = returned::<Users>(
        "\u{feff}<return><i><id>1</id><full_name>a\u{0}b&#1;\r\nc</full_name></i></return>",
    );
    // A byte order mark is only one at the very start; here it is text between elements.
    assert_eq!(users.unwrap()[0].full_name.as_deref(), Some("a\u{fffd}b\u{fffd}\nc"));
    let marked = format!("\u{feff}{}", soap("<R><return>1</return></R>"));
    assert_eq!(read_within::<user::Create<'_>>(&marked, &Limits::default()), Ok(1));
}
