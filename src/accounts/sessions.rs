//! Signed-in devices: each is a session with a family of refresh tokens.
use chrono::Duration;
use entity::{refresh_token, session};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Row, queries, roles::Roles};
use crate::{
    app::App,
    error::Result,
    keys::{new_token, sha256},
};

/// A session that isn't refreshed for so long ends.
pub(super) const SESSION_LIFE: Duration = Duration::days(30);

/// Where someone signs in from.
#[derive(Clone, Debug)]
pub(super) struct Device {
    /// Its address.
    pub(super) ip: String,
    /// As it names itself.
    pub(super) user_agent: String,
}

/// What somebody who signed in is given.
pub(super) struct SignedIn {
    /// An access token.
    pub(super) access_token: String,
    /// The live refresh token of the session.
    pub(super) refresh_token: String,
    /// Who signed in.
    pub(super) account: Row,
}

/// A session before it is written.
pub(super) struct Started {
    session: session::Model,
    token: refresh_token::Model,
    refresh_token: String,
}

impl Started {
    /// A session of an account on a device, with its first refresh token.
    pub(super) fn new(app: &App, account: Uuid, device: Device) -> Result<Self> {
        let now = app.clock.now();
        let session = session::Model {
            id: app.clock.new_id(),
            account_id: account,
            created_at: now,
            last_used_at: now,
            expires_at: now + SESSION_LIFE,
            ip: device.ip,
            user_agent: device.user_agent,
            revoked_at: None,
        };
        let refresh_token = new_token()?;
        let token = refresh_token::Model {
            token_hash: sha256(refresh_token.as_bytes()),
            session_id: session.id,
            created_at: now,
            used_at: None,
        };
        Ok(Self { session, token, refresh_token })
    }

    /// Writes it, in the caller's transaction.
    pub(super) async fn insert(&self, tx: &impl ConnectionTrait) -> Result<()> {
        queries::insert_session(tx, self.session.clone()).await?;
        Ok(queries::insert_refresh_token(tx, self.token.clone()).await?)
    }

    /// What the device is given once the transaction is committed.
    pub(super) fn signed_in(self, app: &App, account: Row) -> Result<SignedIn> {
        let access_token = access_token(app, &account, self.session.id)?;
        Ok(SignedIn { access_token, refresh_token: self.refresh_token, account })
    }
}

fn access_token(app: &App, account: &Row, session: Uuid) -> Result<String> {
    let roles = Roles::from(account).names().into_iter().map(str::to_owned).collect();
    app.identity.sign(account.id, session, roles, app.clock.new_id(), app.clock.now())
}
