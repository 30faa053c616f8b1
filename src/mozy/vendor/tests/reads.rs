//! What Mozy tells in our words, whatever else it lists along with it.

use super::server::{Server, fault, found, returns, root};
use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::partner::{Partner, Status};
use crate::domain::pool::Stock;
use crate::domain::user::ObservedUser;
use crate::domain::{
    Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId, PerKind, Presence,
};
use crate::ports::Vendor;

const GROUP: MozyGroupId = MozyGroupId(8);
const ACME: &str = "<id>7</id><name>Acme</name><status>suspended</status><external_id>1000</external_id>
    <parent_partner_id>5</parent_partner_id><default_user_group_id>8</default_user_group_id>
    <root_admin><id>3</id><username>Ann@Acme.example</username></root_admin>
    <enable_sync>true</enable_sync><default_sync_quota>4</default_sync_quota>";
const OTHER: &str =
    "<id>9</id><name>Other</name><status>active</status><default_user_group_id>10</default_user_group_id>
    <root_admin><id>4</id><username>bob@other.example</username></root_admin>";

fn acme() -> Partner {
    Partner {
        id: PartnerId(7),
        name: "Acme".into(),
        status: Some(Status::Suspended),
        external_id: Some("1000".into()),
        parent: Some(PartnerId(5)),
        default_group: Some(GROUP),
        admin: Some("Ann@Acme.example".into()),
        sync: Some(true),
        default_sync_quota: Some(Gb(4)),
    }
}

#[tokio::test]
async fn partners_by_id_and_by_admin() {
    let server = Server::start(|_, _| found(&[OTHER, ACME])).await;
    let mozy = server.mozy();
    assert_eq!(mozy.partner(PartnerId(7)).await, Ok(Presence::Present(acme())));
    assert_eq!(server.last(), ("partner.Get".into(), "id=7".into()));
    // This server ignores the search.
    assert_eq!(mozy.find_partners("ann@acme.EXAMPLE").await, Ok(vec![acme()]));
    assert_eq!(server.last(), ("partner.Get".into(), "root_admin_username=ann@acme.EXAMPLE".into()));
    assert_eq!(mozy.find_partners("carl@acme.example").await, Ok(vec![]));
}

#[tokio::test]
async fn groups_of_a_partner() {
    let item = |id, partner, status| {
        format!("<id>{id}</id><partner_id>{partner}</partner_id><name>G{id}</name><status>{status}</status>")
    };
    let (ours, foreign, gone) = (item(8, "7", "active"), item(9, "6", "active"), item(10, "7", "deleted"));
    let unsaid = item(11, "", "suspended");
    let page = found(&[&foreign, &ours, &gone, &unsaid]);
    let server = Server::start(move |_, _| page.clone()).await;
    let group = |id, partner: Option<i64>, status| ObservedGroup {
        id: MozyGroupId(id),
        partner: partner.map(PartnerId),
        name: format!("G{id}"),
        status,
        external_id: None,
        sync: None,
    };
    let (ours, unsaid) = (group(8, Some(7), Some(Status::Active)), group(11, None, Some(Status::Suspended)));
    let mozy = server.mozy();
    assert_eq!(mozy.groups(PartnerId(7)).await, Ok(vec![ours.clone(), unsaid]));
    assert_eq!(server.last(), ("user_group.Get".into(), "partner_id=7".into()));
    assert_eq!(mozy.group(GROUP).await, Ok(Presence::Present(ours)));
    assert_eq!(server.last(), ("user_group.Get".into(), "id=8".into()));
}

#[tokio::test]
async fn a_name_with_upper_case_is_searched_for_in_lower_case_as_well() {
    let user =
        "<id>1</id><user_group_id>8</user_group_id><username>ann@x.example</username><status>active</status>";
    let lower = found(&[user]);
    let server = Server::start(move |operation, body| match operation {
        "user.Get" | "admin.Get" if body.contains("ann@x.example") => lower.clone(),
        "user.Get" | "admin.Get" => fault("no such name"),
        _ => root(),
    });
    let server = server.await;
    let users = server.mozy().find_users("Ann@X.example").await.unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(server.mozy().admin_exists("Ann@X.example").await, Ok(true));
    assert_eq!(server.mozy().admin_exists("Bob@x.example").await, Ok(false));
}

