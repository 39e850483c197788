//! What every test of the queue stands on: a database, a clock, and runners over them.

mod database;
mod table;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use queue::{Handlers, Job, NewJob, Runner, RunnerSettings, Sources, Wake};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

pub(crate) use database::{Kind, on};

/// Runs each named test on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { crate::support::on(crate::support::Kind::Sqlite, super::$name).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { crate::support::on(crate::support::Kind::Postgres, super::$name).await; })+
        }
    };
}

/// The kind of the jobs that tests enqueue.
pub(crate) const KIND: &str = "test.job";

/// A fresh queue.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) db: DatabaseConnection,
    pub(crate) wake: Wake,
    database: Arc<database::Database>,
    now: Arc<Mutex<DateTime<Utc>>>,
    ids: Arc<AtomicU64>,
}

impl Scene {
    async fn new(database: database::Database) -> Self {
        let db = database.connect().await;
        table::create(&db).await;
        Self {
            db,
            wake: Wake::new(),
            database: Arc::new(database),
            now: Arc::new(Mutex::new("2026-01-02T03:04:05Z".parse().unwrap())),
            ids: Arc::default(),
        }
    }

    /// Connections of one's own, as another process would have.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        self.database.connect().await
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, time: Duration) {
        *self.now.lock().unwrap() += time;
    }

    /// Ids that sort in the order in which they were made.
    pub(crate) fn id(&self) -> Uuid {
        Uuid::from_u64_pair(self.ids.fetch_add(1, Ordering::Relaxed), 0)
    }

    pub(crate) fn new_job(&self) -> NewJob {
        NewJob::new(self.id(), KIND, &serde_json::json!({ "order": 7 }))
    }

    pub(crate) async fn begin(&self) -> DatabaseTransaction {
        begin(&self.db).await
    }

    /// Enqueues in a transaction of its own.
    pub(crate) async fn enqueue(&self, job: NewJob) -> Option<Uuid> {
        let tx = self.begin().await;
        let id = queue::enqueue(&tx, job, self.now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn job(&self, id: Uuid) -> Job {
        queue::get(&self.db, id).await.unwrap().expect("the job exists")
    }

    /// No jitter: every back-off is at its longest.
    pub(crate) fn sources(&self) -> Sources {
        let (clock, ids) = (self.clone(), self.clone());
        Sources {
            clock: Arc::new(move || clock.now()),
            ids: Arc::new(move || ids.id()),
            chance: Arc::new(|| 1.0),
        }
    }

    pub(crate) fn runner(&self, handlers: Handlers) -> Runner {
        self.runner_with(handlers, RunnerSettings::default())
    }

    pub(crate) fn runner_with(&self, handlers: Handlers, settings: RunnerSettings) -> Runner {
        Runner::new(self.db.clone(), handlers, settings, self.sources(), self.wake.clone())
    }
}

#[expect(clippy::disallowed_methods, reason = "tests begin their own transactions")]
pub(crate) async fn begin(db: &DatabaseConnection) -> DatabaseTransaction {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await.unwrap()
}
