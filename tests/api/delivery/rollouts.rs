//! Releases that reach their owners by and by, for one processor or another, and what comes with them.
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, file_path, id};
use crate::support::{Client, Reply};

/// A released build, a minute after the one before.
async fn released(shop: &Shop, made: Value, files: &[(&str, &str)]) -> Uuid {
    shop.app.advance(Duration::minutes(1));
    let build = id(&draft(shop, made).await.json());
    for (name, bytes) in files {
        assert_eq!(shop.upload(build, name, (*bytes).to_owned()).await.status, 201);
    }
    assert_eq!(shop.act(build, "release").await.status, 200);
    build
}

async fn draft(shop: &Shop, made: Value) -> Reply {
    shop.editor.post(&format!("/api/v1/admin/products/{}/builds", shop.product), made).await
}

async fn roll_out(shop: &Shop, build: Uuid, percent: Value) -> Reply {
    let path = format!("/api/v1/admin/builds/{build}");
    Reply::of(shop.editor.request(Method::PATCH, &path).json(&json!({"rollout_percent": percent}))).await
}

async fn update(shop: &Shop, client: &Client, query: &str) -> Reply {
    client.get(&format!("/api/v1/products/{}/updates?{query}", shop.product)).await
}

/// The version that somebody is told of as the newest, and the one that they are given.
async fn newest(shop: &Shop, client: &Client) -> String {
    let told = update(shop, client, "").await.json()["build"]["version"].as_str().unwrap().to_owned();
    let given = shop.ask(client, json!({"file": "game.bin"})).await.json();
    assert_eq!(given["build"]["version"], told.as_str());
    let library = client.get(&format!("/api/v1/library/{}", shop.product)).await.json();
    assert_eq!(library["builds"][0]["version"], told.as_str());
    told
}

#[tokio::test]
async fn a_release_reaches_more_owners_as_its_number_rises_and_none_loses_it() {
    let shop = Shop::new().await;
    let mut owners = Vec::new();
    for number in 0..12 {
        owners.push(shop.owner(&format!("owner{number}")).await);
    }
    let made = |version: &str, percent: i32| json!({"version": version, "platform": "any", "rollout_percent": percent});
    released(&shop, made("1", 100), &[("game.bin", "one")]).await;
    let second = released(&shop, made("2", 0), &[("game.bin", "two")]).await;
    let mut had = vec![false; owners.len()];
    for percent in [0, 25, 50, 75, 100] {
        assert_eq!(roll_out(&shop, second, json!(percent)).await.json()["rollout_percent"], percent);
        for (owner, had) in owners.iter().zip(&mut had) {
            let has = newest(&shop, owner).await == "2";
            assert!(has || !*had, "an owner lost a release while it was rolled out");
            *had = has;
        }
        let count = had.iter().filter(|has| **has).count();
        assert!(percent != 0 || count == 0);
        assert!(percent != 100 || count == owners.len());
        // Whoever is not offered a build can't name it either.
        for (owner, has) in owners.iter().zip(&had) {
            let status = if *has { 201 } else { 409 };
            assert_eq!(shop.ask(owner, json!({"build_id": second})).await.status, status);
        }
    }
    for wrong in [json!(-1), json!(101), json!("all")] {
        assert_eq!(roll_out(&shop, second, wrong).await.status, 422);
    }
    assert_eq!(roll_out(&shop, Uuid::nil(), json!(5)).await.status, 404);
}

#[tokio::test]
async fn strangers_are_told_of_what_every_owner_is_offered() {
    let shop = Shop::new().await;
    let made = json!({"version": "2", "platform": "any", "rollout_percent": 99});
    let build = released(&shop, made, &[("game.bin", "two")]).await;
    let path = format!("/api/v1/products/{}", shop.product);
    assert_eq!(shop.app.nobody().get(&path).await.json()["builds"], json!([]));
    roll_out(&shop, build, json!(100)).await;
    let shown = shop.app.nobody().get(&path).await.json()["builds"].clone();
    assert_eq!(
        (&shown[0]["version"], &shown[0]["arch"], &shown[0]["kind"]),
        (&json!("2"), &json!("any"), &json!("build"))
    );
}

