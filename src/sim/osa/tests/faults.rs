//! Each fault does what it says, on its side.

use super::app::{App, Say};
use super::caller::{acting, plain, tls};
use super::*;
use crate::sim::osa::tls::Identity;
use reqwest::Method;
use serde_json::json;

impl Lab {
    fn strike(&self, fault: Fault) {
        self.osa.faults().next(Side::ToApp, fault, 1);
    }

    fn phases(&self) -> Vec<String> {
        self.app.seen().iter().map(|s| format!("{} {}", s.method, s.header("APS-Request-Phase"))).collect()
    }
}

#[tokio::test]
async fn faults_on_the_way_to_the_application_fail_the_task() {
    let lab = Lab::new().await;
    for (fault, status, arrives) in [
        (Fault::BadRequest, Some(400), 0),
        (Fault::Forbidden, Some(403), 0),
        (Fault::ServerError, Some(503), 1),
        (Fault::Timeout, None, 1),
        (Fault::Refused, None, 0),
    ] {
        lab.app.forget();
        lab.strike(fault);
        let result = failed(&lab.order()).await;
        assert_eq!((result.status(), result.notes[0].fault), (status, Some(fault)));
        assert_eq!(lab.app.seen().len(), arrives, "{fault:?}");
        assert_eq!(lab.osa.log().pop().unwrap().fault, Some(fault));
        done(&lab.osa.rerun(result.id).unwrap()).await;
    }
}

#[tokio::test]
async fn a_post_comes_twice_one_after_the_other_or_at_once() {
    let (lab, answered) = (Lab::new().await, Duration::from_secs(1));
    for fault in [Fault::DuplicatePost, Fault::ConcurrentPost] {
        lab.app.forget();
        lab.app.script(vec![Say::status(201).after(answered); 2]);
        lab.strike(fault);
        let result = done(&lab.order()).await;
        let seen = lab.app.seen();
        assert_eq!((seen.len(), &seen[0].body), (2, &seen[1].body));
        let apart = seen[1].at - seen[0].at;
        assert_eq!(apart < answered, fault == Fault::ConcurrentPost, "{apart:?}");
        assert_eq!(result.notes.iter().filter(|note| note.stray).count(), 1);
    }
}

#[tokio::test]
async fn polls_come_first_early_late_and_once_too_often() {
    let lab = Lab::with(Options { time_scale: 1.0, max_poll: Duration::from_secs(5), ..fast() }).await;
    lab.strike(Fault::PollFirst);
    done(&lab.order()).await;
    assert_eq!(lab.phases(), ["POST async"]);
    // In time is after one second.
    for (fault, range) in [(Fault::EarlyPoll, 0..1000), (Fault::LatePoll, 3000..u128::MAX)] {
        lab.app.forget();
        lab.app.script([Say::later("1", "wait")]);
        lab.strike(fault);
        done(&lab.order()).await;
        let seen = lab.app.seen();
        let waited = (seen[1].at - seen[0].at).as_millis();
        assert!(range.contains(&waited), "{fault:?}: {waited} ms");
    }
    lab.app.forget();
    lab.strike(Fault::StrayPoll);
    let order = lab.order();
    order.until(|record| record.notes.len() == 1).await;
    assert!(matches!(lab.osa.suspend(order.resource()), Err(Refused::Busy { .. })), "the resource is held");
    done(&order).await;
    assert_eq!(lab.phases(), ["POST sync", "POST async"]);
}

#[tokio::test]
async fn a_put_with_nothing_changed_follows() {
    let lab = Lab::new().await;
    lab.strike(Fault::IdlePut);
    let order = lab.order();
    done(&order).await;
    let seen = lab.app.seen();
    assert_eq!(seen[1].line(), format!("PUT /mozyProAccount/{}", order.resource()));
    assert_eq!(seen[1].body["desktopQuota"], seen[0].body["desktopQuota"]);
}

#[tokio::test]
async fn events_are_lost_or_repeated() {
    let lab = Lab::new().await;
    let user = lab.user(lab.tenant().await).await;
    let service_user = lab.osa.resource(user).unwrap().link("user").unwrap();
    for (fault, times) in [(Fault::LostEvent, 0), (Fault::RepeatedEvent, 2)] {
        lab.app.forget();
        lab.strike(fault);
        let told = lab.osa.change_service_user(service_user, &map(json!({"email": "n@n.test"}))).unwrap();
        told[0].done().await;
        assert_eq!(lab.app.seen().len(), times, "{fault:?}");
    }
}

