use super::{Browser, counts, prove, refusal, sign_in, signed_in, start, store, suspend};
use crate::accounts::{ME, events, login};
use crate::support::PASSWORD;

#[tokio::test]
async fn an_address_that_both_sides_proved_links_to_its_account() {
    let app = store().await;
    let ada = app.account("ada").await;
    prove(&app, &ada).await;
    let linked = signed_in(&app, &sign_in(&app, "op", "ada").await);
    assert_eq!(linked.account_id(), ada.account_id());
    assert_eq!((counts(&app).await, events(&app, "account.identity_linked").await), ((1, 1), 1));
    assert_eq!(linked.get(ME).await.json()["display_name"], "ada", "what the account says stays");
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200, "the password goes on");
}

#[tokio::test]
async fn an_account_whose_address_is_unproven_is_never_taken_over() {
    let app = store().await;
    app.account("ada").await;
    assert_eq!(refusal(&sign_in(&app, "op", "ada").await), (409, "email_taken".to_owned()));
    assert_eq!(counts(&app).await, (1, 0));
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_the_provider_did_not_prove_takes_nothing_over() {
    let app = store().await;
    let ada = app.account("ada").await;
    prove(&app, &ada).await;
    assert_eq!(refusal(&sign_in(&app, "op", "as_ada_mallory").await), (409, "email_taken".to_owned()));
    assert_eq!(counts(&app).await, (1, 0));
}

#[tokio::test]
async fn an_unproven_account_made_at_the_provider_keeps_no_owner_out_of_theirs() {
    let app = store().await;
    let mallory = signed_in(&app, &sign_in(&app, "op", "as_ada_mallory").await);
    assert_eq!(refusal(&sign_in(&app, "op", "ada").await), (409, "email_taken".to_owned()));
    let again = signed_in(&app, &sign_in(&app, "op", "as_ada_mallory").await);
    assert_eq!((again.account_id(), counts(&app).await), (mallory.account_id(), (1, 1)));
}

#[tokio::test]
async fn a_suspended_account_is_not_linked() {
    let app = store().await;
    let ada = app.account("ada").await;
    prove(&app, &ada).await;
    suspend(&app, ada.account_id(), entity::account::Status::Suspended).await;
    assert_eq!(refusal(&sign_in(&app, "op", "ada").await), (403, "account_suspended".to_owned()));
    assert_eq!(counts(&app).await, (1, 0));
}

#[tokio::test]
async fn without_an_address_there_is_no_account() {
    let app = store().await;
    assert_eq!(refusal(&sign_in(&app, "op", "noemail").await), (403, "email_required".to_owned()));
    assert_eq!(counts(&app).await, (0, 0));
}

#[tokio::test]
async fn twenty_who_link_at_once_link_once() {
    let app = store().await;
    let ada = app.account("ada").await;
    prove(&app, &ada).await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let mut browser = Browser::default();
        let callback = browser.callback(&app, &start("op"), "ada").await;
        browsers.push((browser, callback));
    }
    let callbacks = browsers.iter_mut().map(|(browser, callback)| browser.get(callback));
    for reply in futures::future::join_all(callbacks).await {
        assert_eq!(signed_in(&app, &reply).account_id(), ada.account_id());
    }
    assert_eq!((counts(&app).await, events(&app, "account.identity_linked").await), ((1, 1), 1));
}
