//! What the client makes of what the controller answers, and how long it tries.

use super::*;

#[tokio::test]
async fn a_transaction_that_is_over_is_left_out() {
    let (router, calls) = controller(|_, call| match call.header("aps-transaction-id") {
        Some(_) => (
            StatusCode::BAD_REQUEST,
            axum::Json(json!({"error": "X", "message": "Transaction not found: 1"})),
        )
            .into_response(),
        None => subscription(),
    });
    let behalf = Behalf { transaction: Some("1".into()), resource: Some(ID) };
    plain(router).await.subscription(ID, &behalf).await.unwrap();
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[1].header("aps-resource-id"), Some(ID.to_string().as_str()));
}

/// A list of `length` users, of which a page has at most 100, as a controller would give it.
fn list(length: usize, call: &Heard) -> Response {
    let query = call.uri.query().unwrap_or("limit(0,100)");
    let asked =
        query.strip_prefix("limit(").and_then(|q| q.strip_suffix(')')).and_then(|q| q.split_once(','));
    let (start, count): (usize, usize) =
        asked.map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).unwrap();
    let end = length.min(start + count);
    let page: Vec<_> = (start..end).map(|n| json!({"login": n, "isAccountAdmin": n == 7})).collect();
    let range = format!("items {start}-{}/{length}", end.saturating_sub(1));
    ([(header::CONTENT_RANGE, range)], axum::Json(page)).into_response()
}

#[tokio::test]
async fn all_pages_of_the_users_are_read() {
    for (length, pages) in [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)] {
        let (router, calls) = controller(move |_, call| list(length, call));
        let users = plain(router).await.users(ID, &Behalf::default()).await.unwrap();
        let logins: Vec<_> = users.iter().map(|user| user.login.clone().unwrap()).collect();
        assert_eq!(logins, (0..length).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(calls.lock().unwrap().len(), pages);
        assert_eq!(calls.lock().unwrap()[0].uri.path(), format!("/aps/2/resources/{ID}/users"));
    }
    let (router, _) = controller(|_, _| json(json!([{"login": "only"}])));
    assert_eq!(plain(router).await.users(ID, &Behalf::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_list_that_ends_too_soon_or_never_is_no_list() {
    let (router, _) = controller(|n, _| {
        let page = if n == 0 { json!([{}]) } else { json!([]) };
        ([(header::CONTENT_RANGE, "items 0-0/2")], axum::Json(page))
    });
    let short = plain(router).await.users(ID, &Behalf::default()).await;
    assert!(matches!(short, Err(ApscError::Unreadable(_))), "{short:?}");
    let (router, calls) = controller(|_, _| {
        ([(header::CONTENT_RANGE, "items 0-99/999999999")], axum::Json(vec![json!({}); 1000]))
    });
    let endless = plain(router).await.users(ID, &Behalf::default()).await;
    assert!(matches!(endless, Err(ApscError::Unreadable(_))), "{endless:?}");
    assert_eq!(calls.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_is_not() {
    let outcomes = [(400, 4), (500, 4), (503, 4), (401, 1), (403, 1), (404, 1), (409, 1)];
    futures_util::future::join_all(outcomes.map(|(status, tries)| async move {
        let (router, calls) = controller(move |_, _| StatusCode::from_u16(status).unwrap());
        let begun = Instant::now();
        let error = plain(router).await.account(ID, &Behalf::default()).await.unwrap_err();
        match error {
            ApscError::NotFound => assert_eq!(status, 404),
            ApscError::Refused { status: refused, .. } => assert_eq!(refused, status),
            other => panic!("{status}: {other}"),
        }
        let tried = calls.lock().unwrap().len();
        let slow = begun.elapsed() >= RETRIES_FOR;
        assert!(tried == tries || slow && tried < tries, "{status}: {tried}");
    }))
    .await;
    let (router, _) =
        controller(|n, _| if n < 2 { StatusCode::BAD_REQUEST.into_response() } else { subscription() });
    plain(router).await.subscription(ID, &Behalf::default()).await.unwrap();
}

#[tokio::test]
async fn nonsense_is_unreadable_and_nobody_is_followed() {
    let large = json!({"subscriptionId": 7, "x": "x".repeat(5 * 1024 * 1024)}).to_string();
    for body in ["<html>".to_owned(), "{\"subscriptionId\":-1}".into(), "{}".into(), String::new(), large] {
        let (router, calls) = controller(move |_, _| body.clone());
        let error = plain(router).await.subscription(ID, &Behalf::default()).await.unwrap_err();
        assert!(matches!(error, ApscError::Unreadable(_)), "{error}");
        assert_eq!(calls.lock().unwrap().len(), 1);
    }
    let (router, calls) = controller(|_, _| Redirect::temporary("/elsewhere"));
    let error = plain(router).await.subscription(ID, &Behalf::default()).await.unwrap_err();
    assert!(matches!(error, ApscError::Refused { status: 307, .. }), "{error}");
    assert_eq!(calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn silence_and_refused_connections_end_in_time_and_show_no_url() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    // Nobody else is given its port.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addresses = [silent.local_addr().unwrap(), closed.local_addr().unwrap()];
    let short = Duration::from_millis(200);
    for address in addresses {
        let uri = format!("http://{address}").parse().unwrap();
        let timeouts = Timeouts { connect: short, total: short };
        let apsc = Apsc::new(&uri, None, Access::default(), timeouts).unwrap();
        let behalf = Behalf::default();
        let asked = apsc.subscription(ID, &behalf);
        let error = tokio::time::timeout(RETRIES_FOR * 5, asked).await.unwrap().unwrap_err();
        assert!(matches!(error, ApscError::Unreachable(_)), "{error}");
        assert!(!error.to_string().contains("aps/2") && !error.to_string().contains("http://"), "{error}");
    }
}

#[tokio::test]
async fn usage_is_pushed_to_the_application_and_once() {
    let usage = json!({"desktopQuota": {"usage": 340}});
    let (router, calls) =
        controller(|n, _| if n == 0 { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR });
    let apsc = plain(router).await;
    apsc.push(Service::Tenant, ID, &usage).await.unwrap();
    assert!(apsc.push(Service::Tenant, ID, &usage).await.is_err());
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (&calls[0].method, calls[0].uri.path()),
        (&Method::PUT, &*format!("/aps/2/application/mozyProAccount/{ID}"))
    );
    assert_eq!(serde_json::from_slice::<Value>(&calls[0].body).unwrap(), usage);
    assert_eq!(calls[0].header("content-type"), Some("application/json"));
}
