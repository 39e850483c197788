use serde_json::{Value, json};

use super::{ACCOUNTS, ME, events, patch, refresh};
use crate::support::{Client, TestApp};

fn path(client: &Client) -> String {
    format!("{ACCOUNTS}/{}", client.account_id())
}

fn emails(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn support_finds_accounts_by_text_role_and_status() {
    let app = TestApp::new().await;
    let (support, ada) = (app.support().await, app.account("ada").await);
    app.account("bob_100%").await;
    app.editor().await;
    let found = async |query: &str| emails(&support.get(&format!("{ACCOUNTS}?{query}")).await.json());
    assert_eq!(
        found("").await,
        ["editor@example.com", "bob_100%@example.com", "ada@example.com", "support@example.com"]
    );
    assert_eq!(found("q=ADA").await, ["ada@example.com"]);
    assert_eq!(found("q=b_100%25").await, ["bob_100%@example.com"]);
    assert!(found("q=_%25_").await.is_empty());
    assert_eq!(found(&format!("q={}", ada.account_id())).await, ["ada@example.com"]);
    assert_eq!(found("role=editor").await, ["editor@example.com"]);
    assert_eq!(found("role=customer&q=support").await, ["support@example.com"]);
    assert!(found("status=suspended").await.is_empty());
    assert_eq!(patch(&support, &path(&ada), json!({"status": "suspended"})).await.status, 200);
    assert_eq!(found("status=suspended").await, ["ada@example.com"]);
    let reply = support.get(&format!("{ACCOUNTS}?role=boss&status=1&name=x&q=")).await;
    let mut fields: Vec<String> = reply.faults().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["name", "q", "role", "status"]);
}

#[tokio::test]
async fn accounts_come_in_pages_bound_to_their_filters() {
    let app = TestApp::new().await;
    let support = app.support().await;
    for name in ["a", "b", "c"] {
        app.account(name).await;
    }
    let first = support.get(&format!("{ACCOUNTS}?limit=2")).await.json();
    assert_eq!(emails(&first), ["c@example.com", "b@example.com"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    app.account("d").await;
    let second = support.get(&format!("{ACCOUNTS}?limit=2&cursor={cursor}")).await.json();
    assert_eq!(emails(&second), ["a@example.com", "support@example.com"]);
    assert_eq!(second["next_cursor"], Value::Null);
    let reply = support.get(&format!("{ACCOUNTS}?limit=2&q=a&cursor={cursor}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_cursor"));
}

#[tokio::test]
async fn an_account_is_shown_with_its_status_and_without_its_secrets() {
    let app = TestApp::new().await;
    let (support, ada) = (app.support().await, app.account("ada").await);
    let mut shown = support.get(&path(&ada)).await.json();
    assert_eq!(shown.as_object_mut().unwrap().remove("status"), Some(json!("active")));
    assert_eq!(shown, ada.session()["account"]);
    let reply = support.get(&format!("{ACCOUNTS}/{}", app.app.clock.new_id())).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
}

#[tokio::test]
async fn customers_and_editors_see_no_accounts() {
    let app = TestApp::new().await;
    let (ada, editor) = (app.account("ada").await, app.editor().await);
    for client in [&ada, &editor] {
        assert_eq!(client.get(ACCOUNTS).await.code(), "forbidden");
        assert_eq!(client.get(&path(&ada)).await.status, 403);
        assert_eq!(patch(client, &path(&ada), json!({"roles": "nonsense"})).await.status, 403);
    }
    assert_eq!(app.nobody().get(ACCOUNTS).await.status, 401);
}

#[tokio::test]
async fn an_admin_gives_and_takes_roles_and_they_count_at_once() {
    let app = TestApp::new().await;
    let (admin, ada) = (app.admin().await, app.account("ada").await);
    assert_eq!(ada.get(ACCOUNTS).await.status, 403);
    let reply = patch(&admin, &path(&ada), json!({"roles": ["support", "editor", "support"]})).await;
    assert_eq!((reply.status, &reply.json()["roles"]), (200, &json!(["customer", "editor", "support"])));
    assert_eq!(ada.get(ACCOUNTS).await.status, 200);
    let reply = patch(&admin, &path(&ada), json!({"roles": ["customer"]})).await;
    assert_eq!(reply.json()["roles"], json!(["customer"]));
    assert_eq!(ada.get(ACCOUNTS).await.status, 403);
    assert_eq!(events(&app, "account.roles_changed").await, 2);
    patch(&admin, &path(&ada), json!({"roles": [], "status": "active"})).await;
    assert_eq!(events(&app, "account.roles_changed").await, 2);
}

#[tokio::test]
async fn who_is_suspended_is_out_at_once() {
    let app = TestApp::new().await;
    let (support, ada) = (app.support().await, app.account("ada").await);
    assert_eq!(ada.get(ME).await.status, 200);
    let reply = patch(&support, &path(&ada), json!({"status": "suspended"})).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("suspended")));
    assert_eq!(ada.get(ME).await.status, 401);
    assert_eq!(refresh(&app, ada.session()).await.status, 401);
    patch(&support, &path(&ada), json!({"status": "active"})).await;
    assert_eq!(ada.get(ME).await.status, 401);
}

