//! Support helps people back into their accounts, and learns nothing by which it could sign in as them.
use chrono::Duration;
use mist::background;
use serde_json::{Value, json};

use super::{ACCOUNTS, ME, RESET, events, login, patch, refresh, second_factor::Guarded};
use crate::support::{Client, PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "seven purple lanterns";

fn path(of: &Client, what: &str) -> String {
    format!("{ACCOUNTS}/{}/{what}", of.account_id())
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

/// What the audit log has of somebody's deeds on somebody else.
async fn deeds(app: &TestApp, admin: &Client, actor: &Client, on: &Client) -> Vec<Value> {
    background::tick(&app.app, "events").await.unwrap();
    let query = format!("actor={}&subject={}", actor.account_id(), on.account_id());
    let items = admin.get(&format!("/api/v1/admin/audit-log?{query}")).await.json()["items"].clone();
    items.as_array().unwrap().iter().map(|item| item["action"].clone()).collect()
}

#[tokio::test]
async fn support_has_a_reset_mailed_that_its_owner_alone_reads() {
    let app = TestApp::new().await;
    let (support, admin, ada) = (app.support().await, app.admin().await, app.account("ada").await);
    let reply = support.act(&path(&ada, "password-reset")).await;
    assert_eq!((reply.status, reply.text().as_str()), (202, ""));
    assert_eq!(ada.get(ME).await.status, 200, "nothing has changed yet");
    let token = app.token(ADA, "choose a new password").await;
    let body = json!({"token": token, "new_password": NEW_PASSWORD});
    assert_eq!(app.nobody().post(RESET, body).await.status, 204);
    assert_eq!(login(&app, ADA, NEW_PASSWORD).await.status, 200);
    assert_eq!(deeds(&app, &admin, &support, &ada).await, ["account.password_reset_mailed"]);
}

#[tokio::test]
async fn support_has_three_resets_an_hour_mailed_to_an_account_and_none_to_who_is_suspended() {
    let app = TestApp::new().await;
    let (support, ada) = (app.support().await, app.account("ada").await);
    for _ in 0..3 {
        let asked = app.nobody().post("/api/v1/auth/password/forgot", json!({"email": ADA})).await;
        assert_eq!(asked.status, 202, "what strangers ask for keeps nobody from help");
    }
    app.run_jobs().await;
    for _ in 0..3 {
        assert_eq!(support.act(&path(&ada, "password-reset")).await.status, 202);
    }
    let reply = support.act(&path(&ada, "password-reset")).await;
    assert_eq!((refused(&reply), reply.header("retry-after")), ((429, "too_many_attempts".into()), "3600"));
    assert_eq!(events(&app, "account.password_reset_mailed").await, 3);
    let eve = app.account("eve").await;
    let account = format!("{ACCOUNTS}/{}", eve.account_id());
    assert_eq!(patch(&support, &account, json!({"status": "suspended"})).await.status, 200);
    let reply = support.act(&path(&eve, "password-reset")).await;
    assert_eq!(refused(&reply), (409, "account_suspended".into()));
}

#[tokio::test]
async fn support_signs_somebody_out_everywhere() {
    let app = TestApp::new().await;
    let (support, admin, ada) = (app.support().await, app.admin().await, app.account("ada").await);
    let other = Client::signed_in(&app.url, &login(&app, ADA, PASSWORD).await.json());
    assert_eq!((ada.get(ME).await.status, other.get(ME).await.status), (200, 200));
    assert_eq!(support.delete(&path(&ada, "sessions")).await.status, 204);
    assert_eq!((ada.get(ME).await.status, other.get(ME).await.status), (401, 401));
    assert_eq!(refresh(&app, ada.session()).await.status, 401);
    assert_eq!(login(&app, ADA, PASSWORD).await.status, 200, "who knows the password comes in again");
    assert_eq!(deeds(&app, &admin, &support, &ada).await, ["account.signed_out_everywhere"]);
}

#[tokio::test]
async fn an_admin_takes_a_lost_second_factor_away_and_its_owner_is_told() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    let (support, admin) = (app.support().await, app.admin().await);
    let factor = path(&ada.client, "second-factor");
    assert_eq!(refused(&support.delete(&factor).await), (403, "forbidden".into()));
    assert_eq!(login(&app, ADA, PASSWORD).await.code(), "totp_required");
    assert_eq!(admin.delete(&factor).await.status, 204);
    assert_eq!(ada.client.get(ME).await.status, 401);
    let session = login(&app, ADA, PASSWORD).await;
    assert_eq!((session.status, &session.json()["account"]["totp_enabled"]), (200, &json!(false)));
    assert_eq!(app.subjects(ADA).await, ["confirm your address", "your second factor was removed"]);
    assert_eq!(refused(&admin.delete(&factor).await), (404, "not_found".into()));
    assert_eq!(deeds(&app, &admin, &admin, &ada.client).await, ["account.totp_disabled"]);
}

#[tokio::test]
async fn whoever_stole_an_admins_token_takes_no_second_factor_away() {
    let app = TestApp::new().await;
    let admin = Guarded::of(&app, app.admin().await).await;
    let ada = Guarded::new(&app, "ada").await;
    let own = admin.client.delete(&path(&admin.client, "second-factor")).await;
    assert_eq!(refused(&own), (403, "forbidden".into()));
    app.advance(Duration::minutes(11));
    let stale = Client::signed_in(&app.url, &refresh(&app, admin.client.session()).await.json());
    let reply = stale.delete(&path(&ada.client, "second-factor")).await;
    assert_eq!(refused(&reply), (403, "reauthentication_required".into()));
}

#[tokio::test]
async fn support_helps_no_staff() {
    let app = TestApp::new().await;
    let (support, editor, admin) = (app.support().await, app.editor().await, app.admin().await);
    for staff in [&support, &editor, &admin] {
        let replies = [
            support.act(&path(staff, "password-reset")).await,
            support.delete(&path(staff, "sessions")).await,
        ];
        assert!(replies.iter().all(|reply| refused(reply) == (403, "forbidden".into())));
    }
    assert_eq!(admin.delete(&path(&editor, "sessions")).await.status, 204);
    assert_eq!((editor.get(ME).await.status, support.get(ME).await.status), (401, 200));
}
