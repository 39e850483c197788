//! A publisher's build server sends what it built.
use std::{fs, path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};

use super::{builds, carrier, key, line::Line, run};
use crate::{
    delivery::shop::{Shop, hex, id, product, sample},
    support::everything,
};

const RELEASE: [&str; 8] =
    ["push", "--product", "celeste", "--platform", "linux", "--version", "1.0", "--release"];

fn folder(at: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = at.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[tokio::test]
async fn a_folder_becomes_a_released_build_once() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[shop.product]).await;
    folder(here.path(), &[("game/bin/celeste", b"run"), ("game/levels/1", b"a level")]);
    folder(here.path(), &[("copy/levels/1", b"a level"), ("copy/bin/celeste", b"run")]);
    let push = |path| run(carrier(here.path(), &key, &shop.app.url, &[&RELEASE[..], &[path]].concat()));
    let (code, said) = push("game").await;
    assert_eq!(code, 0, "{said}");
    let made = builds(&shop).await;
    assert_eq!((made.len(), &made[0]["status"], &made[0]["version"]), (1, &json!("released"), &json!("1.0")));
    assert_eq!(made[0]["files"][0]["name"], "celeste-1.0-linux.tar.zst");
    assert_eq!(made[0]["files"].as_array().unwrap().len(), 1);

    // The same files in another folder are the same build, which is there.
    let (code, said) = push("copy").await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Sent 0 bytes"), "{said}");
    assert_eq!(builds(&shop).await, made);

    folder(here.path(), &[("copy/levels/2", b"another level")]);
    let (code, said) = push("copy").await;
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("1.0 is released already, with other files"), "{said}");
    assert_eq!(builds(&shop).await, made);
}

#[tokio::test]
async fn a_draft_becomes_just_what_is_pushed() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[]).await;
    let build = shop.draft("1.0", "linux").await;
    for (name, bytes) in [("kept", "kept"), ("changed", "before"), ("old", "gone")] {
        assert_eq!(shop.upload(build, name, bytes).await.status, 201);
    }
    let files: [(&str, &[u8]); 4] =
        [("kept", b"kept"), ("changed", b"after"), ("new ü.bin", b"new"), ("empty", b"")];
    folder(here.path(), &files);
    fs::write(here.path().join("key"), format!("{key}\n")).unwrap();
    let names = files.map(|(name, _)| name);
    let arguments = [&RELEASE[..7], &["--key-file", "key"], &names[..]].concat();
    let mut command = carrier(here.path(), "", &shop.app.url, &arguments);
    command.env_remove("MIST_API_KEY");
    let (code, said) = run(command).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Sent 8 bytes; 0 bytes and 1 whole files had come before."), "{said}");
    let shown = shop.show(build).await;
    assert_eq!(shown["status"], "draft");
    let mut held: Vec<(String, String)> = Vec::new();
    for file in shown["files"].as_array().unwrap() {
        held.push((file["name"].as_str().unwrap().into(), file["sha256"].as_str().unwrap().into()));
    }
    let mut expected = files.map(|(name, bytes)| (name.to_owned(), hex(bytes)));
    expected.sort();
    held.sort();
    assert_eq!(held, expected);
}

#[tokio::test]
async fn a_push_that_is_killed_in_the_middle_goes_on_from_there() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[shop.product]).await;
    let bytes = sample(6_000_000);
    folder(here.path(), &[("game.bin", &bytes)]);
    let mut line = Line::new().await;
    line.lead_to(&shop.app.url);
    line.let_through(3_000_000);
    let arguments = [&RELEASE[..], &["game.bin"]].concat();
    let mut child = carrier(here.path(), &key, &line.url, &arguments).stderr(Stdio::null()).spawn().unwrap();
    line.silent().await;
    child.kill().await.unwrap();
    let build = id(&builds(&shop).await[0]);
    let uploads = format!("/api/v1/admin/builds/{build}/uploads");
    let came = async {
        let mut beat = tokio::time::interval(Duration::from_millis(10));
        loop {
            let open = shop.editor.get(&uploads).await.json();
            match open["items"][0]["offset"].as_u64() {
                Some(came) if came > 0 => break came,
                _ => beat.tick().await,
            };
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(30), came).await.unwrap();
    assert!(came < 3_000_000);
    assert_eq!(shop.show(build).await["files"], json!([]));

    line.let_through(u64::MAX);
    let (code, said) = run(carrier(here.path(), &key, &line.url, &arguments)).await;
    assert_eq!(code, 0, "{said}");
    let rest =
        format!("Sent {}.{} MB", (6_000_000 - came) / 1_000_000, (6_000_000 - came) % 1_000_000 / 100_000);
    assert!(said.contains(&rest), "{came} {said}");
    let shown = shop.show(build).await;
    assert_eq!((&shown["status"], &shown["files"][0]["sha256"]), (&json!("released"), &json!(hex(&bytes))));
    assert_eq!(builds(&shop).await.len(), 1);
    assert_eq!(shop.editor.get(&uploads).await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_was_begun_of_other_bytes_is_not_gone_on_with() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[]).await;
    let bytes = sample(3_000_000);
    folder(here.path(), &[("game.bin", &bytes)]);
    let mut line = Line::new().await;
    line.lead_to(&shop.app.url);
    line.let_through(1_500_000);
    let arguments = [&RELEASE[..], &["game.bin"]].concat();
    let mut child = carrier(here.path(), &key, &line.url, &arguments).stderr(Stdio::null()).spawn().unwrap();
    line.silent().await;
    child.kill().await.unwrap();
    let later: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
    folder(here.path(), &[("game.bin", &later)]);
    let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &arguments)).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(builds(&shop).await[0]["files"][0]["sha256"], hex(&later));
}

