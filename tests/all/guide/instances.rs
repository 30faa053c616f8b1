//! Several instances in one daemon, each with credentials and a root partner of its own: nothing of one touches the other.

use mozyd::sim::mozy::parts;

use super::scene::*;

/// Issue: further, several APS instances with their own credentials.
pub async fn play(scene: &Scene<'_>) {
    let (lab, mozy) = (scene.lab, scene.lab.mozy());
    // Given another root partner at Mozy, with a key that reaches nothing else.
    let root = mozy.panel("partner.Create", parts([
        ("name", "Another provider".into()),
        ("root_admin_username", "root@another-provider.test".into()),
        ("enable_sync", true.into()),
    ]));
    let root = root.unwrap().int().unwrap();
    let api_key = mozy.add_key(root, None).unwrap();
    let other = lab.install_with(false, &api_key, root).await.unwrap();
    let ours = scene.customer(usual()).await;
    let mut theirs = scene.someone();
    theirs.instance = other;
    let mark = ours.mark();
    theirs.order(usual()).await;
    let user = theirs.user("ann").await;
    theirs.desktop(&user, 10).await;
    assert_eq!(theirs.partner().unwrap().parent_id, Some(root));
    assert_eq!(ours.partner().unwrap().parent_id, Some(mozy.root_partner_id()));
    mark.writes(&ours, &[]);
    theirs.bills_desktop(1, 10).await;
    ours.bills_desktop(0, 0).await;
    theirs.says("/state", "ready").await;
    theirs.quiet().await;
    ours.quiet().await;
    // When the key of one is no good any more, the other goes on.
    scene.done(lab.osa().terminate(theirs.tenant)).await;
    assert!(theirs.partner().is_none() && ours.partner().is_some());
}
