//! How accounts want to be told.
use std::collections::HashMap;

use entity::notification_preference::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    kinds::{Change, Changes, Class, Kind, Preference, Preferences},
    queries::preferences as queries,
};
use crate::{
    accounts::{self, Account},
    app::App,
    error::{Error, Fault, Result},
};

/// What some accounts chose.
pub(super) struct Choices(HashMap<(Uuid, String), Preference>);

impl Choices {
    /// How an account is told of a kind. What keeps it safe is told whatever a row says.
    pub(super) fn of(&self, account: Uuid, kind: Kind) -> Preference {
        let chosen = self.0.get(&(account, kind.as_str().to_owned())).filter(|_| kind.is_optional());
        chosen.copied().unwrap_or(kind.default())
    }
}

/// What these accounts chose.
pub(super) async fn choices(db: &impl ConnectionTrait, accounts: &[Uuid]) -> Result<Choices> {
    let rows = queries::of(db, accounts).await?.into_iter().map(|row| {
        let preference = Preference { email: row.email, in_app: row.in_app };
        ((row.account_id, row.kind), preference)
    });
    Ok(Choices(rows.collect()))
}

/// How an account is told of each kind that it may be told of.
pub(super) async fn read(app: &App, account: &Account) -> Result<Preferences> {
    let choices = choices(&app.db.read, &[account.id]).await?;
    let mut preferences = Preferences::default();
    for kind in Kind::ALL.iter().copied().filter(|kind| concerns(account, *kind)) {
        preferences.put(kind, choices.of(account.id, kind));
    }
    Ok(preferences)
}

/// Changes how an account is told of the kinds that are named; 422 `always_on` for what keeps it safe, `unknown_field` for
/// what only staff are told of.
pub(super) async fn change(app: &App, account: &Account, changes: &Changes) -> Result<Preferences> {
    let named = changes.named();
    let faults: Vec<Fault> =
        named.iter().flat_map(|(kind, change)| faults(account, *kind, *change)).collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    app.db
        .write(async |tx| {
            accounts::lock(tx, account.id).await?;
            let before = choices(tx, &[account.id]).await?;
            for (kind, change) in named.iter().filter(|(kind, _)| kind.is_optional()) {
                let Preference { email, in_app } = before.of(account.id, *kind);
                let (email, in_app) = (change.email.unwrap_or(email), change.in_app.unwrap_or(in_app));
                put(tx, account.id, *kind, Preference { email, in_app }).await?;
            }
            Ok(())
        })
        .await?;
    read(app, account).await
}

/// Writes how an account is told of a kind.
pub(super) async fn put(
    tx: &impl ConnectionTrait,
    account: Uuid,
    kind: Kind,
    preference: Preference,
) -> Result<()> {
    let Preference { email, in_app } = preference;
    let row = Model { account_id: account, kind: kind.as_str().to_owned(), email, in_app };
    Ok(queries::put(tx, row).await?)
}

fn concerns(account: &Account, kind: Kind) -> bool {
    kind.class() != Class::Staff || account.editor || account.support || account.admin
}

fn faults(account: &Account, kind: Kind, change: Change) -> Vec<Fault> {
    let name = kind.as_str();
    if !concerns(account, kind) {
        return vec![Fault::new(name, "unknown_field", "is not a field here")];
    }
    if kind.is_optional() {
        return Vec::new();
    }
    let off = [("email", change.email), ("in_app", change.in_app)];
    let off = off.into_iter().filter(|(_, wanted)| *wanted == Some(false));
    off.map(|(way, _)| {
        Fault::new(
            format!("{name}.{way}"),
            "always_on",
            "can't be switched off, for it keeps the account safe",
        )
    })
    .collect()
}
