//! What is told of accounts and sessions.
use chrono::{DateTime, Utc};
use entity::{account, session};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Row,
    roles::{Role, Roles},
    sessions::SignedIn,
    tokens::ACCESS_TOKEN_LIFE,
};

/// What somebody who signed in is given.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// An EdDSA JWT for `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: i64,
    /// Opaque; may be used once, at `/auth/refresh`.
    refresh_token: String,
    /// Who signed in.
    account: AccountAnswer,
}

impl From<SignedIn> for Session {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFE.num_seconds(),
            refresh_token: signed_in.refresh_token,
            account: signed_in.account.into(),
        }
    }
}

/// One's own account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountAnswer {
    /// UUIDv7.
    id: Uuid,
    /// In its canonical form.
    email: String,
    /// Whether the address was proven by mail.
    email_verified: bool,
    /// What others see.
    display_name: String,
    /// BCP 47; null if none was chosen.
    #[schema(required)]
    locale: Option<String>,
    /// ISO 3166-1 alpha-2; null if none was said.
    #[schema(required)]
    country: Option<String>,
    /// What it may do, `customer` first.
    roles: Vec<Role>,
    /// Whether signing in asks for a second factor.
    totp_enabled: bool,
    /// UTC.
    created_at: DateTime<Utc>,
}

impl From<Row> for AccountAnswer {
    fn from(row: Row) -> Self {
        Self {
            roles: Roles::from(&row).list(),
            totp_enabled: row.totp_enabled,
            id: row.id,
            email: row.email,
            email_verified: row.email_verified,
            display_name: row.display_name,
            locale: row.locale,
            country: row.country,
            created_at: row.created_at,
        }
    }
}

/// An account as staff see it.
#[derive(Serialize, ToSchema)]
pub(super) struct AdminAccount {
    #[serde(flatten)]
    account: AccountAnswer,
    /// Whether it may sign in.
    status: account::Status,
}

impl From<Row> for AdminAccount {
    fn from(row: Row) -> Self {
        Self { status: row.status, account: row.into() }
    }
}

/// A signed-in device.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub(super) struct SessionAnswer {
    /// The `sid` of its access tokens.
    id: Uuid,
    /// UTC, when it signed in.
    created_at: DateTime<Utc>,
    /// UTC, of its last refresh.
    last_used_at: DateTime<Utc>,
    /// Its address at the last refresh.
    ip: String,
    /// As it names itself.
    user_agent: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionAnswer {
    /// As the session `asking` sees it.
    pub(super) fn of(row: session::Model, asking: Uuid) -> Self {
        Self {
            current: row.id == asking,
            id: row.id,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            ip: row.ip,
            user_agent: row.user_agent,
        }
    }
}
