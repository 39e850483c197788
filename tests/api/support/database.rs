//! A database for one test, SQLite or PostgreSQL as `MIST_TEST_DATABASE` says.
use std::path::Path;

use mist::config::{self, Secret};
use sea_orm::{ConnectionTrait, Database, DbBackend};

use super::TestApp;

/// The address of a new, empty database.
pub async fn fresh(folder: &Path) -> Secret {
    match std::env::var("MIST_TEST_DATABASE").as_deref() {
        Ok("postgres") => postgres().await,
        Ok("sqlite") | Err(_) => Secret::new(format!("sqlite://{}", folder.join("test.db").display())),
        Ok(other) => panic!("MIST_TEST_DATABASE is `{other}`, neither `sqlite` nor `postgres`"),
    }
}

/// A new, empty database of the same kind as a store's.
pub async fn another_database(app: &TestApp) -> Secret {
    match app.app.db.backend() {
        DbBackend::Postgres => postgres().await,
        _ => file(app),
    }
}

/// A new, empty database of the kind that a store does not use.
pub async fn other_database(app: &TestApp) -> Secret {
    match app.app.db.backend() {
        DbBackend::Postgres => file(app),
        _ => postgres().await,
    }
}

/// A file that no other database of the test has.
fn file(app: &TestApp) -> Secret {
    let name = format!("{}.db", app.clock.new_id().simple());
    Secret::new(format!("sqlite://{}", app.path(&name).display()))
}

/// Has a store reach its database through PgBouncer, where the tests are told of one.
pub fn through_pgbouncer(settings: &mut config::Database) {
    let Ok(port) = std::env::var("MIST_TEST_PGBOUNCER_PORT") else { return };
    let mut url = url::Url::parse(settings.url.as_str()).unwrap();
    url.set_port(Some(port.parse().unwrap())).unwrap();
    settings.url = Secret::new(url);
    settings.pgbouncer = true;
}

async fn postgres() -> Secret {
    let server = std::env::var("MIST_TEST_POSTGRES_URL").expect(
        "MIST_TEST_POSTGRES_URL names the server for tests; `cargo xtask test` starts one and sets it",
    );
    #[expect(clippy::disallowed_methods, reason = "a name for a database, not an id of a row")]
    let name = format!("mist_test_{}", uuid::Uuid::now_v7().simple());
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    admin.close().await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Secret::new(url)
}