#[tokio::test]
async fn users_of_a_group_by_id_and_by_name() {
    let item = |id, group, name: &str, more: &str| {
        format!("<id>{id}</id><user_group_id>{group}</user_group_id><username>{name}</username>{more}")
    };
    let ann = item(1, 8, "ann@x.example", "<full_name>Ann</full_name><status>active</status><external_id/>");
    let bob = item(2, 9, "Ann@x.example", "<status>suspended</status><enable_sync>false</enable_sync>");
    // Nobody asked for him, so nothing he lacks matters.
    let carl = item(3, 9, "carl@x.example", "");
    let page = found(&[&ann, &bob, &carl]);
    let server = Server::start(move |_, _| page.clone()).await;
    let user = |id, group, name: &str, full: &str, status, sync| ObservedUser {
        id: MozyUserId(id),
        group: MozyGroupId(group),
        username: name.into(),
        full_name: full.into(),
        status,
        external_id: None,
        sync,
    };
    let ann = user(1, 8, "ann@x.example", "Ann", Some(Status::Active), None);
    let bob = user(2, 9, "Ann@x.example", "", Some(Status::Suspended), Some(false));
    let mozy = server.mozy();
    assert_eq!(mozy.users(GROUP).await, Ok(vec![ann.clone()]));
    assert_eq!(server.last(), ("user.Get".into(), "user_group_id=8".into()));
    assert_eq!(mozy.users(MozyGroupId(77)).await, Ok(vec![]), "the server ignores the search");
    assert_eq!(mozy.user(MozyUserId(2)).await, Ok(Presence::Present(bob.clone())));
    assert_eq!(mozy.find_users(" ANN@x.example").await, Ok(vec![ann, bob]));
    assert_eq!(server.last(), ("user.Get".into(), "username= ANN@x.example".into()));
}

fn key(key: &str, kind: &str, group: i64, more: &str) -> String {
    format!(
        "<keystring>{key}</keystring><license_type>{kind}</license_type><user_group_id>{group}</user_group_id>{more}"
    )
}

#[tokio::test]
async fn keys_of_a_group_and_those_that_are_free() {
    let items = [
        key("FREE", "Desktop", 8, "<assigned_email_address/>"),
        key("SERVER", "Server", 8, "<assigned_email_address xsi:nil='true'/>"),
        key("OLD", "GrandFathered", 8, ""),
        key("ELSEWHERE", "Desktop", 9, ""),
        key(
            "USED",
            "Desktop",
            8,
            "<machine_id>4</machine_id><assigned_email_address>A@x</assigned_email_address>
            <quota_desired>20</quota_desired><external_id>1000</external_id>",
        ),
        key("LOST", "Desktop", 8, "<machine_id>5</machine_id>"),
    ];
    let page = found(&items.each_ref().map(String::as_str));
    let server = Server::start(move |_, _| page.clone()).await;
    let mozy = server.mozy();
    let listed = mozy.licences(GROUP).await.unwrap();
    assert_eq!(server.last(), ("resource.GetLicenses".into(), "user_group_id=8".into()));
    let names: Vec<_> = listed.iter().map(|licence| &*licence.key.0).collect();
    assert_eq!(names, ["FREE", "SERVER", "USED", "LOST"]);
    assert!(listed[0].is_free() && listed[1].is_free());
    let used = ObservedLicence {
        key: Keystring("USED".into()),
        kind: Some(LicenceKind::Desktop),
        group: GROUP,
        machine: Some(MachineId(4)),
        email: Some("A@x".into()),
        quota: Some(Gb(20)),
        external_id: Some("1000".into()),
    };
    assert_eq!(listed[2], used);
    assert_eq!(mozy.licence(&used.key).await, Ok(Presence::Present(used)));
    assert_eq!(server.last(), ("resource.GetLicenses".into(), "keystring=USED".into()));
    let free = mozy.free_keys(GROUP, LicenceKind::Desktop).await;
    assert_eq!(free, Ok(vec![Keystring("FREE".into())]), "whatever the server takes for free");
    let asked = "status=free license_type=Desktop user_group_id=8";
    assert_eq!(server.last(), ("resource.GetLicenses".into(), asked.into()));
}