#[tokio::test]
async fn faults_on_callbacks_before_and_after_they_are_done() {
    let lab = Lab::with(Options { hang: Duration::from_secs(60), ..fast() }).await;
    let (tenant, client) = (lab.tenant().await, plain());
    let ask = acting(&client, Some(tenant));
    let path = format!("application/mozyProAccount/{tenant}");
    let cases =
        [(Fault::BadRequest, 400, false), (Fault::Forbidden, 403, false), (Fault::ServerError, 503, true)];
    for (usage, (fault, status, kept)) in cases.into_iter().enumerate() {
        lab.osa.faults().next(Side::FromApp, fault, 1);
        let pushed = json!({"desktopQuota": {"usage": usage}});
        assert_eq!(ask.put(&lab.osa, &path, pushed).await.0, status);
        let shown = lab.osa.screen(tenant).get("desktopQuota").copied();
        assert_eq!(shown == i64::try_from(usage).ok(), kept, "{fault:?}");
        assert_eq!(ask.get(&lab.osa, &format!("resources/{tenant}")).await.0, 200, "only once");
    }
    lab.osa.faults().next(Side::FromApp, Fault::Timeout, 1);
    let path = format!("resources/{tenant}");
    let mut slow = std::pin::pin!(ask.send(&lab.osa, Method::GET, &path, None));
    let struck = async {
        while lab.osa.log().pop().unwrap().fault != Some(Fault::Timeout) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = &mut slow => panic!("{answer:?}"),
        () = struck => {}
    }
    assert!(tokio::time::timeout(Duration::from_millis(150), slow).await.is_err());
}

#[tokio::test]
async fn connections_are_reset_or_refused() {
    let lab = Lab::new().await;
    let (tenant, client) = (lab.tenant().await, plain());
    let ask = acting(&client, Some(tenant));
    let path = format!("resources/{tenant}");
    lab.osa.faults().next(Side::FromApp, Fault::Refused, u32::MAX);
    assert!(ask.send(&lab.osa, Method::GET, &path, None).await.is_err());
    lab.osa.faults().clear();
    assert_eq!(ask.get(&lab.osa, &path).await.0, 200);
    lab.osa.set_door_open(false);
    assert!(ask.send(&lab.osa, Method::GET, &path, None).await.is_err());
    lab.osa.set_door_open(true);
    let reopened = async {
        while ask.send(&lab.osa, Method::GET, &path, None).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reopened).await.expect("the door opens again");
    // Who was let in before it closed must knock again.
    assert_eq!(ask.get(&lab.osa, &path).await.0, 200);
    lab.osa.faults().next(Side::FromApp, Fault::Refused, u32::MAX);
    assert_eq!(ask.get(&lab.osa, &path).await.0, 200, "the connection is open");
    lab.osa.set_door_open(false);
    lab.osa.set_door_open(true);
    assert!(ask.send(&lab.osa, Method::GET, &path, None).await.is_err());
}

#[tokio::test]
async fn expired_certificates_are_shown_on_either_side() {
    let options =
        Options { auth: Auth::OAuth(OAuthKey { key: "k".into(), secret: "s".into() }), tls: true, ..fast() };
    let lab = Lab::with(options).await;
    lab.osa.faults().next(Side::FromApp, Fault::ExpiredCertificate, 1);
    let trusting = [lab.osa.controller_certificate(), lab.osa.expired.certificate_pem()].concat();
    let client = tls(&trusting, None);
    let ask = acting(&client, None);
    let error = ask.send(&lab.osa, Method::GET, "resources", None).await.unwrap_err();
    assert!(format!("{error:?}").contains("Expired"), "{error:?}");
    assert_eq!(ask.get(&lab.osa, "resources").await.0, 401, "the next certificate is good");

    let identity = Identity::new("application", "127.0.0.1").unwrap();
    let app = App::start(Some(identity.server(true).unwrap())).await;
    lab.osa.faults().next(Side::ToApp, Fault::ExpiredCertificate, 1);
    let install = lab.osa.install(install_at(app.url())).unwrap();
    done(&install).await;
    let shown = app.seen()[0].certificate.clone().unwrap();
    assert!(lab.osa.expired.is(&shown) && !lab.osa.controller.is(&shown));
}

#[tokio::test]
async fn under_all_faults_at_once_every_task_ends_and_an_operator_gets_it_done() {
    let lab = Lab::new().await;
    for fault in [
        Fault::BadRequest,
        Fault::Forbidden,
        Fault::ServerError,
        Fault::Timeout,
        Fault::Refused,
        Fault::ExpiredCertificate,
        Fault::DuplicatePost,
        Fault::ConcurrentPost,
        Fault::IdlePut,
        Fault::PollFirst,
        Fault::EarlyPoll,
        Fault::LatePoll,
        Fault::StrayPoll,
    ] {
        lab.osa.faults().rate(Side::ToApp, fault, 0.1);
    }
    for _ in 0..20 {
        let order = lab.order();
        while !order.done().await.is_done() {
            assert!(order.record().runs < 100, "{:?}", order.record());
            lab.osa.rerun(order.id()).unwrap();
        }
        assert_eq!(lab.osa.resource(order.resource()).unwrap().status, Status::Ready);
    }
    assert!(lab.osa.tasks().iter().any(|task| task.runs > 1));
    assert!(lab.osa.world().busy.is_empty() && lab.osa.world().transactions.is_empty());
}
