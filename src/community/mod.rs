//! The community: what people would like to own, and what they think of what they own.
mod answers;
pub mod checks;
mod listed;
mod moderation;
mod personal;
mod public_api;
mod queries;
mod report_queries;
mod reports;
mod review_pages;
mod review_queries;
mod reviewed;
mod reviews;
mod reviews_admin_api;
mod reviews_api;
mod shown;
mod vote_queries;
mod votes;
mod wishers;
mod wishlist;
mod wishlist_api;

use utoipa_axum::router::OpenApiRouter;

pub use personal::{erase, exported_reports, exported_reviews, exported_votes, exported_wishlist};
pub use reports::forget_reports;
pub use reviews::{NewReview, review};
pub use wishers::{FULFILLED_WISHES, wishers};
pub use wishlist::wished;

use crate::app::App;

/// The routes of wishlists, and of reviews for who is signed in.
pub fn routes() -> OpenApiRouter<App> {
    wishlist_api::routes().merge(reviews_api::routes()).merge(reviews_admin_api::routes())
}

/// The public reads of reviews.
pub fn public_routes() -> OpenApiRouter<App> {
    public_api::routes()
}
