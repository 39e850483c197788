//! Whose account somebody at a provider has: the one that is linked to them, or one that is linked or made now.
use entity::{account, identity};
use sea_orm::ConnectionTrait;

use super::{
    id_token::{Person, Profile},
    queries,
};
use crate::{
    accounts::{
        Row,
        hashing::no_password,
        login::ACCOUNT_SUSPENDED,
        queries as accounts,
        register::{self, EMAIL_TAKEN},
    },
    app::App,
    error::{Error, Refusal, Result, is_unique_violation},
    events::Event,
    languages::Language,
    values::{DisplayName, Email},
};

/// 403: an account needs an address, and the provider told none.
const EMAIL_REQUIRED: Refusal = Refusal::forbidden(
    "email_required",
    "The provider tells no e-mail address of yours, without which there is no account.",
);

/// Refuses who may not sign in, whatever the provider says.
pub(super) fn judge(row: &Row) -> Result<()> {
    if row.status == account::Status::Suspended { Err(ACCOUNT_SUSPENDED.into()) } else { Ok(()) }
}

/// The account of who signed in at a provider; 403 `email_required` or `account_suspended`, 409 `email_taken`.
pub(super) async fn admit(
    app: &App,
    issuer: &str,
    person: &Person,
    language: Option<Language>,
) -> Result<Row> {
    match attempt(app, issuer, person, language).await {
        // Another sign-in of the same person may have been first: then the identity is there by now.
        Err(Error::Refused(refusal, _)) if refusal == EMAIL_TAKEN => {
            attempt(app, issuer, person, language).await
        }
        outcome => outcome,
    }
}

async fn attempt(app: &App, issuer: &str, person: &Person, language: Option<Language>) -> Result<Row> {
    app.db
        .write(async |tx| {
            if let Some(identity) = queries::identity(tx, issuer, &person.subject).await? {
                let row = accounts::account(tx, identity.account_id).await?;
                return row.ok_or_else(|| Error::unexpected("an identity without its account"));
            }
            let profile = &person.profile;
            let email = profile.email.as_deref().and_then(|text| Email::parse(text).ok());
            let email = email.ok_or(EMAIL_REQUIRED)?;
            let row = match accounts::lock_account_by_email(tx, email.as_str()).await? {
                Some(row) => link(tx, app, profile, row).await?,
                None => open(tx, app, profile, email, language).await?,
            };
            let identity = identity::Model {
                id: app.clock.new_id(),
                account_id: row.id,
                issuer: issuer.to_owned(),
                subject: person.subject.clone(),
                created_at: app.clock.now(),
            };
            match queries::insert_identity(tx, identity).await {
                // Told again if it is told twice; the account that was just made is undone with it.
                Err(error) if is_unique_violation(&error) => return Err(EMAIL_TAKEN.into()),
                inserted => inserted?,
            }
            Ok(row)
        })
        .await
}

/// Links somebody to an account of the same address, which both sides must have proven: whoever merely typed it in, on
/// either side, may be anybody.
async fn link(tx: &impl ConnectionTrait, app: &App, profile: &Profile, row: Row) -> Result<Row> {
    if !(profile.email_verified && row.email_verified) {
        return Err(EMAIL_TAKEN.into());
    }
    judge(&row)?;
    let event = Event::new("account.identity_linked", row.id).account(row.id).actor(row.id);
    event.record(tx, &app.clock).await?;
    Ok(row)
}

/// Makes an account of what the provider says.
async fn open(
    tx: &impl ConnectionTrait,
    app: &App,
    profile: &Profile,
    email: Email,
    language: Option<Language>,
) -> Result<Row> {
    let name = display_name(profile, &email)?;
    let row = register::customer(&app.clock, email, name, no_password()?);
    let signup_locale = language.map(|language| language.tag().to_owned());
    let row = Row { email_verified: profile.email_verified, signup_locale, ..row };
    register::insert(tx, &app.clock, &row, register::created(&row).actor(row.id)).await?;
    Ok(row)
}

/// The name the provider tells, cut, else what stands before the `@`.
fn display_name(profile: &Profile, email: &Email) -> Result<DisplayName> {
    let cut = |name: &str| name.chars().take(DisplayName::LONGEST).collect::<String>();
    let told = profile.name.as_deref().and_then(|name| DisplayName::parse(&cut(name)).ok());
    let local = email.as_str().split('@').next().unwrap_or_default();
    match told {
        Some(name) => Ok(name),
        None => DisplayName::parse(local).map_err(|invalid| Error::unexpected(invalid.message)),
    }
}
