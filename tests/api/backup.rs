//! Backup and restore: what a store was, on either database, and what it may not do twice.
mod bucket;

use std::{
    collections::BTreeMap,
    num::{NonZeroU8, NonZeroU16},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chrono::Duration;
use mist::{
    background,
    backup::{self, Contents, Place},
    config::{BackupPlace, Config, Secret},
    db::Db,
};
use objects::Objects;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::{Shop, buy, id},
    support::{Client, PASSWORD, Reply, TestApp, another_database, files_below, other_database},
};

const WHOLE: Contents = Contents { objects: true, master_key: true };

/// The bytes of what is sold.
const BYTES: &[u8] = b"the bytes of a game";

/// A store in which things happened: something with a file is sold, bought, wished for and reviewed.
async fn used() -> (Shop, Uuid) {
    used_with(|_| {}).await
}

/// The same with settings of its own.
async fn used_with(settings: impl FnOnce(&mut Config)) -> (Shop, Uuid) {
    let shop = Shop::with(settings).await;
    let product = shop.sell("Celeste", 1999).await;
    let wished = shop.sell("日本語 — «Ünïcode» \\ \"'", 500).await;
    let builds = format!("/api/v1/admin/products/{product}/builds");
    let build = id(&shop.editor.post(&builds, json!({"version": "1.0", "platform": "any"})).await.json());
    let file = format!("/api/v1/admin/builds/{build}/files/celeste.bin");
    assert_eq!(Reply::of(shop.editor.request(Method::PUT, &file).body(BYTES)).await.status, 201);
    assert_eq!(shop.editor.act(&format!("/api/v1/admin/builds/{build}/release")).await.status, 200);
    buy(&shop.ada, &[product]).await;
    assert_eq!(shop.ada.put(&format!("/api/v1/wishlist/{wished}"), json!({})).await.status, 204);
    let review = format!("/api/v1/products/{product}/reviews/mine");
    assert_eq!(shop.ada.put(&review, json!({"rating": 5, "title": "Ja"})).await.status, 201);
    assert_eq!(shop.ada.post("/api/v1/me/totp", json!({})).await.status, 201);
    background::tick(&shop.app.app, "events").await.unwrap();
    (shop, product)
}

fn folder(shop: &Shop, name: &str) -> PathBuf {
    shop.app.path(name)
}

async fn make(app: &TestApp, folder: &Path) {
    let app = &app.app;
    let place = Place::Folder(folder.to_owned());
    backup::make(&app.db, &app.objects, &app.config, &app.clock, &place, WHOLE).await.unwrap();
}

/// The settings of a store that is to be restored: a data folder of its own, and a database.
fn elsewhere(app: &TestApp, folder: &Path, database: Secret) -> Config {
    let mut config = app.app.config.clone();
    config.data_dir = folder.to_owned();
    config.database.url = database;
    std::fs::create_dir_all(folder).unwrap();
    config
}

/// Restores into a database; what went wrong, if something did.
async fn restore(config: &Config, from: &Path) -> Result<(), String> {
    let db = Db::connect(&config.database).await.unwrap();
    let objects = Objects::open(config.data_dir.clone()).unwrap();
    let outcome = backup::restore(&db, &objects, config, &Place::Folder(from.to_owned())).await;
    db.close().await.unwrap();
    outcome.map(drop).map_err(|error| error.to_string())
}

/// The rows of every table of a backup, in no order.
fn tables(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("tables")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> =
            text.lines().map(|line| sorted(serde_json::from_str(line).unwrap()).to_string()).collect();
        lines.sort();
        tables.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), lines);
    }
    tables
}

/// The same JSON with the members of its objects in order: PostgreSQL has an order of its own.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

