//! The database: connecting, reading, and writing in one transaction that is rerun when contended.
use std::{
    cell::RefCell,
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use uuid::Uuid;

use self::replica::Replica;
use crate::{
    config,
    error::{Error, Result},
};

mod replica;

/// How often a write is run before a contended database is given up on.
const WRITE_ATTEMPTS: u32 = 3;
/// How long a request waits for a connection before it is answered 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is tried before it is used: the server may have gone since.
const TRUSTED_WHILE_IDLE: Duration = Duration::from_secs(1);
/// How long SQLite waits for another process's lock.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What every connection to PostgreSQL sets, unless PgBouncer shares them out, where the role has it set: the longest
/// statement, milliseconds; and that a prepared statement keeps its plan, as it does on SQLite. Left to choose, PostgreSQL plans
/// the list of products anew at each execution, which costs twice what reading it does
/// (<https://www.postgresql.org/docs/15/sql-prepare.html>).
const POSTGRES_OPTIONS: [(&str, &str); 2] =
    [("statement_timeout", "30000"), ("plan_cache_mode", "force_generic_plan")];

tokio::task_local! {
    /// What the write that runs has told of itself.
    static TOLD: RefCell<Vec<Told>>;
}

/// One thing that a write did.
#[derive(Clone, Debug)]
pub struct Told {
    /// By which it can be known again.
    pub id: Uuid,
    /// What was done.
    pub kind: String,
    /// To what.
    pub subject: Uuid,
    /// To the product of the subject, where it has one.
    pub product: Option<Uuid>,
    /// UTC: when it changed products besides, each of which keeps that moment; none where it didn't.
    pub changed_at: Option<DateTime<Utc>>,
    /// Whether the subject stands elsewhere, or is addressed otherwise, than before.
    pub moved: bool,
}

/// Who is told after a write what it did.
type Listener = Box<dyn Fn(Vec<Told>, bool) + Send + Sync>;

/// A pool for reading and a pool for writing: on PostgreSQL one pool, on SQLite readers and the one writer.
#[derive(Clone)]
pub struct Db {
    /// For statements that change nothing.
    pub read: DatabaseConnection,
    write: DatabaseConnection,
    replica: Option<Arc<Replica>>,
    listener: Arc<OnceLock<Listener>>,
}

/// Tells the listener, once the write that runs has ended, what it did; nothing outside of a write.
pub fn tell(what: Told) {
    let _outside = TOLD.try_with(|told| told.borrow_mut().push(what));
}

impl Db {
    /// Connects; the SQLite file is created when it is missing.
    pub async fn connect(settings: &config::Database) -> Result<Self, DbErr> {
        let url = settings.url.as_str();
        if url.starts_with("sqlite:") {
            let write = Database::connect(sqlite(url, 1)).await?;
            let read = Database::connect(
                sqlite(url, settings.read_connections)
                    .map_sqlx_sqlite_opts(|o| o.pragma("query_only", "ON"))
                    .to_owned(),
            )
            .await?;
            return Ok(Self { read, write, replica: None, listener: Arc::default() });
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(settings.connections)
            .min_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire_if_idle_for(TRUSTED_WHILE_IDLE)
            .sqlx_logging(false);
        if !settings.pgbouncer {
            options.map_sqlx_postgres_opts(|o| o.options(POSTGRES_OPTIONS));
        }
        let pool = Database::connect(options).await?;
        let replica = Replica::open(settings).await?.map(Arc::new);
        Ok(Self { read: pool.clone(), write: pool, replica, listener: Arc::default() })
    }

    /// Calls `listener` after every write that told something, before the writer hears of its end, and says whether it is known to
    /// have been committed. One that failed counts too: when a connection breaks at the commit, nobody knows whether it happened.
    /// The first listener stays.
    pub fn listen(&self, listener: impl Fn(Vec<Told>, bool) + Send + Sync + 'static) {
        let _first = self.listener.set(Box::new(listener));
    }

    /// Runs work in one write transaction and commits it when it succeeds; an error rolls it back.
    ///
    /// Nothing slow and nothing external belongs inside, and no second write: the work is rerun whole, up to three
    /// times, when the database says that another transaction was in its way.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T> + Clone,
    {
        let mut attempt = 1;
        loop {
            let (outcome, told) = TOLD
                .scope(RefCell::default(), async {
                    let outcome = self.write_once(work.clone()).await;
                    (outcome, TOLD.with(RefCell::take))
                })
                .await;
            if let Some(listener) = self.listener.get().filter(|_| !told.is_empty()) {
                listener(told, outcome.is_ok());
            }
            match outcome {
                Err(Error::Contended(_)) if attempt < WRITE_ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// Changes many rows by transactions of which each changes at most `most`, lest SQLite's one writer is held for long:
    /// until one changes fewer. Says how many were changed in all.
    pub async fn write_in_batches<F>(&self, most: u64, batch: F) -> Result<u64>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<u64> + Clone,
    {
        let mut changed = 0;
        loop {
            let some = self.write(batch.clone()).await?;
            changed += some;
            if some < most {
                return Ok(changed);
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where a transaction begins")]
    async fn write_once<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T>,
    {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let tx = self.write.begin_with_options(immediate).await?;
        let value = work(&tx).await?;
        tx.commit().await?;
        Ok(value)
    }

    /// Everything as it is at one moment, for as long as the transaction lives; for reading alone.
    ///
    /// PostgreSQL gives its statements all the time they need.
    #[expect(clippy::disallowed_methods, reason = "a transaction that writes nothing")]
    pub async fn snapshot(&self) -> Result<DatabaseTransaction> {
        if self.backend() != DbBackend::Postgres {
            // SQLite's is that of the first statement.
            return Ok(self.read.begin_with_options(TransactionOptions::default()).await?);
        }
        let options = TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..Default::default()
        };
        let tx = self.read.begin_with_options(options).await?;
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        Ok(tx)
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// What the clock of the database's machine says; none where the database is a file of this one.
    pub async fn clock(&self) -> Result<Option<DateTime<Utc>>> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let asked = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
        let row = self.read.query_one_raw(asked).await?;
        Ok(row.map(|row| row.try_get("", "now")).transpose()?)
    }

    /// The connection that migrations and the job runner write on.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Closes every pool; SQLite folds its log into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        if let Some(replica) = &self.replica {
            replica.close().await?;
        }
        self.read.close().await?;
        self.write.close().await
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(SQLITE_BUSY_TIMEOUT)
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-2000")
                .pragma("mmap_size", "134217728")
        });
    options
}
