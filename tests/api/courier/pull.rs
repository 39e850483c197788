//! A buyer fetches what they own, and keeps it up to date.
use std::{fs, io::Write, os::unix::fs::MetadataExt, path::Path, process::Stdio};

use chrono::Duration;
use entity::build_file;
use mist::background;
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use super::{carrier, key, line::Line, run};
use crate::{
    delivery::{
        shop::{Shop, product, sample},
        stamping,
    },
    support::TestApp,
};

const PULL: [&str; 5] = ["pull", "--product", "celeste", "--platform", "linux"];

/// A build that is the newest one.
async fn released(shop: &Shop, version: &str, files: &[(&str, &[u8])]) -> Uuid {
    shop.app.advance(Duration::minutes(1));
    shop.released(version, "linux", files).await
}

/// Bytes of all files in a folder.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// The names in a folder but for what is noted of it.
fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.filter(|name| name != ".mist-installed.json").collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_owned_is_listed_fetched_and_kept_up_to_date() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let ada = shop.owner("ada").await;
    let key = key(&ada, "library:read", &[]).await;
    let data = sample(300_000);
    released(&shop, "1.0", &[("data.pak", &data), ("game.bin", b"one"), ("old.txt", b"old")]).await;
    let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &["pull", "--list"])).await;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("celeste\t") && said.contains("1.0\tlinux\tany\tstable\tbuild\t300.0 kB"),
        "{said}"
    );

    let pull = || run(carrier(here.path(), &key, &shop.app.url, &PULL));
    let folder = here.path().join("celeste");
    let (code, said) = pull().await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(names(&folder), ["data.pak", "game.bin", "old.txt"]);
    assert_eq!(fs::read(folder.join("data.pak")).unwrap(), data);
    let (code, said) = pull().await;
    assert!(code == 0 && said.contains("celeste 1.0 is up to date."), "{said}");

    let second = released(&shop, "1.1", &[("data.pak", &data), ("game.bin", b"two")]).await;
    let (code, said) = pull().await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("celeste 1.1, after 1.0, of which 3 bytes changed."), "{said}");
    assert!(
        said.contains("Fetched 3 bytes in 1 files; 0 bytes and 1 whole files were there before."),
        "{said}"
    );
    assert!(said.contains("left where it is: old.txt"), "{said}");
    assert_eq!(fs::read(folder.join("game.bin")).unwrap(), b"two");

    // A release that is taken back takes its files back; what was spoiled here is fetched anew.
    shop.act(second, "withdraw").await;
    fs::write(folder.join("data.pak"), "spoiled").unwrap();
    let (code, said) = pull().await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(fs::read(folder.join("game.bin")).unwrap(), b"one");
    assert_eq!(fs::read(folder.join("data.pak")).unwrap(), data);
}

#[tokio::test]
async fn a_pull_that_is_killed_in_the_middle_goes_on_from_there() {
    let mut line = Line::new().await;
    // Links lead over the line too.
    let address = line.url.parse().unwrap();
    let shop = Shop::of(TestApp::with(|config| config.http.public_url = Some(address)).await).await;
    line.lead_to(&shop.app.url);
    let here = tempfile::tempdir().unwrap();
    let ada = shop.owner("ada").await;
    let key = key(&ada, "library:read", &[shop.product]).await;
    let bytes = sample(6_000_000);
    released(&shop, "1.0", &[("game.bin", &bytes)]).await;
    line.let_through(3_000_000);
    let mut child = carrier(here.path(), &key, &line.url, &PULL).stderr(Stdio::null()).spawn().unwrap();
    line.silent().await;
    let folder = here.path().join("celeste");
    let came = async {
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(10));
        while size(&folder) < 2_000_000 {
            beat.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), came).await.unwrap();
    child.kill().await.unwrap();
    assert!(!folder.join("game.bin").exists(), "a half has no name");
    assert_eq!(names(&folder).len(), 1);

    // The whole does not fit through it any more.
    line.let_through(4_500_000);
    let (code, said) = run(carrier(here.path(), &key, &line.url, &PULL)).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(names(&folder), ["game.bin"]);
    assert!(fs::read(folder.join("game.bin")).unwrap() == bytes);
}

#[tokio::test]
async fn bytes_that_were_tampered_with_are_refused() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let ada = shop.owner("ada").await;
    let key = key(&ada, "library:read", &[]).await;
    released(&shop, "1.0", &[("game.bin", b"what was uploaded")]).await;
    tamper(&shop.app.path("objects"));
    let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &PULL)).await;
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("game.bin: the bytes do not have the digest that they should"), "{said}");
    assert_eq!(names(&here.path().join("celeste")), Vec::<String>::new());
}

/// Changes a byte of every object where it lies.
fn tamper(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tamper(&path);
        } else {
            fs::File::options().write(true).open(path).unwrap().write_all(b"W").unwrap();
        }
    }
}

