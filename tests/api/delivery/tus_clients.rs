//! The clients that people have: tus-py-client and tus-js-client, which `cargo xtask test` installs.
use std::{path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{
    shop::{Shop, hex, sample},
    tus::uploads,
};

/// A program, and the script that runs a client in it.
struct Runs {
    program: String,
    arguments: Vec<String>,
}

fn tuspy() -> Runs {
    let program =
        std::env::var("MIST_TEST_JUDGE").expect("MIST_TEST_JUDGE: run this by `cargo xtask test FILTER`");
    Runs { program, arguments: vec!["tests/tus_client.py".to_owned()] }
}

fn tus_js() -> Runs {
    let folder =
        std::env::var("MIST_TEST_TUS").expect("MIST_TEST_TUS: run this by `cargo xtask test FILTER`");
    Runs { program: "node".to_owned(), arguments: vec!["tests/tus_client.mjs".to_owned(), folder] }
}

impl Runs {
    /// Whether the client came to its end, and the address of the upload that it told.
    async fn run(&self, asked: Value) -> (bool, String) {
        let mut program = tokio::process::Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).await.unwrap();
        let output = program.wait_with_output().await.unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }
}

fn asked(shop: &Shop, build: Uuid, file: &Path) -> Value {
    json!({
        "endpoint": format!("{}{}", shop.app.url, uploads(build)),
        "token": shop.editor.session()["access_token"],
        "file": file,
        "name": "größe 1.zip",
        "chunk": 1_000_000,
    })
}

/// Sends a file, is killed in the middle, and goes on after a restart of the store.
async fn goes_on(client: Runs, chunk: Value) {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(24_000_000);
    let file = shop.app.path("sent");
    std::fs::write(&file, &bytes).unwrap();
    let mut told = asked(&shop, build, &file);
    told["chunk"] = chunk.clone();
    told["die_after"] = json!(10_000_000);
    let (ended, address) = client.run(told).await;
    assert!(!ended, "it was killed");
    assert_eq!(shop.show(build).await["files"], json!([]));
    let shop = shop.restart().await;
    let path = &address[address.find("/api/").unwrap()..];
    let mut told = asked(&shop, build, &file);
    told["chunk"] = chunk;
    told["upload"] = json!(format!("{}{path}", shop.app.url));
    assert!(client.run(told).await.0);
    let expected = json!([{"name": "größe 1.zip", "size": bytes.len(), "sha256": hex(&bytes)}]);
    assert_eq!(shop.show(build).await["files"], expected);
}

#[tokio::test]
async fn tuspy_goes_on_where_it_was_killed() {
    goes_on(tuspy(), json!(1_000_000)).await;
}

#[tokio::test]
async fn tus_js_goes_on_where_it_was_killed_in_the_middle_of_its_only_part() {
    goes_on(tus_js(), Value::Null).await;
}

#[tokio::test]
async fn tuspy_sends_a_digest_with_each_part() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(2_500_000);
    let file = shop.app.path("sent");
    std::fs::write(&file, &bytes).unwrap();
    let mut told = asked(&shop, build, &file);
    told["checksum"] = json!(true);
    assert!(tuspy().run(told).await.0);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&bytes));
}

#[tokio::test]
async fn tus_js_sends_the_first_part_at_once_and_ends_an_upload() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(2_500_000);
    let file = shop.app.path("sent");
    std::fs::write(&file, &bytes).unwrap();
    let mut told = asked(&shop, build, &file);
    told["at_once"] = json!(true);
    assert!(tus_js().run(told.clone()).await.0);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&bytes));
    told["name"] = json!("ended.zip");
    told["end_after"] = json!(1_000_000);
    assert!(tus_js().run(told).await.0);
    assert_eq!(shop.files("drafts"), 0);
    assert_eq!(shop.show(build).await["files"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tus_js_sends_its_parts_by_post() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(2_500_000);
    let file = shop.app.path("sent");
    std::fs::write(&file, &bytes).unwrap();
    let mut told = asked(&shop, build, &file);
    told["by_post"] = json!(true);
    assert!(tus_js().run(told).await.0);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&bytes));
}
