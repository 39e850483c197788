//! Sign-ins through providers are bounded per address, and every one of them makes its device known.
use chrono::Duration;
use entity::oidc_sign_in;
use mist::{background, config::Rate};
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{EXCHANGE, honest::Honest, refusal, start};
use crate::support::{Reply, TestApp};

const HERE: &str = "192.0.2.1";
const THERE: &str = "198.51.100.7";

fn too_many() -> (u16, String) {
    (429, "too_many_attempts".to_owned())
}

async fn store() -> Honest {
    Honest::with(|config| {
        config.accounts.provider_sign_ins_per_address = Rate::new(3, 600);
        config.accounts.failures_per_address = Rate::new(3, 60);
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await
}

async fn from(app: &TestApp, address: &str, path: &str) -> Reply {
    app.nobody().coming_from(address, "Browser/1").get(path).await
}

async fn open(app: &TestApp) -> u64 {
    oidc_sign_in::Entity::find().count(&app.app.db.read).await.unwrap()
}

#[tokio::test]
async fn an_address_begins_so_many_and_what_it_begun_is_removed() {
    let store = store().await;
    for _ in 0..3 {
        assert_eq!(from(&store.app, HERE, &start("fake")).await.status, 303);
    }
    let refused = from(&store.app, HERE, &start("fake")).await;
    assert_eq!((refusal(&refused), refused.header("retry-after")), (too_many(), "600"));
    assert_eq!(from(&store.app, THERE, &start("fake")).await.status, 303);
    assert_eq!(open(&store.app).await, 4);
    store.app.advance(Duration::minutes(10));
    assert_eq!(from(&store.app, HERE, &start("fake")).await.status, 303);
    store.app.advance(Duration::hours(2));
    assert!(background::tick(&store.app.app, "retention").await.unwrap());
    assert_eq!(open(&store.app).await, 0);
}

#[tokio::test]
async fn what_comes_back_wrong_too_often_is_not_looked_at() {
    let store = store().await;
    let callback = start("fake").replace("/start", "/callback?code=any&state=made-up");
    let exchange = async |address: &str| {
        let request = store.app.nobody().coming_from(address, "Browser/1").request(Method::POST, EXCHANGE);
        refusal(&Reply::of(request.json(&json!({"code": "made up"}))).await)
    };
    assert_eq!(refusal(&from(&store.app, HERE, &callback).await), (400, "invalid_state".to_owned()));
    for _ in 0..2 {
        assert_eq!(exchange(HERE).await, (401, "invalid_code".to_owned()));
    }
    assert_eq!(exchange(HERE).await, too_many());
    assert_eq!(refusal(&from(&store.app, HERE, &callback).await), too_many());
    assert_eq!(exchange(THERE).await, (401, "invalid_code".to_owned()));
    store.app.advance(Duration::minutes(1));
    assert_eq!(exchange(HERE).await, (401, "invalid_code".to_owned()));
}

#[tokio::test]
async fn who_signs_in_uses_nothing_up() {
    let store = Honest::with(|config| config.accounts.failures_per_address = Rate::new(2, 60)).await;
    for _ in 0..5 {
        assert_eq!(store.exchange(&store.code().await, None).await.status, 200);
        assert_eq!(store.callback().await.status, 200);
    }
}

#[tokio::test]
async fn every_sign_in_makes_its_device_known_and_a_new_one_is_told() {
    let store = Honest::new().await;
    let code = store.code().await;
    let cookies = |reply: &Reply| {
        let all = reply.headers.get_all("set-cookie").iter();
        all.map(|cookie| cookie.to_str().unwrap().split('=').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(cookies(&store.exchange(&code, None).await), ["mist_device"]);
    assert_eq!(cookies(&store.callback().await), ["mist_sign_in", "mist_device"]);
    assert_eq!(store.app.subjects("ada@example.com").await, Vec::<String>::new());
    let code = store.code().await;
    let elsewhere = store.app.nobody().request(Method::POST, EXCHANGE).header("user-agent", "Toaster/1.0");
    assert_eq!(Reply::of(elsewhere.json(&json!({"code": code}))).await.status, 200);
    assert_eq!(store.app.subjects("ada@example.com").await, ["a new sign-in to your account"]);
}
