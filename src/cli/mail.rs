//! `mist mail`: addresses that nothing is mailed to, looked up and let off, and mails as they would be; whether or not the
//! store is running.
use clap::Subcommand;
use mist::{
    config::Config,
    keys::{Keys, MasterKey},
    mail::{self, Reason},
    store,
    values::Email,
};

use super::{
    account::parsed,
    clock,
    mail_preview::{self, Preview},
    told,
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say whether nothing is mailed to an address, and why.
    Suppressed {
        #[arg(value_name = "ADDRESS", value_parser = parsed(Email::parse))]
        address: Email,
    },
    /// Mail to an address again that bounced or complained.
    Allow {
        #[arg(value_name = "ADDRESS", value_parser = parsed(Email::parse))]
        address: Email,
    },
    /// Show mails as they would be, with made-up people and products.
    Preview(Preview),
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    let (address, lift) = match command {
        Command::Suppressed { address } => (address, false),
        Command::Allow { address } => (address, true),
        Command::Preview(preview) => return mail_preview::run(&settings, &preview),
    };
    let master = MasterKey::load(settings.master_key.as_ref(), &settings.folder("master.key"))?;
    let db = store::connect(&settings).await.map_err(told)?;
    let done = async {
        let keys = Keys::load(&db, &master, &clock()).await?;
        if lift {
            let lifted = db.write(async |tx| Ok(mail::allow(tx, &keys, &address).await?)).await?;
            return Ok(if lifted { "Mail leaves again." } else { "It was not stopped." });
        }
        let reason = mail::suppressed(&db.read, &keys, &address).await?;
        Ok(reason.map_or("no: mail leaves", |reason| match reason {
            Reason::Bounce => "yes: bounce",
            Reason::Complaint => "yes: complaint",
        }))
    }
    .await;
    db.close().await.map_err(|error| error.to_string())?;
    println!("{}", done.map_err(told)?);
    Ok(())
}
