//! What asks for a recent proof of who is there, beyond a token that may have been stolen.
use chrono::Duration;

use super::Account;
use crate::{
    app::App,
    error::{Refusal, Result},
};

/// How long a password or a second factor counts as just given.
const RECENT: Duration = Duration::minutes(10);
/// 403: who asks must give the password or a second factor again first.
const REAUTHENTICATION_REQUIRED: Refusal = Refusal::forbidden(
    "reauthentication_required",
    "Prove again who you are (`POST /auth/reauthenticate`, or sign in anew), then repeat this.",
);

/// Refuses by 403 `reauthentication_required` unless a password or a second factor was given in the last ten minutes.
pub(super) fn require_recent_proof(app: &App, who: &Account) -> Result<()> {
    if who.proven_at + RECENT > app.clock.now() { Ok(()) } else { Err(REAUTHENTICATION_REQUIRED.into()) }
}
