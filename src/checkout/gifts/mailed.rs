//! The mail of a gift: what was bought, the giver's words, and the link by which it is claimed.
use entity::{gift::Status, order};
use uuid::Uuid;

use super::order::token;
use crate::{
    accounts,
    app::App,
    checkout::queries,
    error::{Error, Result},
    events::Event,
    failpoint,
    mail::{self, GiftTold, Mail},
    values::Email,
};

/// The job that mails a gift; its payload is `{gift_id}`.
pub(in crate::checkout) const GIFT_MAIL: &str = "gift_mail";
/// The page that a mailed gift leads to: of the frontend, or our own.
pub(in crate::checkout) const PAGE: &str = "/gifts/claim";

/// Mails a gift while it is to be claimed; sending it again is the same mail.
pub(in crate::checkout) async fn send(app: &App, id: Uuid, gift: Uuid) -> Result<()> {
    let db = &app.db.read;
    let Some(gift) = queries::gift(db, gift).await?.filter(|gift| gift.status == Status::Given) else {
        return Ok(());
    };
    // An address that was removed since is nobody's any more.
    let Some(email) = &gift.email else { return Ok(()) };
    let to = Email::parse(email).map_err(|invalid| Error::unexpected(invalid.message))?;
    let order = queries::order(db, gift.order_id).await?.map(|order| order.status);
    // What a dispute holds back is scheduled anew when that is won.
    if !matches!(order, Some(order::Status::Paid | order::Status::PartiallyRefunded)) {
        return Ok(());
    }
    let lines = queries::lines(db, &[gift.order_id]).await?;
    let names = accounts::display_names(db, &[gift.account_id]).await?;
    let told = GiftTold {
        store: app.config.store.name.clone(),
        giver: names.get(&gift.account_id).cloned().unwrap_or_default(),
        titles: lines.into_iter().filter(|line| !line.refunded).map(|line| line.title).collect(),
        message: gift.message.clone(),
        url: app.frontend_url(&format!("{PAGE}?token={}", token(app, gift.id))),
    };
    let language = accounts::language(app, gift.account_id).await?;
    let letter = mail::gift(&app.letters, language, &told)?;
    mail::send(app, Mail { id, to: to.clone(), letter, attachments: Vec::new(), unsubscribe: None }).await?;
    failpoint::reach("gift_mailed");
    app.db
        .write(async |tx| {
            if queries::gift_sent(tx, gift.id, app.clock.now()).await?
                && let Some(reader) = accounts::reached_at(tx, &to).await?
            {
                Event::new("gift.sent", gift.id).account(reader).record(tx, &app.clock).await?;
            }
            Ok(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}
