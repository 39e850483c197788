//! Payments on the store's own page: what the buyer's browser needs for them is asked of Stripe each time, and kept nowhere.
use entity::{order::Status, payment};

use super::{orders::Order, queries};
use crate::{app::App, error::Result};

/// Adds to an order that its buyer reads what pays it by Elements, if that is how it is paid and Stripe can be asked.
pub(super) async fn complete(app: &App, order: &mut Order) -> Result<()> {
    let Some(stripe) = app.payments.stripe().filter(|_| order.status == Status::Pending) else {
        return Ok(());
    };
    let Some(payment) = queries::payment(&app.db.read, order.payment.id).await? else { return Ok(()) };
    let payment::Model { elements: true, provider_ref: Some(reference), .. } = payment else { return Ok(()) };
    match stripe.client_secret(&reference).await {
        Ok(secret) => {
            order.payment.publishable_key =
                app.config.payments.stripe.publishable_key.clone().filter(|_| secret.is_some());
            order.payment.client_secret = secret;
        }
        Err(error) => tracing::warn!(order = %order.id, %error, "could not ask how an order is paid"),
    }
    Ok(())
}
