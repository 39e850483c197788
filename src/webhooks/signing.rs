//! The secrets of endpoints and what they sign.
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, Utc};
use entity::webhook::{ActiveModel, Model};
use sea_orm::ActiveValue::{Set, Unchanged};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    app::App,
    error::{Error, Result},
    keys::{self, MacKey},
};

/// Bytes of a secret; the standard has 24 to 64.
const SECRET_BYTES: usize = 32;
/// How a secret begins as people see it.
const SECRET_BEGINS: &str = "whsec_";

/// For how long a secret that was replaced signs too.
const FORMER_KEPT: Duration = Duration::hours(24);
/// Secrets that were replaced and sign at most: each makes a header longer, and work of every message.
const FORMER_MOST: usize = 5;

/// A new secret, as it is shown once and as it is kept.
pub(super) struct NewSecret {
    pub(super) shown: String,
    pub(super) sealed: Vec<u8>,
}

/// Makes a secret that nobody guesses.
pub(super) fn new_secret(app: &App, webhook: Uuid) -> Result<NewSecret> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    keys::random(bytes.as_mut())?;
    Ok(NewSecret {
        shown: format!("{SECRET_BEGINS}{}", STANDARD.encode(bytes.as_ref())),
        sealed: app.master.seal(&seal_name(webhook), bytes.as_ref())?,
    })
}

/// A secret that was replaced, as it is kept.
#[derive(Serialize, Deserialize)]
struct Former {
    /// In base64.
    sealed: String,
    /// UTC; until then it signs.
    until: DateTime<Utc>,
}

/// The secrets that were replaced and still sign, the latest first.
fn former(row: &Model, now: DateTime<Utc>) -> Result<Vec<(Vec<u8>, DateTime<Utc>)>> {
    let last = row.former_secret.clone().zip(row.former_until);
    let earlier: Vec<Former> = match &row.earlier_secrets {
        Some(list) => serde_json::from_value(list.clone()).map_err(Error::unexpected)?,
        None => Vec::new(),
    };
    let mut all: Vec<_> = last.into_iter().collect();
    for Former { sealed, until } in earlier {
        all.push((STANDARD.decode(sealed).map_err(Error::unexpected)?, until));
    }
    all.retain(|(_, until)| *until > now);
    Ok(all)
}

/// Puts a secret in the place of an endpoint's, which signs on for a day beside those that do already.
pub(super) fn replaced(row: &Model, sealed: Vec<u8>, now: DateTime<Utc>) -> Result<ActiveModel> {
    let mut earlier = former(row, now)?;
    earlier.truncate(FORMER_MOST - 1);
    let earlier: Vec<Former> = earlier
        .into_iter()
        .map(|(sealed, until)| Former { sealed: STANDARD.encode(sealed), until })
        .collect();
    Ok(ActiveModel {
        id: Unchanged(row.id),
        secret: Set(sealed),
        former_secret: Set(Some(row.secret.clone())),
        former_until: Set(Some(now + FORMER_KEPT)),
        earlier_secrets: Set((!earlier.is_empty()).then(|| json!(earlier))),
        ..Default::default()
    })
}

/// The `webhook-signature` of a message at a time: by the secret, and by those before while they still count.
pub(super) fn signature(app: &App, row: &Model, id: Uuid, timestamp: i64, body: &str) -> Result<String> {
    let message = format!("{id}.{timestamp}.{body}");
    let former = former(row, app.clock.now())?;
    let mut signatures = Vec::new();
    for sealed in std::iter::once(&row.secret).chain(former.iter().map(|(sealed, _)| sealed)) {
        let secret = Zeroizing::new(app.master.open(&seal_name(row.id), sealed)?);
        let digest = MacKey::new(&secret).sign(message.as_bytes());
        signatures.push(format!("v1,{}", STANDARD.encode(digest)));
    }
    Ok(signatures.join(" "))
}

/// What binds a sealed secret to its endpoint.
fn seal_name(webhook: Uuid) -> String {
    format!("webhook/{webhook}")
}
