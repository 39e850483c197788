//! A store from its settings to its answers: opened, migrated, listening.
use std::{net::SocketAddr, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, create_data_dir},
    background,
    clock::Clock,
    config::Config,
    db::Db,
    error::{Error, Result},
    router::router,
    serve::{Tls, serve},
    storefront::{self, Front},
};

/// How long what was delivered last may take to be noted once requests have ended.
const SETTLE: Duration = Duration::from_secs(3);
/// How long the database may take to close its connections: one that doesn't answer keeps nobody from ending.
const CLOSES: Duration = Duration::from_secs(3);
/// How often migrations are tried while others hold their tables: for an hour.
const MIGRATION_TRIES: u32 = 360;
/// How long between.
const BETWEEN_MIGRATION_TRIES: Duration = Duration::from_secs(10);

/// A store that is ready to answer.
pub struct Store {
    /// Its parts.
    pub app: App,
    /// Where it listens.
    pub address: SocketAddr,
    listener: TcpListener,
    tls: Option<Tls>,
}

impl Store {
    /// Opens a store: makes the data folder, connects, migrates if the settings say so, and listens.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        let listen = config.http.listen;
        let named =
            |what: String, error: &dyn std::fmt::Display| Error::unexpected(format!("{what}: {error}"));
        create_data_dir(&config.data_dir)
            .map_err(|error| named(format!("data_dir {}", config.data_dir.display()), &error))?;
        let tls = Tls::open(&config.http.tls).map_err(|error| named("http.tls".to_owned(), &error))?;
        let db = connect(&config).await?;
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| named(format!("http.listen {listen}"), &error))?;
        let address = listener.local_addr().map_err(Error::unexpected)?;
        let app = App::open(config, clock, db, address.port()).await?;
        storefront::open(&app).await?;
        Ok(Self { app, address, listener, tls })
    }

    /// Answers requests and runs jobs until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let app = self.app.clone();
        // What is behind the answers goes on for as long as they do.
        let closed = CancellationToken::new();
        let jobs = tokio::spawn(background::run(app.clone(), closed.clone()));
        self.answer_until(stop, closed).await?;
        jobs.await.map_err(Error::unexpected)?;
        match tokio::time::timeout(CLOSES, app.db.clone().close()).await {
            Ok(closed) => Ok(closed?),
            Err(_) => {
                tracing::warn!("the database did not answer at shutdown");
                Ok(())
            }
        }
    }

    /// Answers requests alone until `stop` is cancelled: jobs wait for whoever runs them.
    pub async fn answer(self, stop: CancellationToken) -> Result<()> {
        self.answer_until(stop, CancellationToken::new()).await
    }

    /// Cancels `closed` once nobody is sent here any more.
    async fn answer_until(self, stop: CancellationToken, closed: CancellationToken) -> Result<()> {
        let front = Front::new(self.app.clone(), router(self.app.clone()));
        let ending = async {
            stop.cancelled().await;
            self.app.leave();
            tokio::time::sleep(Duration::from_secs(self.app.config.http.drain_seconds)).await;
            closed.cancel();
            // A stream lasts for as long as it may: told of the end, it ends at once.
            self.app.streams.end();
        };
        let acceptor = match self.tls {
            Some(tls) => {
                let acceptor = tls.acceptor().map_err(Error::unexpected)?;
                tokio::spawn(tls.watch(closed.clone()));
                Some(acceptor)
            }
            None => None,
        };
        tokio::join!(serve(self.listener, acceptor, front, &self.app.config.http, closed.clone()), ending);
        if tokio::time::timeout(SETTLE, self.app.deliveries.settle()).await.is_err() {
            tracing::warn!("some deliveries were not noted at shutdown");
        }
        Ok(())
    }
}

/// Connects to the database of the settings, migrated if they say so.
pub async fn connect(config: &Config) -> Result<Db> {
    create_data_dir(&config.data_dir).map_err(Error::unexpected)?;
    let db = Db::connect(&config.database).await?;
    if config.database.migrate {
        migrate(&db).await?;
    }
    Ok(db)
}

/// Applies the migrations that the database lacks. While others hold the tables that they change, such as a backup that reads them,
/// it is tried again and again, so that whoever else reads them waits for two seconds at most.
pub async fn migrate(db: &Db) -> Result<()> {
    let mut tries = 1;
    let unknown = loop {
        match db.write(async |tx| Ok(migration::apply(tx).await?)).await {
            Err(Error::Contended(cause)) if tries < MIGRATION_TRIES => {
                tracing::warn!(%cause, tries, "a migration waits for others who hold its tables");
                tries += 1;
                tokio::time::sleep(BETWEEN_MIGRATION_TRIES).await;
            }
            applied => break applied?,
        }
    };
    if let Some(last) = unknown.last() {
        tracing::warn!(
            migrations = unknown.len(),
            last,
            "a later version of Mist has changed the database: this one serves it as long as it is the version just before"
        );
    }
    Ok(())
}
