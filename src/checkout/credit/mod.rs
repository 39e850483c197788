//! Store credit: what accounts hold with the store and pay with.
pub(super) mod checks;
mod desk;
mod orders;
mod personal;
mod wallet;

pub(super) use desk::{AdminCredit, Credit, CreditGrant, Grant, admin_page, grant, page};
pub(super) use orders::{give_back, pay_out, reserve};
pub(super) use personal::close_out;
pub use personal::exported;
