//! `mist objects`: looks after the bytes of files and pictures.
use clap::Subcommand;
use mist::{
    app::App,
    background,
    config::{Config, StorageKind},
    delivery, store,
};

use super::{clock, told};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Look for every object: whether it is there and of the size that its row says.
    Verify {
        /// Read them all, and compare their digests too.
        #[arg(long)]
        digests: bool,
    },
    /// Remove what nobody has: objects without a row, unfinished uploads, pieces of uploads that are gone; each a day old.
    Gc,
    /// Copy every object into another storage, while the store serves. Run it again until nothing is left, switch
    /// `storage.kind`, and run it once more with the old setting for what came in between.
    Migrate {
        /// `s3` or `local`, as the settings describe it.
        #[arg(long, value_name = "STORAGE")]
        to: StorageKind,
    },
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    if let Command::Migrate { to } = &command {
        check_target(&settings, *to)?;
    }
    let db = store::connect(&settings).await.map_err(told)?;
    let port = settings.http.listen.port();
    let app = App::open(settings, clock(), db, port).await.map_err(told)?;
    match command {
        Command::Verify { digests } => verify(&app, digests).await,
        Command::Gc => gc(&app).await,
        Command::Migrate { to } => migrate(&app, to).await,
    }
}

fn check_target(settings: &Config, to: StorageKind) -> Result<(), String> {
    if settings.storage.kind == to {
        return Err("The store keeps its objects there already.".to_owned());
    }
    if to == StorageKind::S3 && settings.storage.s3.bucket.is_empty() {
        return Err("storage.s3.bucket must name the bucket.".to_owned());
    }
    Ok(())
}

async fn verify(app: &App, digests: bool) -> Result<(), String> {
    let verified = delivery::verify_objects(app, digests).await.map_err(told)?;
    for broken in &verified.broken {
        println!("{}  {} bytes  {:?}", broken.object.key, broken.object.size, broken.verdict);
    }
    println!("{} objects were looked at", verified.looked_at);
    match verified.broken.len() {
        0 => Ok(()),
        count => Err(format!("{count} of them are not as their rows say.")),
    }
}

async fn gc(app: &App) -> Result<(), String> {
    // Not while a backup copies them.
    let collecting = background::over_objects(&app.db, &app.clock, || delivery::collect_garbage(app));
    let collected = collecting.await.map_err(told)?;
    println!(
        "{} objects of {} bytes were removed, {} rows and {} uploads past their time",
        collected.orphans, collected.bytes, collected.rows, collected.expired_uploads
    );
    if let Some(count) = collected.open_uploads {
        println!("{count} multipart uploads that came to no end were aborted");
    } else if app.config.storage.kind == StorageKind::S3 {
        println!(
            "The server can't list multipart uploads: let a rule of the bucket abort those that come to no end"
        );
    }
    Ok(())
}

async fn migrate(app: &App, to: StorageKind) -> Result<(), String> {
    let migrated = delivery::migrate_objects(app, to).await.map_err(told)?;
    println!(
        "{} objects of {} bytes were copied, {} were there already",
        migrated.copied, migrated.bytes, migrated.there
    );
    if migrated.open_uploads > 0 {
        println!("{} uploads in parts are open: they don't move, and begin anew", migrated.open_uploads);
    }
    for object in &migrated.broken {
        println!("{}  {} bytes  missing or damaged", object.key, object.size);
    }
    match migrated.broken.len() {
        0 => Ok(()),
        count => Err(format!("{count} could not be copied.")),
    }
}
