//! Believing a message of SNS, and doing what it says.
use chrono::Duration;

use super::{
    message::{Kind, Message},
    news,
};
use crate::{
    accounts,
    app::App,
    error::{Error, Refusal, Result},
    events::Event,
    mail::{self, Reason},
    values::Email,
};

/// How long after it was published a message is believed, and how far ahead the clock of SNS may go.
const FRESH: Duration = Duration::hours(1);

pub(super) const INVALID_SIGNATURE: Refusal = Refusal::malformed(
    "invalid_signature",
    "The message is not signed by Amazon SNS, of none of this store's topics, or older than an hour.",
);

/// Takes a message; 400 `invalid_signature` unless it is SNS's, of a topic of the settings, and new. Again it changes nothing.
pub(super) async fn receive(app: &App, body: &[u8]) -> Result<()> {
    let message = Message::read(body).ok_or(INVALID_SIGNATURE)?;
    let known = app.config.mail.sns.topics.contains(&message.topic_arn);
    let published = message.published().ok_or(INVALID_SIGNATURE)?;
    // Before a certificate is fetched for it.
    if !known || (app.clock.now() - published).abs() > FRESH {
        return Err(INVALID_SIGNATURE.into());
    }
    let key = app.certificates.key(&message.certificate).await?;
    if !message.is_signed_by(&key) {
        return Err(INVALID_SIGNATURE.into());
    }
    match message.kind {
        Kind::SubscriptionConfirmation => {
            app.certificates.confirm(message.subscribe.as_deref().unwrap_or_default()).await?;
            tracing::info!(topic = message.topic_arn, "a subscription to a topic of SNS is confirmed");
            Ok(())
        }
        Kind::UnsubscribeConfirmation => {
            tracing::warn!(topic = message.topic_arn, "this store is told no more by a topic of SNS");
            Ok(())
        }
        Kind::Notification => match news::read(&message.text) {
            Some((reason, addresses)) => stop(app, reason, &addresses).await,
            None => Ok(()),
        },
    }
}

/// Stops mail to addresses, and notes it for the accounts that have them.
async fn stop(app: &App, reason: Reason, addresses: &[Email]) -> Result<()> {
    app.db
        .write(async |tx| {
            for address in addresses {
                if !mail::suppress(tx, &app.keys, &app.clock, address, reason).await? {
                    continue;
                }
                if let Some(account) = accounts::by_address(tx, address).await? {
                    let event = Event::new("mail.suppressed", account).account(account).unplaced();
                    event.record(tx, &app.clock).await?;
                }
            }
            Ok::<_, Error>(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}
