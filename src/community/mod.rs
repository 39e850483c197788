//! The community: what people would like to own.
mod personal;
mod queries;
mod wishers;
mod wishlist;
mod wishlist_api;

use utoipa_axum::router::OpenApiRouter;

pub use personal::{erase, exported_wishlist};
pub use wishers::{FULFILLED_WISHES, wishers};
pub use wishlist::wished;

use crate::app::App;

/// The routes of wishlists.
pub fn routes() -> OpenApiRouter<App> {
    wishlist_api::routes()
}
