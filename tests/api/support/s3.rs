//! A server of S3 for one test: `s3s-fs`, an implementation of others, which `cargo xtask test` installs. It keeps its
//! buckets in a folder, into which tests look.
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use mist::config::{Config, S3, Secret, StorageKind};

/// Where the program is.
const PROGRAM: &str = "MIST_TEST_S3";
/// Whether every store of the tests keeps its bytes in S3: `s3`.
const EVERYWHERE: &str = "MIST_TEST_STORAGE";
const BUCKET: &str = "mist";
const KEY: &str = "mistkey";
const SECRET: &str = "mistsecret12345";

/// A server and its folder.
pub struct Server {
    root: PathBuf,
    port: u16,
    running: Mutex<Option<Child>>,
}

/// Whether every store of the tests keeps its bytes in S3.
pub fn everywhere() -> bool {
    std::env::var(EVERYWHERE).is_ok_and(|kind| kind == "s3")
}

impl Server {
    /// Starts a server with an empty bucket.
    pub fn start(root: &Path) -> Self {
        std::fs::create_dir_all(root.join(BUCKET)).unwrap();
        let (child, port) = run(root, 0);
        Self { root: root.to_owned(), port, running: Mutex::new(Some(child)) }
    }

    /// Ends the server; its folder stays.
    pub fn stop(&self) {
        let mut child = self.running.lock().unwrap().take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it again at the same address.
    pub fn resume(&self) {
        *self.running.lock().unwrap() = Some(run(&self.root, self.port).0);
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The folder of the bucket.
    pub fn bucket(&self) -> PathBuf {
        self.root.join(BUCKET)
    }

    /// Parts and notes of multipart uploads that came to no end.
    pub fn open_uploads(&self) -> usize {
        let entries = std::fs::read_dir(&self.root).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload") || name.contains(".upload-")).count()
    }

    /// What a store must know of it.
    pub fn describe(&self, config: &mut Config) {
        config.storage.s3 = S3 {
            bucket: BUCKET.to_owned(),
            region: Some("us-east-1".to_owned()),
            endpoint: Some(self.endpoint().parse().unwrap()),
            path_style: true,
            access_key_id: Some(KEY.to_owned()),
            secret_access_key: Some(Secret::new(SECRET)),
            ..S3::default()
        };
    }

    /// Makes a store keep its bytes here.
    pub fn serve(&self, config: &mut Config) {
        self.describe(config);
        config.storage.kind = StorageKind::S3;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// The server and the port on which it says that it listens.
fn run(root: &Path, port: u16) -> (Child, u16) {
    let program = std::env::var(PROGRAM).expect("MIST_TEST_S3: run this by `cargo xtask test FILTER`");
    let mut child = Command::new(program)
        .args([
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--access-key",
            KEY,
            "--secret-key",
            SECRET,
        ])
        .arg(root)
        .env("RUST_LOG", "s3s_fs=info")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines
        .by_ref()
        .find_map(|line| {
            line.unwrap()
                .split_once("running at http://127.0.0.1:")?
                .1
                .split_whitespace()
                .next()?
                .trim_end_matches(',')
                .parse()
                .ok()
        })
        .expect("the server says where it listens");
    // It is listened to for as long as it talks, lest it waits for that.
    std::thread::spawn(move || lines.for_each(drop));
    (child, port)
}
