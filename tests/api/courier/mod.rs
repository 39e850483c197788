//! Builds carried to a store and back by the program itself, as build servers and buyers run it.
mod line;
mod pull;
mod push;

use std::path::Path;

use serde_json::json;
use tokio::process::Command;
use uuid::Uuid;

use crate::{
    delivery::shop::Shop,
    support::{Client, program, said},
};

/// A key of somebody's with one scope, limited to products if there are any.
async fn key(owner: &Client, scope: &str, products: &[Uuid]) -> String {
    let mut wish = json!({"name": "key", "scopes": [scope]});
    if !products.is_empty() {
        wish["products"] = json!(products);
    }
    let made = owner.post("/api/v1/me/api-keys", wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["key"].as_str().unwrap().to_owned()
}

/// The program in a folder, with a key in its environment.
fn carrier(folder: &Path, key: &str, store: &str, arguments: &[&str]) -> Command {
    let (command, rest) = arguments.split_first().unwrap();
    let mut program = program();
    program.current_dir(folder).env("MIST_API_KEY", key).env("XDG_CACHE_HOME", folder.join(".cache"));
    program.args([command, "--server", store]).args(rest).kill_on_drop(true);
    program
}

/// Runs the program to its end; how it ended, and what it said.
async fn run(mut command: Command) -> (i32, String) {
    let output = command.output().await.unwrap();
    let code = output.status.code().unwrap();
    (code, said(output).1)
}

/// What editors see of the builds of the shop's product, newest first.
async fn builds(shop: &Shop) -> Vec<serde_json::Value> {
    let list = shop.editor.get(&format!("/api/v1/admin/products/{}/builds", shop.product)).await;
    list.json()["items"].as_array().unwrap().clone()
}
