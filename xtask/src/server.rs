//! A store of our own for as long as a task runs: built, started over a folder and a database, asked over HTTP.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{self, Result, command, root};

/// A password that is strong enough for everybody.
pub const PASSWORD: &str = "a quiet violet engine";
/// The admin that every store gets.
pub const ADMIN: &str = "admin@example.com";
/// The setting that copies of a store share.
pub const MASTER_KEY: &str = "MIST_MASTER_KEY";
/// Where a build for debugging ends by itself.
const FAILPOINT: &str = "FAILPOINT";
/// How long it is asked all the time whether a store is ready.
const SOON: Duration = Duration::from_secs(5);
/// How long a store may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// Builds the program and gives its place.
pub fn build(release: bool) -> Result<PathBuf> {
    let profile: &[&str] = if release { &["--release"] } else { &[] };
    process::run(command("cargo", &["build", "--locked", "--bin", "mist"]).args(profile))?;
    Ok(root().join("target").join(if release { "release" } else { "debug" }).join("mist"))
}

/// The program that was named, or else one that is built.
pub fn chosen(binary: Option<&Path>, release: bool) -> Result<PathBuf> {
    match binary {
        // The store runs in a folder of its own.
        Some(binary) => Ok(binary.canonicalize()?),
        None => build(release),
    }
}

/// A store's folder and settings; the process may come and go.
pub struct Server {
    binary: PathBuf,
    folder: TempDir,
    database: Option<String>,
    settings: Vec<(String, String)>,
    core: Option<usize>,
    child: Option<Child>,
    /// Where it is reached, without a slash at the end.
    pub url: String,
}

impl Server {
    /// A store over an empty folder, on SQLite there or on a new database of a PostgreSQL server.
    pub async fn new(binary: &Path, postgres: Option<&str>) -> Result<Self> {
        let database = match postgres {
            Some(server) => Some(new_database(server)?),
            None => None,
        };
        Self::over(binary, database)
    }

    /// Another copy of the same store: over the same database, in a folder and at an address of its own. Both must have
    /// been given the same master key.
    pub fn beside(&self) -> Result<Self> {
        let mut copy = Self::over(&self.binary, self.database.clone())?;
        if let Some((name, key)) = self.settings.iter().find(|(name, _)| name == MASTER_KEY) {
            copy.set(name, key);
        }
        Ok(copy)
    }

    fn over(binary: &Path, database: Option<String>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("mist-store-").tempdir()?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let url = format!("http://127.0.0.1:{port}");
        let mut server = Self {
            binary: binary.to_owned(),
            folder,
            database,
            settings: Vec::new(),
            core: None,
            child: None,
            url,
        };
        server.set("MIST_HTTP__LISTEN", &format!("127.0.0.1:{port}"));
        server.set("MIST_HTTP__PUBLIC_URL", &server.url.clone());
        server.set("MIST_METRICS__LISTEN", "off");
        // Everybody comes from one address here.
        server.set("MIST_ACCOUNTS__FAILURES_PER_ADDRESS", "100000/60");
        server.set("MIST_ACCOUNTS__FAILURES_PER_ACCOUNT", "100000/60");
        server.set("MIST_ACCOUNTS__REGISTRATIONS_PER_ADDRESS", "100000/60");
        Ok(server)
    }

    /// A setting as an environment variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// The processor on which the process runs from its next start on, and no other.
    pub fn pin(&mut self, core: usize) {
        self.core = Some(core);
    }