#[tokio::test]
async fn a_file_is_put_nowhere_else_than_into_its_folder() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let ada = shop.owner("ada").await;
    let key = key(&ada, "library:read", &[]).await;
    released(&shop, "1.0", &[("game.bin", b"bytes")]).await;
    for name in ["../escaped", "/tmp/escaped", ".mist-installed.json", "a/../../escaped", "..\\escaped"] {
        let renamed = build_file::Entity::update_many().col_expr(build_file::Column::Name, Expr::value(name));
        renamed.exec(shop.app.app.db.writer()).await.unwrap();
        let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &PULL)).await;
        assert_eq!(code, 1, "{name}: {said}");
        assert!(said.contains("is no name for a file here"), "{said}");
        assert_eq!(names(&here.path().join("celeste")), Vec::<String>::new(), "{name}");
        assert!(!here.path().join("escaped").exists());
    }
}

#[tokio::test]
async fn a_product_is_pulled_by_its_owners() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    released(&shop, "1.0", &[("game.bin", b"bytes")]).await;
    let bob = shop.app.account("bob").await;
    let stranger = key(&bob, "library:read", &[]).await;
    let (code, said) = run(carrier(here.path(), &stranger, &shop.app.url, &PULL)).await;
    assert_eq!(code, 3, "{said}");
    assert!(!here.path().join("celeste").exists());

    let ada = shop.owner("ada").await;
    let other = product(&shop.app, "other").await;
    shop.grant(&ada, other).await;
    let limited = key(&ada, "library:read", &[other]).await;
    assert_eq!(run(carrier(here.path(), &limited, &shop.app.url, &PULL)).await.0, 3);
    // What is no longer sold stays with who owns it.
    let archived = shop.editor.act(&format!("/api/v1/admin/products/{}/archive", shop.product)).await;
    assert_eq!(archived.status, 200, "{}", archived.text());
    let whole = key(&ada, "library:read", &[]).await;
    let (code, said) = run(carrier(here.path(), &whole, &shop.app.url, &PULL)).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        ada.get("/api/v1/library?q=celeste").await.json()["items"][0]["product"]["slug"],
        json!("celeste")
    );
}

#[tokio::test]
async fn a_dry_run_fetches_nothing() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let ada = shop.owner("ada").await;
    let key = key(&ada, "library:read", &[]).await;
    released(&shop, "1.0", &[("game.bin", b"bytes")]).await;
    let arguments = [&PULL[..], &["--dry-run", "games"]].concat();
    let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &arguments)).await;
    assert!(code == 0 && said.contains("Would fetch 5 bytes in 1 files"), "{said}");
    assert_eq!(names(here.path()), Vec::<String>::new());
    assert_eq!(shop.last_downloaded().await, None);
}

#[tokio::test]
async fn files_of_equal_bytes_are_fetched_beside_each_other() {
    let (shop, here) = (Shop::new().await, tempfile::tempdir().unwrap());
    let ada = shop.owner("ada").await;
    let key = key(&ada, "library:read", &[shop.product]).await;
    let bytes = sample(3_000_000);
    let files = ["a", "b", "c", "d"].map(|name| (name, bytes.as_slice()));
    released(&shop, "1.0", &files).await;
    let (code, said) = run(carrier(here.path(), &key, &shop.app.url, &PULL)).await;
    assert_eq!(code, 0, "{said}");
    let folder = here.path().join("celeste");
    assert_eq!(names(&folder), ["a", "b", "c", "d"]);
    for (name, _) in files {
        assert!(fs::read(folder.join(name)).unwrap() == bytes, "{name}");
    }
}

#[tokio::test]
async fn a_copy_that_bears_its_owners_name_is_fetched_once() {
    let (shop, here) = (Shop::of(TestApp::with(stamping::on).await).await, tempfile::tempdir().unwrap());
    let clean = stamping::made("epub_made");
    let novel = stamping::ebook(&shop, &[("novel.epub", &clean), ("cover.jpg", b"cover")]).await;
    let ada = shop.app.account("ada").await;
    stamping::buy(&ada, novel).await;
    let key = key(&ada, "library:read", &[novel]).await;
    let pull = || run(carrier(here.path(), &key, &shop.app.url, &["pull", "--product", "novel"]));
    let (code, said) = pull().await;
    assert_eq!(code, 0, "{said}");
    let folder = here.path().join("novel");
    assert_eq!(names(&folder), ["cover.jpg", "novel.epub"]);
    let copy = fs::read(folder.join("novel.epub")).unwrap();
    assert!(copy != clean && copy.starts_with(b"PK"));
    let (code, said) = pull().await;
    assert!(code == 0 && said.contains("is up to date"), "{said}");
    // Nobody asks for it for so long that it is forgotten: it is made again, and is the same.
    let file = fs::metadata(folder.join("novel.epub")).unwrap().ino();
    shop.app.advance(Duration::days(31));
    assert!(background::tick(&shop.app.app, "retention").await.unwrap());
    let (code, said) = pull().await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(fs::metadata(folder.join("novel.epub")).unwrap().ino(), file, "nothing is fetched");
    assert!(fs::read(folder.join("novel.epub")).unwrap() == copy);
}
