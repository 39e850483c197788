//! The secrets of endpoints and what they sign.
use base64::{Engine, engine::general_purpose::STANDARD};
use entity::webhook::Model;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    app::App,
    error::Result,
    keys::{self, MacKey},
};

/// Bytes of a secret; the standard has 24 to 64.
const SECRET_BYTES: usize = 32;
/// How a secret begins as people see it.
const SECRET_BEGINS: &str = "whsec_";

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

/// The `webhook-signature` of a message at a time: by the secret, and by the one before while that still counts.
pub(super) fn signature(app: &App, row: &Model, id: Uuid, timestamp: i64, body: &str) -> Result<String> {
    let message = format!("{id}.{timestamp}.{body}");
    let former = row.former_secret.as_ref().filter(|_| row.former_until > Some(app.clock.now()));
    let mut signatures = Vec::new();
    for sealed in [Some(&row.secret), former].into_iter().flatten() {
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