async fn sign_in(app: &TestApp, email: &str) -> Client {
    let body = json!({"email": email, "password": PASSWORD});
    let reply = app.nobody().post("/api/v1/auth/login", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    Client::signed_in(&app.url, &reply.json())
}

#[tokio::test]
async fn a_store_is_restored_on_either_database_as_it_was() {
    let (shop, product) = used().await;
    let kept = folder(&shop, "kept");
    make(&shop.app, &kept).await;
    let before = tables(&kept);
    assert!(
        before["orders"].len() == 1 && before["entitlement"].len() == 1 && before["secret_key"].len() > 3
    );
    let targets = [another_database(&shop.app).await, other_database(&shop.app).await];
    for (database, number) in targets.into_iter().zip(1..) {
        let config = elsewhere(&shop.app, &folder(&shop, &format!("restored-{number}")), database);
        restore(&config, &kept).await.unwrap();
        let restored = shop.app.another_copy_with(|settings| *settings = config).await;
        let again = folder(&shop, &format!("again-{number}"));
        // What the opening of the restored store adds is nothing.
        make(&restored, &again).await;
        let after = tables(&again);
        for (table, rows) in before.iter().filter(|(table, _)| *table != "lease") {
            assert_eq!(Some(rows), after.get(table), "{table}");
        }
        assert_eq!(background::violations(&restored.app).await.unwrap(), []);
        let ada = sign_in(&restored, "ada@example.com").await;
        let downloads = format!("/api/v1/library/{product}/downloads");
        let link = ada.post(&downloads, json!({})).await.json();
        let fetched = restored.nobody().get(link["url"].as_str().unwrap()).await;
        assert_eq!((fetched.status, &fetched.body[..]), (200, BYTES));
        let found = restored.nobody().get("/api/v1/products?q=unicode").await.json();
        assert_eq!(found["items"][0]["title"], "日本語 — «Ünïcode» \\ \"'");
    }
}

#[tokio::test]
async fn an_operator_backs_up_and_restores_by_the_command_line() {
    let (shop, _) = used().await;
    let endpoint = json!({"url": "https://example.com/hook", "events": ["order.paid"]});
    let admin = shop.app.admin().await;
    assert_eq!(admin.post("/api/v1/admin/webhooks", endpoint).await.status, 201);
    let more = shop.sell("Later", 700).await;
    buy(&shop.ada, &[more]).await;
    let kept = folder(&shop, "kept");
    let (done, said) = shop.app.run(&["backup", kept.to_str().unwrap()]).await;
    assert!(
        done && said.contains("With 1 objects of 19 bytes") && said.contains("With the master key"),
        "{said}"
    );
    let database = other_database(&shop.app).await;
    let config = elsewhere(&shop.app, &folder(&shop, "restored"), database);
    let run = async |arguments: &[&str]| {
        let mut program = crate::support::program();
        program
            .arg("--data-dir")
            .arg(&config.data_dir)
            .env("MIST_DATABASE__URL", config.database.url.as_str());
        crate::support::said(program.args(arguments).output().await.unwrap())
    };
    let (done, said) = run(&["restore", kept.to_str().unwrap()]).await;
    assert!(done && said.contains("All invariants hold."), "{said}");
    // One webhook that no reader had seen yet.
    assert!(said.contains("mails and 1 webhooks that waited"), "{said}");
    let parked: usize = said.split_once("Parked ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    let (done, said) = run(&["jobs", "list", "--state", "dead"]).await;
    assert!(done && said.matches("parked by mist restore").count() == parked, "{said}");
    // Two receipts, and a confirmation of each of three addresses.
    assert_eq!(
        (said.matches(" receipt_mail ").count(), said.matches(" account_link_mail ").count()),
        (2, 3),
        "{said}"
    );
    let (done, said) = run(&["restore", kept.to_str().unwrap()]).await;
    assert!(!done && said.contains("the database has rows in account"), "{said}");
}

#[tokio::test]
async fn what_waits_is_told_by_nobody_until_somebody_wants_it() {
    let (shop, _) = used().await;
    let kept = folder(&shop, "kept");
    make(&shop.app, &kept).await;
    let config = elsewhere(&shop.app, &folder(&shop, "restored"), another_database(&shop.app).await);
    restore(&config, &kept).await.unwrap();
    let restored = shop.app.another_copy_with(|settings| *settings = config).await;
    background::park(&restored.app).await.unwrap();
    restored.run_jobs().await;
    assert_eq!(restored.mails(), Vec::<String>::new());
    let dead = queue::list(&restored.app.db.read, &queue::Filter::default()).await.unwrap();
    let receipt = dead.iter().find(|job| job.kind == "receipt_mail").unwrap();
    let now = restored.clock.now();
    queue::retry(restored.app.db.writer(), receipt.id, now).await.unwrap();
    restored.run_jobs().await;
    assert_eq!(restored.mails().len(), 1);
}

#[tokio::test]
async fn every_job_that_mails_is_parked() {
    let app = TestApp::new().await;
    let parked = background::mailing();
    let handled = background::kinds(&app.app);
    let mailing: Vec<_> = handled.iter().filter(|kind| kind.ends_with("_mail")).collect();
    assert!(mailing.len() > 5 && mailing.iter().all(|kind| parked.contains(kind)), "{mailing:?}, {parked:?}");
    assert!(parked.iter().all(|kind| handled.contains(kind)), "{parked:?} are kinds of jobs");
}

#[tokio::test]
async fn a_backup_made_while_people_buy_has_whole_purchases() {
    let (shop, _) = used().await;
    let mut products = Vec::new();
    for number in 0..20 {
        products.push(shop.sell(&format!("Game {number}"), 100).await);
    }
    let kept = folder(&shop, "kept");
    let buying = async {
        for product in &products {
            buy(&shop.ada, &[*product]).await;
        }
    };
    let ((), ()) = tokio::join!(buying, make(&shop.app, &kept));
    let config = elsewhere(&shop.app, &folder(&shop, "restored"), another_database(&shop.app).await);
    restore(&config, &kept).await.unwrap();
    let restored = shop.app.another_copy_with(|settings| *settings = config).await;
    assert_eq!(background::violations(&restored.app).await.unwrap(), []);
}

#[tokio::test]
async fn a_backup_that_is_not_whole_is_refused_and_nothing_is_changed() {
    let (shop, _) = used().await;
    let kept = folder(&shop, "kept");
    make(&shop.app, &kept).await;
    let database = another_database(&shop.app).await;
    let target = folder(&shop, "restored");
    let config = elsewhere(&shop.app, &target, database);

    let orders = kept.join("tables/orders.ndjson");
    let whole = std::fs::read_to_string(&orders).unwrap();
    std::fs::write(&orders, whole.replace("1999", "1")).unwrap();
    let refused = restore(&config, &kept).await.unwrap_err();
    assert!(refused.contains("orders.ndjson: it is not what was written"), "{refused}");
    std::fs::write(&orders, &whole).unwrap();

    let document = kept.join("backup.json");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, text.replace("\"format\": 1", "\"format\": 2")).unwrap();
    let refused = restore(&config, &kept).await.unwrap_err();
    assert!(refused.contains("not of format 1"), "{refused}");
    std::fs::write(&document, text.replace("m0001_accounts", "m9999_tomorrow")).unwrap();
    let refused = restore(&config, &kept).await.unwrap_err();
    assert!(refused.contains("migrations that this one lacks"), "{refused}");
    std::fs::remove_file(&document).unwrap();
    let refused = restore(&config, &kept).await.unwrap_err();
    assert!(refused.contains("this is no whole backup"), "{refused}");

    // Whatever was refused left the database empty.
    std::fs::write(&document, &text).unwrap();
    std::fs::write(target.join("master.key"), "00".repeat(32)).unwrap();
    let refused = restore(&config, &kept).await.unwrap_err();
    assert!(refused.contains("master_key: is not the one that sealed"), "{refused}");
    std::fs::remove_file(target.join("master.key")).unwrap();
    restore(&config, &kept).await.unwrap();
}

#[tokio::test]
async fn objects_are_compared_with_their_digests_on_the_way() {
    let (shop, _) = used().await;
    let objects = folder(&shop, "objects");
    let object = files_below(&objects).into_iter().next().unwrap();
    let bytes = std::fs::read(&object).unwrap();
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, b"the bytes of a GAME").unwrap();
    let app = &shop.app.app;
    let kept = folder(&shop, "kept");
    let place = Place::Folder(kept.clone());
    let failed =
        backup::make(&app.db, &app.objects, &app.config, &app.clock, &place, WHOLE).await.unwrap_err();
    assert!(failed.to_string().contains("its bytes are not those that were stored"), "{failed}");
    assert!(!kept.join("backup.json").exists());
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, bytes).unwrap();
    let again =
        backup::make(&app.db, &app.objects, &app.config, &app.clock, &place, WHOLE).await.unwrap_err();
    assert!(again.to_string().contains("it is not empty"), "{again}");
}