#[tokio::test]
async fn a_release_that_is_withdrawn_is_followed_by_the_one_before() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    let first = released(&shop, json!({"version": "1", "platform": "any"}), &[("game.bin", "one")]).await;
    let second = released(&shop, json!({"version": "2", "platform": "any"}), &[("game.bin", "two")]).await;
    assert_eq!(newest(&shop, &ada).await, "2");
    assert_eq!(shop.act(second, "withdraw").await.status, 200);
    assert_eq!(newest(&shop, &ada).await, "1");
    // Who has the withdrawn one is told to go back.
    let back = update(&shop, &ada, "since=2").await.json();
    assert_eq!((&back["up_to_date"], &back["build"]["id"]), (&json!(false), &json!(first)));
    assert_eq!(back["since"], json!({"id": second, "version": "2"}));
    assert_eq!(roll_out(&shop, second, json!(50)).await.code(), "build_withdrawn");
}

#[tokio::test]
async fn a_launcher_is_told_what_changed() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    let notes = json!({"version": "2", "platform": "windows", "notes": "Faster."});
    let first = json!({"version": "1", "platform": "windows"});
    let first =
        released(&shop, first, &[("data.pak", "levels"), ("game.bin", "one"), ("old.txt", "x")]).await;
    let second =
        released(&shop, notes, &[("data.pak", "levels"), ("game.bin", "two!"), ("new.txt", "new")]).await;
    for since in [first.to_string(), "1".to_owned()] {
        let told = update(&shop, &ada, &format!("platform=windows&since={since}")).await.json();
        assert_eq!((&told["up_to_date"], &told["changed"]), (&json!(false), &json!(["game.bin", "new.txt"])));
        assert_eq!((&told["changed_size"], &told["build"]["size"]), (&json!(7), &json!(13)));
        assert_eq!((&told["build"]["notes"], &told["build"]["id"]), (&json!("Faster."), &json!(second)));
        assert_eq!(told["build"]["files"].as_array().unwrap().len(), 3);
    }
    let told = update(&shop, &ada, &format!("since={second}")).await.json();
    assert_eq!(
        (&told["up_to_date"], &told["changed"], &told["changed_size"]),
        (&json!(true), &json!([]), &json!(0))
    );
    for nothing in ["", "since=none", &format!("since={}", Uuid::nil())] {
        let told = update(&shop, &ada, nothing).await.json();
        assert_eq!((&told["since"], &told["changed_size"]), (&Value::Null, &json!(13)), "{nothing}");
    }
    assert_eq!(update(&shop, &ada, "platform=linux").await.code(), "no_build");
    assert_eq!(update(&shop, &ada, "channel=beta").await.code(), "no_build");
    assert_eq!(update(&shop, &ada, "platform=amiga").await.status, 422);
    let (stranger, other) = (shop.app.nobody(), shop.app.account("bob").await);
    assert_eq!(update(&shop, &stranger, "").await.status, 401);
    assert_eq!(update(&shop, &other, "").await.status, 404);
}

#[tokio::test]
async fn builds_are_found_by_processor() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    let made = |version: &str, arch: &str| json!({"version": version, "platform": "linux", "arch": arch});
    released(&shop, json!({"version": "1", "platform": "linux"}), &[("game.bin", "any")]).await;
    released(&shop, made("2", "x86_64"), &[("game.bin", "intel")]).await;
    released(&shop, made("2", "aarch64"), &[("game.bin", "arm")]).await;
    released(&shop, made("3", "x86_64"), &[("game.bin", "intel, later")]).await;
    for (arch, version) in [("x86_64", "3"), ("aarch64", "2"), ("any", "1")] {
        let told = update(&shop, &ada, &format!("arch={arch}")).await.json();
        assert_eq!(told["build"]["version"], version, "{arch}");
        let given = shop.ask(&ada, json!({"arch": arch})).await.json();
        assert_eq!(given["build"]["version"], version, "{arch}");
    }
    assert_eq!(draft(&shop, made("3", "x86_64")).await.code(), "build_exists");
    assert_eq!(draft(&shop, made("3", "m68k")).await.status, 422);
}

