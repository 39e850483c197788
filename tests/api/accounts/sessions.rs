use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{LOGOUT, ME, SESSIONS, login, refresh};
use crate::support::{Client, PASSWORD, Reply, TestApp};

async fn again(app: &TestApp, name: &str) -> Client {
    let reply = login(app, &format!("{name}@example.com"), PASSWORD).await;
    Client::signed_in(&app.url, &reply.json())
}

#[tokio::test]
async fn devices_are_listed_newest_first_and_the_asking_one_is_marked() {
    let app = TestApp::new().await;
    let first = app.account("ada").await;
    app.advance(Duration::minutes(1));
    let second = again(&app, "ada").await;
    app.account("eve").await;
    let page = first.get(SESSIONS).await.json();
    let list = page["items"].as_array().unwrap();
    let told: Vec<(Value, Value)> =
        list.iter().map(|item| (item["id"].clone(), item["current"].clone())).collect();
    assert_eq!(told, [(json!(second.session_id()), json!(false)), (json!(first.session_id()), json!(true))]);
    assert_eq!(list[0]["ip"], "127.0.0.1");
    assert_eq!(list[0]["created_at"], "2026-11-22T12:01:00Z");
    assert_eq!((&list[0]["user_agent"], &page["next_cursor"]), (&json!(""), &Value::Null));
}

#[tokio::test]
async fn devices_come_in_pages_whose_cursor_is_ones_own() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    again(&app, "ada").await;
    again(&app, "ada").await;
    let page = ada.get(&format!("{SESSIONS}?limit=2")).await;
    let cursor = page.json()["next_cursor"].as_str().unwrap().to_owned();
    assert!(page.header("link").starts_with(&format!("<{SESSIONS}?limit=2&cursor=")));
    let rest = ada.get(&format!("{SESSIONS}?limit=2&cursor={cursor}")).await.json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["items"][0]["current"], true);
    let eve = app.account("eve").await;
    let reply = eve.get(&format!("{SESSIONS}?cursor={cursor}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_cursor"));
}

#[tokio::test]
async fn signing_out_ends_this_device_alone() {
    let app = TestApp::new().await;
    let (first, second) = (app.account("ada").await, again(&app, "ada").await);
    assert_eq!(first.get(ME).await.status, 200);
    assert_eq!(first.act(LOGOUT).await.status, 204);
    assert_eq!(first.get(ME).await.status, 401);
    assert_eq!(refresh(&app, first.session()).await.status, 401);
    assert_eq!(second.get(ME).await.status, 200);
    assert_eq!(second.post(LOGOUT, json!({})).await.status, 204);
    assert_eq!(second.get(ME).await.status, 401);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_device_of_the_account() {
    let app = TestApp::new().await;
    let (first, second, eve) = (app.account("ada").await, again(&app, "ada").await, app.account("eve").await);
    for client in [&first, &second, &eve] {
        assert_eq!(client.get(ME).await.status, 200);
    }
    assert_eq!(first.post(LOGOUT, json!({"all": true})).await.status, 204);
    assert_eq!((first.get(ME).await.status, second.get(ME).await.status), (401, 401));
    assert_eq!(eve.get(ME).await.status, 200);
}

#[tokio::test]
async fn a_body_of_signing_out_is_judged_if_there_is_one() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    assert_eq!(ada.post(LOGOUT, json!({"all": "yes"})).await.code(), "wrong_type");
    assert_eq!(ada.post(LOGOUT, json!({"every": true})).await.code(), "unknown_field");
    assert_eq!(ada.post(LOGOUT, Value::Null).await.status, 422);
    let reply = Reply::of(ada.request(Method::POST, LOGOUT).body("all")).await;
    assert_eq!(reply.status, 415);
    assert_eq!(app.nobody().act(LOGOUT).await.status, 401);
    assert_eq!(ada.get(ME).await.status, 200);
}

#[tokio::test]
async fn one_ends_ones_own_devices_and_nobody_elses() {
    let app = TestApp::new().await;
    let (first, second, eve) = (app.account("ada").await, again(&app, "ada").await, app.account("eve").await);
    assert_eq!(second.get(ME).await.status, 200);
    let path = format!("{SESSIONS}/{}", second.session_id());
    let reply = eve.delete(&path).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    assert_eq!(first.delete(&path).await.status, 204);
    assert_eq!(second.get(ME).await.status, 401);
    assert_eq!(first.delete(&path).await.status, 404);
    assert_eq!(first.delete(&format!("{SESSIONS}/nonsense")).await.status, 404);
    assert_eq!(first.get(SESSIONS).await.json()["items"].as_array().unwrap().len(), 1);
}