#[tokio::test]
async fn a_server_backs_up_by_itself_and_keeps_the_last_ones() {
    let shop = Shop::with(|config| {
        config.backup.folder = Some(BackupPlace::Folder(config.data_dir.join("backups")));
        config.backup.every_hours = NonZeroU16::new(24).unwrap();
        config.backup.keep = NonZeroU8::new(2).unwrap();
    })
    .await;
    let root = folder(&shop, "backups");
    let made = || {
        let mut names: Vec<String> = std::fs::read_dir(&root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    background::tick(&shop.app.app, "backup").await.unwrap();
    assert_eq!(made(), ["mist-20261122T120000Z"]);
    shop.app.advance(Duration::hours(23));
    background::tick(&shop.app.app, "backup").await.unwrap();
    assert_eq!(made().len(), 1, "a day has not passed");
    // One that a killed process left is no backup.
    std::fs::create_dir(root.join("mist-20261123T110000Z")).unwrap();
    for day in 1..=3 {
        shop.app.advance(Duration::hours(24));
        background::tick(&shop.app.app, "backup").await.unwrap();
        assert!(made().len() <= 2, "{day}: {:?}", made());
    }
    assert_eq!(made(), ["mist-20261125T110000Z", "mist-20261126T110000Z"]);
    let document: Value =
        serde_json::from_slice(&std::fs::read(root.join("mist-20261126T110000Z/backup.json")).unwrap())
            .unwrap();
    // It is no secret where backups are sent, so the key that opens them isn't sent along.
    assert_eq!((&document["holds_objects"], &document["holds_master_key"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn what_nobody_has_is_not_removed_while_a_backup_copies_it() {
    let (shop, _) = used().await;
    let app = &shop.app.app;
    let copying = background::over_objects(&app.db, &app.clock, async || {
        let removing = background::tick(app, "objects");
        let waits = tokio::time::timeout(std::time::Duration::from_millis(300), removing).await;
        assert!(waits.is_err(), "it waits until the backup is done");
        Ok(())
    });
    copying.await.unwrap();
    // The turn of who was cut off meanwhile is over by then.
    shop.app.advance(Duration::minutes(2));
    assert!(background::tick(app, "objects").await.unwrap());
    let kept = folder(&shop, "kept");
    let (done, told) = shop.app.run(&["backup", kept.to_str().unwrap()]).await;
    assert!(done, "{told}");
    let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "nobody else reads what was sold");
}
