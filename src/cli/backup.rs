//! `mist backup` and `mist restore`.
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use mist::{
    app::App,
    background,
    backup::{self, Contents, Place},
    config::{BackupPlace, Config},
    storage, store,
};

use super::{clock, say_error, told};

#[derive(Args)]
pub(crate) struct Backup {
    /// The folder it is made in, missing or empty; or s3://BUCKET/PREFIX, by the settings of storage.s3.
    #[arg(value_name = "PLACE")]
    place: BackupPlace,
    /// Leave out the bytes of builds and pictures, where they outlive the database anyway.
    #[arg(long)]
    without_objects: bool,
    /// Leave out the master key, where it is kept elsewhere: what is sealed can't be opened without it.
    #[arg(long)]
    without_master_key: bool,
}

pub(crate) async fn make(settings: Config, asked: Backup) -> Result<(), String> {
    let (settings, began) = (unmigrated(settings), Instant::now());
    let place = Place::open(&asked.place, &settings).map_err(told)?;
    let db = store::connect(&settings).await.map_err(told)?;
    let objects = storage::open(&settings, settings.storage.kind).map_err(told)?;
    let contents = Contents { objects: !asked.without_objects, master_key: !asked.without_master_key };
    let clock = clock();
    // Nobody removes an object while it copies them.
    let making = background::over_objects(&db, &clock, || {
        backup::make(&db, &objects, &settings, &clock, &place, contents)
    });
    let made = making.await;
    db.close().await.map_err(|error| error.to_string())?;
    let document = made.map_err(told)?;
    println!(
        "Backed up {} rows of {} tables, as they were at {}.",
        document.rows(),
        document.tables.len(),
        moment(document.made_at)
    );
    let (count, bytes) = (document.objects, document.object_bytes);
    match document.holds_objects {
        true => println!("With {count} objects of {bytes} bytes together, each compared with its digest."),
        false => println!("Without the {count} objects that they name: keep those elsewhere."),
    }
    match document.holds_master_key {
        true => println!("With the master key: whoever has this backup can open what is sealed."),
        false => println!("Without the master key: keep it elsewhere, or what is sealed can't be opened."),
    }
    println!("Recovery point: {}.", moment(document.made_at));
    println!("It took {}.", seconds(began));
    Ok(())
}

pub(crate) async fn restore(settings: Config, place: &BackupPlace) -> Result<(), String> {
    let (settings, began) = (unmigrated(settings), Instant::now());
    let place = Place::open(place, &settings).map_err(told)?;
    let db = store::connect(&settings).await.map_err(told)?;
    let objects = storage::open(&settings, settings.storage.kind).map_err(told)?;
    let restored = backup::restore(&db, &objects, &settings, &place).await.map_err(told)?;
    let made_at = restored.document.made_at;
    println!(
        "Restored {} rows and {} objects, as they were at {}.",
        restored.document.rows(),
        restored.objects,
        moment(made_at)
    );
    let port = settings.http.listen.port();
    let app = App::open(settings, clock(), db, port).await.map_err(told)?;
    let parked = background::park(&app).await.map_err(told)?;
    println!(
        "Parked {} mails and {} webhooks that waited: `mist jobs retry` and the webhooks' deliveries send them.",
        parked.mails, parked.deliveries
    );
    if parked.published > 0 {
        println!("Parked {} events for the topic: `mist jobs retry` publishes them.", parked.published);
    }
    let violations = background::violations(&app).await.map_err(told)?;
    for violation in &violations {
        say_error(&violation.to_string());
    }
    let lost = app.clock.now() - made_at;
    app.db.clone().close().await.map_err(|error| error.to_string())?;
    println!("Recovery point: {}, {} ago. What happened since is not in it.", moment(made_at), span(lost));
    println!("Recovery time: {}, checks included.", seconds(began));
    match violations.len() {
        0 => println!("All invariants hold."),
        count => return Err(format!("Of what was restored, {count} invariants do not hold.")),
    }
    Ok(())
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn seconds(began: Instant) -> String {
    format!("{:.1} s", began.elapsed().as_secs_f64())
}

fn span(time: TimeDelta) -> String {
    let time = time.max(TimeDelta::zero());
    format!("{} h {} min {} s", time.num_hours(), time.num_minutes() % 60, time.num_seconds() % 60)
}

/// A backup is of the store as it is, and a restore migrates by itself.
fn unmigrated(settings: Config) -> Config {
    let database = mist::config::Database { migrate: false, ..settings.database.clone() };
    Config { database, ..settings }
}
