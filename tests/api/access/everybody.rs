//! Every operation as everybody who signs in, or doesn't: the rows of the matrix are what they are told.
use mist::accounts::{Role, Scope, matrix::MATRIX};
use serde_json::json;

use super::{Verdict, World, ask, keys::holder, sign_in};
use crate::{
    openapi::operations,
    support::{TestApp, everything},
};

/// Roles that somebody holds beside `customer`, where one of some is asked for; an admin may do everything.
fn verdict(asked: &[Role], held: Option<Role>) -> Verdict {
    match (asked, held) {
        ([], _) | ([Role::Customer], Some(_)) | (_, Some(Role::Admin)) => Verdict::LetIn,
        (_, None) => Verdict::Stranger,
        (asked, Some(held)) if asked.contains(&held) => Verdict::LetIn,
        (_, Some(_)) => Verdict::WithoutRole,
    }
}

#[tokio::test]
async fn everybody_is_let_in_as_the_matrix_says() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let everybody = [
        ("nobody", &world.nobody, None),
        ("the customer", &world.customer, Some(Role::Customer)),
        ("another customer", &world.other, Some(Role::Customer)),
        ("the editor", &world.editor, Some(Role::Editor)),
        ("support", &world.support, Some(Role::Support)),
        ("the admin", &world.admin, Some(Role::Admin)),
    ];
    let mut tried = 0;
    for (method, template, operation) in operations() {
        let row = MATRIX.iter().find(|row| row.path == template && row.method == method).unwrap();
        let path = world.path(&template);
        for (name, who, held) in everybody {
            // Signing out ends one's own session: each does it in another.
            let who = match (operation["operationId"].as_str(), held) {
                (Some("logout"), Some(_)) => {
                    &sign_in(&app, who.session()["account"]["display_name"].as_str().unwrap()).await
                }
                _ => who,
            };
            let reply = ask(who, &method, &path, &operation).await;
            let told = Verdict::of(&reply);
            assert_eq!(
                told,
                verdict(&row.access.roles(), held),
                "{method} {template} as {name}: {}",
                reply.text()
            );
            tried += 1;
        }
    }
    assert_eq!(tried, MATRIX.len() * everybody.len());
    for (name, who, held) in everybody {
        let status = if held.is_some() { 200 } else { 401 };
        assert_eq!(who.get("/api/v1/me").await.status, status, "{name} is who they were");
    }
}

#[tokio::test]
async fn who_is_refused_changed_nothing() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let before = everything::rows(&app.app.db.read).await;
    for (method, template, operation) in operations() {
        let row = MATRIX.iter().find(|row| row.path == template && row.method == method).unwrap();
        let everybody = [
            (&world.nobody, None),
            (&world.other, Some(Role::Customer)),
            (&world.editor, Some(Role::Editor)),
            (&world.support, Some(Role::Support)),
        ];
        for (who, held) in everybody {
            if verdict(&row.access.roles(), held) != Verdict::LetIn {
                ask(who, &method, &world.path(&template), &operation).await;
            }
        }
    }
    assert_eq!(everything::changed(&before, &everything::rows(&app.app.db.read).await), Vec::<String>::new());
}

#[tokio::test]
async fn who_is_suspended_reaches_only_what_is_public() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let account = world.other.account_id();
    let scopes = Scope::ALL.into_iter().filter(|scope| scope.role() == Role::Customer);
    let key = holder(&app, &world.other, scopes).await;
    let path = format!("/api/v1/admin/accounts/{account}");
    let suspended = world.admin.patch(&path, "*", json!({"status": "suspended"})).await;
    assert_eq!(suspended.status, 200, "{}", suspended.text());
    for (method, template, operation) in operations() {
        let row = MATRIX.iter().find(|row| row.path == template && row.method == method).unwrap();
        if !row.access.roles().is_empty() {
            for who in [&world.other, &key] {
                let reply = ask(who, &method, &world.path(&template), &operation).await;
                assert_eq!(Verdict::of(&reply), Verdict::Stranger, "{method} {template}");
            }
        }
    }
}
