//! A PostgreSQL of the test's own with a streaming replica, on loopback, by the programs of the machine.
use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// Where Debian has the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// As whom they run where the tests run as root, which they refuse to.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A primary and its replica; dropping it ends both.
pub struct Pair {
    pub primary: Server,
    pub replica: Server,
    _folder: tempfile::TempDir,
}

/// A server that runs.
pub struct Server {
    child: Child,
    port: u16,
}

impl Pair {
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("mist-replica-").tempdir().unwrap();
        let user = user();
        if let Some((_, uid, gid)) = &user {
            chown(folder.path(), Some(*uid), Some(*gid)).unwrap();
        }
        let name = user.map(|(name, ..)| name);
        let run = |program: &str, arguments: &[&str]| {
            let output = program_of(program, name, folder.path()).args(arguments).output().unwrap();
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        };
        run(
            "initdb",
            &[
                "--pgdata=primary",
                "--username=mist",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
        );
        let primary = Server::start(name, folder.path(), "primary").await;
        let port = primary.port.to_string();
        run(
            "pg_basebackup",
            &[
                "--host=127.0.0.1",
                "--username=mist",
                "--port",
                &port,
                "--pgdata=replica",
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync",
            ],
        );
        let replica = Server::start(name, folder.path(), "replica").await;
        Self { primary, replica, _folder: folder }
    }
}

impl Server {
    async fn start(user: Option<&str>, folder: &Path, data: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = File::create(folder.join(format!("{data}.log"))).unwrap();
        let child = program_of("postgres", user, folder)
            .args(["-D", data, "-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &format!("unix_socket_directories={}", folder.display())])
            .args(["-c", "fsync=off", "-c", "synchronous_commit=off"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let server = Self { child, port };
        let asked = ["--quiet", "--host=127.0.0.1", "--username=mist", "--port", &port.to_string()]
            .map(str::to_owned);
        while !program_of("pg_isready", user, folder).args(&asked).status().unwrap().success() {
            tokio::task::yield_now().await;
        }
        server
    }

    pub fn url(&self) -> String {
        format!("postgres://mist@127.0.0.1:{}/postgres", self.port)
    }

    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(self.url()).await.unwrap()
    }

    /// Ends it at once, and returns when it is gone.
    pub fn stop(&mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let _gone = kill_process(Pid::from_raw(id).unwrap(), Signal::QUIT);
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a statement answers, as text.
pub async fn asked(db: &DatabaseConnection, sql: &str) -> String {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    row.unwrap().try_get_by_index::<String>(0).unwrap()
}

/// Who runs the programs, where the tests run as root.
fn user() -> Option<(&'static str, u32, u32)> {
    if !geteuid().is_root() {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let found = USERS.iter().find_map(|name| {
        let mut fields =
            passwd.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(*name))?;
        Some((*name, fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    Some(found.expect("a user who may do nothing"))
}

/// A program of the newest version that the machine has, which ends when the test does.
fn program_of(name: &str, user: Option<&str>, folder: &Path) -> Command {
    let versions =
        fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let newest = versions.filter(|bin| bin.join("postgres").is_file()).max_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    });
    let path = newest.map_or_else(|| PathBuf::from(name), |bin| bin.join(name));
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
    }
    command.arg("--").arg(path).current_dir(folder).stdin(Stdio::null());
    command
}
