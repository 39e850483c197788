//! Buying: carts, orders, payments, and what is owned afterwards.
mod buying;
mod cart;
mod checks;
mod expiry;
mod grants;
mod library;
mod once;
mod orders;
mod payments;
mod popularity;
mod races;
mod refunds;
pub mod shop;
