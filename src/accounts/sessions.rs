//! Signed-in devices: each is a session with a family of refresh tokens.
use chrono::{DateTime, Duration, Utc};
use entity::{account, refresh_token, session};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{Account, Row, notices::Notice, queries, roles::Roles, tokens};
use crate::{
    app::App,
    clock::Clock,
    error::{NOT_FOUND, Refusal, Result},
    events::Event,
    keys::{new_token, sha256},
    languages::Language,
};

/// 401 for a token that is unknown, used, expired or revoked alike.
const INVALID_REFRESH_TOKEN: Refusal =
    Refusal::unauthorized("invalid_refresh_token", "This refresh token is not valid; sign in again.");

/// A session that isn't refreshed for so long ends.
pub(super) const SESSION_LIFE: Duration = Duration::days(30);

/// When a session ends that is used now, unless it is used again: never later than its sign-in allows.
fn end(app: &App, signed_in: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let most = Duration::days(app.config.accounts.session_max_days.get().into());
    (now + SESSION_LIFE).min(signed_in + most)
}

/// Where someone signs in from.
#[derive(Clone, Debug)]
pub(super) struct Device {
    /// Its address.
    pub(super) ip: String,
    /// As it names itself.
    pub(super) user_agent: String,
    /// The cookie of a device that signed in before, not yet judged.
    pub(super) cookie: Option<String>,
    /// The language it asks for, if the store speaks it.
    pub(super) language: Option<Language>,
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
    clock: Clock,
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
            expires_at: end(app, now, now),
            ip: device.ip,
            user_agent: device.user_agent,
            proven_at: now,
            revoked_at: None,
            reused_at: None,
        };
        let refresh_token = new_token()?;
        let token = refresh_token::Model {
            token_hash: sha256(refresh_token.as_bytes()),
            session_id: session.id,
            created_at: now,
            used_at: None,
        };
        Ok(Self { session, token, refresh_token, clock: app.clock.clone() })
    }

    /// The session as it will be written.
    pub(super) const fn session(&self) -> &session::Model {
        &self.session
    }

    /// Writes it, in the caller's transaction.
    pub(super) async fn insert(&self, tx: &impl ConnectionTrait) -> Result<()> {
        queries::insert_session(tx, self.session.clone()).await?;
        queries::insert_refresh_token(tx, self.token.clone()).await?;
        let (id, account) = (self.session.id, self.session.account_id);
        Ok(Event::new("session.started", id).account(account).actor(account).record(tx, &self.clock).await?)
    }

    /// What the device is given once the transaction is committed.
    pub(super) async fn signed_in(self, app: &App, account: Row) -> Result<SignedIn> {
        let access_token = access_token(app, &account, self.session.id).await?;
        Ok(SignedIn { access_token, refresh_token: self.refresh_token, account })
    }
}

/// Swaps a refresh token for a new one and an access token; 401 `invalid_refresh_token`.
///
/// A token that comes a second time was stolen from somebody: its session is revoked, whoever holds it now.
pub(super) async fn refresh(app: &App, token: &str, device: Device) -> Result<SignedIn> {
    let hash = sha256(token.as_bytes());
    let next = new_token()?;
    let outcome = app.db.write(async |tx| rotate(tx, app, &hash, &next, &device).await).await?;
    match outcome {
        Rotation::Done { session, account } => {
            let access_token = access_token(app, &account, session).await?;
            Ok(SignedIn { access_token, refresh_token: next, account: *account })
        }
        Rotation::Reused { session } => {
            app.identity.forget(session).await;
            Err(INVALID_REFRESH_TOKEN.into())
        }
        Rotation::Refused => Err(INVALID_REFRESH_TOKEN.into()),
    }
}

/// How a refresh ended. A refusal is no error here, for what reuse revoked must be committed.
enum Rotation {
    Done { session: Uuid, account: Box<Row> },
    Reused { session: Uuid },
    Refused,
}

async fn rotate(
    tx: &impl ConnectionTrait,
    app: &App,
    hash: &[u8],
    next: &str,
    device: &Device,
) -> Result<Rotation> {
    let now = app.clock.now();
    let Some(token) = queries::refresh_token(tx, hash).await? else { return Ok(Rotation::Refused) };
    let session = queries::lock_session(tx, token.session_id).await?;
    let live = session.filter(|session| {
        session.revoked_at.is_none() && session.expires_at > now && end(app, session.created_at, now) > now
    });
    let Some(session) = live else { return Ok(Rotation::Refused) };
    let account = queries::account(tx, session.account_id).await?;
    let Some(account) = account.filter(|row| row.status == account::Status::Active) else {
        return Ok(Rotation::Refused);
    };
    if !queries::use_refresh_token(tx, hash, now).await? {
        queries::revoke_session(tx, account.id, session.id, now).await?;
        queries::note_reuse(tx, session.id, now).await?;
        let event = Event::new("session.reuse_detected", session.id).account(account.id);
        event.record(tx, &app.clock).await?;
        Notice::TokenReused.enqueue(tx, app, account.id, session.id).await?;
        return Ok(Rotation::Reused { session: session.id });
    }
    let token = refresh_token::Model {
        token_hash: sha256(next.as_bytes()),
        session_id: session.id,
        created_at: now,
        used_at: None,
    };
    queries::insert_refresh_token(tx, token).await?;
    let used = session::ActiveModel {
        id: Unchanged(session.id),
        last_used_at: Set(now),
        expires_at: Set(end(app, session.created_at, now)),
        ip: Set(device.ip.clone()),
        user_agent: Set(device.user_agent.clone()),
        ..Default::default()
    };
    queries::update_session(tx, used).await?;
    Ok(Rotation::Done { session: session.id, account: Box::new(account) })
}

/// Ends the session that asks, or every one of its account.
pub(super) async fn logout(app: &App, who: &Account, all: bool) -> Result<()> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let event = if all {
                queries::revoke_sessions(tx, who.id, None, now).await?;
                Event::new("account.signed_out_everywhere", who.id)
            } else {
                queries::revoke_session(tx, who.id, who.session, now).await?;
                Event::new("session.signed_out", who.session)
            };
            Ok(event.account(who.id).actor(who.id).record(tx, &app.clock).await?)
        })
        .await?;
    if all {
        app.identity.forget_account(who.id).await;
    } else {
        app.identity.forget(who.session).await;
    }
    Ok(())
}

/// One's live sessions, newest first: those begun before `after`.
pub(super) async fn list(
    app: &App,
    who: &Account,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<session::Model>> {
    Ok(queries::live_sessions(&app.db.read, who.id, app.clock.now(), after, most).await?)
}

/// Ends one of one's own sessions; 404 when it isn't live or isn't one's own.
pub(super) async fn revoke(app: &App, who: &Account, id: Uuid) -> Result<()> {
    let now = app.clock.now();
    let revoked = app
        .db
        .write(async |tx| {
            let revoked = queries::revoke_session(tx, who.id, id, now).await?;
            if revoked {
                let event = Event::new("session.revoked", id).account(who.id).actor(who.id);
                event.record(tx, &app.clock).await?;
            }
            Ok(revoked)
        })
        .await?;
    app.identity.forget(id).await;
    if revoked { Ok(()) } else { Err(NOT_FOUND.into()) }
}

async fn access_token(app: &App, account: &Row, session: Uuid) -> Result<String> {
    let roles = Roles::from(account).names().into_iter().map(str::to_owned).collect();
    tokens::sign(app, account.id, session, roles).await
}
