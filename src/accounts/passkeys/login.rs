//! Signing in by a passkey: it says itself whose it is, and stands for both factors.
use entity::account;
use sea_orm::ConnectionTrait;
use uuid::Uuid;
use webauthn_rs::{
    Webauthn,
    prelude::{
        AuthenticationResult, DiscoverableAuthentication, Passkey, PublicKeyCredential,
        RequestChallengeResponse, WebauthnError,
    },
};

use super::{ceremony, own, queries};
use crate::{
    accounts::{
        Row, limits,
        login::ACCOUNT_SUSPENDED,
        new_device,
        queries::lock_account,
        sessions::{Device, SignedIn, Started},
    },
    app::App,
    error::{Error, Refusal, Result},
    events::Event,
};

/// 401 for every passkey that signs nobody in, whatever the reason.
const INVALID_PASSKEY: Refusal = Refusal::unauthorized(
    "invalid_passkey",
    "This passkey is unknown here, or its answer is wrong or too late.",
);

/// Asks whoever is there for a passkey; 409 `passkeys_unavailable`, 429 `too_many_attempts`.
pub(super) async fn begin(app: &App, device: &Device) -> Result<(Uuid, RequestChallengeResponse)> {
    let webauthn = app.relying_party.require()?;
    // Stays counted, whatever comes of it.
    drop(limits::ceremony(app, device).await?);
    let (asked, state) = webauthn.start_discoverable_authentication().map_err(Error::unexpected)?;
    Ok((ceremony::begin(app, None, &state).await?, asked))
}

/// Signs in by what an authenticator answered; 401 `invalid_passkey`, 403 `account_suspended`, 429
/// `too_many_attempts`. A passkey that seems to have been copied is refused, and the log says so.
pub(super) async fn finish(
    app: &App,
    id: Uuid,
    answer: &PublicKeyCredential,
    device: Device,
) -> Result<SignedIn> {
    let webauthn = app.relying_party.require()?;
    let counted = limits::passkey(app, &device).await?;
    let outcome = attempt(app, webauthn, id, answer, device).await;
    counted.conclude(app, &outcome).await?;
    outcome
}

async fn attempt(
    app: &App,
    webauthn: &Webauthn,
    id: Uuid,
    answer: &PublicKeyCredential,
    device: Device,
) -> Result<SignedIn> {
    let state: Option<DiscoverableAuthentication> = ceremony::take(app, id, None).await?;
    let state = state.ok_or(INVALID_PASSKEY)?;
    let (owner, _) = webauthn.identify_discoverable_authentication(answer).map_err(|_| INVALID_PASSKEY)?;
    let started = Started::new(app, owner, device)?;
    let judge = Judge { app, webauthn, owner, answer, state: &state, started: &started };
    match app.db.write(async |tx| judge.enter(tx).await).await? {
        Entered::In(row) => started.signed_in(app, *row).await,
        Entered::Refused => Err(INVALID_PASSKEY.into()),
    }
}

/// How a passkey's answer was judged. A refused one is no error here, for what the log says of it must be committed.
enum Entered {
    In(Box<Row>),
    Refused,
}

/// What an answer is judged by.
struct Judge<'a> {
    app: &'a App,
    webauthn: &'a Webauthn,
    owner: Uuid,
    answer: &'a PublicKeyCredential,
    state: &'a DiscoverableAuthentication,
    started: &'a Started,
}

impl Judge<'_> {
    /// Judges the answer behind the lock on the account, so that no two answers count from the same counter.
    async fn enter(&self, tx: &impl ConnectionTrait) -> Result<Entered> {
        let row = lock_account(tx, self.owner).await?.ok_or(INVALID_PASSKEY)?;
        let known = queries::passkey(tx, self.owner, self.answer.get_credential_id()).await?;
        let known = known.ok_or(INVALID_PASSKEY)?;
        let mut passkey: Passkey = serde_json::from_str(&known.credential).map_err(Error::unexpected)?;
        let result = match self.verdict(&passkey) {
            Ok(result) => result,
            Err(WebauthnError::CredentialPossibleCompromise) => {
                let event = Event::new("account.passkey_copied", known.id).account(self.owner);
                event.record(tx, &self.app.clock).await?;
                return Ok(Entered::Refused);
            }
            Err(error) => {
                tracing::debug!(%error, "a passkey signed nobody in");
                let event = Event::new("account.sign_in_failed", self.owner).account(self.owner);
                event.record(tx, &self.app.clock).await?;
                return Ok(Entered::Refused);
            }
        };
        if row.status == account::Status::Suspended {
            return Err(ACCOUNT_SUSPENDED.into());
        }
        passkey.update_credential(&result);
        queries::use_passkey(tx, known.id, own::text(&passkey)?, self.app.clock.now()).await?;
        new_device::tell(tx, self.app, self.started.session()).await?;
        self.started.insert(tx).await?;
        Ok(Entered::In(Box::new(row)))
    }

    fn verdict(&self, passkey: &Passkey) -> Result<AuthenticationResult, WebauthnError> {
        self.webauthn.finish_discoverable_authentication_v2(self.answer, self.state.clone(), passkey)
    }
}
