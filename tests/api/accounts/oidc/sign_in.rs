use chrono::Duration;
use serde_json::json;

use super::{Browser, counts, refusal, sign_in, signed_in, start, store, store_at, suspend};
use crate::accounts::{LOGIN, ME, events, login};

#[tokio::test]
async fn a_first_sign_in_makes_an_account_and_the_next_finds_it() {
    let app = store().await;
    let first = sign_in(&app, "op", "ada").await;
    let ada = signed_in(&app, &first);
    assert_eq!(first.header("cache-control"), "private, no-store");
    let account = ada.get(ME).await.json();
    let shown = [&account["email"], &account["display_name"], &account["email_verified"], &account["roles"]];
    assert_eq!(json!(shown), json!(["ada@example.com", "ada at the provider", true, ["customer"]]));
    assert_eq!(events(&app, "account.created").await, 1);

    let again = signed_in(&app, &sign_in(&app, "op", "ada").await);
    assert_eq!(again.account_id(), ada.account_id());
    assert_ne!(again.session_id(), ada.session_id());
    signed_in(&app, &sign_in(&app, "op", "bob").await);
    assert_eq!(counts(&app).await, (2, 2));
}

#[tokio::test]
async fn an_address_the_provider_did_not_prove_is_not_proven_here() {
    let app = store().await;
    let reply = sign_in(&app, "op", "unverified").await;
    assert_eq!(signed_in(&app, &reply).get(ME).await.json()["email_verified"], false);
}

#[tokio::test]
async fn every_kind_of_signature_and_of_client_is_taken() {
    let app = store().await;
    for name in ["op", "es256", "eddsa", "public"] {
        signed_in(&app, &sign_in(&app, name, "ada").await);
    }
    assert_eq!(counts(&app).await, (1, 1), "one issuer, one subject");
}

#[tokio::test]
async fn an_account_without_a_password_is_like_one_with_another() {
    let app = store().await;
    signed_in(&app, &sign_in(&app, "op", "ada").await);
    app.account("bob").await;
    let told = async |email| {
        let mut reply = login(&app, email, "another violet engine").await;
        for varying in ["date", "x-request-id"] {
            reply.headers.remove(varying);
        }
        (reply.status, reply.headers, reply.body)
    };
    let wrong = told("bob@example.com").await;
    assert_eq!((wrong.0, &told("ada@example.com").await), (401, &wrong));
    let body = json!({"email": "ada@example.com", "password": "no password set."});
    assert_eq!(app.nobody().post(LOGIN, body).await.status, 401);
}

#[tokio::test]
async fn twenty_first_sign_ins_at_once_make_one_account() {
    let app = store().await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let mut browser = Browser::default();
        let callback = browser.callback(&app, &start("op"), "ada").await;
        browsers.push((browser, callback));
    }
    let callbacks = browsers.iter_mut().map(|(browser, callback)| browser.get(callback));
    let replies = futures::future::join_all(callbacks).await;
    let ids: std::collections::HashSet<_> =
        replies.iter().map(|reply| signed_in(&app, reply).account_id()).collect();
    assert_eq!((ids.len(), counts(&app).await), (1, (1, 1)));
    assert_eq!(events(&app, "account.created").await, 1);
}

#[tokio::test]
async fn who_is_suspended_is_refused() {
    let app = store().await;
    let ada = signed_in(&app, &sign_in(&app, "op", "ada").await);
    suspend(&app, ada.account_id(), entity::account::Status::Suspended).await;
    assert_eq!(refusal(&sign_in(&app, "op", "ada").await), (403, "account_suspended".to_owned()));
    suspend(&app, ada.account_id(), entity::account::Status::Active).await;
    assert_eq!(sign_in(&app, "op", "ada").await.status, 200);
}

#[tokio::test]
async fn a_sign_in_comes_back_once_in_its_own_browser_and_in_time() {
    let app = store().await;
    let invalid = (400, "invalid_state".to_owned());
    let mut browser = Browser::default();
    let callback = browser.callback(&app, &start("op"), "ada").await;

    let mut other = Browser::default();
    assert_eq!(refusal(&other.get(&callback).await), invalid, "no cookie");
    other.begin(&app, &start("op")).await;
    assert_eq!(refusal(&other.get(&callback).await), invalid, "another sign-in's cookie");
    let elsewhere = callback.replace("/op/", "/es256/");
    assert_eq!(refusal(&browser.get(&elsewhere).await), invalid, "another provider's answer");
    let doubled = format!("{callback}&state=x");
    assert_eq!(refusal(&browser.get(&doubled).await), invalid, "two answers in one");

    app.advance(Duration::minutes(10) - Duration::seconds(1));
    // The provider's token is old by then for the store's clock, but this is no matter of the state.
    assert_eq!(refusal(&browser.get(&callback).await), (400, "invalid_id_token".to_owned()));
    assert_eq!(refusal(&browser.get(&callback).await), invalid, "used up");

    let callback = browser.callback(&app, &start("op"), "ada").await;
    app.advance(Duration::minutes(10));
    assert_eq!(refusal(&browser.get(&callback).await), invalid, "too late");
    assert_eq!(counts(&app).await, (0, 0));
}

#[tokio::test]
async fn a_callback_that_comes_twenty_times_at_once_signs_in_once() {
    let app = store().await;
    let mut browser = Browser::default();
    let callback = browser.callback(&app, &start("op"), "ada").await;
    let cookie = browser.cookie();
    let nobody = app.nobody();
    let replies = futures::future::join_all((0..20).map(|_| {
        let request = nobody.request(reqwest::Method::GET, &callback).header("cookie", &cookie);
        crate::support::Reply::of(request)
    }))
    .await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 400 && reply.code() == "invalid_state").count(),
        19
    );
}

#[tokio::test]
async fn another_copy_ends_what_one_began() {
    let app = store_at(Some("http://localhost:9")).await;
    let copy = app.another_copy().await;
    let mut browser = Browser::default();
    let callback = browser.callback(&app, &start("op"), "ada").await;
    let [here, there] = [&app.url, &copy.url].map(|url| callback.replace("http://localhost:9", url));
    signed_in(&copy, &browser.get(&there).await);
    assert_eq!(refusal(&browser.get(&here).await), (400, "invalid_state".to_owned()));
}

#[tokio::test]
async fn who_declines_at_the_provider_changes_nothing() {
    let app = store().await;
    let mut browser = Browser::default();
    let callback = browser.callback(&app, &start("op"), "").await;
    assert_eq!(refusal(&browser.get(&callback).await), (403, "access_denied".to_owned()));
    assert_eq!(refusal(&browser.get(&callback).await), (400, "invalid_state".to_owned()));
    assert_eq!(counts(&app).await, (0, 0));
}

#[tokio::test]
async fn a_store_that_the_provider_does_not_know_is_told_apart() {
    let app = store().await;
    assert_eq!(refusal(&sign_in(&app, "wrong", "ada").await), (502, "provider_error".to_owned()));
    assert_eq!(counts(&app).await, (0, 0));
}
