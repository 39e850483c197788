//! A database for one test: made for it, gone after it.

use std::{env, panic::AssertUnwindSafe, panic::resume_unwind};

use futures::FutureExt;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use super::Scene;

/// Where the tests find a PostgreSQL server that lets them make databases.
const ADMIN_URL: &str = "MIST_TEST_POSTGRES_URL";
/// Enough for a test's own statements beside those of a runner.
const POSTGRES_CONNECTIONS: u32 = 4;

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres { admin: Url, name: String },
}

/// Runs the test on a new database and removes it, also when the test fails.
pub(crate) async fn on<R: Future<Output = ()>>(kind: Kind, test: impl FnOnce(Scene) -> R) {
    let (database, twin) = Database::create(kind).await;
    let outcome = AssertUnwindSafe(async { test(Scene::new(database).await).await }).catch_unwind().await;
    if let Some((admin, name)) = twin {
        let admin = connect(ConnectOptions::new(admin.to_string()), 1).await;
        admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

impl Database {
    async fn create(kind: Kind) -> (Self, Option<(Url, String)>) {
        match kind {
            Kind::Sqlite => (Self::Sqlite(tempfile::tempdir().unwrap()), None),
            Kind::Postgres => {
                let admin = env::var(ADMIN_URL).unwrap_or_else(|_| {
                    panic!("{ADMIN_URL} is not set: run the tests by `cargo xtask test`, which starts a PostgreSQL")
                });
                let admin = Url::parse(&admin).expect("the address of a PostgreSQL server");
                #[expect(clippy::disallowed_methods, reason = "a name for a database, not an id of a row")]
                let name = format!("queue_{}", Uuid::new_v4().simple());
                let db = connect(ConnectOptions::new(admin.to_string()), 1).await;
                db.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
                db.close().await.unwrap();
                (Self::Postgres { admin: admin.clone(), name: name.clone() }, Some((admin, name)))
            }
        }
    }

    /// As the store connects to write: on SQLite a pool of one.
    pub(super) async fn connect(&self) -> DatabaseConnection {
        match self {
            Self::Sqlite(folder) => {
                let url = format!("sqlite://{}?mode=rwc", folder.path().join("queue.db").display());
                let mut options = ConnectOptions::new(url);
                options
                    .map_sqlx_sqlite_opts(|o| o.pragma("journal_mode", "WAL").pragma("synchronous", "OFF"));
                connect(options, 1).await
            }
            Self::Postgres { admin, name } => {
                let mut url = admin.clone();
                url.set_path(name);
                connect(ConnectOptions::new(url.to_string()), POSTGRES_CONNECTIONS).await
            }
        }
    }
}

async fn connect(mut options: ConnectOptions, connections: u32) -> DatabaseConnection {
    options.max_connections(connections).sqlx_logging(false);
    sea_orm::Database::connect(options).await.unwrap()
}
