//! What an account is told by mail when something happened to it.
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use crate::{app::App, error::Result};

/// What happened; each is a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Its address is about to be changed: told to the old one.
    EmailChanging,
    /// It has another password.
    PasswordChanged,
    /// It has no second factor any more.
    SecondFactorRemoved,
    /// Somebody signed in on a device it was never used on.
    NewDevice,
    /// A refresh token came twice, and its session was ended.
    TokenReused,
}

/// The payload of a notice's job.
#[derive(Serialize)]
struct Payload {
    subject_id: Uuid,
}

impl Notice {
    /// The kind of its job.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::EmailChanging => "email_changing_mail",
            Self::PasswordChanged => "password_changed_mail",
            Self::SecondFactorRemoved => "second_factor_removed_mail",
            Self::NewDevice => "new_device_mail",
            Self::TokenReused => "token_reused_mail",
        }
    }

    /// Enqueues the mail to an account, in the transaction of what happened. The subject is the link of a change, the account of a
    /// password or second factor, and otherwise the session.
    pub(super) async fn enqueue(
        self,
        tx: &impl ConnectionTrait,
        app: &App,
        account: Uuid,
        subject: Uuid,
    ) -> Result<()> {
        let job = NewJob::new(app.clock.new_id(), self.kind(), &Payload { subject_id: subject });
        let job = job.in_lane(account);
        queue::enqueue(tx, job, app.clock.now()).await?;
        Ok(())
    }
}