#[tokio::test]
async fn extras_come_with_the_product_and_never_in_its_place() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    let extra = json!({"version": "1", "platform": "any", "kind": "extra", "notes": "The soundtrack."});
    let extra = released(&shop, extra, &[("soundtrack.flac", "la la la")]).await;
    assert_eq!(shop.ask(&ada, json!({})).await.code(), "no_build");
    released(&shop, json!({"version": "1", "platform": "any"}), &[("game.bin", "one")]).await;
    let later = json!({"version": "2", "platform": "any", "kind": "extra"});
    released(&shop, later, &[("manual.pdf", "read me")]).await;
    assert_eq!(shop.ask(&ada, json!({})).await.json()["file"]["name"], "game.bin");
    assert_eq!(update(&shop, &ada, "").await.json()["build"]["kind"], "build");
    let library = ada.get(&format!("/api/v1/library/{}", shop.product)).await.json();
    let kinds: Vec<&str> =
        library["builds"].as_array().unwrap().iter().map(|build| build["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["extra", "build", "extra"]);
    assert_eq!(shop.ask(&ada, json!({"build_id": extra})).await.json()["file"]["name"], "soundtrack.flac");
}

#[tokio::test]
async fn the_size_is_told_before_the_release() {
    let shop = Shop::new().await;
    let build = shop.draft("1", "any").await;
    assert_eq!(shop.show(build).await["size"], 0);
    shop.upload(build, "a", "12345").await;
    shop.upload(build, "b", "678").await;
    assert_eq!(shop.show(build).await["size"], 8);
    assert_eq!(shop.editor.delete(&file_path(build, "a")).await.status, 204);
    assert_eq!(shop.show(build).await["size"], 3);
}

#[tokio::test]
async fn owners_hear_of_a_release_once_it_reaches_everybody() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    let made = json!({"version": "2", "platform": "any", "rollout_percent": 10});
    let build = released(&shop, made, &[("game.bin", "two")]).await;
    let heard = async || {
        mist::background::tick(&shop.app.app, "events").await.unwrap();
        shop.app.run_jobs().await;
        ada.get("/api/v1/notifications").await.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(heard().await, 0);
    roll_out(&shop, build, json!(60)).await;
    assert_eq!(heard().await, 0);
    roll_out(&shop, build, json!(100)).await;
    assert_eq!(heard().await, 1);
    roll_out(&shop, build, json!(50)).await;
    roll_out(&shop, build, json!(100)).await;
    assert_eq!(heard().await, 1, "nobody hears of one build twice");
}

#[tokio::test]
async fn notes_change_until_a_build_is_released() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let path = format!("/api/v1/admin/builds/{build}");
    let note = async |notes: &str| {
        Reply::of(shop.editor.request(Method::PATCH, &path).json(&json!({"notes": notes}))).await
    };
    assert_eq!(note("*Louder.*").await.json()["notes"], "*Louder.*");
    assert_eq!(shop.upload(build, "game.bin", "bytes").await.status, 201);
    assert_eq!(shop.act(build, "release").await.json()["notes"], "*Louder.*");
    assert_eq!(note("*Louder.*").await.status, 200);
    let late = note("Quieter.").await;
    assert_eq!((late.status, late.code().as_str()), (409, "build_released"));
    assert_eq!(shop.show(build).await["notes"], "*Louder.*");
}
