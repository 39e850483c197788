//! Every operation with API keys: its scope opens it, no other does, and no scope outlives the owner's role.
use std::collections::HashMap;

use mist::accounts::{
    Role, Scope,
    matrix::{Access, MATRIX},
};
use serde_json::json;

use super::{Verdict, World, ask};
use crate::{
    openapi::operations,
    support::{Client, TestApp},
};

/// A client with a new key of `owner`.
pub(super) async fn holder(app: &TestApp, owner: &Client, scopes: impl Iterator<Item = Scope>) -> Client {
    let scopes: Vec<&str> = scopes.map(Scope::name).collect();
    let reply = owner.post("/api/v1/me/api-keys", json!({"name": "key", "scopes": scopes})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    app.holder(reply.json()["key"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_opens_what_its_scope_names_and_nothing_else() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let owner = |scope: Scope| if scope.role() == Role::Customer { &world.customer } else { &world.admin };
    let (mut with, mut without) = (HashMap::new(), HashMap::new());
    for scope in Scope::ALL {
        let owner = owner(scope);
        let is_admin = owner.account_id() == world.admin.account_id();
        let allowed = Scope::ALL.into_iter().filter(|it| is_admin || it.role() == Role::Customer);
        with.insert(scope.name(), holder(&app, owner, std::iter::once(scope)).await);
        without.insert(scope.name(), holder(&app, owner, allowed.filter(|it| *it != scope)).await);
    }
    let every = holder(&app, &world.admin, Scope::ALL.into_iter()).await;
    for (method, template, operation) in operations() {
        let row = MATRIX.iter().find(|row| row.path == template && row.method == method).unwrap();
        let path = world.path(&template);
        let told = async |who: &Client| Verdict::of(&ask(who, &method, &path, &operation).await);
        match row.access {
            Access::Open => assert_eq!(told(&every).await, Verdict::LetIn, "{method} {template}"),
            Access::InPerson => assert_eq!(told(&every).await, Verdict::WithoutScope, "{method} {template}"),
            Access::ByEither(scopes) => {
                for scope in scopes {
                    assert_eq!(told(&with[scope.name()]).await, Verdict::LetIn, "{method} {template}");
                }
                for scope in Scope::ALL.into_iter().filter(|scope| !scopes.contains(scope)) {
                    let verdict = told(&with[scope.name()]).await;
                    assert_eq!(verdict, Verdict::WithoutScope, "{method} {template} with {scope:?}");
                }
            }
            Access::By(scope) => {
                let (with, without) = (&with[scope.name()], &without[scope.name()]);
                assert_eq!(
                    told(without).await,
                    Verdict::WithoutScope,
                    "{method} {template} without {scope:?}"
                );
                assert_eq!(told(with).await, Verdict::LetIn, "{method} {template} with {scope:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_opens_nothing_that_its_owner_may_do_no_more() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let path = format!("/api/v1/admin/accounts/{}", world.other.account_id());
    let roles = async |roles: &[&str]| world.admin.patch(&path, "*", json!({"roles": roles})).await.status;
    assert_eq!(roles(&["admin"]).await, 200);
    let key = holder(&app, &world.other, Scope::ALL.into_iter()).await;
    assert_eq!(key.get("/api/v1/admin/audit-log").await.status, 200);
    assert_eq!(roles(&[]).await, 200);
    let mut closed = 0;
    for (method, template, operation) in operations() {
        let row = MATRIX.iter().find(|row| row.path == template && row.method == method).unwrap();
        if row.access.roles().iter().any(|role| *role != Role::Customer) {
            let reply = ask(&key, &method, &world.path(&template), &operation).await;
            assert_eq!(Verdict::of(&reply), Verdict::WithoutRole, "{method} {template}: {}", reply.text());
            closed += 1;
        }
    }
    assert!(closed > 30, "only {closed} operations ask for a role");
    assert_eq!(key.get("/api/v1/me").await.status, 200, "what a customer may do is still open");
}
