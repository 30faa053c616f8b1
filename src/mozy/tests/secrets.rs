//! No secret of a request comes back out of an error, not even when the server repeats it.

use super::server::{KEY, Server, XML, fault, soap};
use crate::mozy::{admin, user};

#[tokio::test]
async fn neither_key_nor_password_is_shown() {
    let echo = format!("bad key {} for password hush&amp;hush, or {KEY}", KEY.to_lowercase());
    for body in [fault(&echo), soap(&format!("<{KEY}><return><{KEY}>hush&amp;hush</{KEY}></return></{KEY}>"))]
    {
        let server = Server::http("200 OK", XML, &body).await;
        let create = user::Create {
            user_group_id: 1,
            username: "u",
            password: Some("hush&hush"),
            ..Default::default()
        };
        let error = server.client().call(&create).await.expect_err("an error");
        for shown in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!shown.to_lowercase().contains(&KEY.to_lowercase()), "{shown}");
            assert!(!shown.contains("hush"), "{shown}");
        }
        let sent = server.requests.lock().unwrap().concat();
        assert!(sent.contains(KEY) && sent.contains("hush&amp;hush"), "they are sent all the same");
    }
}

#[tokio::test]
async fn a_login_address_is_read_and_not_printed() {
    let details = "<details><item><key>login_href</key><value>https://one-time</value></item></details>";
    let body = format!(
        "<GetResponse><return><size>1</size><results><i><id>1</id>{details}</i></results></return></GetResponse>"
    );
    let server = Server::http("200 OK", XML, &soap(&body)).await;
    let request = admin::Get { id: Some(1), details: &["login_href"], ..Default::default() };
    let admins = server.client().call(&request).await.unwrap();
    assert_eq!(admins[0].details[0].value, "https://one-time");
    assert!(!format!("{admins:?}").contains("one-time"));
}
