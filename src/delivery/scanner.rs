//! The program that looks files through: of the settings, without a shell, for a time, and with none of the store's own
//! environment.
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use futures::TryStreamExt;
use objects::Key;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
};

use crate::{
    app::App,
    error::{Error, Result},
};

/// Stands for the file's path among the program's arguments; without it the file comes on standard input.
const PATH: &str = "{}";
/// By which the program says that there is something in a file.
const INFECTED: i32 = 1;
/// How the names of copies end.
const COPY: &str = "scanned";
/// Bytes of what it writes to standard error that are told when it fails.
const TOLD: u64 = 2048;

/// What was found in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Something,
}

/// A copy of an object, removed when it is dropped.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "a copy for the scanner was not removed");
        }
    }
}

/// A program that runs, with all that it has started: they end when this is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        // Best effort: what has ended by itself is no more.
        let _ = self.0.map(|leader| kill_process_group(leader, Signal::KILL));
    }
}

/// Runs the program over an object. An error says nothing of it: the object can't be read, the program failed or took too
/// long.
pub(super) async fn judge(app: &App, key: &Key) -> Result<Found> {
    let settings = &app.config.delivery;
    let size = app.objects.size(key).await?;
    let run = async {
        if !settings.scanner.iter().any(|argument| argument.contains(PATH)) {
            return run(app, key, size, None).await;
        }
        match app.objects.file(key) {
            Some(file) => run(app, key, size, Some(&file)).await,
            None => {
                let copy = copied(app, key, size).await?;
                run(app, key, size, Some(&copy.0)).await
            }
        }
    };
    let limit = Duration::from_secs(settings.scanner_timeout.get().into());
    let ended = tokio::time::timeout(limit, run).await;
    ended.map_err(|_| Error::unavailable("the scanner took too long"))?
}

/// The program ends with the future, and so does what it has started.
async fn run(app: &App, key: &Key, size: u64, path: Option<&Path>) -> Result<Found> {
    let mut child = command(&app.config.delivery.scanner, path)?.spawn().map_err(failed)?;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let mut group = Group(id.and_then(Pid::from_raw));
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let feed = async {
        let Some(mut stdin) = stdin else { return Ok(()) };
        let mut bytes = app.objects.read(key, 0..size).await?;
        while let Some(chunk) = bytes.try_next().await.map_err(failed)? {
            // A program that has seen enough reads no further.
            if stdin.write_all(&chunk).await.is_err() {
                break;
            }
        }
        Ok::<(), Error>(())
    };
    let (fed, said, ended) = tokio::join!(feed, beginning(stderr), child.wait());
    // It has ended, and its number may be another's by now.
    group.0 = None;
    fed?;
    match ended.map_err(failed)?.code() {
        Some(0) => Ok(Found::Nothing),
        Some(INFECTED) => Ok(Found::Something),
        code => Err(Error::unavailable(format!("the scanner ended with {code:?}: {said}"))),
    }
}

fn command(arguments: &[String], path: Option<&Path>) -> Result<Command> {
    let [program, arguments @ ..] = arguments else { return Err(Error::unexpected("there is no scanner")) };
    let path = match path {
        Some(path) => path.to_str().ok_or_else(|| Error::unexpected("the data folder has an odd name"))?,
        None => "",
    };
    let mut command = Command::new(program);
    command
        .args(arguments.iter().map(|argument| argument.replace(PATH, path)))
        .env_clear()
        .stdin(if path.is_empty() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(places) = std::env::var_os("PATH") {
        command.env("PATH", places);
    }
    Ok(command)
}

/// The beginning of what a program says; the rest is read and forgotten, so that it can go on.
async fn beginning(said: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut said) = said else { return String::new() };
    let mut told = Vec::new();
    // Best effort: what it says is for operators alone.
    if (&mut said).take(TOLD).read_to_end(&mut told).await.is_ok() {
        drop(tokio::io::copy(&mut said, &mut tokio::io::sink()).await);
    }
    String::from_utf8_lossy(&told).trim().to_owned()
}

/// A program that asks for a path gets a copy of what lies in a bucket.
async fn copied(app: &App, key: &Key, size: u64) -> Result<Copy> {
    let folder = app.config.folder("tmp");
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let path = std::path::absolute(folder.join(format!("{}.{COPY}", app.clock.new_id()))).map_err(failed)?;
    let mut file = File::create_new(&path).await.map_err(failed)?;
    let copy = Copy(path);
    let mut bytes = app.objects.read(key, 0..size).await?;
    while let Some(chunk) = bytes.try_next().await.map_err(failed)? {
        file.write_all(&chunk).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    Ok(copy)
}

/// Removes the copies from before that: whoever made them died.
pub(super) async fn remove_leftovers(app: &App, before: SystemTime) -> Result<()> {
    let mut entries = match tokio::fs::read_dir(app.config.folder("tmp")).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != COPY) {
            continue;
        }
        let removed = async {
            let modified = entry.metadata().await?.modified()?;
            if modified < before { tokio::fs::remove_file(path).await } else { Ok(()) }
        };
        match removed.await {
            // Whoever made it has just removed it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed.map_err(failed)?,
        }
    }
    Ok(())
}

fn failed(error: std::io::Error) -> Error {
    Error::unavailable(error)
}
