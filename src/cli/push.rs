//! `mist push`: files or a folder become a build of a product in a store elsewhere.
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use courier::{Error, Progress, Pushed, Result, bytes};

use super::carrying::{Server, ended, plain};

/// What builds run on.
pub(super) const PLATFORMS: [&str; 7] = ["windows", "macos", "linux", "android", "ios", "web", "any"];
/// Which processors they are for.
pub(super) const ARCHES: [&str; 3] = ["x86_64", "aarch64", "any"];

#[derive(Args)]
pub(crate) struct Push {
    #[command(flatten)]
    server: Server,
    /// The slug or id of the product; one that isn't published has its id alone.
    #[arg(long, value_name = "PRODUCT")]
    product: String,
    /// What the build is called.
    #[arg(long, value_name = "VERSION")]
    version: String,
    /// What it runs on.
    #[arg(long, value_name = "PLATFORM", value_parser = PLATFORMS)]
    platform: String,
    /// Which processor it is for.
    #[arg(long, value_name = "ARCH", value_parser = ARCHES, default_value = "any")]
    arch: String,
    /// Where it appears.
    #[arg(long, value_name = "CHANNEL", default_value = "stable")]
    channel: String,
    /// It comes with the product, such as a manual or a soundtrack.
    #[arg(long)]
    extra: bool,
    /// The file of its release notes, Markdown.
    #[arg(long, value_name = "FILE")]
    notes_file: Option<PathBuf>,
    /// To how many of a hundred owners it is offered at first.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    rollout: Option<u8>,
    /// Release it once it is whole; else it stays a draft.
    #[arg(long)]
    release: bool,
    /// Change nothing, and say what would be sent.
    #[arg(long)]
    dry_run: bool,
    /// Files that are sent at a time.
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    parallel: u8,
    /// Files, and folders that are packed into an archive each.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

#[tokio::main]
pub(crate) async fn run(asked: Push) -> ExitCode {
    ended(push(asked).await)
}

async fn push(asked: Push) -> Result<()> {
    let store = asked.server.open()?;
    let notes = asked.notes_file.as_deref().map(read).transpose()?;
    let push = courier::Push {
        product: asked.product,
        version: asked.version,
        platform: asked.platform,
        arch: asked.arch,
        channel: asked.channel,
        extra: asked.extra,
        notes,
        rollout_percent: asked.rollout,
        release: asked.release,
        dry_run: asked.dry_run,
        paths: asked.paths,
        parallel: usize::from(asked.parallel),
        scratch: scratch(),
    };
    let pushed = courier::push(&store, &push, &Progress::on_stderr()).await?;
    tell(&push, &pushed);
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::File { path: path.display().to_string(), error })
}

fn tell(push: &courier::Push, pushed: &Pushed) {
    let what = format!("{} {} ({})", plain(&push.product), plain(&push.version), push.platform);
    println!("{what}: {} files, {}", pushed.files, bytes(pushed.size));
    let sent = if push.dry_run { "Would send" } else { "Sent" };
    let (count, resumed) = (bytes(pushed.sent), bytes(pushed.resumed));
    println!("{sent} {count}; {resumed} and {} whole files had come before.", pushed.kept);
    match (&pushed.build, pushed.released, push.dry_run) {
        (Some(build), true, _) => println!("Build {} is released.", plain(build)),
        (Some(build), false, _) => println!("Build {} is a draft.", plain(build)),
        (None, _, _) => println!("There is no such build yet."),
    }
}

/// Where archives lie while they are sent: in the cache of the user, for the system's own place is often memory.
fn scratch() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = |below: &str| variable("HOME").map(|home| home.join(below));
    let own = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Caches")
    } else {
        variable("XDG_CACHE_HOME").or_else(|| home(".cache"))
    };
    own.map_or_else(std::env::temp_dir, |cache| cache.join("mist"))
}
