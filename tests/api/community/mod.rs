//! What people think of products, and which they would like.
mod moderation;
mod races;
mod ratings;
pub mod reviewers;
mod reviews;
mod votes;
mod wishlist;