    /// Lets the process tell what it measures; gives where.
    pub fn measure(&mut self) -> Result<String> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        self.set("MIST_METRICS__LISTEN", &format!("127.0.0.1:{port}"));
        Ok(format!("http://127.0.0.1:{port}/metrics"))
    }

    /// Where the process is to end by itself, of the places that a build for debugging has; none: nowhere.
    pub fn arm(&mut self, place: Option<&str>) {
        self.settings.retain(|(name, _)| name != FAILPOINT);
        if let Some(place) = place {
            self.set(FAILPOINT, place);
        }
    }

    /// Starts the process and gives how long it took to be ready.
    pub async fn start(&mut self, arguments: &[&str]) -> Result<Duration> {
        self.start_within(arguments, PATIENCE).await
    }

    /// The same for one that may take long until it is ready.
    pub async fn start_within(&mut self, arguments: &[&str], patience: Duration) -> Result<Duration> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log"))?;
        let began = Instant::now();
        let mut serve = self.mist();
        self.child = Some(serve.arg("serve").args(arguments).stdout(log.try_clone()?).stderr(log).spawn()?);
        let client = Client::new();
        let ready = format!("{}/readyz", self.url);
        while began.elapsed() < patience {
            if client.get(&ready).send().await.is_ok_and(|reply| reply.status().is_success()) {
                return Ok(began.elapsed());
            }
            if self.has_ended()? {
                return Err(format!("the store ended before it was ready:\n{}", self.log()).into());
            }
            // Who is not ready soon is not asked so often that asking slows it down.
            let pause = if began.elapsed() < SOON { 2 } else { 200 };
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Err(format!("the store was not ready in time:\n{}", self.log()).into())
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(match &mut self.child {
            Some(child) => child.try_wait()?.is_some(),
            None => true,
        })
    }

    /// Kills the process as a power cut would: no handler runs.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Runs another subcommand over the same folder and database, and gives what it printed.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<String> {
        Self::finish(self.mist(), arguments, input)
    }

    /// The same with a place at which it ends by itself, which is an error.
    pub fn run_armed(&self, arguments: &[&str], place: &str) -> Result<String> {
        let mut mist = self.mist();
        mist.env(FAILPOINT, place);
        Self::finish(mist, arguments, "")
    }

    fn finish(mut mist: Command, arguments: &[&str], input: &str) -> Result<String> {
        let mut child = mist
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.success() {
            Ok(said)
        } else {
            Err(format!("`mist {}`: {said}", arguments.join(" ")).into())
        }
    }

    /// Makes an admin and signs it in.
    pub async fn admin(&self) -> Result<Caller> {
        let create = ["account", "create", "--email", ADMIN, "--role", "admin", "--password-stdin"];
        self.run(&create, PASSWORD)?;
        self.sign_in(ADMIN).await
    }

    /// Registers somebody.
    pub async fn register(&self, email: &str) -> Result<Caller> {
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Somebody"});
        let session = self.nobody().call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
        Ok(self.caller(&session))
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, email: &str) -> Result<Caller> {
        let body = json!({"email": email, "password": PASSWORD});
        let session = self.nobody().call(Method::POST, "/api/v1/auth/login", Some(body)).await?;
        Ok(self.caller(&session))
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Caller {
        Caller::at(&self.url, Client::new())
    }

    fn caller(&self, session: &Value) -> Caller {
        let token = session.get("access_token").and_then(Value::as_str).map(str::to_owned);
        Caller { token, ..self.nobody() }
    }

    /// The process's id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The address of the PostgreSQL database, if it is one.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The mails that lie in the folder.
    pub fn mail(&self) -> Result<Vec<String>> {
        let folder = self.mail_folder();
        if !folder.exists() {
            return Ok(Vec::new());
        }
        // A mail that is still being written has another ending.
        let paths = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let whole = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "eml");
        let paths: Vec<PathBuf> = paths.collect::<Result<_>>()?;
        paths.iter().filter(|path| whole(path)).map(|path| Ok(std::fs::read_to_string(path)?)).collect()
    }

    /// Removes the mails that were written so far.
    pub fn forget_mail(&self) -> Result<()> {
        let folder = self.mail_folder();
        if folder.exists() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|ending| ending == "eml") {
                    std::fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    }

    /// A file or folder of the data folder.
    pub fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("data").join("mail")
    }

    /// What the process has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn mist(&self) -> Command {
        let mut mist = match self.core {
            None => Command::new(&self.binary),
            Some(core) => {
                let mut taskset = Command::new("taskset");
                taskset.arg("--cpu-list").arg(core.to_string()).arg(&self.binary);
                taskset
            }
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MIST_") {
                mist.env_remove(name);
            }
        }
        mist.current_dir(self.folder.path()).env("MIST_DATA_DIR", self.folder.path().join("data"));
        mist.envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(database) = &self.database {
            mist.env("MIST_DATABASE__URL", database);
        }
        mist
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            process::end(child, Signal::TERM, Duration::from_secs(10));
        }
    }
}

/// A new database of the server, by the client that comes with it.
fn new_database(server: &str) -> Result<String> {
    let name =
        format!("mist_{}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos());
    crate::postgres::psql(server, &format!("CREATE DATABASE {name}"))?;
    let (host, _) = server.rsplit_once('/').ok_or("not an address of PostgreSQL")?;
    Ok(format!("{host}/{name}"))
}

/// Somebody with an HTTP client, signed in or not.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    url: String,
    token: Option<String>,
}

impl Caller {
    /// Somebody who is not signed in, at an address without a slash at its end.
    pub fn at(url: &str, client: Client) -> Self {
        Self { client, url: url.to_owned(), token: None }
    }

    /// A request to a path, or to a whole address, with this caller's credential.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let request = self.client.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends JSON and reads JSON; a refusal is an error that shows its problem document.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let reply = request.send().await?;
        let status = reply.status();
        let text = reply.text().await?;
        if !status.is_success() {
            return Err(format!("{method} {path}: {status} {text}").into());
        }
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }

    /// The credential, if they are signed in.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same client with another credential.
    pub fn signed_in(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }
}

/// A text member of a JSON object.
pub fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| format!("no {pointer} in {value}").into())
}
