use serde_json::{Value, json};

use super::{LOGOUT, ME, PASSWORD_OF_ME, events, login, patch, refresh};
use crate::support::{Client, PASSWORD, TestApp};

const NEW_PASSWORD: &str = "seven purple lanterns";

#[tokio::test]
async fn a_profile_is_changed_member_by_member_and_null_clears() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let reply =
        patch(&ada, ME, json!({"display_name": " Ada L. ", "locale": "PT-br", "country": "br"})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let account = reply.json();
    let told = |account: &Value| ["display_name", "locale", "country"].map(|name| account[name].clone());
    assert_eq!(told(&account), [json!("Ada L."), json!("pt-BR"), json!("BR")]);
    let account = patch(&ada, ME, json!({"locale": null})).await.json();
    assert_eq!(told(&account), [json!("Ada L."), Value::Null, json!("BR")]);
    let account = patch(&ada, ME, json!({})).await.json();
    assert_eq!(account, ada.get(ME).await.json());
    assert_eq!(told(&account), [json!("Ada L."), Value::Null, json!("BR")]);
}

#[tokio::test]
async fn what_is_not_ones_to_change_is_refused() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let body =
        json!({"display_name": null, "country": "Germany", "roles": ["admin"], "email": "eve@example.com"});
    let reply = patch(&ada, ME, body).await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        ("country", "invalid_country"),
        ("display_name", "wrong_type"),
        ("email", "unknown_field"),
        ("roles", "unknown_field"),
    ];
    assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    assert_eq!(patch(&app.nobody(), ME, json!({"roles": 1})).await.status, 401);
}

#[tokio::test]
async fn a_new_password_signs_out_every_other_device() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let other = Client::signed_in(&app.url, &login(&app, "ada@example.com", PASSWORD).await.json());
    assert_eq!(other.get(ME).await.status, 200);
    let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    let reply = ada.put(PASSWORD_OF_ME, body).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    assert_eq!((ada.get(ME).await.status, other.get(ME).await.status), (200, 401));
    assert_eq!(
        (refresh(&app, ada.session()).await.status, refresh(&app, other.session()).await.status),
        (200, 401)
    );
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 401);
    assert_eq!(login(&app, "ada@example.com", NEW_PASSWORD).await.status, 200);
    assert_eq!(events(&app, "account.password_changed").await, 1);
}

#[tokio::test]
async fn a_password_is_not_changed_without_the_one_it_replaces() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let body = json!({"current_password": "another violet engine", "new_password": NEW_PASSWORD});
    let reply = ada.put(PASSWORD_OF_ME, body).await;
    assert_eq!(reply.faults(), [("current_password".to_owned(), "invalid_credentials".to_owned())]);
    let reply =
        ada.put(PASSWORD_OF_ME, json!({"current_password": PASSWORD, "new_password": "123456789"})).await;
    assert_eq!(reply.faults(), [("new_password".to_owned(), "too_short".to_owned())]);
    let reply = ada
        .put(PASSWORD_OF_ME, json!({"current_password": PASSWORD, "new_password": "ada@example.com1"}))
        .await;
    assert_eq!(reply.faults(), [("new_password".to_owned(), "too_weak".to_owned())]);
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn of_two_who_change_a_password_at_once_one_succeeds() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let to = |new: &str| ada.put(PASSWORD_OF_ME, json!({"current_password": PASSWORD, "new_password": new}));
    let (left, right) = futures::future::join(to("seven purple lanterns"), to("eight copper gliders")).await;
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
}

#[tokio::test]
async fn ones_own_account_is_for_who_is_signed_in() {
    let app = TestApp::new().await;
    let reply = app.nobody().get(ME).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"));
    let ada = app.account("ada").await;
    ada.act(LOGOUT).await;
    assert_eq!(ada.get(ME).await.code(), "unauthorized");
}
