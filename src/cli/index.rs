//! `mist index`: the indexes of the public catalog below the data folder, shown and built anew.
use clap::Subcommand;
use mist::{
    app::App,
    config::Config,
    store,
    storefront::{self, IndexStanding},
};

use super::{clock, told};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show the indexes below the data folder: how many products, how much of the event log, how large, in use or not.
    Status,
    /// Build the index anew from the tables. A store that runs does it itself and serves meanwhile; else it is done now.
    Rebuild,
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    match command {
        Command::Status => status(&settings),
        Command::Rebuild => rebuild(settings).await,
    }
}

async fn rebuild(settings: Config) -> Result<(), String> {
    let asked = storefront::ask_to_rebuild(&settings).map_err(told)?;
    if asked > 0 {
        let copies = if asked == 1 { "copy" } else { "copies" };
        println!("{asked} running {copies} will build the index anew and serve meanwhile.");
        return Ok(());
    }
    let db = store::connect(&settings).await.map_err(told)?;
    let port = settings.http.listen.port();
    let app = App::open(settings.clone(), clock(), db, port).await.map_err(told)?;
    storefront::rebuild(&app).await.map_err(told)?;
    drop(app);
    status(&settings)
}

fn status(settings: &Config) -> Result<(), String> {
    for standing in storefront::indexes(settings).map_err(told)? {
        println!("{}", line(&standing));
    }
    Ok(())
}

fn line(standing: &IndexStanding) -> String {
    let used = if standing.is_held { "in use" } else { "not in use" };
    let name = &standing.name;
    let Some(found) = &standing.found else { return format!("{name}  {used}  no index that can be read") };
    let version =
        if standing.is_of_this_version { "" } else { "  of another version: built anew at the next start" };
    let place = standing.place().map_or_else(|| "-".to_owned(), |place| place.to_string());
    format!(
        "{name}  {used}  {} products in {} segments  up to event {place}  {} bytes{version}",
        found.documents, found.segments, found.bytes
    )
}
