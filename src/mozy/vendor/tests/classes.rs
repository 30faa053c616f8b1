//! What a failed call means, of a read and of a write, and that nothing secret is in it.

use axum::http::StatusCode;
use tokio::net::TcpListener;

use super::server::{Reply, Server, client, fault, html, returns};
use crate::domain::{Gb, Keystring, MachineId, MozyGroupId, MozyUserId, PartnerId};
use crate::mozy::vendor::Mozy;
use crate::plan::Call;
use crate::ports::vendor::Made;
use crate::ports::{Vendor, VendorError};

const GROUP: MozyGroupId = MozyGroupId(8);

fn rename(name: &str) -> Call {
    Call::RenameGroup { id: GROUP, name: name.into() }
}

async fn write(reply: Reply) -> Result<Made, VendorError> {
    Server::well(reply).await.mozy().perform(&rename("New")).await
}

async fn read(reply: Reply) -> VendorError {
    Server::well(reply).await.mozy().users(GROUP).await.unwrap_err()
}

#[tokio::test]
async fn a_refused_write_says_what_mozy_said() {
    assert_eq!(write(fault("name is taken")).await, Err(VendorError::Rejected("name is taken".into())));
    let silent = "user_group.Update: a fault without a text".to_owned();
    let no_text = (StatusCode::OK, fault("").1.replace("s:Server", ""));
    assert_eq!(write(no_text).await, Err(VendorError::Rejected(silent)));
}

#[tokio::test]
async fn throttling_is_doubt_only_where_the_write_may_have_passed() {
    let throttled = VendorError::Throttled { retry_after: None };
    assert_eq!(write(html(StatusCode::TOO_MANY_REQUESTS)).await, Err(throttled.clone()));
    assert!(matches!(write(html(StatusCode::SERVICE_UNAVAILABLE)).await, Err(VendorError::InDoubt(_))));
    assert_eq!(read(html(StatusCode::TOO_MANY_REQUESTS)).await, throttled);
    assert_eq!(read(html(StatusCode::SERVICE_UNAVAILABLE)).await, throttled);
}

#[tokio::test]
async fn what_is_denied_is_denied_and_what_is_garbled_is_in_doubt() {
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
        assert!(matches!(write(html(status)).await, Err(VendorError::Denied(_))));
        assert!(matches!(read(html(status)).await, VendorError::Denied(_)));
    }
    for reply in
        [html(StatusCode::OK), html(StatusCode::BAD_GATEWAY), html(StatusCode::INTERNAL_SERVER_ERROR)]
    {
        assert!(matches!(write(reply.clone()).await, Err(VendorError::InDoubt(_))));
        assert!(matches!(read(reply).await, VendorError::Unreachable(_)));
    }
}

#[tokio::test]
async fn a_create_without_an_id_is_in_doubt() {
    let call = Call::CreateGroup {
        partner: PartnerId(7),
        name: "G".into(),
        sync: None,
        number: crate::domain::SubscriptionNumber(1),
    };
    let server = Server::well(returns("")).await;
    assert!(matches!(server.mozy().perform(&call).await, Err(VendorError::InDoubt(_))));
}

#[tokio::test]
async fn a_closed_door_is_unreachable_for_both() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mozy = Mozy::new(client(&format!("http://{port}")), None, None);
    let (written, seen) = (mozy.perform(&rename("New")).await, mozy.users(GROUP).await);
    assert!(matches!(written, Err(VendorError::Unreachable(_))), "{written:?}");
    assert!(matches!(seen, Err(VendorError::Unreachable(_))), "{seen:?}");
    assert!(!format!("{written:?}{seen:?}").contains("HushHush"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_not_sent() {
    let server = Server::well(returns("1")).await;
    let mozy = server.mozy();
    let key = Keystring("K".into());
    let calls = [
        rename("a\u{1}b"),
        Call::ResizeKey { key, quota: Gb(-1) },
        Call::ResizeMachine { user: MozyUserId(1), machine: MachineId(2), quota: Gb(-1) },
    ];
    for call in calls {
        let said = mozy.perform(&call).await;
        assert!(matches!(said, Err(VendorError::Rejected(_))), "{said:?}");
    }
    assert_eq!(server.operations(), Vec::<String>::new());
}

#[tokio::test]
async fn rows_decide_of_updates_and_not_of_deletes() {
    let updates = [
        rename("New"),
        Call::ClearKey { key: Keystring("K".into()) },
        Call::ResizeMachine { user: MozyUserId(1), machine: MachineId(2), quota: Gb(1) },
        Call::SetUserSync { id: MozyUserId(1), on: true },
        Call::UpdatePartner { id: PartnerId(7), name: None, sync: None, default_sync_quota: None },
    ];
    let deletes = [
        Call::DeletePartner { id: PartnerId(7) },
        Call::DeleteGroup { id: GROUP },
        Call::DeleteUser { id: MozyUserId(1) },
        Call::DeleteMachine { user: MozyUserId(1), machine: MachineId(2) },
    ];
    let (none, some, unsaid) = (returns("0"), returns("1"), (StatusCode::OK, returns("").1));
    for (reply, hit) in [(none, false), (some, true), (unsaid, true)] {
        let server = Server::well(reply).await;
        for call in &updates {
            let said = server.mozy().perform(call).await;
            assert_eq!(matches!(said, Err(VendorError::Rejected(_))), !hit, "{call:?}: {said:?}");
        }
        for call in &deletes {
            assert_eq!(server.mozy().perform(call).await, Ok(Made::default()), "{call:?}");
        }
    }
}
