//! Checkout: from a quote to a paid order, exactly once.
mod admin_api;
mod api;
mod bought_together;
mod bundles;
mod cart;
mod cart_api;
pub mod checks;
mod close;
mod coupon_changes;
mod coupon_desk;
mod coupons;
mod coupons_admin_api;
mod credit;
mod credit_api;
mod disputes;
mod elements;
mod evidence;
mod gifts;
mod give_back;
mod jobs;
mod machine;
mod mock;
mod mock_page;
mod open;
mod orders;
mod outcome;
mod pages_api;
mod personal;
mod place;
mod popularity;
mod provider_events;
mod queries;
mod quote;
mod receipts;
mod receipts_api;
mod reconcile;
mod refunds;
mod refunds_api;
mod return_url;
mod returns;
mod settle;
mod spread;
pub mod statistics;
mod stripe_news;
mod taxes;
mod webhooks_api;
mod withdrawals;
mod withdrawals_api;

use utoipa_axum::router::OpenApiRouter;

pub use bought_together::count_bought_together;
pub use close::expire_due;
pub use credit::exported as exported_credit;
pub use evidence::{OrderEvidence, evidence};
pub use gifts::{exported_gifts_claimed, exported_gifts_sent};
pub use jobs::{MAILING, handle};
pub use mock_page::address as mock_address;
pub use orders::{
    Order, OrderItem, OrderPayment, OrderRefund, number_of_line, numbers as order_numbers, read as read_order,
};
pub use outcome::measure;
pub use pages_api::pages;
pub use personal::{
    call_off, erase, exported_cart, exported_cart_coupon, exported_orders, forget_addresses, forget_carts,
};
pub use popularity::count_popularity;
pub use provider_events::forget_provider_events;
pub use receipts::Printer;
pub use reconcile::{Reconciled, reconcile};
pub use settle::count_paid;

use crate::app::App;

/// The routes of carts, orders and payments.
pub fn routes() -> OpenApiRouter<App> {
    cart_api::routes()
        .merge(api::routes())
        .merge(admin_api::routes())
        .merge(gifts::routes())
        .merge(refunds_api::routes())
        .merge(withdrawals_api::routes())
        .merge(coupons_admin_api::routes())
        .merge(credit_api::routes())
        .merge(webhooks_api::routes())
}

/// What is answered as a page or for printing: receipts.
pub fn documents() -> OpenApiRouter<App> {
    receipts_api::routes()
}
