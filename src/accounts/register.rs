//! How an account comes to be.
use entity::account;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Hashing, Role, Row, context, email, limits,
    links::Purpose,
    queries,
    roles::Roles,
    sessions::{self, Device, SignedIn},
};
use crate::{
    app::App,
    clock::Clock,
    db::Db,
    error::{Refusal, Result, is_unique_violation},
    events::Event,
    values::{Country, DisplayName, Email, Locale, NewPassword},
};

/// 409: the address has an account.
pub const EMAIL_TAKEN: Refusal = Refusal::conflict("email_taken", "There is an account with this address.");

/// An account before it is made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Nobody else's.
    pub email: Email,
    /// Hashed before it is stored.
    pub password: NewPassword,
    /// What others see.
    pub display_name: DisplayName,
    /// Its language, if it chose one.
    pub locale: Option<Locale>,
    /// Its country, if it said so.
    pub country: Option<Country>,
    /// What it may do beside buying.
    pub roles: Vec<Role>,
}

/// Makes an account that nobody is signed in to: for the command line and the demo. 409 `email_taken`.
pub async fn create(db: &Db, clock: &Clock, hashing: &Hashing, new: NewAccount) -> Result<Row> {
    let row = row(clock, hashing, new).await?;
    db.write(async |tx| insert(tx, clock, &row, created(&row).by_operator()).await).await?;
    Ok(row)
}

/// Makes an account, signs it in on a device and mails a link that proves its address. 409 `email_taken`, 422 `too_weak` at
/// `password`, 429 `too_many_attempts`.
pub(super) async fn register(app: &App, new: NewAccount, device: Device) -> Result<SignedIn> {
    context::refuse_obvious(app, new.email.as_str(), new.display_name.as_str(), &new.password, "password")?;
    let counted = limits::registration(app, &device).await?;
    let outcome = enter(app, new, device).await;
    counted.settle(app, &outcome).await?;
    outcome
}

async fn enter(app: &App, new: NewAccount, device: Device) -> Result<SignedIn> {
    let mut row = row(&app.clock, &app.identity.hashing, new).await?;
    row.signup_locale = device.language.map(|language| language.tag().to_owned());
    let started = sessions::Started::new(app, row.id, device)?;
    app.db
        .write(async |tx| {
            insert(tx, &app.clock, &row, created(&row).actor(row.id)).await?;
            email::ask(tx, app, &row, Purpose::Verify, &row.email).await?;
            started.insert(tx).await
        })
        .await?;
    app.wake.poke();
    started.signed_in(app, row).await
}

async fn row(clock: &Clock, hashing: &Hashing, new: NewAccount) -> Result<Row> {
    let password_hash = hashing.hash(new.password).await?;
    let roles: Roles = new.roles.into_iter().collect();
    Ok(Row {
        locale: new.locale.map(Locale::into_string),
        country: new.country.map(Country::into_string),
        editor: roles.editor,
        support: roles.support,
        admin: roles.admin,
        ..customer(clock, new.email, new.display_name, password_hash)
    })
}

/// The account of somebody of whom no more is known yet.
pub(super) fn customer(clock: &Clock, email: Email, display_name: DisplayName, password_hash: String) -> Row {
    let (id, now): (Uuid, _) = (clock.new_id(), clock.now());
    Row {
        id,
        email: email.into_string(),
        email_verified: false,
        password_hash,
        display_name: display_name.into_string(),
        locale: None,
        signup_locale: None,
        country: None,
        editor: false,
        support: false,
        admin: false,
        status: account::Status::Active,
        created_at: now,
        updated_at: now,
        totp_enabled: false,
        erased_at: None,
    }
}

/// The event of a new account.
pub(super) fn created(row: &Row) -> Event {
    Event::new("account.created", row.id).account(row.id)
}

/// Writes a new account and its event, in the caller's transaction. 409 `email_taken`.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    row: &Row,
    created: Event,
) -> Result<()> {
    match queries::insert_account(tx, row.clone()).await {
        Err(error) if is_unique_violation(&error) => return Err(EMAIL_TAKEN.into()),
        inserted => inserted?,
    }
    Ok(created.record(tx, clock).await?)
}
