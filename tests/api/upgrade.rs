//! Stores of earlier versions, as their own backups have them, come up to this one with everything that they hold.
//!
//! `tests/upgrades/NAME` is the store of the version whose last migration is NAME: rows in every table that it had, and its schema. Each
//! was made once, by the program of its version: `python3 tests/upgrade_store.py target/release/mist tests/upgrades/NAME`.
mod schema;

use std::path::{Path, PathBuf};

use chrono::Duration;
use mist::{background, db::Db};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Served, TestApp, another_database, other_database, program_of, said};

/// The description of the schema beside the tables.
const SCHEMA: &str = "schema.txt";
/// What no version has rows of for longer than a moment.
const EMPTY: [&str; 1] = ["lease"];

/// Where the stores of earlier versions are.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrades")
}

/// The stores of earlier versions, by the name of their last migration.
fn earlier() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn document(fixture: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(fixture.join("backup.json")).unwrap()).unwrap()
}

fn migrations(fixture: &Path) -> Vec<String> {
    serde_json::from_value(document(fixture)["migrations"].clone()).unwrap()
}

#[tokio::test]
async fn a_store_of_an_earlier_version_comes_up_with_everything_that_it_holds() {
    let app = TestApp::new().await;
    // The clock of the tests begins before the first of them was made.
    app.advance(Duration::days(365));
    for fixture in earlier() {
        let name = fixture.file_name().unwrap().to_str().unwrap().to_owned();
        let targets = [another_database(&app).await, other_database(&app).await];
        for (database, number) in targets.into_iter().zip(1..) {
            let mut config = app.app.config.clone();
            config.data_dir = app.path(&format!("{name}-{number}"));
            config.database.url = database;
            config.database.pgbouncer = false;
            std::fs::create_dir_all(&config.data_dir).unwrap();
            let run =
                async |arguments: &[&str]| said(program_of(&config).args(arguments).output().await.unwrap());
            let (done, told) = run(&["restore", fixture.to_str().unwrap()]).await;
            assert!(done && told.contains("All invariants hold."), "{name}: {told}");
            let (done, told) = run(&["check"]).await;
            assert!(done && told.contains("All invariants hold"), "{name}: {told}");
            let (done, told) = run(&["objects", "verify", "--digests"]).await;
            assert!(done, "{name}: {told}");

            let copy = app.another_copy_with(|settings| *settings = config.clone()).await;
            assert_eq!(migration::pending(&copy.app.db.read).await.unwrap(), 0);
            assert_eq!(background::violations(&copy.app).await.unwrap(), []);
            for table in document(&fixture)["tables"].as_array().unwrap() {
                let rows = table["rows"].as_u64().unwrap();
                let held = schema::count(&copy.app.db.read, table["name"].as_str().unwrap()).await;
                let less = EMPTY.contains(&table["name"].as_str().unwrap());
                assert!(held >= rows || less, "{name}: {held} of {rows} rows of {}", table["name"]);
            }
            let body = json!({"email": "ada@example.com", "password": PASSWORD});
            let reply = copy.nobody().post("/api/v1/auth/login", body).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let ada = Client::signed_in(&copy.url, &reply.json());
            let owned = ada.get("/api/v1/library").await.json();
            assert!(!owned["items"].as_array().unwrap().is_empty(), "{owned}");
            let listed = copy.nobody().get("/api/v1/products?q=laterne").await.json();
            assert_eq!(listed["items"][0]["slug"], "lantern-renamed", "{listed}");
        }
    }
}

#[tokio::test]
async fn the_migrations_of_an_earlier_version_make_the_schema_that_it_had() {
    for fixture in earlier() {
        let folder = tempfile::tempdir().unwrap();
        let settings = mist::config::Database {
            url: mist::config::Secret::new(format!("sqlite://{}", folder.path().join("then.db").display())),
            ..mist::config::Database::default()
        };
        let db = Db::connect(&settings).await.unwrap();
        let names = migrations(&fixture);
        let known = db.write(async |tx| Ok(migration::apply_first(tx, &names).await?)).await.unwrap();
        assert!(known, "{}: these migrations are no longer the first ones", fixture.display());
        let then = std::fs::read_to_string(fixture.join(SCHEMA)).unwrap();
        let now = schema::described(&db.read).await;
        let differing: Vec<&str> =
            now.lines().filter(|line| !then.lines().any(|other| other == *line)).collect();
        assert_eq!(
            (differing, now.lines().count()),
            (Vec::new(), then.lines().count()),
            "a migration was changed after its release"
        );
    }
}

#[tokio::test]
async fn a_version_serves_a_database_that_the_version_after_it_has_migrated() {
    let app = TestApp::new().await;
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 4000000000)";
    app.app.db.writer().execute_unprepared(later).await.unwrap();
    let (done, told) = app.run(&["migrate"]).await;
    assert!(done, "{told}");
    let mut served = Served::new(&app, "off");
    let store = Client::new(&served.says("Mist is ready at").await, None);
    assert_eq!(store.get("readyz").await.status, 200);
}

/// While a backup reads a table, whoever else reads it waits for no migration.
#[tokio::test]
async fn a_migration_gives_way_to_whoever_holds_its_tables() {
    let app = TestApp::new().await;
    if app.app.db.backend() != DbBackend::Postgres {
        // SQLite's readers hold up no writer.
        return;
    }
    let last = "DELETE FROM seaql_migrations WHERE version = 'm0074_downloads_begun'";
    let column = "ALTER TABLE entitlement DROP COLUMN download_begun_at";
    for statement in [last, column] {
        app.app.db.writer().execute_unprepared(statement).await.unwrap();
    }
    let backup = app.app.db.snapshot().await.unwrap();
    backup.execute_unprepared("SELECT count(*) FROM entitlement").await.unwrap();
    let mut migrating = app.program();
    let migrating = tokio::spawn(migrating.arg("migrate").output());
    let waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%entitlement%' \
        AND datname = current_database()";
    let stands_in_line = async || {
        let statement = Statement::from_string(DbBackend::Postgres, waits);
        app.app.db.read.query_one_raw(statement).await.unwrap().is_some()
    };
    while !stands_in_line().await {
        tokio::task::yield_now().await;
    }
    // Answered within the two seconds for which a migration stands in the line, long before the backup has ended.
    app.app.db.read.execute_unprepared("SELECT count(*) FROM entitlement").await.unwrap();
    assert!(!migrating.is_finished(), "the backup still reads");
    backup.rollback().await.unwrap();
    let (done, told) = said(migrating.await.unwrap().unwrap());
    assert!(done, "{told}");
    assert_eq!(migration::pending(&app.app.db.read).await.unwrap(), 0);
}
