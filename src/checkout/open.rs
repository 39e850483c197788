//! Opening a payment at its provider: outside any transaction, under a key that makes every repetition the same.
use entity::{order, payment};
use payments::NewPayment;

use super::{queries, return_url};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Result},
    failpoint,
    idempotency::Once,
};

/// Opens what of an order's payments no provider knows yet, and notes the request that did so as answered. Answers the last of
/// them as it stands, if it was opened here.
pub(super) async fn open(
    app: &App,
    order: &order::Model,
    payments: Vec<payment::Model>,
    once: Option<&Once>,
) -> Result<Option<payment::Model>> {
    match once {
        Some(once) => once.hold(app, open_all(app, order, payments, Some(once))).await,
        None => open_all(app, order, payments, None).await,
    }
}

async fn open_all(
    app: &App,
    order: &order::Model,
    payments: Vec<payment::Model>,
    once: Option<&Once>,
) -> Result<Option<payment::Model>> {
    let mut opened = None;
    for payment in payments {
        if payment.status == payment::Status::Created {
            opened = open_one(app, order, payment).await?;
        }
    }
    if let Some(once) = once {
        app.db.write(async |tx| once.finish(tx).await).await?;
    }
    Ok(opened)
}

async fn open_one(
    app: &App,
    order: &order::Model,
    payment: payment::Model,
) -> Result<Option<payment::Model>> {
    let provider = app
        .payments
        .named(&payment.provider)
        .ok_or_else(|| Error::unexpected(format!("there is no provider {}", payment.provider)))?;
    let (paid, cancelled) = (app.frontend_url(return_url::PAID), app.frontend_url(return_url::CANCELLED));
    let asked = NewPayment {
        key: &format!("{}-{}", order.id, payment.attempt),
        id: payment.id,
        title: &order.number,
        amount: payment.amount,
        currency: &payment.currency,
        success_url: order.success_url.as_deref().or(Some(&paid)),
        cancel_url: order.cancel_url.as_deref().or(Some(&cancelled)),
        asked_at: payment.created_at.timestamp(),
        expires_at: order.expires_at.timestamp(),
        elements: payment.elements,
    };
    let session = provider.create(&asked).await.map_err(told)?;
    failpoint::reach("payment_opened");
    let reference = &session.reference;
    // A statement by itself: the buyer waits for no transaction around it.
    let writer = app.db.writer();
    let noted = queries::opened(writer, payment.id, reference, session.checkout_url.clone()).await?;
    if !noted {
        // It was paid, declined or called off meanwhile: without its session no money could be given back.
        queries::note_session(writer, payment.id, reference).await?;
    }
    failpoint::reach("payment_noted");
    if noted {
        return Ok(Some(payment::Model {
            status: payment::Status::Pending,
            provider_ref: Some(session.reference),
            checkout_url: session.checkout_url,
            ..payment
        }));
    }
    let stands = queries::payment(&app.db.read, payment.id).await?.ok_or(NOT_FOUND)?.status;
    if stands == payment::Status::Cancelled {
        // The order was called off while its provider was asked, by somebody who couldn't close what wasn't open yet.
        provider.cancel(&session.reference).await.map_err(told)?;
    }
    Ok(None)
}

/// What a provider's refusal is to who asks: 503 while the outcome is unknown, so that the same request is made again; a
/// refusal is a fault of the store's set-up, for its log.
pub(super) fn told(error: payments::Error) -> Error {
    match error {
        payments::Error::Unknown { .. } => Error::unavailable(error),
        payments::Error::Refused { .. } => Error::unexpected(error),
    }
}
