//! Who is asking, as arguments of handlers: a handler without one of these is public.
use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use http::{header, request::Parts};
use uuid::Uuid;

use super::session_cache;
use crate::{
    app::App,
    error::{Error, Refusal, Result},
    values::{Country, Locale},
};

const UNAUTHORIZED: Refusal = Refusal::unauthorized("unauthorized", "This needs a valid access token.");
/// 403: who asks lacks the role.
pub(super) const FORBIDDEN: Refusal =
    Refusal::forbidden("forbidden", "Your account does not have the role this needs.");

/// A signed-in account, as of at most two seconds ago. Everybody signed in is a customer.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// The session it asks with.
    pub session: Uuid,
    /// UTC, when a password or a second factor was last given on that session.
    pub proven_at: DateTime<Utc>,
    /// Its language, if it chose one.
    pub locale: Option<Locale>,
    /// Its country, if it said so.
    pub country: Option<Country>,
    /// Holds the role `editor`.
    pub editor: bool,
    /// Holds the role `support`.
    pub support: bool,
    /// Holds the role `admin`.
    pub admin: bool,
}

/// The account of who is signed in; 401 to a bad token, none without one.
pub struct MaybeAccount(pub Option<Account>);

/// Somebody who keeps the catalog and its files; 403 to others.
pub struct Editor(pub Account);

/// Somebody who looks after orders, accounts and reviews; 403 to others.
pub struct Support(pub Account);

/// Somebody who may do everything; 403 to others.
pub struct Admin(pub Account);

impl FromRequestParts<App> for MaybeAccount {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Some(credential) = parts.headers.get(header::AUTHORIZATION) else { return Ok(Self(None)) };
        let text = credential.to_str().map_err(|_| UNAUTHORIZED)?;
        let (scheme, token) = text.split_once(' ').ok_or(UNAUTHORIZED)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(UNAUTHORIZED.into());
        }
        let claims = app.identity.verify(token.trim(), app.clock.now()).ok_or(UNAUTHORIZED)?;
        let account = session_cache::account(app, claims.sid)
            .await?
            .filter(|account| account.id == claims.sub)
            .ok_or(UNAUTHORIZED)?;
        Ok(Self(Some(account)))
    }
}

impl FromRequestParts<App> for Account {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let MaybeAccount(account) = MaybeAccount::from_request_parts(parts, app).await?;
        Ok(account.ok_or(UNAUTHORIZED)?)
    }
}

macro_rules! role {
    ($role:ident, $holds:expr) => {
        impl FromRequestParts<App> for $role {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
                let account = Account::from_request_parts(parts, app).await?;
                let holds: fn(&Account) -> bool = $holds;
                if holds(&account) { Ok(Self(account)) } else { Err(FORBIDDEN.into()) }
            }
        }
    };
}

role!(Editor, |account| account.editor || account.admin);
role!(Support, |account| account.support || account.admin);
role!(Admin, |account| account.admin);