#[tokio::test]
async fn a_key_pushes_no_further_than_it_reaches() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let other = product(&shop.app, "other").await;
    folder(here.path(), &[("game.bin", b"bytes")]);
    let arguments = [&RELEASE[..], &["game.bin"]].concat();
    let elsewhere = key(&shop.editor, "builds:write", &[other]).await;
    let reading = key(&shop.editor, "library:read", &[]).await;
    for (key, word) in [
        (elsewhere.as_str(), "outside_limit"),
        (reading.as_str(), "insufficient_scope"),
        ("mist_unknown", "unauthorized"),
    ] {
        let (code, said) = run(carrier(here.path(), key, &shop.app.url, &arguments)).await;
        assert_eq!(code, 3, "{word}: {said}");
        assert!(said.contains("403") || said.contains("401"), "{word}: {said}");
    }
    assert_eq!(builds(&shop).await, Vec::<Value>::new());
    let unknown = ["push", "--product", "nothing", "--platform", "any", "--version", "1", "game.bin"];
    assert_eq!(run(carrier(here.path(), &elsewhere, &shop.app.url, &unknown)).await.0, 3);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[]).await;
    folder(here.path(), &[("game.bin", &sample(1_500_000)), ("readme", b"read me")]);
    let arguments = [&RELEASE[..], &["--dry-run", "game.bin", "readme"]].concat();
    let dry = || run(carrier(here.path(), &key, &shop.app.url, &arguments));
    // The first use of the key is noted.
    let (code, said) = dry().await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Would send 1.5 MB") && said.contains("There is no such build yet."), "{said}");
    let build = shop.draft("1.0", "linux").await;
    assert_eq!(shop.upload(build, "readme", "read me").await.status, 201);
    let before = everything::rows(&shop.app.app.db.read).await;
    let (code, said) = dry().await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("0 bytes and 1 whole files had come before"), "{said}");
    let after = everything::rows(&shop.app.app.db.read).await;
    assert_eq!(everything::changed(&before, &after), Vec::<String>::new());
}

#[tokio::test]
async fn a_build_is_pushed_with_all_that_is_said_of_it() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[shop.product]).await;
    folder(here.path(), &[("notes.md", b"*Louder.*"), ("soundtrack.flac", b"la la la")]);
    let product = shop.product.to_string();
    let arguments =
        ["push", "--product", &product, "--platform", "any", "--version", "2", "--arch", "aarch64"];
    let more =
        ["--channel", "beta", "--extra", "--notes-file", "notes.md", "--rollout", "10", "soundtrack.flac"];
    let arguments = [&arguments[..], &more].concat();
    let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &arguments)).await;
    assert_eq!(code, 0, "{said}");
    let made = &builds(&shop).await[0];
    for (member, value) in [
        ("arch", json!("aarch64")),
        ("channel", json!("beta")),
        ("kind", json!("extra")),
        ("notes", json!("*Louder.*")),
        ("rollout_percent", json!(10)),
        ("status", json!("draft")),
        ("size", json!(8)),
    ] {
        assert_eq!(made[member], value, "{member}");
    }
}

#[tokio::test]
async fn a_draft_that_is_there_is_told_what_is_said_of_it() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let key = key(&shop.editor, "builds:write", &[shop.product]).await;
    let build = shop.draft("1.0", "linux").await;
    folder(here.path(), &[("notes.md", b"*Louder.*"), ("game.bin", b"bytes")]);
    let push =
        |more: &[&str]| run(carrier(here.path(), &key, &shop.app.url, &[&RELEASE[..7], more].concat()));
    let (code, said) = push(&["--rollout", "10", "--notes-file", "notes.md", "game.bin"]).await;
    assert_eq!(code, 0, "{said}");
    let shown = shop.show(build).await;
    assert_eq!((&shown["rollout_percent"], &shown["notes"]), (&json!(10), &json!("*Louder.*")));
    // What is not said stays.
    let (code, said) = push(&["--rollout", "20", "--release", "game.bin"]).await;
    assert_eq!(code, 0, "{said}");
    let shown = shop.show(build).await;
    assert_eq!((&shown["rollout_percent"], &shown["notes"]), (&json!(20), &json!("*Louder.*")));
    assert_eq!(shown["status"], "released");
}

#[tokio::test]
async fn a_wrong_question_is_not_even_asked() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    folder(here.path(), &[("game.bin", b"bytes"), ("other/game.bin", b"bytes")]);
    fs::create_dir(here.path().join("empty")).unwrap();
    let key = key(&shop.editor, "builds:write", &[]).await;
    let push = |key: &str, store: &str, more: &[&str]| {
        let arguments = [&RELEASE[..], more].concat();
        run(carrier(here.path(), key, store, &arguments))
    };
    let url = shop.app.url.as_str();
    for (key, store, more) in [
        ("", url, ["game.bin"].as_slice()),
        (key.as_str(), "http://store.example", &["game.bin"]),
        (key.as_str(), "store", &["game.bin"]),
        (key.as_str(), url, &["game.bin", "other/game.bin"]),
        (key.as_str(), url, &["empty"]),
        (key.as_str(), url, &[]),
        (key.as_str(), url, &["--rollout", "101", "game.bin"]),
        (key.as_str(), url, &["--arch", "m68k", "game.bin"]),
    ] {
        let (code, said) = push(key, store, more).await;
        assert_eq!(code, 2, "{store} {more:?}: {said}");
    }
    assert_eq!(push(&key, url, &["missing"]).await.0, 1);
    assert_eq!(builds(&shop).await, Vec::<Value>::new());
}
