//! Taking back by one click that a kind of things is mailed (RFC 8058): whoever has a mail of it may, signed in or not.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::mail_unsubscribe::Model;
use uuid::Uuid;

use super::{
    kinds::{Kind, Preference},
    preferences,
    queries::unsubscribes as queries,
};
use crate::{
    accounts,
    app::App,
    error::{Refusal, Result},
    keys::sha256,
    router::API,
};

/// Sets these tokens apart from those of other mailed links, which are made with the same key.
const PURPOSE: &[u8] = b"unsubscribe ";

const UNKNOWN_TOKEN: Refusal =
    Refusal::not_found("invalid_token", "This is no token of a mail of this store.");

/// Where a mail is unsubscribed from.
pub(super) struct Addresses {
    /// For mail programs: a POST there is the one click.
    pub(super) program: String,
    /// For people: a page that asks to confirm.
    pub(super) page: String,
}

/// Where an account unsubscribes from a kind: the same in every mail of it.
pub(super) async fn addresses(app: &App, account: Uuid, kind: Kind) -> Result<Addresses> {
    let token = token(app, known(app, account, kind).await?);
    Ok(Addresses {
        program: app.public_url(&format!("{API}/mail/unsubscribe?token={token}")),
        page: app.public_url(&page(&token)),
    })
}

/// The page of the store itself that asks to confirm.
pub(super) fn page(token: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    format!("/unsubscribe?{query}")
}

/// The token of a row. It is derived, so that it lies nowhere and every mail holds the same one.
fn token(app: &App, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(app.keys.account_link.sign(&[PURPOSE, id.as_bytes().as_slice()].concat()))
}

/// The row of an account and a kind, made for its first mail.
async fn known(app: &App, account: Uuid, kind: Kind) -> Result<Uuid> {
    if let Some(row) = queries::of(&app.db.read, account, kind.as_str()).await? {
        return Ok(row.id);
    }
    let id = app.clock.new_id();
    let row = Model {
        id,
        account_id: account,
        kind: kind.as_str().to_owned(),
        token_hash: sha256(token(app, id).as_bytes()),
        created_at: app.clock.now(),
    };
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            queries::insert(tx, row.clone()).await?;
            let there = queries::of(tx, account, kind.as_str()).await?;
            Ok(there.map_or(id, |row| row.id))
        })
        .await
}

/// Mails the kind of a token to its account no more; doing it again changes nothing. 404 `invalid_token`.
pub(super) async fn unsubscribe(app: &App, token: &str) -> Result<()> {
    let hash = sha256(token.as_bytes());
    app.db
        .write(async |tx| {
            let row = queries::of_token(tx, &hash).await?.ok_or(UNKNOWN_TOKEN)?;
            accounts::lock(tx, row.account_id).await?;
            let kind = Kind::of(&row.kind).ok_or(UNKNOWN_TOKEN)?;
            let before = preferences::choices(tx, &[row.account_id]).await?.of(row.account_id, kind);
            let after = Preference { email: false, ..before };
            preferences::put(tx, row.account_id, kind, after).await
        })
        .await
}
