//! Checkout: from a quote to a paid order, exactly once.
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of carts, orders and payments.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
