//! The program itself, as an operator runs it.
use std::process::Output;

use mist::config::{Config, StorageKind};
use tokio::process::Command;

use super::{TestApp, logs};

/// The program without a setting from outside: the tests' own variables would be unknown ones. It logs all it can.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mist"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MIST_") {
            command.env_remove(name);
        }
    }
    command.env("RUST_LOG", logs::FILTER);
    command
}

/// The program over the folder, the database and the bucket of settings.
pub fn program_of(config: &Config) -> Command {
    let mut command = program();
    command
        .arg("--data-dir")
        .arg(&config.data_dir)
        .env("MIST_DATABASE__URL", config.database.url.as_str())
        .env("MIST_DATABASE__PGBOUNCER", config.database.pgbouncer.to_string())
        .current_dir(&config.data_dir);
    let bucket = &config.storage.s3;
    if let (Some(endpoint), Some(id), Some(secret)) =
        (&bucket.endpoint, &bucket.access_key_id, &bucket.secret_access_key)
    {
        let kind = if config.storage.kind == StorageKind::S3 { "s3" } else { "local" };
        command
            .env("MIST_STORAGE__KIND", kind)
            .env("MIST_STORAGE__S3__BUCKET", &bucket.bucket)
            .env("MIST_STORAGE__S3__ENDPOINT", endpoint.as_str())
            .env("MIST_STORAGE__S3__PATH_STYLE", bucket.path_style.to_string())
            .env("MIST_STORAGE__S3__ACCESS_KEY_ID", id)
            .env("MIST_STORAGE__S3__SECRET_ACCESS_KEY", secret.as_str());
    }
    command
}

/// Whether the program succeeded, and what it said, in which no secret may be.
pub fn said(output: Output) -> (bool, String) {
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(logs::leaks_in_answer(&said), Vec::<String>::new(), "the program tells secrets");
    (output.status.success(), said)
}

impl TestApp {
    /// The program over this store's folder and database.
    pub fn program(&self) -> Command {
        program_of(&self.app.config)
    }

    /// Runs the program to its end; whether it succeeded, and what it said.
    pub async fn run(&self, arguments: &[&str]) -> (bool, String) {
        said(self.program().args(arguments).output().await.unwrap())
    }
}
