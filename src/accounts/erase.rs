//! Erasing an account: its row stays for the orders that point to it, and stands for nobody.
use entity::account;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{
    Account, api_key_queries, factor_queries, link_queries, oidc, own_password, passkeys, queries,
    staff::LAST_ADMIN,
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Result},
    events::Event,
    keys, mail,
    values::{Email, Password},
};

/// Bytes of randomness in the address of a row that stands for nobody.
const PSEUDONYM_BYTES: usize = 16;
/// What is shown of who was erased.
const NAME: &str = "Erased account";

/// Somebody's word, proven by the password or a recent proof, that the account is to end.
#[derive(Clone, Debug)]
pub struct Farewell {
    account: Uuid,
    password_hash: String,
    pseudonym: String,
}

/// Refuses as [`own_password::prove`] at `password`; 409 `last_admin` when nobody would remain who may do everything.
pub async fn agree(app: &App, who: &Account, password: Option<&Password>) -> Result<Farewell> {
    let row = own_password::prove(app, who, password, "password").await?;
    if queries::active_admins(&app.db.read).await? == [row.id] {
        return Err(LAST_ADMIN.into());
    }
    let mut random = [0; PSEUDONYM_BYTES];
    keys::random(&mut random)?;
    // A top-level domain that no mail reaches (RFC 2606).
    let pseudonym = format!("erased-{}@erased.invalid", hex::encode(random));
    Ok(Farewell { account: row.id, password_hash: row.password_hash, pseudonym })
}

/// Takes the person out of the account and signs out every device, in the caller's transaction.
///
/// Every other writer holds the account first and finds it gone from now on, so nothing personal is written late.
pub async fn erase(tx: &impl ConnectionTrait, app: &App, farewell: &Farewell) -> Result<()> {
    let id = farewell.account;
    // Before the account itself, as whoever takes roles does.
    let admins = queries::lock_active_admins(tx).await?;
    let row = queries::lock_account(tx, id).await?.ok_or(NOT_FOUND)?;
    if row.password_hash != farewell.password_hash {
        return Err(own_password::wrong("password"));
    }
    if admins == [id] {
        return Err(LAST_ADMIN.into());
    }
    let address = Email::parse(&row.email).map_err(|invalid| Error::unexpected(invalid.message))?;
    mail::allow(tx, &app.keys, &address).await?;
    let now = app.clock.now();
    let changed = account::ActiveModel {
        id: Unchanged(id),
        email: Set(farewell.pseudonym.clone()),
        email_verified: Set(false),
        password_hash: Set(app.identity.hashing.nobodys().to_owned()),
        display_name: Set(NAME.to_owned()),
        locale: Set(None),
        signup_locale: Set(None),
        country: Set(None),
        editor: Set(false),
        support: Set(false),
        admin: Set(false),
        totp_enabled: Set(false),
        status: Set(account::Status::Suspended),
        updated_at: Set(now),
        erased_at: Set(Some(now)),
        ..Default::default()
    };
    queries::update_account(tx, changed).await?;
    queries::delete_sessions(tx, id).await?;
    api_key_queries::delete_api_keys(tx, id).await?;
    factor_queries::delete_totp_factor(tx, id).await?;
    link_queries::delete_links_of(tx, id).await?;
    oidc::forget_account(tx, id).await?;
    passkeys::delete_passkeys_of(tx, id).await?;
    // From where is left out: it would be the one address that remains.
    Ok(Event::new("account.erased", id).account(id).actor(id).unplaced().record(tx, &app.clock).await?)
}
