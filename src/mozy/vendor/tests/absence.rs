//! Absent only by a healthy look; what is incomplete, of others or unreadable leaves us knowing nothing.

use axum::http::StatusCode;

use super::server::{Reply, Server, fault, found, html, returns};
use crate::domain::{Keystring, LicenceKind, MozyGroupId, MozyUserId, PartnerId, Presence};
use crate::mozy::vendor::Mozy;
use crate::ports::{Vendor, VendorError};

const PARTNER: PartnerId = PartnerId(7);
const GROUP: MozyGroupId = MozyGroupId(8);
const USER: MozyUserId = MozyUserId(2);

fn key() -> Keystring {
    Keystring("K".into())
}

/// What each read says of one and the same answer; `Ok(true)` when it takes it for nothing.
async fn nothing(mozy: &Mozy) -> Vec<Result<bool, VendorError>> {
    fn one<T>(said: Result<Presence<T>, VendorError>) -> Result<bool, VendorError> {
        said.map(|presence| matches!(presence, Presence::Absent))
    }
    fn list<T>(said: Result<Vec<T>, VendorError>) -> Result<bool, VendorError> {
        said.map(|items| items.is_empty())
    }
    vec![
        one(mozy.partner(PARTNER).await),
        list(mozy.find_partners("a@x.example").await),
        list(mozy.groups(PARTNER).await),
        one(mozy.group(GROUP).await),
        list(mozy.users(GROUP).await),
        one(mozy.user(USER).await),
        list(mozy.find_users("a@x.example").await),
        list(mozy.licences(GROUP).await),
        one(mozy.licence(&key()).await),
        list(mozy.free_keys(GROUP, LicenceKind::Server).await),
        list(mozy.machines(USER).await),
        mozy.admin_exists("a@x.example").await.map(|exists| !exists),
        one(mozy.admin_link(PARTNER, "a@x.example").await),
        one(mozy.user_link(USER).await),
    ]
}

#[tokio::test]
async fn a_fault_of_a_healthy_mozy_and_an_empty_list_are_an_absence() {
    for reply in [fault("not found"), (StatusCode::OK, fault("not found").1), found(&[])] {
        let server = Server::well(reply).await;
        for (read, said) in nothing(&server.mozy()).await.into_iter().enumerate() {
            assert_eq!(said, Ok(true), "read {read}");
        }
    }
}

#[tokio::test]
async fn what_is_no_answer_is_never_an_absence() {
    let cut = (StatusCode::OK, found(&[]).1.replace("</s:Envelope>", ""));
    let no_size = returns("<results/>");
    let broken: [Reply; 5] =
        [html(StatusCode::OK), html(StatusCode::NOT_FOUND), html(StatusCode::BAD_GATEWAY), cut, no_size];
    for reply in broken {
        let server = Server::well(reply.clone()).await;
        for (read, said) in nothing(&server.mozy()).await.into_iter().enumerate() {
            assert!(matches!(said, Err(VendorError::Unreachable(_))), "read {read} of {reply:?}: {said:?}");
        }
        assert_eq!(server.operations().len(), 14, "nothing is probed that was no fault");
    }
}

#[tokio::test]
async fn what_is_deleted_is_absent() {
    let deleted =
        "<id>7</id><status>deleted</status><user_group_id>8</user_group_id><username>a@x.example</username>";
    let server = Server::well(found(&[deleted])).await;
    let mozy = server.mozy();
    assert_eq!(mozy.partner(PARTNER).await, Ok(Presence::Absent));
    assert_eq!(mozy.find_partners("a@x.example").await, Ok(vec![]));
    assert_eq!(mozy.group(MozyGroupId(7)).await, Ok(Presence::Absent));
    assert_eq!(mozy.groups(PARTNER).await, Ok(vec![]));
    assert_eq!(mozy.user(MozyUserId(7)).await, Ok(Presence::Absent));
    assert_eq!(mozy.users(GROUP).await, Ok(vec![]));
    assert_eq!(mozy.find_users("a@x.example").await, Ok(vec![]));
}

fn unclear<T: std::fmt::Debug>(said: Result<T, VendorError>, of: &str) {
    match said {
        Err(VendorError::Unreachable(why)) => assert!(why.starts_with("incomplete answer: "), "{of}: {why}"),
        other => panic!("{of}: {other:?}"),
    }
}

/// The item with all its fields, and once without each of them.
fn without_each(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let item = |leave_out: Option<usize>| {
        let kept = fields.iter().enumerate().filter(|(index, _)| Some(*index) != leave_out);
        kept.map(|(_, (name, value))| format!("<{name}>{value}</{name}>")).collect::<String>()
    };
    fields.iter().enumerate().map(|(index, (name, _))| ((*name).to_owned(), item(Some(index)))).collect()
}

