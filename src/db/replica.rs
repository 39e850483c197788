//! A replica of PostgreSQL, for what may be some seconds old: the primary is asked instead whenever it is away or far behind.
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::timeout;

use super::{Db, POSTGRES_OPTIONS, TRUSTED_WHILE_IDLE};
use crate::{
    config,
    error::{Error, Result},
};

/// How long a replica is waited for, before the primary is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// Nothing is written by mistake to what was a replica and is none any more.
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");
/// How many seconds it is behind. One that has applied all that it was sent isn't, however long ago that was, as long as it
/// is connected.
const LAG: &str = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0 \
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver) THEN 0 \
    ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0) END::float8 AS lag";

/// The connections to it, and whether it may be asked.
pub(super) struct Replica {
    pool: DatabaseConnection,
    most_lag: f64,
    usable: AtomicBool,
}

impl Replica {
    /// The replica of the settings, if they name one. It may be away.
    pub(super) async fn open(settings: &config::Database) -> Result<Option<Self>, DbErr> {
        let Some(url) = &settings.read_url else { return Ok(None) };
        let mut options = sea_orm::ConnectOptions::new(url.as_str());
        options
            .max_connections(settings.read_connections)
            .connect_lazy(true)
            .acquire_timeout(PATIENCE)
            .test_before_acquire_if_idle_for(TRUSTED_WHILE_IDLE)
            .sqlx_logging(false);
        if !settings.pgbouncer {
            options.map_sqlx_postgres_opts(|o| o.options(POSTGRES_OPTIONS).options([READ_ONLY]));
        }
        let replica = Self {
            pool: Database::connect(options).await?,
            most_lag: f64::from(settings.read_max_lag),
            usable: AtomicBool::new(false),
        };
        if let Err(error) = replica.look().await {
            tracing::warn!(%error, "the replica of the database does not answer: the primary is asked");
        }
        Ok(Some(replica))
    }

    /// How many seconds it is behind; it is asked again if that is little enough.
    async fn look(&self) -> Result<f64> {
        let asked = async {
            let row = self.pool.query_one_raw(Statement::from_string(DbBackend::Postgres, LAG)).await?;
            let row = row.ok_or_else(|| Error::unavailable("the replica told nothing of itself"))?;
            Ok::<f64, Error>(row.try_get("", "lag")?)
        };
        let looked = match timeout(PATIENCE, asked).await {
            Ok(looked) => looked,
            Err(_) => Err(Error::unavailable("the replica did not answer in time")),
        };
        let usable = looked.as_ref().is_ok_and(|lag| *lag <= self.most_lag);
        self.usable.store(usable, Ordering::Relaxed);
        looked
    }

    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.pool.clone().close().await
    }
}

impl Db {
    /// Runs what only reads, and may be told what was true some seconds ago: on the replica, if there is one that keeps up. If
    /// it fails there, for whatever reason, it is run anew on the primary. Nobody finds here what they have just written.
    pub async fn read_stale<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&DatabaseConnection) -> Result<T> + Clone,
    {
        let Some(replica) = self.replica.as_deref() else { return work(&self.read).await };
        if replica.usable.load(Ordering::Relaxed) {
            match work.clone()(&replica.pool).await {
                Ok(read) => {
                    metrics::counter!("mist_replica_reads_total", "from" => "replica").increment(1);
                    return Ok(read);
                }
                Err(error) => {
                    tracing::warn!(%error, "the replica failed: the primary is asked");
                    if matches!(error, Error::Unavailable(_)) {
                        replica.usable.store(false, Ordering::Relaxed);
                    }
                }
            }
        }
        metrics::counter!("mist_replica_reads_total", "from" => "primary").increment(1);
        work(&self.read).await
    }

    /// Looks whether the replica answers and keeps up: how many seconds it is behind. None where there is no replica.
    pub async fn look_at_replica(&self) -> Option<Result<f64>> {
        Some(self.replica.as_deref()?.look().await)
    }
}
