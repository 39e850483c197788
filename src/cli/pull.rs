//! `mist pull`: what a buyer owns in a store elsewhere, listed, fetched and kept up to date.
use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use courier::{Owned, OwnedBuild, Progress, Pulled, Result, Store, bytes};

use super::{
    carrying::{Server, ended, plain},
    push::{ARCHES, PLATFORMS},
};

#[derive(Args)]
pub(crate) struct Pull {
    #[command(flatten)]
    server: Server,
    /// List what is owned, with its newest builds.
    #[arg(long, conflicts_with_all = ["product", "folder"])]
    list: bool,
    /// The slug or id of the product.
    #[arg(long, value_name = "PRODUCT", required_unless_present = "list")]
    product: Option<String>,
    /// Where it should run; anywhere unless said.
    #[arg(long, value_name = "PLATFORM", value_parser = PLATFORMS)]
    platform: Option<String>,
    /// The processor it should run on; any unless said.
    #[arg(long, value_name = "ARCH", value_parser = ARCHES)]
    arch: Option<String>,
    /// Where it appears; stable unless said.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Fetch nothing, and say what would be fetched.
    #[arg(long)]
    dry_run: bool,
    /// The folder into which its files are put; default: one of the working directory that is called as the product is.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[tokio::main]
pub(crate) async fn run(asked: Pull) -> ExitCode {
    ended(pull(asked).await)
}

async fn pull(asked: Pull) -> Result<()> {
    let store = asked.server.open()?;
    let Some(product) = asked.product else { return list(&store).await };
    let pull = courier::Pull {
        // A slug or an id is letters, digits and hyphens, or the store is not even asked for it.
        folder: asked.folder.unwrap_or_else(|| PathBuf::from(&product)),
        product,
        platform: asked.platform,
        arch: asked.arch,
        channel: asked.channel,
        dry_run: asked.dry_run,
    };
    tell(&pull, &courier::pull(&store, &pull, &Progress::on_stderr()).await?);
    Ok(())
}

async fn list(store: &Store) -> Result<()> {
    for owned in courier::library(store).await? {
        println!("{}\t{}", plain(&owned.product.slug), plain(&owned.product.title));
        for build in newest(&owned) {
            let (platform, arch) = (plain(&build.platform), plain(&build.arch));
            let (version, channel, kind) = (plain(&build.version), plain(&build.channel), plain(&build.kind));
            println!("  {version}\t{platform}\t{arch}\t{channel}\t{kind}\t{}", bytes(build.size));
        }
    }
    Ok(())
}

/// The newest build for each platform, processor and channel; extras, of which none takes another's place, all.
fn newest(owned: &Owned) -> Vec<&OwnedBuild> {
    let mut shown: Vec<&OwnedBuild> = Vec::new();
    for build in &owned.builds {
        let replaced = |newer: &&OwnedBuild| {
            (&newer.platform, &newer.arch, &newer.channel) == (&build.platform, &build.arch, &build.channel)
                && newer.kind == build.kind
        };
        if build.kind == "extra" || !shown.iter().any(replaced) {
            shown.push(build);
        }
    }
    shown
}

fn tell(pull: &courier::Pull, pulled: &Pulled) {
    let (product, version) = (plain(&pull.product), plain(&pulled.version));
    if pulled.up_to_date {
        println!("{product} {version} is up to date.");
        return;
    }
    match &pulled.before {
        Some(before) => {
            let changed = bytes(pulled.changed);
            println!("{product} {version}, after {}, of which {changed} changed.", plain(before));
        }
        None => println!("{product} {version}"),
    }
    let came = if pull.dry_run { "Would fetch" } else { "Fetched" };
    println!(
        "{came} {} in {} files; {} and {} whole files were there before.",
        bytes(pulled.fetched),
        pulled.files,
        bytes(pulled.resumed),
        pulled.kept
    );
    for name in &pulled.left_over {
        println!("No longer part of it, and left where it is: {}", plain(name));
    }
    if !pulled.notes.is_empty() {
        println!("\n{}", pulled.notes.lines().map(plain).collect::<Vec<_>>().join("\n"));
    }
}