#[tokio::test]
async fn stock_of_a_group() {
    let pool = |kind: &str| {
        format!(
            "<item><license_type>{kind}</license_type><licenses>6</licenses><licenses_reserved>1</licenses_reserved>
             <licenses_used>2</licenses_used><quota>50</quota><quota_distributed>30</quota_distributed>
             <quota_used_bytes>5000000000</quota_used_bytes></item>"
        )
    };
    let stock = Stock {
        licences: 6,
        reserved: 1,
        used: 2,
        quota: Gb(50),
        distributed: Gb(30),
        used_bytes: 5_000_000_000,
    };
    let pools = format!("{}{}", pool("GrandFathered"), pool("Server"));
    let server = Server::start(move |_, _| returns(&pools)).await;
    let seen = server.mozy().stock(PartnerId(7), GROUP).await;
    assert_eq!(seen, Ok(PerKind { desktop: Stock::default(), server: stock }));
    let asked = ("resource.GetResources".into(), "partner_id=7 user_group_id=8".into());
    assert_eq!(server.last(), asked);
}

#[tokio::test]
async fn machines_of_a_user() {
    let item = |id, user, more: &str| {
        format!(
            "<id>{id}</id><user_id>{user}</user_id><quota>5</quota><quota_used_bytes>9</quota_used_bytes>{more}"
        )
    };
    let laptop = item(
        1,
        2,
        "<alias>laptop</alias><keystring> K1 </keystring>
        <last_backup_at>2013-01-02T03:04:05Z</last_backup_at>",
    );
    let (sync, foreign) = (item(2, 2, "<alias>Sync</alias><keystring/>"), item(3, 9, ""));
    let page = found(&[&laptop, &sync, &foreign]);
    let server = Server::start(move |_, _| page.clone()).await;
    let machines = server.mozy().machines(MozyUserId(2)).await.unwrap();
    assert_eq!(server.last(), ("machine.Get".into(), "user_id=2".into()));
    let laptop = Machine {
        id: MachineId(1),
        user: MozyUserId(2),
        alias: Some("laptop".into()),
        key: Some(Keystring("K1".into())),
        quota: Gb(5),
        used_bytes: 9,
        last_backup: chrono::DateTime::from_timestamp(1_357_095_845, 0),
    };
    assert_eq!((machines.len(), &machines[0]), (2, &laptop));
    assert!(machines[1].is_sync());
}

#[tokio::test]
async fn admins_and_links() {
    let detail = |key: &str, value: &str| format!("<item><key>{key}</key><value>{value}</value></item>");
    let link = detail("login_href", "https://mozy.example/once?t=1");
    let other = detail("phone", "1");
    let admin = |details: &str| {
        format!(
            "<id>3</id><username>Ann@x.example</username><details>{details}</details><user_group_id>8</user_group_id>"
        )
    };
    let url = Ok(Presence::Present("https://mozy.example/once?t=1".to_owned()));
    for details in [format!("{other}{link}"), detail("whatever", "https://mozy.example/once?t=1")] {
        let page = found(&["<id>1</id><username>bob@x.example</username>", &admin(&details)]);
        let server = Server::well(page).await;
        let mozy = server.mozy();
        assert_eq!(mozy.admin_link(PartnerId(7), "ann@x.example").await, url);
        assert_eq!(server.last(), ("admin.Get".into(), "username=ann@x.example item=login_href".into()));
        assert_eq!(mozy.user_link(MozyUserId(3)).await, url);
        assert_eq!(server.last(), ("user.Get".into(), "id=3 item=login_href".into()));
        assert_eq!(mozy.admin_exists("ann@x.example").await, Ok(true));
        assert_eq!(server.last(), ("admin.Get".into(), "username=ann@x.example".into()));
        assert_eq!(mozy.admin_exists("carl@x.example").await, Ok(false));
        assert_eq!(mozy.admin_link(PartnerId(7), "carl@x.example").await, Ok(Presence::Absent));
    }
}

#[tokio::test]
async fn an_admin_of_another_partner_has_no_link_for_this_one() {
    let details =
        "<details><item><key>login_href</key><value>https://mozy.example/once</value></item></details>";
    for (of, is_ours) in
        [("<partner_id>7</partner_id>", true), ("<partner_id>9</partner_id>", false), ("", true)]
    {
        let admin = format!("<id>3</id>{of}<username>ann@x.example</username>{details}");
        let server = Server::well(found(&[&admin])).await;
        let link = server.mozy().admin_link(PartnerId(7), "ann@x.example").await;
        assert_eq!(link.unwrap().present().is_some(), is_ours, "{of:?}");
    }
}
