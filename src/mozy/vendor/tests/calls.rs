//! What each corrective call puts on the wire. Parts that are not listed are nil, and no password is ever there.

use super::server::{Server, found, returns};
use crate::domain::partner::Status;
use crate::domain::{
    Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId, PerKind, SubscriptionNumber,
};
use crate::mozy::vendor::Mozy;
use crate::plan::call::PoolChange;
use crate::plan::{Call, Numbered};
use crate::ports::Vendor;
use crate::ports::vendor::Made;

const PARTNER: PartnerId = PartnerId(7);
const GROUP: MozyGroupId = MozyGroupId(8);
const USER: MozyUserId = MozyUserId(2);
const NUMBER: SubscriptionNumber = SubscriptionNumber(1000);

/// Makes each call against a server that returns 1, and compares what was sent.
async fn sends(calls: &[(Call, &str, &str)]) {
    let server = Server::start(|_, _| returns("1")).await;
    for (call, operation, parts) in calls {
        let made = server.mozy().perform(call).await;
        assert_eq!(server.last(), ((*operation).to_owned(), (*parts).to_owned()));
        let id = operation.ends_with("Create").then_some(1);
        assert_eq!(made, Ok(Made { id }), "{call:?}");
    }
}

fn create_partner(reseller: bool, default_sync_quota: Option<Gb>) -> Call {
    Call::CreatePartner {
        name: "Acme".into(),
        reseller,
        admin_email: "a@x.example".into(),
        admin_name: "Ann".into(),
        number: NUMBER,
        sync: false,
        default_sync_quota,
    }
}

#[tokio::test]
async fn partners() {
    sends(&[
        (
            create_partner(false, None),
            "partner.Create",
            "parent_partner_id=5 name=Acme company_type=business root_role=77 root_admin_username=a@x.example \
             root_admin_full_name=Ann external_id=1000 root_admin_external_id=1000 enable_sync=false",
        ),
        (
            create_partner(true, Some(Gb(4))),
            "partner.Create",
            "parent_partner_id=5 name=Acme company_type=reseller root_role=77 root_admin_username=a@x.example \
             root_admin_full_name=Ann external_id=1000 root_admin_external_id=1000 enable_sync=false \
             default_sync_quota=4",
        ),
        (
            Call::UpdatePartner {
                id: PARTNER,
                name: Some("New".into()),
                sync: Some(true),
                default_sync_quota: Some(Gb(3)),
            },
            "partner.Update",
            "id=7 name=New enable_sync=true default_sync_quota=3",
        ),
        (
            Call::UpdatePartner { id: PARTNER, name: None, sync: None, default_sync_quota: Some(Gb(3)) },
            "partner.Update",
            "id=7 default_sync_quota=3",
        ),
        (
            Call::SetPartnerStatus { id: PARTNER, status: Status::Suspended },
            "partner.Update",
            "id=7 key=status value=suspended",
        ),
        (
            Call::SetNumber { of: Numbered::Partner(PARTNER), number: NUMBER },
            "partner.Update",
            "id=7 external_id=1000",
        ),
        (Call::DeletePartner { id: PARTNER }, "partner.Delete", "id=7"),
    ])
    .await;
}

#[tokio::test]
async fn a_partner_without_root_and_role_leaves_both_to_mozy() {
    let server = Server::start(|_, _| returns("9000000000")).await;
    let mozy = Mozy::new(server.client(), None, None);
    let made = mozy.perform(&create_partner(false, None)).await;
    assert_eq!(made, Ok(Made { id: Some(9_000_000_000) }));
    let (_, parts) = server.last();
    assert!(parts.starts_with("name=Acme company_type=business root_admin_username="), "{parts}");
}

#[tokio::test]
async fn groups() {
    let create = |sync| Call::CreateGroup { partner: PARTNER, name: "G".into(), sync, number: NUMBER };
    sends(&[
        (create(None), "user_group.Create", "partner_id=7 name=G default_for_partner=false external_id=1000"),
        (
            create(Some(true)),
            "user_group.Create",
            "partner_id=7 name=G default_for_partner=false external_id=1000 enable_sync=true",
        ),
        (Call::RenameGroup { id: GROUP, name: "H".into() }, "user_group.Update", "id=8 name=H"),
        (
            Call::SetGroupStatus { id: GROUP, status: Status::Active },
            "user_group.Update",
            "id=8 key=status value=active",
        ),
        (Call::SetGroupSync { id: GROUP, on: false }, "user_group.Update", "id=8 enable_sync=false"),
        (Call::SetDefaultGroup { id: GROUP }, "user_group.Update", "id=8 default_for_partner=true"),
        (
            Call::SetNumber { of: Numbered::Group(GROUP), number: NUMBER },
            "user_group.Update",
            "id=8 external_id=1000",
        ),
        (Call::DeleteGroup { id: GROUP }, "user_group.Delete", "id=8"),
    ])
    .await;
}

