//! A store for one test: its own folder, its own database, its own clock, a free port.
pub mod authenticator;
pub mod aws;
mod client;
pub mod collector;
mod command;
mod database;
pub mod everything;
mod folder;
pub mod judge;
pub mod localstripe;
pub mod logs;
mod mailbox;
pub mod nginx;
mod python;
pub mod replica;
pub mod s3;
pub mod security_key;
mod served;
pub mod sns;
pub mod stripe;
mod wire;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use mist::{
    app::App,
    background,
    clock::Clock,
    config::{Config, Rate},
    store::Store,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub use client::{Client, Reply};
pub use command::{program, program_of, said};
pub use database::{another_database, other_database};
pub use folder::files_below;
pub use mailbox::Letter;
pub use served::Served;
pub use wire::Wire;

/// A password that is strong enough for everybody in the tests.
pub const PASSWORD: &str = "a quiet violet engine";

/// More often than any test does anything.
const OFTEN: Rate = Rate::new(10_000, 60);

/// A running store.
pub struct TestApp {
    pub app: App,
    pub clock: Clock,
    pub url: String,
    /// The server that keeps its bytes, if it is not a folder.
    pub s3: Option<Arc<s3::Server>>,
    folder: Arc<tempfile::TempDir>,
    s3_folder: Option<Arc<tempfile::TempDir>>,
    stop: CancellationToken,
    running: Option<tokio::task::JoinHandle<()>>,
}

impl TestApp {
    /// A store with nothing in it.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A store with settings of its own.
    pub async fn with(settings: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut config = Config { data_dir: folder.path().join("data"), ..Config::default() };
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        config.metrics.listen = None;
        config.database.url = database::fresh(folder.path()).await;
        config.database.connections = 5;
        database::through_pgbouncer(&mut config.database);
        // A machine that is busy with other tests is no reason to send anybody away.
        config.load.queue_ms = 20_000;
        config.accounts.hashing_wait_ms = 20_000;
        // Everybody in a test comes from one address, or tells of another. Tests of throttling set what is built in.
        config.rate_limits.exempt = ["0.0.0.0/0", "::/0"].map(|all| all.parse().unwrap()).to_vec();
        config.accounts.failures_per_address = OFTEN;
        config.accounts.provider_sign_ins_per_address = OFTEN;
        config.accounts.registrations_per_address = OFTEN;
        let s3 = s3::everywhere().then(|| s3::Server::start(&folder.path().join("s3")));
        if let Some(server) = &s3 {
            server.serve(&mut config);
            // What tests ask of a link to the store holds of one to a bucket in part only.
            config.storage.s3.direct_links = false;
        }
        settings(&mut config);
        let mut opened = Self::open(config, Clock::fixed(noon()), folder).await;
        opened.s3 = s3.map(Arc::new);
        opened
    }

    /// A store that keeps its bytes in S3, with settings of its own.
    pub async fn on_s3(settings: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Arc::new(s3::Server::start(folder.path()));
        let mut app = Self::with(|config| {
            server.serve(config);
            settings(config);
        })
        .await;
        app.s3 = Some(server);
        app.s3_folder = Some(Arc::new(folder));
        app
    }

    async fn open(config: Config, clock: Clock, folder: Arc<tempfile::TempDir>) -> Self {
        logs::listen();
        let store = Store::open(config, clock.clone()).await.unwrap();
        let (app, url) = (store.app.clone(), format!("http://{}", store.address));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let running = tokio::spawn(async move { store.answer(stopped).await.unwrap() });
        Self { app, clock, url, s3: None, folder, s3_folder: None, stop, running: Some(running) }
    }

    /// Stops the store and opens another over the same folder and database.
    pub async fn restart(mut self) -> Self {
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap();
        self.beside(self.app.config.clone()).await
    }

    /// Tells the store to stop, and does not wait until it has.
    pub fn tell_to_stop(&self) {
        self.stop.cancel();
    }

    /// Another copy of the store beside this one, over the same database.
    pub async fn another_copy(&self) -> Self {
        self.beside(self.app.config.clone()).await
    }

    /// Another copy of the store with settings of its own.
    pub async fn another_copy_with(&self, settings: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.app.config.clone();
        settings(&mut config);
        self.beside(config).await
    }

    /// A store over the same folders, database and clock.
    async fn beside(&self, config: Config) -> Self {
        let mut opened = Self::open(config, self.clock.clone(), Arc::clone(&self.folder)).await;
        (opened.s3, opened.s3_folder) = (self.s3.clone(), self.s3_folder.clone());
        opened
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// Somebody who asks with an API key.
    pub fn holder(&self, key: &str) -> Client {
        Client::signed_in(&self.url, &json!({"access_token": key}))
    }

    /// Registers `name@example.com` and signs in.
    pub async fn account(&self, name: &str) -> Client {
        let body =
            json!({"email": format!("{name}@example.com"), "password": PASSWORD, "display_name": name});
        let reply = self.nobody().post("/api/v1/auth/register", body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        Client::signed_in(&self.url, &reply.json())
    }

    /// Registers and makes somebody an editor.
    pub async fn editor(&self) -> Client {
        self.staff("editor", |row| row.editor = Set(true)).await
    }

    /// Registers and makes somebody support.
    pub async fn support(&self) -> Client {
        self.staff("support", |row| row.support = Set(true)).await
    }

    /// Registers and makes somebody an admin.
    pub async fn admin(&self) -> Client {
        self.staff("admin", |row| row.admin = Set(true)).await
    }

    async fn staff(&self, name: &str, role: impl FnOnce(&mut entity::account::ActiveModel)) -> Client {
        let client = self.account(name).await;
        let mut row = entity::account::ActiveModel { id: Set(client.account_id()), ..Default::default() };
        role(&mut row);
        row.update(self.app.db.writer()).await.unwrap();
        self.app.identity.forget(client.session_id()).await;
        client
    }

    /// Runs every job that is due, and what those enqueue, and says how many ran.
    pub async fn run_jobs(&self) -> usize {
        background::run_due(&self.app).await.unwrap()
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// A file or folder of the data folder, or of the bucket.
    pub fn path(&self, name: &str) -> std::path::PathBuf {
        if let Some(server) = &self.s3
            && ["objects", "drafts", "tmp"].contains(&name)
        {
            return server.bucket().join(name);
        }
        self.app.config.folder(name)
    }

    /// The mails that were written so far, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.path("mail")) else { return Vec::new() };
        let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

impl Drop for TestApp {
    /// Whatever a test did, no secret of it may be in the log.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.mails().iter().for_each(|mail| logs::note_mail(mail));
            let leaks = logs::leaks();
            assert!(leaks.is_empty(), "the log tells secrets:\n{}", leaks.join("\n"));
        }
    }
}

/// When every test's clock begins.
pub fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}
