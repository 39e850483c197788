//! Who is asking, as arguments of handlers: a handler without one of these is public.
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use chrono::{DateTime, Utc};
use http::{header, request::Parts};
use uuid::Uuid;

use super::{
    api_key_cache, api_keys,
    matrix::{self, Access, Within},
    product_limit::ProductLimit,
    scopes::Scope,
    session_cache, tokens,
};
use crate::{
    app::App,
    error::{Error, Refusal, Result},
    values::{Country, Locale},
    web::{admission, reader::Noted},
};

/// 401: nobody is signed in.
pub const UNAUTHORIZED: Refusal = Refusal::unauthorized("unauthorized", "This needs a valid access token.");
/// 403: who asks lacks the role.
pub(super) const FORBIDDEN: Refusal =
    Refusal::forbidden("forbidden", "Your account does not have the role this needs.");

/// 403: the API key was not given what this needs.
const INSUFFICIENT_SCOPE: Refusal =
    Refusal::forbidden("insufficient_scope", "This API key does not have the scope this needs.");

/// 403: the API key is limited to products, and this is none of them or reaches further.
const OUTSIDE_LIMIT: Refusal = Refusal::forbidden(
    "insufficient_scope",
    "This API key is limited to products, and this is not one of them.",
);

/// A signed-in account, or one that an API key acts as, as of at most two seconds ago. Everybody signed in is a customer.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// The session it asks with; the API key's id where that is the credential.
    pub session: Uuid,
    /// UTC, when a password or a second factor was last given on that session.
    pub proven_at: DateTime<Utc>,
    /// UTC, when the access token or the API key ends that it asks with; none for a key without an end.
    pub until: Option<DateTime<Utc>>,
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

/// Somebody who keeps the catalog, or looks after what people say of it; 403 to others.
pub struct EditorOrSupport(pub Account);

/// Somebody who may do everything; 403 to others.
pub struct Admin(pub Account);

impl FromRequestParts<App> for MaybeAccount {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let account = signed_in(parts, app).await?;
        if let Some(account) = &account {
            tracing::Span::current().record("account", tracing::field::display(account.id));
        }
        if let (Some(account), Some(noted)) = (&account, parts.extensions.get::<Noted>()) {
            noted.note(account.locale.as_ref());
        }
        Ok(Self(account))
    }
}

async fn signed_in(parts: &mut Parts, app: &App) -> Result<Option<Account>> {
    let Some(credential) = parts.headers.get(header::AUTHORIZATION).cloned() else {
        return Ok(None);
    };
    let text = credential.to_str().map_err(|_| UNAUTHORIZED)?;
    let (scheme, token) = text.split_once(' ').ok_or(UNAUTHORIZED)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(UNAUTHORIZED.into());
    }
    let token = token.trim();
    if token.starts_with(api_keys::PREFIX) {
        return by_key(parts, app, token).await;
    }
    let claims = tokens::verify(app, token).await?.ok_or(UNAUTHORIZED)?;
    let account = session_cache::account(app, claims.sid)
        .await?
        .filter(|account| account.id == claims.sub)
        .ok_or(UNAUTHORIZED)?;
    admission::count_account(app, parts, account.id)?;
    Ok(Some(Account { until: claims.ends_at(), ..account }))
}

/// The account that an API key acts as here: the one place where scopes and limits are judged. What has no row in the
/// matrix is closed to keys. What is open to everybody stays so, but only the library's scope tells what the account
/// has, and to a key that is limited nothing does, for that spans products.
pub(super) async fn by_key(parts: &mut Parts, app: &App, key: &str) -> Result<Option<Account>> {
    let entry = api_key_cache::entry(app, key).await?.ok_or(UNAUTHORIZED)?;
    admission::count_account(app, parts, entry.account.session)?;
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let row = path.and_then(|path| matrix::row(&parts.method, path)).ok_or(INSUFFICIENT_SCOPE)?;
    match row.access {
        Access::Open => {
            let told = entry.limit.is_none() && entry.scopes.hold(Scope::LibraryRead);
            return Ok(told.then_some(entry.account));
        }
        Access::By(scope) if entry.scopes.hold(scope) => {}
        Access::ByEither(scopes) if scopes.into_iter().any(|scope| entry.scopes.hold(scope)) => {}
        Access::By(_) | Access::ByEither(_) | Access::InPerson => return Err(INSUFFICIENT_SCOPE.into()),
    }
    match &entry.limit {
        Some(limit) if !is_within(parts, app, limit, row.within).await? => Err(OUTSIDE_LIMIT.into()),
        _ => Ok(Some(entry.account)),
    }
}

/// Whether an operation stays within what a key is limited to. What its path can't name is not.
async fn is_within(
    parts: &mut Parts,
    app: &App,
    limit: &ProductLimit,
    within: Option<Within>,
) -> Result<bool> {
    let Some(within) = within else { return Ok(false) };
    let Ok(parameters) = RawPathParams::from_request_parts(parts, app).await else { return Ok(false) };
    let named = parameters.iter().find(|(name, _)| *name == within.parameter());
    match named.and_then(|(_, text)| text.parse().ok()) {
        Some(named) => limit.allows(app, within, named).await,
        None => Ok(false),
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
role!(EditorOrSupport, |account| account.editor || account.support || account.admin);
role!(Admin, |account| account.admin);
