//! The page of the mock provider: a browser bears no credential, so its address proves that a checkout gave it out. Who has
//! it says how that one payment ends.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{order, payment};
use payments::Mock;
use url::Url;
use uuid::Uuid;

use super::{
    mock::{self, Outcome},
    queries,
    return_url::{CANCELLED, PAID},
};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    keys::MacKey,
};

/// Where the page is.
pub(super) const PAGE: &str = "/checkout/mock/{payment_id}";

/// A payment that a page is about.
pub(super) struct Asked {
    pub(super) payment: payment::Model,
    pub(super) order: order::Model,
}

/// What follows on a button.
pub(super) enum Next {
    /// The buyer goes on to this address.
    Leave(Url),
    /// The buyer may try again.
    Stay(Box<Asked>),
}

/// The address of a payment's page, below the store's.
pub fn address(key: &MacKey, payment: Uuid) -> String {
    let token = URL_SAFE_NO_PAD.encode(key.sign(&message(payment)));
    format!("{}?token={token}", PAGE.replace("{payment_id}", &payment.to_string()))
}

fn message(payment: Uuid) -> Vec<u8> {
    format!("mock payment\n{payment}").into_bytes()
}

impl Asked {
    /// Whether it may still be paid.
    pub(super) fn is_open(&self) -> bool {
        queries::OPEN.contains(&self.payment.status)
    }

    /// Where the buyer goes who paid.
    pub(super) fn paid(&self, app: &App) -> Option<Url> {
        leads_to(app, self.order.success_url.as_deref(), PAID)
    }

    /// Where the buyer goes who gave up.
    pub(super) fn cancelled(&self, app: &App) -> Option<Url> {
        leads_to(app, self.order.cancel_url.as_deref(), CANCELLED)
    }
}

fn leads_to(app: &App, named: Option<&str>, usual: &str) -> Option<Url> {
    Url::parse(named.unwrap_or(&app.frontend_url(usual))).ok()
}

/// The payment of a page; 404 unless this store gave its address out, and while the provider is not set up.
pub(super) async fn find(app: &App, payment: Uuid, token: &str) -> Result<Asked> {
    let digest = URL_SAFE_NO_PAD.decode(token).map_err(|_| NOT_FOUND)?;
    if !app.keys.link.verify(&message(payment), &digest) {
        return Err(NOT_FOUND.into());
    }
    app.payments.named(Mock::NAME).ok_or(NOT_FOUND)?;
    let payment = queries::payment(&app.db.read, payment).await?;
    let payment = payment.filter(|payment| payment.provider == Mock::NAME).ok_or(NOT_FOUND)?;
    let order = queries::order(&app.db.read, payment.order_id).await?.ok_or(NOT_FOUND)?;
    Ok(Asked { payment, order })
}

/// Ends the payment of a page by the button that was pressed; no button of the page changes nothing.
pub(super) async fn end(app: &App, asked: Asked, button: &str) -> Result<Next> {
    let (outcome, then) = match button {
        "succeed" => (Outcome::Succeed, asked.paid(app)),
        "cancel" => (Outcome::Cancel, asked.cancelled(app)),
        "decline" => (Outcome::Decline, None),
        _ => return Ok(Next::Stay(Box::new(asked))),
    };
    let Asked { payment, order } = asked;
    let id = payment.id;
    mock::end(app, order.account_id, (order.clone(), id), outcome).await?;
    match then {
        Some(place) => Ok(Next::Leave(place)),
        None => {
            let payment = queries::payment(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
            Ok(Next::Stay(Box::new(Asked { payment, order })))
        }
    }
}
