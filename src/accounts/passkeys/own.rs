//! One's own passkeys: registered, listed, removed.
use entity::passkey::Model;
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{Passkey, PasskeyRegistration, RegisterPublicKeyCredential};

use super::{ceremony, queries};
use crate::{
    accounts::{Account, profile, queries::lock_account, step_up},
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result, is_unique_violation},
    events::Event,
    values::Word,
};

/// Passkeys of an account at most.
pub(super) const MOST_PASSKEYS: u64 = 20;

const TOO_MANY_PASSKEYS: Refusal =
    Refusal::conflict("too_many_passkeys", "An account has 20 passkeys at most; remove one first.");
const PASSKEY_TAKEN: Refusal = Refusal::conflict("passkey_taken", "This passkey is registered already.");

/// Asks an authenticator for a passkey; 403 `reauthentication_required`, 409 `passkeys_unavailable`.
///
/// It is to be found by the authenticator itself, so that nobody has to say who they are, and to ask its user for a PIN
/// or a finger: whoever has it has two factors.
pub(super) async fn begin(app: &App, who: &Account) -> Result<(Uuid, Value)> {
    step_up::require_recent_proof(app, who)?;
    let webauthn = app.relying_party.require()?;
    let row = profile::find(app, who.id).await?;
    let there = queries::passkeys(&app.db.read, who.id, None, MOST_PASSKEYS).await?;
    let there = there.into_iter().map(|row| row.credential_id).collect();
    let (asked, state) = webauthn
        .start_passkey_registration(who.id, &row.email, &row.display_name, Some(there))
        .map_err(Error::unexpected)?;
    let mut asked = serde_json::to_value(asked.public_key).map_err(Error::unexpected)?;
    if let Some(criteria) = asked.get_mut("authenticatorSelection") {
        criteria["residentKey"] = json!("required");
        criteria["requireResidentKey"] = json!(true);
    }
    Ok((ceremony::begin(app, Some(who.id), &state).await?, asked))
}

/// Registers the passkey that an authenticator made for who proved themselves lately; 409 `passkey_taken`,
/// `too_many_passkeys`, 422 `unknown_ceremony` at `id`, `invalid_passkey` at `credential`.
pub(super) async fn finish(
    app: &App,
    who: &Account,
    ceremony: Uuid,
    name: Option<Word>,
    answer: &RegisterPublicKeyCredential,
) -> Result<Model> {
    let webauthn = app.relying_party.require()?;
    let state: Option<PasskeyRegistration> = ceremony::take(app, ceremony, Some(who.id)).await?;
    let state = state.ok_or_else(|| Error::field("id", "unknown_ceremony", "is unknown, used or too old"))?;
    let made = webauthn.finish_passkey_registration(answer, &state).map_err(|error| {
        tracing::debug!(%error, "a passkey was not registered");
        Error::field("credential", "invalid_passkey", "is not what was asked for")
    })?;
    let row = Model {
        id: app.clock.new_id(),
        account_id: who.id,
        credential_id: made.cred_id().to_vec(),
        credential: text(&made)?,
        name: name.map_or_else(|| "Passkey".to_owned(), Word::into_string),
        created_at: app.clock.now(),
        last_used_at: None,
    };
    app.db
        .write(async |tx| {
            lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if queries::count_passkeys(tx, who.id).await? >= MOST_PASSKEYS {
                return Err(TOO_MANY_PASSKEYS.into());
            }
            queries::insert_passkey(tx, row.clone()).await.map_err(|error| {
                if is_unique_violation(&error) { PASSKEY_TAKEN.into() } else { Error::from(error) }
            })?;
            let event = Event::new("account.passkey_added", row.id).account(who.id).actor(who.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    Ok(row)
}

/// One's passkeys, the oldest first, from behind one.
pub(super) async fn list(app: &App, who: Uuid, after: Option<Uuid>, most: u64) -> Result<Vec<Model>> {
    Ok(queries::passkeys(&app.db.read, who, after, most).await?)
}

/// Removes one of one's passkeys; 403 `reauthentication_required`, 404.
pub(super) async fn remove(app: &App, who: &Account, id: Uuid) -> Result<()> {
    step_up::require_recent_proof(app, who)?;
    app.db
        .write(async |tx| {
            if !queries::delete_passkey(tx, who.id, id).await? {
                return Err(NOT_FOUND.into());
            }
            let event = Event::new("account.passkey_removed", id).account(who.id).actor(who.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await
}

/// An account's passkeys from behind one, each with its id; the keys themselves are of use to nobody else.
pub async fn exported_passkeys(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let told = |row: Model| {
        let passkey = json!({
            "id": row.id, "name": row.name, "created_at": row.created_at, "last_used_at": row.last_used_at,
        });
        (row.id, passkey)
    };
    Ok(list(app, account, after, most).await?.into_iter().map(told).collect())
}

/// As it is kept.
pub(super) fn text(passkey: &Passkey) -> Result<String> {
    serde_json::to_string(passkey).map_err(Error::unexpected)
}