#[tokio::test]
async fn what_must_not_be_guessed_is_not() {
    let partner = [
        ("name", "P"),
        ("status", "active"),
        ("default_user_group_id", "8"),
        ("root_admin", "<id>1</id><username>a@x.example</username>"),
    ];
    for (left_out, fields) in without_each(&partner) {
        let server = Server::well(found(&[&format!("<id>7</id>{fields}")])).await;
        unclear(server.mozy().find_partners("a@x.example").await, &left_out);
        if left_out != "root_admin" {
            unclear(server.mozy().partner(PARTNER).await, &left_out);
        }
    }
    for (left_out, fields) in without_each(&[("name", "G"), ("status", "active")]) {
        let server = Server::well(found(&[&format!("<id>8</id>{fields}")])).await;
        unclear(server.mozy().group(GROUP).await, &left_out);
        unclear(server.mozy().groups(PARTNER).await, &left_out);
    }
    let user = [("user_group_id", "8"), ("username", "a@x.example"), ("status", "active")];
    for (left_out, fields) in without_each(&user) {
        let server = Server::well(found(&[&format!("<id>2</id>{fields}")])).await;
        unclear(server.mozy().user(USER).await, &left_out);
        unclear(server.mozy().users(GROUP).await, &left_out);
        unclear(server.mozy().find_users("a@x.example").await, &left_out);
    }
    for (left_out, fields) in without_each(&[("user_id", "2"), ("quota", "1"), ("quota_used_bytes", "0")]) {
        let server = Server::well(found(&[&format!("<id>3</id>{fields}")])).await;
        unclear(server.mozy().machines(USER).await, &left_out);
    }
    let no_group = "<keystring>K</keystring><license_type>Desktop</license_type>";
    let server = Server::well(found(&[no_group])).await;
    unclear(server.mozy().licences(GROUP).await, "a key's group");
    unclear(server.mozy().free_keys(GROUP, LicenceKind::Desktop).await, "a key's group");
    unclear(server.mozy().licence(&key()).await, "a key's group");
}

#[tokio::test]
async fn states_types_and_links_that_are_not_known_are_not_guessed() {
    let server =
        Server::well(found(&["<id>2</id><user_group_id>8</user_group_id><username>a@x.example</username>
        <status>dormant</status><details/>"]));
    let server = server.await;
    let user = server.mozy().user(USER).await.unwrap().present().unwrap();
    assert_eq!(user.status, None, "a state that is new to us says nothing of the rest");
    assert_eq!(server.mozy().users(GROUP).await.map(|users| users.len()), Ok(1));
    unclear(server.mozy().user_link(USER).await, "a link");
    unclear(server.mozy().admin_link(PARTNER, "a@x.example").await, "a link");
    let old =
        "<keystring>K</keystring><license_type>GrandFathered</license_type><user_group_id>8</user_group_id>";
    let server = Server::well(found(&[old])).await;
    assert_eq!(server.mozy().licences(GROUP).await, Ok(vec![]));
    let known = server.mozy().licence(&key()).await.unwrap().present().unwrap();
    assert_eq!(known.kind, None, "a key we know that changed its type is there");
    let dormant =
        "<id>7</id><name>P</name><status>dormant</status><default_user_group_id>8</default_user_group_id>";
    let server = Server::well(found(&[dormant])).await;
    let partner = server.mozy().partner(PARTNER).await.unwrap().present().unwrap();
    assert_eq!(partner.status, None, "so does a partner's");
    let nameless = Server::well(found(&["<id>1</id>"])).await;
    unclear(nameless.mozy().admin_exists("a@x.example").await, "an admin's name");
}

#[tokio::test]
async fn an_answer_about_others_is_no_absence() {
    let server = Server::well(found(&["<id>99</id><keystring>OTHER</keystring>"])).await;
    let mozy = server.mozy();
    unclear(mozy.partner(PARTNER).await, "partner");
    unclear(mozy.group(GROUP).await, "group");
    unclear(mozy.user(USER).await, "user");
    unclear(mozy.user_link(USER).await, "link");
    let server = Server::well(found(&["<keystring>OTHER</keystring>"])).await;
    unclear(server.mozy().licence(&key()).await, "key");
}

#[tokio::test]
async fn a_pool_is_whole_and_single_or_unknown() {
    let pool = |licences: &str, bytes: &str| {
        format!(
            "<item><license_type>Desktop</license_type><licenses>{licences}</licenses>
             <licenses_reserved>0</licenses_reserved><licenses_used>0</licenses_used><quota>1</quota>
             <quota_distributed>0</quota_distributed><quota_used_bytes>{bytes}</quota_used_bytes></item>"
        )
    };
    let (whole, no_bytes, negative) = (pool("1", "0"), pool("1", ""), pool("-1", "0"));
    for pools in [format!("{whole}{whole}"), no_bytes, negative] {
        let server = Server::well(returns(&pools)).await;
        unclear(server.mozy().stock(PARTNER, GROUP).await, &pools);
    }
    let server = Server::well(fault("no such group")).await;
    let said = server.mozy().stock(PARTNER, GROUP).await;
    assert!(matches!(said, Err(VendorError::Unreachable(_))), "{said:?}");
    assert_eq!(server.operations().len(), 1, "no probe makes it known");
}
