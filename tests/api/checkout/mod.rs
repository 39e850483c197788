//! Buying: carts, orders, payments, and what is owned afterwards.
mod bundles;
mod buying;
mod cart;
mod checks;
mod coupons;
mod expiry;
mod grants;
mod library;
mod license_keys;
mod once;
mod orders;
mod payments;
mod popularity;
mod races;
mod refunds;
pub mod shop;
mod stripe;
mod taxes;
