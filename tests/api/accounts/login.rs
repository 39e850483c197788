use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use super::{ACCOUNTS, LOGIN, ME, events, login, patch};
use crate::support::{Client, PASSWORD, Reply, TestApp};

#[tokio::test]
async fn the_right_password_signs_in() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let reply = login(&app, "ADA@example.com", PASSWORD).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let again = Client::signed_in(&app.url, &reply.json());
    assert_ne!(again.session_id(), ada.session_id());
    assert_eq!(again.get(ME).await.json(), ada.get(ME).await.json());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let told = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        headers.remove("date");
        headers.remove("x-request-id");
        (reply.status, headers, reply.json())
    };
    let wrong = login(&app, "ada@example.com", "another violet engine").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "invalid_credentials"));
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    for unknown in ["eve@example.com", "no address at all"] {
        assert_eq!(told(&login(&app, unknown, PASSWORD).await), told(&wrong));
    }
}

#[tokio::test]
async fn suspension_is_told_only_to_who_knows_the_password() {
    let app = TestApp::new().await;
    let (ada, admin) = (app.account("ada").await, app.admin().await);
    let path = format!("{ACCOUNTS}/{}", ada.account_id());
    assert_eq!(patch(&admin, &path, json!({"status": "suspended"})).await.status, 200);
    let reply = login(&app, "ada@example.com", "another violet engine").await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_credentials"));
    let reply = login(&app, "ada@example.com", PASSWORD).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "account_suspended"));
    assert_eq!(patch(&admin, &path, json!({"status": "active"})).await.status, 200);
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200);
    assert_eq!(events(&app, "account.suspended").await, 1);
    assert_eq!(events(&app, "account.readmitted").await, 1);
}

#[tokio::test]
async fn only_a_wrong_shape_is_422() {
    let app = TestApp::new().await;
    let reply = app.nobody().post(LOGIN, json!({"email": 7, "password": ["x"], "remember": true})).await;
    let mut fields: Vec<String> = reply.faults().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(
        (reply.status, fields.as_slice()),
        (422, ["email", "password", "remember"].map(String::from).as_slice())
    );
    let reply = login(&app, "ada@example.com", &"ä".repeat(129)).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "too_long"));
}

#[tokio::test]
async fn a_code_has_no_effect_without_a_second_factor() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "totp_code": "123456"});
    let reply = app.nobody().post(LOGIN, body).await;
    assert_eq!((reply.status, &reply.json()["account"]["totp_enabled"]), (200, &Value::Bool(false)));
}

#[tokio::test]
async fn a_hash_of_another_cost_is_renewed_at_sign_in() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let stored = async || {
        let row = entity::account::Entity::find_by_id(ada.account_id()).one(&app.app.db.read).await;
        row.unwrap().unwrap().password_hash
    };
    let today = stored().await;
    let cost = today.split('$').nth(3).unwrap().to_owned();
    assert_eq!(cost, "m=19456,t=2,p=1");
    let old = argon2::PasswordHasher::hash_password_with_salt(
        &argon2::Argon2::from(argon2::Params::new(64, 1, 1, None).unwrap()),
        PASSWORD.as_bytes(),
        b"0123456789abcdef",
    )
    .unwrap()
    .to_string();
    let row = entity::account::ActiveModel {
        id: Set(ada.account_id()),
        password_hash: Set(old.clone()),
        ..Default::default()
    };
    row.update(app.app.db.writer()).await.unwrap();
    // Those who sign in at once all get in, though only one of them finds the old hash in the end.
    let all = futures::future::join_all((0..4).map(|_| login(&app, "ada@example.com", PASSWORD))).await;
    assert!(
        all.iter().all(|reply| reply.status == 200),
        "{:?}",
        all.iter().map(Reply::text).collect::<Vec<_>>()
    );
    let renewed = stored().await;
    assert!(renewed != old && renewed.contains(&cost));
}

#[tokio::test]
async fn a_storm_of_sign_ins_is_refused_in_part_and_leaves_the_rest_of_the_store_alone() {
    let app = TestApp::with(|config| {
        config.accounts.hashing_slots = 1.try_into().unwrap();
        config.accounts.hashing_queue = 1;
        config.accounts.failures_per_account = "1000/60".parse().unwrap();
    })
    .await;
    let ada = app.account("ada").await;
    let storm = futures::future::join_all((0..40).map(|_| login(&app, "eve@example.com", PASSWORD)));
    let others = futures::future::join_all((0..40).map(|_| ada.get(ME)));
    let (storm, others) = futures::future::join(storm, others).await;
    assert!(others.iter().all(|reply| reply.status == 200));
    let refused: Vec<&Reply> = storm.iter().filter(|reply| reply.status == 503).collect();
    assert!(!refused.is_empty() && refused.len() < storm.len());
    assert!(refused.iter().all(|reply| reply.code() == "busy" && !reply.header("retry-after").is_empty()));
    assert!(storm.iter().all(|reply| matches!(reply.status, 401 | 503)));
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200);
}