#[tokio::test]
async fn another_copy_sees_a_suspension_when_it_reads_the_session_anew() {
    let app = TestApp::new().await;
    let (support, ada) = (app.support().await, app.account("ada").await);
    let other = app.another_copy().await;
    let there = Client::signed_in(&other.url, ada.session());
    patch(&support, &path(&ada), json!({"status": "suspended"})).await;
    assert_eq!(there.get(ME).await.status, 401);
}

#[tokio::test]
async fn support_touches_neither_roles_nor_staff() {
    let app = TestApp::new().await;
    let (support, editor, ada) = (app.support().await, app.editor().await, app.account("ada").await);
    let admin = app.admin().await;
    for staff in [&support, &editor, &admin] {
        let reply = patch(&support, &path(staff), json!({"status": "suspended"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "forbidden"));
    }
    assert_eq!(patch(&support, &path(&admin), json!({"nonsense": 1})).await.status, 403);
    assert_eq!(patch(&support, &path(&ada), json!({"roles": ["support"]})).await.status, 403);
    let unknown = format!("{ACCOUNTS}/{}", app.app.clock.new_id());
    assert_eq!(patch(&support, &unknown, json!({"nonsense": 1})).await.status, 404);
    assert_eq!(patch(&support, &path(&ada), json!({"nonsense": 1})).await.status, 422);
    assert_eq!(patch(&support, &path(&ada), json!({"status": null})).await.code(), "wrong_type");
    assert_eq!(patch(&admin, &path(&ada), json!({"roles": ["boss"]})).await.code(), "invalid_choice");
}

#[tokio::test]
async fn the_last_admin_stays() {
    let app = TestApp::new().await;
    let (admin, ada) = (app.admin().await, app.account("ada").await);
    for body in [json!({"roles": ["editor"]}), json!({"status": "suspended"})] {
        let reply = patch(&admin, &path(&admin), body).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "last_admin"));
    }
    // An admin who may not sign in is none who remains.
    patch(&admin, &path(&ada), json!({"roles": ["admin"], "status": "suspended"})).await;
    assert_eq!(patch(&admin, &path(&admin), json!({"roles": []})).await.code(), "last_admin");
}

#[tokio::test]
async fn nobody_changes_their_own_roles() {
    let app = TestApp::new().await;
    let (admin, ada) = (app.admin().await, app.account("ada").await);
    patch(&admin, &path(&ada), json!({"roles": ["admin"]})).await;
    for roles in [json!([]), json!(["editor"]), json!(["admin", "editor"])] {
        let reply = patch(&admin, &path(&admin), json!({"roles": roles})).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "forbidden"), "{roles}");
    }
    assert_eq!(patch(&admin, &path(&admin), json!({"roles": ["admin"]})).await.status, 200);
    assert_eq!(patch(&ada, &path(&admin), json!({"roles": []})).await.status, 200);
    assert_eq!(patch(&ada, &path(&ada), json!({"roles": []})).await.code(), "last_admin");
}

#[tokio::test]
async fn of_two_admins_who_demote_each_other_one_stays() {
    let app = TestApp::new().await;
    let (admin, ada) = (app.admin().await, app.account("ada").await);
    patch(&admin, &path(&ada), json!({"roles": ["admin"]})).await;
    let paths = (path(&ada), path(&admin));
    let (left, right) = futures::future::join(
        patch(&admin, &paths.0, json!({"roles": []})),
        patch(&ada, &paths.1, json!({"roles": []})),
    )
    .await;
    // Who comes second is no admin any more, or would be the last.
    let refused = [&left, &right].into_iter().filter(|reply| reply.status != 200).count();
    assert_eq!(refused, 1, "{} {}", left.text(), right.text());
}