#[tokio::test]
async fn users() {
    let create = Call::CreateUser {
        group: GROUP,
        login: "a@x.example".into(),
        full_name: "Ann".into(),
        number: NUMBER,
    };
    let update = |login: Option<&str>, name: Option<&str>| Call::UpdateUser {
        id: USER,
        login: login.map(Into::into),
        full_name: name.map(Into::into),
    };
    sends(&[
        (create, "user.Create", "user_group_id=8 username=a@x.example full_name=Ann external_id=1000"),
        (update(Some("b@x.example"), None), "user.Update", "id=2 username=b@x.example"),
        (update(None, Some("Bob")), "user.Update", "id=2 full_name=Bob"),
        (
            Call::SetUserStatus { id: USER, status: Status::Suspended },
            "user.Update",
            "id=2 key=status value=suspended",
        ),
        (Call::SetUserSync { id: USER, on: true }, "user.Update", "id=2 enable_sync=true"),
        (
            Call::MoveUser { id: USER, group: GROUP, from: None, leaves: PerKind::default() },
            "user.Update",
            "id=2 user_group_id=8",
        ),
        (
            Call::SetNumber { of: Numbered::User(USER), number: NUMBER },
            "user.Update",
            "id=2 external_id=1000",
        ),
        (Call::DeleteUser { id: USER }, "user.Delete", "id=2"),
    ])
    .await;
}

#[tokio::test]
async fn keys_and_machines() {
    let key = || Keystring("K1".into());
    let machine = MachineId(4);
    sends(&[
        (
            Call::AssignKey { key: key(), login: "a@x.example".into(), quota: Gb(20), number: NUMBER },
            "resource.UpdateLicenses",
            "keystring=K1 assigned_email_address=a@x.example quota_desired=20 external_id=1000 deliver_emails=true",
        ),
        (
            Call::ResizeKey { key: key(), quota: Gb(30) },
            "resource.UpdateLicenses",
            "keystring=K1 quota_desired=30 deliver_emails=false",
        ),
        (
            Call::ReaddressKey { key: key(), login: "b@x.example".into() },
            "resource.UpdateLicenses",
            "keystring=K1 assigned_email_address=b@x.example deliver_emails=false",
        ),
        (
            Call::MoveKey { key: key(), group: GROUP },
            "resource.UpdateLicenses",
            "keystring=K1 deliver_emails=false user_group_id=8",
        ),
        (
            Call::ClearKey { key: key() },
            "resource.UpdateLicenses",
            "keystring=K1 assigned_email_address= external_id= deliver_emails=false",
        ),
        (Call::ResizeMachine { user: USER, machine, quota: Gb(30) }, "machine.Update", "id=4 quota=30"),
        (Call::DeleteMachine { user: USER, machine }, "machine.Delete", "id=4"),
    ])
    .await;
}

#[tokio::test]
async fn pools() {
    let change = |licences, quota| PoolChange {
        partner: PARTNER,
        group: GROUP,
        kind: LicenceKind::Server,
        licences,
        quota: Gb(quota),
        becomes: (90, Gb(90)),
    };
    let transfer = Call::Transfer {
        partner: PARTNER,
        from: GROUP,
        to: MozyGroupId(9),
        kind: LicenceKind::Desktop,
        licences: 0,
        quota: Gb(40),
        becomes: (90, Gb(90)),
    };
    sends(&[
        (
            Call::Release(change(2, 0)),
            "resource.Release",
            "partner_id=7 user_group_id=8 license_type=Server licenses=2 quota=0",
        ),
        (
            transfer,
            "resource.Transfer",
            "source_partner_id=7 source_user_group_id=8 target_partner_id=7 target_user_group_id=9 \
             license_type=Desktop licenses=0 quota=40",
        ),
    ])
    .await;
    let server = Server::start(|_, _| found(&["<keystring>K</keystring>"])).await;
    assert_eq!(server.mozy().perform(&Call::Provision(change(1, 10))).await, Ok(Made::default()));
    let sent = "partner_id=7 user_group_id=8 license_type=Server licenses=1 quota=10";
    assert_eq!(server.last(), ("resource.Provision".into(), sent.into()));
    let nothing_moved = Server::start(|_, _| returns("0")).await;
    let release = Call::Release(change(0, 5));
    assert_eq!(nothing_moved.mozy().perform(&release).await, Ok(Made::default()), "rows of GB are not rows");
}
