//! `mist keys`: the keys of the access tokens, listed and rotated, whether or not the store is running.
use clap::Subcommand;
use mist::{
    accounts::{self, KeyStanding},
    config::Config,
    keys::MasterKey,
    store,
};

use super::{clock, told};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the keys, the newest first.
    List,
    /// Make a new key: it is published now and signs in six minutes; the one before verifies until its tokens are over.
    Rotate {
        /// A key may have leaked: sign by the new one from now on, and refuse what the others signed.
        #[arg(long)]
        at_once: bool,
    },
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    let master = MasterKey::load(settings.master_key.as_ref(), &settings.folder("master.key"))?;
    let db = store::connect(&settings).await.map_err(told)?;
    let done = async {
        if let Command::Rotate { at_once } = command {
            accounts::rotate_token_keys(&db, &master, &clock(), at_once).await?;
        }
        accounts::token_keys(&db, &master).await
    }
    .await;
    db.close().await.map_err(|error| error.to_string())?;
    for key in done.map_err(told)? {
        println!("{}", line(&key));
    }
    Ok(())
}

fn line(key: &KeyStanding) -> String {
    let ends = key.ends_at.map_or_else(|| "-".to_owned(), |at| at.to_rfc3339());
    format!(
        "{}  made {}  signs from {}  ends {ends}",
        key.id,
        key.created_at.to_rfc3339(),
        key.signs_from.to_rfc3339()
    )
}
