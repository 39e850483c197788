//! A provider's word is the first factor: who set up a second one is asked for it.
use chrono::Duration;
use mist::{background, config::Accounts};
use serde_json::json;

use super::{honest::Honest, refusal, signed_in};
use crate::{
    accounts::{events, login, second_factor::Guarded},
    support::{PASSWORD, TestApp},
};

const ADA: &str = "ada@example.com";

fn refused(code: &str) -> (u16, String) {
    (401, code.to_owned())
}

#[tokio::test]
async fn a_code_is_swapped_with_a_code_of_the_second_factor() {
    let store = Honest::new().await;
    let ada = Guarded::of(&store.app, store.ada().await).await;
    let code = store.code().await;
    assert_eq!(refusal(&store.exchange(&code, None).await), refused("totp_required"));
    assert_eq!(refusal(&store.exchange(&code, Some("000000")).await), refused("invalid_totp"));
    let totp = ada.code(&store.app);
    let reply = store.exchange(&code, Some(&totp)).await;
    assert_eq!(signed_in(&store.app, &reply).account_id(), ada.client.account_id());
    assert_eq!(refusal(&store.exchange(&code, Some(&totp)).await), refused("invalid_code"));
    let again = store.code().await;
    assert_eq!(refusal(&store.exchange(&again, Some(&totp)).await), refused("invalid_totp"), "used up");
}

#[tokio::test]
async fn a_recovery_code_stands_in() {
    let store = Honest::new().await;
    let ada = Guarded::of(&store.app, store.ada().await).await;
    let recovery = &ada.recovery_codes[0];
    assert_eq!(store.exchange(&store.code().await, Some(recovery)).await.status, 200);
    let told = refusal(&store.exchange(&store.code().await, Some(recovery)).await);
    assert_eq!(told, refused("invalid_totp"));
    assert_eq!(events(&store.app, "account.recovery_code_used").await, 1);
}

#[tokio::test]
async fn who_has_nowhere_to_return_to_is_answered_the_code() {
    let store = Honest::new().await;
    let ada = Guarded::of(&store.app, store.ada().await).await;
    let reply = store.callback().await;
    assert_eq!(refusal(&reply), refused("totp_required"));
    assert_eq!(reply.header("cache-control"), "private, no-store");
    let code = reply.json()["exchange_code"].as_str().unwrap().to_owned();
    let reply = store.exchange(&code, Some(&ada.code(&store.app))).await;
    assert_eq!(signed_in(&store.app, &reply).account_id(), ada.client.account_id());
}

#[tokio::test]
async fn asking_for_the_second_factor_buys_no_time() {
    let store = Honest::new().await;
    let ada = Guarded::of(&store.app, store.ada().await).await;
    let code = store.code().await;
    store.app.advance(Duration::seconds(59));
    assert_eq!(refusal(&store.exchange(&code, None).await), refused("totp_required"));
    store.app.advance(Duration::seconds(1));
    let told = refusal(&store.exchange(&code, Some(&ada.code(&store.app))).await);
    assert_eq!(told, refused("invalid_code"));
}

#[tokio::test]
async fn a_code_that_races_with_itself_signs_in_once() {
    let store =
        Honest::with(|config| config.accounts.failures_per_account = mist::config::Rate::new(99, 900));
    let store = store.await;
    let ada = Guarded::of(&store.app, store.ada().await).await;
    let (code, totp) = (store.code().await, ada.code(&store.app));
    let all = futures::future::join_all((0..20).map(|_| store.exchange(&code, Some(&totp)))).await;
    assert_eq!(all.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(all.iter().filter(|reply| reply.status == 401).count(), 19);
}

#[tokio::test]
async fn guesses_count_with_those_at_the_door_and_are_in_the_audit_log() {
    let store = Honest::with(|config| {
        config.accounts.failures_per_account = Accounts::default().failures_per_account;
    })
    .await;
    let app: &TestApp = &store.app;
    let admin = app.admin().await;
    let ada = Guarded::of(app, store.ada().await).await;
    let code = store.code().await;
    for _ in 0..5 {
        assert_eq!(refusal(&store.exchange(&code, Some("000000")).await), refused("invalid_totp"));
        // Asking without one is no guess.
        assert_eq!(refusal(&store.exchange(&code, None).await), refused("totp_required"));
    }
    let told = (429, "too_many_attempts".to_owned());
    assert_eq!(refusal(&store.exchange(&code, Some(&ada.code(app))).await), told);
    assert_eq!(refusal(&login(app, ADA, PASSWORD).await), told, "one budget");
    background::tick(&app.app, "events").await.unwrap();
    let kept = async |action: &str| {
        let log = admin.get(&format!("/api/v1/admin/audit-log?action={action}")).await.json();
        log["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["subject_id"] == json!(ada.client.account_id()))
            .count()
    };
    assert_eq!((kept("account.sign_in_failed").await, kept("account.sign_in_throttled").await), (5, 1));
}
